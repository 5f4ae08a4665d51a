/** re-INVITEs of one call: one at a time, tried again where both sides sent one at once, undone where they are refused. */
import type { Session } from 'sip.js/lib/api/session.js';
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import type { Clock, Random } from './clock.js';
import { REINVITE_TRIES, glareDelay } from './policies.js';
import type { MediaDescriptionHandler } from './session-description.js';

/** One change of the session. */
export interface Change {
    /** Runs when its turn has come, before the offer is made. */
    before?(): void;
    /** Runs where the other side did not accept it. */
    undo?(): void;
}

/** What it works on. */
export interface NegotiationHost {
    readonly session: Session;
    readonly handler: MediaDescriptionHandler;
    /** Whether this side made the Call-ID (RFC 3261 section 14.1). */
    readonly ownsCallId: boolean;
    readonly clock: Clock;
    readonly random: Random;
    /** The other side does not know this call any more. */
    gone(): void;
}

type Outcome = 'accepted' | 'refused' | 'gone' | { readonly again: number };

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
            const outcome = await this.reinvite();
            if (this.isDisposed() || outcome === 'accepted') return;
            if (outcome === 'gone') {
                this.host.gone();
                return;
            }
            if (outcome === 'refused' || tries === REINVITE_TRIES) {
                change.undo?.();
                return;
            }
            await this.sleep(outcome.again);
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

    private async reinvite(): Promise<Outcome> {
        const { session, handler, ownsCallId, random } = this.host;
        const again = { again: glareDelay(ownsCallId, random) };
        try {
            return await new Promise<Outcome>((resolve, reject) => {
                session
                    .invite({
                        requestDelegate: {
                            onAccept: () => {
                                resolve('accepted');
                            },
                            onReject: ({ message }) => {
                                resolve(outcomeOf(message, again));
                            },
                        },
                    })
                    .catch(reject);
            });
        } catch {
            // Theirs is on its way, or the devices gave no offer.
            await handler.undoOffer().catch(() => undefined);
            return again;
        }
    }
}

function outcomeOf(response: IncomingResponseMessage, again: Outcome): Outcome {
    const status = response.statusCode ?? 0;
    if (status === 491 || (status === 500 && response.hasHeader('retry-after'))) return again;
    return status === 481 && response.hasHeader('via') ? 'gone' : 'refused';
}
