import { createSocket } from 'node:dgram';
import { aliceAndBob, connect, hangUp, inACall } from './support/calls.js';
import { bindingsOf, story } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

const OFFLINE = 'The server for voice and video cannot be reached.';

/** The chat is as good as ever. */
async function theChatWorks(from: Person, to: Person): Promise<void> {
    await from.opensChatWith(to.name);
    await from.writes('The chat works');
    await to.opensChatWith(from.name);
    await to.reads('The chat works');
}

describe('Signing in to voice and video', () => {
    story('is done by the site, with a function or a URL, and by the person, with a form', async (house) => {
        const { servers, site } = house;
        const asked: (string | undefined)[] = [];
        site.answers('bob', (request) => {
            asked.push(request.url);
            const { sip, password } = servers.user('bob');
            return { status: 200, body: { uri: sip, username: 'bob', password, display_name: 'Bob' } };
        });
        const [, bob, carol] = await Promise.all([
            house.enter('alice'),
            house.enter('bob', { settings: { sip_credentials: '/answer/bob' } }),
            house.enter('carol', { settings: { sip_credentials: 'ask' }, until: 'online' }),
        ]);
        expect(asked).toEqual(['/answer/bob']);
        await carol.registrationBecomes('needs-credentials');
        await carol.opensChatWith('bob');
        await carol.cannotPress('Call', 'Sign in to voice and video first.');
        await carol.opensSettings();
        await carol.settings.getByLabel('User name').fill('carol');
        await carol.settings.getByLabel('Password').fill(servers.user('carol').password);
        await carol.settings.getByRole('button', { name: 'Sign in', exact: true }).click();
        await carol.isRegistered();
        await carol.settings.getByText('Signed in as').waitFor();
        await carol.screenshot('settings');
        await carol.closesSettings();
        await carol.canPress('Call');
        await bob.opensChatWith('carol');
        await bob.canPress('Call');

        // Kept on this device, but never as a password
        const kept = await carol.frame.evaluate(async () => {
            const found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
            for (const { name = '' } of await indexedDB.databases()) {
                const database = await new Promise<IDBDatabase>((resolve) => {
                    const request = indexedDB.open(name);
                    request.onsuccess = () => resolve(request.result);
                });
                for (const store of database.objectStoreNames) {
                    const all = database.transaction(store).objectStore(store).getAll();
                    found.push(
                        await new Promise((resolve) => (all.onsuccess = () => resolve(JSON.stringify(all.result)))),
                    );
                }
                database.close();
            }
            return found.join('\n');
        });
        await carol.reloads();
        await carol.isRegistered();
        expect(kept).not.toContain(servers.user('carol').password);
        expect(JSON.stringify(carol.console)).not.toContain(servers.user('carol').password);
    });

    story('that is refused is said once, and the chat works', async (house) => {
        const { servers, site } = house;
        site.answers('forbidden', () => ({ status: 403, body: {} }));
        const wrong = `async () => ({ uri: 'sip:alice@localhost', username: 'alice', password: 'wrong' })`;
        const [alice, bob, carol] = await Promise.all([
            house.enter('alice', {
                until: 'online',
                settings: { sip_credentials: '' },
                expressions: { sip_credentials: wrong },
            }),
            house.enter('bob', { until: 'online', settings: { sip_credentials: '/answer/forbidden' } }),
            house.enter('carol', { until: 'online', settings: { sip_credentials: 'ask' } }),
        ]);
        alice.mayComplain(/SIP-102/);
        bob.mayComplain(/SIP-104/, /403 \(Forbidden\)/);
        carol.mayComplain(/SIP-102/);
        await alice.registrationBecomes('refused');
        await alice.opensChatWith('bob');
        await alice.cannotPress('Call', 'The user name or the password was not accepted.');
        expect(alice.notices('SIP-102').length).toBe(1);
        await bob.registrationBecomes('refused');
        expect(bob.notices('SIP-104').length).toBe(1);

        await carol.registrationBecomes('needs-credentials');
        await carol.opensSettings();
        await carol.settings.getByLabel('User name').fill('carol');
        await carol.settings.getByLabel('Password').fill('wrong');
        await carol.settings.getByRole('button', { name: 'Sign in', exact: true }).click();
        await carol.settings.getByText('The user name or the password was not accepted.').waitFor();
        await carol.settings.getByLabel('Password').fill(servers.user('carol').password);
        await carol.settings.getByRole('button', { name: 'Sign in', exact: true }).click();
        await carol.isRegistered();
        await carol.closesSettings();
        await theChatWorks(alice, bob);
        expect(alice.notices('SIP-102').length).toBe(1);
    });

    story(
        'where the server cannot be reached or its address is wrong is said once, and the chat works',
        async (house) => {
            const [alice, bob, carol] = await Promise.all([
                house.enter('alice', { until: 'online', settings: { sip_server: 'ws://127.0.0.1:9/' } }),
                house.enter('bob', { until: 'online', settings: { sip_server: 'http://example.org/' } }),
                house.enter('carol', { until: 'online', settings: { sip_server: 'ws://sip.example.org/' } }),
            ]);
            alice.mayComplain(/SIP-101/, /WebSocket connection to/);
            bob.mayComplain(/SIP-002/);
            carol.mayComplain(/SIP-002/);
            await alice.registrationBecomes('offline');
            await alice.opensChatWith('bob');
            await alice.cannotPress('Call', OFFLINE);
            await until('it is tried again', () => {
                const attempts = alice.console.filter(({ text }) => text.includes("connection to 'ws://127.0.0.1:9/'"));
                return attempts.length >= 3;
            });
            expect(alice.notices('SIP-101').length).toBe(1);
            for (const person of [bob, carol]) {
                await person.registrationBecomes('refused');
                expect(person.notices('SIP-002').length).toBe(1);
                await person.opensSettings();
                await person.settings.getByText('The address of the server is wrong.').waitFor();
                await person.closesSettings();
            }
            await theChatWorks(alice, bob);
        },
    );

    story('ends with the chat: the SIP server forgets the place at once', async (house) => {
        const { alice, bob } = await inACall(house);
        await bindingsOf(house, 'alice', 1);
        await alice.script((api) => api.user.logout());
        await bob.isTold('Call ended');
        await bindingsOf(house, 'alice', 0);
        const registers = (await alice.sip()).filter(({ method, status }) => method === 'REGISTER' && status === null);
        expect(registers.at(-1)?.text).toMatch(/^Expires: 0|expires=0/m);
        await alice.seesNoCall();
    });
});

describe('It is registered again by itself, without a reload', () => {
    story('after a restart of the SIP server', async (house) => {
        const two = await aliceAndBob(house);
        const { alice, bob } = two;
        for (const person of [alice, bob]) person.mayComplain(/SIP-101/, /WebSocket connection to/);
        await alice.opensChatWith('bob');
        await house.servers.halt('sip');
        await Promise.all([alice, bob].map((person) => person.registrationBecomes('offline')));
        await alice.cannotPress('Call', OFFLINE);
        await house.servers.start('sip');
        await Promise.all([alice.isRegistered(), bob.isRegistered()]);
        await Promise.all([bindingsOf(house, 'alice', 1), bindingsOf(house, 'bob', 1)]);
        await connect(two);
        await Promise.all([alice.hears(), bob.hears()]);
        await hangUp(alice, bob);
    });

    story('after the network was away', async (house) => {
        const two = await aliceAndBob(house);
        const { alice, bob } = two;
        alice.mayComplain(/SIP-101/, /WebSocket connection to/, /ERR_INTERNET_DISCONNECTED/);
        await alice.context.setOffline(true);
        await until('the page knows it', () => alice.frame.evaluate(() => !navigator.onLine));
        await alice.context.setOffline(false);
        await alice.isRegistered();
        await bindingsOf(house, 'alice', 1);
        await connect(two);
        await Promise.all([alice.hears(), bob.hears()]);
        await hangUp(alice, bob);
    });
});

describe('A STUN server that does not answer', () => {
    /** Milliseconds from the press on Call until the INVITE goes out. */
    async function toTheWire(alice: Person, bob: Person): Promise<number> {
        await alice.opensChatWith('bob');
        await alice.canPress('Call');
        const before = (await alice.sip()).length;
        await alice.frame.evaluate(() => {
            addEventListener('click', () => Object.assign(window, { pressedAt: performance.now() }), { capture: true });
        });
        await alice.presses('Call');
        await bob.seesIncomingCallFrom('Alice');
        const messages = (await alice.sip()).slice(before);
        const pressedAt = await alice.frame.evaluate(() => (window as unknown as { pressedAt: number }).pressedAt);
        await alice.presses('Hang up');
        await Promise.all([alice.isTold('Call cancelled'), bob.seesNoCall()]);
        const invite = messages.find(
            ({ method, status, direction }) => method === 'INVITE' && !status && direction === 'sent',
        );
        return (invite?.at ?? Infinity) - pressedAt;
    }

    story('does not keep a call waiting', async (house) => {
        const silent = createSocket('udp4');
        await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve));
        try {
            const urls = `stun:127.0.0.1:${String(silent.address().port)}`;
            const { alice, bob } = await aliceAndBob(house, { settings: { sip_ice_servers: [{ urls }] } });
            await toTheWire(alice, bob); // the first call of a page loads what calls need
            expect(await toTheWire(alice, bob)).toBeLessThan(1500);
        } finally {
            silent.close();
        }
    });
});
