/**
 * SIP messages read by the grammar of RFC 3261 section 25, in place of sip.js' `Parser`, its generated grammar, `URI` and
 * `NameAddrHeader`: a fifth of their size, linear in time, and strict. What is read is checked, and stays the text it was:
 * sip.js' message classes carry it, whose `from`, `to` and `ruri` are not set ({@link readAddress} says what they would).
 *
 * Each expression below can match in one way only, so that none tries a text again: time grows with the length.
 */
import { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';

// Folded lines are unfolded first: what is white is a space or a tab.
const WS = '[ \\t]*';
const TOKEN_CHARS = "\\w.!%*+`'~-";
const TOKEN = `[${TOKEN_CHARS}]+`;
const QUOTED = '"(?:[\\t !#-[\\]-~\\x80-\\uffff]|\\\\[\\0-\\t\\v\\f\\x0e-\\x7f])*"';
const WORD = '[\\w.!%*+`\'~()<>:\\\\"/[\\]?{}-]+';
const ESCAPED = '%[\\da-f]{2}';
const IPV6 = '\\[(?![^\\]]*:::)[\\da-f:.]+\\]';
const HOST = `(?:[\\w-]+\\.)*[a-z][a-z\\d-]*\\.?|\\d+(?:\\.\\d+){3}|${IPV6}`;
const PORT = ':\\d{1,5}';
const USER = `(?:[\\w.!~*'()&=+$,;?/:-]|${ESCAPED})+@`;
/** Without brackets parameters belong to the header field (RFC 3261 section 20). */
const BARE_URI = `sips?:(?:${USER})?(?:${HOST})(?:${PORT})?|(?!sips?:)[a-z][a-z\\d+.-]*:(?:[\\w.!~*'()/:@&=+$-]|${ESCAPED})+`;
const URI = `(?:${BARE_URI})(?:[;?](?:[\\w.!~*'()[\\]/?:&=+$;,-]|${ESCAPED})*)?`;
/** RFC 3261 writes the IPv6 address of `received` without brackets. */
const VALUE = `[:[\\]${TOKEN_CHARS}]+|${QUOTED}`;
const PARAMETERS = `((?:${WS};${WS}${TOKEN}(?:${WS}=${WS}(?:${VALUE}))?)*)`;
const ADDRESS = `(?:(?:${TOKEN}(?:[ \\t]+${TOKEN})*|${QUOTED})?${WS}<(${URI})>|(${BARE_URI}))${PARAMETERS}`;
const CALL_ID = `${WORD}(?:@${WORD})?`;

// Any text for the reason: a final answer must not be lost for what is only shown.
const FIRST_LINE = new RegExp(`^(?:(${TOKEN}) (?:${URI}) SIP/2\\.0|SIP/2\\.0 ([1-6]\\d\\d) .*)$`, 'i');
const PARAMETER = new RegExp(`;${WS}(${TOKEN})(?:${WS}=${WS}(${VALUE}))?`, 'gi');
const REPLACES = new RegExp(`^(${CALL_ID})${PARAMETERS}$`, 'i');

/** One value of a list, and what ends it. */
const form = (value: string): RegExp => new RegExp(`(${value})${WS}(?:,${WS}(?=[^])|$)`, 'giy');
const ADDRESS_FORM = form(ADDRESS);

/** The header fields that are looked into; a message is dropped where one of them cannot be read. All others are text. */
const FORMS = new Map([
    [
        'via',
        form(`${TOKEN}${WS}/${WS}${TOKEN}${WS}/${WS}${TOKEN}[ \\t]+(${HOST})(?:${WS}:${WS}(\\d{1,5}))?${PARAMETERS}`),
    ],
    ['from', ADDRESS_FORM],
    ['to', ADDRESS_FORM],
    ['contact', ADDRESS_FORM],
    ['record-route', ADDRESS_FORM],
    ['call-id', form(CALL_ID)],
    ['cseq', form(`(\\d{1,10})[ \\t]+(${TOKEN})`)],
    ['content-length', form('\\d{1,10}')],
]);

/** Whoever names two of them means two things to us and to a proxy: a caller would ring in somebody else's name. */
const SINGLE = ['from', 'to', 'call-id', 'cseq'];

/** RFC 3261 section 7.3.3, RFC 4028. */
const LONG = new Map(
    Object.entries({
        v: 'via',
        f: 'from',
        t: 'to',
        m: 'contact',
        i: 'call-id',
        l: 'content-length',
        c: 'content-type',
        k: 'supported',
        x: 'session-expires',
    }),
);

/** Parameters by their names in lower case. Of a name that comes twice the last value counts. */
export type Parameters = Readonly<Record<string, string | undefined>>;

const readParameters = (text = ''): Parameters =>
    Object.fromEntries(Array.from(text.matchAll(PARAMETER), ([, name = '', value]) => [name.toLowerCase(), value]));

/** What a From, To or Contact says; null where it is none. */
export function readAddress(value = ''): { readonly uri: string; readonly parameters: Parameters } | null {
    const [match] = value.matchAll(ADDRESS_FORM);
    return match ? { uri: match[2] ?? match[3] ?? '', parameters: readParameters(match[4]) } : null;
}

/** What a Replaces says (RFC 3891 section 6.1); null where it is none. */
export function readReplaced(value: string): { readonly callId: string; readonly parameters: Parameters } | null {
    const [, callId, parameters] = REPLACES.exec(value) ?? [];
    return callId === undefined ? null : { callId, parameters: readParameters(parameters) };
}

/** The lines before the body, each in one piece: a line break in a value would be one again where it is sent back. */
export const headOf = (text: string): string[] =>
    (text.split('\r\n\r\n', 1)[0] ?? '').replace(/\r\n[ \t]+/gu, ' ').split('\r\n');

/** What one of them says; its name as it is when written out. */
export function readField(line: string): readonly [name: string, value: string] {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    return [LONG.get(name) ?? name, line.slice(colon + 1).trim()];
}

/** Reads a message; null where it is none, or lacks what every message has (RFC 3261 section 8.1.1). */
export function parseMessage(text: string): IncomingRequestMessage | IncomingResponseMessage | null {
    const end = text.indexOf('\r\n\r\n');
    const [first = '', ...lines] = headOf(text);
    const [, method, status] = FIRST_LINE.exec(first) ?? [];
    if (end < 0 || (method ?? status) === undefined) return null;
    const message = method === undefined ? new IncomingResponseMessage() : new IncomingRequestMessage();
    if (message instanceof IncomingResponseMessage) message.statusCode = Number(status);
    message.data = text;
    const read = new Map<string, readonly (string | undefined)[]>();
    for (const line of lines) {
        const [name, value] = readField(line);
        const known = FORMS.get(name);
        let at = 0;
        for (const match of known ? value.matchAll(known) : []) {
            at += match[0].length;
            message.addHeader(name, match[1] ?? '');
            // The transaction is that of the topmost Via, which comes first (RFC 3261 section 17.1.3).
            if (!read.has(name)) read.set(name, match);
        }
        if (!known) message.addHeader(name, value);
        else if (at === 0 || at < value.length) return null;
    }
    const part = (name: string, group: number): string => read.get(name)?.[group] ?? '';
    const [viaParameters, from, to] = ['via', 'from', 'to'].map((name) => readParameters(part(name, 4)));
    message.method = method ?? part('cseq', 3);
    message.cseq = Number(part('cseq', 2));
    message.callId = part('call-id', 1);
    message.via = { host: part('via', 2), port: Number(part('via', 3)) };
    message.viaBranch = viaParameters?.['branch'] ?? '';
    message.fromTag = from?.['tag'] ?? '';
    message.toTag = to?.['tag'] ?? '';
    // What follows the body is no part of it (RFC 3261 section 18.3).
    message.body = text.slice(end + 4).slice(0, Number(message.getHeader('content-length') ?? text.length));
    const isWhole =
        message.hasHeader('via') &&
        SINGLE.every((name) => message.getHeaders(name).length === 1) &&
        message.getHeaders('content-length').length < 2 &&
        // RFC 3261 section 8.1.1.5
        message.cseq < 2 ** 31;
    return isWhole ? message : null;
}
