import { supervise, type Link, type Supervisor } from '../../../src/sip-sidecar/agent/supervisor.js';
import type { RegisterResult } from '../../../src/sip-sidecar/agent/registration.js';
import type { Registration } from '../../../src/sip-sidecar/contract/index.js';
import { HandClock, settled } from './support/clock.js';

const REGISTERED: RegisterResult = { type: 'registered', gruu: 'sip:a@h;gr=1', expires: 300 };
const UNANSWERED: RegisterResult = { type: 'failed', retryAfter: 0, detail: 'no answer to REGISTER', answered: false };
const refusedFor = (retryAfter: number): RegisterResult => ({
    type: 'failed',
    retryAfter,
    detail: 'status 503',
    answered: true,
});
const A = 'wss://a/';
const B = 'wss://b/';

describe('The supervisor', () => {
    let clock: HandClock;
    let shown: Registration[];
    let unreachable: string[];
    let opened: string[];
    /** The servers where nothing can be reached. */
    let down: Set<string>;
    let find: (server: string) => Promise<boolean | null>;
    /** What happens while a connection opens. */
    let opens: () => void;
    let register: () => Promise<RegisterResult>;
    let alive: () => Promise<boolean>;
    let inCall: boolean;
    /** How often it was registered again. */
    let again: number;
    /** When and what it did. */
    let looks: number[];
    let log: string[];
    let supervisor: Supervisor;

    const on = (servers: readonly string[]): Supervisor => {
        const link: Link = {
            find: (server) => {
                looks.push(clock.now());
                return find(server);
            },
            open: async (server, wanted) => {
                opened.push(server);
                opens();
                await Promise.resolve();
                if (down.has(server)) throw new Error('no answer');
                return wanted();
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
            reconnected: () => void (again += 1),
            inCall: () => inCall,
        };
        return supervise(servers, 'sip:a@h', link, host, clock, () => 0.5);
    };

    beforeEach(() => {
        clock = new HandClock();
        [shown, unreachable, opened, log, looks] = [[], [], [], [], []];
        again = 0;
        down = new Set();
        inCall = false;
        find = (server) => Promise.resolve(!down.has(server));
        opens = () => undefined;
        register = () => Promise.resolve(REGISTERED);
        alive = () => Promise.resolve(true);
        supervisor = on([A, B]);
    });

    const states = (): string[] => shown.map(({ state }) => state);
    const last = (): Registration | undefined => shown.at(-1);
    const start = async (): Promise<void> => {
        supervisor.start();
        await settled();
    };
    /** Registered, and then cut off. */
    const cutOff = async (): Promise<void> => {
        await start();
        down = new Set([A, B]);
        supervisor.lost();
        [log, opened, shown] = [[], [], []];
    };

    it('connects, registers, and says under which addresses', async () => {
        await start();
        expect(shown).toEqual([
            { state: 'connecting', attempt: 1 },
            { state: 'registered', aor: 'sip:a@h', gruu: 'sip:a@h;gr=1' },
        ]);
        expect(opened).toEqual([A]);
        expect(looks).withContext('a fetch would only take time').toEqual([]);
    });

    it('tries the servers in order, and counts as degraded with any but the first', async () => {
        down.add(A);
        await start();
        expect(opened).toEqual([A, B]);
        expect(last()).toEqual({ state: 'degraded', aor: 'sip:a@h', gruu: 'sip:a@h;gr=1' });
    });

    describe('without a server', () => {
        it('goes on looking for ever, and says once in an outage that nobody answers', async () => {
            down = new Set([A, B]);
            supervisor.start();
            await clock.advance(24 * 3_600_000);
            expect(unreachable).toEqual(['no answer']);
            const { state, attempt } = last() as Registration & { attempt: number };
            expect(state).toBe('offline');
            expect(attempt).toBeGreaterThan(5_000);
            expect(attempt).toBeLessThan(10_000);
            down.clear();
            await clock.advance(30_000);
            expect(last()?.state).toBe('registered');
            expect(clock.pending).toBe(1);
        });

        it('comes back after a lost connection, and counts anew', async () => {
            await start();
            supervisor.lost();
            expect(last()).toEqual({ state: 'offline', attempt: 1, retryAt: clock.now() + 150 });
            await clock.advance(150);
            expect(last()?.state).toBe('registered');
            expect(unreachable).toEqual([]);
        });

        /** The longest wait between two looks in some time. */
        const longest = async (time: number): Promise<number> => {
            looks = [];
            await clock.advance(time);
            return Math.max(...looks.slice(1).map((at, index) => at - (looks[index] ?? 0)));
        };

        it('looks at most 1 s apart while the outage is young, then at most 30 s', async () => {
            supervisor = on([A]);
            await cutOff();
            expect(await longest(60_000)).toBeLessThanOrEqual(1_000);
            expect(await longest(600_000)).toBeLessThanOrEqual(30_000);
        });

        it('looks at most 1 s apart as long as a call is up', async () => {
            supervisor = on([A]);
            inCall = true;
            await cutOff();
            expect(await longest(3_600_000)).toBeLessThanOrEqual(1_000);
        });

        it('tries no WebSocket before the server is there', async () => {
            await cutOff();
            await clock.advance(30_000);
            expect(opened).toEqual([]);
            down.clear();
            await clock.advance(1_000);
            expect(opened).toEqual([A]);
            expect(last()?.state).toBe('registered');
        });

        it('waits for no look that gets no answer, and takes the first that gets one', async () => {
            supervisor = on([A]);
            await cutOff();
            const answers: ((found: boolean) => void)[] = [];
            find = () => new Promise((resolve) => void answers.push(resolve));
            await clock.advance(2_000);
            expect(answers.length).toBeGreaterThan(2);
            down.clear();
            answers.at(-1)?.(true);
            await settled();
            expect(last()?.state).toBe('registered');
            // A late one is not heard
            answers.at(-2)?.(true);
            await settled();
            expect(opened).toEqual([A]);
        });

        it('finds the other server though the first one never answers', async () => {
            await cutOff();
            find = (server) => (server === B ? Promise.resolve(true) : new Promise(() => undefined));
            down = new Set([A]);
            await clock.advance(1_000);
            expect(opened).toEqual([B]);
        });

        it('tries WebSockets, rarer and rarer, where nobody can tell whether the server is there', async () => {
            await cutOff();
            find = () => Promise.resolve(null);
            await clock.advance(60_000);
            // All servers each time
            expect(opened.slice(0, 4)).toEqual([A, B, A, B]);
            expect(opened.length).toBeLessThan(20);
            down.clear();
            await clock.advance(60_000);
            expect(last()?.state).toBe('registered');
        });

        it('is woken from the wait, and then dares a WebSocket at once', async () => {
            await cutOff();
            find = () => Promise.resolve(null);
            await clock.advance(400_000);
            down.clear();
            opened = [];
            supervisor.wake(false);
            await settled();
            expect(opened).toEqual([A]);
            expect(last()?.state).toBe('registered');
        });
    });

    it('says that it is registered again over a new connection', async () => {
        await start();
        expect(again).toBe(0);
        supervisor.lost();
        await clock.advance(1_000);
        expect(again).toBe(1);
    });

    it('says nothing of that where only a refresh was answered', async () => {
        await start();
        await clock.advance(600_000);
        expect(again).toBe(0);
    });

    describe('of a connection that may be dead', () => {
        it('gives one answer to all who ask, and connects anew where it is', async () => {
            expect(await supervisor.alive()).toBeFalse();
            await start();
            log = [];
            expect(await Promise.all([supervisor.alive(), supervisor.alive()])).toEqual([true, true]);
            expect(log).toEqual(['alive']);
            alive = () => Promise.resolve(false);
            expect(await supervisor.alive()).toBeFalse();
            expect(last()?.state).toBe('offline');
            expect(log.at(-1)).toBe('close');
        });

        it('asks within 30 s without a call', async () => {
            await start();
            await clock.advance(100_000);
            expect(log.filter((entry) => entry === 'alive').length).toBe(3);
            alive = () => Promise.resolve(false);
            await clock.advance(30_000);
            expect(again).toBe(1);
        });

        it('asks every 5 s with a call', async () => {
            inCall = true;
            await start();
            await clock.advance(20_000);
            expect(log.filter((entry) => entry === 'alive').length).toBe(4);
        });

        it('is degraded while the answers come late', async () => {
            inCall = true;
            await start();
            alive = async () => {
                clock.jump(800);
                return Promise.resolve(true);
            };
            await clock.advance(6_000);
            expect(last()?.state).toBe('degraded');
            alive = () => Promise.resolve(true);
            await clock.advance(6_000);
            expect(last()?.state).toBe('registered');
        });

        it('asks by REGISTER a server that has never answered when asked otherwise', async () => {
            await start();
            alive = () => Promise.resolve(false);
            log = [];
            expect(await supervisor.alive()).toBeTrue();
            expect(log).toEqual(['alive', 'register']);
            expect(last()?.state).toBe('registered');
            register = () => Promise.resolve(UNANSWERED);
            expect(await supervisor.alive()).toBeFalse();
            expect(last()?.state).toBe('offline');
        });

        it('hears no answer that was meant for an earlier connection', async () => {
            await start();
            await supervisor.alive();
            let answer: (alive: boolean) => void = () => undefined;
            alive = () => new Promise((resolve) => (answer = resolve));
            const asked = supervisor.alive();
            supervisor.lost();
            await clock.advance(1_000);
            alive = () => Promise.resolve(true);
            answer(false);
            expect(await asked).toBeFalse();
            expect(last()?.state).toBe('registered');
            expect(await supervisor.alive()).toBeTrue();
        });

        it('asks when the network changed, and when the page is seen again after a while', async () => {
            await start();
            log = [];
            supervisor.wake(false);
            expect(log).withContext('registered a moment ago').toEqual([]);
            supervisor.wake(true);
            await settled();
            expect(log).withContext('but on another network').toEqual(['alive']);
            clock.jump(26_000);
            supervisor.wake(false);
            await settled();
            expect(log.length).toBe(2);
        });

        it('asks after the machine was asleep', async () => {
            await start();
            log = [];
            clock.jump(120_000);
            await clock.advance(5_000);
            expect(log).toEqual(['alive']);
        });
    });

    describe('of its binding', () => {
        it('is refreshed in time, once the server has proved alive, without a word', async () => {
            await start();
            await clock.advance(215_000);
            expect(log.filter((entry) => entry === 'register').length).toBe(2);
            expect(log.at(-2)).toBe('alive');
            expect(states()).toEqual(['connecting', 'registered']);
        });

        it('is refreshed at once where the clock was put back', async () => {
            await start();
            log = [];
            clock.jump(-3_600_000);
            await clock.advance(5_000);
            expect(log).toEqual(['alive', 'register']);
        });

        it('is refreshed once at a time, whatever comes together', async () => {
            await start();
            log = [];
            let answer: (result: RegisterResult) => void = () => undefined;
            register = () => new Promise((resolve) => (answer = resolve));
            clock.jump(300_000);
            await clock.advance(5_000);
            supervisor.wake(true);
            supervisor.start();
            await clock.advance(3_000);
            expect(log.filter((entry) => entry === 'register').length).toBe(1);
            answer(REGISTERED);
            await settled();
            expect(last()?.state).toBe('registered');
            expect(clock.pending).toBe(1);
        });

        it('is degraded, and keeps the connection, where only a refresh is refused for now', async () => {
            await start();
            register = () => Promise.resolve(refusedFor(60));
            await clock.advance(215_000);
            expect(last()?.state).toBe('degraded');
            expect(log).not.toContain('close');
            register = () => Promise.resolve(REGISTERED);
            log = [];
            await clock.advance(50_000);
            expect(log).not.toContain('register');
            await clock.advance(15_000);
            expect(last()?.state).toBe('registered');
            expect(again).toBe(0);
        });

        it('is shown as gone when it has expired, and the connection is still there for the calls', async () => {
            await start();
            register = () => Promise.resolve(refusedFor(0));
            await clock.advance(400_000);
            expect(last()?.state).toBe('offline');
            expect(log).not.toContain('close');
            register = () => Promise.resolve(REGISTERED);
            await clock.advance(30_000);
            expect(last()?.state).toBe('registered');
        });
    });

    describe('with several servers', () => {
        it('tries the next one where one opens and does not register', async () => {
            register = () => Promise.resolve(refusedFor(0));
            supervisor.start();
            await clock.advance(10_000);
            expect(opened.slice(0, 4)).toEqual([A, B, A, B]);
        });

        it('leaves alone the one that said for how long, and goes to the other', async () => {
            register = () => Promise.resolve(opened.at(-1) === A ? refusedFor(300) : REGISTERED);
            supervisor.start();
            await clock.advance(1_000);
            expect(opened).toEqual([A, B]);
            await clock.advance(290_000);
            expect(opened).toEqual([A, B]);
            register = () => Promise.resolve(REGISTERED);
            await clock.advance(70_000);
            expect(opened).toEqual([A, B, A]);
            expect(last()?.state).toBe('registered');
        });

        it('goes back to the first as soon as that is there, and until then changes nothing', async () => {
            down.add(A);
            await start();
            await clock.advance(120_000);
            expect(opened.filter((server) => server === A).length).toBeGreaterThan(2);
            expect(log).not.toContain('close');
            down.clear();
            await clock.advance(60_000);
            expect(last()?.state).toBe('registered');
            expect(log.filter((entry) => entry === 'register').length).toBe(2);
            expect(states()).toEqual(['connecting', 'degraded', 'registered']);
            expect(clock.pending).toBe(1);
        });

        it('stays where it is as long as a call is up', async () => {
            down.add(A);
            await start();
            inCall = true;
            down.clear();
            await clock.advance(600_000);
            expect(opened).toEqual([A, B]);
            inCall = false;
            await clock.advance(10_000);
            expect(opened).toEqual([A, B, A]);
        });

        it('stays where it is where a call comes while the first one opens', async () => {
            down.add(A);
            await start();
            down.clear();
            opens = () => (inCall = true);
            await clock.advance(120_000);
            expect(opened).toEqual([A, B, A]);
            expect(last()?.state).toBe('degraded');
            expect(log.filter((entry) => entry === 'register').length).toBe(1);
        });
    });

    describe('where the server refuses', () => {
        it('for good, it stops', async () => {
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

        it('credentials, it tries new ones when it is started again', async () => {
            register = () => Promise.resolve({ type: 'refused', refusal: 'credentials', status: 401 });
            await start();
            register = () => Promise.resolve(REGISTERED);
            await start();
            expect(states()).toEqual(['connecting', 'refused', 'connecting', 'registered']);
        });

        it('credentials that were right before, once is a hiccup, twice is true', async () => {
            await start();
            register = () => Promise.resolve({ type: 'refused', refusal: 'credentials', status: 401 });
            await clock.advance(220_000);
            expect(new Set(states().slice(2))).toEqual(new Set(['offline', 'connecting', 'refused']));
            expect(opened).toEqual([A, A]);
        });

        it('for a time, that is honoured up to ten minutes, whatever wakes us', async () => {
            supervisor = on([A]);
            register = () => Promise.resolve(refusedFor(120));
            await start();
            expect(last()).toEqual({ state: 'offline', attempt: 1, retryAt: clock.now() + 120_000 });
            register = () => Promise.resolve(refusedFor(1e9));
            supervisor.wake(true);
            await clock.advance(119_000);
            expect(opened).toEqual([A]);
            await clock.advance(2_000);
            expect(opened).toEqual([A, A]);
            const { retryAt } = last() as { retryAt: number };
            expect(retryAt - clock.now()).toBeGreaterThan(598_000);
            expect(retryAt - clock.now()).toBeLessThanOrEqual(600_000);
        });

        it('a connection with 1013 ("try again later"), it is left alone a while; after 1012 it is back in a moment', async () => {
            supervisor = on([A]);
            await start();
            supervisor.lost(1013);
            await clock.advance(9_000);
            expect(opened).toEqual([A]);
            await clock.advance(11_000);
            expect(last()?.state).toBe('registered');
            supervisor.lost(1012);
            await clock.advance(1_000);
            expect(last()?.state).toBe('registered');
        });
    });

    it('unregisters when it is stopped, even during a refresh, and then closes', async () => {
        await start();
        register = () => new Promise(() => undefined);
        await clock.advance(215_000);
        log = [];
        await supervisor.stop();
        expect(log).toEqual(['unregister', 'close']);
        expect(clock.pending).toBe(0);
    });

    it('hears no answer that comes after it was stopped', async () => {
        let answer: (result: RegisterResult) => void = () => undefined;
        register = () => new Promise((resolve) => (answer = resolve));
        await start();
        supervisor.dispose();
        answer(REGISTERED);
        supervisor.lost();
        supervisor.wake(true);
        expect(await supervisor.alive()).toBeFalse();
        await clock.advance(1e6);
        expect(states()).toEqual(['connecting']);
        expect(clock.pending).toBe(0);
    });
});
