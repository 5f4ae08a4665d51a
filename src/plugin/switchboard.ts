/** The calls of one login, joined with chat: placed, let in, identified, announced, verified. Each part is in its own file. */
import {
    addressOfRecord,
    parseSipAddress,
    uuid,
    type CallId,
    type SidecarCommand,
    type SidecarEvent,
} from '../sip-sidecar/contract/index.js';
import { admit } from './admission.js';
import type { AddressBook } from './address-book/book.js';
import { announcementId, Announcements } from './announcements.js';
import { callHeaders } from './call-headers.js';
import { Calls } from './calls.js';
import type { Clock } from './clock.js';
import type { Contacts } from './contacts.js';
import type { Host } from './converse.js';
import { Correlation } from './correlation.js';
import { readDescribed } from './described.js';
import { cross, isSurely } from './glare.js';
import { atLeast } from './identity.js';
import { isAnswered, isUp, type Call } from './phone.js';
import type { Settings } from './settings.js';
import type { Store } from './store.js';
import type { Telephone } from './telephone.js';
import type { Threads } from './threads.js';
import { Verification } from './verification.js';

/** What this needs. */
export interface SwitchboardNeeds {
    readonly host: Host;
    readonly settings: Pick<Settings, 'acceptFrom' | 'sendJid' | 'correlationHeaders'>;
    readonly telephone: Pick<Telephone, 'doNotRing'>;
    readonly trustedDomains: readonly string[];
    readonly clock: Clock;
    readonly store: Store;
    readonly book: AddressBook;
    readonly contacts: Contacts;
    readonly threads: Threads;
    /** The own bare JID. */
    readonly jid: string;
    /** The own address of record, and the one of this very device; null while not registered. */
    readonly own: () => { readonly aor: string; readonly target: string } | null;
    readonly isContact: (jid: string) => boolean;
    /** More is known of the calls. */
    readonly changed: () => void;
    readonly command: (command: SidecarCommand) => void;
    readonly send: (stanza: Element) => void;
    readonly sendIQ: (iq: Element) => Promise<Element>;
    readonly supports: (feature: string, jid: string) => Promise<boolean>;
    /** A call is over; once each. */
    ended(call: Call): void;
}

/** The calls, and all that is said of them. */
export class Switchboard {
    readonly calls: Calls;
    readonly correlation: Correlation;
    readonly announcements: Announcements;
    readonly verification: Verification;

    constructor(private readonly needs: SwitchboardNeeds) {
        const { clock, command, contacts, host, own, send, settings, telephone } = needs;
        const correlation = new Correlation({ ...needs, isOwn: (aor) => aor === addressOfRecord(own()?.aor ?? '') });
        const calls = new Calls({
            send: command,
            clock,
            correlation,
            admit: ({ address, identity, id }, busy, late) =>
                admit({
                    identity,
                    blocked: contacts.isBlockedCaller(address, correlation.tie(id)?.info?.jid ?? identity.jid),
                    busy,
                    doNotRing: telephone.doNotRing.get(),
                    dnd: host._converse.state.profile?.get('show') === 'dnd',
                    acceptFrom: settings.acceptFrom,
                    late,
                }),
            cross: (mine, theirs) => {
                const tie = correlation.tie(mine.id);
                return cross(mine, theirs, tie?.dialled ?? null, tie !== undefined && tie.ours.size > 0);
            },
            take: (id, video) => this.answer(id, video, false),
            ended: (call, said) => {
                this.announcements.ended(call, said);
                needs.ended(call);
            },
        });
        this.calls = calls;
        this.correlation = correlation;
        let described: readonly Call[] = [];
        calls.list.subscribe((list) => {
            for (const call of list) {
                if (isUp(call) && !described.includes(call))
                    command({ type: 'describe', callId: call.id, about: correlation.describe(call) });
            }
            described = list;
        });
        this.announcements = new Announcements({
            clock,
            correlation,
            send,
            own,
            takenElsewhere: (id, as) => calls.takenElsewhere(id, as),
            announced: (jid) => this.verification.announced(jid),
        });
        this.verification = new Verification({
            ...needs,
            correlation,
            call: (id) => calls.find(id),
            subscription: (jid) => contacts.subscription(jid),
            resources: (jid) => contacts.resources(jid),
        });
    }

    /**
     * Places a call.
     * @param to a cleaned SIP address
     * @param jid whose address it is; null: nobody's in particular
     */
    place(to: string, video: boolean, jid: string | null): CallId {
        const { book, isContact, threads } = this.needs;
        const callId = uuid();
        const thread = jid && threads.of(jid);
        const id = jid && announcementId(to);
        const found = jid && parseSipAddress(to)?.gr ? book.addressesOf(jid).find(({ uri }) => uri === to) : null;
        const device = found?.resource ?? '';
        this.correlation.placed({ id: callId, address: to, video, dialled: jid, device, announcementId: id, thread });
        const whose = jid ?? this.correlation.look(callId).identity.jid ?? '';
        const headers = callHeaders(this.needs, { address: to, contact: isContact(whose), whose, thread, id });
        this.calls.place(callId, to, video, headers);
        return callId;
    }

    /** The call of that person that rings here, where it surely is theirs: to call them now is to answer it. */
    ringing(jid: string): Call | undefined {
        return this.calls.all.find(({ state, identity }) => state.name === 'incoming' && isSurely(identity, jid));
    }

    /** Answers; says who we are, and in which conversation the call is taken. */
    answer(callId: CallId, video: boolean, listenOnly: boolean): void {
        const call = this.calls.find(callId);
        if (call === undefined) return;
        const { identity, address, thread } = call;
        const { jid } = identity;
        // Whom a claim names is told no more than a stranger.
        const contact = identity.contact && atLeast(identity, 'listed');
        if (thread !== null && jid !== null) this.needs.threads.note(jid, thread);
        // Nor is our device told to whoever uses a contact's address without a proof of it.
        const whose = identity.trusted && jid !== null ? jid : '';
        const headers = callHeaders(this.needs, { address, contact, whose, thread, id: null });
        this.calls.answer(callId, video, listenOnly, headers);
    }

    /** Takes in what the sidecar tells about calls. */
    onEvent(event: SidecarEvent): void {
        const { announcements, calls, correlation, verification } = this;
        calls.handle(event);
        switch (event.type) {
            case 'incoming':
                announcements.onIncoming(event.call.callId);
                verification.watch(event.call.callId);
                break;
            case 'local':
                correlation.local(event.callId, event.fingerprints, event.sipCallId);
                announcements.onLocal(event.callId);
                break;
            case 'remote':
                if (correlation.remote(event.callId, event.sipCallId, event.remote, event.caller))
                    verification.watch(event.callId);
                break;
            case 'asked':
                this.answer(event.callId, event.video, event.listenOnly);
                break;
            case 'continued':
                this.continue(event.callId, event.about);
                break;
            case 'mirrored': {
                const described = event.calls.flatMap(({ about }) => readDescribed(about) ?? []);
                for (const each of described) correlation.elsewhere(each);
                calls.mirror(described.map(({ call }) => call));
                break;
            }
            default:
        }
    }

    /** Goes on with a call of another page; one of which nothing is known ends. */
    private continue(callId: CallId, about: unknown): void {
        const described = readDescribed(about);
        if (described?.call.id !== callId || !isAnswered(described.call)) {
            queueMicrotask(() => this.needs.command({ type: 'hang-up', callId }));
            return;
        }
        const { call } = described;
        const { jid, level } = call.identity;
        const tie = this.correlation.restored(described);
        if (jid !== null && atLeast({ level }, 'listed')) this.announcements.restored(tie, jid);
        this.calls.restore(call);
    }
}
