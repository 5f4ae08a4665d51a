/** The source `presence`: what contacts' devices say about themselves in their presence. Volatile. */
import { parseAvailability } from '../stanzas/availability.js';
import { childOf, textOf } from '../stanzas/xml.js';
import type { AddressBook } from './book.js';

/**
 * Takes in one presence stanza of a contact's device. Called for every presence there is, so the common case (nothing of ours
 * in it, nothing known) is one walk over its children and one look into the book.
 *
 * @param jid the contact, bare
 * @param resource the device
 */
export function onPresence(book: AddressBook, jid: string, resource: string, presence: Element, now: number): void {
    const type = presence.getAttribute('type');
    if (type !== null && type !== 'unavailable') return;
    const said = type === null ? parseAvailability(presence) : null;
    if (said === null) {
        // Unavailable without a resource: the whole person is gone (RFC 6121 section 4.5).
        if (type === 'unavailable' && resource === '') book.forget(['presence', 'message'], jid);
        else book.remove(jid, 'presence', resource);
        // What it said in a message names this very device.
        if (type === 'unavailable') book.remove(jid, 'message', resource);
        return;
    }
    const priority = Number.parseInt(textOf(childOf(presence, presence.namespaceURI ?? '', 'priority'), 8), 10) || 0;
    book.put(jid, {
        source: 'presence',
        resource,
        ...said,
        priority: Math.max(-128, Math.min(127, priority)),
        seenAt: now,
    });
}
