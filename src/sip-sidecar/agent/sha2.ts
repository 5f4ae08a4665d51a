/**
 * SHA-256 and SHA-512/256 (FIPS 180-4), synchronous: the answer to a challenge leaves in the same turn, and WebCrypto's
 * is a promise. One function for both, in BigInt: the constants of the one are the first halves of the other's. For
 * digest authentication only.
 */

type Width = 32 | 64;

const PRIMES = ((): number[] => {
    const primes: number[] = [];
    for (let n = 2; primes.length < 80; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
    return primes;
})();

/** The first 64 bits of the fractional part of a root: the last of them by trying, for which a number is too short. */
function fraction(prime: number, degree: number): bigint {
    const power = BigInt(degree);
    const square = BigInt(prime) << (64n * power);
    let root = BigInt(Math.floor(prime ** (1 / degree) * 2 ** 40) - 1) << 24n;
    for (let bit = 1n << 25n; bit > 0n; bit >>= 1n) if ((root + bit) ** power <= square) root += bit;
    return BigInt.asUintN(64, root);
}

let constants: { readonly first: readonly bigint[]; readonly round: readonly bigint[] } | null = null;
/** Made at first need: it takes 1 ms. */
const made = (): NonNullable<typeof constants> =>
    (constants ??= {
        first: PRIMES.slice(0, 8).map((prime) => fraction(prime, 2)),
        round: PRIMES.map((prime) => fraction(prime, 3)),
    });

/** By how much the words turn: in the state twice, and in the message twice, where the third time they are shifted. */
const TURNS = {
    32: [2, 13, 22, 6, 11, 25, 7, 18, 3, 17, 19, 10],
    64: [28, 34, 39, 14, 18, 41, 1, 8, 7, 19, 61, 6],
} as const;

/** The state after a text. */
function sha2(width: Width, first: readonly bigint[], text: string): bigint[] {
    const turns = TURNS[width].map(BigInt);
    const bits = BigInt(width);
    const cut = (x: bigint): bigint => BigInt.asUintN(width, x);
    const at = (array: readonly bigint[], index: number): bigint => array[index] ?? 0n;
    const turn = (x: bigint, by: number): bigint => (x >> at(turns, by)) | (x << (bits - at(turns, by)));
    const mix = (x: bigint, by: number): bigint =>
        cut(turn(x, by) ^ turn(x, by + 1) ^ (by < 6 ? turn(x, by + 2) : x >> at(turns, by + 2)));
    const bytes = new TextEncoder().encode(text);
    const size = width * 2;
    const padded = new Uint8Array(Math.ceil((bytes.length + 1 + width / 4) / size) * size);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
    const round = made()
        .round.slice(0, width === 32 ? 64 : 80)
        .map((x) => x >> (64n - bits));
    let state = [...first];
    for (let block = 0; block < padded.length; block += size) {
        const w: bigint[] = [];
        let [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = state;
        for (const [i, constant] of round.entries()) {
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
export const sha256 = (text: string): string =>
    hex(
        sha2(
            32,
            made().first.map((x) => x >> 32n),
            text,
        ),
        32,
    );

/** SHA-512/256 of a text in UTF-8 (FIPS 180-4 section 5.3.6.2). */
export const sha512to256 = (text: string): string => {
    const start = made().first.map((x) => x ^ 0xa5a5a5a5a5a5a5a5n);
    return hex(sha2(64, sha2(64, start, 'SHA-512/256'), text), 64);
};
