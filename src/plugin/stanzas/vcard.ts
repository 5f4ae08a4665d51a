/** The SIP addresses and telephone numbers in a vCard: XEP-0292 (RFC 6351) and XEP-0054. */
import { cleanSipUri, telephoneNumber } from '../../sip-sidecar/contract/index.js';
import { MAX_ADDRESSES } from './reach.js';
import { childOf, childrenOf, element, iq, textOf } from './xml.js';

/** The PEP node of vCard4; its events come without a payload. Ask with `buildItemsRequest`. */
export const VCARD4_NODE = 'urn:xmpp:vcard4';
const VCARD4 = 'urn:ietf:params:xml:ns:vcard-4.0';
const VCARD_TEMP = 'vcard-temp';

/** What a vCard says. */
export interface VCardAddresses {
    /** Cleaned addresses (`sip:`, `sips:`, `tel:`), each once, in their order. */
    readonly uris: readonly string[];
    /** Whether one of them is marked as taking video calls (RFC 7081 section 3.3); null: not said. */
    readonly video: boolean | null;
}

/** Asks for somebody's vcard-temp. */
export function buildVCardRequest(jid: string): Element {
    return iq('get', jid, element(VCARD_TEMP, 'vCard'));
}

/** The vCard in the answer to {@link buildVCardRequest}. */
export function vCardOf(result: Element | null): Element | null {
    return childOf(result, VCARD_TEMP, 'vCard');
}

/** Reads a vCard of either kind. Fax and pager numbers cannot be called. */
export function parseVCard(vcard: Element | null): VCardAddresses {
    const uris = new Set<string>();
    let video: true | null = null;
    for (const property of [...childrenOf(vcard, VCARD4), ...childrenOf(vcard, VCARD_TEMP)]) {
        const { localName, namespaceURI } = property;
        const inside = (name: string) => childOf(property, namespaceURI ?? '', name);
        const uri = addressIn(inside('uri') ?? inside('text') ?? inside('NUMBER'));
        const types = Array.from(property.querySelectorAll(':scope > *, :scope > parameters > type > *'), (type) =>
            type.localName === 'text' ? textOf(type, 16) : type.localName,
        );
        const is = (kind: RegExp): boolean => types.some((type) => kind.test(type));
        if (!/^(?:tel|impp)$/iu.test(localName) || uri === null || is(/^(?:fax|pager|modem)$/iu)) continue;
        if (uris.add(uri).size === MAX_ADDRESSES) break;
        if (is(/^video$/iu)) video = true;
    }
    return { uris: [...uris], video };
}

function addressIn(found: Element | null): string | null {
    // Prosody makes `tel:` of every number of a vcard-temp when it writes the vCard4.
    const text = textOf(found, 256).replace(/^tel:(?=sips?:)/iu, '');
    const number = telephoneNumber(text);
    return number === null ? cleanSipUri(text) : `tel:${number}`;
}
