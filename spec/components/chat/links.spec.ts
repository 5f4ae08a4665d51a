import { render } from 'lit';
import { drawn, stage, type Stage } from '../../support/stage.js';
import { byRole } from '../../support/accessible.js';

describe('addresses and numbers in messages', () => {
    let on: Stage;
    let links: typeof import('../../../src/components/chat/links.js');
    beforeEach(async () => {
        on = await stage();
        links = await import('../../../src/components/chat/links.js');
    });
    afterEach(() => on.leave());
    const found = (text: string): string[] => links.findAddresses(text).map(({ address }) => address);
    const shown = (text: string): string[] => links.findAddresses(text).map(({ begin, end }) => text.slice(begin, end));

    it('are found with what they are to be dialled as', () => {
        expect(found('Call sip:bob@sip.example, sips:carol@sip.example:5061 or tel:+49-30-1234567.')).toEqual([
            'sip:bob@sip.example',
            'sips:carol@sip.example:5061',
            'tel:+49301234567',
        ]);
        expect(found('+49 30 1234567 / +1 (303) 555-1212 / +33.1.23.45.67.89')).toEqual([
            'tel:+49301234567',
            'tel:+13035551212',
            'tel:+33123456789',
        ]);
        expect(found('TEL:112 and SIP:Bob@SIP.example')).toEqual(['tel:112', 'sip:Bob@sip.example']);
    });

    it('end where the sentence ends', () => {
        expect(shown('(sip:bob@sip.example). “+49 30 1234567”! tel:112)')).toEqual([
            'sip:bob@sip.example',
            '+49 30 1234567',
            'tel:112',
        ]);
    });

    it('are only what is one', () => {
        for (const text of [
            '2026-11-20 10:00',
            '1234567890123',
            '+12',
            'a+4930123456789',
            'https://x.example/+4930123456789',
            'https://x.example/sip:no',
            'gossip:bob@sip.example',
            'sip:',
            'tel:abc',
            'sip:\u202Ebob@sip.example',
            'sip:bob@sip.example\u0000',
            '+1234567890123456789',
            `sip:${'a'.repeat(300)}@x.example`,
        ])
            expect(found(text)).withContext(text).toEqual([]);
    });

    it('lose all that could do something else than call', () => {
        expect(found('sip:bob@sip.example;method=REGISTER?Replaces=1 tel:+4930123456;phone-context=x')).toEqual([
            'sip:bob@sip.example',
            'tel:+4930123456',
        ]);
    });

    it('are found quickly in the longest text', () => {
        const text = `${'+1 '.repeat(20_000)}${'sip:'.repeat(20_000)}${'+1-'.repeat(20_000)}`;
        const began = performance.now();
        links.findAddresses(text);
        links.findAddresses(`sip:${')'.repeat(200_000)}a`);
        expect(performance.now() - began).toBeLessThan(1_000);
    });

    it('are buttons up to a hundred in one message', () => {
        expect(found('+4930123456, '.repeat(20_000)).length).toBe(100);
    });

    const text = (words: string, references: readonly { begin: number; end: number }[] = []) => {
        const added: (readonly [number, number, unknown])[] = [];
        return {
            references,
            added,
            toString: () => words,
            addTemplateResult: (...parameters: readonly [number, number, unknown]) => void added.push(parameters),
        };
    };

    it('become buttons that ask before they call', async () => {
        const words = 'Try +49 30 1234567 now';
        const message = text(words);
        links.linkAddresses(message);
        expect(message.added.map(([begin, end]) => words.slice(begin, end))).toEqual(['+49 30 1234567']);
        render(message.added[0]![2], on.root);
        byRole(on.root, 'button', '+49 30 1234567').click();
        await drawn();
        expect(on.phone.asked).toEqual([['call', 'tel:+49301234567', { video: false, ask: true }]]);
    });

    it('are left alone where they are part of a link', () => {
        const message = text('https://x.example/?a= sip:bob@sip.example', [{ begin: 0, end: 41 }]);
        links.linkAddresses(message);
        expect(message.added).toEqual([]);
    });
});
