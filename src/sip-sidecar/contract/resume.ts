/**
 * What is needed to go on with a call after its page was left (PROTOCOL.md 8.13): kept by the page, handed to the next one,
 * never sent to anybody. Plain, structured-cloneable data.
 */
import type { Direction, Hold, Media } from './call-state.js';
import type { CallId } from './port.js';

/** A confirmed dialog (RFC 3261 section 12): whose it is, and what a request in it needs. */
export interface DialogRecord {
    /** The SIP Call-ID. */
    readonly callId: string;
    readonly localTag: string;
    readonly remoteTag: string;
    readonly localUri: string;
    readonly remoteUri: string;
    /** Their Contact: the Request-URI of what is sent in the dialog. */
    readonly target: string;
    /** The route set, in the order in which it is sent. */
    readonly routes: readonly string[];
    /** The CSeq of our last request. */
    readonly localSequence: number;
}

/** One answered call. */
export interface ResumeRecord {
    readonly callId: CallId;
    readonly direction: Direction;
    readonly dialog: DialogRecord;
    /** The other side takes an INVITE with Replaces (RFC 3891). Else a BYE in {@link dialog} is all that can be done. */
    readonly replaces: boolean;
    /** The SIP instance id (RFC 5626) with which the page was registered. */
    readonly instanceId: string;
    /** The DTLS fingerprints of the other side, as `sha-256 AA:BB:…`, with which its media was set up. */
    readonly fingerprints: readonly string[];
    readonly media: Media;
    readonly hold: Hold;
    /** In ms since the epoch. */
    readonly answeredAt: number;
    /** When its page was left, in ms since the epoch: stamped by whoever keeps the record; null while the page is there. */
    readonly leftAt: number | null;
}

/** Where the calls of a page that was left are kept in the session storage, with the account's address of record and its owner behind it. */
export const KEPT_CALLS = 'converse-sip-calls ';

/** How long after its page was left a call may be gone on with, in ms. */
export const RESUME_WITHIN = 60_000;
