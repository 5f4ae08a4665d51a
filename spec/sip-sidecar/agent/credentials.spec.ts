import { Credentials } from '../../../src/sip-sidecar/agent/credentials.js';
import { digestResponse, ha1 } from '../../../src/sip-sidecar/agent/digest.js';
import type { SipAccount } from '../../../src/sip-sidecar/contract/index.js';

const account = (more: Partial<SipAccount>): SipAccount => ({
    uri: 'sip:alice@example.net',
    username: 'alice',
    displayName: '',
    ...more,
});

const ask = (credentials: Credentials, method: string, challenge: object, count = 1): string | null =>
    credentials.answer({ method, target: 'sip:example.net' }, challenge, count);

describe('Credentials', () => {
    let refusals: string[];
    const make = (more: Partial<SipAccount>): Credentials => {
        refusals = [];
        return new Credentials(account(more), 'example.net', (why) => refusals.push(why));
    };

    it('answer a challenge with the digest of the password', () => {
        const credentials = make({ password: 'secret' });
        const header = ask(credentials, 'REGISTER', { realm: 'pbx', nonce: 'n', opaque: 'o', qop: ['auth'] }) ?? '';
        const cnonce = /cnonce="([0-9a-f]{20})"/u.exec(header)?.[1] ?? '';
        const response = digestResponse({
            algorithm: 'MD5',
            ha1: ha1('MD5', 'alice', 'pbx', 'secret'),
            method: 'REGISTER',
            uri: 'sip:example.net',
            nonce: 'n',
            qop: { cnonce, nc: '00000001' },
        });
        expect(header).toBe(
            `Digest username="alice", realm="pbx", nonce="n", uri="sip:example.net", algorithm=MD5, response="${response}", ` +
                `opaque="o", qop=auth, cnonce="${cnonce}", nc=00000001`,
        );
    });

    it('prefer SHA-256, in any order, and MD5 where that is all there is a secret for', () => {
        const md5 = 'Digest realm="pbx", nonce="n", algorithm=MD5';
        const sha = 'Digest realm="pbx", nonce="n", algorithm=SHA-256';
        const strange = 'Digest realm="pbx", nonce="n", algorithm=SHA-512-256';
        const all = make({ password: 'secret' });
        expect(all.prefer([md5, sha])).toBe(1);
        expect(all.prefer([sha, md5])).toBe(0);
        expect(all.prefer([strange, 'Basic realm="x"', md5])).toBe(2);
        expect(all.prefer([strange])).toBe(0);
        const kept = make({ ha1: [{ realm: 'pbx', algorithm: 'MD5', ha1: 'a'.repeat(32) }] });
        expect(kept.prefer([sha, md5])).toBe(1);
    });

    it('give no hash to whoever is not the own service', () => {
        const credentials = make({ password: 'secret' });
        expect(ask(credentials, 'INVITE', { realm: 'evil.example', nonce: 'n' })).toBeNull();
        expect(ask(credentials, 'INVITE', { realm: 'example.net', nonce: 'n' })).not.toBeNull();
        expect(ask(credentials, 'REGISTER', { realm: 'asterisk', nonce: 'n' })).not.toBeNull();
        expect(ask(credentials, 'INVITE', { realm: 'asterisk', nonce: 'n' })).not.toBeNull();
        expect(refusals).toEqual(['a challenge came from a realm that is not the own service']);
    });

    const UNUSABLE: object[] = [
        { realm: 'pbx', nonce: 'n', algorithm: 'SHA-512-256' },
        { realm: 'pbx', nonce: 'n', algorithm: 'MD5-SESS' },
        { realm: 'pbx', nonce: 'n', qop: ['auth-int'] },
        { realm: 'pbx' },
        { nonce: 'n' },
        { realm: 'p"x', nonce: 'n' },
        { realm: 'pbx', nonce: 'n\r\nX: 1' },
        { realm: 'pbx', nonce: 'n', opaque: 'a"b' },
    ];
    for (const challenge of UNUSABLE) {
        it(`do not answer ${JSON.stringify(challenge)}, and say why without a secret`, () => {
            expect(ask(make({ password: 'secret' }), 'REGISTER', challenge)).toBeNull();
            expect(refusals.length).toBe(1);
            expect(refusals[0]).not.toMatch(/secret|alice/u);
        });
    }

    it('do not let a user name break the header', () => {
        expect(ask(make({ password: 'x', username: 'a\r\nX: 1' }), 'REGISTER', { realm: 'r', nonce: 'n' })).toBeNull();
        const quoted = ask(make({ password: 'x', username: 'a"b\\c' }), 'REGISTER', { realm: 'r', nonce: 'n' });
        expect(quoted).toContain('username="a\\"b\\\\c", realm');
    });

    it('tell what a trusted device may keep once, and nothing when they came as HA1', () => {
        const credentials = make({ password: 'secret' });
        expect(credentials.accepted()).toEqual([]);
        ask(credentials, 'REGISTER', { realm: 'pbx', nonce: 'n', algorithm: 'SHA-256' });
        const expected = { realm: 'pbx', algorithm: 'SHA-256', ha1: ha1('SHA-256', 'alice', 'pbx', 'secret') } as const;
        expect(credentials.accepted()).toEqual([expected]);
        expect(credentials.accepted()).toEqual([]);
        const kept = make({ ha1: [expected] });
        expect(ask(kept, 'REGISTER', { realm: 'pbx', nonce: 'n', algorithm: 'SHA-256' })).not.toBeNull();
        expect(kept.accepted()).toEqual([]);
    });
});
