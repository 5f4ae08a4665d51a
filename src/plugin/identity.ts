/** Who is at the other end of a call, and how sure we are (PROTOCOL.md 8.8). */
import { parseSipAddress, type IncomingCall } from '../sip-sidecar/contract/index.js';
import type { AddressBook } from './address-book/book.js';
import type { Identity } from './phone.js';

/** Nobody is known. */
export const NOBODY: Identity = {
    level: 'none',
    jid: null,
    trusted: false,
    contact: false,
    unconfirmed: false,
    reasons: ['address-unknown'],
};

const LISTED = { ...NOBODY, level: 'listed', contact: true, reasons: ['address-listed'] } as const;

/**
 * The caller: one person who lists this address, trusted where it is the From of a domain whose SIP service authenticates
 * it. Several who list it name nobody.
 */
export function identifyCaller(
    book: AddressBook,
    { from, asserted }: Pick<IncomingCall, 'from' | 'asserted'>,
    trustedDomains: readonly string[],
): Identity {
    const { jid, listed } = book.whoIs(from);
    if (jid === null) return listed ? { ...NOBODY, level: 'claimed', reasons: ['several-list-address'] } : NOBODY;
    const host = parseSipAddress(from)?.host.replace(/\.$/u, '') ?? '';
    return { ...LISTED, jid, trusted: !asserted && trustedDomains.includes(host) };
}

/** The one who is called: the JID that was dialled, or who lists the address that was. */
export function identifyCalled(book: AddressBook, jid: string | null, address: string): Identity {
    const called = jid ?? book.whoIs(address).jid;
    return called === null ? NOBODY : { ...LISTED, jid: called, trusted: true, reasons: ['dialled'] };
}
