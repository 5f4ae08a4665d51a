/**
 * Header fields and URIs read by the grammar of RFC 3261 section 25, in place of sip.js' generated parser
 * (`sip.js/lib/grammar/pegjs/dist/grammar.js`): a third of the size, linear in time, bounded in length, and strict.
 *
 * Each expression below can match in one way only, so that none tries a text again: time grows with the length.
 */
import { NameAddrHeader } from 'sip.js/lib/grammar/name-addr-header.js';
import { URI } from 'sip.js/lib/grammar/uri.js';

/** What sip.js hands over; `data` is the result. */
export interface ParseOptions {
    readonly startRule: string;
    data?: unknown;
}

/** The longest value that is read, in characters. */
export const MAX_LENGTH = 16_384;

const expression = (source: string): RegExp => new RegExp(source, 'iy');

// Folded lines are unfolded first: what is white is a space or a tab.
const WS = '[ \\t]*';
const TOKEN = "[\\w.!%*+`'~-]+";
const QUOTED = '"((?:[\\t !#-[\\]-~\\x80-\\uffff]|\\\\[\\0-\\t\\v\\f\\x0e-\\x7f])*)"';
const WORD = '[\\w.!%*+`\'~()<>:\\\\"/[\\]?{}-]+';
const ESCAPED = '%[\\da-f]{2}';
const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = `${OCTET}(?:\\.${OCTET}){3}`;
const IPV6 = '\\[[\\da-f:.]+\\]';
const URI_CHAR = `(?:[\\w.!~*'()[\\]/:&+$-]|${ESCAPED})`;
const HEADER_CHAR = `(?:[\\w.!~*'()[\\]/?:+$-]|${ESCAPED})`;

const ip4AtEnd = new RegExp(`(?<![\\d.])${IPV4}$`, 'u');
const scheme = expression('(sips?):');
const otherScheme = expression(`([a-z][a-z\\d+.-]*):(?:[;/?:@&=+$,\\w.!~*'()-]|${ESCAPED})+`);
const userinfo = expression(
    `((?:[\\w.!~*'()&=+$,;?/-]|${ESCAPED})+(?::(?:[\\w.!~*'()&=+$,-]|${ESCAPED})*)?)@`,
);
const hostname = expression(`((?:[\\w-]+\\.)*[a-z][a-z\\d-]*\\.?|${IPV4}|${IPV6})(?![\\w.-])`);
const port = expression(':(\\d{1,5})');
const viaPort = expression(`${WS}:${WS}(\\d{1,5})`);
const uriParameter = expression(`;(${URI_CHAR}+)(?:=(${URI_CHAR}+))?`);
const uriHeader = expression(`[?&](${HEADER_CHAR}+)=(${HEADER_CHAR}*)`);
const headerParameter = expression(`${WS};${WS}(${TOKEN})(?:${WS}=${WS}(${TOKEN}|${IPV6}|${QUOTED}|(?=;|$)))?`);
const displayName = expression(`(?:(${TOKEN}(?:[ \\t]+${TOKEN})*)|${WS}${QUOTED})?${WS}<`);
const endOfAddress = expression(`>${WS}`);
const comma = expression(`${WS},${WS}`);
const number = expression('(\\d{1,10})');
const space = expression('[ \\t]+');
const token = expression(`(${TOKEN})`);
const callId = expression(`(${WORD}(?:@${WORD})?)`);
const challenge = expression(`${TOKEN}[ \\t]+`);
const challengeValue = expression(`(${TOKEN})${WS}=${WS}(?:(${TOKEN})|${QUOTED})`);
const mediaType = expression(
    `(${TOKEN}${WS}/${WS}${TOKEN}(?:${WS};${WS}${TOKEN}${WS}=${WS}(?:${TOKEN}|${QUOTED}))*)`,
);
const protocol = expression(`(${TOKEN})${WS}/${WS}${TOKEN}${WS}/${WS}(${TOKEN})[ \\t]+`);
const eventType = expression("([\\w!%*+`'~-]+(?:\\.[\\w!%*+`'~-]+)*)");
const uuid = expression('([\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12})');
const version = 'SIP/2\\.0';
// Any text for the reason: a final answer must not be lost for what is only shown.
const statusLine = expression(`${version} ([1-6]\\d\\d) ([^\\0-\\x08\\n-\\x1f\\x7f]*)`);
const method = expression(`(${TOKEN}) `);
const endOfRequestLine = expression(` ${version}`);

type Values = Record<string, string | undefined>;

/** A text that is read from left to right. */
class Reader {
    at = 0;

    constructor(readonly text: string) {}

    /** What stands here, with its groups; null where something else does. */
    take(what: RegExp): readonly string[] | null {
        what.lastIndex = this.at;
        const match = what.exec(this.text);
        if (match !== null) this.at = what.lastIndex;
        return match;
    }

    /** The groups of what must stand here; those that are absent are undefined, whatever the type says. */
    need(what: RegExp): readonly [string, string, string, string] {
        const match = this.take(what);
        if (match === null) throw new Error('not valid');
        return match.slice(1) as unknown as readonly [string, string, string, string];
    }
}

function isIp6(text: string): boolean {
    const halves = text.replace(ip4AtEnd, '0:0').split('::');
    const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
    return (
        groups.every((group) => /^[\da-f]{1,4}$/iu.test(group)) &&
        (halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8)
    );
}

function readHost(reader: Reader): string {
    const [host] = reader.need(hostname);
    if (host.startsWith('[') && !isIp6(host.slice(1, -1))) throw new Error('not valid');
    return host;
}

/** Parameters by their names in lower case. Of a name that comes twice the last value counts. */
function readParameters(reader: Reader, what: RegExp): Values {
    const values: Values = {};
    for (let match; (match = reader.take(what)) !== null; ) {
        const name = (match[1] ?? '').toLowerCase();
        // It would be the prototype, in here and in sip.js.
        if (name !== '__proto__') values[name] = match[2];
    }
    return values;
}

/** With `bare` parameters and headers are left alone: they belong to the header field (RFC 3261 section 20.10). */
function readUri(reader: Reader, bare = false): URI {
    const [name] = reader.need(scheme);
    const raw = reader.take(userinfo)?.[1];
    const user = raw && decodeURIComponent(raw);
    const host = readHost(reader);
    const digits = reader.take(port)?.[1];
    const parameters = bare ? {} : readParameters(reader, uriParameter);
    for (const key of ['transport', 'user']) {
        if (parameters[key] !== undefined) parameters[key] = parameters[key].toLowerCase();
    }
    if ('lr' in parameters) parameters['lr'] = undefined;
    const headers = new Map<string, string[]>();
    if (!bare && reader.text[reader.at] === '?') {
        for (let match; (match = reader.take(uriHeader)) !== null; ) {
            const key = (match[1] ?? '').toLowerCase();
            headers.set(key, [...(headers.get(key) ?? []), match[2] ?? '']);
        }
    }
    return new URI(
        name,
        // sip.js decodes it once more when it writes it: an escaped % stays escaped.
        (raw?.includes('%25') ? raw : user) as string,
        host,
        digits === undefined ? undefined : Number(digits),
        parameters,
        Object.fromEntries(headers),
    );
}
