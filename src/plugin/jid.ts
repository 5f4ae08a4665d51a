/** JIDs (RFC 7622), as far as they are compared here: bare, in lower case, as Converse keeps its contacts. */

/** The longest bare JID: two parts of 1,023 octets and the `@`. */
const MAX_LENGTH = 2047;

/**
 * Without what RFC 7622 forbids, what deceives (invisible and direction-changing characters) and what XML cannot carry. The
 * domain is a host: in any other text a caller could tell whatever story it likes.
 */
const BARE =
    /^(?:[^\s@/"&'<>:\p{Cc}\p{Cf}\p{Cs}\ufffe\uffff]{1,1023}@)?(?:\[[\da-f:.]+\]|[\p{L}\p{M}\p{N}._\u00b7\u30fb-]{1,1023})$/u;

/** The bare JID in the form it is compared in; null for what is none. */
export function bareJid(jid: unknown): string | null {
    if (typeof jid !== 'string' || jid.length > MAX_LENGTH + 1024) return null;
    const bare = (jid.split('/', 1)[0] ?? '').trim().toLowerCase();
    return BARE.test(bare) ? bare : null;
}

/** The resource, or an empty string where there is none. */
export function resourceOf(jid: string): string {
    return jid.slice(jid.indexOf('/') + 1 || jid.length);
}

/** The part after the `@` of a bare JID. */
export function domainOf(bare: string): string {
    return bare.slice(bare.indexOf('@') + 1);
}

/** The part before the `@`; empty for a server. */
export function localPartOf(bare: string): string {
    return bare.slice(0, Math.max(0, bare.indexOf('@')));
}

/** The person of a conversation of Converse's; null for a room. */
export function personOf(chat: { get(attribute: string): unknown } | undefined): string | null {
    return chat?.get('type') === 'chatbox' ? bareJid(chat.get('jid')) : null;
}
