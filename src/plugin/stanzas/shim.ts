/** REQ-4: the SIP Call-ID in a chat message as a header of XEP-0131 (PROTOCOL.md 8.3). */
import { identifier } from './identifier.js';
import { childOf, childrenOf, element } from './xml.js';

const SHIM = 'http://jabber.org/protocol/shim';

/** `<sip-correlation/>` of the two versions of draft-veikkolainen-sip-voip-xmpp-im; received only. */
const SIP_CORRELATION = ['urn:xmpp:sip-correlation', 'http://jabber.org/protocol/sip-correlation'];

/** The element that says to which call a message belongs; null for a Call-ID that cannot be sent. */
export function buildCallId(callId: string): Element | null {
    return identifier(callId) === null
        ? null
        : element(SHIM, 'headers', {}, element(SHIM, 'header', { name: 'Call-ID' }, callId));
}

/** The Call-ID in a message, or null. Whether it names a call of ours, and with that sender, is for others to say. */
export function parseCallId(message: Element): string | null {
    const headers = childOf(message, SHIM, 'headers');
    const header =
        headers &&
        childrenOf(headers, SHIM, 'header').find((each) => each.getAttribute('name')?.toLowerCase() === 'call-id');
    if (header) return identifier(header.textContent);
    const [draft] = SIP_CORRELATION.flatMap((xmlns) => childOf(message, xmlns, 'sip-correlation') ?? []);
    return identifier(draft?.getAttribute('value'));
}
