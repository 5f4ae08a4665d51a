/**
 * Brings a call back that has lost its signalling or its media: what it knows of both ways, what is to be done and when, as
 * pure functions; and who does it. Media goes on while signalling is away. Times are milliseconds since the epoch.
 */
import type { Reinvited } from './dialogue/session.js';
import { Negotiation, type Change, type NegotiationHost } from './negotiation.js';
import {
    FRESHLY_BACK,
    ICE_PATIENCE,
    LATE_TRY,
    MEDIA_TIMEOUT,
    REFRESH_DELAY,
    REPAIR_PATIENCE,
    TOGETHER,
    TRANSACTION_TIMEOUT,
    repairDelay,
} from './policies.js';

/** What a call knows. */
export interface Ways {
    /** We are registered, over a connection that is not known to be dead. */
    readonly reachable: boolean;
    /** When the last connection was lost, and when we were registered over the one in use. */
    readonly lostAt: number;
    readonly backAt: number;
    /** The other side has not heard from us over the connection in use. */
    readonly moved: boolean;
    /** ICE has to be restarted. */
    readonly broken: boolean;
    /** When the last sign of media came; null: it flows. */
    readonly silentSince: number | null;
    /** Offers of ours lead nowhere: what is left is an INVITE with Replaces. */
    readonly stranded: boolean;
    /** They do not know this call. */
    readonly unknown: boolean;
    readonly busy: boolean;
    /** Attempts in vain since we are reachable. */
    readonly failures: number;
    /** When an attempt was last made, by either side; and when the next one may be. */
    readonly triedAt: number;
    readonly nextAt: number;
    /** Nothing can be done any more. */
    readonly over: boolean;
}

/** What happens to it. */
export type WayEvent =
    /** The connection. */
    | 'lost'
    | 'reconnected'
    /** They have sent an offer: they reach us. */
    | 'heard'
    /** Media. */
    | 'connected'
    | 'broken'
    | { readonly silentSince: number }
    /** An attempt. */
    | 'begun'
    | Reinvited;

/** A call that was just answered. @param media whether its media is up */
export const firstWays = (now: number, media: boolean): Ways => ({
    reachable: true,
    lostAt: -Infinity,
    backAt: -Infinity,
    moved: false,
    broken: false,
    silentSince: media ? null : now,
    stranded: false,
    unknown: false,
    busy: false,
    failures: 0,
    triedAt: -Infinity,
    nextAt: now,
    over: false,
});

/** The one function that changes them. @param ownsCallId whether this side made the Call-ID */
export function nextWays(ways: Ways, event: WayEvent, now: number, ownsCallId: boolean): Ways {
    const { failures, silentSince, stranded } = ways;
    if (typeof event === 'object') {
        // It went with the connection: the network is another one, and ICE would need long to notice.
        const together = Math.abs(event.silentSince - ways.lostAt) < TOGETHER;
        return { ...ways, silentSince: event.silentSince, broken: ways.broken || (together && ways.reachable) };
    }
    switch (event) {
        case 'lost':
            return { ...ways, reachable: false, lostAt: ways.reachable ? now : ways.lostAt, stranded: false };
        case 'reconnected': {
            // After a restart of the server both sides come back: whoever made the Call-ID goes first.
            const nextAt = now + (ownsCallId || silentSince !== null ? 0 : REFRESH_DELAY);
            const broken = ways.broken || silentSince !== null;
            return { ...ways, reachable: true, backAt: now, moved: true, broken, failures: 0, nextAt };
        }
        case 'heard':
            return { ...ways, moved: false, stranded: false, unknown: false, triedAt: now };
        case 'connected':
            return { ...ways, broken: false, silentSince: null, failures: 0 };
        case 'broken':
            return { ...ways, broken: true };
        case 'begun':
            return { ...ways, busy: true, triedAt: now };
        case 'accepted': {
            const heard = { moved: false, stranded: false, unknown: false, busy: false, triedAt: now };
            // ICE has to come up.
            const nextAt = now + Math.max(ICE_PATIENCE, repairDelay(failures));
            return { ...ways, ...heard, failures: failures + 1, nextAt };
        }
        case 'refused':
            // They are there, and do not want to change what works.
            if (!ways.broken && !ways.unknown) return { ...ways, busy: false, moved: false, stranded: false };
            break;
        case 'gone':
        case 'unreachable':
        case 'again':
    }
    const failed = { ...ways, busy: false, failures: failures + 1, nextAt: now + repairDelay(failures) };
    // What could not be sent says nothing about them.
    if (event === 'again' || !ways.reachable) return failed;
    if (stranded) {
        // Behind a B2BUA the other side may know the call by another name: what is heard is not ended for that.
        const over = ways.unknown || (event === 'gone' && silentSince !== null);
        return { ...failed, stranded: false, over };
    }
    // Whoever is away for the moment may be back soon.
    const patient = event === 'unreachable' && failures === 0;
    return patient ? failed : { ...failed, stranded: true, unknown: event === 'gone', nextAt: now };
}

/** When something is to be done next; Infinity: nothing is wanted. */
export function attemptAt({ reachable, busy, broken, moved, stranded, nextAt }: Ways): number {
    return reachable && !busy && (broken || moved || stranded) ? nextAt : Infinity;
}

/** When the call ends unless media comes back; an attempt that is under way may come to its end. */
export function endAt({ over, silentSince, busy, triedAt }: Ways): number {
    if (over) return 0;
    if (silentSince === null) return Infinity;
    const late = busy || triedAt - silentSince > MEDIA_TIMEOUT - LATE_TRY;
    return silentSince + MEDIA_TIMEOUT + (late ? LATE_TRY : 0);
}

/** What is needed to repair a call. */
export interface RecoveryHost extends Omit<NegotiationHost, 'offering'> {
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
    private disposed = false;
    private readonly negotiation: Negotiation;
    private stop: () => void = () => undefined;

    /** @param media whether it is up */
    constructor(
        private readonly host: RecoveryHost,
        media: boolean,
    ) {
        this.negotiation = new Negotiation({
            ...host,
            offering: () => ({
                iceRestart: this.ways.broken,
                patience: this.isWanting ? REPAIR_PATIENCE : TRANSACTION_TIMEOUT,
            }),
        });
        this.ways = firstWays(host.clock.now(), media);
        this.plan();
    }

    /** Makes a change of the session. */
    run(change: Change): void {
        void this.negotiation.run(change).then((outcome) => {
            if (outcome === 'accepted') this.tell('heard');
            else if (!this.ways.busy && (outcome === 'gone' || outcome === 'unreachable')) this.tell(outcome);
        });
    }

    tell(event: WayEvent): void {
        if (this.disposed) return;
        const { clock, ownsCallId } = this.host;
        this.ways = nextWays(this.ways, event, clock.now(), ownsCallId);
        this.plan();
        if (event === 'reconnected') this.negotiation.wake();
    }

    dispose(): void {
        this.disposed = true;
        this.stop();
        this.negotiation.dispose();
    }

    /** Whether something is wrong that an offer may put right. */
    private get isWanting(): boolean {
        const { reachable, moved, broken } = this.ways;
        return reachable && (moved || broken);
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
            const wanted = (): boolean => this.isWanting && clock.now() < until;
            this.tell(await this.negotiation.run({ wanted }));
        }
    }
}
