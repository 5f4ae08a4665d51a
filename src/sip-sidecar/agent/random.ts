/** Chance, from the cryptographic source: predictable numbers have no place in tags, branches and nonces (RFC 3261 19.3). */

/** A random number from 0 up to, but not including, 1. */
export type Random = () => number;

/** The page's own. */
export const secureRandom: Random = () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;

/** A random token of 80 bits, 20 hexadecimal digits. */
export function randomToken(): string {
    return hex(crypto.getRandomValues(new Uint8Array(10)));
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
