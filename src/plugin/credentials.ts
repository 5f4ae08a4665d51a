/**
 * The SIP account, from wherever the site says: a form, an endpoint of the site, a function of the site. Nothing of it is
 * ever written to the console, and a password is never kept.
 */
import {
    cleanDisplayName,
    cleanSipAddress,
    formatSipAddress,
    parseSipAddress,
    type Ha1,
    type SipAccount,
} from '../sip-sidecar/contract/index.js';
import { isLike } from '../sip-sidecar/contract/shape.js';
import { domainOf, localPartOf } from './jid.js';
import type { Settings } from './settings.js';
import { fetchFromSite, TIMEOUT } from './site.js';
import type { Store } from './store.js';

/** The longest answer of an endpoint, in characters. */
const MAX_ANSWER = 16_384;

/** How many hexadecimal digits a hash has. */
const LENGTHS: Readonly<Record<string, number>> = { MD5: 32, 'SHA-256': 64, 'SHA-512-256': 64 };

/** An account, and when it has to be fetched again (ms since the epoch; null: never). */
export interface Fetched {
    readonly account: SipAccount;
    readonly expires: number | null;
}

/** Why there is no account. */
export class CredentialsError extends Error {
    constructor(
        readonly code: 'SIP-104' | 'SIP-105',
        detail: string,
        readonly status: number | null = null,
        /** Seconds after which the site wants to be asked again, at least; null: it is of no use to ask again. */
        readonly retryAfter: number | null = null,
    ) {
        super(detail);
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

function check(usable: unknown, name: string): asserts usable {
    if (!usable) throw new CredentialsError('SIP-105', name);
}

/** Reads what an endpoint or a function gave: `{ uri, username, password or ha1, display_name, expires }`. */
export function readCredentials(given: unknown, jid: string, sipDomain: string): Fetched {
    const fields = (given ?? {}) as Readonly<Record<string, unknown>>;
    const text = (name: string): string => {
        const value = fields[name] ?? '';
        check(isLike(value, ''), name);
        return value;
    };
    const user = text('username');
    const password = text('password');
    const named = accountFor(text('uri') || user || localPartOf(jid), sipDomain);
    check(named, 'uri, username');
    const { uri, username } = named;
    const ha1 = readHa1(fields['ha1'], domainOf(uri).replace(/[:;].*$/u, ''));
    check(password || ha1.length > 0, 'password, ha1');
    const said = fields['expires'] ?? null;
    const expires = said && (typeof said === 'number' ? said * 1000 : Date.parse(said as string));
    check(expires === null || Number.isFinite(expires), 'expires');
    return {
        account: {
            uri,
            username: user || username,
            displayName: cleanDisplayName(fields['display_name']),
            ...(ha1.length > 0 ? { ha1 } : { password }),
        },
        expires,
    };
}

/** HA1 values: one or a list of `{ realm, algorithm, ha1 }`, or the hexadecimal digits alone for the domain as realm. */
export function readHa1(given: unknown, defaultRealm: string): Ha1[] {
    const list: readonly unknown[] = Array.isArray(given) ? given.slice(0, 8) : [given];
    return list.flatMap((entry) => {
        const fields = typeof entry === 'string' ? { ha1: entry } : (entry ?? {});
        const { ha1: value, realm = defaultRealm, algorithm: said } = fields as Readonly<Record<string, unknown>>;
        const ha1 = String(value).toLowerCase();
        const algorithm = (said ?? (ha1.length === 32 ? 'MD5' : 'SHA-256')) as Ha1['algorithm'];
        const usable = isLike<string>(realm, '') && LENGTHS[algorithm] === ha1.length && /^[0-9a-f]+$/u.test(ha1);
        return usable && realm ? [{ realm, algorithm, ha1 }] : [];
    });
}

/** Fetches from the site's endpoint. The JID is not sent: the site's own session decides who it is. */
async function fetchCredentials(url: URL | string): Promise<unknown> {
    const response = await fetchFromSite(url, 'no-store');
    const { status } = response;
    if (!response.ok) {
        const retryAfter = Number(response.headers.get('retry-after')) || 0;
        const refused = status === 401 || status === 403;
        throw new CredentialsError('SIP-104', `status ${String(status)}`, status, refused ? null : retryAfter);
    }
    const text = await response.text();
    try {
        return text.length > MAX_ANSWER ? null : JSON.parse(text);
    } catch {
        throw new CredentialsError('SIP-105', 'not JSON');
    }
}

/**
 * Asks the site: its endpoint, or its function, which gets the JID. What that throws is not shown: it may hold anything.
 * @throws CredentialsError
 */
export async function askSite(source: Settings['credentials'], jid: string, sipDomain: string): Promise<Fetched> {
    try {
        const given =
            typeof source === 'function'
                ? Promise.race([source(jid), new Promise((_resolve, reject) => setTimeout(reject, TIMEOUT))])
                : fetchCredentials(source);
        return readCredentials(await given, jid, sipDomain);
    } catch (error) {
        throw error instanceof CredentialsError ? error : new CredentialsError('SIP-104', 'no answer', null, 0);
    }
}
/** The account that was kept on a trusted device, or null. */
export async function keptAccount(store: Store): Promise<SipAccount | null> {
    const kept = store.trusted && (await store.get('credentials'));
    if (!isLike(kept, { uri: '', username: '' })) return null;
    const { username } = kept;
    const uri = cleanSipAddress(kept.uri);
    const ha1 = readHa1((kept as { readonly ha1?: unknown }).ha1, '');
    return uri && ha1.length > 0 ? { uri, username, displayName: '', ha1 } : null;
}

/** Keeps an account on a trusted device: HA1 values by realm and algorithm, never the password. */
export async function keepAccount(store: Store, account: SipAccount, ha1: readonly Ha1[]): Promise<void> {
    const { uri, username } = account;
    if (store.trusted && ha1.length > 0) await store.set('credentials', { uri, username, ha1 });
}
