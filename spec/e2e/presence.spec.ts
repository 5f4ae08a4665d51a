/** Who is on the phone: as the people in the call see it, as another client does, and when things go wrong. */
import type { Stanza, XmppPeer } from '../../servers/index.js';
import { aliceAndBob, connect, hangUp, inACall } from './support/calls.js';
import { story } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';
import { RPID, textOf } from './support/wire.js';

const ACTIVITY = 'http://jabber.org/protocol/activity';

/** What specs use of Converse's own state. */
interface Inside {
    readonly api: { readonly connection: { get(): { readonly _proto: { readonly socket: WebSocket } } } };
    readonly state: { readonly profile: { get(name: string): string | undefined } };
}

/** What a presence says to everybody: show, status text, and whether it says that the person is on the phone. */
const said = (stanza: Stanza) => ({
    show: textOf(stanza, 'show') ?? '',
    status: textOf(stanza, 'status') ?? '',
    onThePhone: textOf(stanza, 'on-the-phone', RPID) !== null,
});

/** Waits until the last presence of somebody says this. */
async function hearsOf(peer: XmppPeer, name: string, wanted: Partial<ReturnType<typeof said>>): Promise<void> {
    await until(`${peer.jid} hears of ${name}: ${JSON.stringify(wanted)}`, () => {
        const last = peer.received.findLast(
            (stanza) => stanza.name === 'presence' && stanza.from.startsWith(`${name}@localhost/`),
        );
        const seen = last && said(last);
        if (!seen || !Object.entries(wanted).every(([key, value]) => seen[key as keyof typeof seen] === value))
            throw new Error(JSON.stringify(seen));
        return true;
    });
}

/** How long it takes from the arrival of a presence of somebody until the list of contacts shows them on the phone (ms). */
const timeToTheMark = (who: Person, name: string): Promise<number> =>
    who.frame.evaluate(async (user) => {
        const mark = `converse-sip-availability[jid="${user}@localhost"] [aria-label="On the phone"]`;
        while (document.querySelector(mark) === null) await new Promise(requestAnimationFrame);
        const arrival = recorded.addresses.findLast(({ uri }) => uri.startsWith(`sip:${user}@`));
        return performance.now() - (arrival?.at ?? -Infinity);
    }, name);

/** What Converse takes for the person's own: nothing of ours may get there. */
const profileOf = (who: Person): Promise<string[]> =>
    who.frame.evaluate(() => {
        const { profile } = (window.inside as unknown as Inside).state;
        return ['show', 'status_message'].map((name) => profile.get(name) ?? '');
    });

describe('On the phone', () => {
    story('is who is in a call, for both and for others, as they like it, and not after the call', async (house) => {
        const carol = await house.peer('carol');
        const two = await aliceAndBob(
            house,
            { settings: { sip_presence_on_call: 'dnd' } },
            { settings: { sip_presence_on_call: 'status' } },
        );
        const { alice, bob } = two;
        await bob.opensChatWith('alice');
        await Promise.all(
            ['alice', 'bob'].map((name) => hearsOf(carol, name, { show: '', status: '', onThePhone: false })),
        );
        const delay = timeToTheMark(alice, 'bob');
        await connect(two);
        await Promise.all([alice.seesOnThePhone('bob'), bob.seesOnThePhone('alice')]);
        expect(await delay).toBeLessThan(1000);
        await hearsOf(carol, 'alice', { show: 'dnd', status: '', onThePhone: true });
        await hearsOf(carol, 'bob', { show: '', status: 'On the phone', onThePhone: true });
        expect(await Promise.all([alice, bob].map(profileOf))).toEqual([
            ['', ''],
            ['', ''],
        ]);
        await hangUp(alice, bob);
        await Promise.all([alice.seesNotOnThePhone('bob'), bob.seesNotOnThePhone('alice')]);
        for (const name of ['alice', 'bob']) await hearsOf(carol, name, { show: '', status: '', onThePhone: false });

        // Who is away keeps that
        for (const who of [alice, bob]) await who.script((api) => api.user.status.set('xa', 'Lunch'));
        for (const name of ['alice', 'bob']) await hearsOf(carol, name, { show: 'xa', status: 'Lunch' });
        await connect(two);
        const own = { show: 'xa', status: 'Lunch' };
        for (const name of ['alice', 'bob']) await hearsOf(carol, name, { ...own, onThePhone: true });
        await hangUp(bob, alice);
        for (const name of ['alice', 'bob']) await hearsOf(carol, name, { ...own, onThePhone: false });
    });

    story('is nobody whose page has crashed, once they are back', async (house) => {
        const { alice, bob } = await inACall(house, {
            callee: { settings: { sip_presence_on_call: 'dnd', sip_activity: true } },
        });
        const carol = await house.peer('carol');
        /** What Bob says he is doing (XEP-0108). */
        const activity = async (): Promise<string> =>
            (await carol.items('bob@localhost', ACTIVITY))
                .flatMap(({ children }) => children.map(({ name }) => name))
                .join();
        await alice.seesOnThePhone('bob');
        await until('Bob is talking', async () => (await activity()) === 'talking');
        await bob.page.goto('chrome://crash').catch(() => null);
        const back = await house.enter('bob', { alongside: bob });
        await bob.page.close();
        await alice.seesNotOnThePhone('bob');
        await until('Bob is not talking', async () => (await activity()) === '');
        expect(await profileOf(back)).toEqual(['', '']);
        await alice.presses('Hang up');
        await alice.canPress('Call');
        await connect({ alice, bob: back });
        await hangUp(alice, back);
    });
});

describe('Of the two connections', () => {
    story('one that is down is said where one looks, and the other works', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        for (const person of [alice, bob]) person.mayComplain(/SIP-101/, /WebSocket connection to/);
        const noVoice = 'Voice & video have no connection. Chat goes on.';
        const noChat = 'Chat has no connection. Calls go on.';
        const banner = (words: string) => alice.chat('bob').getByRole('status').filter({ hasText: words });
        const line = (words: string) => alice.frame.getByRole('button', { name: /^Voice & video: / }).getByText(words);
        await connect({ alice, bob });
        await hangUp(alice, bob);

        await house.servers.halt('sip');
        await banner(noVoice).waitFor();
        await line('Voice & video: no connection').waitFor();
        await alice.writes('We can still write');
        await bob.opensChatWith('alice');
        await bob.reads('We can still write');
        await house.servers.start('sip');
        await Promise.all([alice.isRegistered(), bob.isRegistered()]);
        await banner(noVoice).waitFor({ state: 'detached' });
        await line('Voice & video: ready').waitFor();

        await connect({ alice, bob });
        // The connection breaks, and the server is there but slow: were it gone, Converse would log out
        house.servers.freeze('xmpp');
        await alice.frame.evaluate(() => {
            const { socket } = (window.inside as unknown as Inside).api.connection.get()._proto;
            socket.onclose?.(new CloseEvent('close', { code: 1006 }));
        });
        await banner(noChat).waitFor();
        await alice.hears();
        await hangUp(bob, alice);
        house.servers.thaw('xmpp');
        await banner(noChat).waitFor({ state: 'detached' });
        await alice.writes('Chat is back');
        await bob.reads('Chat is back');
    });

    story('chat can wait until there is voice: nobody ever hears of a person who cannot be called', async (house) => {
        const carol = await house.peer('carol');
        house.servers.freeze('sip');
        const alice = await house.enter('alice', { settings: { sip_wait_for_registration: true }, until: 'online' });
        await alice.opensChatWith('carol');
        await alice.writes('before');
        await carol.waitFor(({ name, from }) => name === 'message' && from.startsWith('alice@'));
        const presences = () =>
            carol.received.filter(
                ({ name, type, from }) => name === 'presence' && type === '' && from.startsWith('alice@'),
            );
        expect(presences()).toEqual([]);
        house.servers.thaw('sip');
        await alice.isRegistered();
        await until('Carol hears of her', () => presences().length > 0);
        expect(presences().map((stanza) => textOf(stanza, 'basic'))).toEqual(['open']);
    });
});
