import { makeCredentials, type Credentials } from '../../../src/sip-sidecar/agent/credentials.js';
import { digestResponse, ha1, type Fields } from '../../../src/sip-sidecar/agent/digest.js';
import type { SipAccount } from '../../../src/sip-sidecar/contract/index.js';

const account = (more: Partial<SipAccount>): SipAccount => ({
    uri: 'sip:alice@example.net',
    username: 'alice',
    displayName: '',
    ...more,
});

const request = (method: string, more: object = {}) => ({
    method,
    target: 'sip:example.net',
    to: '<sip:example.net>',
    callId: 'a',
    body: null,
    ...more,
});

/** The answer to a challenge, or null. */
const ask = (credentials: Credentials, method: string, challenge: Fields): string | null =>
    credentials.challenged(request(method), false, challenge)
        ? (credentials.authorize(request(method)).at(-1)?.replace('Authorization: ', '') ?? null)
        : null;

describe('Credentials', () => {
    let refusals: string[];
    const make = (more: Partial<SipAccount>): Credentials => {
        refusals = [];
        return makeCredentials(account(more), 'example.net', (why) => refusals.push(why));
    };

    it('answer a challenge with the digest of the password', () => {
        const credentials = make({ password: 'secret' });
        const header = ask(credentials, 'REGISTER', { realm: 'pbx', nonce: 'n', opaque: 'o', qop: 'auth' }) ?? '';
        const cnonce = /cnonce="([0-9a-f]{20})"/u.exec(header)?.[1] ?? '';
        const response = digestResponse({
            algorithm: 'MD5',
            ha1: ha1('MD5', 'alice', 'pbx', 'secret'),
            method: 'REGISTER',
            uri: 'sip:example.net',
            nonce: 'n',
            qop: { name: 'auth', cnonce, nc: '00000001' },
            body: '',
        });
        expect(header).toBe(
            `Digest username="alice", realm="pbx", nonce="n", uri="sip:example.net", algorithm=MD5, response="${response}", ` +
                `opaque="o", qop=auth, cnonce="${cnonce}", nc=00000001`,
        );
    });

    it('prefer the strongest, in any order, and MD5 where that is all there is a secret for', () => {
        const md5 = 'Digest realm="pbx", nonce="n", algorithm=MD5';
        const sha = 'Digest realm="pbx", nonce="n", algorithm=SHA-256';
        const best = 'Digest realm="pbx", nonce="n", algorithm=SHA-512-256';
        const strange = 'Digest realm="pbx", nonce="n", algorithm=SHA-512-256-sess';
        const all = make({ password: 'secret' });
        const preferred = (credentials: Credentials, ...values: string[]): unknown =>
            credentials.prefer(values)?.['algorithm'];
        expect(preferred(all, md5, sha)).toBe('SHA-256');
        expect(preferred(all, sha, md5)).toBe('SHA-256');
        expect(preferred(all, sha, best, md5)).toBe('SHA-512-256');
        expect(preferred(all, strange, md5)).toBe('MD5');
        expect(preferred(all, strange)).toBe('SHA-512-256-sess');
        expect(all.prefer([md5, md5.replace('"n"', '"other"')])?.['nonce']).toBe('n');
        expect(all.prefer([])).toBeUndefined();
        const kept = make({ ha1: [{ realm: 'pbx', algorithm: 'MD5', ha1: 'a'.repeat(32) }] });
        expect(preferred(kept, best, sha, md5)).toBe('MD5');
    });

    it('hold for the body where the server wants that, and only there', () => {
        const body = { type: 'application/sdp', content: 'v=0' };
        const invite = request('INVITE', { body });
        const field = (line: string, name: string): string =>
            new RegExp(`${name}="?([^",]*)`, 'u').exec(line)?.[1] ?? '';
        const expected = (line: string, name: 'auth' | 'auth-int'): string =>
            digestResponse({
                algorithm: 'SHA-512-256',
                ha1: ha1('SHA-512-256', 'alice', 'example.net', 'secret'),
                method: 'INVITE',
                uri: 'sip:example.net',
                nonce: 'n',
                qop: { name, cnonce: field(line, 'cnonce'), nc: '00000001' },
                body: 'v=0',
            });
        const challenge = { realm: 'example.net', nonce: 'n', algorithm: 'SHA-512-256' };
        for (const [qop, used] of [
            ['auth-int', 'auth-int'],
            ['auth-int, AUTH', 'auth'],
        ] as const) {
            const credentials = make({ password: 'secret' });
            expect(credentials.challenged(invite, true, { ...challenge, qop })).toBeTrue();
            const [line = ''] = credentials.authorize(invite);
            expect(line).toMatch(/^Proxy-Authorization: Digest username="alice"/u);
            expect(field(line, 'qop')).toBe(used);
            expect(field(line, ' response')).toBe(expected(line, used));
        }
    });

    describe('answer before they are asked', () => {
        const challenge = { realm: 'example.net', nonce: 'n', qop: 'auth' };
        const bob = request('INVITE', { target: 'sip:bob@example.net', to: '<sip:bob@example.net>' });
        let credentials: Credentials;
        beforeEach(() => (credentials = make({ password: 'secret' })));

        it('what a proxy asked of a request to the same domain, and count how often', () => {
            credentials.challenged(bob, true, challenge);
            const lines = [1, 2, 3].map(() => credentials.authorize({ ...bob, target: 'sip:carol@EXAMPLE.net;gr=1' }));
            expect(lines.map(([line]) => /nc=(\w+)/u.exec(line ?? '')?.[1])).toEqual([
                '00000001',
                '00000002',
                '00000003',
            ]);
            credentials.challenged(bob, true, { ...challenge, nonce: 'other', stale: 'true' });
            expect(credentials.authorize(bob)).toEqual([jasmine.stringContaining('nonce="other"')]);
            expect(credentials.authorize(bob).join()).toContain('nc=00000002');
        });

        const OTHERS: Record<string, object> = {
            'another domain': { target: 'sip:bob@example.org' },
            'a domain that contains it': { target: 'sip:bob@example.net.evil.example' },
            'a user named like it': { target: 'sip:example.net@evil.example' },
            'another method': { method: 'OPTIONS' },
            'the registrar': { method: 'REGISTER', target: 'sip:example.net' },
            'a dialog, of which proxies ask nothing and in which they keep nothing back': {
                to: '<sip:bob@example.net>;tag=b',
            },
        };
        for (const [what, more] of Object.entries(OTHERS)) {
            it(`nothing to ${what}`, () => {
                credentials.challenged(bob, true, challenge);
                expect(credentials.authorize({ ...bob, ...more })).toEqual([]);
            });
        }

        it('what a server asked, only to the very same address: anybody could be at another', () => {
            credentials.challenged(bob, false, challenge);
            expect(credentials.authorize(bob).length).toBe(1);
            expect(credentials.authorize({ ...bob, target: 'sip:carol@example.net' })).toEqual([]);
        });

        it('what was asked in a dialog, in that one only', () => {
            const within = { ...bob, to: '<sip:bob@example.net>;tag=b' };
            credentials.challenged(within, true, challenge);
            expect(credentials.authorize(within).length).toBe(1);
            expect(credentials.authorize(bob)).toEqual([]);
            expect(credentials.authorize({ ...within, callId: 'b' })).toEqual([]);
        });

        it('nothing for a realm that is not ours', () => {
            credentials.challenged(bob, true, { ...challenge, realm: 'evil.example' });
            expect(credentials.authorize(bob)).toEqual([]);
        });

        it('what both a proxy and a server asked', () => {
            credentials.challenged(bob, true, challenge);
            credentials.challenged(bob, false, challenge);
            expect(credentials.authorize(bob).map((line) => line.split(':')[0])).toEqual([
                'Proxy-Authorization',
                'Authorization',
            ]);
        });

        it('with the nonce the server gives for the next time, unless that would break the header', () => {
            credentials.challenged(bob, true, challenge);
            credentials.authorize(bob);
            const info = (value: string): Parameters<Credentials['learn']>[1] => ({
                getHeader: (name) => (name === 'proxy-authentication-info' ? value : undefined),
            });
            credentials.learn({ ...bob, method: 'OPTIONS' }, info('nextnonce="wrong"'));
            credentials.learn(bob, {
                getHeader: (name) => (name.startsWith('proxy-') ? undefined : 'nextnonce="wrong"'),
            });
            credentials.learn(bob, info('nextnonce="a\\"b"'));
            credentials.learn(bob, info('qop=auth, nextnonce="next"'));
            expect(credentials.authorize(bob).join()).toMatch(/nonce="next".*nc=00000001/u);
        });

        it('with new secrets as soon as there are any', () => {
            credentials.challenged(bob, true, { realm: 'example.net', nonce: 'n' });
            const [before] = credentials.authorize(bob);
            credentials.renew(account({ password: 'other' }));
            const [after] = credentials.authorize(bob);
            expect(after).not.toBe(before);
            credentials.renew(account({ ha1: [] }));
            expect(credentials.authorize(bob)).toEqual([]);
        });

        it('and keep a bounded number of what was asked', () => {
            for (let i = 0; i < 1000; i += 1) {
                credentials.challenged({ ...bob, target: `sip:bob@example.net;gr=${String(i)}` }, false, challenge);
            }
            const first = credentials.authorize({ ...bob, target: 'sip:bob@example.net;gr=0' });
            const last = credentials.authorize({ ...bob, target: 'sip:bob@example.net;gr=999' });
            expect([first.length, last.length]).toEqual([0, 1]);
        });
    });

    it('give no hash to whoever is not the own service', () => {
        const credentials = make({ password: 'secret' });
        expect(ask(credentials, 'INVITE', { realm: 'evil.example', nonce: 'n' })).toBeNull();
        expect(ask(credentials, 'INVITE', { realm: 'example.net', nonce: 'n' })).not.toBeNull();
        expect(ask(credentials, 'REGISTER', { realm: 'asterisk', nonce: 'n' })).not.toBeNull();
        expect(ask(credentials, 'INVITE', { realm: 'asterisk', nonce: 'n' })).not.toBeNull();
        expect(refusals).toEqual(['foreign realm']);
    });

    const UNUSABLE: Fields[] = [
        { realm: 'pbx', nonce: 'n', algorithm: 'SHA-512-256-SESS' },
        { realm: 'pbx', nonce: 'n', algorithm: 'MD5-SESS' },
        { realm: 'pbx', nonce: 'n', qop: 'auth-conf' },
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
