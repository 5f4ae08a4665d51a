/** Digest access authentication (RFC 7616, RFC 8760), qop `auth`, `auth-int` or none. Pure. */
import { md5 } from './md5.js';
import { sha256, sha512to256 } from './sha2.js';

const HASHES = { 'SHA-512-256': sha512to256, 'SHA-256': sha256, MD5: md5 } as const;

/** One we speak. */
export type Algorithm = keyof typeof HASHES;

/** Those we speak, the strongest first. */
export const ALGORITHMS = Object.keys(HASHES) as readonly Algorithm[];

/** What a challenge asks for, as far as it matters here. */
export interface Challenge {
    readonly realm: string;
    /** As it came; empty where the challenge names none, which means MD5. */
    readonly algorithm: string;
}

/** Which protection, the better one to have where both are offered: a body that a proxy changed must not cost the call. */
export const QOPS = ['auth', 'auth-int'] as const;

/** Everything that goes into one answer. */
export interface DigestInput {
    readonly algorithm: Algorithm;
    readonly ha1: string;
    readonly method: string;
    readonly uri: string;
    readonly nonce: string;
    /** null: a server of RFC 2069, without qop. */
    readonly qop: { readonly name: (typeof QOPS)[number]; readonly cnonce: string; readonly nc: string } | null;
    /** Of the request, for `auth-int`. */
    readonly body: string;
}

/** The hash of a text in UTF-8, in lower-case hexadecimal. */
export function hash(algorithm: Algorithm, text: string): string {
    return HASHES[algorithm](text);
}

/** The algorithm a challenge names, or null where we do not speak it (`-sess`). */
export function algorithmOf(name: string | undefined): Algorithm | null {
    const upper = (name ?? '').toUpperCase();
    return upper === '' ? 'MD5' : (ALGORITHMS.find((algorithm) => algorithm === upper) ?? null);
}

/** H(A1), RFC 7616 section 3.4.2. */
export function ha1(algorithm: Algorithm, username: string, realm: string, password: string): string {
    return hash(algorithm, `${username}:${realm}:${password}`);
}

/** The `response` value, RFC 7616 section 3.4.1. */
export function digestResponse({ algorithm, ha1: a1, method, uri, nonce, qop, body }: DigestInput): string {
    const a2 = hash(algorithm, `${method}:${uri}${qop?.name === 'auth-int' ? `:${hash(algorithm, body)}` : ''}`);
    const middle = qop === null ? nonce : `${nonce}:${qop.nc}:${qop.cnonce}:${qop.name}`;
    return hash(algorithm, `${a1}:${middle}:${a2}`);
}

/** A parameter of a challenge, or of Authentication-Info, without its quotes; empty where there is none. */
export function parameterOf(value: string, name: string): string {
    const match = new RegExp(`(?:^|[\\s,])${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]+))`, 'iu').exec(value);
    return match?.[1] ?? match?.[2] ?? '';
}

/** Reads realm and algorithm of one `WWW-Authenticate` or `Proxy-Authenticate` value; null where it is no digest. */
export function readChallenge(value: string): Challenge | null {
    if (!/^\s*digest\s/iu.test(value)) return null;
    return { realm: parameterOf(value, 'realm'), algorithm: parameterOf(value, 'algorithm') };
}
