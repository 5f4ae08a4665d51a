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
import { createCalls } from './calls.js';
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
export function createSwitchboard(needs: SwitchboardNeeds) {
    const { book, clock, command, contacts, host, isContact, own, send, settings, telephone, threads } = needs;
    const correlation = new Correlation({ ...needs, isOwn: (aor) => aor === addressOfRecord(own()?.aor ?? '') });
    const calls = createCalls({
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
        take: (id, video) => answer(id, video, false),
        ended: (call, said) => {
            announcements.ended(call, said);
            needs.ended(call);
        },
    });
    let described: readonly Call[] = [];
    calls.list.subscribe((list) => {
        for (const call of list) {
            if (isUp(call) && !described.includes(call))
                command({ type: 'describe', callId: call.id, about: correlation.describe(call) });
        }
        described = list;
    });
    const announcements = new Announcements({
        clock,
        correlation,
        send,
        own,
        takenElsewhere: calls.takenElsewhere,
        announced: (jid) => verification.announced(jid),
    });
    const verification = new Verification({
        ...needs,
        correlation,
        call: calls.find,
        subscription: (jid) => contacts.subscription(jid),
        resources: (jid) => contacts.resources(jid),
    });

    /**
     * Places a call.
     * @param to a cleaned SIP address
     * @param jid whose address it is; null: nobody's in particular
     */
    function place(to: string, video: boolean, jid: string | null): CallId {
        const callId = uuid();
        const thread = jid && threads.of(jid);
        const id = jid && announcementId(to);
        const found = jid && parseSipAddress(to)?.gr ? book.addressesOf(jid).find(({ uri }) => uri === to) : null;
        const device = found?.resource ?? '';
        correlation.placed({ id: callId, address: to, video, dialled: jid, device, announcementId: id, thread });
        const whose = jid ?? correlation.look(callId).identity.jid ?? '';
        const headers = callHeaders(needs, { address: to, contact: isContact(whose), whose, thread, id });
        calls.place(callId, to, video, headers);
        return callId;
    }

    /** The call of that person that rings here, where it surely is theirs: to call them now is to answer it. */
    function ringing(jid: string): Call | undefined {
        return calls.all().find(({ state, identity }) => state.name === 'incoming' && isSurely(identity, jid));
    }

    /** Answers; says who we are, and in which conversation the call is taken. */
    function answer(callId: CallId, video: boolean, listenOnly: boolean): void {
        const call = calls.find(callId);
        if (call === undefined) return;
        const { identity, address, thread } = call;
        const { jid } = identity;
        // Whom a claim names is told no more than a stranger.
        const contact = identity.contact && atLeast(identity, 'listed');
        if (thread !== null && jid !== null) threads.note(jid, thread);
        // Nor is our device told to whoever uses a contact's address without a proof of it.
        const whose = identity.trusted && jid !== null ? jid : '';
        const headers = callHeaders(needs, { address, contact, whose, thread, id: null });
        calls.answer(callId, video, listenOnly, headers);
    }

    /** Takes in what the sidecar tells about calls. */
    function onEvent(event: SidecarEvent): void {
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
                answer(event.callId, event.video, event.listenOnly);
                break;
            case 'continued':
                goOn(event.callId, event.about);
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
    function goOn(callId: CallId, about: unknown): void {
        const described = readDescribed(about);
        if (described?.call.id !== callId || !isAnswered(described.call)) {
            queueMicrotask(() => command({ type: 'hang-up', callId }));
            return;
        }
        const { call } = described;
        const { jid, level } = call.identity;
        const tie = correlation.restored(described);
        if (jid !== null && atLeast({ level }, 'listed')) announcements.restored(tie, jid);
        calls.restore(call);
    }

    return {
        calls,
        correlation,
        announcements,
        verification,
        place,
        ringing,
        answer,
        onEvent,
    };
}

export type Switchboard = ReturnType<typeof createSwitchboard>;
