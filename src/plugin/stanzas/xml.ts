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
    const made = document.implementation.createDocument(null, null).createElementNS(xmlns, name);
    // Strophe writes attributes only: without this one the namespace would be lost.
    made.setAttributeNS(XMLNS, 'xmlns', xmlns);
    for (const [key, value] of Object.entries(attributes)) {
        if (typeof value === 'string') made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
}

/** The direct children with that namespace and name. */
export function childrenOf(parent: Element, xmlns: string, name: string): Element[] {
    const found: Element[] = [];
    for (let child = parent.firstElementChild; child; child = child.nextElementSibling) {
        if (child.localName === name && child.namespaceURI === xmlns) found.push(child);
    }
    return found;
}

/** The first direct child with that namespace and name, or null. */
export function childOf(parent: Element | null, xmlns: string, name: string): Element | null {
    for (let child = parent?.firstElementChild ?? null; child; child = child.nextElementSibling) {
        if (child.localName === name && child.namespaceURI === xmlns) return child;
    }
    return null;
}

/** The first direct child in that namespace, whatever its name, or null. */
export function childIn(parent: Element | null, xmlns: string): Element | null {
    let child = parent?.firstElementChild ?? null;
    while (child !== null && child.namespaceURI !== xmlns) child = child.nextElementSibling;
    return child;
}

/** The text of an element without the white space around it, cut to a length. */
export function textOf(found: Element | null, length: number): string {
    return (found?.textContent ?? '')
        .slice(0, length * 2)
        .trim()
        .slice(0, length);
}

/** An `xs:boolean`, or null where it is none. */
export function booleanOf(found: Element | null): boolean | null {
    const text = textOf(found, 8).toLowerCase();
    return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : null;
}
