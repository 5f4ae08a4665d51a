/** The thread of a conversation (RFC 6121 section 5.2.5, XEP-0201). */
import { identifier } from './identifier.js';
import { childOf, CLIENT, element } from './xml.js';

export function buildThread(thread: string): Element {
    return element(CLIENT, 'thread', {}, thread);
}

/** The thread of a message that came, or is about to be sent; null: none that can be used. */
export function threadOf(message: Element): string | null {
    return identifier(childOf(message, message.namespaceURI ?? '', 'thread')?.textContent);
}
