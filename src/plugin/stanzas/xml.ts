/**
 * Elements made and read: a child walk by namespace, because a selector never matches `xmlns` in a stanza and a descendant
 * search finds what somebody hid deeper down.
 */

const XMLNS = 'http://www.w3.org/2000/xmlns/';

/** The namespace of stanzas. */
export const CLIENT = 'jabber:client';

/** An element in a namespace; its children are elements or texts. */
export function element(
    xmlns: string,
    name: string,
    attributes: Readonly<Record<string, string>> = {},
    ...children: readonly (Element | string)[]
): Element {
    const made = document.implementation.createDocument(null, null).createElementNS(xmlns, name);
    // Strophe writes attributes only: without this one the namespace would be lost.
    made.setAttributeNS(XMLNS, 'xmlns', xmlns);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
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
