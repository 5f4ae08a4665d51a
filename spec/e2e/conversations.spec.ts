/** What people at other clients get of a conversation, and see of somebody in a call. */
import { findAll, type Stanza, type XmppPeer } from '../../servers/index.js';
import { aliceAndBob, connect, hangUp } from './support/calls.js';
import { story } from './support/house.js';

const REACH = 'urn:xmpp:reach:0';
const ACTIVITY = 'http://jabber.org/protocol/activity';

const textOf = ({ element }: Stanza, name: string, ns?: string): string => findAll(element, name, ns)[0]?.text ?? '';

/** The next message with that text that somebody gets. */
const gets = (who: XmppPeer, body: string): Promise<Stanza> =>
    who.waitFor((stanza) => stanza.name === 'message' && textOf(stanza, 'body') === body);

/** The next presence of Alice that is so. */
const sees = (who: XmppPeer, wanted: (stanza: Stanza) => boolean): Promise<Stanza> =>
    who.waitFor((stanza) => stanza.name === 'presence' && stanza.from.startsWith('alice@') && wanted(stanza), {
        since: who.received.length,
    });

describe('A conversation', () => {
    story('goes on in its thread after a reload, and what was learned in it is still known', async (house) => {
        const carol = await house.peer('carol');
        const alice = await house.enter('alice');
        await alice.opensChatWith('carol');
        await alice.writes('one');
        const first = await gets(carol, 'one');
        expect(first.reach[0]).toMatch(/^sip:alice@localhost;gr=urn:uuid:/u);
        const thread = textOf(first, 'thread');
        expect(thread).not.toBe('');
        await alice.writes('two');
        const second = await gets(carol, 'two');
        expect(textOf(second, 'thread')).toBe(thread);
        expect(second.reach).toEqual([]);

        carol.send(
            `<message to='alice@localhost' type='chat'><body>three</body><thread>${thread}</thread>` +
                `<reach xmlns='${REACH}'><addr uri='sip:carol@localhost;gr=urn:uuid:1'/></reach></message>`,
        );
        await alice.reads('three');
        await alice.canPress('Call');

        const since = carol.received.length;
        await alice.reloads();
        await alice.isRegistered();
        await alice.opensChatWith('carol');
        await alice.canPress('Call');
        await alice.writes('four');
        expect(textOf(await gets(carol, 'four'), 'thread')).toBe(thread);
        const said = carol.received.slice(since).filter(({ name }) => name === 'presence');
        expect(said.map((stanza) => textOf(stanza, 'basic'))).not.toContain('closed');

        // The device is gone, and its address with it
        await carol.stop();
        await alice.cannotPress('Call', /No address/u);
    });
});

describe('Somebody in a call', () => {
    story('is shown so by clients that know nothing of calls, and as before when it is over', async (house) => {
        const carol = await house.peer('carol', { features: [`${ACTIVITY}+notify`] });
        const settings = { sip_presence_on_call: 'dnd', sip_activity: true };
        const { alice, bob } = await aliceAndBob(house, { settings });
        const activity = carol.waitFor(({ xml }) => xml.includes('on_the_phone'));
        const busy = sees(carol, (stanza) => findAll(stanza.element, 'on-the-phone').length > 0);
        await connect({ alice, bob });
        expect(textOf(await busy, 'show')).toBe('dnd');
        expect((await activity).from).toBe('alice@localhost');

        const free = sees(carol, (stanza) => findAll(stanza.element, 'on-the-phone').length === 0);
        const since = carol.received.length;
        await hangUp(alice, bob);
        expect(textOf(await free, 'show')).toBe('');
        await carol.waitFor(
            ({ element }) => findAll(element, 'activity', ACTIVITY).some((each) => !each.children.length),
            {
                since,
            },
        );
        expect(await alice.frame.evaluate(() => document.body.innerText)).toContain('I am online');
    });
});
