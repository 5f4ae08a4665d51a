/**
 * What chat messages carry beside their text: the thread of the conversation, the SIP address of the device that sends them
 * (PROTOCOL.md 8.1), and the Call-ID of the call they are about (8.3). In conversations with one person only.
 */
import type { AddressBook } from './address-book/book.js';
import type { Message, StanzaBuilder } from './converse.js';
import type { Delivery } from './stanzas/delivery.js';
import { identifier } from './stanzas/identifier.js';
import { buildMessageReach, parseMessageReach } from './stanzas/message-reach.js';
import { buildReach } from './stanzas/reach.js';
import { buildCallId, parseCallId } from './stanzas/shim.js';
import { buildThread, threadOf } from './stanzas/thread.js';
import type { Threads } from './threads.js';

/** A call that messages may belong to. */
export interface TalkedAbout {
    /** Of the plugin. */
    readonly callId: string;
    /** The Call-ID that the other side is told. */
    readonly sipCallId: string;
    readonly thread: string | null;
}

/** What this needs. JIDs are bare. */
export interface MessagesNeeds {
    readonly threads: Threads;
    readonly book: AddressBook;
    readonly now: () => number;
    /** The own address, the one of this device where there is one; null: not registered. */
    readonly own: () => { readonly uri: string; readonly video: boolean } | null;
    /** Whether it goes out in messages. */
    readonly shares: () => boolean;
    /** Whether that person may be told the own address: one who sees the own presence. */
    readonly mayTell: (jid: string) => boolean;
    /** Whether what that person says is taken into the address book. */
    readonly isContact: (jid: string) => boolean;
    /** The devices of that person that are there, as far as is known. */
    readonly resources: (jid: string) => readonly string[];
    /** The live call with exactly that JID, or null. */
    readonly liveCall: (jid: string) => TalkedAbout | null;
    /** The call with exactly that JID which is or was a moment ago known by that Call-ID, or null. */
    readonly byCallId: (jid: string, sipCallId: string) => Pick<TalkedAbout, 'callId'> | null;
}

/** The most devices of one person, and the most threads of one call, that are told apart. */
const MOST = 32;

/** What a person was told last, and which of their devices have seen it. */
interface Told {
    what: string;
    seen: Set<unknown>;
    /** A device answered that has not seen it. */
    again: boolean;
}

/** The threads in which a call is talked about, and those in which the own side has said so. */
interface Talk {
    readonly callId: string;
    /** One of those it is known by. */
    readonly sipCallId: string;
    readonly threads: Set<unknown>;
    readonly said: Set<unknown>;
}

/** Puts it into what is sent, and takes it from what comes. */
export class Messages {
    private readonly told = new Map<string, Told>();
    private readonly talks = new Map<string, Talk>();

    constructor(private readonly needs: MessagesNeeds) {}

    /** The attributes that a message gets which is about to be sent to that person: its thread and its call. */
    outgoing(jid: string): { readonly thread: string; readonly sip_call_id?: string } {
        const thread = this.needs.threads.of(jid);
        const live = this.needs.liveCall(jid);
        const call = live ? this.begin(jid, live, thread).callId : this.known(jid, thread);
        return call === null ? { thread } : { thread, sip_call_id: call };
    }

    /** Completes the stanza of a message to that person. A correction says nothing new. */
    complete(jid: string, message: Message, stanza: StanzaBuilder): void {
        const stored = message.get('thread');
        const thread = identifier(typeof stored === 'string' ? stored : null) ?? this.needs.threads.of(jid);
        const added: (Element | null)[] = threadOf(stanza.tree()) === null ? [buildThread(thread)] : [];
        // Beside an encrypted body everything of ours could be read on the way.
        const alone = ['edited', 'is_encrypted'].some((name) => message.get(name));
        if (!alone) added.push(...this.address(jid, thread), this.call(jid, thread));
        for (const each of added) if (each) stanza.root().cnode(each).up();
    }

    /** Takes in a message that came. */
    onMessage({ kind, live, message, jid, resource, outgoing, peer }: Delivery): void {
        if (!live && kind !== 'carbon-sent' && kind !== 'delayed') return;
        const { threads, book, isContact, now } = this.needs;
        const thread = threadOf(message);
        if (thread !== null) threads.note(peer, thread, !outgoing && !isContact(peer));
        if (outgoing || !live) return;
        this.heardFrom(jid, resource);
        const said = isContact(jid) ? parseMessageReach(message) : null;
        if (said === null) return;
        if (said.uris.length === 0) book.remove(jid, 'message', resource);
        else book.put(jid, { source: 'message', resource, ...said, thread: thread ?? '', seenAt: now() });
    }

    /** The call that a message belongs to which came from that person now, or null. It proves nothing about who calls. */
    callOf(jid: string, message: Element): string | null {
        const sipCallId = parseCallId(message);
        const thread = threadOf(message);
        const named = sipCallId && this.needs.byCallId(jid, sipCallId);
        if (!named) return thread && this.known(jid, thread);
        return this.begin(jid, { ...named, sipCallId }, thread).callId;
    }

    /** A new stream: the devices of others have forgotten what this one said when it went. */
    onStream(): void {
        this.told.clear();
    }

    /** Forgets what that person was told. */
    forget(jid: string): void {
        this.told.delete(jid);
        this.talks.delete(jid);
    }

    private address(jid: string, thread: string): Element[] {
        const { own, shares, mayTell, resources } = this.needs;
        const here = own();
        const told = this.told.get(jid);
        // Who was told is told that there is none any more.
        if (!shares()) return told?.what && this.told.delete(jid) ? [buildReach([])] : [];
        if (here === null || !mayTell(jid)) return [];
        const what = `${thread} ${here.uri} ${String(here.video)}`;
        if (told?.what === what && !told.again) return [];
        const seen = told && (told.what === what || told.what === '') ? told.seen : [];
        this.told.set(jid, { what, seen: new Set([...seen, ...resources(jid).slice(0, MOST)]), again: false });
        return buildMessageReach(here.uri, here.video);
    }

    private heardFrom(jid: string, resource: string): void {
        if (!this.needs.mayTell(jid)) return;
        const told = this.told.get(jid) ?? { what: '', seen: new Set(), again: true };
        this.told.set(jid, told);
        if (told.seen.has(resource)) return;
        if (told.seen.size >= MOST) told.seen.clear();
        told.seen.add(resource);
        told.again = true;
    }

    /** The Call-ID, in the first own message about a call and in the first of each further thread. */
    private call(jid: string, thread: string): Element | null {
        const live = this.needs.liveCall(jid);
        const said = live && this.begin(jid, live, thread).said;
        if (!said || said.has(thread)) return null;
        said.add(thread);
        return buildCallId(live.sipCallId);
    }

    /** The call that is known to be talked about in that thread, until a moment after its end. */
    private known(jid: string, thread: string): string | null {
        const live = this.needs.liveCall(jid);
        if (live?.thread === thread) return live.callId;
        const talk = this.talks.get(jid);
        return talk?.threads.has(thread) ? (this.needs.byCallId(jid, talk.sipCallId)?.callId ?? null) : null;
    }

    private begin(jid: string, { callId, sipCallId }: Pick<Talk, 'callId' | 'sipCallId'>, thread: string | null): Talk {
        const before = this.talks.get(jid);
        const talk = before?.callId === callId ? before : { callId, sipCallId, threads: new Set(), said: new Set() };
        if (thread !== null && talk.threads.size < MOST) talk.threads.add(thread);
        this.talks.set(jid, talk);
        return talk;
    }
}
