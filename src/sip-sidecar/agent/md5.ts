/**
 * MD5 (RFC 1321), synchronous: the answer to a challenge leaves in the same turn, and WebCrypto has no MD5.
 * For digest authentication only, with servers that ask for nothing better.
 */
import { padded } from './padding.js';
import { hex } from './random.js';

const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));
const SHIFTS = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
] as const;

/** The digest of a text in UTF-8, in lower-case hexadecimal. */
export function md5(text: string): string {
    const view = padded(text, 64, true);
    const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
    for (let block = 0; block < view.byteLength; block += 64) {
        let [a = 0, b = 0, c = 0, d = 0] = state;
        for (let i = 0; i < 64; i += 1) {
            const round = i >> 4;
            const mix = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round] ?? 0;
            const word = ([i, 5 * i + 1, 3 * i + 5, 7 * i][round] ?? 0) % 16;
            const sum = (a + mix + (SINES[i] ?? 0) + view.getInt32(block + word * 4, true)) | 0;
            const by = SHIFTS[round]?.[i % 4] ?? 0;
            [a, d, c, b] = [d, c, b, (b + ((sum << by) | (sum >>> (32 - by)))) | 0];
        }
        [a, b, c, d].forEach((value, i) => (state[i] = (state[i] ?? 0) + value));
    }
    state.forEach((value, i) => {
        view.setInt32(i * 4, value, true);
    });
    return hex(new Uint8Array(view.buffer, 0, 16));
}
