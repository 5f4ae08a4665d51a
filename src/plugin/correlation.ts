/**
 * Which stanza speaks of which call (PROTOCOL.md 8.7), and what is known of each call by that: the evidence for who is at the
 * other end, and the conversation it belongs to. Calls and stanzas may come in any order.
 */
import {
    addressOfRecord,
    sameAddressOfRecord,
    type Caller,
    type CallId,
    type Direction,
    type IncomingCall,
    type RemoteParty,
} from '../sip-sidecar/contract/index.js';
import type { AddressBook } from './address-book/book.js';
import type { Clock } from './clock.js';
import type { Described } from './described.js';
import { atLeast, identify, worthOf, type AddressSource, type Witness } from './identity.js';
import type { Call, ClaimSource, Identity } from './phone.js';
import { parseCallInfo, parseContactHeaders, type CallInfo } from './stanzas/call-info.js';
import type { Dialog } from './stanzas/dialog.js';

/** An announcement, or the answer to one of ours: live, and with a dialog. */
export interface Reference {
    /** Who wrote it: bare JID and device. */
    readonly jid: string;
    readonly resource: string;
    /** Of the announcement. */
    readonly id: string;
    readonly thread: string | null;
    readonly dialog: Dialog;
}

/** Somebody's word on a call, and where to answer it. */
export interface Announcer extends Omit<Witness, 'how'> {
    /** `alike`: a call like this one, by rule 3. */
    readonly how: Witness['how'] | 'alike';
    readonly resource: string;
    /** Of the announcement; null: a verification brought it. */
    readonly id: string | null;
    readonly thread: string | null;
}

/** Who announced a call, with the device, and the id of the announcement by which it is known. */
export interface Addressee {
    readonly to: string;
    readonly id: string;
}

/** What is known of one call. Sets and maps only grow. */
export interface Tie {
    readonly id: CallId;
    /** Who sent the INVITE by which the call is up now: who placed the call, until one side goes on with it (Replaces). */
    direction: Direction;
    /** The SIP address of the other side, and how we know it. */
    address: string;
    source: AddressSource;
    /** Who has taken the call over. */
    shown: Partial<Pick<Call, 'address' | 'displayName'>>;
    /** The JID that was dialled. */
    dialled: string | null;
    /** The device that was dialled; empty: whichever answers. */
    readonly device: string;
    readonly video: boolean;
    /** Of our own announcement. */
    announcementId: string | null;
    /** By which announcement chat knows the call, once one was sent, or was taken in before the call went on in another way. */
    known: string | null;
    /** The SIP Call-ID by which the call is up now, and the one before it. */
    leg: string;
    replaced: string | null;
    /** When it was dialled or came in (ms since the epoch). */
    readonly at: number;
    /** SIP Call-IDs; with a JID those that only this one says. */
    readonly aliases: Map<string, string | null>;
    readonly announcers: Map<string, Announcer>;
    readonly theirs: Set<string>;
    readonly ours: Set<string>;
    readonly contacts: Set<string>;
    /** Who lists the address, or did when the call was up. */
    readonly listers: Map<string, readonly ClaimSource[]>;
    /** What SIP says about the chat side. */
    info: CallInfo | null;
    /** Tells one INVITE from another with the same Call-ID. */
    invite: string;
    /** The conversation from which we called. */
    thread: string | null;
    overdue: boolean;
    endedAt: number | null;
}

/** A reference that was kept, and the INVITE it belongs to. */
interface Kept extends Reference {
    readonly at: number;
    invite: string | null;
}

/** A call, and what is known of it from the first. */
type Begun = Pick<Tie, 'id' | 'address' | 'video'> & Partial<Tie>;

/** What this needs. */
export interface CorrelationNeeds {
    readonly book: Pick<AddressBook, 'listersOf'>;
    readonly clock: Pick<Clock, 'now'>;
    readonly trustedDomains: readonly string[];
    readonly isContact: (jid: string) => boolean;
    /** Whether an address of record is one of ours. */
    readonly isOwn: (aor: string) => boolean;
    readonly threads: { current(jid: string): string | null; knows(jid: string, thread: string): boolean };
    /** More is known of that call. */
    readonly changed: (id: CallId) => void;
}

/** How long announcements wait for their call, and calls that ended for theirs (ms). */
const KEPT_FOR = 120_000;
const GRACE = 60_000;
/** How far announcement and INVITE may lie apart where nothing but the addresses joins them (ms). */
const ALIKE_WITHIN = 30_000;
/** The most announcements that are kept of one JID, and in all. */
const MOST_OF_ONE = 5;
const MOST = 50;
/** The most calls that ended which can still be found. */
const MOST_PAST = 20;
/** The most JIDs whose word on one call is kept beside those that SIP names. */
const MOST_ANNOUNCERS = 8;

/** Joins calls and stanzas. */
export class Correlation {
    private ties: Tie[] = [];
    private kept: Kept[] = [];
    /** Announcements and Call-IDs of calls in another tab, those last heard of. */
    private others: string[] = [];

    constructor(private readonly needs: CorrelationNeeds) {}

    /** A call that another page had goes on here. Who it is with is to be found out anew. */
    restored({ call, dialled, known, leg, source }: Described): Tie {
        const { id, address, video, thread } = call;
        const tie = this.begin({ id, address, video, thread, dialled, source, known }, leg);
        for (const each of call.sipCallIds) alias(tie, each, call.identity.jid ?? '');
        return tie;
    }

    /** All there is to know of a call for whoever goes on with it, or shows it in another tab. */
    describe(call: Call): Described {
        const tie = this.tie(call.id);
        return {
            call,
            dialled: tie?.dialled ?? null,
            leg: tie?.leg ?? call.id,
            source: tie?.source ?? 'from',
            known: this.announcementOf(call.id),
        };
    }

    /** A call of another tab: what chat tells of it is that tab's business. */
    elsewhere({ call, known }: Described): void {
        this.others = [...new Set([...this.others, ...call.sipCallIds, known ?? ''])].slice(-MOST);
    }

    /** A call that is being placed. */
    placed(call: Begun & Pick<Tie, 'dialled' | 'device' | 'announcementId' | 'thread'>): void {
        this.begin(call, call.id);
    }

    /** A call that comes in, with everything that was said about it before. */
    incoming({ callId: id, from: address, asserted, video, sipCallId, remote }: IncomingCall): void {
        const source = asserted ? 'asserted' : 'from';
        const invite = JSON.stringify([address, remote.contact]);
        const tie = this.begin({ id, address, video, source, invite, direction: 'incoming' }, sipCallId);
        learn(tie, remote);
        if (!this.recall(tie)) for (const kept of this.kept) this.compare(tie, kept);
    }

    /**
     * What the other side's SIP says: with its answer, and with each later session description.
     * @param caller of an INVITE of theirs: it may be somebody else's who takes the call over
     * @returns whether it goes on with the call by another INVITE: who it is, is to be found out anew
     */
    remote(id: CallId, sipCallId: string, remote: RemoteParty, caller?: Caller): boolean {
        const tie = this.tie(id);
        if (!tie) return false;
        const anew = this.renew(tie, sipCallId, 'incoming');
        if (anew && caller) meet(tie, caller);
        learn(tie, remote);
        if (anew) this.recall(tie);
        this.needs.changed(id);
        return anew;
    }

    /** Our own session description. @param sipCallId of an INVITE of ours that goes on with the call */
    local(id: CallId, fingerprints: readonly string[], sipCallId?: string): void {
        const tie = this.tie(id);
        if (!tie) return;
        const anew = sipCallId !== undefined && this.renew(tie, sipCallId, 'outgoing');
        for (const each of fingerprints) tie.ours.add(each);
        if (tie.direction === 'outgoing') tie.known ??= tie.announcementId;
        if (anew) this.needs.changed(id);
    }

    /**
     * Takes in a live announcement, or the answer to one: who calls writes as the initiator, who is called as the recipient.
     * @returns the call it belongs to, if there is one yet
     */
    refer(reference: Reference): Tie | null {
        this.prune();
        const { jid, id, dialog } = reference;
        const direction = dialog.direction === 'initiator' ? 'incoming' : 'outgoing';
        const kept: Kept = { ...reference, at: this.needs.clock.now(), invite: null };
        const ties = this.ties.filter((each) => each.direction === direction);
        const tie = ties.find((each) => isAbout(each, kept)) ?? null;
        if (direction === 'incoming') {
            // Again: it belongs to what it belonged to.
            if (this.kept.some((each) => each.jid === jid && each.id === id)) return null;
            this.keep(kept);
            if (!tie) for (const each of ties) this.compare(each, kept);
        }
        if (tie) {
            this.announce(tie, kept);
            this.needs.changed(tie.id);
        }
        return tie;
    }

    /** That JID's device confirmed that it placed the call. */
    verified(id: CallId, jid: string, resource: string, { local }: Dialog): void {
        const tie = this.tie(id);
        if (!tie || (tie.announcers.get(jid)?.how ?? 'alike') !== 'alike') return;
        const theirs = local.fingerprints;
        tie.announcers.set(jid, { how: 'verified', resource, id: null, thread: null, theirs, ours: [] });
        this.needs.changed(id);
    }

    /** A confirmation was to be expected by now. */
    overdue(id: CallId): void {
        const tie = this.tie(id);
        if (!tie) return;
        tie.overdue = true;
        this.needs.changed(id);
    }

    /** The call is over; it can be found for a while. */
    ended(id: CallId): void {
        const tie = this.tie(id);
        if (tie) tie.endedAt ??= this.needs.clock.now();
    }

    tie(id: CallId): Tie | undefined {
        return this.ties.find((each) => each.id === id);
    }

    /** By which announcement chat knows a call, or null. */
    announcementOf(id: CallId): string | null {
        const tie = this.tie(id);
        return tie?.known ?? (tie && this.announcerOf(tie)?.id) ?? null;
    }

    /** Who announced a call that came in: the one JID that it is of, and no other. */
    announcerOf(tie: Tie): Addressee | null {
        const { jid } = this.identity(tie);
        const announcer = tie.announcers.get(jid ?? '');
        return jid && announcer?.id ? { to: fullJid(jid, announcer.resource), id: announcer.id } : null;
    }

    /** The call that is up by an INVITE of ours with that Call-ID. */
    placedAs(callId: string): Tie | undefined {
        return this.ties.find(
            ({ direction, endedAt, leg }) => direction === 'outgoing' && endedAt === null && leg === callId,
        );
    }

    /** Whether no other call has the same Call-ID. */
    isAlone(tie: Tie): boolean {
        return !this.ties.some((each) => each !== tie && [...tie.aliases.keys()].some((id) => each.aliases.has(id)));
    }

    /** Whether a call of ours, in whichever tab, has, or had a moment ago, that announcement or that Call-ID. */
    isOurs(id: string, callId: string | null): boolean {
        return (
            this.others.some((each) => each === id || each === callId) ||
            this.ties.some((tie) => tie.known === id || tie.announcementId === id || tie.aliases.has(callId ?? '')) ||
            this.announcedBy(id, callId) !== undefined
        );
    }

    /** The call that came in with that announcement, or with that Call-ID. */
    announcedBy(id: string, callId: string | null): Tie | undefined {
        return this.ties.find(
            (tie) =>
                tie.direction === 'incoming' &&
                (tie.aliases.get(callId ?? '') === null ||
                    tie.info?.id === id ||
                    [...tie.announcers.values()].some((announcer) => announcer.id === id)),
        );
    }

    /** What is shown of a call by what is known of it now. */
    look(id: CallId): Pick<Call, 'identity' | 'thread' | 'sipCallIds'> & Tie['shown'] {
        const tie = this.tie(id);
        if (!tie) throw new Error(id);
        const identity = this.identity(tie);
        const thread = this.threadOf(tie, identity);
        return { identity, thread, sipCallIds: [...tie.aliases.keys()], ...tie.shown };
    }

    /** The call that is up with exactly that JID, the latest; for what is written during a call. */
    liveCall(
        jid: string,
    ): { readonly callId: CallId; readonly sipCallId: string; readonly thread: string | null } | null {
        const tie = this.ties.findLast((each) => each.endedAt === null && this.identity(each).jid === jid);
        return tie ? { callId: tie.id, sipCallId: tie.leg, thread: this.look(tie.id).thread } : null;
    }

    /** The call with exactly that JID and SIP Call-ID, up or ended a moment ago. Correlates, verifies nothing. */
    byCallId(jid: string, sipCallId: string): { readonly callId: CallId } | null {
        this.prune();
        const tie = this.ties.find((each) => isAlias(each, sipCallId, jid) && this.identity(each).jid === jid);
        return tie ? { callId: tie.id } : null;
    }

    private identity(tie: Tie): Identity {
        const { book, isContact, trustedDomains } = this.needs;
        const { address, direction, source, announcers } = tie;
        // Who was known is not forgotten because a device goes off line during the call.
        for (const [jid, sources] of book.listersOf(address)) tie.listers.set(jid, sources);
        const isAlike = (jid: string): boolean => announcers.get(jid)?.how === 'alike';
        const alike = [...announcers.keys()].filter(isAlike).map((jid) => [jid, ['message']] as const);
        const listers = new Map<string, readonly ClaimSource[]>([...alike, ...tie.listers]);
        const dialled = source === 'dialled' && direction === 'outgoing';
        return identify({
            ...tie,
            from: dialled ? source : worthOf(address, source === 'asserted', trustedDomains),
            named: tie.info?.jid ?? null,
            listers,
            witnesses: new Map(
                [...announcers].filter((each): each is [string, Announcer & Witness] => !isAlike(each[0])),
            ),
            isContact,
            // Who announced a call like this one has not failed to confirm it.
            overdue: tie.overdue && ![...listers.keys()].every(isAlike),
        });
    }

    /** The conversation of a call: not that of a claim, unless the address is one of that person (PROTOCOL.md 8.2). */
    private threadOf(tie: Tie, identity: Identity): string | null {
        if (tie.direction === 'outgoing') return tie.thread;
        const { jid } = identity;
        if (jid === null) return null;
        const said = tie.info?.jid === jid ? tie.info.thread : null;
        const thread = said ?? tie.announcers.get(jid)?.thread ?? null;
        const { book, threads } = this.needs;
        const isTheirs =
            atLeast(identity, 'listed') || [...tie.contacts].some((contact) => book.listersOf(contact).has(jid));
        return thread && isTheirs && (threads.current(jid) === null || threads.knows(jid, thread)) ? thread : null;
    }

    private begin(call: Begun, leg: string): Tie {
        this.prune();
        const tie: Tie = {
            direction: 'outgoing',
            source: 'dialled',
            dialled: null,
            device: '',
            announcementId: null,
            invite: '',
            thread: null,
            at: this.needs.clock.now(),
            known: null,
            leg,
            replaced: null,
            aliases: new Map([[leg, null]]),
            announcers: new Map(),
            theirs: new Set(),
            ours: new Set(),
            contacts: new Set(),
            listers: new Map(),
            shown: {},
            info: null,
            overdue: false,
            endedAt: null,
            ...call,
        };
        this.ties.push(tie);
        return tie;
    }

    /**
     * Whether the call goes on by another INVITE: then all that was known of who is there is not known of this one.
     * @param sipCallId that of an INVITE
     */
    private renew(tie: Tie, sipCallId: string, direction: Direction): boolean {
        const { aliases, announcers, theirs, ours } = tie;
        if (aliases.get(sipCallId) === null) return false;
        tie.known = this.announcementOf(tie.id);
        aliases.set(sipCallId, null);
        // The person dialled before, and nobody but us.
        if (direction === 'incoming') tie.dialled = null;
        tie.direction = direction;
        tie.replaced = tie.leg;
        tie.leg = tie.invite = sipCallId;
        tie.info = null;
        tie.overdue = false;
        for (const each of [announcers, theirs, ours]) each.clear();
        return true;
    }

    /** Takes in what was said of a call before its INVITE came. @returns whether anything was */
    private recall(tie: Tie): boolean {
        const about = this.kept.filter((kept) => (kept.invite ?? tie.invite) === tie.invite && isAbout(tie, kept));
        for (const kept of about) this.announce(tie, kept);
        return about.length > 0;
    }

    /** Rules 1 and 2. */
    private announce(tie: Tie, kept: Kept): void {
        const { jid, resource, id, thread, dialog } = kept;
        const known = tie.announcers.get(jid);
        if (!known && tie.announcers.size >= MOST_ANNOUNCERS && !this.isNamed(tie, jid)) return;
        kept.invite = tie.invite;
        alias(tie, dialog.callId, jid);
        const before = known?.how === 'announced' ? known : { resource, id, thread, theirs: [], ours: [] };
        tie.announcers.set(jid, {
            ...before,
            how: 'announced',
            theirs: [...before.theirs, ...dialog.local.fingerprints].slice(0, MOST),
            ours: [...before.ours, ...dialog.remote.fingerprints].slice(0, MOST),
        });
    }

    /** Rule 3: nothing but the addresses joins them, and no other call can be meant. */
    private compare(tie: Tie, { jid, resource, id, thread, dialog, invite, at }: Kept): void {
        const { isOwn, isContact, clock, changed } = this.needs;
        const { callId, local, remote, replaces } = dialog;
        const near = (time: number): boolean => Math.abs(clock.now() - time) < ALIKE_WITHIN;
        const isOnly = !this.ties.some((each) => each !== tie && each.direction === 'incoming' && near(each.at));
        // One that goes on with another call is told by its Call-ID alone.
        if (invite !== null || replaces !== null || !isOnly || !near(at) || !near(tie.at) || !isContact(jid)) return;
        if (!sameAddressOfRecord(local.identity, tie.address)) return;
        if (!isOwn(addressOfRecord(remote.identity) ?? '')) return;
        alias(tie, callId, jid);
        tie.announcers.set(jid, { how: 'alike', resource, id, thread, theirs: [], ours: [] });
        changed(tie.id);
    }

    private isNamed(tie: Tie, jid: string): boolean {
        return tie.info?.jid === jid || tie.dialled === jid || this.needs.book.listersOf(tie.address).has(jid);
    }

    private keep(kept: Kept): void {
        const ofOne = this.kept.filter((each) => each.jid === kept.jid);
        // Strangers do not push out contacts.
        const first = this.kept.find((each) => !this.needs.isContact(each.jid)) ?? this.kept[0];
        const victim = ofOne.length >= MOST_OF_ONE ? ofOne[0] : this.kept.length >= MOST ? first : undefined;
        this.kept = [...this.kept.filter((each) => each !== victim), kept];
    }

    private prune(): void {
        const now = this.needs.clock.now();
        const past = this.ties.filter(({ endedAt }) => endedAt !== null).slice(-MOST_PAST);
        this.ties = this.ties.filter(
            (tie) => tie.endedAt === null || (past.includes(tie) && now - tie.endedAt < GRACE),
        );
        this.kept = this.kept.filter(({ at }) => now - at < KEPT_FOR);
    }
}

/** A JID with its device, where one is known. */
export const fullJid = (jid: string, resource: string): string => (resource === '' ? jid : `${jid}/${resource}`);

/** Whose INVITE it is that goes on with the call: of somebody else nothing is known by what was known. */
function meet(tie: Tie, { from: address, asserted, displayName }: Caller): void {
    if (!sameAddressOfRecord(address, tie.address)) {
        tie.address = address;
        tie.source = 'from';
        tie.known = tie.announcementId = null;
        tie.shown = { address, displayName };
        tie.listers.clear();
    }
    if (asserted) tie.source = 'asserted';
}

function learn(tie: Tie, { contact, callInfo, headers, fingerprints }: RemoteParty): void {
    const { contact: plain, thread, correlation } = parseContactHeaders(headers);
    const info = parseCallInfo(callInfo) ?? plain;
    tie.info ??= info && { ...info, thread: info.thread ?? thread };
    if (plain) alias(tie, correlation, plain.jid);
    if (contact !== '') tie.contacts.add(contact);
    for (const each of fingerprints) tie.theirs.add(each);
}

/** A Call-ID that only this person says; of a call that has enough names none is taken. */
function alias({ aliases }: Tie, callId: string | null, jid: string): void {
    if (callId !== null && aliases.size < MOST_ANNOUNCERS && !aliases.has(callId)) aliases.set(callId, jid);
}

const isAlias = ({ aliases }: Tie, callId: string, jid: string): boolean =>
    [null, jid].includes(aliases.get(callId) as string | null);

/** Rules 1 and 2 of PROTOCOL.md 8.7. */
const isAbout = (tie: Tie, { jid, id, dialog }: Reference): boolean =>
    (dialog.callId !== null && isAlias(tie, dialog.callId, jid)) ||
    id === (tie.direction === 'outgoing' ? tie.announcementId : tie.info?.id);
