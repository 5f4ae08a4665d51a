/**
 * SIP addresses: read from anywhere, rebuilt from the few parts we know, compared by address of record.
 *
 * Nothing that is not understood survives: headers (`?Replaces=`), `method`, `maddr` and every other parameter are left
 * behind (PROTOCOL.md 8.9), so an address out of a stanza, a SIP header or a link is safe to dial and to show.
 */

/** An address that can be called: a SIP or SIPS URI (RFC 3261 section 19.1) or a telephone number (RFC 3966). */
export interface SipAddress {
    readonly scheme: 'sip' | 'sips' | 'tel';
    /** Decoded; the number with its `+`, without visual separators, for `tel:`. Empty only for a bare domain. */
    readonly user: string;
    /** Lower case; empty for `tel:`. */
    readonly host: string;
    readonly port: number | null;
    /** The `gr` parameter of a GRUU (RFC 5627); `true` for one without a value (a temporary GRUU); null: not a GRUU. */
    readonly gr: string | true | null;
    readonly transport: 'ws' | 'wss' | 'tcp' | 'tls' | 'udp' | null;
    /** `user=phone`: the user part is a telephone number. */
    readonly phone: boolean;
}

/** The longest address that is looked at, in characters. */
export const MAX_ADDRESS_LENGTH = 255;

const TRANSPORTS: ReadonlySet<string> = new Set(['ws', 'wss', 'tcp', 'tls', 'udp']);
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*\\.?|\\[[0-9a-f:.]{2,45}\\])$`);
/** `unreserved` and `user-unreserved` of RFC 3261 section 25.1: what may stand in the user part unescaped. */
const USER_PLAIN = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu;
const GR_PLAIN = /[^A-Za-z0-9\-_.!~*'()[\]/:&+$]/gu;
const UNPRINTABLE =
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]/u;

/**
 * Reads an address: `sip:`, `sips:`, `tel:`, with or without angle brackets, or `user@host` (taken as `sip:`).
 *
 * @returns null for anything else, for an address that is too long, and for one that hides control or bidi characters
 */
export function parseSipAddress(text: unknown): SipAddress | null {
    if (typeof text !== 'string') return null;
    let rest = text.trim();
    if (rest.startsWith('<') && rest.endsWith('>')) rest = rest.slice(1, -1).trim();
    if (rest === '' || rest.length > MAX_ADDRESS_LENGTH || /[\s<>"\\^`{|}]/u.test(rest)) return null;
    const scheme = /^([a-z][a-z0-9+.-]*):/iu.exec(rest)?.[1]?.toLowerCase();
    if (scheme === 'tel') return parseNumber(rest.slice(4));
    if (scheme === 'sip' || scheme === 'sips') return parseUri(scheme, rest.slice(scheme.length + 1));
    return /^[^:@;?]+@/u.test(rest) ? parseUri('sip', rest) : null;
}

function parseNumber(text: string): SipAddress | null {
    const user = telephoneNumber(text.split(/[;?]/u)[0] ?? '');
    return user === null ? null : { scheme: 'tel', user, host: '', port: null, gr: null, transport: null, phone: true };
}

/** The digits of a telephone number, with its leading `+`; null where the text is none (RFC 3966 section 5.1). */
export function telephoneNumber(text: string): string | null {
    const digits = text.replace(/[-.()\s]/gu, '');
    return /^\+?[0-9*#]{1,32}$/u.test(digits) && /[0-9]/u.test(digits) ? digits : null;
}

function parseUri(scheme: 'sip' | 'sips', text: string): SipAddress | null {
    const at = text.indexOf('@');
    if (at !== text.lastIndexOf('@')) return null;
    const user = percentDecode((at < 0 ? '' : text.slice(0, at)).split(':')[0] ?? '');
    if (user === null || (at >= 0 && user === '') || UNPRINTABLE.test(user)) return null;
    const [hostPort = '', ...parameters] = (text.slice(at + 1).split('?')[0] ?? '').split(';');
    const match = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/u.exec(hostPort);
    const host = (match?.[1] ?? '').toLowerCase();
    const port = match?.[2] === undefined ? null : Number(match[2]);
    if (!HOST.test(host) || host.length > 253 || (port !== null && (port < 1 || port > 65535))) return null;
    let gr: SipAddress['gr'] = null;
    let transport: SipAddress['transport'] = null;
    let phone = false;
    for (const parameter of parameters) {
        const [name = '', raw] = parameter.split(/=(.*)/su);
        const value = raw === undefined ? null : percentDecode(raw);
        if (value !== null && UNPRINTABLE.test(value)) return null;
        const lower = value?.toLowerCase() ?? '';
        if (name.toLowerCase() === 'gr') gr = value === null || value === '' ? true : value;
        else if (name.toLowerCase() === 'transport' && TRANSPORTS.has(lower)) transport = lower as 'ws';
        else if (name.toLowerCase() === 'user' && lower === 'phone') phone = true;
    }
    return { scheme, user, host, port, gr, transport, phone };
}

/** A text without its percent-encoding (RFC 3986 section 2.1); null where that is not well-formed. */
export function percentDecode(text: string): string | null {
    try {
        return decodeURIComponent(text);
    } catch {
        return null;
    }
}

const encode = (text: string, plain: RegExp): string =>
    text.replace(plain, (character) => encodeURIComponent(character));

/** The address as text, in the one form we send: `sip:bob@sip.example.net;gr=urn:uuid:…`, `tel:+13035551212`. */
export function formatSipAddress(address: SipAddress): string {
    if (address.scheme === 'tel') return `tel:${address.user}`;
    const user = address.user === '' ? '' : `${encode(address.user, USER_PLAIN)}@`;
    const port = address.port === null ? '' : `:${String(address.port)}`;
    const gr = address.gr === null ? '' : address.gr === true ? ';gr' : `;gr=${encode(address.gr, GR_PLAIN)}`;
    const transport = address.transport === null ? '' : `;transport=${address.transport}`;
    return `${address.scheme}:${user}${address.host}${port}${transport}${address.phone ? ';user=phone' : ''}${gr}`;
}

/** Reads and rebuilds in one go: a safe address as text, or null. */
export function cleanSipAddress(text: unknown): string | null {
    const address = parseSipAddress(text);
    return address === null ? null : formatSipAddress(address);
}

/**
 * The key under which addresses are compared (PROTOCOL.md 8.6): `sips` as `sip`, the host without its port and in lower
 * case, the user as it is (it is case-sensitive), no parameter; a number by its digits. A number with its country code is the
 * same wherever it is dialled (`user=phone`).
 *
 * @returns null for what is no address, for a bare domain, and for a temporary GRUU, which names nobody
 */
export function addressOfRecord(address: SipAddress | string): string | null {
    const parsed = typeof address === 'string' ? parseSipAddress(address) : address;
    if (parsed === null || parsed.gr === true || parsed.user === '') return null;
    const number = parsed.phone ? telephoneNumber(parsed.user) : null;
    if (number !== null && (parsed.scheme === 'tel' || number.startsWith('+'))) return `tel:${number}`;
    return `sip:${encode(parsed.user, USER_PLAIN)}@${parsed.host.replace(/\.$/u, '')}`;
}

/** Whether two addresses name the same person, see {@link addressOfRecord}. */
export function sameAddressOfRecord(a: SipAddress | string, b: SipAddress | string): boolean {
    const key = addressOfRecord(a);
    return key !== null && key === addressOfRecord(b);
}
