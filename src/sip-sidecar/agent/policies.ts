/** What is tried again and when, in tables; and the bounds on what strangers may do. Times are milliseconds. */
import type { Random } from './random.js';

/**
 * The longest wait before the next look for the server, by how long it has been away already. The wait itself is anything
 * from 0 to this ("full jitter"), so that the clients of a server that restarts do not return all at once.
 */
const RECONNECT: readonly (readonly [away: number, wait: number])[] = [
    [1_000, 300],
    [60_000, 1_000],
    [300_000, 5_000],
    [Infinity, 30_000],
];

/**
 * The wait before the next look for a server that has been away for `away`. There is no giving up; with a call up, the
 * wait does not grow either.
 */
export function reconnectDelay(away: number, inCall: boolean, random: Random): number {
    const [, wait] = RECONNECT.find(([until]) => away < until) ?? [0, 30_000];
    return Math.round(Math.min(wait, inCall ? 1_000 : wait) * random());
}

/** How long a server that says "try again later" (code 1013 of a WebSocket) is left alone at least. */
export const TRY_LATER = 10_000;

/** How long until a server that we would rather have is tried, at least. */
export const RETURN_AFTER = 30_000;

/** How long until a refresh that was refused for the moment is tried again, at least. */
export const REFRESH_AGAIN = 10_000;

/** How long a server's `Retry-After` is honoured at most. */
export const MAX_RETRY_AFTER = 600_000;

/** How long a WebSocket may take to open. */
export const CONNECT_TIMEOUT = 5_000;

/** How long a REGISTER may go unanswered before the connection counts as dead (timer F would be 32 s). */
export const REGISTER_TIMEOUT = 5_000;

/** How long a probe waits for its answer. */
export const PROBE_TIMEOUT = 4_000;

/** How long the server has for a sign of life before the connection counts as dead. */
export const ALIVE_TIMEOUT = 1_500;

/** How long we wait for the answer when we unregister. */
export const UNREGISTER_TIMEOUT = 1_500;

/** How late a sign of life may be before it counts as late. */
export const LATE = 750;

/** How often we look how things stand; with a call up, the server is asked for a sign of life each time. */
export const BEAT = 5_000;

/** How old the last sign of life may be without a call, and when a page is seen again. */
export const FRESH = 25_000;

/** What we ask of the registrar, in seconds: short, for a page that is closed cannot unregister. */
export const REGISTER_EXPIRES = 300;

/** When a binding of `expires` seconds is refreshed: browsers let the timers of a hidden page be a minute late. */
export function refreshDelay(expires: number): number {
    return Math.max(expires * 500, (expires - 90) * 1000);
}

/** How often a re-INVITE is tried in all. */
export const REINVITE_TRIES = 6;

/**
 * The wait before a re-INVITE that met another one (491) is sent again, in steps of 10 ms (RFC 3261 section 14.1): 2.1 to
 * 4 s for the side that made the Call-ID, 0 to 2 s for the other.
 */
export function glareDelay(ownsCallId: boolean, random: Random): number {
    return ownsCallId ? 2_100 + 10 * Math.floor(random() * 191) : 10 * Math.floor(random() * 201);
}

/** Strangers' calls that may ring at the same time, and calls of those who are known; more are answered 486 at once. */
export const MAX_RINGING = 3;

/** Of one who is known; anybody can write any From, and the others must not be locked out by it. */
export const MAX_RINGING_EACH = 2;

/** The longest SIP message that is looked at, in characters. */
export const MAX_MESSAGE_LENGTH = 65_536;

/** And in lines: sip.js takes time with the square of how many headers of one name there are. */
export const MAX_MESSAGE_LINES = 1_000;

/** How often one call may be sent to another address. */
export const MAX_REDIRECTS = 3;

/** How long a CANCEL or BYE that could not be sent waits for the connection. */
export const FAREWELL_LIFETIME = 60_000;

/** How long the person is asked whether somebody may take a call over. */
export const QUESTION_TIMEOUT = 30_000;

/** The time from one attempt to go on with a call after a reload to the next one. */
export const RESUME_AGAIN = 1_000;

/** How long an answered call may be without media before it ends; and how much longer where it is just being repaired. */
export const MEDIA_TIMEOUT = 30_000;
export const LATE_TRY = 3_000;

/** Media that falls silent within so long of the loss of the connection went for the same reason. */
export const TOGETHER = 10_000;

/** How long after a restart of the server the side that did not make the Call-ID leaves it to the other to offer anew. */
export const REFRESH_DELAY = 2_000;

/** How long after we have registered nobody need ask whether the server is there. */
export const FRESHLY_BACK = 4_000;

/** How long ICE has to come up before it is restarted again. */
export const ICE_PATIENCE = 4_000;

/** The wait before a call is tried to be repaired again that could not be. */
export function repairDelay(failures: number): number {
    return Math.min(500 * 2 ** failures, 30_000);
}

/**
 * 64 * T1: how long after a CANCEL an INVITE still waits for its final answer (RFC 3261 section 9.1), and a 2xx for its ACK
 * (section 13.3.1.4).
 */
export const TRANSACTION_TIMEOUT = 32_000;

/** How long a request of theirs is remembered that nobody answers: longer than any call may ring. */
export const ANSWER_TIMEOUT = 900_000;

/** How often a BYE is sent in all, 1, 2, 4 … s apart, while the answer is one of {@link UNREACHABLE}. */
export const BYE_TRIES = 5;

/** What a server answers while the other side is away for the moment, or where the way to it is broken. */
export const UNREACHABLE: ReadonlySet<number> = new Set([404, 408, 480, 500, 503]);

/** A re-INVITE of ours that has been unanswered for so long went nowhere: theirs that comes now goes first. */
export const CROSSING = 2_000;

/** How long a re-INVITE may go unanswered that repairs the way it takes. */
export const REPAIR_PATIENCE = 5_000;

/** So many at once, and so many a second afterwards. */
export interface Budget {
    readonly burst: number;
    readonly rate: number;
}

/** What is let in, see `flood-gate.ts`: of each caller who is known, of all strangers together, and in each dialog. */
export const BUDGETS = {
    call: { burst: 10, rate: 0.5 },
    /** Requests outside any dialog but calls; more are dropped. */
    request: { burst: 30, rate: 5 },
    /** What belongs to a dialog or a transaction. */
    dialog: { burst: 100, rate: 50 },
    /** Calls that are told that we are busy; more are dropped. */
    refusal: { burst: 200, rate: 100 },
    /** Notices of one code: what a stranger can cause must not flood the console. */
    notice: { burst: 5, rate: 1 / 12 },
} as const;

/** Budgets that are kept; the one that was not used for the longest time is full again. */
export const MAX_BUCKETS = 1_000;

/** Addresses that have a budget of their own. */
export const MAX_KNOWN = 20_000;

/** The longest header of a call that is refused before it is parsed, in characters; longer ones are dropped. */
export const MAX_REFUSED_LENGTH = 8_192;

/** What we ask for as the time for which a call is good without a refresh (RFC 4028), in seconds; and the least we take. */
export const SESSION_EXPIRES = 1_800;
export const MIN_SESSION_EXPIRES = 90;

/**
 * How long until a call is refreshed again at least, and how long one that nobody refreshed goes on where it is we who are
 * not connected, each time.
 */
export const EXPIRY_AGAIN = 10_000;
