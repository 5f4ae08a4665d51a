/**
 * Calls that this device had no part in, out of what chat tells of them (PROTOCOL.md 8.5): missed while it was off, taken or
 * placed on another device. What tells comes now, late, as a carbon or out of the archive, in any order and more than once;
 * what comes of it is one entry a call, and nothing ever rings.
 */
import type { Entry } from './call-log.js';
import type { Clock } from './clock.js';
import type { Contacts } from './contacts.js';
import type { Correlation } from './correlation.js';
import type { LoggedCall } from './logged-call.js';
import { limit } from './limit.js';
import { parseCallEvent, type CallEventMessage } from './stanzas/call-invites.js';
import type { Delivery } from './stanzas/delivery.js';
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
/** Entries of one person an hour: nobody fills a history. */
const MAX_WRITTEN = 20;
const HOUR = 3_600_000;
/** The archive is read back to the last time this device was here, but not farther than this (ms), in so many pages. */
const FARTHEST = 7 * 24 * HOUR;
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
    readonly write: (entry: Entry) => void;
    readonly store: Pick<Store, 'get' | 'set'>;
}

type Fact = CallEventMessage & { readonly at: number; readonly own: boolean };

/** What was heard of one call. */
interface Trace {
    readonly jid: string;
    readonly facts: Fact[];
}

/** Follows the calls of all contacts. */
export class CallHistory {
    private readonly traces = new Map<string, Trace>();
    private readonly mayWrite = limit(MAX_WRITTEN, HOUR);
    private query: string | null = null;
    private cancel: (() => void) | null = null;
    private seenUntil = 0;
    /** What came before this stream is not read yet: until it is, nothing is said to be seen. */
    private behind = true;

    constructor(private readonly needs: CallHistoryNeeds) {}

    /** Takes in a message, whatever way it came. */
    onMessage({ kind, live, message, peer, outgoing, queryId, stamp }: Delivery): void {
        if (kind === 'headline' || (kind === 'archive' && queryId !== this.query)) return;
        if (live) this.allSeen();
        const event = parseCallEvent(message);
        if (event === null || !['both', 'to'].includes(this.needs.contacts.subscription(peer))) return;
        const key = `${peer} ${event.id}`;
        let trace = this.traces.get(key);
        if (trace === undefined) {
            const all = [...this.traces.values()];
            if (all.length >= MAX || all.filter(({ jid }) => jid === peer).length >= MAX_OF_ONE) return;
            this.traces.set(key, (trace = { jid: peer, facts: [] }));
        }
        // The same thing comes twice: from offline storage and from the archive, say.
        if (trace.facts.some(({ type, own }) => type === event.type && own === outgoing)) return;
        const now = this.needs.clock.now();
        trace.facts.push({ ...event, own: outgoing, at: Math.min(stamp ?? now, now) });
        if (this.query === null) this.settle(SETTLE);
    }

    /** Reads what came to the account while this device was not here. Rejects never. */
    async catchUp(): Promise<void> {
        const { clock, store, sendIQ } = this.needs;
        const queryId = (this.query = uuid());
        this.behind = true;
        const start = Math.max(Number(await store.get('seen')) - MARGIN, clock.now() - FARTHEST);
        try {
            let before = '';
            for (let page = 0; page < PAGES && this.query === queryId; page++) {
                const read = parseArchivePage(await sendIQ(buildArchiveQuery({ queryId, start, before, max: PAGE })));
                if (read === null || read.complete || read.first === null) break;
                before = read.first;
            }
            if (this.query === queryId) this.behind = false;
        } catch {
            // No archive, or no connection: offline storage and carbons are left, and the next stream.
        }
        if (this.query !== queryId) return;
        this.query = null;
        this.settle(SETTLE);
    }

    /** Nothing is followed any more. */
    stop(): void {
        this.query = null;
    }

    private settle(after: number): void {
        this.cancel?.();
        this.cancel = this.needs.clock.after(after, () => this.write());
    }

    /** Writes the entries of all calls that are over, and comes back for those that are not. */
    private write(): void {
        const { clock, correlation, write } = this.needs;
        const now = clock.now();
        let next = Infinity;
        for (const [key, { jid, facts }] of this.traces) {
            const invite = facts.find(({ type }) => type === 'invite');
            const first = invite ?? facts[0];
            const ids = facts.map((fact) => ('dialog' in fact ? (fact.dialog?.callId ?? null) : null));
            const ours = first !== undefined && [null, ...ids].some((callId) => correlation.isOurs(first.id, callId));
            const call = ours || invite?.type !== 'invite' ? null : callOf(invite, facts, now);
            const answered = facts.some(({ type }) => type === 'accept');
            const due = (first?.at ?? 0) + (answered ? LONGEST : FORGOTTEN);
            if (call === null && !ours && due > now) {
                next = Math.min(next, due);
                continue;
            }
            this.traces.delete(key);
            if (call === null || !this.mayWrite(jid, now)) continue;
            write({ jid, call: { ...call, sipCallIds: ids.filter((id) => id !== null) } });
        }
        this.cancel = null;
        if (next < Infinity) this.settle(Math.max(next - now, SETTLE));
        this.allSeen();
    }

    /** The stream is there and nothing is open: what came before need not be read again. */
    private allSeen(): void {
        const now = this.needs.clock.now();
        if (this.behind || this.query !== null || this.traces.size > 0 || now - this.seenUntil < MARGIN) return;
        void this.needs.store.set('seen', (this.seenUntil = now));
    }
}

/**
 * What became of a call; null while it may go on. Who writes decides what counts: only the caller retracts, only the callee
 * accepts or rejects.
 */
function callOf(invite: Fact, facts: readonly Fact[], now: number): LoggedCall | null {
    const { own, video, at: startedAt, id, dialog } = invite;
    const by = (type: Fact['type'], caller: boolean): Fact | undefined =>
        facts.find((fact) => fact.type === type && fact.own === (own === caller));
    const accepted = by('accept', false);
    const rejected = by('reject', false);
    const retracted = by('retract', true);
    const left = by('left', true) ?? by('left', false);
    const end = accepted ? left : (rejected ?? retracted ?? left);
    const elsewhere = !own && accepted !== undefined;
    // One that continues another (RFC 4235 section 4.1.5) has no entry of its own.
    if (dialog?.replaces || (!end && !elsewhere && now - startedAt < (accepted ? LONGEST : FORGOTTEN))) return null;
    const said = end && 'reason' in end ? end.reason : null;
    const answeredAt = own ? (accepted?.at ?? null) : null;
    return {
        direction: own ? 'outgoing' : 'incoming',
        reason: elsewhere
            ? 'answered-elsewhere'
            : answeredAt !== null
              ? 'hung-up'
              : rejected
                ? said === 'busy'
                    ? 'busy'
                    : 'declined'
                : own
                  ? end
                      ? (said ?? 'cancelled')
                      : 'no-answer'
                  : 'missed',
        video,
        startedAt,
        answeredAt,
        endedAt: Math.max(end?.at ?? accepted?.at ?? startedAt, answeredAt ?? startedAt),
        address: (own ? dialog?.remote.identity : dialog?.local.identity) ?? '',
        announcement: id,
    };
}
