/** Netstrings (`5:hello,`): how baresip frames the JSON on its control port. */

/** Longest message that is taken, in bytes. */
const LIMIT = 1_000_000;

/** A text as a netstring. */
export function encodeNetstring(text: string): Buffer {
    const bytes = Buffer.from(text);
    return Buffer.concat([Buffer.from(`${String(bytes.length)}:`), bytes, Buffer.from(',')]);
}

/**
 * Cuts the bytes of a stream into netstrings.
 * @returns a function that takes the next bytes, in pieces of any size, and returns the texts that are complete
 */
export function netstringDecoder(): (bytes: Buffer) => string[] {
    let rest: Buffer = Buffer.alloc(0);
    return (bytes) => {
        rest = Buffer.concat([rest, bytes]);
        const texts: string[] = [];
        for (;;) {
            const colon = rest.indexOf(':');
            if (colon < 0) {
                if (rest.length > 10) throw new Error('Not a netstring');
                return texts;
            }
            const digits = rest.toString('latin1', 0, colon);
            const length = Number(digits);
            if (!/^\d{1,9}$/u.test(digits) || length > LIMIT) throw new Error('Not a netstring');
            const end = colon + 1 + length;
            if (rest.length <= end) return texts;
            if (rest[end] !== ','.charCodeAt(0)) throw new Error('Not a netstring');
            texts.push(rest.toString('utf8', colon + 1, end));
            rest = rest.subarray(end + 1);
        }
    };
}
