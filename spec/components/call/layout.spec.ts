import { keepLayout, readLayout } from '../../../src/components/call/layout.js';

const KEY = 'converse-sip-layout';
const NEVER = { voice: null, video: null, card: null, corner: 0 };

describe('how a person likes to see calls', () => {
    afterEach(() => localStorage.removeItem(KEY));

    it('is remembered, one thing without the others', () => {
        keepLayout({ video: 'bar' });
        keepLayout({ card: { x: 0.25, y: 1 }, corner: 2 });
        expect(readLayout()).toEqual({ voice: null, video: 'bar', card: { x: 0.25, y: 1 }, corner: 2 });
    });

    for (const kept of [
        '',
        '{',
        'null',
        '[]',
        '"x"',
        '{"voice":"huge","video":1,"card":{"x":"1e9","y":-1},"corner":9}',
    ]) {
        it(`is nothing where ${kept === '' ? 'an empty text' : kept} was kept`, () => {
            localStorage.setItem(KEY, kept);
            expect(readLayout()).toEqual(NEVER);
        });
    }

    it('may not be kept at all', () => {
        spyOn(Storage.prototype, 'setItem').and.throwError('full');
        spyOn(Storage.prototype, 'getItem').and.throwError('denied');
        expect(() => keepLayout({ voice: 'bar' })).not.toThrow();
        expect(readLayout()).toEqual(NEVER);
    });
});
