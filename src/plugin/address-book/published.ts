/**
 * The sources `pep` and `vcard`: what contacts publish for all of their devices. A reachability address (XEP-0152) comes by
 * itself from the contacts' servers (`+notify`); it and the vCard (XEP-0292, or XEP-0054 where there is none) are asked for
 * once when a conversation is opened and nothing was heard in a day.
 */
import { REACH } from '../stanzas/namespaces.js';
import { parseReach } from '../stanzas/reach.js';
import { buildItemsRequest, parseEvent, parseItems } from '../stanzas/pubsub.js';
import { buildVCardRequest, parseVCard, vCardOf, VCARD4_NODE, type VCardAddresses } from '../stanzas/vcard.js';
import type { AddressBook } from './book.js';

/** How long an answer counts (ms). */
export const KEPT_FOR = 24 * 60 * 60 * 1000;

/** What this source needs. */
export interface PublishedNeeds {
    readonly book: AddressBook;
    /** Throws or rejects, with the error stanza where one came. */
    readonly sendIQ: (iq: Element) => Promise<Element>;
    readonly now: () => number;
}

type Source = 'pep' | 'vcard';
/** Learns the addresses that contacts publish. */
export class Published {
    /** When something was last heard, also that there is nothing: `pep bob@example.net`. */
    readonly heard = new Map<string, number>();

    constructor(private readonly needs: PublishedNeeds) {}

    /** Takes in an event message of a contact. Servers send the same one twice: that does no harm. */
    onEvent(jid: string, message: Element): void {
        const event = parseEvent(message, REACH);
        if (event !== null) this.learn(jid, 'pep', { uris: parseReach(event.payload), video: null });
    }

    /** Asks a contact's server, unless something was heard in the last day. */
    async ask(jid: string): Promise<void> {
        await Promise.all([
            this.once(jid, 'pep', async () => ({ uris: parseReach(await this.item(REACH, jid)), video: null })),
            this.once(jid, 'vcard', async () => {
                const listed = parseVCard(await this.item(VCARD4_NODE, jid));
                return listed.uris.length > 0 ? listed : parseVCard(vCardOf(await this.answer(buildVCardRequest(jid))));
            }),
        ]);
    }

    /** A contact is gone. */
    forget(jid: string): void {
        this.heard.delete(`pep ${jid}`);
        this.heard.delete(`vcard ${jid}`);
    }

    private async once(jid: string, source: Source, read: () => Promise<VCardAddresses>): Promise<void> {
        const { heard } = this;
        const { now } = this.needs;
        const key = `${source} ${jid}`;
        if (now() - (heard.get(key) ?? -Infinity) < KEPT_FOR) return;
        const asked = now();
        heard.set(key, asked);
        try {
            const listed = await read();
            // An event that came since, or a contact that is gone, counts more.
            if (heard.get(key) === asked) this.learn(jid, source, listed);
        } catch {
            // No answer at all: it may be asked again.
            heard.delete(key);
        }
    }

    private async item(node: string, jid: string): Promise<Element | null> {
        return parseItems(await this.answer(buildItemsRequest(node, jid)), node);
    }

    /** The answer; null for an error: there is nothing, or not for us. */
    private async answer(iq: Element): Promise<Element | null> {
        try {
            return await this.needs.sendIQ(iq);
        } catch (error) {
            if (error instanceof Element) return null;
            throw error;
        }
    }

    private learn(jid: string, source: Source, { uris, video }: VCardAddresses): void {
        const { book, now } = this.needs;
        this.heard.set(`${source} ${jid}`, now());
        if (uris.length === 0) book.remove(jid, source);
        else book.put(jid, { source, uris, video, seenAt: now() });
    }
}
