/**
 * A person's availability for calls, inside XMPP presence (PROTOCOL.md 8.4): elements of PIDF (RFC 3863), of its
 * capabilities (RFC 5196) and of RPID (RFC 4480) as direct children, beside `<reach/>` (XEP-0152).
 */
import { cleanSipUri } from '../../sip-sidecar/contract/index.js';
import { availabilityOf, basicOf, type CallAvailability } from '../stox/presence.js';
import { REACH, RPID } from './namespaces.js';
import { buildReach, parseReach } from './reach.js';
import { buildServcaps, PIDF_CAPS, parseServcaps } from './servcaps.js';
import { childOf, CLIENT, element, textOf } from './xml.js';

export const PIDF = 'urn:ietf:params:xml:ns:pidf';

/** Where to look. */
const OURS: readonly unknown[] = [REACH, PIDF, PIDF_CAPS, RPID];

/** What a device says about itself. */
export interface DeviceAvailability {
    /** `unknown`: nothing is said about it; addresses may be there all the same. */
    readonly availability: CallAvailability;
    /** Cleaned addresses of record. */
    readonly uris: readonly string[];
    /** Whether it takes video calls; null: not said. */
    readonly video: boolean | null;
}

/** What clients that know nothing of this see during a call, as `sip_presence_on_call` has it. @param text a status */
export function buildForOthers(how: 'none' | 'status' | 'dnd', text: string): Element | null {
    return how === 'none' ? null : element(CLIENT, how === 'dnd' ? 'show' : 'status', {}, how === 'dnd' ? how : text);
}

/**
 * The elements for an outgoing broadcast presence. None has a descendant named `status`, `show` or `priority`: Converse
 * and others read the first DESCENDANT of such a name as the person's own.
 */
export function buildAvailability({ availability, uris, video }: DeviceAvailability): Element[] {
    const said = basicOf(availability);
    return [
        said === 'closed' || uris.length === 0 ? null : buildReach(uris),
        said && element(PIDF, 'basic', {}, said),
        said === 'open' ? buildServcaps(video ?? false) : null,
        availability === 'on-the-phone' ? element(RPID, 'activities', {}, element(RPID, availability)) : null,
    ].filter((each) => each !== null);
}

/**
 * Reads a presence stanza: its direct children, and a PIDF `<tuple>` should someone send one.
 *
 * @returns null where it holds nothing of this: the case that has to be quick
 */
export function parseAvailability(presence: Element): DeviceAvailability | null {
    if (!Array.from(presence.children).some(({ namespaceURI }) => OURS.includes(namespaceURI))) return null;
    const tuple = childOf(presence, PIDF, 'tuple');
    const basic = childOf(presence, PIDF, 'basic') ?? childOf(tuple, PIDF, 'status', 'basic');
    const uris = parseReach(childOf(presence, REACH, 'reach'));
    const uri = cleanSipUri(textOf(childOf(tuple, PIDF, 'contact'), 256));
    return {
        availability: availabilityOf(
            textOf(basic, 16).toLowerCase(),
            [presence, tuple].some((place) => childOf(place, RPID, 'activities', 'on-the-phone')),
        ),
        uris: uris.length === 0 && uri !== null ? [uri] : uris,
        video: parseServcaps(presence) ?? parseServcaps(tuple),
    };
}
