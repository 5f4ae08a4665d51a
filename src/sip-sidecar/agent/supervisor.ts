/**
 * Keeps the account connected and registered: connects, registers, refreshes, and comes back by itself after whatever
 * happened to the network, the server or the laptop. Knows neither WebSocket nor SIP: both stand behind {@link Link}.
 */
import type { Clock, Registration } from '../contract/index.js';
import type { Random } from './random.js';
import {
    ASLEEP,
    FRESH,
    HEARTBEAT,
    MAX_RETRY_AFTER,
    UNREGISTER_TIMEOUT,
    reconnectDelay,
    refreshDelay,
} from './policies.js';
import type { RegisterResult } from './registration.js';

/** The way to the server. */
export interface Link {
    /** Opens a connection. @throws Error where that fails, in bounded time */
    open(server: string): Promise<void>;
    /** Drops the connection at once; an `open` on its way then fails. */
    close(): void;
    /** Registers, first or again, in bounded time. Never rejects. */
    register(): Promise<RegisterResult>;
    /** Whether the server gives a sign of life, in bounded time. Never rejects. */
    alive(): Promise<boolean>;
    /** Never rejects. */
    unregister(timeout: number): Promise<void>;
}

/** What the supervisor tells. */
export interface SupervisorHost {
    registration(registration: Registration): void;
    /**
     * Registered again over a new connection.
     * @param contactChanged whether who is in a dialog with us reaches us no more where we were
     */
    reconnected(contactChanged: boolean): void;
    /** The servers cannot be reached: once for each outage. */
    unreachable(detail: string): void;
}

/** Where we are. The names are those of {@link Registration}, with the steps between. */
type State =
    | { readonly name: 'stopped' }
    | { readonly name: 'connecting' }
    | { readonly name: 'registering' }
    | { readonly name: 'registered'; readonly cancel: () => void }
    | { readonly name: 'waiting'; readonly cancel: () => void }
    | { readonly name: 'refused' };

/** One per account. */
export class Supervisor {
    private state: State = { name: 'stopped' };
    /** Counts what is on its way: an answer that comes for an earlier one is not heard. */
    private turn = 0;
    private attempt = 0;
    private awaySince: number | null = null;
    private told = false;
    private everRegistered = false;
    /** When this connection was last registered or refreshed; null: it is not. */
    private boundAt: number | null = null;
    private shown = '';
    private asking: Promise<boolean> | null = null;
    /** What made us reachable when we were last registered. */
    private reachedBy: string | null = null;

    constructor(
        private readonly servers: readonly string[],
        private readonly aor: string,
        private readonly link: Link,
        private readonly host: SupervisorHost,
        private readonly clock: Clock,
        private readonly random: Random,
    ) {}

    /** Whether we are registered now. */
    get registered(): boolean {
        return this.boundAt !== null;
    }

    /** Connects and registers; starts again where that was refused. */
    start(): void {
        if (this.state.name !== 'stopped' && this.state.name !== 'refused') return;
        this.attempt = 0;
        this.everRegistered = false;
        void this.connect();
    }

    /** Unregisters, and closes the connection. Resolves when both are done, in bounded time. */
    async stop(): Promise<void> {
        const { registered } = this;
        this.enter({ name: 'stopped' });
        const { turn } = this;
        if (registered) await this.link.unregister(UNREGISTER_TIMEOUT);
        if (turn === this.turn) this.close();
    }

    /** Closes the connection at once. */
    dispose(): void {
        this.enter({ name: 'stopped' });
        this.close();
    }

    /** The connection was lost. */
    lost(): void {
        if (this.state.name === 'stopped' || this.state.name === 'refused') return;
        this.retry('the connection was lost');
    }

    /**
     * Something has happened that a wait should end for, and that a connection may not have lived through.
     *
     * @param doubt whether the connection is in doubt (the network has changed); else only one that has been silent for
     *     long is asked whether it still lives
     */
    wake(doubt: boolean): void {
        if (this.state.name === 'waiting') void this.connect();
        else if (this.state.name === 'registered') {
            const age = this.clock.now() - (this.boundAt ?? 0);
            if (doubt || age > FRESH || age < 0) void this.register();
        }
    }

    /**
     * Proves that signalling is alive now; who asks meanwhile gets the same answer. Where it is not, we connect anew at once.
     * @returns false also while we are not registered
     */
    alive(): Promise<boolean> {
        if (!this.registered) return Promise.resolve(false);
        const { turn } = this;
        return (this.asking ??= this.link.alive().then((alive) => {
            this.asking = null;
            if (!alive && turn === this.turn) this.lost();
            return alive;
        }));
    }

    /** Waits for the time of the refresh, and looks out for a clock that jumps: the machine was asleep. */
    private watch(refreshAt: number): void {
        const now = this.clock.now();
        const cancel = this.clock.after(Math.min(HEARTBEAT, refreshAt - now), () => {
            const later = this.clock.now();
            if (later >= refreshAt || later < now || later - now > ASLEEP) void this.register();
            else this.watch(refreshAt);
        });
        this.state = { name: 'registered', cancel };
    }

    private close(): void {
        this.boundAt = null;
        this.link.close();
    }

    private enter(state: State): void {
        this.turn += 1;
        if ('cancel' in this.state) this.state.cancel();
        this.state = state;
    }

    private show(registration: Registration): void {
        const shown = JSON.stringify(registration);
        if (shown === this.shown) return;
        this.shown = shown;
        this.host.registration(registration);
    }

    /** Where the next round begins: past a server that opened but did not register us. */
    private first = 0;

    private async connect(): Promise<void> {
        this.enter({ name: 'connecting' });
        this.attempt += 1;
        this.show({ state: 'connecting', attempt: this.attempt });
        const { turn } = this;
        let why = '';
        const { servers, first } = this;
        for (const [index, server] of [...servers.slice(first), ...servers.slice(0, first)].entries()) {
            try {
                await this.link.open(server);
                if (turn !== this.turn) return;
                this.first = (first + index + 1) % servers.length;
                void this.register();
                return;
            } catch (error) {
                if (turn !== this.turn) return;
                why = error instanceof Error ? error.message : '';
            }
        }
        this.retry(why);
    }

    private async register(): Promise<void> {
        this.enter({ name: 'registering' });
        const { turn } = this;
        const result = await this.link.register();
        if (turn !== this.turn) return;
        if (result.type === 'registered') {
            const again = this.everRegistered && this.boundAt === null;
            this.attempt = 0;
            this.awaySince = null;
            this.boundAt = this.clock.now();
            this.told = false;
            this.everRegistered = true;
            this.first = 0;
            this.watch(this.clock.now() + refreshDelay(result.expires));
            this.show({ state: 'registered', aor: this.aor, gruu: result.gruu });
            if (again) this.host.reconnected(result.gruu === null || result.gruu !== this.reachedBy);
            this.reachedBy = result.gruu;
        } else if (result.type === 'failed') {
            // A binding that could not be refreshed now holds a while yet, and so do the calls.
            this.retry(result.detail, result.retryAfter * 1000, result.answered && this.boundAt !== null);
        } else if (this.everRegistered && result.refusal === 'credentials') {
            // They were right a moment ago: a server that just restarted does not know its own nonce.
            this.everRegistered = false;
            this.retry(`status ${String(result.status)}`);
        } else {
            this.enter({ name: 'refused' });
            this.close();
            this.show({ state: 'refused', refusal: result.refusal, status: result.status });
        }
    }

    private retry(why: string, least = 0, keep = false): void {
        if (!keep) this.close();
        const now = this.clock.now();
        this.awaySince ??= now;
        const wait = Math.max(Math.min(least, MAX_RETRY_AFTER), reconnectDelay(now - this.awaySince, this.random));
        const cancel = this.clock.after(wait, () => void this.connect());
        this.enter({ name: 'waiting', cancel });
        this.show({ state: 'offline', attempt: Math.max(this.attempt, 1), retryAt: now + wait });
        if (this.told || this.attempt === 0) return;
        this.told = true;
        this.host.unreachable(why);
    }
}
