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
export class Supervisor {
    private state: State = 'stopped';
    /** Calls off what the state waits for. */
    private cancel: () => void = () => undefined;
    /** Counts what is on its way: an answer that comes for an earlier one is not heard. */
    private turn = 0;
    private attempt = 0;
    private awaySince: number | null = null;
    /** When a WebSocket is tried though nobody knows whether the server is there. */
    private blindAt = 0;
    /** How many looks for a server have had no answer yet. */
    private looking = 0;
    private why = '';
    private told = false;
    /** Whether our credentials were right before. */
    private accepted = false;
    /** null: not registered over this connection. */
    private bond: Bond | null = null;
    private asking: Promise<boolean> | null = null;
    /** Whether this server has ever given a sign of life when asked for one. */
    private answers = false;
    private server = '';
    /** What the registrar gave us last; undefined: we never were registered. */
    private gruu: string | null | undefined;
    /** Where the next round begins: past a server that opened and then failed us. */
    private first = 0;
    /** Until when a server wants to be left alone. */
    private readonly spared = new Map<string, number>();
    private shown = '';

    constructor(
        private readonly servers: readonly string[],
        private readonly aor: string,
        private readonly link: Link,
        private readonly host: SupervisorHost,
        private readonly clock: Clock,
        private readonly random: Random,
    ) {}

    /** Connects and registers; starts again where that was refused. */
    start(): void {
        if (this.state !== 'stopped' && this.state !== 'refused') return;
        this.attempt = 0;
        this.accepted = false;
        void this.connect(this.servers);
    }

    /** Unregisters, and closes the connection. Resolves when both are done, in bounded time. */
    async stop(): Promise<void> {
        const { bond } = this;
        this.enter('stopped');
        const { turn } = this;
        if (bond !== null) await this.link.unregister(UNREGISTER_TIMEOUT);
        if (turn === this.turn) this.close();
    }

    /** Closes the connection at once. */
    dispose(): void {
        this.enter('stopped');
        this.close();
    }

    /** The connection was lost. @param code of the WebSocket, where it was closed by one */
    lost(code = 0): void {
        if (this.state === 'stopped' || this.state === 'refused') return;
        // 1013: the server has too much to do. After 1012 it is back in a moment.
        if (code === 1013) this.spare(TRY_LATER * (1 + this.random()));
        this.retry('the connection was lost');
    }

    /**
     * Something has happened that a wait should end for, and that a connection may not have lived through.
     *
     * @param doubt whether the connection is in doubt (the network has changed); else only one that has been silent for
     *     long is asked whether it still lives
     */
    wake(doubt: boolean): void {
        this.blindAt = 0;
        if (this.state === 'waiting') this.seek();
        else if (this.bond !== null) {
            const silence = this.clock.now() - this.bond.provenAt;
            if (doubt || silence > FRESH || silence < 0) void this.alive();
        }
    }

    /**
     * Proves that signalling is alive now; who asks meanwhile gets the same answer. Where it is not, we connect anew at once.
     * @returns false also while we are not registered
     */
    alive(): Promise<boolean> {
        const { bond } = this;
        if (bond === null) return Promise.resolve(false);
        const asked = this.clock.now();
        return (this.asking ??= this.link.alive().then(async (alive) => {
            if (bond !== this.bond) return false;
            this.asking = null;
            if (alive) {
                const now = this.clock.now();
                this.answers = true;
                bond.provenAt = now;
                bond.late = now - asked > LATE;
                this.tell(bond);
                // A clock that was put back would let the binding expire.
                if (now >= bond.refreshAt || now < bond.at) void this.register();
            } else if (this.answers) {
                this.lost();
            } else {
                // It may be one that never answers this.
                await this.register();
            }
            return bond === this.bond;
        }));
    }

    private watch(): void {
        const wait = Math.max(Math.min(BEAT, (this.bond?.refreshAt ?? 0) - this.clock.now()), 500);
        this.state = 'registered';
        this.cancel = this.clock.after(wait, () => {
            const { bond } = this;
            if (bond === null) return;
            this.watch();
            const now = this.clock.now();
            const inCall = this.host.inCall();
            if (inCall || now >= bond.refreshAt || now < bond.at || now - bond.provenAt > FRESH) void this.alive();
            else if (this.server !== this.servers[0] && now >= bond.returnAt) void this.goBack(bond);
        });
    }

    /** Back to a server that we would rather have, as soon as it is open: until then all stays as it is. */
    private async goBack(bond: Bond): Promise<void> {
        bond.returnAt = this.clock.now() + RETURN_AFTER * (1 + this.random());
        const better = this.servers.slice(0, this.servers.indexOf(this.server));
        for (const server of better.filter((one) => this.isReady(one))) {
            try {
                if (!(await this.link.open(server, () => bond === this.bond && !this.host.inCall()))) return;
                this.bond = this.asking = null;
                this.server = server;
                await this.register();
                return;
            } catch {
                if (bond !== this.bond) return;
            }
        }
    }

    private close(): void {
        this.bond = this.asking = null;
        this.link.close();
    }

    private enter(state: State): void {
        this.turn += 1;
        this.cancel();
        this.state = state;
    }

    private show(registration: Registration): void {
        const shown = JSON.stringify(registration);
        if (shown === this.shown) return;
        this.shown = shown;
        this.host.registration(registration);
    }

    /** Says how well we are registered. */
    private tell(bond: Bond): void {
        const { aor, gruu = null, server, servers } = this;
        const state = bond.late || bond.unrefreshed || server !== servers[0] ? 'degraded' : 'registered';
        if (bond.until > this.clock.now()) this.show({ state, aor, gruu });
        else this.show({ state: 'offline', attempt: 1, retryAt: bond.refreshAt });
    }

    /** Whether a server does not want to be left alone. */
    private isReady(server: string): boolean {
        return (this.spared.get(server) ?? 0) <= this.clock.now();
    }

    /** Connects to the first of these that opens. */
    private async connect(servers: readonly string[]): Promise<void> {
        this.enter('connecting');
        this.attempt += 1;
        this.show({ state: 'connecting', attempt: this.attempt });
        const { turn } = this;
        for (const server of servers) {
            this.server = server;
            try {
                if (await this.link.open(server, () => turn === this.turn)) void this.register();
                return;
            } catch (error) {
                if (turn !== this.turn) return;
                this.why = error instanceof Error ? error.message : '';
            }
        }
        this.retry(this.why);
    }

    private async register(): Promise<void> {
        if (this.state === 'registering') return;
        this.enter('registering');
        const { turn } = this;
        const result = await this.link.register();
        if (turn !== this.turn) return;
        const now = this.clock.now();
        const { bond } = this;
        if (result.type === 'registered') {
            const { gruu, expires } = result;
            const again = bond === null && this.gruu !== undefined;
            this.bond = Object.assign(bond ?? { returnAt: now + RETURN_AFTER * (1 + this.random()) }, {
                at: now,
                refreshAt: now + refreshDelay(expires),
                until: now + expires * 1000,
                provenAt: now,
                late: false,
                unrefreshed: false,
            });
            this.gruu = gruu;
            this.attempt = this.blindAt = this.first = 0;
            this.awaySince = null;
            this.told = false;
            this.accepted = true;
            this.watch();
            this.tell(this.bond);
            if (again) this.host.reconnected();
        } else if (result.type === 'failed') {
            const least = result.retryAfter * 1000;
            if (!result.answered || bond === null) {
                this.spare(least);
                this.retry(result.detail);
                return;
            }
            // A binding that could not be refreshed now holds a while yet, and so do the calls.
            bond.refreshAt = now + Math.max(Math.min(least, MAX_RETRY_AFTER), REFRESH_AGAIN * (1 + this.random()));
            bond.unrefreshed = true;
            this.watch();
            this.tell(bond);
        } else if (this.accepted && result.refusal === 'credentials') {
            // They were right a moment ago: a server that just restarted does not know its own nonce.
            this.accepted = false;
            this.retry(`status ${String(result.status)}`);
        } else {
            this.enter('refused');
            this.close();
            this.show({ state: 'refused', refusal: result.refusal, status: result.status });
        }
    }

    /** The server in use comes last, and wants to be left alone for some ms. */
    private spare(wait: number): void {
        this.first = this.servers.indexOf(this.server) + 1;
        this.spared.set(this.server, this.clock.now() + Math.min(wait, MAX_RETRY_AFTER));
    }

    /** Everything anew. */
    private retry(why: string): void {
        this.close();
        this.awaySince ??= this.clock.now();
        this.why = why;
        this.wait();
    }

    private wait(): void {
        const now = this.clock.now();
        const ready = Math.min(...this.servers.map((server) => this.spared.get(server) ?? 0));
        const away = now - (this.awaySince ?? now);
        const wait = Math.max(ready - now, reconnectDelay(away, this.host.inCall(), this.random));
        this.enter('waiting');
        this.cancel = this.clock.after(wait, () => {
            this.seek();
        });
        this.show({ state: 'offline', attempt: Math.max(this.attempt, 1), retryAt: now + wait });
        if (this.told || this.attempt === 0) return;
        this.told = true;
        this.host.unreachable(this.why);
    }

    /** Looks where a server is there, and connects to it; meanwhile it goes on waiting. */
    private seek(): void {
        const now = this.clock.now();
        const { servers, awaySince } = this;
        // Those that have not answered yet are not waited for: the next look begins elsewhere.
        const from = (this.first + this.looking) % servers.length;
        const order = [...servers.slice(from), ...servers.slice(0, from)].filter((server) => this.isReady(server));
        const blind = now >= this.blindAt;
        // Rarer and rarer: what fails makes the one wait that counts.
        if (blind) this.blindAt = now + Math.max(1_000, now - (awaySince ?? now));
        this.wait();
        this.attempt += 1;
        void this.look(order, blind);
    }

    private async look(servers: readonly string[], blind: boolean): Promise<void> {
        this.looking += 1;
        for (const server of servers) {
            const found = await this.link.find(server);
            if (this.state !== 'waiting') break;
            if (found ?? blind) {
                void this.connect(found ? [server] : servers);
                break;
            }
        }
        this.looking -= 1;
    }
}
