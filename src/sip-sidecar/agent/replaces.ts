/** The Replaces header (RFC 3891), and what becomes of an INVITE that has one (PROTOCOL.md 8.13). Pure. */
import { addressOfRecord, cleanSipAddress, parseSipAddress, type DialogRecord } from '../contract/index.js';
import { readReplaced } from './sip-js/parser.js';

/** The dialog that a Replaces names, as whoever receives it has it. */
export interface Replaces {
    readonly callId: string;
    /** Our tag. */
    readonly toTag: string;
    /** Theirs. */
    readonly fromTag: string;
    /** Only where it is not answered yet. */
    readonly earlyOnly: boolean;
}

/** The longest header that is looked at, in characters. */
const MAX_LENGTH = 1024;

/**
 * Reads it (RFC 3891 section 6.1).
 *
 * @param values of all header fields of that name
 * @returns null where it is malformed, or more than one dialog is named
 */
export function readReplaces(values: readonly string[]): Replaces | null {
    const [value = ''] = values;
    const isOne =
        values.length === 1 && value.length <= MAX_LENGTH && value.match(/;\s*(?:to|from)-tag\b/giu)?.length === 2;
    const read = isOne ? readReplaced(value.trim()) : null;
    if (read === null) return null;
    const { callId, parameters } = read;
    const { 'to-tag': toTag = '', 'from-tag': fromTag = '' } = parameters;
    // Tags are tokens (RFC 3261 section 19.3).
    return !toTag || !fromTag || (toTag + fromTag).includes('"')
        ? null
        : { callId, toTag, fromTag, earlyOnly: 'early-only' in parameters };
}

/** The header, as a line, for the other side of a dialog; null where nobody could read it. */
export function writeReplaces({ callId, localTag, remoteTag }: DialogRecord): string | null {
    const value = `${callId};to-tag=${remoteTag};from-tag=${localTag}`;
    return readReplaces([value]) && `Replaces: ${value}`;
}

/** Whom to call to go on with a dialog: the very device where it has a GRUU, else whoever it is. */
export function peerOf({ target, remoteUri }: DialogRecord): string {
    return cleanSipAddress(parseSipAddress(target)?.gr ? target : remoteUri) ?? '';
}

/** The confirmed dialog that a Replaces names. */
export interface Named {
    /** The addresses of its other side. */
    readonly peers: readonly string[];
    /** The fingerprints with which its media was set up; empty: it never was. */
    readonly fingerprints: readonly string[];
    /** The Call-ID of our own INVITE that is on its way to go on with the same call; null: there is none. */
    readonly ours: string | null;
}

/** Who wants to go on with it. */
export interface Claimant {
    readonly callId: string;
    /** From. */
    readonly address: string;
    /** Of the offer. */
    readonly fingerprints: readonly string[];
}

/** What becomes of it: a status to refuse it with, or it goes on, or the person is asked. */
export type Verdict = 400 | 481 | 486 | 491 | 'continue' | 'ask';

/**
 * The table of PROTOCOL.md 8.13.
 *
 * @param named null: no such dialog of ours is confirmed
 * @param asking whether the person is asked about another one already
 */
export function judge(replaces: Replaces | null, named: Named | null, claimant: Claimant, asking: boolean): Verdict {
    if (replaces === null) return 400;
    if (named === null) return 481;
    // It is answered (RFC 3891 section 3), or nobody can be told from anybody yet.
    if (replaces.earlyOnly || named.fingerprints.length === 0) return 486;
    const { address, fingerprints, callId } = claimant;
    const who = addressOfRecord(address);
    const isPeer = who !== null && named.peers.some((peer) => addressOfRecord(peer) === who);
    const isSame = fingerprints.length > 0 && fingerprints.every((one) => named.fingerprints.includes(one));
    if (!isPeer || !isSame) return asking ? 486 : 'ask';
    // Of two that cross the lower Call-ID survives.
    return named.ours !== null && named.ours < callId ? 491 : 'continue';
}
