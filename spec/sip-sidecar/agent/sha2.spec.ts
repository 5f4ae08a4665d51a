import fc from 'fast-check';
import { sha256, sha512to256 } from '../../../src/sip-sidecar/agent/sha2.js';

const hex = (bytes: ArrayBuffer): string =>
    Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
const TWO_BLOCKS =
    'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu';

describe('SHA-256', () => {
    it('gives the examples of FIPS 180-4', () => {
        expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
        expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
        expect(sha256('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
            '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
        );
    });

    it('is what the browser itself computes, for any text', async () => {
        await fc.assert(
            fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
                expect(sha256(text)).toBe(hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
            }),
        );
    });
});

describe('SHA-512/256', () => {
    it('gives the examples of NIST', () => {
        expect(sha512to256('abc')).toBe('53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23');
        expect(sha512to256(TWO_BLOCKS)).toBe('3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a');
        expect(sha512to256('')).toBe('c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a');
    });

    it('gives what others do about texts of every length around its blocks', () => {
        // Of the digests of 'x', 'xx' … (300), one after the other: by OpenSSL.
        const all = Array.from({ length: 300 }, (_, i) => sha512to256('x'.repeat(i + 1))).join('');
        expect(sha512to256(all)).toBe('ccdafc91ddb2b059ca9363bb6d9c4d1ee734487bbd951087be7ec29da57d0e89');
    });
});
