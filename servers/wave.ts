/** How loud a recording is. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Bytes of a canonical WAVE header; what we read is 16 bits, one channel, 48,000 samples a second. */
const HEADER = 44;
const BYTES_PER_SECOND = 2 * 48_000;

/**
 * The loudness (root of the mean square, 0 to 1) of the last second of what baresip's sndfile module has decoded into this
 * folder; 0 when there is nothing, or when nothing came for a second: where no packet arrives, nothing is written.
 */
export function lastSecondLoudness(folder: string): number {
    const newest = readdirSync(folder)
        .filter((name) => name.endsWith('-dec.wav'))
        .sort()
        .at(-1);
    if (newest === undefined) return 0;
    const file = path.join(folder, newest);
    if (Date.now() - statSync(file).mtimeMs > 1000) return 0;
    const bytes = readFileSync(file);
    const start = Math.max(HEADER, bytes.length - BYTES_PER_SECOND);
    let sum = 0;
    let count = 0;
    for (let at = start + (start % 2); at + 1 < bytes.length; at += 2) {
        sum += (bytes.readInt16LE(at) / 32_768) ** 2;
        count++;
    }
    return count === 0 ? 0 : Math.sqrt(sum / count);
}
