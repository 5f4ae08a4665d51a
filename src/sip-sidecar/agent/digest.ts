/** Digest access authentication (RFC 7616, RFC 8760) with MD5 and SHA-256, qop `auth` or none. Pure. */
import { md5 } from './md5.js';
import { sha256 } from './sha256.js';

/** The algorithms we speak, the strongest first. */
export const ALGORITHMS = ['SHA-256', 'MD5'] as const;

/** One of {@link ALGORITHMS}. */
export type Algorithm = (typeof ALGORITHMS)[number];

/** What a challenge asks for, as far as it matters here. */
export interface Challenge {
    readonly realm: string;
    /** As it came; empty where the challenge names none, which means MD5. */
    readonly algorithm: string;
}

/** Everything that goes into one answer. */
export interface DigestInput {
    readonly algorithm: Algorithm;
    readonly ha1: string;
    readonly method: string;
    readonly uri: string;
    readonly nonce: string;
    /** null: a server of RFC 2069, without qop. */
    readonly qop: { readonly cnonce: string; readonly nc: string } | null;
}

/** The hash of a text in UTF-8, in lower-case hexadecimal. */
export function hash(algorithm: Algorithm, text: string): string {
    return algorithm === 'MD5' ? md5(text) : sha256(text);
}

/** The algorithm a challenge names, or null where we do not speak it (`-sess`, SHA-512-256). */
export function algorithmOf(name: string | undefined): Algorithm | null {
    const upper = (name ?? '').toUpperCase();
    return upper === '' ? 'MD5' : (ALGORITHMS.find((algorithm) => algorithm === upper) ?? null);
}

/** H(A1), RFC 7616 section 3.4.2. */
export function ha1(algorithm: Algorithm, username: string, realm: string, password: string): string {
    return hash(algorithm, `${username}:${realm}:${password}`);
}

/** The `response` value, RFC 7616 section 3.4.1. */
export function digestResponse({ algorithm, ha1: a1, method, uri, nonce, qop }: DigestInput): string {
    const a2 = hash(algorithm, `${method}:${uri}`);
    const middle = qop === null ? nonce : `${nonce}:${qop.nc}:${qop.cnonce}:auth`;
    return hash(algorithm, `${a1}:${middle}:${a2}`);
}

/** Reads realm and algorithm of one `WWW-Authenticate` or `Proxy-Authenticate` value; null where it is no digest. */
export function readChallenge(value: string): Challenge | null {
    if (!/^\s*digest\s/iu.test(value)) return null;
    const parameter = (name: string): string => {
        const match = new RegExp(`[\\s,]${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]+))`, 'iu').exec(value);
        return match?.[1] ?? match?.[2] ?? '';
    };
    return { realm: parameter('realm'), algorithm: parameter('algorithm') };
}
