import type { CheckResult, Registration } from '../../../src/sip-sidecar/contract/index.js';
import { testSignalling } from '../../../src/sip-sidecar/agent/checks.js';
import { HandClock, settled } from './support/clock.js';

const there = { aor: 'sip:alice@sip.example.net', gruu: null };

describe('The connection test of signalling', () => {
    let clock: HandClock;
    let told: CheckResult[];

    beforeEach(() => {
        clock = new HandClock();
        told = [];
    });

    const run = async (registration: () => Registration, alive = true): Promise<string[]> => {
        const done = testSignalling({
            registration,
            alive: () => Promise.resolve(alive),
            servers: 'wss://sip.example.net',
            clock,
            tell: (check) => void told.push(check),
        });
        await clock.advance(20_000);
        await done;
        return told
            .filter(({ result }) => result !== 'running')
            .map(({ result, reason }) => `${result} ${reason}`.trim());
    };

    const refused = (refusal: 'credentials' | 'forbidden', status: number): Registration => ({
        state: 'refused',
        refusal,
        status,
    });
    for (const [state, registration, expected] of [
        ['registered', { state: 'registered', ...there }, ['passed', 'passed', 'passed']],
        ['degraded', { state: 'degraded', ...there }, ['passed', 'passed', 'passed']],
        ['not let in', refused('credentials', 401), ['passed', 'failed wrong-credentials', 'skipped not-tried']],
        ['forbidden', refused('forbidden', 403), ['passed', 'passed', 'failed forbidden']],
        [
            'offline',
            { state: 'offline', attempt: 3, retryAt: 0 },
            ['failed no-answer', 'skipped not-tried', 'skipped not-tried'],
        ],
        [
            'still connecting',
            { state: 'connecting', attempt: 1 },
            ['failed no-answer', 'skipped not-tried', 'skipped not-tried'],
        ],
    ] as const satisfies readonly (readonly [string, Registration, readonly string[]])[]) {
        it(`says how it stands, ${state}`, async () => {
            expect(await run(() => registration)).toEqual([...expected]);
            expect(told.slice(0, 3).map(({ name, result }) => `${name} ${result}`)).toEqual([
                'server running',
                'signed-in running',
                'registered running',
            ]);
            expect(clock.pending).toBe(0);
        });
    }

    it('says that the server is silent, though nobody has noticed yet', async () => {
        const results = await run(() => ({ state: 'registered', ...there }), false);
        expect(results).toEqual(['failed no-answer', 'passed', 'passed']);
    });

    it('says that there is no network', async () => {
        spyOnProperty(navigator, 'onLine').and.returnValue(false);
        expect((await run(() => ({ state: 'offline', attempt: 1, retryAt: 0 })))[0]).toBe('failed offline');
    });

    it('waits for an attempt that is under way', async () => {
        let registration: Registration = { state: 'connecting', attempt: 1 };
        clock.after(1000, () => {
            registration = { state: 'registered', ...there };
        });
        expect(await run(() => registration)).toEqual(['passed', 'passed', 'passed']);
        await settled();
        expect(told.findLast(({ name }) => name === 'server')?.detail).toBe('wss://sip.example.net 0 ms');
    });
});
