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

/** A setting that is wrong; `value` is fit to be shown. */
export interface SettingProblem {
    readonly setting: string;
    readonly value: string;
    readonly allowed: string;
}

/** The defaults as Converse knows them. */
export const DEFAULTS = {
    sip_server: '',
    sip_domain: '',
    sip_credentials: 'ask',
    sip_auto_register: true,
    sip_video: true,
    sip_advertise: ['pep', 'presence', 'message'],
    sip_send_jid: 'always',
    sip_presence_on_call: 'none',
    sip_accept_from: 'anyone',
    sip_calls_by: 'sip',
    sip_wait_for_registration: false,
    sip_activity: false,
    sip_answer_options: false,
    sip_address_rule: '',
    sip_correlation_headers: [],
    sip_trusted_domains: [],
    sip_phonebook: [],
    sip_ice_servers: [],
    sip_ice_policy: 'all',
    sip_ring_timeout: 45,
} as const;

/** Whether a host is this machine: the only one that may be reached without TLS. */
export function isLoopback(hostname: string): boolean {
    return /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/iu.test(hostname);
}

/** Stands for a value that is not fit to be used. */
const WRONG = Symbol('wrong');

/** Reads one value: what it means, or {@link WRONG}. */
type Check<T> = (value: unknown) => T | typeof WRONG;

/** The settings that are on or off, and those that are one of a few words. */
type Flag = { [K in keyof typeof DEFAULTS]: (typeof DEFAULTS)[K] extends boolean ? K : never }[keyof typeof DEFAULTS];
type Choice = 'sip_send_jid' | 'sip_presence_on_call' | 'sip_accept_from' | 'sip_calls_by' | 'sip_ice_policy';

function oneOf<T extends string>(...allowed: readonly T[]): Check<T> {
    return (value) => allowed.find((each) => each === value) ?? WRONG;
}

function url(value: unknown): URL | null {
    if (typeof value !== 'string') return null;
    try {
        return new URL(value, globalThis.location.href);
    } catch {
        return null;
    }
}

const server: Check<string> = (value) => {
    const parsed = typeof value === 'string' && /^wss?:\/\//iu.test(value) ? url(value) : null;
    if (parsed === null || parsed.username + parsed.password + parsed.hash !== '') return WRONG;
    return parsed.protocol === 'wss:' || isLoopback(parsed.hostname) ? parsed.href : WRONG;
};

/** An endpoint of the site: `https:`, or the page's own origin or this machine. */
const endpoint: Check<URL> = (value) => {
    const parsed = url(value);
    if (parsed === null || value === '' || parsed.username + parsed.password !== '') return WRONG;
    if (parsed.protocol === 'https:' || parsed.origin === globalThis.location.origin) return parsed;
    return parsed.protocol === 'http:' && isLoopback(parsed.hostname) ? parsed : WRONG;
};

const domain: Check<string> = (value) => {
    const address = typeof value === 'string' ? parseSipAddress(`sip:x@${value}`) : null;
    return address?.host === String(value).toLowerCase() ? address.host : WRONG;
};

/** A template that gives an address for any JID. */
const addressRule: Check<string> = (value) => {
    if (value === '') return value;
    if (typeof value !== 'string' || !/^sips?:.*\{(?:local|jid)\}/u.test(value)) return WRONG;
    return parseSipAddress(value.replace(/\{(?:local|domain|jid)\}/gu, 'x')) === null ? WRONG : value;
};

/** Extension headers only: a name of SIP's own would break every request. */
const headerName: Check<string> = (value) =>
    typeof value === 'string' && /^[XP]-[a-z0-9-]{1,60}$/iu.test(value) ? value : WRONG;

const iceServer: Check<IceServer> = (value) => {
    if (typeof value !== 'object' || value === null) return WRONG;
    const { urls, username, credential } = value as Readonly<Record<string, unknown>>;
    const list: readonly unknown[] = Array.isArray(urls) ? urls : [urls];
    const usable = list.filter(
        (each): each is string => typeof each === 'string' && /^(?:stun|turn)s?:[^\s/]+$/iu.test(each),
    );
    if (usable.length === 0 || usable.length < list.length) return WRONG;
    if (typeof username === 'string' && typeof credential === 'string') return { urls: usable, username, credential };
    // RTCPeerConnection throws at a TURN server without credentials, and every call with it.
    return username === undefined && credential === undefined && usable.every((each) => /^stun/iu.test(each))
        ? { urls: usable }
        : WRONG;
};

/** The checked value, or the first problem; a list is taken without its wrong entries. */
class Reader {
    readonly problems: SettingProblem[] = [];

    constructor(private readonly raw: (name: string) => unknown) {}

    value<T>(setting: keyof typeof DEFAULTS, check: Check<T>, fallback: T, allowed: string, secret = false): T {
        const value = this.raw(setting);
        const checked = check(value);
        if (checked !== WRONG) return checked;
        this.complain(setting, secret ? `(${kind(value)})` : show(value), allowed);
        return fallback;
    }

    list<T>(setting: keyof typeof DEFAULTS, check: Check<T>, allowed: string, secret = false): T[] {
        const value = this.raw(setting);
        if (!Array.isArray(value)) {
            this.complain(setting, secret ? `(${kind(value)})` : show(value), `a list of ${allowed}`);
            return [];
        }
        return value.flatMap((entry, index) => {
            const checked = check(entry);
            if (checked !== WRONG) return [checked];
            this.complain(`${setting}[${String(index)}]`, secret ? `(${kind(entry)})` : show(entry), allowed);
            return [];
        });
    }

    flag(setting: Flag): boolean {
        const check: Check<boolean> = (value) => (typeof value === 'boolean' ? value : WRONG);
        return this.value<boolean>(setting, check, DEFAULTS[setting], 'true or false');
    }

    /** One of a few words; the first is the default. */
    choice<T extends string>(setting: Choice, ...words: readonly [T, ...T[]]): T {
        return this.value(setting, oneOf(...words), words[0], words.map((word) => `'${word}'`).join(', '));
    }

    complain(setting: string, value: string, allowed: string): void {
        this.problems.push({ setting, value, allowed });
    }
}

/** A value as text for the console: short, and without what looks like a secret in a URL. */
function show(value: unknown): string {
    if (typeof value === 'string') return `"${cleanText(value.replace(/\/\/[^/]*@/u, '//…@').split(/[?#]/u)[0], 60)}"`;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `(${kind(value)})`;
}

function kind(value: unknown): string {
    return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
}

const SERVER = 'a wss: URL (ws: only to this machine) or a list of them';
const RULE = 'a SIP address with {local}, {domain} or {jid} in it';
const HEADER = 'names of headers that begin with X- or P-';
const ENDPOINT = 'an https: URL or one of this site';

/**
 * Reads all settings.
 *
 * @param raw gives the value of one setting
 * @param given the names of all settings of the site; those of ours that do not exist are named
 */
export function readSettings(
    raw: (name: string) => unknown,
    given: readonly string[] = [],
): { settings: Settings; problems: readonly SettingProblem[] } {
    const reader = new Reader(raw);
    for (const name of given) {
        // Never its value: it may be a password somebody thought would go there.
        if (name.startsWith('sip_') && !(name in DEFAULTS)) {
            reader.complain(name, '(not shown)', `no such setting; there are ${Object.keys(DEFAULTS).join(', ')}`);
        }
    }
    const wanted = raw('sip_server');
    const configured = Array.isArray(wanted) ? wanted.length > 0 : typeof wanted === 'string' && wanted !== '';
    const servers = Array.isArray(wanted)
        ? reader.list('sip_server', server, SERVER)
        : wanted === ''
          ? []
          : [reader.value('sip_server', server, '', SERVER)].filter((each) => each !== '');
    const settings: Settings = {
        servers,
        configured,
        domain: reader.value<string | null>('sip_domain', (v) => (v === '' ? null : domain(v)), null, 'a domain name'),
        credentials: reader.value<Settings['credentials']>(
            'sip_credentials',
            (v) => (v === 'ask' ? v : typeof v === 'function' ? (v as CredentialsFunction) : endpoint(v)),
            'ask',
            `'ask', ${ENDPOINT}, or a function`,
            true,
        ),
        autoRegister: reader.flag('sip_auto_register'),
        video: reader.flag('sip_video'),
        advertise: reader.list<Advertised>(
            'sip_advertise',
            oneOf('pep', 'presence', 'message'),
            "'pep', 'presence', 'message'",
        ),
        sendJid: reader.choice('sip_send_jid', 'always', 'contacts', 'never'),
        presenceOnCall: reader.choice('sip_presence_on_call', 'none', 'status', 'dnd'),
        acceptFrom: reader.choice('sip_accept_from', 'anyone', 'contacts', 'verified'),
        callsBy: reader.choice('sip_calls_by', 'sip', 'xmpp', 'ask'),
        waitForRegistration: reader.flag('sip_wait_for_registration'),
        activity: reader.flag('sip_activity'),
        answerOptions: reader.flag('sip_answer_options'),
        addressRule: reader.value('sip_address_rule', addressRule, '', RULE),
        correlationHeaders: reader.list('sip_correlation_headers', headerName, HEADER),
        trustedDomains: ((list) => (list.length > 0 ? list : null))(
            reader.list('sip_trusted_domains', domain, 'domain names'),
        ),
        phonebook: phonebook(reader, raw('sip_phonebook')),
        iceServers: reader.list('sip_ice_servers', iceServer, '{ urls, username, credential } of STUN or TURN', true),
        icePolicy: reader.choice('sip_ice_policy', 'all', 'relay'),
        ringTimeout: reader.value(
            'sip_ring_timeout',
            (v) => (typeof v === 'number' && v >= 5 && v <= 600 ? v : WRONG),
            DEFAULTS.sip_ring_timeout,
            'a number of seconds from 5 to 600',
        ),
    };
    return { settings, problems: reader.problems };
}

function phonebook(reader: Reader, value: unknown): Settings['phonebook'] {
    if (typeof value === 'string') return reader.value<Settings['phonebook']>('sip_phonebook', endpoint, [], ENDPOINT);
    const book = readPhonebook(value);
    if (book === null)
        reader.complain('sip_phonebook', `(${kind(value)})`, `a list of { jid, sip, name }, or ${ENDPOINT}`);
    for (const index of book?.wrong.slice(0, 5) ?? []) {
        reader.complain(
            `sip_phonebook[${String(index)}]`,
            '(not shown)',
            '{ jid, sip, name } with a JID and a SIP address',
        );
    }
    return book?.entries ?? [];
}

/** The one text for the console that names every wrong setting; null where all are right. */
export function describeProblems(problems: readonly SettingProblem[]): string | null {
    return problems.length === 0
        ? null
        : problems.map(({ setting, value, allowed }) => `${setting} is ${value}, allowed: ${allowed}`).join('; ');
}
