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
const other = (also: string): RegExp => expression(`([a-z][a-z\\d+.-]*:(?:[/:@&=+$\\w.!~*'()${also}-]|${ESCAPED})+)`);
const otherUri = other(';?,');
/** Without brackets parameters belong to the header field (RFC 3261 section 20). */
const bareOtherUri = other('');
const userinfo = expression(`((?:[\\w.!~*'()&=+$,;?/-]|${ESCAPED})+(?::(?:[\\w.!~*'()&=+$,-]|${ESCAPED})*)?)@`);
const hostname = expression(`((?:[\\w-]+\\.)*[a-z][a-z\\d-]*\\.?|${IPV4}|${IPV6})(?![\\w.-])`);
const port = expression(':(\\d{1,5})');
const viaPort = expression(`${WS}:${WS}(\\d{1,5})`);
const uriParameter = expression(`;(${URI_CHAR}+)(?:=(${URI_CHAR}+))?`);
const uriHeader = expression(`[?&](${HEADER_CHAR}+)=(${HEADER_CHAR}*)`);
const headerParameter = expression(`${WS};${WS}(${TOKEN})(?:${WS}=${WS}(${TOKEN}|${IPV6}|${QUOTED}))?`);
/** RFC 3261 writes the IPv6 address of `received` without brackets. */
const viaParameter = expression(
    `${WS};${WS}(${TOKEN})(?:${WS}=${WS}([\\da-f]*:[\\da-f:.]+|${TOKEN}|${IPV6}|${QUOTED}))?`,
);
const displayName = expression(`(?:(${TOKEN}(?:[ \\t]+${TOKEN})*)|${WS}${QUOTED})?${WS}<`);
const endOfAddress = expression(`>${WS}`);
const comma = expression(`${WS},${WS}`);
const number = expression('(\\d{1,10})');
const space = expression('[ \\t]+');
const token = expression(`(${TOKEN})`);
const callId = expression(`(${WORD}(?:@${WORD})?)`);
const challenge = expression(`${TOKEN}[ \\t]+`);
const challengeValue = expression(`(${TOKEN})${WS}=${WS}(?:(${TOKEN})|${QUOTED})`);
const mediaType = expression(`(${TOKEN}${WS}/${WS}${TOKEN}(?:${WS};${WS}${TOKEN}${WS}=${WS}(?:${TOKEN}|${QUOTED}))*)`);
const protocol = expression(`(${TOKEN})${WS}/${WS}${TOKEN}${WS}/${WS}(${TOKEN})[ \\t]+`);
const eventType = expression("([\\w!%*+`'~-]+(?:\\.[\\w!%*+`'~-]+)*)");
const uuid = expression('([\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12})');
const version = 'SIP/2\\.0';
// Any text for the reason: a final answer must not be lost for what is only shown.
const statusLine = expression(`${version} ([1-6]\\d\\d) ([^\\0-\\x08\\n-\\x1f\\x7f]*)`);
const method = expression(`(${TOKEN}) `);
const endOfRequestLine = expression(` ${version}`);

type Values = Record<string, string | undefined>;

/** sip.js' types want a text where it means none. */
const absent = undefined as unknown as string;

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
    for (let match; (match = reader.take(what)) !== null;) {
        const name = (match[1] ?? '').toLowerCase();
        // It would be the prototype, in here and in sip.js.
        if (name !== '__proto__') values[name] = match[2];
    }
    return values;
}

/** A URI of another scheme, `tel:+13035551212`: it is written as it was read, whatever it says. */
class OtherUri extends URI {
    constructor(private readonly text: string) {
        super(text.slice(0, text.indexOf(':')), '', 'other.invalid');
    }

    override clone(): this {
        return this;
    }

    override toString(): string {
        return this.text;
    }

    override toRaw(): string {
        return this.text;
    }
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
        for (let match; (match = reader.take(uriHeader)) !== null;) {
            const key = (match[1] ?? '').toLowerCase();
            const values = headers.get(key) ?? [];
            values.push(match[2] ?? '');
            headers.set(key, values);
        }
    }
    return new URI(
        name,
        // sip.js decodes it once more when it writes it: an escaped % stays escaped.
        (raw?.includes('%25') ? raw : user) ?? absent,
        host,
        digits === undefined ? undefined : Number(digits),
        parameters as Record<string, string>,
        Object.fromEntries(headers),
    );
}

/** A name-addr, and where `bare` allows it an addr-spec, without what follows it. */
function readAddress(reader: Reader, bare: boolean): readonly [URI, string | undefined] {
    const start = reader.at;
    if (bare && reader.take(scheme) !== null) {
        reader.at = start;
        return [readUri(reader, true), undefined];
    }
    const bareOther = bare ? reader.take(bareOtherUri) : null;
    if (bareOther) return [new OtherUri(bareOther[1] ?? ''), undefined];
    const [name, quoted] = reader.need(displayName) as readonly (string | undefined)[];
    const within = reader.at;
    const isSip = reader.take(scheme) !== null;
    reader.at = within;
    const uri = isSip || !bare ? readUri(reader) : new OtherUri(reader.need(otherUri)[0]);
    reader.need(endOfAddress);
    return [uri, name ?? quoted];
}

function readNameAddress(reader: Reader, bare = true): NameAddrHeader {
    const [uri, name] = readAddress(reader, bare);
    return new NameAddrHeader(uri, name ?? absent, readParameters(reader, headerParameter) as Record<string, string>);
}

/** One of several in a header field, with where it ends (!) and where it starts, as sip.js wants it. */
function readAddresses(reader: Reader, bare: boolean): unknown[] {
    const addresses = [];
    do {
        const offset = reader.at;
        const parsed = readNameAddress(reader, bare);
        // They are numbers: 060 is 60, and 0.50 is 0.5.
        for (const key of ['q', 'expires']) {
            const value = parsed.getParam(key);
            if (bare && value && /^0[\d.]*$/u.test(value)) parsed.setParam(key, String(Number(value)));
        }
        addresses.push({ position: reader.at, offset, parsed });
    } while (reader.take(comma));
    return addresses;
}

const readNumber = (reader: Reader): number => Number(reader.need(number)[0]);

const readParty = (reader: Reader): NameAddrHeader => {
    const party = readNameAddress(reader);
    // The tag comes last.
    const tag = party.deleteParam('tag');
    if (tag !== undefined) party.setParam('tag', tag);
    return party;
};

function readChallenge(reader: Reader): unknown {
    reader.need(challenge);
    const values: Values = {};
    do {
        const [name, value, quoted] = reader.need(challengeValue) as readonly (string | undefined)[];
        if (name !== '__proto__') values[name?.toLowerCase() ?? ''] = value ?? quoted;
    } while (reader.take(comma));
    const { realm, nonce, opaque, stale, algorithm, qop } = values;
    return {
        realm,
        nonce,
        opaque,
        stale: stale?.toLowerCase() === 'true',
        algorithm: algorithm?.toUpperCase(),
        qop: qop?.toLowerCase().split(/[ \t]*,[ \t]*/u),
    };
}

function readVia(reader: Reader): unknown {
    const via = (): unknown => {
        const [name, transport] = reader.need(protocol);
        const host = readHost(reader);
        const digits = reader.take(viaPort)?.[1];
        const { branch, received, rport, ttl, maddr, ...params } = readParameters(reader, viaParameter);
        return {
            protocol: name,
            transport,
            host,
            port: digits === undefined ? undefined : Number(digits),
            branch,
            received,
            rport,
            ttl,
            maddr,
            params,
        };
    };
    // The transaction is that of the topmost, which comes first (RFC 3261 section 17.1.3).
    const first = via();
    while (reader.take(comma)) via();
    return first;
}

function readFirstLine(reader: Reader): unknown {
    const status = reader.take(statusLine);
    if (status !== null) return { status_code: Number(status[1]), reason_phrase: status[2] };
    const [name] = reader.need(method);
    const start = reader.at;
    let uri: URI;
    if (reader.take(scheme)) {
        reader.at = start;
        uri = readUri(reader);
    } else {
        // Of another scheme it is answered with 416 by sip.js, which looks at nothing else.
        uri = new OtherUri(reader.need(otherUri)[0]);
    }
    reader.need(endOfRequestLine);
    return { method: name, uri };
}

/** With a value that comes first, and parameters. */
const withParameters =
    (key: string, what: RegExp) =>
    (reader: Reader): unknown => {
        const [value] = reader.need(what);
        return { [key]: value.toLowerCase(), params: readParameters(reader, headerParameter) };
    };

const readText =
    (what: RegExp) =>
    (reader: Reader): string =>
        reader.need(what)[0];

const rules = new Map<string, (reader: Reader) => unknown>([
    ['Request_Response', readFirstLine],
    ['Via', readVia],
    ['From', readParty],
    ['To', readParty],
    ['Contact', (reader) => readAddresses(reader, true)],
    ['Record_Route', (reader) => readAddresses(reader, false)],
    ['Refer_To', (reader) => readNameAddress(reader)],
    ['Name_Addr_Header', (reader) => readNameAddress(reader, false)],
    ['SIP_URI', (reader) => readUri(reader)],
    ['Call_ID', readText(callId)],
    ['Content_Type', readText(mediaType)],
    ['uuid', readText(uuid)],
    ['Content_Length', readNumber],
    ['Max_Forwards', readNumber],
    ['Content_Disposition', withParameters('type', token)],
    ['Event', withParameters('event', eventType)],
    ['WWW_Authenticate', readChallenge],
    ['Proxy_Authenticate', readChallenge],
    [
        'CSeq',
        (reader) => {
            const value = readNumber(reader);
            // RFC 3261 section 8.1.1.5
            if (value >= 2 ** 31) throw new Error('not valid');
            reader.need(space);
            return { value, method: reader.need(token)[0] };
        },
    ],
    [
        'Replaces',
        (reader) => {
            const [call_id] = reader.need(callId);
            const { 'from-tag': from, 'to-tag': to, ...rest } = readParameters(reader, headerParameter);
            if (!from || !to) throw new Error('not valid');
            const early = 'early-only' in rest ? { early_only: true } : {};
            return { call_id, replaces_from_tag: from, replaces_to_tag: to, ...early };
        },
    ],
]);

/**
 * Reads a text by the rule `options.startRule` and puts what it says into `options.data`.
 * @throws Error where the text is not valid or too long, or where there is no such rule
 */
export function parse(input: string, options: ParseOptions): void {
    const rule = rules.get(options.startRule);
    if (rule === undefined || input.length > MAX_LENGTH) throw new Error('not valid');
    // A line break in a name or a value would be one again where it is sent back: two spaces are as long.
    const reader = new Reader(input.replace(/\r\n(?=[ \t])/gu, '  '));
    const data = rule(reader);
    if (reader.at < reader.text.length) throw new Error('not valid');
    options.data = data;
}
