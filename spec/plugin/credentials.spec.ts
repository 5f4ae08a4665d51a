import {
    accountFor,
    askSite,
    CredentialsError,
    keepAccount,
    keptAccount,
    readCredentials,
    readHa1,
} from '../../src/plugin/credentials.js';
import { fakeStore } from './support/fake-store.js';

const JID = 'alice@example.net';
const DOMAIN = 'sip.example.net';
const MD5 = '0123456789abcdef0123456789ABCDEF';
const URL_ = new URL('https://example.net/sip/credentials');

const failure = async (promise: Promise<unknown>): Promise<CredentialsError> => {
    try {
        await promise;
    } catch (error) {
        if (error instanceof CredentialsError) return error;
        throw error;
    }
    throw new Error('it was taken');
};

const reasonOf = ({ code, retryAfter }: CredentialsError): string =>
    code === 'SIP-105' ? 'unusable' : retryAfter === null ? 'refused' : 'unreachable';

describe('what a person types as user name', () => {
    for (const [typed, uri, username] of [
        ['alice', 'sip:alice@sip.example.net', 'alice'],
        [' alice@pbx.example ', 'sip:alice@pbx.example', 'alice'],
        ['sip:alice@pbx.example;transport=ws?x=y', 'sip:alice@pbx.example', 'alice'],
        ['+49 30 1', 'sip:+49%2030%201@sip.example.net', '+49 30 1'],
    ] as const) {
        it(`may be ${typed}`, () => expect(accountFor(typed, DOMAIN)).toEqual({ uri, username }));
    }
    for (const wrong of ['', ' ', 'tel:+1', 'a@b@c', 'alice@', 'xmpp:alice@example.net', 'a\r\nb@c']) {
        it(`is not ${JSON.stringify(wrong)}`, () => expect(accountFor(wrong, DOMAIN)).toBeNull());
    }
});

describe('credentials of the site', () => {
    it('are read, with what is left out made up', () => {
        expect(readCredentials({ password: 'secret' }, JID, DOMAIN)).toEqual({
            account: { uri: 'sip:alice@sip.example.net', username: 'alice', displayName: '', password: 'secret' },
            expires: null,
        });
        expect(
            readCredentials(
                {
                    uri: 'sip:a@pbx.example',
                    username: 'digest-user',
                    ha1: [{ realm: 'r', algorithm: 'SHA-256', ha1: 'f'.repeat(64) }],
                    password: 'unused',
                    display_name: 'Ali"ce\r\n',
                    expires: '2026-01-05T13:00:00Z',
                },
                JID,
                DOMAIN,
            ),
        ).toEqual({
            account: {
                uri: 'sip:a@pbx.example',
                username: 'digest-user',
                displayName: 'Alice',
                ha1: [{ realm: 'r', algorithm: 'SHA-256', ha1: 'f'.repeat(64) }],
            },
            expires: Date.UTC(2026, 0, 5, 13),
        });
        expect(readCredentials({ password: 'x', expires: 1_800_000_000 }, JID, DOMAIN).expires).toBe(1_800_000_000_000);
    });

    for (const wrong of [
        null,
        'hunter2',
        ['hunter2'],
        {},
        { password: '' },
        { password: 7 },
        { password: 'hunter2', uri: 'javascript:alert(1)' },
        { password: 'hunter2', uri: 7 },
        { password: 'hunter2', username: 'a\r\nb' },
        { password: 'hunter2', username: { toString: () => 'a' } },
        { password: 'hunter2', expires: 'tomorrow' },
        { password: 'hunter2', expires: {} },
        { password: 'hunter2'.repeat(1_000) },
        { ha1: 'hunter2' },
        { ha1: [{ realm: '', ha1: MD5 }] },
    ]) {
        it(`are refused without a trace of a secret: ${JSON.stringify(wrong).slice(0, 60)}`, () => {
            try {
                readCredentials(wrong, JID, DOMAIN);
                fail('taken');
            } catch (error) {
                expect(error).toBeInstanceOf(CredentialsError);
                expect(reasonOf(error as CredentialsError)).toBe('unusable');
                expect(String(error)).not.toContain('hunter2');
            }
        });
    }

    it('may be HA1 in several forms', () => {
        expect(readHa1(MD5, 'r')).toEqual([{ realm: 'r', algorithm: 'MD5', ha1: MD5.toLowerCase() }]);
        expect(readHa1('f'.repeat(64), 'r')[0]?.algorithm).toBe('SHA-256');
        expect(readHa1({ realm: 'q', ha1: MD5 }, 'r')[0]?.realm).toBe('q');
        const mixed = [{ algorithm: 'MD5', ha1: 'f'.repeat(64) }, { algorithm: 'md4', ha1: MD5 }, null, { ha1: MD5 }];
        expect(readHa1(mixed, 'r').length).toBe(1);
        expect(readHa1(undefined, 'r')).toEqual([]);
    });

    it('are fetched with the session of the site, uncached, and without the JID', async () => {
        const fetched = spyOn(globalThis, 'fetch').and.resolveTo(new Response('{"password":"secret"}'));
        await askSite(URL_, JID, DOMAIN);
        const [url, init] = fetched.calls.first().args as [URL, RequestInit];
        expect(String(url)).toBe('https://example.net/sip/credentials');
        expect(init.credentials).toBe('same-origin');
        expect(init.cache).toBe('no-store');
        expect(init.method ?? 'GET').toBe('GET');
        expect(JSON.stringify(init)).not.toContain('alice');
    });

    for (const [what, answer, reason] of [
        ['401', new Response('hunter2', { status: 401 }), 'refused'],
        ['403', new Response('', { status: 403 }), 'refused'],
        ['500', new Response('', { status: 500 }), 'unreachable'],
        ['404', new Response('', { status: 404 }), 'unreachable'],
        ['a log-in page', new Response('<html>hunter2</html>'), 'unusable'],
        ['too much', new Response(`"${'x'.repeat(20_000)}"`), 'unusable'],
    ] as const) {
        it(`that come as ${what} are ${reason}`, async () => {
            spyOn(globalThis, 'fetch').and.resolveTo(answer);
            const error = await failure(askSite(URL_, JID, DOMAIN));
            expect(reasonOf(error)).toBe(reason);
            expect(error.message).not.toContain('hunter2');
        });
    }

    it('that do not come are unreachable', async () => {
        spyOn(globalThis, 'fetch').and.rejectWith(new TypeError('Failed to fetch'));
        expect(reasonOf(await failure(askSite(URL_, JID, DOMAIN)))).toBe('unreachable');
    });

    it('come from a function, which gets the JID', async () => {
        const ask = jasmine.createSpy().and.resolveTo({ password: 'secret' });
        expect((await askSite(ask, JID, DOMAIN)).account.password).toBe('secret');
        expect(ask).toHaveBeenCalledOnceWith(JID);
    });

    it('whose function throws are unreachable, and what it threw is not shown', async () => {
        for (const ask of [
            () => Promise.reject(new Error('hunter2')),
            () => {
                throw new Error('hunter2');
            },
        ]) {
            const error = await failure(askSite(ask, JID, DOMAIN));
            expect(reasonOf(error)).toBe('unreachable');
            expect(error.message).not.toContain('hunter2');
        }
    });
});

describe('an account that is kept', () => {
    const account = { uri: 'sip:a@b.example', username: 'a', displayName: '', password: 'hunter2' };
    const ha1 = [{ realm: 'r', algorithm: 'MD5', ha1: MD5.toLowerCase() }] as const;

    it('comes back on a trusted device as HA1, never as a password', async () => {
        const { store, kept } = fakeStore();
        await keepAccount(store, account, ha1);
        expect(JSON.stringify([...kept])).not.toContain('hunter2');
        expect(await keptAccount(store)).toEqual({
            uri: 'sip:a@b.example',
            username: 'a',
            displayName: '',
            ha1: [...ha1],
        });
    });

    it('is not kept on a device that is not trusted', async () => {
        const { store, kept, session } = fakeStore(false);
        await keepAccount(store, account, ha1);
        expect(kept.size + session.size).toBe(0);
        expect(await keptAccount(store)).toBeNull();
    });

    it('is nothing where something else lies there', async () => {
        const { store } = fakeStore();
        for (const broken of [7, {}, { uri: 'x', username: 'a', ha1 }, { uri: account.uri, username: 'a', ha1: [] }]) {
            await store.set('credentials', broken);
            expect(await keptAccount(store)).toBeNull();
        }
    });
});
