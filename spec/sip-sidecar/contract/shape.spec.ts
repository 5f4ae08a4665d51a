import { isLike } from '../../../src/sip-sidecar/contract/shape.js';

describe('The shape of data', () => {
    it('is that of a sample, with whatever there is beside it', () => {
        const sample = { name: '', times: [0], on: true, inner: { any: null } };
        const good = { name: 'x', times: [1, 2], on: false, inner: { any: 7, more: 8 }, more: 9 };
        expect(isLike(good, sample)).toBeTrue();
        expect(isLike({ ...good, times: [] }, sample)).toBeTrue();
        for (const wrong of [
            null,
            undefined,
            'x',
            [],
            { ...good, name: 7 },
            { ...good, name: 'a\nb' },
            { ...good, name: 'x'.repeat(5_000) },
            { ...good, times: ['1'] },
            { ...good, times: { 0: 1 } },
            { ...good, times: [NaN] },
            { ...good, times: Array.from({ length: 100 }, () => 1) },
            { ...good, inner: null },
            { ...good, on: undefined },
        ]) {
            expect(isLike(wrong, sample)).withContext(JSON.stringify(wrong)).toBeFalse();
        }
    });
});
