/** The calls of one login, joined with chat: placed, let in, identified, announced, verified. Each part is in its own file. */
import {
    addressOfRecord,
    parseSipAddress,
    type CallId,
    type Header,
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
import { Correlation } from './correlation.js';
import { readDescribed } from './described.js';
import { cross, isSurely } from './glare.js';
import { atLeast } from './identity.js';
import { isAnswered, isUp, type Call } from './phone.js';
import type { Settings } from './settings.js';
import type { Delivery } from './stanzas/delivery.js';
import type { Store } from './store.js';
import type { Threads } from './threads.js';
import { uuid } from '../sip-sidecar/contract/uuid.js';
import { Verification } from './verification.js';

/** What this needs. */
export interface SwitchboardNeeds {
    readonly settings: Pick<Settings, 'acceptFrom' | 'sendJid' | 'correlationHeaders'>;
    readonly trustedDomains: readonly string[];
    readonly clock: Clock;
    readonly store: Store;
    readonly book: AddressBook;
    readonly contacts: Contacts;
    readonly threads: Threads;
    /** The own JID: bare, and its device now. */
    readonly jid: string;
    readonly resource: () => string;
    /** The own address of record, and the one of this very device; null while not registered. */
    readonly own: () => { readonly aor: string; readonly target: string } | null;
    readonly doNotRing: () => boolean;
    readonly dnd: () => boolean;
    readonly command: (command: SidecarCommand) => void;
    readonly send: (stanza: Element) => void;
    readonly sendIQ: (iq: Element) => Promise<Element>;
    readonly supports: (feature: string, jid: string) => Promise<boolean>;
    /** A call is over; once each. */
    readonly ended: (call: Call) => void;
}

/** The calls, and all that is said of them. */
export class Switchboard {
    readonly calls: Calls;
    readonly correlation: Correlation;
    private readonly announcements: Announcements;
    private readonly verification: Verification;

    constructor(private readonly needs: SwitchboardNeeds) {
        const { book, clock, contacts, threads, send, store, settings } = needs;
        const isContact = (jid: string): boolean => contacts.isContact(jid);
        this.correlation = new Correlation({
            ...needs,
            isContact,
            isOwn: (aor) => aor === addressOfRecord(needs.own()?.aor ?? ''),
            threads,
            changed: () => this.calls.identify(),
        });
        const { correlation } = this;
        this.calls = new Calls({
            send: needs.command,
            clock,
            correlation,
            admit: ({ address, identity, id }, busy, late) =>
                admit({
                    identity,
                    blocked: contacts.isBlockedCaller(address, correlation.tie(id)?.info?.jid ?? identity.jid),
                    busy,
                    doNotRing: needs.doNotRing(),
                    dnd: needs.dnd(),
                    acceptFrom: settings.acceptFrom,
                    late,
                }),
            cross: (mine, theirs) => {
                const tie = correlation.tie(mine.id);
                const [sipCallId = ''] = theirs.sipCallIds;
                const left = tie !== undefined && tie.ours.size > 0;
                return cross({
                    mine: { ...mine, dialled: tie?.dialled ?? null, left },
                    theirs: { ...theirs, sipCallId },
                });
            },
            take: (id, video) => this.answer(id, video, false),
            ended: (call, said) => {
                this.announcements.ended(call, said);
                needs.ended(call);
            },
        });
        const { calls } = this;
        let described: readonly Call[] = [];
        calls.list.subscribe((list) => {
            for (const call of list) {
                if (!isUp(call) || described.includes(call)) continue;
                needs.command({ type: 'describe', callId: call.id, about: this.correlation.describe(call) });
            }
            described = list;
        });
        this.announcements = new Announcements({
            clock,
            correlation,
            send,
            own: needs.own,
            takenElsewhere: (id, as) => calls.takenElsewhere(id, as),
            announced: (jid) => this.verification.announced(jid),
        });
        this.verification = new Verification({
            ...needs,
            book,
            store,
            correlation,
            call: (id) => calls.find(id),
            subscription: (jid) => contacts.subscription(jid),
            resources: (jid) => contacts.resources(jid),
        });
    }

    async load(): Promise<void> {
        await this.verification.load();
    }

    /**
     * Places a call.
     * @param to a cleaned SIP address
     * @param jid whose address it is; null: nobody's in particular
     */
    place(to: string, video: boolean, jid: string | null): CallId {
        const { book, contacts, threads } = this.needs;
        const id = uuid();
        const thread = jid === null ? null : threads.of(jid);
        const announcement = jid === null ? null : announcementId(to);
        const found = jid === null ? undefined : book.addressesOf(jid).find(({ uri }) => uri === to);
        const device = parseSipAddress(to)?.gr ? (found?.resource ?? '') : '';
        const call = { id, address: to, video, dialled: jid, device, announcementId: announcement, thread };
        this.correlation.placed(call);
        const whose = jid ?? this.correlation.look(id).identity.jid ?? '';
        const contact = contacts.isContact(whose);
        this.calls.place(id, to, video, this.headers(to, contact, whose, thread, announcement));
        return id;
    }

    /** The call of that person that rings here, where it surely is theirs: to call them now is to answer it. */
    ringing(jid: string): Call | undefined {
        const { elsewhere, list } = this.calls;
        return [...list.get(), ...elsewhere.get()].find(
            ({ state, identity }) => state.name === 'incoming' && isSurely(identity, jid),
        );
    }

    /** Answers; says who we are, and in which conversation the call is taken. */
    answer(id: CallId, video: boolean, listenOnly: boolean): void {
        const call = this.calls.find(id);
        if (call === undefined) return;
        const { identity, address, thread } = call;
        // Whom a claim names is told no more than a stranger.
        const contact = identity.contact && atLeast(identity, 'listed');
        if (thread !== null && identity.jid !== null) this.needs.threads.note(identity.jid, thread);
        // Nor is our device told to whoever uses a contact's address without a proof of it.
        const jid = identity.trusted ? (identity.jid ?? '') : '';
        this.calls.answer(id, video, listenOnly, this.headers(address, contact, jid, thread, null));
    }

    /** Takes in what the sidecar tells about calls. */
    onEvent(event: SidecarEvent): void {
        if (event.type === 'local') {
            this.correlation.local(event.callId, event.fingerprints, event.sipCallId);
            this.announcements.onLocal(event.callId);
        } else if (event.type === 'remote') {
            const anew = this.correlation.remote(event.callId, event.sipCallId, event.remote, event.caller);
            if (anew) this.verification.watch(event.callId);
        } else if (event.type === 'asked') {
            this.answer(event.callId, event.video, event.listenOnly);
        } else if (event.type === 'continued') {
            this.continue(event.callId, event.about);
        } else if (event.type === 'mirrored') {
            const described = event.calls.flatMap(({ about }) => readDescribed(about) ?? []);
            for (const each of described) this.correlation.elsewhere(each);
            this.calls.mirror(described.map(({ call }) => call));
        } else {
            this.calls.handle(event);
        }
        if (event.type === 'incoming') {
            this.announcements.onIncoming(event.call.callId);
            this.verification.watch(event.call.callId);
        }
    }

    onMessage(delivery: Delivery): void {
        this.announcements.onMessage(delivery);
    }

    onVerify(iq: Element): void {
        this.verification.onQuestion(iq);
    }

    /** Goes on with a call of another page; one of which nothing is known ends. */
    private continue(id: CallId, about: unknown): void {
        const described = readDescribed(about);
        if (described?.call.id !== id || !isAnswered(described.call)) {
            queueMicrotask(() => this.needs.command({ type: 'hang-up', callId: id }));
            return;
        }
        const { call } = described;
        const { jid, level } = call.identity;
        const tie = this.correlation.restored(described);
        if (jid !== null && atLeast({ level }, 'listed')) this.announcements.restored(tie, jid);
        this.calls.restore(call);
    }

    private headers(
        address: string,
        contact: boolean,
        jid: string,
        thread: string | null,
        id: string | null,
    ): readonly Header[] {
        const { contacts, jid: own, resource, settings } = this.needs;
        return callHeaders({
            to: settings.sendJid,
            address,
            contact,
            authorised: contact && contacts.seesUs(jid),
            jid: own,
            resource: resource(),
            thread,
            id,
            names: settings.correlationHeaders,
        });
    }
}
