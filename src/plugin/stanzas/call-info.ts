/**
 * REQ-2 and REQ-3: the JID, the thread and the announcement of a call in SIP (PROTOCOL.md 8.2): Call-Info with purpose `impp`
 * (RFC 6993) and an XMPP URI (RFC 5122, XEP-0147). Everything read here is a claim of whoever wrote the INVITE.
 */
import { percentDecode, type Header } from '../../sip-sidecar/contract/index.js';
import { bareJid } from '../jid.js';
import { identifier } from './identifier.js';

/** What SIP says about the chat side of a call. */
export interface CallInfo {
    /** Bare, in lower case. */
    readonly jid: string;
    readonly resource: string | null;
    /** The conversation that the call belongs to. */
    readonly thread: string | null;
    /** The id of the call's announcement. */
    readonly id: string | null;
}

/** The most headers and entries that are looked at, and the longest entry. */
const MAX_VALUES = 8;
const MAX_ENTRIES = 3;
const MAX_ENTRY_LENGTH = 1024;

/** The longest entry that is sent: two of them fit into a header. */
const MAX_SENT_LENGTH = 1000;

/** Only what is unreserved stays as it is (RFC 3986 section 2.3). */
const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/gu, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** A JID as it stands in a URI; null for one that cannot be sent. */
const encodeJid = (jid: string): string | null => identifier(bareJid(jid))?.split('@').map(encode).join('@') ?? null;

/**
 * The value of the header in one line: first the bare JID as RFC 6993 has it, then, where there is more to say, the form with
 * resource, thread and announcement. Null for a JID that cannot be sent; parts that cannot be sent are left out.
 */
export function formatCallInfo(info: Partial<CallInfo> & Pick<CallInfo, 'jid'>): string | null {
    const jid = encodeJid(info.jid);
    if (jid === null) return null;
    const part = (before: string, text?: string | null): string => {
        const value = identifier(text);
        return value === null ? '' : before + encode(value);
    };
    const device = part('/', info.resource);
    const about = part(';thread=', info.thread) + part(';id=', info.id);
    return (
        [jid, device + about && `${jid}${device}?message${about}`]
            .map((path) => path && `<xmpp:${path}>;purpose=impp`)
            .filter((entry) => entry !== '' && entry.length <= MAX_SENT_LENGTH)
            .join(', ') || null
    );
}

/**
 * Reads the values of all Call-Info headers. Null where none names a JID for chat, where two name different ones, or where
 * one cannot be read: who contradicts himself is not believed. Otherwise what the first one says that says something about
 * the conversation, or else about the device.
 */
export function parseCallInfo(values: readonly string[]): CallInfo | null {
    const found = values
        .slice(0, MAX_VALUES)
        .flatMap((value) => value.slice(0, MAX_ENTRIES * MAX_ENTRY_LENGTH).match(ENTRY) ?? [])
        .filter((entry) => entry.length <= MAX_ENTRY_LENGTH)
        .flatMap((entry) => {
            const [, uri = '', parameters = ''] = /^\s*<\s*(xmpp:[^<>]*)>(.*)$/isu.exec(entry) ?? [];
            return IMPP.test(parameters.replace(QUOTED, '')) ? [uri] : [];
        })
        .slice(0, MAX_ENTRIES)
        .map(parseUri);
    const [first] = found;
    if (!first || found.some((info) => info?.jid !== first.jid)) return null;
    return found.find((info) => info?.thread ?? info?.id) ?? found.find((info) => info?.resource) ?? first;
}

const QUOTED = /"(?:[^"\\]|\\.)*"/gsu;
/** Values between the commas that stand outside quotes and angle brackets. */
const ENTRY = /(?:"(?:[^"\\]|\\.)*"|<[^<>]*>|[^,"<]|["<])+/gsu;
const IMPP = /;\s*purpose\s*=\s*impp\s*(?:;|$)/iu;

/**
 * `xmpp:bob@example.net/web-2?message;thread=T;id=I`; an authority (`xmpp://…`) is refused, and an escaped sign that divides a
 * JID: it would make another JID of it.
 */
function parseUri(uri: string): CallInfo | null {
    const [, address = '', path = '', query = ''] =
        /^xmpp:(?![^/?#]*%(?:40|2f))((?:[^@/?#]+@)?[^@/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?(?:#.*)?$/isu.exec(
            uri.trim(),
        ) ?? [];
    const jid = bareJid(identifier(percentDecode(address)));
    const value = (key: string): string | null => {
        const [, found = ''] = new RegExp(`^message(?:;[^;]*)*?;${key}=([^;]*)`, 'isu').exec(query) ?? [];
        return identifier(percentDecode(found));
    };
    return jid === null
        ? null
        : { jid, resource: identifier(percentDecode(path)), thread: value('thread'), id: value('id') };
}

/** What headers other than Call-Info say. */
export interface ContactHeaders {
    readonly contact: CallInfo | null;
    readonly thread: string | null;
    /** Another name of the call that messages may carry (`sip-correlation`): usually its Call-ID. */
    readonly correlation: string | null;
}

/**
 * Reads `XMPP-Contact: <xmpp:JID>;CORRELATION` and `XMPP-Thread: T` of draft-veikkolainen-sip-voip-xmpp-im, and the headers
 * of `sip_correlation_headers`: those whose name ends in `Thread` carry a thread, the others a JID. The first that can be
 * read counts.
 */
export function parseContactHeaders(headers: readonly Header[]): ContactHeaders {
    const said: { -readonly [K in keyof ContactHeaders]: ContactHeaders[K] } = {
        contact: null,
        thread: null,
        correlation: null,
    };
    for (const [name, value] of headers) {
        if (isThread(name)) {
            said.thread ??= identifier(value);
        } else if (said.contact === null && value.length <= MAX_ENTRY_LENGTH) {
            const [, inside, plain = '', after] =
                /^\s*(?:<\s*(?:xmpp:)?([^<>]*)>|(?:xmpp:)?([^<>;]*))\s*(?:;(.*))?$/isu.exec(value) ?? [];
            said.contact = parseUri(`xmpp:${inside ?? plain}`);
            said.correlation = said.contact && identifier(after);
        }
    }
    return said;
}

/** The same JID and thread in the headers of `sip_correlation_headers`, for B2BUAs that drop Call-Info. */
export function buildContactHeaders(
    names: readonly string[],
    info: Partial<CallInfo> & Pick<CallInfo, 'jid'>,
): Header[] {
    return names.flatMap((name): Header[] => {
        const value = identifier(isThread(name) ? info.thread : encodeJid(info.jid));
        return value === null ? [] : [[name, value]];
    });
}

const isThread = (name: string): boolean => /thread$/iu.test(name);
