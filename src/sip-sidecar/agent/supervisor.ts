/**
 * Keeps the account connected and registered: connects, registers, refreshes, finds out that a connection is dead, and comes
 * back by itself after whatever happened to the network, the server or the laptop. Knows neither WebSocket nor SIP: both
 * stand behind {@link Link}.
 */
import type { Clock, Registration } from '../contract/index.js';
import type { Random } from './random.js';
import {
    BEAT,
    FRESH,
    LATE,
    MAX_RETRY_AFTER,
    REFRESH_AGAIN,
    RETURN_AFTER,
    TRY_LATER,
    UNREGISTER_TIMEOUT,
    reconnectDelay,
    refreshDelay,
} from './policies.js';
import type { RegisterResult } from './registration.js';

/** The way to the server. */
export interface Link {
    /** Whether a server is there, without connecting, in bounded time; null: that cannot be told. Never rejects. */
    find(server: string): Promise<boolean | null>;
    /**
     * Opens a connection, and puts it in the place of any other if it is still `wanted` by then.
     * @returns whether it was
     * @throws Error where that fails, in bounded time
     */
    open(server: string, wanted: () => boolean): Promise<boolean>;
    /** Drops the connection at once; an `open` on its way then fails. */
    close(): void;
    /** Registers, first or again, in bounded time. Never rejects. */
    register(): Promise<RegisterResult>;
    /** Whether the server gives a sign of life, in bounded time. Never rejects. */
    alive(): Promise<boolean>;
    /** Never rejects. */
    unregister(timeout: number): Promise<void>;
}

/** What the supervisor tells and asks. */
export interface SupervisorHost {
    registration(registration: Registration): void;
    /** Registered again, over a new connection. */
    reconnected(): void;
    /** The servers cannot be reached: once for each outage. */
    unreachable(detail: string): void;
    /** Whether there is a call. */
    inCall(): boolean;
}

/** Where we are. The names are those of {@link Registration}, with the steps between. */
type State = 'stopped' | 'connecting' | 'registering' | 'registered' | 'waiting' | 'refused';

/** What the server knows of us over this connection. Times are ms since the epoch. */
interface Bond {
    /** When we last registered. */
    at: number;
    /** When that is due again, and when what there is expires. */
    refreshAt: number;
    until: number;
    /** When the server last gave a sign of life. */
    provenAt: number;
    /** When a server that we would rather have is tried. */
    returnAt: number;
    /** The last sign of life was late; the last refresh was refused for the moment. */
    late: boolean;
    unrefreshed: boolean;
}

/** One per account. */
export interface Supervisor {
    /** Connects and registers; starts again where that was refused. */
    start(): void;
    /** Unregisters, and closes the connection. Resolves when both are done, in bounded time. */
    stop(): Promise<void>;
    /** Closes the connection at once. */
    dispose(): void;
    /** The connection was lost. @param code of the WebSocket, where it was closed by one */
    lost(code?: number): void;
    /**
     * Something has happened that a wait should end for, and that a connection may not have lived through.
     *
     * @param doubt whether the connection is in doubt (the network has changed); else only one that has been silent for
     *     long is asked whether it still lives
     */
    wake(doubt: boolean): void;
    /**
     * Proves that signalling is alive now; who asks meanwhile gets the same answer. Where it is not, we connect anew at once.
     * @returns false also while we are not registered
     */
    alive(): Promise<boolean>;
}

/**
 * Makes the one of an account.
 *
 * @param servers in order of preference
 * @param aor our address of record
 */
export function supervise(
    servers: readonly string[],
    aor: string,
    link: Link,
    host: SupervisorHost,
    clock: Clock,
    random: Random,
): Supervisor {
    let state: State = 'stopped';
    /** Calls off what the state waits for. */
    let cancel: () => void = () => undefined;
    /** Counts what is on its way: an answer that comes for an earlier one is not heard. */
    let turns = 0;
    let attempt = 0;
    let awaySince: number | null = null;
    /** When a WebSocket is tried though nobody knows whether the server is there. */
    let blindAt = 0;
    /** How many looks for a server have had no answer yet. */
    let looking = 0;
    let why = '';
    let told = false;
    /** Whether our credentials were right before. */
    let accepted = false;
    /** null: not registered over this connection. */
    let bond: Bond | null = null;
    let asking: Promise<boolean> | null = null;
    /** Whether this server has ever given a sign of life when asked for one. */
    let answers = false;
    let server = '';
    /** What the registrar gave us last; undefined: we never were registered. */
    let gruu: string | null | undefined;
    /** Where the next round begins: past a server that opened and then failed us. */
    let first = 0;
    /** Until when a server wants to be left alone. */
    const spared = new Map<string, number>();
    let shown = '';

    function start(): void {
        if (state !== 'stopped' && state !== 'refused') return;
        attempt = 0;
        accepted = false;
        void connect(servers);
    }

    async function stop(): Promise<void> {
        enter('stopped');
        const turn = turns;
        if (bond !== null) await link.unregister(UNREGISTER_TIMEOUT);
        if (turn === turns) close();
    }

    function dispose(): void {
        enter('stopped');
        close();
    }

    function lost(code = 0): void {
        if (state === 'stopped' || state === 'refused') return;
        // 1013: the server has too much to do. After 1012 it is back in a moment.
        if (code === 1013) spare(TRY_LATER * (1 + random()));
        retry('the connection was lost');
    }

    function wake(doubt: boolean): void {
        blindAt = 0;
        if (isWaiting()) seek();
        else if (bond !== null) {
            const silence = clock.now() - bond.provenAt;
            if (doubt || silence > FRESH || silence < 0) void alive();
        }
    }

    function alive(): Promise<boolean> {
        const mine = bond;
        if (mine === null) return Promise.resolve(false);
        const asked = clock.now();
        return (asking ??= link.alive().then(async (lives) => {
            if (mine !== bond) return false;
            asking = null;
            if (lives) {
                const now = clock.now();
                answers = true;
                mine.provenAt = now;
                mine.late = now - asked > LATE;
                tell(mine);
                // A clock that was put back would let the binding expire.
                if (now >= mine.refreshAt || now < mine.at) void register();
            } else if (answers) {
                lost();
            } else {
                // It may be one that never answers this.
                await register();
            }
            return mine === bond;
        }));
    }

    function watch(): void {
        const wait = Math.max(Math.min(BEAT, (bond?.refreshAt ?? 0) - clock.now()), 500);
        state = 'registered';
        cancel = clock.after(wait, () => {
            if (bond === null) return;
            watch();
            const now = clock.now();
            const inCall = host.inCall();
            if (inCall || now >= bond.refreshAt || now < bond.at || now - bond.provenAt > FRESH) void alive();
            else if (server !== servers[0] && now >= bond.returnAt) void goBack(bond);
        });
    }

    /** Back to a server that we would rather have, as soon as it is open: until then all stays as it is. */
    async function goBack(mine: Bond): Promise<void> {
        mine.returnAt = clock.now() + RETURN_AFTER * (1 + random());
        for (const better of servers.slice(0, servers.indexOf(server)).filter(isReady)) {
            try {
                if (!(await link.open(better, () => mine === bond && !host.inCall()))) return;
                bond = asking = null;
                server = better;
                await register();
                return;
            } catch {
                if (mine !== bond) return;
            }
        }
    }

    function close(): void {
        bond = asking = null;
        link.close();
    }

    function isWaiting(): boolean {
        return state === 'waiting';
    }

    function enter(next: State): void {
        turns += 1;
        cancel();
        state = next;
    }

    function show(registration: Registration): void {
        const text = JSON.stringify(registration);
        if (text === shown) return;
        shown = text;
        host.registration(registration);
    }

    /** Says how well we are registered. */
    function tell({ late, unrefreshed, until, refreshAt }: Bond): void {
        const well = late || unrefreshed || server !== servers[0] ? 'degraded' : 'registered';
        if (until > clock.now()) show({ state: well, aor, gruu: gruu ?? null });
        else show({ state: 'offline', attempt: 1, retryAt: refreshAt });
    }

    /** Whether a server does not want to be left alone. */
    function isReady(one: string): boolean {
        return (spared.get(one) ?? 0) <= clock.now();
    }

    /** Connects to the first of these that opens. */
    async function connect(order: readonly string[]): Promise<void> {
        enter('connecting');
        attempt += 1;
        show({ state: 'connecting', attempt });
        const turn = turns;
        for (server of order) {
            try {
                if (await link.open(server, () => turn === turns)) void register();
                return;
            } catch (error) {
                if (turn !== turns) return;
                why = error instanceof Error ? error.message : '';
            }
        }
        retry(why);
    }

    async function register(): Promise<void> {
        if (state === 'registering') return;
        enter('registering');
        const turn = turns;
        const result = await link.register();
        if (turn !== turns) return;
        const now = clock.now();
        if (result.type === 'registered') {
            const { expires } = result;
            const again = bond === null && gruu !== undefined;
            bond = Object.assign(bond ?? { returnAt: now + RETURN_AFTER * (1 + random()) }, {
                at: now,
                refreshAt: now + refreshDelay(expires),
                until: now + expires * 1000,
                provenAt: now,
                late: false,
                unrefreshed: false,
            });
            gruu = result.gruu;
            attempt = blindAt = first = 0;
            awaySince = null;
            told = false;
            accepted = true;
            watch();
            tell(bond);
            if (again) host.reconnected();
        } else if (result.type === 'failed') {
            const least = result.retryAfter * 1000;
            if (!result.answered || bond === null) {
                spare(least);
                retry(result.detail);
                return;
            }
            // A binding that could not be refreshed now holds a while yet, and so do the calls.
            bond.refreshAt = now + Math.max(Math.min(least, MAX_RETRY_AFTER), REFRESH_AGAIN * (1 + random()));
            bond.unrefreshed = true;
            watch();
            tell(bond);
        } else if (accepted && result.refusal === 'credentials') {
            // They were right a moment ago: a server that just restarted does not know its own nonce.
            accepted = false;
            retry(`status ${String(result.status)}`);
        } else {
            enter('refused');
            close();
            show({ state: 'refused', refusal: result.refusal, status: result.status });
        }
    }

    /** The server in use comes last, and wants to be left alone for some ms. */
    function spare(least: number): void {
        first = servers.indexOf(server) + 1;
        spared.set(server, clock.now() + Math.min(least, MAX_RETRY_AFTER));
    }

    /** Everything anew. */
    function retry(reason: string): void {
        close();
        awaySince ??= clock.now();
        why = reason;
        wait();
    }

    function wait(): void {
        const now = clock.now();
        const ready = Math.min(...servers.map((one) => spared.get(one) ?? 0));
        const away = now - (awaySince ?? now);
        const delay = Math.max(ready - now, reconnectDelay(away, host.inCall(), random));
        enter('waiting');
        cancel = clock.after(delay, seek);
        show({ state: 'offline', attempt: Math.max(attempt, 1), retryAt: now + delay });
        if (told || attempt === 0) return;
        told = true;
        host.unreachable(why);
    }

    /** Looks where a server is there, and connects to it; meanwhile it goes on waiting. */
    function seek(): void {
        const now = clock.now();
        // Those that have not answered yet are not waited for: the next look begins elsewhere.
        const from = (first + looking) % servers.length;
        const order = [...servers.slice(from), ...servers.slice(0, from)].filter(isReady);
        const blind = now >= blindAt;
        // Rarer and rarer: what fails makes the one wait that counts.
        if (blind) blindAt = now + Math.max(1_000, now - (awaySince ?? now));
        wait();
        attempt += 1;
        void look(order, blind);
    }

    async function look(order: readonly string[], blind: boolean): Promise<void> {
        looking += 1;
        for (const one of order) {
            const found = await link.find(one);
            if (!isWaiting()) break;
            if (found ?? blind) {
                void connect(found ? [one] : order);
                break;
            }
        }
        looking -= 1;
    }

    return { start, stop, dispose, lost, wake, alive };
}
