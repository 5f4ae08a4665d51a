/** re-INVITEs of one call: one at a time, tried again where both sides sent one at once, undone where they are refused. */
import type { Clock } from '../contract/index.js';
import type { Random } from './random.js';
import type { Session } from './dialogue/session.js';
import { REINVITE_TRIES, glareDelay } from './policies.js';

/** One change of the session. */
export interface Change {
    /** Runs when its turn has come, before the offer is made. */
    before?(): void;
    /** Runs where the other side did not accept it. */
    undo?(): void;
}

/** What it works on. */
export interface NegotiationHost {
    readonly session: Pick<Session, 'reinvite'>;
    /** Whether this side made the Call-ID (RFC 3261 section 14.1). */
    readonly ownsCallId: boolean;
    readonly clock: Clock;
    readonly random: Random;
    /** The other side does not know this call any more. */
    gone(): void;
}

/** The queue of one call. */
export class Negotiation {
    private queue: Promise<void> = Promise.resolve();
    private disposed = false;
    private wakeUp: () => void = () => undefined;

    constructor(private readonly host: NegotiationHost) {}

    /** Makes a change when those before it are done. Never rejects. */
    run(change: Change): Promise<void> {
        this.queue = this.queue.then(() => this.change(change));
        return this.queue;
    }

    /** Nothing more is sent, nothing is undone. */
    dispose(): void {
        this.disposed = true;
        this.wakeUp();
    }

    private async change(change: Change): Promise<void> {
        if (this.disposed) return;
        change.before?.();
        for (let tries = 1; ; tries += 1) {
            const outcome = await this.host.session.reinvite();
            if (this.isDisposed() || outcome === 'accepted') return;
            if (outcome === 'gone') {
                this.host.gone();
                return;
            }
            if (outcome === 'refused' || tries === REINVITE_TRIES) {
                change.undo?.();
                return;
            }
            await this.sleep(glareDelay(this.host.ownsCallId, this.host.random));
            if (this.isDisposed()) return;
        }
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
