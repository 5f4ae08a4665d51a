/**
 * SIP addresses: read from anywhere, rebuilt from the few parts we know, compared by address of record.
 *
 * Nothing that is not understood survives: headers (`?Replaces=`), `method`, `maddr` and every other parameter are left
 * behind (PROTOCOL.md 8.9), so an address out of a stanza, a SIP header or a link is safe to dial and to show.
 */

import { UNFIT } from './text.js';

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
const MAX_ADDRESS_LENGTH = 255;

/** User, host, port and parameters of a SIP URI; a password and headers are left behind. Without `u`: no letter is like another. */
const URI =
    /^(?:([^@:]+)(?::[^@]*)?@)?((?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.|\b))+|\[[\da-f:.]{2,45}\])(?::(\d{1,5}))?(;[^@?]*)?(?:\?[^@]*)?$/i;
/** `unreserved` and `user-unreserved` of RFC 3261 section 25.1: what may stand in the user part unescaped. */
const USER_PLAIN = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu;
const GR_PLAIN = /[^A-Za-z0-9\-_.!~*'()[\]/:&+$]/gu;
/**
 * Reads an address: `sip:`, `sips:`, `tel:`, with or without angle brackets, or `user@host` (taken as `sip:`).
 *
 * @returns null for anything else, for an address that is too long, and for one that hides control or bidi characters
 */
export function parseSipAddress(text: unknown): SipAddress | null {
    const whole = typeof text === 'string' ? text.trim().replace(/^<\s*(.*?)\s*>$/su, '$1') : '';
    const [, given, rest = ''] = /^(?:(sips?|tel):|(?=[^:@;?]+@))([^\s<>"\\^`{|}]*)$/iu.exec(whole) ?? [];
    if (rest === '' || whole.length > MAX_ADDRESS_LENGTH) return null;
    const scheme = (given?.toLowerCase() ?? 'sip') as SipAddress['scheme'];
    if (scheme === 'tel') {
        const number = telephoneNumber(rest.replace(/[;?].*/u, ''));
        if (number === null) return null;
        return { scheme, user: number, host: '', port: null, gr: null, transport: null, phone: true };
    }
    const [, name = '', host = '', port, parameters = ''] = URI.exec(rest) ?? [];
    const user = printable(name);
    const values = new Map(
        parameters.split(';').map((parameter) => {
            const [key = '', value = ''] = parameter.split(/=(.*)/u);
            return [key.toLowerCase(), printable(value)];
        }),
    );
    if (host === '' || user === null || [...values.values()].includes(null)) return null;
    if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) return null;
    const gr = values.get('gr') ?? null;
    const transport = values.get('transport')?.toLowerCase() ?? '';
    return {
        scheme,
        user,
        host: host.toLowerCase(),
        port: port === undefined ? null : Number(port),
        gr: gr === '' || gr,
        transport: /^(?:wss?|tcp|tls|udp)$/u.test(transport) ? (transport as 'ws') : null,
        phone: values.get('user')?.toLowerCase() === 'phone',
    };
}

/** The digits of a telephone number, with its leading `+`; null where the text is none (RFC 3966 section 5.1). */
export function telephoneNumber(text: string): string | null {
    const digits = text.replace(/[-.()\s]/gu, '');
    return /^(?=.*\d)\+?[\d*#]{1,32}$/u.test(digits) ? digits : null;
}

/** A text without its percent-encoding (RFC 3986 section 2.1); null where that is not well-formed. */
export function percentDecode(text: string): string | null {
    try {
        return decodeURIComponent(text);
    } catch {
        return null;
    }
}

/** The same; null also where it hides something. */
function printable(text: string): string | null {
    const decoded = percentDecode(text);
    return decoded === null || decoded.search(UNFIT) >= 0 ? null : decoded;
}

const encode = (text: string, plain: RegExp): string => text.replace(plain, encodeURIComponent);

/** The address as text, in the one form we send: `sip:bob@sip.example.net;gr=urn:uuid:…`, `tel:+13035551212`. */
export function formatSipAddress({ scheme, user, host, port, gr, transport, phone }: SipAddress): string {
    if (scheme === 'tel') return `tel:${user}`;
    return [
        `${scheme}:`,
        user && `${encode(user, USER_PLAIN)}@`,
        host,
        port && `:${String(port)}`,
        transport && `;transport=${transport}`,
        phone && ';user=phone',
        gr && ';gr',
        gr && gr !== true && `=${encode(gr, GR_PLAIN)}`,
    ]
        .filter(Boolean)
        .join('');
}

/** Reads and rebuilds in one go: a safe address as text, or null. */
export function cleanSipAddress(text: unknown): string | null {
    const address = parseSipAddress(text);
    return address && formatSipAddress(address);
}

/** The same for what has to say that it is an address or a number: `sip:`, `sips:`, `tel:`. */
export function cleanSipUri(text: string | null | undefined): string | null {
    return /^\s*<?\s*(?:sips?|tel):/iu.test(text ?? '') ? cleanSipAddress(text) : null;
}

/**
 * The key under which addresses are compared (PROTOCOL.md 8.6): `sips` as `sip`, the host without its port and in lower
 * case, the user as it is (it is case-sensitive), no parameter; a number by its digits. A number with its country code is the
 * same wherever it is dialled (`user=phone`).
 *
 * @returns null for what is no address, for a bare domain, and for a temporary GRUU, which names nobody
 */
export function addressOfRecord(text: string | null | undefined): string | null {
    const address = parseSipAddress(text);
    if (address === null || address.gr === true || address.user === '') return null;
    const { scheme, user, host, phone } = address;
    const number = phone ? telephoneNumber(user) : null;
    if (number !== null && (scheme === 'tel' || number.startsWith('+'))) return `tel:${number}`;
    return `sip:${encode(user, USER_PLAIN)}@${host.replace(/\.$/u, '')}`;
}

/** Whether two addresses name the same person, see {@link addressOfRecord}. */
export function sameAddressOfRecord(a: string | null, b: string | null): boolean {
    const key = addressOfRecord(a);
    return key !== null && key === addressOfRecord(b);
}
