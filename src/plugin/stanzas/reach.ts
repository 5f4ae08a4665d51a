/** XEP-0152 Reachability Addresses: `<reach xmlns='urn:xmpp:reach:0'><addr uri='sip:…'/></reach>`. */
import { cleanSipUri, sameAddressOfRecord } from '../../sip-sidecar/contract/index.js';
import { REACH } from './namespaces.js';
import { childrenOf, element } from './xml.js';

/** The most addresses that are read from one element. */
export const MAX_ADDRESSES = 8;

/** Of the addresses in an item, the most that are looked at, and kept when one is added. */
const MAX_KEPT = 32;

/** `<reach/>` with these addresses; an empty one says that there is none. */
export function buildReach(uris: readonly string[]): Element {
    return element(REACH, 'reach', {}, ...uris.map((uri) => element(REACH, 'addr', { uri })));
}

/**
 * The SIP addresses and telephone numbers in a `<reach/>`, cleaned, each once, in their order. Other schemes and what is no
 * address are left out; so is everything after the first {@link MAX_ADDRESSES}.
 */
export function parseReach(reach: Element | null): string[] {
    const found = childrenOf(reach, REACH, 'addr').slice(0, MAX_KEPT);
    const uris = found.flatMap((addr) => cleanSipUri(addr.getAttribute('uri')) ?? []);
    return [...new Set(uris)].slice(0, MAX_ADDRESSES);
}

/**
 * The own item changed by this device: with `add` in it and without `remove`; what other devices and other clients wrote
 * stays as it is, whatever its scheme.
 *
 * @param item what is published now, null: nothing; its addresses move into the new one
 * @returns null where the item is right already
 */
export function changeReach(item: Element | null, add: string | null, remove: string | null): Element | null {
    const there = childrenOf(item, REACH, 'addr').slice(0, MAX_KEPT);
    const names = (uri: string | null) => (addr: Element) => sameAddressOfRecord(uri, addr.getAttribute('uri'));
    const rest = there.filter((addr) => !names(remove)(addr));
    const missing = add !== null && !rest.some(names(add));
    if (!missing && rest.length === there.length) return null;
    const changed = buildReach(missing ? [add] : []);
    changed.append(...rest);
    return changed;
}
