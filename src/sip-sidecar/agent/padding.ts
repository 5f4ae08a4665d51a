/** A text as MD5 and SHA-2 take it (RFC 1321 section 3, FIPS 180-4 section 5.1). */

/** The bytes of a text in UTF-8, with what follows them up to whole blocks of `size` bytes. */
export function padded(text: string, size: number, littleEndian: boolean): DataView {
    const bytes = new TextEncoder().encode(text);
    const all = new Uint8Array(Math.ceil((bytes.length + 1 + size / 8) / size) * size);
    all.set(bytes);
    all[bytes.length] = 0x80;
    const view = new DataView(all.buffer);
    view.setBigUint64(all.length - 8, BigInt(bytes.length) * 8n, littleEndian);
    return view;
}
