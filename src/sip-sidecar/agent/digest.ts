/** Digest access authentication (RFC 7616, RFC 8760), qop `auth`, `auth-int` or none. Pure. */
import { md5 } from './md5.js';
import { sha256, sha512to256 } from './sha2.js';

const HASHES = { 'SHA-512-256': sha512to256, 'SHA-256': sha256, MD5: md5 } as const;

/** One we speak. */
export type Algorithm = keyof typeof HASHES;

/** Those we speak, the strongest first. */
export const ALGORITHMS = Object.keys(HASHES) as readonly Algorithm[];

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

/** The algorithm a challenge names, MD5 where it names none; undefined where we do not speak it (`-sess`). */
export function algorithmOf(name: string | undefined): Algorithm | undefined {
    return ALGORITHMS.find((algorithm) => algorithm === (name ?? 'MD5').toUpperCase());
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

/** What a challenge or Authentication-Info says, by names in lower case. */
export type Fields = Readonly<Record<string, string | undefined>>;

/** Reads such a value. Quotes are taken off, what is escaped in them stays so. */
export function readFields(value: string): Fields {
    const fields = value.slice(0, 4096).matchAll(/(?<![\w-])([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gu);
    return Object.fromEntries(
        Array.from(fields, ([, name = '', quoted, token]) => [name.toLowerCase(), quoted ?? token]),
    );
}

/** Reads a `WWW-Authenticate` or `Proxy-Authenticate`; of what is no digest nothing. */
export const readChallenge = (value: string): Fields => (/^digest\s/iu.test(value) ? readFields(value) : {});
