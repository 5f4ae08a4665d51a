import { glareDelay, reconnectDelay, refreshDelay } from '../../../src/sip-sidecar/agent/policies.js';

describe('The wait before the next try to connect', () => {
    const most = 1 - Number.EPSILON;

    it('is short while the outage is young, and at most half a minute however long it lasts', () => {
        for (const [away, wait] of [
            [0, 300],
            [999, 300],
            [1_000, 1_000],
            [59_999, 1_000],
            [60_000, 5_000],
            [300_000, 30_000],
            [1e12, 30_000],
        ] as const) {
            expect(reconnectDelay(away, false, () => most))
                .withContext(String(away))
                .toBe(wait);
            expect(reconnectDelay(away, false, () => 0)).toBe(0);
            expect(reconnectDelay(away, false, () => 0.5)).toBe(wait / 2);
        }
    });
});

describe('The wait before the next look, with a call up', () => {
    it('is a second at most, however long the outage', () => {
        for (const away of [0, 1e5, 1e12]) expect(reconnectDelay(away, true, () => 1)).toBeLessThanOrEqual(1_000);
    });
});

describe('The wait after two re-INVITEs met', () => {
    it('is 2.1 to 4 s for the side that made the Call-ID, 0 to 2 s for the other, in steps of 10 ms', () => {
        expect([glareDelay(true, () => 0), glareDelay(true, () => 0.99999)]).toEqual([2_100, 4_000]);
        expect([glareDelay(false, () => 0), glareDelay(false, () => 0.99999)]).toEqual([0, 2_000]);
        expect(glareDelay(true, () => 0.1234) % 10).toBe(0);
    });
});

describe('A binding', () => {
    it('is refreshed more than a minute before its end, or at half time', () => {
        expect(refreshDelay(300)).toBe(210_000);
        expect(refreshDelay(20)).toBe(10_000);
    });
});
