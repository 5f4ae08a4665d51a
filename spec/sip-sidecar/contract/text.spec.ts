import fc from 'fast-check';
import {
    MAX_NAME_LENGTH,
    cleanDisplayName,
    cleanText,
    isHeaderValue,
} from '../../../src/sip-sidecar/contract/index.js';

describe('A text from a stranger', () => {
    const CLEANED: [what: string, given: unknown, expected: string][] = [
        ['loses what turns its direction', 'Bob\u202egpj.exe\u2066', 'Bobgpj.exe'],
        ['loses what is invisible', 'B\u200bo\u00adb\ufeff\u2060', 'Bob'],
        ['loses control characters', 'B\u0000o\u0007b\u009b', 'Bob'],
        ['loses tag characters and half surrogates', 'Bob\u{e0041}\ud800', 'Bob'],
        ['has its lines folded', ' a\r\nb\tc\u2028d ', 'a b c d'],
        ['keeps letters of every language', 'Ægir 山田 عمر', 'Ægir 山田 عمر'],
        ['keeps mark-up as text', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
        ['is empty where it is no text', { toString: () => 'x' }, ''],
    ];
    for (const [what, given, expected] of CLEANED) {
        it(what, () => {
            expect(cleanText(given)).toBe(expected);
        });
    }

    it('is cut between characters, with a sign that it was', () => {
        expect(cleanText('👋'.repeat(200), 5)).toBe('👋👋👋👋…');
        expect(Array.from(cleanText('x'.repeat(1e6))).length).toBe(MAX_NAME_LENGTH);
    });

    it('comes out the same when it is cleaned again, and fit for a header', () => {
        fc.assert(
            fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
                const clean = cleanText(text);
                expect(cleanText(clean)).toBe(clean);
                expect(Array.from(clean).length).toBeLessThanOrEqual(MAX_NAME_LENGTH);
                expect(isHeaderValue(clean)).toBeTrue();
                expect(cleanDisplayName(text)).not.toMatch(/["\\<>\r\n]/u);
            }),
        );
    });

    it('breaks no header as a display name', () => {
        expect(cleanDisplayName('Bob" <sip:evil@h>\r\nX-Evil: 1\\')).toBe('Bob sip:evil@h X-Evil: 1');
    });

    it('is no header value with a line break, a control character, or without end', () => {
        for (const value of ['a\r\nX: 1', 'a\nb', 'a\u0000', 'a\u007f', 'x'.repeat(2049)]) {
            expect(isHeaderValue(value)).toBeFalse();
        }
        expect(isHeaderValue('<xmpp:bob@example.net>;purpose=impp\tx')).toBeTrue();
    });
});
