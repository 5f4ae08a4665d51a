/**
 * What a call that is up knows of its signalling and its media, what is to be done for both and when. Pure. Media goes on
 * while signalling is away. Times are milliseconds since the epoch.
 */
import type { Reinvited } from './dialogue/session.js';
import { ICE_PATIENCE, LATE_TRY, MEDIA_TIMEOUT, REFRESH_DELAY, TOGETHER, repairDelay } from './policies.js';

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
export const nextWays = (ways: Ways, event: WayEvent, now: number, ownsCallId: boolean): Ways => ({
    ...ways,
    ...changeOf(ways, event, now, ownsCallId),
});

function changeOf(ways: Ways, event: WayEvent, now: number, ownsCallId: boolean): Partial<Ways> {
    const { reachable, broken, unknown, failures, silentSince } = ways;
    if (typeof event === 'object') {
        // It went with the connection: the network is another one, and ICE would need long to notice.
        const together = reachable && Math.abs(event.silentSince - ways.lostAt) < TOGETHER;
        return { ...event, broken: broken || together };
    }
    const heard = { moved: false, stranded: false, unknown: false, triedAt: now };
    const tried = { busy: false, failures: failures + 1, nextAt: now + repairDelay(failures) };
    switch (event) {
        case 'lost':
            return { reachable: false, lostAt: reachable ? now : ways.lostAt, stranded: false };
        case 'reconnected':
            return {
                reachable: true,
                backAt: now,
                moved: true,
                broken: broken || silentSince !== null,
                failures: 0,
                // After a restart of the server both sides come back: whoever made the Call-ID goes first.
                nextAt: now + (ownsCallId || silentSince !== null ? 0 : REFRESH_DELAY),
            };
        case 'heard':
            return heard;
        case 'connected':
            return { broken: false, silentSince: null, failures: 0 };
        case 'broken':
            return { broken: true };
        case 'begun':
            return { busy: true, triedAt: now };
        case 'accepted':
            // ICE has to come up.
            return { ...heard, ...tried, nextAt: Math.max(tried.nextAt, now + ICE_PATIENCE) };
        case 'refused':
        case 'gone':
        case 'unreachable':
        case 'again':
    }
    // They are there, and do not want to change what works.
    if (event === 'refused' && !broken && !unknown) return { ...heard, busy: false };
    // What could not be sent says nothing about them; whoever is away for the moment may be back soon.
    if (event === 'again' || !reachable) return tried;
    // Behind a B2BUA the other side may know the call by another name: what is heard is not ended for that.
    if (ways.stranded)
        return { ...tried, stranded: false, over: unknown || (event === 'gone' && silentSince !== null) };
    if (event === 'unreachable' && failures === 0) return tried;
    return { ...tried, stranded: true, unknown: event === 'gone', nextAt: now };
}

/** Whether something is wrong that an offer may put right. */
export const isWanting = ({ reachable, moved, broken }: Ways): boolean => reachable && (moved || broken);

/** When something is to be done next; Infinity: nothing is wanted. */
export function attemptAt(ways: Ways): number {
    const { reachable, busy, stranded, nextAt } = ways;
    return !busy && (isWanting(ways) || (reachable && stranded)) ? nextAt : Infinity;
}

/** When the call ends unless media comes back; an attempt that is under way may come to its end. */
export function endAt({ over, silentSince, busy, triedAt }: Ways): number {
    if (over) return 0;
    if (silentSince === null) return Infinity;
    const late = busy || triedAt - silentSince > MEDIA_TIMEOUT - LATE_TRY;
    return silentSince + MEDIA_TIMEOUT + (late ? LATE_TRY : 0);
}
