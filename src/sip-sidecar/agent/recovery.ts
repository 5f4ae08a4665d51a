/**
 * Looks after one answered call: its re-INVITEs, one at a time, tried again where both sides sent one at once, undone where
 * they are refused; and brings it back where it has lost its signalling or its media.
 */
import type { Clock } from '../contract/index.js';
import type { Reinvited, Session } from './dialogue/session.js';
import { FRESHLY_BACK, REINVITE_TRIES, REPAIR_PATIENCE, TRANSACTION_TIMEOUT, glareDelay } from './policies.js';
import type { Random } from './random.js';
import { attemptAt, endAt, firstWays, isWanting, nextWays, type WayEvent, type Ways } from './ways.js';

/** One change of the session. */
export interface Change {
    /** Runs when its turn has come, before the offer is made. */
    readonly before?: () => void;
    /** Runs where the other side did not accept it. */
    readonly undo?: () => void;
    /** Whether it is still wanted when its turn has come, and when it is tried again. */
    readonly wanted?: () => boolean;
}

/** What is needed to repair a call. */
export interface RecoveryHost {
    readonly session: Pick<Session, 'reinvite'>;
    /** Whether this side made the Call-ID (RFC 3261 section 14.1). */
    readonly ownsCallId: boolean;
    readonly clock: Clock;
    readonly random: Random;
    /** Whether signalling is alive now: a re-INVITE into a dead socket waits for nothing. */
    readonly alive: () => Promise<boolean>;
    /** Goes on with the call by a new INVITE with Replaces. */
    readonly replace: () => Promise<Reinvited>;
    /** It cannot be brought back. */
    readonly end: () => void;
}

/** Watches over one answered call. */
export class Recovery {
    private ways: Ways;
    private queue: Promise<unknown> = Promise.resolve();
    private disposed = false;
    private stop: () => void = () => undefined;
    /** Tries again at once what waits for its time. */
    private wake: () => void = () => undefined;

    /** @param media whether it is up */
    constructor(
        private readonly host: RecoveryHost,
        media: boolean,
    ) {
        this.ways = firstWays(host.clock.now(), media);
        this.plan();
    }

    /** Makes a change of the session. */
    run(change: Change): void {
        void this.inTurn(change).then((outcome) => {
            if (outcome === 'accepted') this.tell('heard');
            else if (!this.ways.busy && (outcome === 'gone' || outcome === 'unreachable')) this.tell(outcome);
        });
    }

    tell(event: WayEvent): void {
        if (this.disposed) return;
        const { clock, ownsCallId } = this.host;
        this.ways = nextWays(this.ways, event, clock.now(), ownsCallId);
        this.plan();
        if (event === 'reconnected') this.wake();
    }

    /** Nothing more is sent, nothing is undone. */
    dispose(): void {
        this.disposed = true;
        this.stop();
        this.wake();
    }

    /** When those before it are done. Never rejects. */
    private inTurn(change: Change): Promise<Reinvited> {
        const done = this.queue.then(() => this.change(change));
        this.queue = done;
        return done;
    }

    private async change({ before, undo, wanted = () => true }: Change): Promise<Reinvited> {
        const { clock, ownsCallId, random, session } = this.host;
        const isWanted = (): boolean => !this.disposed && wanted();
        if (!isWanted()) return 'again';
        before?.();
        for (let tries = 1; ; tries += 1) {
            const iceRestart = this.ways.broken;
            const patience = isWanting(this.ways) ? REPAIR_PATIENCE : TRANSACTION_TIMEOUT;
            const outcome = await session.reinvite({ iceRestart, patience });
            if (outcome !== 'again' || tries === REINVITE_TRIES || !isWanted()) {
                if (outcome !== 'accepted' && !this.disposed) undo?.();
                return outcome;
            }
            await new Promise<void>((resolve) => {
                const stop = clock.after(glareDelay(ownsCallId, random), resolve);
                this.wake = () => {
                    stop();
                    resolve();
                };
            });
            if (this.disposed) return outcome;
        }
    }

    private plan(): void {
        const { clock, end } = this.host;
        this.stop();
        const now = clock.now();
        const [attempt, last] = [attemptAt(this.ways), endAt(this.ways)];
        const wait = Math.min(attempt, last) - now;
        if (last <= now) end();
        else if (wait <= 0) void this.attempt();
        else if (wait < Infinity) {
            this.stop = clock.after(wait, () => {
                this.plan();
            });
        }
    }

    private async attempt(): Promise<void> {
        const { clock, alive, replace } = this.host;
        this.tell('begun');
        const { stranded, backAt } = this.ways;
        // Whoever has just been answered need not ask.
        const isFresh = stranded || clock.now() - backAt < FRESHLY_BACK;
        if (!isFresh && !(await alive())) this.tell('again');
        else if (stranded) this.tell(await replace());
        else {
            const until = clock.now() + REPAIR_PATIENCE;
            this.tell(await this.inTurn({ wanted: () => isWanting(this.ways) && clock.now() < until }));
        }
    }
}
