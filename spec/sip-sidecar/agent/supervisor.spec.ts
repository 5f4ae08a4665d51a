import { Supervisor, type Link } from '../../../src/sip-sidecar/agent/supervisor.js';
import type { RegisterResult } from '../../../src/sip-sidecar/agent/registration.js';
import type { Registration } from '../../../src/sip-sidecar/contract/index.js';
import { HandClock, settled } from './support/clock.js';

const REGISTERED: RegisterResult = { type: 'registered', gruu: 'sip:a@h;gr=1', expires: 300 };

describe('The supervisor', () => {
    let clock: HandClock;
    let shown: Registration[];
    let unreachable: string[];
    let opened: string[];
    let open: (server: string) => Promise<void>;
    let register: () => Promise<RegisterResult>;
    let alive: () => Promise<boolean>;
    let again: boolean[];
    let log: string[];
    let supervisor: Supervisor;

    beforeEach(() => {
        clock = new HandClock();
        shown = [];
        unreachable = [];
        opened = [];
        log = [];
        open = () => Promise.resolve();
        register = () => Promise.resolve(REGISTERED);
        alive = () => Promise.resolve(true);
        again = [];
        const link: Link = {
            open: (server) => {
                opened.push(server);
                return open(server);
            },
            close: () => void log.push('close'),
            register: () => {
                log.push('register');
                return register();
            },
            alive: () => {
                log.push('alive');
                return alive();
            },
            unregister: () => {
                log.push('unregister');
                return Promise.resolve();
            },
        };
        const host = {
            registration: (registration: Registration) => void shown.push(registration),
            unreachable: (detail: string) => void unreachable.push(detail),
            reconnected: (contactChanged: boolean) => void again.push(contactChanged),
        };
        supervisor = new Supervisor(['wss://a/', 'wss://b/'], 'sip:a@h', link, host, clock, () => 0.5);
    });

    const states = (): string[] => shown.map(({ state }) => state);
    const last = (): Registration | undefined => shown.at(-1);

    it('connects, registers, and says under which addresses', async () => {
        supervisor.start();
        await settled();
        expect(shown).toEqual([
            { state: 'connecting', attempt: 1 },
            { state: 'registered', aor: 'sip:a@h', gruu: 'sip:a@h;gr=1' },
        ]);
        expect(opened).toEqual(['wss://a/']);
    });

    it('tries the servers in order', async () => {
        open = (server) => (server === 'wss://b/' ? Promise.resolve() : Promise.reject(new Error('no')));
        supervisor.start();
        await settled();
        expect(opened).toEqual(['wss://a/', 'wss://b/']);
        expect(last()?.state).toBe('registered');
    });

    it('goes on trying for ever, and says once in an outage that nobody answers', async () => {
        open = () => Promise.reject(new Error('no answer'));
        supervisor.start();
        await clock.advance(24 * 3_600_000);
        expect(unreachable).toEqual(['no answer']);
        const { state, attempt } = last() as Registration & { attempt: number };
        expect(state).toBe('offline');
        expect(attempt).toBeGreaterThan(5_000);
        expect(attempt).toBeLessThan(10_000);
        open = () => Promise.resolve();
        await clock.advance(30_000);
        expect(last()?.state).toBe('registered');
        expect(clock.pending).toBe(1);
    });

    it('comes back after a lost connection, and counts anew', async () => {
        supervisor.start();
        await settled();
        supervisor.lost();
        expect(last()).toEqual({ state: 'offline', attempt: 1, retryAt: clock.now() + 150 });
        await clock.advance(150);
        expect(states()).toEqual(['connecting', 'registered', 'offline', 'connecting', 'registered']);
        expect(unreachable).toEqual([]);
    });

    it('says that it is registered again, and whether others still reach it where it was', async () => {
        supervisor.start();
        await settled();
        supervisor.lost();
        await clock.advance(300);
        expect(again).toEqual([false]);
        register = () => Promise.resolve({ ...REGISTERED, gruu: null });
        supervisor.lost();
        await clock.advance(300);
        supervisor.lost();
        await clock.advance(300);
        expect(again).toEqual([false, true, true]);
    });

    it('proves that signalling is alive, with one question for all who ask', async () => {
        expect(await supervisor.alive()).toBeFalse();
        supervisor.start();
        await settled();
        log = [];
        expect(await Promise.all([supervisor.alive(), supervisor.alive()])).toEqual([true, true]);
        expect(log).toEqual(['alive']);
        alive = () => Promise.resolve(false);
        expect(await supervisor.alive()).toBeFalse();
        expect(last()?.state).toBe('offline');
    });

    it('is woken from a wait, and asks the server whether the connection still lives', async () => {
        open = () => Promise.reject(new Error('no'));
        supervisor.start();
        await clock.advance(400_000);
        open = () => Promise.resolve();
        supervisor.wake(false);
        await settled();
        expect(last()?.state).toBe('registered');
        log = [];
        supervisor.wake(false);
        await settled();
        expect(log).withContext('registered a moment ago').toEqual([]);
        supervisor.wake(true);
        await settled();
        expect(log).withContext('but on another network').toEqual(['register']);
        await clock.advance(31_000);
        log = [];
        register = () =>
            Promise.resolve({ type: 'failed', retryAfter: 0, detail: 'no answer to REGISTER', answered: false });
        supervisor.wake(false);
        await settled();
        expect(log).toEqual(['register', 'close']);
        expect(last()?.state).toBe('offline');
    });

    it('refreshes at once where the clock goes back', async () => {
        supervisor.start();
        await settled();
        log = [];
        clock.jump(-3_600_000);
        await clock.advance(15_000);
        expect(log).toEqual(['register']);
    });

    it('tries the next server where one opens and does not register', async () => {
        register = () => Promise.resolve({ type: 'failed', retryAfter: 0, detail: 'status 503', answered: true });
        supervisor.start();
        await clock.advance(60_000);
        expect(opened.slice(0, 4)).toEqual(['wss://a/', 'wss://b/', 'wss://a/', 'wss://b/']);
    });

    it('keeps the connection, and with it the calls, where only a refresh is refused for now', async () => {
        supervisor.start();
        await settled();
        register = () => Promise.resolve({ type: 'failed', retryAfter: 60, detail: 'status 503', answered: true });
        await clock.advance(210_000);
        expect(log).toEqual(['register', 'register']);
        expect(last()?.state).toBe('offline');
        register = () => Promise.resolve(REGISTERED);
        await clock.advance(60_000);
        expect(last()?.state).toBe('registered');
    });

    it('notices that the machine was asleep', async () => {
        supervisor.start();
        await settled();
        log = [];
        clock.jump(120_000);
        await clock.advance(15_000);
        expect(log).toEqual(['register']);
    });

    it('refreshes the binding in time, without a word', async () => {
        supervisor.start();
        await clock.advance(210_000);
        expect(log.filter((entry) => entry === 'register').length).toBe(2);
        expect(states()).toEqual(['connecting', 'registered']);
    });

    it('stops where the server refuses for good', async () => {
        register = () => Promise.resolve({ type: 'refused', refusal: 'forbidden', status: 403 });
        supervisor.start();
        await clock.advance(1e7);
        expect(last()).toEqual({ state: 'refused', refusal: 'forbidden', status: 403 });
        expect(opened.length).toBe(1);
        expect(clock.pending).toBe(0);
        supervisor.wake(true);
        supervisor.lost();
        await clock.advance(1e7);
        expect(opened.length).toBe(1);
    });

    it('tries new credentials when it is started again after a refusal', async () => {
        register = () => Promise.resolve({ type: 'refused', refusal: 'credentials', status: 401 });
        supervisor.start();
        await settled();
        register = () => Promise.resolve(REGISTERED);
        supervisor.start();
        await settled();
        expect(states()).toEqual(['connecting', 'refused', 'connecting', 'registered']);
    });

    it('takes one refusal of credentials that were right before for a hiccup, a second one for true', async () => {
        supervisor.start();
        await settled();
        register = () => Promise.resolve({ type: 'refused', refusal: 'credentials', status: 401 });
        await clock.advance(211_000);
        expect(states().slice(2, 5)).toEqual(['offline', 'connecting', 'refused']);
    });

    it('honours Retry-After, up to ten minutes', async () => {
        register = () => Promise.resolve({ type: 'failed', retryAfter: 120, detail: 'status 503', answered: false });
        supervisor.start();
        await settled();
        expect(last()).toEqual({ state: 'offline', attempt: 1, retryAt: clock.now() + 120_000 });
        register = () => Promise.resolve({ type: 'failed', retryAfter: 1e9, detail: 'status 503', answered: false });
        await clock.advance(120_000);
        expect(last()).toEqual({ state: 'offline', attempt: 2, retryAt: clock.now() + 600_000 });
    });

    it('unregisters when it is stopped, even during a refresh, and then closes', async () => {
        supervisor.start();
        await settled();
        register = () => new Promise(() => undefined);
        await clock.advance(210_000);
        log = [];
        await supervisor.stop();
        expect(log).toEqual(['unregister', 'close']);
        expect(clock.pending).toBe(0);
    });

    it('hears no answer that comes after it was stopped', async () => {
        let answer: (result: RegisterResult) => void = () => undefined;
        register = () => new Promise((resolve) => (answer = resolve));
        supervisor.start();
        await settled();
        supervisor.dispose();
        answer(REGISTERED);
        supervisor.lost();
        supervisor.wake(true);
        await clock.advance(1e6);
        expect(states()).toEqual(['connecting']);
        expect(clock.pending).toBe(0);
    });
});
