/** What is dialled: a person's best address, or an address or number as it was given. */
import { formatSipAddress, parseSipAddress, telephoneNumber, type SipAddress } from '../sip-sidecar/contract/index.js';
import { OWN_WORD, type AddressBook } from './address-book/book.js';
import type { Word } from './consent.js';
import { bareJid } from './jid.js';

/** What a target turns out to be. */
export type Target =
    | {
          readonly ok: true;
          readonly jid: string | null;
          readonly uri: string;
          readonly video: boolean | null;
          readonly word: Word;
      }
    | { readonly ok: false; readonly problem: 'no-address' | 'bad-address' };

/** An address as it is dialled: a number goes to the own domain (PROTOCOL.md 8.6). */
export function dialled(address: SipAddress, sipDomain: string): string {
    return address.scheme === 'tel'
        ? formatSipAddress({ ...address, scheme: 'sip', host: sipDomain, phone: true })
        : formatSipAddress(address);
}

/** The address or telephone number that a person typed; null: neither. */
export function readAddress(text: string): SipAddress | null {
    const number = telephoneNumber(text.trim());
    const address = parseSipAddress(number === null ? text : `tel:${number}`);
    return address?.user === '' ? null : address;
}

/**
 * @param text a JID, a `sip:`, `sips:` or `tel:` address, or a telephone number
 * @param whose whose address that is, where it was chosen among those of a person
 */
export function findTarget(text: string, book: AddressBook, sipDomain: string, whose: string | null = null): Target {
    const of = whose === text ? null : whose;
    const jid = of ?? (/^\s*<?(?:sips?|tel):/iu.test(text) ? null : bareJid(text));
    const listed = jid?.includes('@') === true ? book.addressesOf(jid) : [];
    const best = of === null ? listed[0] : listed.find(({ uri }) => uri === text);
    const address = best && parseSipAddress(best.uri);
    if (best && address) {
        const word = OWN_WORD.some((source) => source === best.source) ? 'own' : 'published';
        return { ok: true, jid, uri: dialled(address, sipDomain), video: best.video, word };
    }
    if (of === null && jid?.includes('@') === true) return { ok: false, problem: 'no-address' };
    const typed = readAddress(text);
    if (typed === null) return { ok: false, problem: 'bad-address' };
    return { ok: true, jid: null, uri: dialled(typed, sipDomain), video: null, word: 'own' };
}
