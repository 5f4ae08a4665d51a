/**
 * Looks after one answered call: its re-INVITEs, one at a time, tried again where both sides sent one at once, undone where
 * they are refused; and brings it back where it has lost its signalling or its media.
 */
import type { Clock } from '../contract/index.js';
import type { Reinvited, Session } from './dialogue/session.js';
import { FRESHLY_BACK, REINVITE_TRIES, REPAIR_PATIENCE, TRANSACTION_TIMEOUT, glareDelay } from './policies.js';
import type { Random } from './random.js';
import { attemptAt, endAt, firstWays, isWanting, nextWays, type WayEvent } from './ways.js';

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
export type Recovery = ReturnType<typeof watchOver>;

/** Begins to watch. @param media whether it is up */
export function watchOver({ session, ownsCallId, clock, random, alive, replace, end }: RecoveryHost, media: boolean) {
    let ways = firstWays(clock.now(), media);
    let queue: Promise<unknown> = Promise.resolve();
    let disposed = false;
    let stop = (): void => undefined;
    /** Tries again at once what waits for its time. */
    let wake = (): void => undefined;

    const isDisposed = (): boolean => disposed;

    function tell(event: WayEvent): void {
        if (disposed) return;
        ways = nextWays(ways, event, clock.now(), ownsCallId);
        plan();
        if (event === 'reconnected') wake();
    }

    /** Makes a change when those before it are done. Never rejects. */
    function inTurn(what: Change): Promise<Reinvited> {
        const done = queue.then(() => change(what));
        queue = done;
        return done;
    }

    async function change({ before, undo, wanted = () => true }: Change): Promise<Reinvited> {
        const isWanted = (): boolean => !disposed && wanted();
        if (!isWanted()) return 'again';
        before?.();
        for (let tries = 1; ; tries += 1) {
            const patience = isWanting(ways) ? REPAIR_PATIENCE : TRANSACTION_TIMEOUT;
            const outcome = await session.reinvite({ iceRestart: ways.broken, patience });
            if (outcome !== 'again' || tries === REINVITE_TRIES || !isWanted()) {
                if (outcome !== 'accepted' && !isDisposed()) undo?.();
                return outcome;
            }
            await new Promise<void>((resolve) => {
                const cancel = clock.after(glareDelay(ownsCallId, random), resolve);
                wake = () => {
                    cancel();
                    resolve();
                };
            });
            if (isDisposed()) return outcome;
        }
    }

    function plan(): void {
        stop();
        const now = clock.now();
        const [next, last] = [attemptAt(ways), endAt(ways)];
        const wait = Math.min(next, last) - now;
        if (last <= now) end();
        else if (wait <= 0) void attempt();
        else if (wait < Infinity) stop = clock.after(wait, plan);
    }

    async function attempt(): Promise<void> {
        tell('begun');
        const { stranded, backAt } = ways;
        // Whoever has just been answered need not ask.
        const isFresh = stranded || clock.now() - backAt < FRESHLY_BACK;
        if (!isFresh && !(await alive())) tell('again');
        else if (stranded) tell(await replace());
        else {
            const until = clock.now() + REPAIR_PATIENCE;
            tell(await inTurn({ wanted: () => isWanting(ways) && clock.now() < until }));
        }
    }

    plan();
    return {
        tell,
        /** Makes a change of the session. */
        run(what: Change): void {
            void inTurn(what).then((outcome) => {
                if (outcome === 'accepted') tell('heard');
                else if (!ways.busy && (outcome === 'gone' || outcome === 'unreachable')) tell(outcome);
            });
        },
        /** Nothing more is sent, nothing is undone. */
        dispose(): void {
            disposed = true;
            stop();
            wake();
        },
    };
}
