/** re-INVITEs of one call: one at a time, tried again where both sides sent one at once, undone where they are refused. */
import type { Clock } from '../contract/index.js';
import type { Random } from './random.js';
import type { Offering, Reinvited, Session } from './dialogue/session.js';
import { REINVITE_TRIES, glareDelay } from './policies.js';

/** One change of the session. */
export interface Change {
    /** Runs when its turn has come, before the offer is made. */
    before?(): void;
    /** Runs where the other side did not accept it. */
    undo?(): void;
    /** Whether it is still wanted when its turn has come, and when it is tried again. */
    wanted?(): boolean;
}

/** What it works on. */
export interface NegotiationHost {
    readonly session: Pick<Session, 'reinvite'>;
    /** Whether this side made the Call-ID (RFC 3261 section 14.1). */
    readonly ownsCallId: boolean;
    readonly clock: Clock;
    readonly random: Random;
    /** How the next offer is made. */
    offering(): Offering;
}

/** The queue of one call. */
export class Negotiation {
    private queue: Promise<unknown> = Promise.resolve();
    private disposed = false;
    private wakeUp: () => void = () => undefined;

    constructor(private readonly host: NegotiationHost) {}

    /** Makes a change when those before it are done. Never rejects. */
    run(change: Change): Promise<Reinvited> {
        const done = this.queue.then(() => this.change(change));
        this.queue = done;
        return done;
    }

    /** Tries again at once what waits for its time. */
    wake(): void {
        this.wakeUp();
    }

    /** Nothing more is sent, nothing is undone. */
    dispose(): void {
        this.disposed = true;
        this.wakeUp();
    }

    private async change(change: Change): Promise<Reinvited> {
        const { host } = this;
        const isWanted = (): boolean => change.wanted?.() !== false;
        if (this.isDisposed() || !isWanted()) return 'again';
        change.before?.();
        for (let tries = 1; !this.isDisposed(); tries += 1) {
            const outcome = await host.session.reinvite(host.offering());
            if (this.isDisposed()) break;
            if (outcome !== 'again' || tries === REINVITE_TRIES || !isWanted()) {
                if (outcome !== 'accepted') change.undo?.();
                return outcome;
            }
            await this.sleep(glareDelay(host.ownsCallId, host.random));
        }
        return 'again';
    }

    private isDisposed(): boolean {
        return this.disposed;
    }

    private sleep(delay: number): Promise<void> {
        return new Promise((resolve) => {
            const stop = this.host.clock.after(delay, resolve);
            this.wakeUp = () => {
                stop();
                resolve();
            };
        });
    }
}
