/**
 * SHA-256 and SHA-512/256 (FIPS 180-4), synchronous: the answer to a challenge leaves in the same turn, and WebCrypto's
 * is a promise. One function for both, in BigInt: the constants of the one are the first halves of the other's. For
 * digest authentication only.
 */
import { padded } from './padding.js';

type Width = 32 | 64;

/** The first 64 bits of the fractional part of a root, by trying: a number is too short for them. */
function fraction(prime: number, degree: bigint): bigint {
    const power = BigInt(prime) << (64n * degree);
    let root = 0n;
    for (let bit = 1n << 68n; bit > 0n; bit >>= 1n) if ((root + bit) ** degree <= power) root += bit;
    return BigInt.asUintN(64, root);
}

/** Those of the square and cube roots of the first 80 primes. */
function makeConstants(): bigint[][] {
    const primes: number[] = [];
    for (let n = 2; primes.length < 80; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
    return [2n, 3n].map((degree) => primes.map((prime) => fraction(prime, degree)));
}

/** Made at first need: it takes some ms. */
let constants: bigint[][] | undefined;

/** By how much the words turn: in the state twice, and in the message twice, where the third time they are shifted. */
const TURNS = {
    32: [2, 13, 22, 6, 11, 25, 7, 18, 3, 17, 19, 10],
    64: [28, 34, 39, 14, 18, 41, 1, 8, 7, 19, 61, 6],
} as const;

/** The state after a text. @param from the one before it, else the square roots */
function sha2(width: Width, text: string, from?: bigint[]): bigint[] {
    const turns = TURNS[width].map(BigInt);
    const bits = BigInt(width);
    const cut = (x: bigint): bigint => BigInt.asUintN(width, x);
    const at = (array: readonly bigint[], index: number): bigint => array[index] ?? 0n;
    const turn = (x: bigint, by: number): bigint => (x >> at(turns, by)) | (x << (bits - at(turns, by)));
    const mix = (x: bigint, by: number): bigint =>
        cut(turn(x, by) ^ turn(x, by + 1) ^ (by < 6 ? turn(x, by + 2) : x >> at(turns, by + 2)));
    const view = padded(text, width * 2, false);
    const [squares = [], cubes = []] = (constants ??= makeConstants()).map((all) => all.map((x) => x >> (64n - bits)));
    let state = from ?? squares.slice(0, 8);
    for (let block = 0; block < view.byteLength; block += width * 2) {
        const w: bigint[] = [];
        let [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = state;
        // 64 rounds, or 80
        for (const [i, constant] of cubes.slice(0, 48 + width / 2).entries()) {
            const word =
                i > 15
                    ? cut(at(w, i - 16) + mix(at(w, i - 15), 6) + at(w, i - 7) + mix(at(w, i - 2), 9))
                    : width === 32
                      ? BigInt(view.getUint32(block + i * 4))
                      : view.getBigUint64(block + i * 8);
            w.push(word);
            const t1 = h + mix(e, 3) + ((e & f) ^ (~e & g)) + constant + word;
            const t2 = mix(a, 0) + ((a & b) ^ (a & c) ^ (b & c));
            [h, g, f, e, d, c, b, a] = [g, f, e, cut(d + t1), c, b, a, cut(t1 + t2)];
        }
        state = [a, b, c, d, e, f, g, h].map((value, i) => cut(value + at(state, i)));
    }
    return state;
}

/** The first 256 bits, in lower-case hexadecimal. */
const hex = (state: readonly bigint[], width: Width): string =>
    state
        .map((word) => word.toString(16).padStart(width / 4, '0'))
        .join('')
        .slice(0, 64);

/** SHA-256 of a text in UTF-8. */
export const sha256 = (text: string): string => hex(sha2(32, text), 32);

/** SHA-512/256 of a text in UTF-8. Its state at first is made by another (FIPS 180-4 section 5.3.6). */
export const sha512to256 = (text: string): string => {
    const [squares = []] = (constants ??= makeConstants());
    const first = squares.slice(0, 8).map((x) => x ^ 0xa5a5a5a5a5a5a5a5n);
    return hex(sha2(64, text, sha2(64, 'SHA-512/256', first)), 64);
};
