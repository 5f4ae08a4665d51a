import { formatDuration } from '../../src/i18n/duration.js';

describe('a duration', () => {
    const cases: readonly (readonly [number, string])[] = [
        [0, '0:00'],
        [9.99, '0:09'],
        [83, '1:23'],
        [3600, '1:00:00'],
        [36_061, '10:01:01'],
        [-5, '0:00'],
    ];
    for (const [seconds, text] of cases) {
        it(`of ${String(seconds)} s is ${text}`, () => expect(formatDuration(seconds)).toBe(text));
    }
});
