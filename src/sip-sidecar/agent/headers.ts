/** Header fields read from strangers, and checked before they are sent. Pure. */
import {
    addressOfRecord,
    cleanSipAddress,
    cleanText,
    isHeaderValue,
    parseSipAddress,
    type Header,
} from '../contract/index.js';

/** What we take. */
export const ALLOW = 'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK';

/** Headers that belong to the protocol: nobody adds them from outside. Names of one letter are short for them. */
const RESERVED =
    /^(?:.|accept|allow|authorization|call-id|contact|content-.*|cseq|event|expires|from|max-forwards|min-expires|proxy-.*|rack|record-route|refer-to|referred-by|replaces|require|route|rseq|supported|to|unsupported|user-agent|via)$/iu;

/** Whether a header may be added to what we send, and handed out of what we receive. */
export const isFreeName = (name: string): boolean => /^[a-z][a-z\d-]{0,63}$/iu.test(name) && !RESERVED.test(name);

/** The headers that may be sent, as `Name: value` lines; whatever could break or forge a message is left out. */
export function headerLines(headers: readonly Header[]): string[] {
    return headers
        .filter(([name, value]) => isFreeName(name) && value.trim() !== '' && isHeaderValue(value))
        .slice(0, 16)
        .map(([name, value]) => `${name}: ${value.trim()}`);
}

/** Splits a header value at the commas that stand outside quotes and angle brackets (RFC 3261 section 7.3.1). */
export function splitValues(value: string): string[] {
    return (value.match(/(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,"<]|["<])+/gu) ?? [])
        .map((part) => part.trim())
        .filter((part) => part !== '');
}

/** What one name-addr says: `"Bob" <sip:bob@example.net>;tag=1`, or a bare address with its header parameters. */
export function readNameAddress(value: string): { readonly address: string; readonly name: string } {
    const text = value.slice(0, 2048).trim();
    const match = /^(?:"((?:[^"\\]|\\.)*)"|([^"<]*))\s*<([^>]*)>/su.exec(text);
    if (match === null) return { address: cleanSipAddress(text.split(';')[0] ?? '') ?? '', name: '' };
    const name = match[1]?.replace(/\\(.)/gsu, '$1') ?? match[2] ?? '';
    return { address: cleanSipAddress(match[3]) ?? '', name: cleanText(name) };
}

/** Where a 3xx sends us: the address it likes best, of those it names first (RFC 3261 section 8.1.3.4); null: nowhere. */
export function bestContact(contacts: readonly string[]): string | null {
    const weight = (value: string): number => Number(/;\s*q\s*=\s*([01][\d.]*)[^>]*$/iu.exec(value)?.[1] ?? 1);
    const [best] = readValues(contacts, splitValues)
        .filter((value) => readNameAddress(value).address !== '')
        .sort((a, b) => weight(b) - weight(a));
    return best === undefined ? null : readNameAddress(best).address;
}

/** Whether an address hides whose it is: a bare domain, a temporary GRUU, or the domain `invalid` (RFC 3323 section 4.1.1.3). */
const hides = (address: string): boolean =>
    addressOfRecord(address) === null || /(?:^|\.)invalid\.?$/u.test(parseSipAddress(address)?.host ?? '');

/**
 * Who calls: From, and P-Asserted-Identity (RFC 3325) where From hides it. Where both name somebody From counts: a server
 * that lets a forged P-Asserted-Identity through must not be able to put another name on an authenticated From. Callers
 * that hide and are not asserted have no address, nor have those who ask that it be kept from us (RFC 3323 section 4.2).
 */
export function readCaller(
    asserted: readonly string[],
    from: string,
    privacy = '',
): { readonly address: string; readonly name: string; readonly asserted: boolean } {
    const nobody = { address: '', name: '', asserted: false };
    if (/(?:^|[;,\s])(?:id|user)(?:$|[;,\s])/iu.test(privacy)) return nobody;
    const sender = readNameAddress(from);
    if (!hides(sender.address)) return { ...sender, asserted: false };
    const identities = asserted
        .slice(0, 4)
        .flatMap((value) => splitValues(value.slice(0, 2048)).map(readNameAddress))
        .filter(({ address }) => !hides(address));
    const caller = identities.find(({ address }) => !address.startsWith('tel:')) ?? identities[0];
    return caller === undefined ? nobody : { ...caller, asserted: true };
}

/** Values as they came, unfolded: at most 3 of at most 1 KiB, none with a control character. */
export function readValues(headers: readonly string[], split = (value: string): string[] => [value]): string[] {
    return headers
        .slice(0, 3)
        .flatMap((header) => split(header.slice(0, 4096).replace(/\r\n[ \t]+/gu, ' ')))
        .filter((value) => value.length <= 1024 && isHeaderValue(value))
        .slice(0, 3);
}

/** The Call-Info values, see {@link readValues}. */
export const readCallInfo = (headers: readonly string[]): string[] => readValues(headers, splitValues);

/** Whether a session description offers video: an m-line that is not switched off, or bundled (RFC 9143 section 6). */
export function offersVideo(sdp: string): boolean {
    return sdp
        .slice(0, 65_536)
        .split(/\r?\n(?=m=)/u)
        .some(
            (section) =>
                /^m=video (?!0 )/u.test(section) ||
                (section.startsWith('m=video 0 ') && /^a=bundle-only/mu.test(section)),
        );
}

/** Digits as a telephone sends them (RFC 4733 section 3.2), or null for anything else and for more than 32. */
export function readDigits(digits: string): string | null {
    return /^[0-9*#A-Da-d]{1,32}$/u.test(digits) ? digits.toUpperCase() : null;
}

/** The option tags that a request insists on and we do not know, as we may repeat them (RFC 3261 section 8.2.2.3). */
export function unsupported(required: string): string {
    const tags = required.match(/[A-Za-z0-9.!%*_+`'~-]{1,64}/gu) ?? (required.trim() === '' ? [] : ['unknown']);
    return tags
        .filter((tag) => !['replaces', 'timer', '100rel'].includes(tag.toLowerCase()))
        .slice(0, 8)
        .join(', ');
}
