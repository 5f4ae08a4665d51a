/**
 * The sources `pep` and `vcard`: what contacts publish for all of their devices. A reachability address (XEP-0152) comes by
 * itself from the contacts' servers (`+notify`); it and the vCard (XEP-0292, or XEP-0054 where there is none) are asked for
 * once when a conversation is opened and nothing was heard in a day.
 */
import { REACH } from '../stanzas/namespaces.js';
import { parseReach } from '../stanzas/reach.js';
import { buildItemsRequest, parseEvent, parseItems } from '../stanzas/pubsub.js';
import { buildVCardRequest, parseVCard, vCardOf, VCARD4_NODE } from '../stanzas/vcard.js';
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
interface Listed {
    readonly uris: readonly string[];
    readonly video: boolean | null;
}

/** Learns the addresses that contacts publish. */
export class Published {
    /** When something was last heard, also that there is nothing: `pep bob@example.net`. */
    readonly heard = new Map<string, number>();

    constructor(private readonly needs: PublishedNeeds) {}

    /** Takes in an event message of a contact. Servers send the same one twice: that does no harm. */
    onEvent(jid: string, message: Element): void {
        const event = parseEvent(message, REACH);
        if (event !== null) this.learn(jid, 'pep', reachIn(event.payload));
    }

    /** Asks a contact's server, unless something was heard in the last day. */
    async ask(jid: string): Promise<void> {
        await Promise.all([
            this.once(jid, 'pep', async () => reachIn(parseItems(await this.item(REACH, jid), REACH))),
            this.once(jid, 'vcard', async () => {
                const listed = listedIn(parseItems(await this.item(VCARD4_NODE, jid), VCARD4_NODE));
                if (listed.uris.length > 0) return listed;
                const answer = await this.answer(buildVCardRequest(jid));
                return listedIn(answer && vCardOf(answer));
            }),
        ]);
    }

    /** A contact is gone. */
    forget(jid: string): void {
        this.heard.delete(`pep ${jid}`);
        this.heard.delete(`vcard ${jid}`);
    }

    private async once(jid: string, source: Source, read: () => Promise<Listed>): Promise<void> {
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

    private item(node: string, jid: string): Promise<Element | null> {
        return this.answer(buildItemsRequest(node, jid));
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

    private learn(jid: string, source: Source, { uris, video }: Listed): void {
        const { book, now } = this.needs;
        this.heard.set(`${source} ${jid}`, now());
        if (uris.length === 0) book.remove(jid, source);
        else book.put(jid, { source, uris, video, seenAt: now() });
    }
}

const listedIn = (vcard: Element | null): Listed => (vcard ? parseVCard(vcard) : { uris: [], video: null });

function reachIn(payload: Element | null): Listed {
    const isReach = payload?.namespaceURI === REACH && payload.localName === 'reach';
    return { uris: isReach ? parseReach(payload) : [], video: null };
}
