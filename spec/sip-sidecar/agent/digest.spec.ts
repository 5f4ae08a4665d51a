import fc from 'fast-check';
import { algorithmOf, digestResponse, ha1, readChallenge } from '../../../src/sip-sidecar/agent/digest.js';
import { sha256 } from '../../../src/sip-sidecar/agent/sha256.js';

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
                const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
                expect(sha256(text)).toBe(Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''));
            }),
        );
    });
});

describe('A digest', () => {
    const rfc7616 = {
        method: 'GET',
        uri: '/dir/index.html',
        nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
        qop: { cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ', nc: '00000001' },
    };
    const secret = (algorithm: 'MD5' | 'SHA-256') =>
        ha1(algorithm, 'Mufasa', 'http-auth@example.org', 'Circle of Life');

    it('with MD5 is that of RFC 7616 section 3.9.1', () => {
        expect(digestResponse({ ...rfc7616, algorithm: 'MD5', ha1: secret('MD5') })).toBe(
            '8ca523f5e9506fed4657c9700eebdbec',
        );
    });

    it('with SHA-256 is that of RFC 7616 section 3.9.1', () => {
        expect(digestResponse({ ...rfc7616, algorithm: 'SHA-256', ha1: secret('SHA-256') })).toBe(
            '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
        );
    });

    it('is that of RFC 2617 section 3.5', () => {
        const response = digestResponse({
            algorithm: 'MD5',
            ha1: ha1('MD5', 'Mufasa', 'testrealm@host.com', 'Circle Of Life'),
            method: 'GET',
            uri: '/dir/index.html',
            nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
            qop: { cnonce: '0a4f113b', nc: '00000001' },
        });
        expect(response).toBe('6629fae49393a05397450978507c4ef1');
    });

    it('without qop is that of RFC 2069', () => {
        const a1 = ha1('MD5', 'Mufasa', 'testrealm@host.com', 'CircleOfLife');
        const nonce = 'dcd98b7102dd2f0e8b11d0f600bfb0c093';
        const input = { algorithm: 'MD5', ha1: a1, method: 'GET', uri: '/dir/index.html', nonce, qop: null } as const;
        expect(digestResponse(input)).toBe('1949323746fe6a43ef61f9606e7febea');
    });

    it('is MD5 where the challenge names no algorithm, and nothing where it names a strange one', () => {
        expect(algorithmOf(undefined)).toBe('MD5');
        expect(algorithmOf('sha-256')).toBe('SHA-256');
        for (const name of ['SHA-256-sess', 'MD5-sess', 'SHA-512-256', 'none', '__proto__']) {
            expect(algorithmOf(name)).toBeNull();
        }
    });
});

describe('A challenge', () => {
    it('is read whatever the order, case and quoting of its parameters', () => {
        const expected = { realm: 'a, "b" realm=c'.replace(/"/gu, '\\"'), algorithm: 'SHA-256' };
        expect(readChallenge('Digest realm="a, \\"b\\" realm=c", nonce="n", algorithm=SHA-256')).toEqual(expected);
        expect(readChallenge('digest ALGORITHM="SHA-256",nonce="n", Realm="a, \\"b\\" realm=c"')).toEqual(expected);
        expect(readChallenge('Digest nonce="n"')).toEqual({ realm: '', algorithm: '' });
        expect(readChallenge('Basic realm="x"')).toBeNull();
    });

    it('never throws', () => {
        fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readChallenge(`Digest ${text}`)));
    });
});
