/**
 * Calls that this device had no part in, out of what chat tells of them (PROTOCOL.md 8.5): missed while it was off, taken or
 * placed on another device. What tells comes now, late, as a carbon or out of the archive, in any order and more than once;
 * what comes of it is one entry a call, and nothing ever rings.
 */
import type { Entry } from './call-log.js';
import type { EndReason } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';
import type { Contacts } from './contacts.js';
import type { Correlation } from './correlation.js';
import type { LoggedCall } from './logged-call.js';
import { parseCallEvent, type CallEventMessage } from './stanzas/call-invites.js';
import type { Delivery } from './stanzas/delivery.js';
import type { Dialog } from './stanzas/dialog.js';
import { buildArchiveQuery, parseArchivePage } from './stanzas/mam.js';
import type { Store } from './store.js';
import { uuid } from '../sip-sidecar/contract/uuid.js';

/** What belongs together comes within this time (ms). */
const SETTLE = 3_000;
/** An announcement of which nothing more is heard is a call that was given up; one that was answered may go on (ms). */
const FORGOTTEN = 120_000;
const LONGEST = 12 * 3_600_000;
/** Calls that are followed at once: of one person, and in all. */
const MAX_OF_ONE = 20;
const MAX = 200;
/** The archive is read back to the last time this device was here, but not farther than this (ms), in so many pages. */
const FARTHEST = 7 * 24 * 3_600_000;
const PAGE = 50;
const PAGES = 20;
/** Clocks of servers differ (ms). */
const MARGIN = 60_000;

/** What this needs. */
export interface CallHistoryNeeds {
    readonly clock: Clock;
    readonly sendIQ: (iq: Element) => Promise<Element>;
    /** Only calls of contacts whose presence we see are logged from chat alone. */
    readonly contacts: Pick<Contacts, 'subscription'>;
    /** Knows which calls the SIP half has, or had: then it writes the entry. */
    readonly correlation: Pick<Correlation, 'isOurs'>;
    /** Nobody fills a history. */
    readonly mayLog: (jid: string, now: number) => boolean;
    readonly write: (entry: Entry) => void;
    readonly store: Pick<Store, 'get' | 'set'>;
}

/** What only some events have. */
interface Particulars {
    readonly video?: boolean;
    readonly dialog?: Dialog | null;
    readonly reason?: EndReason | null;
}

type Fact = CallEventMessage & Particulars & { readonly peer: string; readonly at: number; readonly own: boolean };

/** What was heard of one call, by what it is and whether it is our own word: `accept true`. */
type Facts = Map<string, Fact>;

/** Follows the calls of all contacts. */
export interface CallHistory {
    /** Takes in a message, whatever way it came. */
    onMessage(delivery: Delivery): void;
    /** Reads what came to the account while this device was not here. Rejects never. */
    catchUp(): Promise<void>;
    /** Nothing is asked any more. */
    stop(): void;
}

/** Begins. */
export function createCallHistory(needs: CallHistoryNeeds): CallHistory {
    const { clock, contacts, correlation, mayLog, sendIQ, store, write } = needs;
    /** By person and announcement. */
    const traces = new Map<string, Facts>();
    let query: string | null = null;
    let callOff: (() => void) | undefined;
    let seenUntil = 0;
    /** What came before this stream is not read yet: until it is, nothing is said to be seen. */
    let behind = true;

    /** The stream is there and nothing is open: what came before need not be read again. */
    const allSeen = (): void => {
        const now = clock.now();
        if (behind || traces.size > 0 || now - seenUntil < MARGIN) return;
        seenUntil = now;
        void store.set('seen', now);
    };

    /** Writes the entries of all calls that are over, and comes back for those that are not. */
    const settle = (after = SETTLE): void => {
        callOff?.();
        callOff = clock.after(after, () => {
            const now = clock.now();
            let next = Infinity;
            for (const [key, facts] of traces) {
                const all = [...facts.values()];
                const first = all.find(({ type }) => type === 'invite') ?? all[0];
                if (!first) continue;
                const { id, peer: jid } = first;
                const sipCallIds = all.flatMap((fact) => fact.dialog?.callId ?? []);
                const ours = [null, ...sipCallIds].some((callId) => correlation.isOurs(id, callId));
                const due = first.at + (all.some(({ type }) => type === 'accept') ? LONGEST : FORGOTTEN);
                const call = ours || first.type !== 'invite' ? null : callOf(first, facts, due > now);
                if (!call && !ours && due > now) {
                    next = Math.min(next, due);
                    continue;
                }
                traces.delete(key);
                if (call && mayLog(jid, now)) write({ jid, call: { ...call, sipCallIds } });
            }
            if (next < Infinity) settle(Math.max(next - now, SETTLE));
            allSeen();
        });
    };

    return {
        onMessage({ kind, live, message, peer, outgoing: own, queryId, stamp }) {
            if (kind === 'headline' || (kind === 'archive' && queryId !== query)) return;
            if (live) allSeen();
            const event = parseCallEvent(message);
            if (event === null || !['both', 'to'].includes(contacts.subscription(peer))) return;
            const key = `${peer} ${event.id}`;
            const facts: Facts = traces.get(key) ?? new Map<string, Fact>();
            const open = [...traces.keys()];
            const ofOne = open.filter((each) => each.startsWith(`${peer} `));
            if (facts.size === 0 && (open.length >= MAX || ofOne.length >= MAX_OF_ONE)) return;
            traces.set(key, facts);
            // The same thing comes twice: from offline storage and from the archive, say.
            const what = `${event.type} ${String(own)}`;
            if (facts.has(what)) return;
            const now = clock.now();
            facts.set(what, { ...event, peer, own, at: Math.min(stamp ?? now, now) });
            if (query === null) settle();
        },

        async catchUp() {
            const queryId = (query = uuid());
            behind = true;
            const start = Math.max(Number(await store.get('seen')) - MARGIN, clock.now() - FARTHEST);
            try {
                let before = '';
                for (let page = 0; page < PAGES && query === queryId; page++) {
                    const read = parseArchivePage(
                        await sendIQ(buildArchiveQuery({ queryId, start, before, max: PAGE })),
                    );
                    if (read === null || read.complete || read.first === null) break;
                    before = read.first;
                }
                if (query === queryId) behind = false;
            } catch {
                // No archive, or no connection: offline storage and carbons are left, and the next stream.
            }
            if (query !== queryId) return;
            query = null;
            settle();
        },

        stop() {
            query = null;
        },
    };
}

/**
 * What became of a call; null while it may go on. Who writes decides what counts: only the caller retracts, only the callee
 * accepts or rejects.
 */
function callOf(invite: Fact, facts: Facts, open: boolean): LoggedCall | null {
    const { own, video, at: startedAt, id: announcement, dialog } = invite;
    const by = (type: Fact['type'], caller: boolean): Fact | undefined =>
        facts.get(`${type} ${String(own === caller)}`);
    const accepted = by('accept', false);
    const rejected = by('reject', false);
    const left = by('left', true) ?? by('left', false);
    const end = accepted ? left : (rejected ?? by('retract', true) ?? left);
    const elsewhere = accepted && !own;
    // One that continues another (RFC 4235 section 4.1.5) has no entry of its own.
    if (dialog?.replaces || (!end && !elsewhere && open)) return null;
    const said = end?.reason;
    const unanswered = rejected
        ? said === 'busy'
            ? said
            : 'declined'
        : own
          ? end
              ? (said ?? 'cancelled')
              : 'no-answer'
          : 'missed';
    return {
        direction: own ? 'outgoing' : 'incoming',
        reason: elsewhere ? 'answered-elsewhere' : accepted ? 'hung-up' : unanswered,
        video,
        startedAt,
        answeredAt: own && accepted ? accepted.at : null,
        endedAt: Math.max(startedAt, accepted?.at ?? 0, end?.at ?? 0),
        address: (own ? dialog?.remote.identity : dialog?.local.identity) ?? '',
        announcement,
    };
}
