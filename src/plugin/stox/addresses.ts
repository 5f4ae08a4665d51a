/**
 * Addresses between SIP and XMPP (RFC 7247 section 6). What each scheme allows in the part before the `@` differs: SIP escapes
 * by `%23`, XMPP by `\23` (XEP-0106). The part after it stays as it is; a name that only one side allows has no counterpart.
 */
import { cleanSipAddress, parseSipAddress } from '../../sip-sidecar/contract/index.js';
import { bareJid, domainOf, localPartOf, resourceOf } from '../jid.js';

/** The schemes an XMPP address can be written in; `im` for messages and `pres` for presence where a domain wants them. */
export type SipScheme = 'sip' | 'sips' | 'im' | 'pres';

/** What a JID cannot have before its `@`, and the escape character itself where it would begin an escape (XEP-0106). */
const NOT_IN_JID = /[ "&'/:<>@]|\\(?=(?:20|22|26|27|2f|3a|3c|3e|40|5c))/gu;
const ESCAPED_IN_JID = /\\(20|22|26|27|2f|3a|3c|3e|40|5c)/gu;
/** RFC 7247 section 6.5, step 5, and table 1; `%` because nobody could tell it from an escape (RFC 3986 section 2.4). */
const NOT_IN_IM = /[(),.;[\\\]%":<>@ ]|[^\u0021-\u007e]/gu;
const UNPAIRED = /\p{Cs}/u;

const hex = (character: string): string => character.charCodeAt(0).toString(16);
const escape = (text: string): string => text.replace(NOT_IN_JID, (character) => `\\${hex(character)}`);
const unescape = (text: string): string =>
    text.replace(ESCAPED_IN_JID, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
const percent = (character: string): string =>
    character < '\u0080' ? `%${hex(character).toUpperCase()}` : encodeURIComponent(character);

/** The parts of a JID that has a name before its `@` and a domain that SIP can have; null for any other. */
function partsOf(jid: string): { user: string; domain: string; resource: string } | null {
    const bare = UNPAIRED.test(jid) ? null : bareJid(jid);
    if (bare === null) return null;
    const domain = domainOf(bare);
    const user = unescape(localPartOf(bare));
    const isHost = parseSipAddress(`sip:x@${domain}`)?.host === domain;
    return user !== '' && isHost ? { user, domain, resource: resourceOf(jid) } : null;
}

/**
 * The XMPP address of a SIP one (section 6.4). A GRUU becomes a full JID; a temporary one names nobody.
 *
 * @param uri `sip:`, `sips:`, `im:` or `pres:`
 * @returns null for what has no counterpart: a number, a domain alone, what is no address
 */
export function jidFromSip(uri: string): string | null {
    // What `im` and `pres` allow beyond `sip`, in the form that SIP has for it.
    const asSip = uri.replace(/^(?:im|pres):/iu, 'sip:').replaceAll(/[\^`{|}]/gu, encodeURIComponent);
    const address = parseSipAddress(asSip);
    if (address === null || address.scheme === 'tel' || address.gr === true) return null;
    const bare = bareJid(`${escape(address.user)}@${address.host}`);
    // XEP-0106 section 4.1: no space at either end.
    if (address.user === '' || address.user.trim() !== address.user || bare === null) return null;
    return address.gr === null ? bare : `${bare}/${address.gr}`;
}

/**
 * The SIP address of an XMPP one (section 6.5). The resource of a full JID becomes a `gr` parameter, in `sip` and `sips` only.
 *
 * @returns null for a server, a room service and what is no address
 */
export function sipFromJid(jid: string, scheme: SipScheme = 'sip'): string | null {
    const parts = partsOf(jid);
    if (parts === null) return null;
    const { user, domain, resource } = parts;
    if (scheme === 'im' || scheme === 'pres') return `${scheme}:${user.replace(NOT_IN_IM, percent)}@${domain}`;
    const gr = resource === '' ? '' : `;gr=${encodeURIComponent(resource)}`;
    return cleanSipAddress(`${scheme}:${encodeURIComponent(user)}@${domain}${gr}`);
}

/**
 * The address that a person might have by the rule of a site (`sip_address_rule`): a suggestion that a person confirms, never
 * more (section 4 of RFC 7081: the two need not look alike).
 *
 * @param rule an address with `{local}`, `{domain}` and `{jid}` in it, `sip:{local}@sip.example.org`. `{jid}` is escaped as one
 * name where the rule has an `@` of its own, `sip:{jid}@gateway.example.org`
 * @returns null where the rule gives no address for this JID
 */
export function suggestAddress(rule: string, jid: string): string | null {
    const parts = partsOf(jid);
    if (parts === null) return null;
    const local = encodeURIComponent(parts.user);
    const at = rule.includes('@') ? '%40' : '@';
    const values: Record<string, string> = { local, domain: parts.domain, jid: `${local}${at}${parts.domain}` };
    return cleanSipAddress(rule.replace(/\{(local|domain|jid)\}/gu, (_, name: string) => values[name] ?? ''));
}
