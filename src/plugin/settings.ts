/**
 * Every `sip_*` setting: default, type, check. Flat, because Converse replaces objects instead of merging them. A wrong value
 * is named once and its default used; nothing here breaks the chat.
 */
import { cleanText, parseSipAddress, type IceServer } from '../sip-sidecar/contract/index.js';
import { readPhonebook, type PhonebookEntry } from './address-book/phonebook.js';

/** What a site's own function gives for `sip_credentials`; see docs/administrators.md. */
export type CredentialsFunction = (jid: string) => unknown;

/** Where the own address may go out. */
export type Advertised = 'pep' | 'presence' | 'message';

/** The settings, checked. */
export interface Settings {
    /** Usable WebSocket URLs, in order of preference. Empty although `sip_server` is set: none of its URLs is usable. */
    readonly servers: readonly string[];
    /** Whether `sip_server` is set at all. */
    readonly configured: boolean;
    /** Domain of own and dialled addresses; null: that of the JID. */
    readonly domain: string | null;
    /** `'ask'`, the URL of the site's endpoint, or its function. */
    readonly credentials: 'ask' | URL | CredentialsFunction;
    readonly autoRegister: boolean;
    readonly video: boolean;
    readonly advertise: readonly Advertised[];
    /** To whom the own JID is named in SIP (RFC 6993). */
    readonly sendJid: 'always' | 'contacts' | 'never';
    /** What clients without this plugin see during a call. */
    readonly presenceOnCall: 'none' | 'status' | 'dnd';
    /** Who may ring: everybody, those who are listed or better, those who are announced or better. */
    readonly acceptFrom: 'anyone' | 'contacts' | 'verified';
    /** What Call uses, should Converse offer calls itself. */
    readonly callsBy: 'sip' | 'xmpp' | 'ask';
    readonly waitForRegistration: boolean;
    /** Whether XEP-0108 is published during a call. */
    readonly activity: boolean;
    readonly answerOptions: boolean;
    /** A template such as `sip:{local}@sip.example.org`; empty: nothing is suggested. */
    readonly addressRule: string;
    /** Names of SIP headers. */
    readonly correlationHeaders: readonly string[];
    /** Lower case; null: `[domain]`. */
    readonly trustedDomains: readonly string[] | null;
    readonly phonebook: readonly PhonebookEntry[] | URL;
    readonly iceServers: readonly IceServer[];
    readonly icePolicy: 'all' | 'relay';
    /** Seconds. */
    readonly ringTimeout: number;
}

/** Whether a host is this machine: the only one that may be reached without TLS. */
export function isLoopback(hostname: string): boolean {
    return /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/iu.test(hostname);
}

/** What a value means; undefined: it is wrong. */
type Check<T> = (value: unknown) => T | undefined;

function text<T>(check: (value: string) => T | undefined): Check<T> {
    return (value) => (typeof value === 'string' ? check(value) : undefined);
}

/** A URL by TLS, of this machine, or of the page's own origin. */
function url(scheme: 'ws' | 'http'): Check<URL> {
    return text((value) => {
        try {
            const found = new URL(value, location.href);
            const { protocol, username, password, hash, hostname, origin } = found;
            const safe = protocol === `${scheme}s:` || isLoopback(hostname) || origin === location.origin;
            return value && safe && protocol.startsWith(scheme) && !(username + password + hash) ? found : undefined;
        } catch {
            return undefined;
        }
    });
}

const server = url('ws');
const endpoint = url('http');

const domain = text((value) => {
    const host = parseSipAddress(`sip:x@${value}`)?.host;
    return host === value.toLowerCase() ? host : undefined;
});

/** A template that gives an address for any JID. */
const addressRule = text((value) =>
    value === '' ||
    (/^sips?:.*\{(?:local|jid)\}/u.test(value) && parseSipAddress(value.replace(/\{(?:local|domain|jid)\}/gu, 'x')))
        ? value
        : undefined,
);

/** Extension headers only: a name of SIP's own would break every request. */
const headerName = text((value) => (/^[XP]-[a-z0-9-]{1,60}$/iu.test(value) ? value : undefined));

/** Only its form: whether it is one for a browser is known where all STUN and TURN servers are checked (SIP-204). */
const iceServer: Check<IceServer> = (value) => {
    const { urls, username = '', credential = '' } = (value ?? {}) as Readonly<Record<string, unknown>>;
    return [urls, username, credential].flat().every((each) => typeof each === 'string')
        ? ({ urls, username, credential } as IceServer)
        : undefined;
};

/** What kind of value it is, for one that may be a secret. */
function kind(value: unknown): string {
    return `(${typeof value})`;
}

/** A value as text for the console: short, and without what looks like a secret in a URL. */
function show(value: unknown): string {
    if (typeof value === 'string')
        return `"${cleanText(value.replace(/(?<![^/])[^/]*@/u, '…@').split(/[?#]/u)[0], 60)}"`;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : kind(value);
}

const ADVERTISED = ['pep', 'presence', 'message'] as const;
const ENDPOINT = 'an https: URL or one of this site';

/**
 * Reads all settings.
 *
 * @param raw gives the value of one setting, or the default, where the site has set none
 * @param given the names of all settings of the site; those of ours that do not exist are named
 * @returns with what is wrong, fit to be shown
 */
export function readSettings(
    raw: (name: string, usual: unknown) => unknown,
    given: readonly string[] = [],
): { readonly settings: Settings; readonly problems: readonly string[] } {
    const names: string[] = [];
    const problems: string[] = [];
    const complain = (setting: string, value: string, allowed: string): void => {
        problems.push(`${setting} is ${value}, allowed: ${allowed}`);
    };
    /** The default, where the value is wrong. */
    const read = <T>(setting: string, usual: unknown, allowed: string, check: Check<T>, shown = show): T => {
        names.push(setting);
        const value = raw(setting, usual);
        const checked = check(value);
        if (checked !== undefined) return checked;
        complain(setting, shown(value), allowed);
        return check(usual) as T;
    };
    /** One of a few values; the first is the default. */
    const choice = <T extends string | boolean>(setting: string, ...values: readonly T[]): T =>
        read(setting, values[0], values.map(show).join(', '), (value) => values.find((each) => each === value));
    /** Without its wrong entries; one alone counts as a list. */
    const list = <T>(setting: string, usual: unknown, allowed: string, check: Check<T>): T[] =>
        read(setting, usual, allowed, (value) =>
            (value ? [value].flat() : []).flatMap((entry: unknown, index) => {
                const checked = check(entry);
                if (checked !== undefined) return [checked];
                complain(`${setting}[${String(index)}]`, show(entry), allowed);
                return [];
            }),
        );

    const servers = list('sip_server', '', 'wss: URLs (ws: to this machine)', (value) => server(value)?.href);
    const trustedDomains = list('sip_trusted_domains', [], 'domain names', domain);
    const settings: Settings = {
        servers,
        configured: servers.length + problems.length > 0,
        domain: read('sip_domain', '', 'a domain name', (value) => (value === '' ? null : domain(value))),
        credentials: read(
            'sip_credentials',
            'ask',
            `'ask', ${ENDPOINT}, or a function`,
            (value) =>
                value === 'ask' || typeof value === 'function' ? (value as CredentialsFunction) : endpoint(value),
            kind,
        ),
        autoRegister: choice('sip_auto_register', true, false),
        video: choice('sip_video', true, false),
        advertise: list('sip_advertise', ADVERTISED, ADVERTISED.map(show).join(', '), (value) =>
            ADVERTISED.find((each) => each === value),
        ),
        sendJid: choice('sip_send_jid', 'always', 'contacts', 'never'),
        presenceOnCall: choice('sip_presence_on_call', 'none', 'status', 'dnd'),
        acceptFrom: choice('sip_accept_from', 'anyone', 'contacts', 'verified'),
        callsBy: choice('sip_calls_by', 'sip', 'xmpp', 'ask'),
        waitForRegistration: choice('sip_wait_for_registration', false, true),
        activity: choice('sip_activity', false, true),
        answerOptions: choice('sip_answer_options', false, true),
        addressRule: read('sip_address_rule', '', 'a SIP address with {local} or {jid} in it', addressRule),
        correlationHeaders: list('sip_correlation_headers', [], 'names that begin with X- or P-', headerName),
        trustedDomains: trustedDomains.length > 0 ? trustedDomains : null,
        phonebook: read(
            'sip_phonebook',
            [],
            `{ jid, sip, name }, or ${ENDPOINT}`,
            (value): Settings['phonebook'] | undefined => {
                const book = readPhonebook(value);
                if (book?.wrong.length)
                    complain(`sip_phonebook[${book.wrong.join()}]`, '(not shown)', 'a JID and a SIP address');
                return book ? book.entries : endpoint(value);
            },
        ),
        iceServers: list('sip_ice_servers', [], '{ urls, username, credential } of STUN or TURN', iceServer),
        icePolicy: choice('sip_ice_policy', 'all', 'relay'),
        ringTimeout: read('sip_ring_timeout', 45, 'a number of seconds from 5 to 600', (value) =>
            typeof value === 'number' && value >= 5 && value <= 600 ? value : undefined,
        ),
    };
    for (const name of given) {
        // Never its value: it may be a password somebody thought would go there.
        if (name.startsWith('sip_') && !names.includes(name)) complain(name, '(not shown)', 'no such setting');
    }
    return { settings, problems };
}
