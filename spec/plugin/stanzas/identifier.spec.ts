import fc from 'fast-check';
import { identifier } from '../../../src/plugin/stanzas/identifier.js';

describe('An identifier of a stranger', () => {
    it('is taken as it is, without the white space around it', () => {
        expect(identifier('\n  0c9e5f1e-0d0c \t')).toBe('0c9e5f1e-0d0c');
        expect(identifier('a84b4c76e66710@ua-991.domain.example')).toBe('a84b4c76e66710@ua-991.domain.example');
        expect(identifier('x'.repeat(255))).toBe('x'.repeat(255));
        expect(identifier('ü 😀 <&>"')).toBe('ü 😀 <&>"');
    });

    it('is absent where it is empty, too long, or not there', () => {
        for (const none of [null, undefined, '', ' \n ', 'x'.repeat(256), 'x'.repeat(1_000_000)]) {
            expect(identifier(none)).toBeNull();
        }
    });

    it('is absent where it holds what SIP or XML cannot carry, or what cannot be seen', () => {
        const bad = [
            '\0',
            '\r\n',
            '\n',
            '\t',
            '\x7f',
            '\x85',
            '\u2028',
            '\u202e',
            '\u2066',
            '\u200b',
            '\ufeff',
            '\ufffe',
        ];
        for (const sign of [...bad, '\uffff', '\ud800', '\udc00']) {
            expect(identifier(`a${sign}b`))
                .withContext(JSON.stringify(sign))
                .toBeNull();
        }
    });

    it('survives XML and percent-encoding, whatever it is', () => {
        fc.assert(
            fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
                const id = identifier(text);
                if (id === null) return;
                expect(decodeURIComponent(encodeURIComponent(id))).toBe(id);
                const made = document.implementation.createDocument(null, 'a').documentElement;
                made.textContent = id;
                const again = new DOMParser().parseFromString(new XMLSerializer().serializeToString(made), 'text/xml');
                expect(again.documentElement.textContent).toBe(id);
                expect(identifier(id)).toBe(id);
            }),
            { numRuns: 500 },
        );
    });
});
