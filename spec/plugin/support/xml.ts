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
