/**
 * The source `pep`: the address a contact publishes for all of its devices (XEP-0152 over XEP-0163). It comes by itself from
 * the contacts' servers (`+notify`), and by one question when a conversation is opened and nothing came in a day.
 */
import { REACH, parseReach } from '../stanzas/reach.js';
import { buildItemsRequest, parseEvent, parseItems } from '../stanzas/pubsub.js';
import type { AddressBook } from './book.js';

/** How long an answer counts (ms). */
export const KEPT_FOR = 24 * 60 * 60 * 1000;

/** What this source needs. */
export interface PepNeeds {
    readonly book: AddressBook;
    /** Throws or rejects, with the error stanza where one came. */
    readonly sendIQ: (iq: Element) => Promise<Element>;
    readonly now: () => number;
}

/** Learns the addresses that contacts publish. */
export class PepSource {
    /** When something was last heard from a contact's node, also that there is nothing. */
    private readonly heard = new Map<string, number>();

    constructor(private readonly needs: PepNeeds) {}

    /** Takes in an event message of a contact. Servers send the same one twice: that does no harm. */
    onEvent(jid: string, message: Element): void {
        const event = parseEvent(message, REACH);
        if (event !== null) this.learn(jid, event.payload);
    }

    /** Asks a contact's server, unless something was heard in the last day. */
    async ask(jid: string): Promise<void> {
        const { now, sendIQ } = this.needs;
        if (now() - (this.heard.get(jid) ?? -Infinity) < KEPT_FOR) return;
        this.heard.set(jid, now());
        try {
            this.learn(jid, parseItems(await sendIQ(buildItemsRequest(REACH, jid)), REACH));
        } catch (error) {
            // No node, or not for us: there is no address, for a day. Anything else may be tried again.
            if (!(error instanceof Element)) this.heard.delete(jid);
        }
    }

    /** A contact is gone. */
    forget(jid: string): void {
        this.heard.delete(jid);
    }

    private learn(jid: string, payload: Element | null): void {
        const { book, now } = this.needs;
        this.heard.set(jid, now());
        const isReach = payload?.namespaceURI === REACH && payload.localName === 'reach';
        const uris = isReach ? parseReach(payload) : [];
        if (uris.length === 0) book.remove(jid, 'pep');
        else book.put(jid, { source: 'pep', uris, seenAt: now() });
    }
}
