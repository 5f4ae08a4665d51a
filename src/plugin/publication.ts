/**
 * The own address, published for all contacts and all of the own devices (XEP-0152 over XEP-0163, PROTOCOL.md 8.4). By an own
 * IQ: Converse's `publish()` does not tell success from refusal, and reconfigures the node (CONVERSE.md 9.7).
 */
import { addressOfRecord } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';
import type { Store } from './store.js';
import {
    buildConfigure,
    buildItemsRequest,
    buildPublish,
    errorConditions,
    parseEvent,
    parseItems,
    PUBLISH_OPTIONS,
} from './stanzas/pubsub.js';
import { REACH } from './stanzas/namespaces.js';
import { changeReach, parseReach } from './stanzas/reach.js';

/** After somebody else's change: wait at least this long (ms), and up to {@link SPREAD} more, so that devices take turns. */
const WAIT = 2_000;
const SPREAD = 8_000;

/** What this needs. */
export interface PublicationNeeds {
    /** The own bare JID. */
    readonly jid: string;
    readonly clock: Clock;
    readonly store: Store;
    readonly sendIQ: (iq: Element) => Promise<Element>;
    readonly supports: (feature: string, jid: string) => Promise<boolean>;
    /** It is not published; why, for an administrator. */
    readonly failed: (code: 'SIP-201', why: unknown) => void;
}

/** Keeps the own address in the own item, or out of it. */
export interface Publication {
    /** @param uri the own address of record; null: withdraw what this device has published */
    want(uri: string | null): Promise<void>;
    /** A new stream: what did not work on the old one is tried again. */
    again(): void;
    /** An event of the own node: ours, or what another device wrote. */
    onOwnEvent(message: Element): void;
    /** Nothing is sent any more. */
    stop(): void;
}

/** Begins. */
export function createPublication(needs: PublicationNeeds): Publication {
    const { clock, failed, jid, sendIQ, store, supports } = needs;
    /** What should be published by this device; undefined: leave everything as it is. */
    let wanted: string | null | undefined;
    let running = Promise.resolve();
    let waiting = false;
    let unpublished = false;

    const write = async (): Promise<void> => {
        const uri = wanted;
        if (uri === undefined) return;
        const kept = await store.get('published');
        const before = typeof kept === 'string' ? kept : null;
        if (uri === null && before === null) return;
        unpublished = false;
        try {
            if (!(await supports(PUBLISH_OPTIONS, jid))) {
                failed('SIP-201', 'no publish-options at the own account');
                return;
            }
            const changed = changeReach(await readItem(sendIQ, REACH, jid), uri, before === uri ? null : before);
            if (changed !== null) await publishItem(sendIQ, REACH, changed);
            await store.set('published', uri);
        } catch (error) {
            unpublished = true;
            failed('SIP-201', error);
        }
    };

    /** One after another: two at once would overwrite each other. */
    const synchronise = (): Promise<void> => (running = running.then(write));

    return {
        async want(uri) {
            if (uri === wanted) return;
            wanted = uri;
            await synchronise();
        },

        again() {
            if (unpublished) void synchronise();
        },

        onOwnEvent(message) {
            const event = parseEvent(message, REACH);
            if (event === null || !wanted || waiting) return;
            const key = addressOfRecord(wanted);
            const published = parseReach(event.payload);
            if (published.some((uri) => addressOfRecord(uri) === key)) return;
            waiting = true;
            clock.after(WAIT + clock.random() * SPREAD, () => {
                waiting = false;
                void synchronise();
            });
        },

        stop() {
            wanted = undefined;
        },
    };
}

/** What is published at the own account now; null: nothing. */
export async function readItem(sendIQ: PublicationNeeds['sendIQ'], node: string, jid: string): Promise<Element | null> {
    try {
        return parseItems(await sendIQ(buildItemsRequest(node, jid)), node);
    } catch (error) {
        // No node yet.
        if (errorConditions(error).includes('item-not-found')) return null;
        throw error;
    }
}

/** Publishes an own item for contacts only. */
export async function publishItem(sendIQ: PublicationNeeds['sendIQ'], node: string, payload: Element): Promise<void> {
    try {
        await sendIQ(buildPublish(node, payload));
    } catch (error) {
        if (!errorConditions(error).includes('precondition-not-met')) throw error;
        // The node is there with other options: give it ours, and only those.
        await sendIQ(buildConfigure(node));
        await sendIQ(buildPublish(node, payload));
    }
}
