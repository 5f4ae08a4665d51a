/** XEP-0060 and XEP-0163: what is needed to publish one item, to read it and to hear of changes. */
import { buildForm } from './data-form.js';
import { childOf, childrenOf, element, iq } from './xml.js';

export const PUBSUB = 'http://jabber.org/protocol/pubsub';
export const PUBSUB_EVENT = `${PUBSUB}#event`;
const PUBSUB_OWNER = `${PUBSUB}#owner`;
/** The disco feature of a server that honours publish-options, and the form type of those. */
export const PUBLISH_OPTIONS = `${PUBSUB}#publish-options`;
const NODE_CONFIG = `${PUBSUB}#node_config`;

/** The item id of a node that holds one item (XEP-0060 section 12.20). */
const CURRENT = 'current';

/** Persisted, and for contacts only. */
const options = (type: string): Element =>
    buildForm(type, { 'pubsub#persist_items': 'true', 'pubsub#access_model': 'presence' });

/** Publishes the one item of an own PEP node, for contacts only. */
export function buildPublish(node: string, payload: Element): Element {
    const item = element(PUBSUB, 'item', { id: CURRENT }, payload);
    const publish = element(PUBSUB, 'publish', { node }, item);
    return iq(
        'set',
        null,
        element(PUBSUB, 'pubsub', {}, publish, element(PUBSUB, 'publish-options', {}, options(PUBLISH_OPTIONS))),
    );
}

/** Gives an own node the same options; whatever else is configured stays. */
export function buildConfigure(node: string): Element {
    const configure = element(PUBSUB_OWNER, 'configure', { node }, options(NODE_CONFIG));
    return iq('set', null, element(PUBSUB_OWNER, 'pubsub', {}, configure));
}

/** Asks for the newest item of a node. */
export function buildItemsRequest(node: string, jid: string): Element {
    return iq('get', jid, element(PUBSUB, 'pubsub', {}, element(PUBSUB, 'items', { node, max_items: '1' })));
}

/** What an event says about a node: a payload, or that nothing is there any more. */
export interface NodeEvent {
    /** The payload of the newest item; null: retracted, purged or deleted. */
    readonly payload: Element | null;
}

/** Reads `<message><event/></message>` for one node; null where it says nothing about it. */
export function parseEvent(message: Element, node: string): NodeEvent | null {
    for (const child of childrenOf(childOf(message, PUBSUB_EVENT, 'event'), PUBSUB_EVENT)) {
        if (child.getAttribute('node') !== node) continue;
        const payload = lastPayload(child, PUBSUB_EVENT);
        const isGone = /^(?:purge|delete)$/u.test(child.localName) || childOf(child, PUBSUB_EVENT, 'retract') !== null;
        if (payload !== null || isGone) return { payload };
    }
    return null;
}

/** The payload of the newest item in the answer to {@link buildItemsRequest}, or null. */
export function parseItems(result: Element | null, node: string): Element | null {
    const items = childOf(result, PUBSUB, 'pubsub', 'items');
    return items?.getAttribute('node') === node ? lastPayload(items, PUBSUB) : null;
}

const lastPayload = (items: Element, xmlns: string): Element | null =>
    childrenOf(items, xmlns, 'item')
        .flatMap(({ firstElementChild }) => firstElementChild ?? [])
        .at(-1) ?? null;

/** The conditions in an error stanza: the defined one, and the one of pubsub where there is one. */
export const errorConditions = (stanza: unknown): string[] =>
    stanza instanceof Element
        ? Array.from(stanza.querySelectorAll(':scope > error > :not(text)'), ({ localName }) => localName).slice(0, 2)
        : [];
