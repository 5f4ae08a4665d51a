/** REQ-4: the SIP Call-ID in a chat message as a header of XEP-0131 (PROTOCOL.md 8.3). */
import { identifier } from './identifier.js';
import { childOf, childrenOf, draftElement, element } from './xml.js';

const SHIM = 'http://jabber.org/protocol/shim';

/** The element that says to which call a message belongs; null for a Call-ID that cannot be sent. */
export function buildCallId(callId: string): Element | null {
    return identifier(callId) === null
        ? null
        : element(SHIM, 'headers', {}, element(SHIM, 'header', { name: 'Call-ID' }, callId));
}

/** The Call-ID in a message, or null. Whether it names a call of ours, and with that sender, is for others to say. */
export function parseCallId(message: Element): string | null {
    const header = childrenOf(childOf(message, SHIM, 'headers'), SHIM, 'header').find(
        (each) => each.getAttribute('name')?.toLowerCase() === 'call-id',
    );
    return identifier(header ? header.textContent : draftElement(message, 'sip-correlation')?.getAttribute('value'));
}
