import { limit } from '../../src/plugin/limit.js';

describe('a limit', () => {
    it('lets so many through within its time, for each key by itself', () => {
        const may = limit(2, 1_000);
        expect([may('a', 0), may('a', 1), may('a', 2), may('b', 2)]).toEqual([true, true, false, true]);
        expect(may('a', 999)).withContext('the first is still within').toBeFalse();
        expect(may('a', 1_000)).withContext('the first is over').toBeTrue();
        expect(may('a', 1_000)).toBeFalse();
    });

    it('is not lengthened by what it refuses', () => {
        const may = limit(1, 100);
        for (let now = 0; now < 100; now++) may('a', now);
        expect(may('a', 100)).toBeTrue();
    });
});
