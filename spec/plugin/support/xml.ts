import { errorConditions } from '../../../src/plugin/stanzas/pubsub.js';
import type { StanzaBuilder } from '../../../src/plugin/converse.js';

/** An element out of text. */
export function xml(text: string): Element {
    const { documentElement } = new DOMParser().parseFromString(text, 'text/xml');
    if (documentElement.localName === 'parsererror') throw new Error(documentElement.textContent);
    return documentElement;
}

/** An element as text. */
export function text(element: Element): string {
    return new XMLSerializer().serializeToString(element);
}

/** A promise that rejects with a stanza, as Converse's `sendIQ` does. */
export function rejectWith(stanza: Element): Promise<never> {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    return Promise.reject(stanza);
}

/** An element so that two which mean the same are equal: its namespace, name, attributes in order, texts and children. */
export function meaning(element: Element): unknown {
    const attributes = Array.from(element.attributes)
        .filter(({ name }) => name !== 'xmlns')
        .map(({ name, value }) => `${name}=${value}`)
        .sort();
    const children = Array.from(element.children, meaning);
    const texts = children.length === 0 ? [element.textContent] : [];
    return [`{${element.namespaceURI ?? ''}}${element.localName}`, ...attributes, ...texts, ...children];
}

/** A builder as Converse's hooks hand it out, at an element. */
export function builder(stanza: Element): StanzaBuilder {
    const made: StanzaBuilder = {
        tree: () => stanza,
        root: () => made,
        up: () => made,
        cnode: (added) => {
            stanza.append(added);
            return made;
        },
    };
    return made;
}

/** Why something failed: the conditions of an error stanza, or what else it is. */
export function reason(why: unknown): string {
    return typeof why === 'string' ? why : errorConditions(why).join(', ') || 'no answer';
}
