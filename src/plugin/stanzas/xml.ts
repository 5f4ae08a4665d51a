/**
 * Elements made and read: a child walk by namespace, because a selector never matches `xmlns` in a stanza and a descendant
 * search finds what somebody hid deeper down.
 */

const XMLNS = 'http://www.w3.org/2000/xmlns/';

/** The namespace of stanzas. */
export const CLIENT = 'jabber:client';
/** The namespace of the conditions in their errors (RFC 6120 section 8.3.3). */
export const STANZA_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** An element in a namespace; its children are elements or texts. What is null is left out. */
export function element(
    xmlns: string,
    name: string,
    attributes: Readonly<Record<string, string | null | undefined>> = {},
    ...children: readonly (Element | string | null)[]
): Element {
    const made = document.createElementNS(xmlns, name);
    // Strophe writes attributes only: without this one the namespace would be lost.
    made.setAttributeNS(XMLNS, 'xmlns', xmlns);
    for (const [key, value] of Object.entries(attributes)) {
        if (typeof value === 'string') made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
}

/** A question or an order. @param to empty: the own account */
export const iq = (type: 'get' | 'set', to: string | null, child: Element): Element =>
    element(CLIENT, 'iq', { type, to }, child);

/** The direct children in that namespace, with that name where one is given. */
export const childrenOf = (parent: Element | null | undefined, xmlns: string, name?: string): Element[] =>
    Array.from(parent?.children ?? []).filter(
        ({ namespaceURI, localName }) => namespaceURI === xmlns && localName === (name ?? localName),
    );

/** The first of them, or null. @param names each inside of the one before */
export const childOf = (parent: Element | null | undefined, xmlns: string, ...names: string[]): Element | null =>
    names.reduce<Element | null>((found, name) => childrenOf(found, xmlns, name)[0] ?? null, parent ?? null);

/** A child of that name: draft-veikkolainen-sip-voip-xmpp-im has another namespace in each version, and in its examples. */
export const draftElement = (message: Element, name: string): Element | undefined =>
    Array.from(message.children).find(({ localName }) => localName === name);

/** The text of an element without the white space around it, cut to a length. */
export function textOf(found: Element | null, length: number): string {
    return (found?.textContent ?? '')
        .slice(0, length * 2)
        .trim()
        .slice(0, length);
}
