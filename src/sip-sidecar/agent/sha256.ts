/**
 * SHA-256 (FIPS 180-4), synchronous: sip.js wants the answer to a challenge at once, and WebCrypto's is a promise.
 * For digest authentication only.
 */
import { hex } from './random.js';

const PRIMES = ((): number[] => {
    const primes: number[] = [];
    for (let n = 2; primes.length < 64; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
    return primes;
})();
/** The first 32 bits of the fractional part of a root. */
const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
const FIRST = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUND = PRIMES.map((prime) => fraction(Math.cbrt(prime)));

const turn = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

/** The digest of a text in UTF-8, in lower-case hexadecimal. */
export function sha256(text: string): string {
    const bytes = new TextEncoder().encode(text);
    const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
    const state = Int32Array.from(FIRST);
    const w = new Int32Array(64);
    const at = (array: ArrayLike<number>, index: number): number => array[index] ?? 0;
    for (let block = 0; block < padded.length; block += 64) {
        for (let i = 0; i < 64; i += 1) {
            if (i < 16) {
                w[i] = view.getInt32(block + i * 4);
            } else {
                const x = at(w, i - 15);
                const y = at(w, i - 2);
                const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
                const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
                w[i] = (at(w, i - 16) + s0 + at(w, i - 7) + s1) | 0;
            }
        }
        let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
        for (let i = 0; i < 64; i += 1) {
            const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
            const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(ROUND, i) + at(w, i)) | 0;
            const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
            const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
            [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
        }
        [a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] = at(state, i) + value));
    }
    const result = new DataView(new ArrayBuffer(32));
    state.forEach((value, i) => {
        result.setInt32(i * 4, value);
    });
    return hex(new Uint8Array(result.buffer));
}
