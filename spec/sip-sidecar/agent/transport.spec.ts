import fc from 'fast-check';
import { keepOneChallenge } from '../../../src/sip-sidecar/agent/transport.js';

describe('Of several challenges', () => {
    const response = (challenges: string[], status = '401 Unauthorized', body = ''): string =>
        [`SIP/2.0 ${status}`, 'Via: SIP/2.0/WS x', ...challenges, 'Content-Length: 0', '', body].join('\r\n');
    const md5 = 'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=MD5';
    const sha = 'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-256';

    it('only the preferred one stays, whatever their order', () => {
        const prefer = (values: readonly string[]) => values.findIndex((value) => value.includes('SHA'));
        expect(keepOneChallenge(response([md5, sha]), prefer)).toBe(response([sha]));
        expect(keepOneChallenge(response([sha, md5]), prefer)).toBe(response([sha]));
        const [proxyMd5, proxySha] = [md5, sha].map((line) => line.replace('WWW', 'Proxy')) as [string, string];
        const proxies = response([proxySha, proxyMd5], '407 Proxy');
        expect(keepOneChallenge(proxies, prefer)).toBe(response([proxySha], '407 Proxy'));
    });

    it('those of the other kind do not count: the status says whose is to be answered', () => {
        const proxy = sha.replace('WWW', 'Proxy');
        const never = () => {
            throw new Error('not asked');
        };
        expect(keepOneChallenge(response([md5, proxy]), never)).toBe(response([md5, proxy]));
    });

    it('one that is folded over lines stays whole', () => {
        const folded = 'WWW-Authenticate: Digest realm="r",\r\n nonce="n", algorithm=SHA-256';
        expect(keepOneChallenge(response([md5, folded]), () => 1)).toBe(response([folded]));
    });

    it('a single one is left alone, and so is every other message', () => {
        const forbidden = () => {
            throw new Error('not asked');
        };
        for (const text of [
            response([md5]),
            response([md5, sha], '200 OK'),
            'INVITE sip:a@b SIP/2.0\r\n\r\n',
            '',
            '\r\n',
        ]) {
            expect(keepOneChallenge(text, forbidden)).toBe(text);
        }
    });

    it('those in the body do not count, and nothing makes it stumble', () => {
        const text = response([md5], '401 Unauthorized', `${sha}\r\n${sha}`);
        expect(keepOneChallenge(text, () => 0)).toBe(text);
        fc.assert(
            fc.property(fc.string({ unit: 'binary' }), (garbage) => {
                keepOneChallenge(`SIP/2.0 401 ${garbage}`, () => 0);
            }),
        );
    });
});
