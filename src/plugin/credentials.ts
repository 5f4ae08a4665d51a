/**
 * The SIP account, from wherever the site says: a form, an endpoint of the site, a function of the site. Nothing of it is
 * ever written to the console, and a password is never kept.
 */
import {
    cleanDisplayName,
    formatSipAddress,
    parseSipAddress,
    type Ha1,
    type SipAccount,
} from '../sip-sidecar/contract/index.js';
import { domainOf, localPartOf } from './jid.js';
import type { CredentialsFunction } from './settings.js';
import type { Store } from './store.js';

/** The longest user name, password and display name. */
const MAX_LENGTH = 1024;
/** The longest answer of an endpoint, in characters. */
const MAX_ANSWER = 16_384;
/** How long an endpoint or a function may take (ms). */
const TIMEOUT = 20_000;

/** An account, and when it has to be fetched again (ms since the epoch; null: never). */
export interface Fetched {
    readonly account: SipAccount;
    readonly expires: number | null;
}

/** Why there is no account. */
export class CredentialsError extends Error {
    constructor(
        /** `refused`: the site said no, do not ask again. `unusable`: it said something that cannot be used. */
        readonly reason: 'refused' | 'unreachable' | 'unusable',
        detail: string,
        readonly status: number | null = null,
        /** Seconds after which the site wants to be asked again; 0 where it does not say. */
        readonly retryAfter = 0,
    ) {
        super(detail);
        this.name = 'CredentialsError';
    }
}

/**
 * The account of what a person typed as user name: `alice`, `alice@sip.example.net` or `sip:alice@sip.example.net`.
 * @returns null where no address can be made of it
 */
export function accountFor(username: string, sipDomain: string): Pick<SipAccount, 'uri' | 'username'> | null {
    const text = username.trim();
    const address = parseSipAddress(/[@:]/u.test(text) ? text : `sip:${encodeURIComponent(text)}@${sipDomain}`);
    if (address === null || address.scheme === 'tel' || address.user === '') return null;
    const uri = formatSipAddress({ ...address, gr: null, transport: null, phone: false });
    return { uri, username: address.user };
}

/** Reads what an endpoint or a function gave: `{ uri, username, password or ha1, display_name, expires }`. */
export function readCredentials(given: unknown, jid: string, sipDomain: string): Fetched {
    const unusable = (detail: string): CredentialsError => new CredentialsError('unusable', detail);
    if (typeof given !== 'object' || given === null || Array.isArray(given)) throw unusable('not an object');
    const { uri, username, password, ha1, display_name, expires } = given as Readonly<Record<string, unknown>>;
    const text = (name: string, value: unknown): string => {
        if (value === undefined || value === null) return '';
        if (typeof value !== 'string' || value.length > MAX_LENGTH) throw unusable(`${name} is not a text`);
        return value;
    };
    const user = text('username', username);
    const named = accountFor(text('uri', uri) || user || localPartOf(jid), sipDomain);
    if (named === null) throw unusable('uri or username is not usable');
    const secret = secretOf(text('password', password), ha1, domainOf(named.uri).replace(/[:;].*$/u, ''));
    if (secret === null) throw unusable('neither password nor ha1 is usable');
    const until = expiryOf(expires);
    if (until === undefined) throw unusable('expires is neither seconds since 1970 nor an ISO 8601 time');
    if (/[\u0000-\u001f\u007f]/u.test(user)) throw unusable('username has control characters');
    return {
        account: {
            uri: named.uri,
            username: user || named.username,
            displayName: cleanDisplayName(text('display_name', display_name)),
            ...secret,
        },
        expires: until,
    };
}

function secretOf(password: string, ha1: unknown, realm: string): Pick<SipAccount, 'password' | 'ha1'> | null {
    const list = readHa1(ha1, realm);
    if (list.length > 0) return { ha1: list };
    return password !== '' ? { password } : null;
}

/** HA1 values: one or a list of `{ realm, algorithm, ha1 }`, or the hexadecimal digits alone for the domain as realm. */
export function readHa1(given: unknown, defaultRealm: string): Ha1[] {
    const list: readonly unknown[] = Array.isArray(given) ? given.slice(0, 8) : [given];
    return list.flatMap((entry) => {
        const fields = (typeof entry === 'object' && entry !== null ? entry : { ha1: entry }) as Record<
            string,
            unknown
        >;
        const digits = typeof fields['ha1'] === 'string' ? fields['ha1'].toLowerCase() : '';
        const guessed = digits.length === 32 ? 'MD5' : 'SHA-256';
        const { realm = defaultRealm, algorithm = guessed } = fields;
        if (algorithm !== 'MD5' && algorithm !== 'SHA-256' && algorithm !== 'SHA-512-256') return [];
        if (typeof realm !== 'string' || realm === '' || realm.length > MAX_LENGTH) return [];
        const right = algorithm === 'MD5' ? /^[0-9a-f]{32}$/u : /^[0-9a-f]{64}$/u;
        return right.test(digits) ? [{ realm, algorithm, ha1: digits }] : [];
    });
}

/** undefined: wrong. */
function expiryOf(expires: unknown): number | null | undefined {
    if (expires === undefined || expires === null) return null;
    const time = typeof expires === 'number' ? expires * 1000 : typeof expires === 'string' ? Date.parse(expires) : NaN;
    return Number.isFinite(time) ? time : undefined;
}

/**
 * Fetches from the site's endpoint. The JID is not sent: the site's own session decides who it is.
 * @throws CredentialsError
 */
export async function fetchCredentials(url: URL, jid: string, sipDomain: string): Promise<Fetched> {
    let response: Response;
    try {
        response = await fetch(url, {
            credentials: 'same-origin',
            cache: 'no-store',
            headers: { accept: 'application/json' },
            signal: AbortSignal.timeout(TIMEOUT),
        });
    } catch {
        throw new CredentialsError('unreachable', 'no answer');
    }
    const { status } = response;
    if (status === 401 || status === 403) throw new CredentialsError('refused', `status ${String(status)}`, status);
    if (!response.ok) {
        const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10) || 0;
        throw new CredentialsError('unreachable', `status ${String(status)}`, status, retryAfter);
    }
    let given: unknown;
    try {
        const text = await response.text();
        given = text.length > MAX_ANSWER ? null : JSON.parse(text);
    } catch {
        throw new CredentialsError('unusable', 'not JSON');
    }
    return readCredentials(given, jid, sipDomain);
}

/**
 * Asks the site's function. What it throws is not shown: it may hold anything.
 * @throws CredentialsError
 */
export async function callCredentials(ask: CredentialsFunction, jid: string, sipDomain: string): Promise<Fetched> {
    let given: unknown;
    try {
        given = await Promise.race([
            ask(jid),
            new Promise((_resolve, reject) => setTimeout(() => reject(new Error('timeout')), TIMEOUT)),
        ]);
    } catch {
        throw new CredentialsError('unreachable', 'the function of the site failed');
    }
    return readCredentials(given, jid, sipDomain);
}

/** The account that was kept on a trusted device, or null. */
export async function keptAccount(store: Store): Promise<SipAccount | null> {
    if (!store.trusted) return null;
    const kept = await store.get('credentials');
    if (typeof kept !== 'object' || kept === null) return null;
    const { uri, username, ha1 } = kept as Readonly<Record<string, unknown>>;
    const values = readHa1(ha1, '');
    const address = parseSipAddress(uri);
    if (address === null || typeof username !== 'string' || values.length === 0) return null;
    return { uri: formatSipAddress(address), username, displayName: '', ha1: values };
}

/** Keeps an account on a trusted device: HA1 values by realm and algorithm, never the password. */
export async function keepAccount(store: Store, account: SipAccount, ha1: readonly Ha1[]): Promise<void> {
    if (!store.trusted || ha1.length === 0) return;
    const { uri, username } = account;
    await store.set('credentials', { uri, username, ha1 });
}
