import fc from 'fast-check';
import {
    algorithmOf,
    digestResponse,
    ha1,
    hash,
    readChallenge,
    readFields,
} from '../../../src/sip-sidecar/agent/digest.js';

describe('A digest', () => {
    const rfc7616 = {
        method: 'GET',
        uri: '/dir/index.html',
        nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
        qop: { cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ', nc: '00000001', name: 'auth' },
        body: '',
    } as const;
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
            qop: { cnonce: '0a4f113b', nc: '00000001', name: 'auth' },
            body: '',
        });
        expect(response).toBe('6629fae49393a05397450978507c4ef1');
    });

    it('without qop is that of RFC 2069', () => {
        const a1 = ha1('MD5', 'Mufasa', 'testrealm@host.com', 'CircleOfLife');
        const nonce = 'dcd98b7102dd2f0e8b11d0f600bfb0c093';
        const input = {
            algorithm: 'MD5',
            ha1: a1,
            method: 'GET',
            uri: '/dir/index.html',
            nonce,
            qop: null,
            body: '',
        } as const;
        expect(digestResponse(input)).toBe('1949323746fe6a43ef61f9606e7febea');
    });

    it('with auth-int holds for the body too', () => {
        // RFC 7616 section 3.4.3, by hand
        const qop = { ...rfc7616.qop, name: 'auth-int' } as const;
        const a1 = secret('SHA-256');
        const a2 = hash('SHA-256', `GET:/dir/index.html:${hash('SHA-256', 'v=0')}`);
        const input = { ...rfc7616, qop, algorithm: 'SHA-256', ha1: a1, body: 'v=0' } as const;
        expect(digestResponse(input)).toBe(
            hash('SHA-256', `${a1}:${rfc7616.nonce}:00000001:${rfc7616.qop.cnonce}:auth-int:${a2}`),
        );
        expect(digestResponse({ ...input, body: 'v=1' })).not.toBe(digestResponse(input));
    });

    it('is MD5 where the challenge names no algorithm, and nothing where it names a strange one', () => {
        expect(algorithmOf(undefined)).toBe('MD5');
        expect(algorithmOf('sha-256')).toBe('SHA-256');
        expect(algorithmOf('Sha-512-256')).toBe('SHA-512-256');
        for (const name of ['SHA-256-sess', 'MD5-sess', 'SHA-512', 'none', '__proto__']) {
            expect(algorithmOf(name)).toBeUndefined();
        }
    });
});

describe('A challenge', () => {
    it('is read whatever the order, case and quoting of its parameters', () => {
        const expected = { realm: 'a, "b" realm=c'.replace(/"/gu, '\\"'), nonce: 'n', algorithm: 'SHA-256' };
        expect(readChallenge('Digest realm="a, \\"b\\" realm=c", nonce="n", algorithm=SHA-256')).toEqual(expected);
        expect(readChallenge('digest ALGORITHM="SHA-256",nonce="n", Realm="a, \\"b\\" realm=c"')).toEqual(expected);
        expect(readChallenge('Digest nonce="n"')).toEqual({ nonce: 'n' });
        expect(readChallenge('Basic realm="x"')).toEqual({});
    });

    it('has its fields read, and so has Authentication-Info', () => {
        expect(readFields('qop=auth, nextnonce="a b"')).toEqual({ qop: 'auth', nextnonce: 'a b' });
        expect(readFields('NextNonce = "x, nonce=y",rspauth="y"')).toEqual({ nextnonce: 'x, nonce=y', rspauth: 'y' });
        expect(readFields('x-nextnonce="x", __proto__=y')['nextnonce']).toBeUndefined();
    });

    it('never throws', () => {
        fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readChallenge(`Digest ${text}`)));
    });
});
