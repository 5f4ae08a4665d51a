/** The SIP addresses and telephone numbers in a vCard: XEP-0292 (RFC 6351) and XEP-0054. */
import { cleanSipAddress, telephoneNumber } from '../../sip-sidecar/contract/index.js';
import { MAX_ADDRESSES } from './reach.js';
import { childOf, CLIENT, element, textOf } from './xml.js';

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
    return element(CLIENT, 'iq', { type: 'get', to: jid }, element(VCARD_TEMP, 'vCard'));
}

/** The vCard in the answer to {@link buildVCardRequest}. */
export function vCardOf(result: Element): Element | null {
    return childOf(result, VCARD_TEMP, 'vCard');
}

/** Reads a vCard of either kind. Fax and pager numbers cannot be called. */
export function parseVCard(vcard: Element | null): VCardAddresses {
    const uris = new Set<string>();
    let video: true | null = null;
    for (let child = vcard?.firstElementChild ?? null; child; child = child.nextElementSibling) {
        if (uris.size === MAX_ADDRESSES) break;
        const { namespaceURI, localName } = child;
        const is4 = namespaceURI === VCARD4;
        if (is4 ? !/^(?:tel|impp)$/u.test(localName) : namespaceURI !== VCARD_TEMP || localName !== 'TEL') continue;
        const uri = addressIn(
            is4
                ? (childOf(child, VCARD4, 'uri') ?? childOf(child, VCARD4, 'text'))
                : childOf(child, VCARD_TEMP, 'NUMBER'),
        );
        const types = is4 ? typesOf(child) : Array.from(child.children, (each) => each.localName.toLowerCase());
        if (uri === null || types.some((type) => /^(?:fax|pager|modem)$/u.test(type))) continue;
        uris.add(uri);
        if (types.includes('video')) video = true;
    }
    return { uris: [...uris], video };
}

function typesOf(property: Element): string[] {
    const type = childOf(childOf(property, VCARD4, 'parameters'), VCARD4, 'type');
    return Array.from(type?.children ?? [], (each) => textOf(each, 16).toLowerCase());
}

function addressIn(found: Element | null): string | null {
    // Prosody makes `tel:` of every number of a vcard-temp when it writes the vCard4.
    const text = textOf(found, 256).replace(/^tel:(?=sips?:)/iu, '');
    if (/^(?:sips?|tel):/iu.test(text)) return cleanSipAddress(text);
    const number = telephoneNumber(text);
    return number === null ? null : `tel:${number}`;
}
