import { createAccount, type Account } from '../../src/plugin/account.js';
import { Value } from '../../src/plugin/observable.js';
import type { Settings } from '../../src/plugin/settings.js';
import type { Telephone } from '../../src/plugin/telephone.js';
import type { Registration, SidecarEvent, SipAccount } from '../../src/sip-sidecar/contract/index.js';
import { fakeStore } from './support/fake-store.js';
import { settled } from './support/until.js';
import { Wheel } from './support/wheel.js';

const HA1 = [{ realm: 'r', algorithm: 'MD5', ha1: '0'.repeat(32) }] as const;
const REFUSED: SidecarEvent = {
    type: 'registration',
    registration: { state: 'refused', refusal: 'credentials', status: 401 },
};
const REGISTERED: SidecarEvent = {
    type: 'registration',
    registration: { state: 'registered', aor: 'sip:alice@sip.example.net', gruu: null },
};

describe('the account', () => {
    let connected: SipAccount[];
    let registrations: Registration[];
    let current: Telephone['account'];
    let disconnects: number;
    let wheel: Wheel;
    let error: jasmine.Spy;
    let stores: ReturnType<typeof fakeStore>;

    function make(credentials: Settings['credentials'], trusted = true): Account {
        stores = fakeStore(trusted);
        return createAccount({
            jid: 'alice@example.net',
            sipDomain: 'sip.example.net',
            settings: { credentials },
            store: stores.store,
            clock: wheel,
            telephone: { account: current },
            command: () => disconnects++,
            connect: (account) => connected.push(account),
            onRegistration: (registration) => registrations.push(registration),
        });
    }
    const states = (): string[] => registrations.map(({ state }) => state);

    beforeEach(() => {
        connected = [];
        registrations = [];
        current = new Value<ReturnType<Telephone['account']['get']>>(null);
        disconnects = 0;
        wheel = new Wheel();
        error = spyOn(console, 'error');
    });

    describe('from a form', () => {
        it('is asked for, used, kept as HA1 once the server accepts it, and not asked for the next time', async () => {
            const account = make('ask');
            await account.start();
            expect(states()).toEqual(['needs-credentials']);
            account.signIn({ username: 'alice', password: 'hunter2' });
            expect(connected.map(({ uri, password }) => [uri, password])).toEqual([
                ['sip:alice@sip.example.net', 'hunter2'],
            ]);
            const { uri, username, displayName } = connected[0]!;
            expect(current.get()).withContext('without the password').toEqual({ uri, username, displayName });
            expect(await stores.store.get('credentials')).toBeNull();
            account.handle({ type: 'credentials-accepted', username: 'alice', ha1: HA1 });
            await settled();
            expect(JSON.stringify([...stores.kept])).not.toContain('hunter2');
            await account.start();
            expect(connected[1]).toEqual({
                uri: 'sip:alice@sip.example.net',
                username: 'alice',
                displayName: '',
                ha1: [...HA1],
            });
        });

        it('is forgotten when the server refuses it: the form comes back', async () => {
            const account = make('ask');
            account.signIn({ username: 'alice', password: 'x' });
            account.handle({ type: 'credentials-accepted', username: 'alice', ha1: HA1 });
            await settled();
            account.handle(REFUSED);
            await settled();
            expect(registrations.at(-1)).toEqual({ state: 'refused', refusal: 'credentials', status: 401 });
            expect(await stores.store.get('credentials')).toBeNull();
            expect(connected.length).toBe(1);
        });

        it('is refused at once where it cannot be one', () => {
            const account = make('ask');
            account.signIn({ username: 'a@b@c', password: 'x' });
            account.signIn({ username: 'alice', password: '' });
            expect(states()).toEqual(['refused', 'refused']);
            expect(connected).toEqual([]);
        });

        it('is forgotten by signing out', async () => {
            const account = make('ask');
            account.signIn({ username: 'alice', password: 'x' });
            account.handle({ type: 'credentials-accepted', username: 'alice', ha1: HA1 });
            await settled();
            await account.signOut();
            expect(disconnects).toBe(1);
            expect(current.get()).toBeNull();
            expect(await stores.store.get('credentials')).toBeNull();
            expect(states().at(-1)).toBe('needs-credentials');
            account.handle({ type: 'registration', registration: { state: 'off' } });
            expect(states().at(-1)).toBe('needs-credentials');
        });

        it('is kept nowhere on a device that is not trusted', async () => {
            const account = make('ask', false);
            account.signIn({ username: 'alice', password: 'x' });
            account.handle({ type: 'credentials-accepted', username: 'alice', ha1: HA1 });
            await settled();
            expect(stores.kept.size + stores.session.size).toBe(0);
        });
    });

    describe('from the site', () => {
        it('is fetched, and again a minute before it expires', async () => {
            const expires = new Date(wheel.now() + 3_600_000).toISOString();
            const ask = jasmine.createSpy().and.resolveTo({ password: 'a', expires });
            const account = make(ask as () => unknown);
            await account.start();
            expect(connected.length).toBe(1);
            wheel.turn(3_600_000 - 60_001);
            await settled();
            expect(ask).toHaveBeenCalledTimes(1);
            wheel.turn(2);
            await settled();
            expect(ask).toHaveBeenCalledTimes(2);
            expect(connected.length).toBe(2);
            account.end();
            expect(wheel.waiting).toBe(0);
        });

        for (const [life, wait] of [
            [100, 50],
            [30, 15],
            [2, 5],
        ] as const) {
            it(`is fetched again after ${String(wait)} s where it lives ${String(life)} s`, async () => {
                const ask = jasmine
                    .createSpy()
                    .and.callFake(() => Promise.resolve({ password: 'a', expires: wheel.now() / 1000 + life }));
                const account = make(ask as () => unknown);
                await account.start();
                wheel.turn(wait * 1000 - 1);
                await settled();
                expect(ask).toHaveBeenCalledTimes(1);
                wheel.turn(1);
                await settled();
                expect(ask).toHaveBeenCalledTimes(2);
                account.end();
            });
        }

        it('is not fetched without end where it has expired already', async () => {
            const ask = jasmine.createSpy().and.resolveTo({ password: 'a', expires: 0 });
            await make(ask as () => unknown).start();
            wheel.turn(59_000);
            await settled();
            expect(ask).toHaveBeenCalledTimes(1);
        });

        it('is told once and not asked for again where the site refuses (401, 403)', async () => {
            const fetched = spyOn(globalThis, 'fetch').and.callFake(() =>
                Promise.resolve(new Response('', { status: 403 })),
            );
            await make(new URL('https://example.net/sip')).start();
            wheel.turn(24 * 3_600_000);
            await settled();
            expect(fetched).toHaveBeenCalledTimes(1);
            expect(registrations.at(-1)).toEqual({ state: 'refused', refusal: 'credentials', status: 403 });
            expect(error).toHaveBeenCalledOnceWith(
                'converse-sip [SIP-104] The credentials could not be fetched: status 403',
            );
        });

        it('is waited for, longer and longer, where the site cannot be reached, with one line on the console', async () => {
            const fetched = spyOn(globalThis, 'fetch').and.rejectWith(new TypeError('Failed to fetch'));
            await make(new URL('https://example.net/sip')).start();
            expect(registrations.at(-1)).toEqual(jasmine.objectContaining({ state: 'offline', attempt: 1 }));
            for (let minute = 0; minute < 60; minute++) {
                wheel.turn(60_000);
                await settled();
            }
            expect(fetched.calls.count()).toBeGreaterThan(8);
            expect(fetched.calls.count()).toBeLessThan(20);
            expect(error).toHaveBeenCalledTimes(1);
            fetched.and.callFake(() => Promise.resolve(new Response('{"password":"x"}')));
            wheel.turn(400_000);
            await settled();
            expect(connected.length).toBe(1);
        });

        it('is waited for as long as the site says, up to five minutes', async () => {
            let after = '120';
            const fetched = spyOn(globalThis, 'fetch').and.callFake(() =>
                Promise.resolve(new Response('', { status: 503, headers: { 'retry-after': after } })),
            );
            await make(new URL('https://example.net/sip')).start();
            wheel.turn(119_000);
            await settled();
            expect(fetched).toHaveBeenCalledTimes(1);
            after = 'soon';
            wheel.turn(1_000);
            await settled();
            expect(fetched).toHaveBeenCalledTimes(2);
            after = '99999999999999999999';
            wheel.turn(20_000);
            await settled();
            expect(fetched).toHaveBeenCalledTimes(3);
            wheel.turn(299_000);
            await settled();
            expect(fetched).toHaveBeenCalledTimes(3);
            wheel.turn(1_000);
            await settled();
            expect(fetched).toHaveBeenCalledTimes(4);
        });

        it('that ran out is replaced as soon as the site can be reached, and nobody is told that it was refused', async () => {
            let there = true;
            const account = make(() => (there ? { password: 'a' } : Promise.reject(new Error('gone'))));
            await account.start();
            account.handle(REGISTERED);
            there = false;
            account.handle(REFUSED);
            await settled();
            expect(states()).toEqual(['connecting', 'registered', 'connecting', 'offline']);
            there = true;
            wheel.turn(10_000);
            await settled();
            expect(connected.length).toBe(2);
            account.handle(REFUSED);
            expect(states().at(-1)).toBe('refused');
        });

        it('is named to the administrator where it cannot be used', async () => {
            await make(() => ({ username: 'hunter2' })).start();
            expect(states().at(-1)).toBe('refused');
            expect(error).toHaveBeenCalledOnceWith(
                'converse-sip [SIP-105] The credentials cannot be used: password, ha1',
            );
        });

        it('is fetched once more when the server refuses what it accepted before, and no more', async () => {
            const ask = jasmine.createSpy().and.resolveTo({ password: 'a' });
            const account = make(ask as () => unknown);
            await account.start();
            account.handle(REFUSED);
            await settled();
            expect(ask).toHaveBeenCalledTimes(1);
            account.handle(REGISTERED);
            account.handle(REFUSED);
            await settled();
            expect(ask).toHaveBeenCalledTimes(2);
            account.handle(REFUSED);
            await settled();
            expect(ask).toHaveBeenCalledTimes(2);
        });

        it('that comes after logout is dropped', async () => {
            let give: (value: unknown) => void = () => undefined;
            const account = make(() => new Promise((resolve) => (give = resolve)));
            const started = account.start();
            account.end();
            give({ password: 'x' });
            await started;
            expect(connected).toEqual([]);
            expect(wheel.waiting).toBe(0);
        });
    });
});
