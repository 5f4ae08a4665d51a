import { buildThread, threadOf } from '../../../src/plugin/stanzas/thread.js';
import { meaning, xml } from '../support/xml.js';

const read = (inner: string): string | null => threadOf(xml(`<message xmlns='jabber:client'>${inner}</message>`));

describe('The thread of a message', () => {
    it('is written as RFC 6121 shows it', () => {
        expect(meaning(buildThread('T1'))).toEqual(meaning(xml(`<thread xmlns='jabber:client'>T1</thread>`)));
    });

    it('is the first one, without the white space around it', () => {
        expect(read(`<body>x</body><thread parent='P'>\n  T1\n</thread><thread>T2</thread>`)).toBe('T1');
    });

    it('is none where it is missing, elsewhere, or unfit to be sent back', () => {
        for (const inner of [
            '',
            '<thread/>',
            '<thread> </thread>',
            `<thread xmlns='other'>T</thread>`,
            '<x><thread>T</thread></x>',
            '<thread>a\nb</thread>',
            '<thread>a\u202eb</thread>',
            `<thread>${'t'.repeat(1_000_000)}</thread>`,
        ]) {
            expect(read(inner)).withContext(inner.slice(0, 40)).toBeNull();
        }
    });
});
