/**
 * A person's availability for calls, inside XMPP presence (PROTOCOL.md 8.4): elements of PIDF (RFC 3863), of its
 * capabilities (RFC 5196) and of RPID (RFC 4480) as direct children, beside `<reach/>` (XEP-0152).
 */
import { cleanSipAddress } from '../../sip-sidecar/contract/index.js';
import { buildReach, parseReach, REACH } from './reach.js';
import { booleanOf, childOf, element, textOf } from './xml.js';

export const PIDF = 'urn:ietf:params:xml:ns:pidf';
export const PIDF_CAPS = 'urn:ietf:params:xml:ns:pidf:caps';
export const RPID = 'urn:ietf:params:xml:ns:pidf:rpid';

/** What a device says about itself. */
export interface DeviceAvailability {
    /** `unknown`: nothing is said about it; addresses may be there all the same. */
    readonly availability: 'unknown' | 'closed' | 'open' | 'on-the-phone';
    /** Cleaned addresses of record. */
    readonly uris: readonly string[];
    /** Whether it takes video calls; null: not said. */
    readonly video: boolean | null;
}

/**
 * The elements for an outgoing broadcast presence. None has a descendant named `status`, `show` or `priority`: Converse
 * and others read the first DESCENDANT of such a name as the person's own.
 */
export function buildAvailability({ availability, uris, video }: DeviceAvailability): Element[] {
    if (availability === 'unknown') return uris.length > 0 ? [buildReach(uris)] : [];
    if (availability === 'closed') return [element(PIDF, 'basic', {}, 'closed')];
    const elements = [
        buildReach(uris),
        element(PIDF, 'basic', {}, 'open'),
        element(
            PIDF_CAPS,
            'servcaps',
            {},
            element(PIDF_CAPS, 'audio', {}, 'true'),
            element(PIDF_CAPS, 'video', {}, String(video ?? false)),
        ),
    ];
    if (availability === 'on-the-phone') {
        elements.push(element(RPID, 'activities', {}, element(RPID, 'on-the-phone')));
    }
    return elements;
}

/**
 * Reads a presence stanza: its direct children, and a PIDF `<tuple>` should someone send one.
 *
 * @returns null where it holds nothing of this: the case that has to be quick
 */
export function parseAvailability(presence: Element): DeviceAvailability | null {
    let found = false;
    let basic = '';
    let busy = false;
    let video: boolean | null = null;
    let uris: readonly string[] = [];
    for (let child = presence.firstElementChild; child; child = child.nextElementSibling) {
        const { namespaceURI, localName } = child;
        if (namespaceURI === REACH && localName === 'reach') {
            uris = parseReach(child);
        } else if (namespaceURI === PIDF && localName === 'basic') {
            basic = textOf(child, 16).toLowerCase();
        } else if (namespaceURI === PIDF_CAPS && localName === 'servcaps') {
            video = booleanOf(childOf(child, PIDF_CAPS, 'video'));
        } else if (namespaceURI === RPID && localName === 'activities') {
            busy = childOf(child, RPID, 'on-the-phone') !== null;
        } else if (namespaceURI === PIDF && localName === 'tuple') {
            basic ||= textOf(childOf(childOf(child, PIDF, 'status'), PIDF, 'basic'), 16).toLowerCase();
            video ??= booleanOf(childOf(childOf(child, PIDF_CAPS, 'servcaps'), PIDF_CAPS, 'video'));
            busy ||= childOf(childOf(child, RPID, 'activities'), RPID, 'on-the-phone') !== null;
            const contact = childOf(child, PIDF, 'contact')?.textContent ?? '';
            const uri = /^\s*(?:sips?|tel):/iu.test(contact) ? cleanSipAddress(contact) : null;
            if (uri !== null && uris.length === 0) uris = [uri];
        } else {
            continue;
        }
        found = true;
    }
    if (!found) return null;
    const availability = basic === 'closed' ? 'closed' : busy ? 'on-the-phone' : basic === 'open' ? 'open' : 'unknown';
    return { availability, uris, video };
}
