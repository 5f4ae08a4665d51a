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
