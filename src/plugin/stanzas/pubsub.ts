/** XEP-0060 and XEP-0163: what is needed to publish one item, to read it and to hear of changes. */
import { buildForm } from './data-form.js';
import { childOf, childrenOf, CLIENT, element, STANZA_ERRORS } from './xml.js';

export const PUBSUB = 'http://jabber.org/protocol/pubsub';
export const PUBSUB_EVENT = `${PUBSUB}#event`;
export const PUBSUB_OWNER = `${PUBSUB}#owner`;
export const PUBSUB_ERRORS = `${PUBSUB}#errors`;
/** The disco feature of a server that honours publish-options, and the form type of those. */
export const PUBLISH_OPTIONS = `${PUBSUB}#publish-options`;
const NODE_CONFIG = `${PUBSUB}#node_config`;

/** The item id of a node that holds one item (XEP-0060 section 12.20). */
export const CURRENT = 'current';

/** The most items of one event or result that are looked at. */
const MAX_ITEMS = 4;

/** Persisted, and for contacts only. */
const options = (type: string): Element =>
    buildForm(type, { 'pubsub#persist_items': 'true', 'pubsub#access_model': 'presence' });

/** Publishes the one item of an own PEP node, for contacts only. */
export function buildPublish(node: string, payload: Element): Element {
    return element(
        CLIENT,
        'iq',
        { type: 'set' },
        element(
            PUBSUB,
            'pubsub',
            {},
            element(PUBSUB, 'publish', { node }, element(PUBSUB, 'item', { id: CURRENT }, payload)),
            element(PUBSUB, 'publish-options', {}, options(PUBLISH_OPTIONS)),
        ),
    );
}

/** Gives an own node the same options; whatever else is configured stays. */
export function buildConfigure(node: string): Element {
    return element(
        CLIENT,
        'iq',
        { type: 'set' },
        element(PUBSUB_OWNER, 'pubsub', {}, element(PUBSUB_OWNER, 'configure', { node }, options(NODE_CONFIG))),
    );
}

/** Asks for the newest item of a node. */
export function buildItemsRequest(node: string, jid: string): Element {
    return element(
        CLIENT,
        'iq',
        { type: 'get', to: jid },
        element(PUBSUB, 'pubsub', {}, element(PUBSUB, 'items', { node, max_items: '1' })),
    );
}

/** What an event says about a node: a payload, or that nothing is there any more. */
export interface NodeEvent {
    /** The payload of the newest item; null: retracted, purged or deleted. */
    readonly payload: Element | null;
}

/** Reads `<message><event/></message>` for one node; null where it says nothing about it. */
export function parseEvent(message: Element, node: string): NodeEvent | null {
    const event = childOf(message, PUBSUB_EVENT, 'event');
    for (let child = event?.firstElementChild ?? null; child; child = child.nextElementSibling) {
        if (child.namespaceURI !== PUBSUB_EVENT || child.getAttribute('node') !== node) continue;
        if (child.localName === 'purge' || child.localName === 'delete') return { payload: null };
        if (child.localName !== 'items') continue;
        const payload = lastPayload(child, PUBSUB_EVENT);
        if (payload !== null || childOf(child, PUBSUB_EVENT, 'retract') !== null) return { payload };
    }
    return null;
}

/** The payload of the newest item in the answer to {@link buildItemsRequest}, or null. */
export function parseItems(result: Element | null, node: string): Element | null {
    const items = childOf(childOf(result, PUBSUB, 'pubsub'), PUBSUB, 'items');
    return items?.getAttribute('node') === node ? lastPayload(items, PUBSUB) : null;
}

function lastPayload(items: Element, xmlns: string): Element | null {
    const found = childrenOf(items, xmlns, 'item').slice(-MAX_ITEMS);
    return found.findLast((item) => item.firstElementChild !== null)?.firstElementChild ?? null;
}

/** The conditions in an error stanza: the defined one, and the one of pubsub where there is one. */
export function errorConditions(stanza: unknown): string[] {
    const error = stanza instanceof Element ? childrenByName(stanza, 'error')[0] : undefined;
    return Array.from(error?.children ?? [])
        .filter((child) => child.namespaceURI === STANZA_ERRORS || child.namespaceURI === PUBSUB_ERRORS)
        .map((child) => child.localName)
        .filter((name) => name !== 'text')
        .slice(0, 2);
}

function childrenByName(parent: Element, name: string): Element[] {
    return Array.from(parent.children).filter((child) => child.localName === name);
}
