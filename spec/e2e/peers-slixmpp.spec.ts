/** What the plugin tells other clients, as an independent one reads it, and what it learns from one. On two servers. */
import { findAll, type Stanza, type XmppPeer } from '../../servers/index.js';
import { connect, hangUp } from './support/calls.js';
import { story } from './support/house.js';
import type { Person } from './support/person.js';

const REACH = 'urn:xmpp:reach:0';
const PIDF = 'urn:ietf:params:xml:ns:pidf';
const RPID = `${PIDF}:rpid`;

const NO_ADDRESS = 'No address for calls is known for this contact.';

const reach = (...uris: string[]) =>
    `<reach xmlns='${REACH}'>${uris.map((uri) => `<addr uri='${uri}'/>`).join('')}</reach>`;
const basic = (value: string) => `<basic xmlns='${PIDF}'>${value}</basic>`;
const servcaps = (video: boolean) =>
    `<servcaps xmlns='${PIDF}:caps'><audio>true</audio><video>${String(video)}</video></servcaps>`;
const ON_THE_PHONE = `<activities xmlns='${RPID}'><on-the-phone/></activities>`;

/** The text of the direct child of that name and namespace; null: there is none. */
const childText = ({ element }: Stanza, name: string, ns: string): string | null =>
    element.children.find((child) => child.name === name && child.ns === ns)?.text ?? null;

const presenceOf = (jid: string) => (stanza: Stanza) => stanza.name === 'presence' && stanza.from.startsWith(`${jid}/`);

const isOnThePhone = ({ element }: Stanza): boolean =>
    element.children.some(
        ({ name, ns, children }) =>
            name === 'activities' &&
            ns === RPID &&
            children.some((child) => child.name === 'on-the-phone' && child.ns === RPID),
    );

/** The mark beside Carol in the list of contacts. */
const mark = (person: Person) =>
    person.frame
        .locator('a.open-chat[data-jid="carol@localhost"]')
        .locator('xpath=ancestor::*[1]')
        .getByRole('img', { name: 'On the phone' });

/** What scripts are told about where Carol can be called. */
const addressesOf = (person: Person): Promise<string> =>
    person.script((api) => JSON.stringify(api.sip?.lookup('carol@localhost')));

for (const xmpp of ['prosody', 'ejabberd'] as const) {
    const servers = { xmpp };

    describe(`On ${xmpp}, another client`, () => {
        story(
            'reads in presence where and how a person can be called, and that they are on the phone',
            async (house) => {
                const carol = await house.peer('carol');
                const [alice, bob] = await Promise.all([house.enter('alice'), house.enter('bob')]);
                const of = presenceOf('alice@localhost');
                const open = await carol.waitFor((stanza) => of(stanza) && stanza.reach.length > 0);
                expect(open.reach).toEqual(['sip:alice@localhost']);
                expect(childText(open, 'basic', PIDF)).toBe('open');
                const [caps] = open.element.children.filter(
                    ({ name, ns }) => name === 'servcaps' && ns === `${PIDF}:caps`,
                );
                expect(caps?.children.map(({ name, text }) => `${name} ${text}`)).toEqual(['audio true', 'video true']);
                expect(isOnThePhone(open)).toBeFalse();

                await connect({ alice, bob });
                const busy = await carol.waitFor((stanza) => of(stanza) && isOnThePhone(stanza));
                expect(busy.reach).toEqual(['sip:alice@localhost']);
                expect(childText(busy, 'basic', PIDF)).toBe('open');
                const since = carol.received.length;
                await hangUp(alice, bob);
                await carol.waitFor((stanza) => of(stanza) && !isOnThePhone(stanza), { since });

                // Converse and others take the first descendant of such a name for the person's own
                const all = carol.received.filter(of);
                for (const name of ['status', 'show', 'priority']) {
                    for (const { element } of all) {
                        const inside = element.children.flatMap((child) => findAll(child, name));
                        expect(inside).withContext(name).toEqual([]);
                    }
                }
            },
            { servers },
        );

        story(
            'finds the address that was published, when it may, and is told when it is withdrawn',
            async (house) => {
                const [carol, mallory] = await Promise.all([house.peer('carol'), house.peer('mallory')]);
                const alice = await house.enter('alice');
                const told = await carol.waitFor(({ name, reach }) => name === 'message' && reach.length > 0);
                expect(told.reach).toEqual(['sip:alice@localhost']);
                expect(told.from).toBe('alice@localhost');
                expect(findAll(told.element, 'item').map(({ attributes }) => attributes['id'])).toEqual(['current']);
                const [item] = await carol.items('alice@localhost', REACH);
                expect(findAll(item!, 'addr', REACH).map(({ attributes }) => attributes['uri'])).toEqual([
                    'sip:alice@localhost',
                ]);
                await expectAsync(mallory.items('alice@localhost', REACH)).toBeRejectedWithError(
                    /^(?:forbidden|not-authorized):/u,
                );

                const of = presenceOf('alice@localhost');
                await carol.waitFor((stanza) => of(stanza) && stanza.reach.length > 0);
                await alice.opensSettings();
                const since = carol.received.length;
                await alice.settings.getByLabel('Tell my contacts that I can be called').uncheck();
                const isOfTheNode = ({ element }: Stanza) =>
                    findAll(element, 'items').some(({ attributes }) => attributes['node'] === REACH);
                await carol.waitFor(
                    (stanza) => stanza.name === 'message' && isOfTheNode(stanza) && stanza.reach.length === 0,
                    { since },
                );
                await carol.waitFor((stanza) => of(stanza) && !stanza.xml.includes(REACH), {
                    since,
                });
                // Nothing ever went to the stranger
                const toStranger = mallory.received.filter(
                    ({ name, from }) => name !== 'iq' && from.startsWith('alice@'),
                );
                expect(toStranger).toEqual([]);
            },
            { servers },
        );

        story(
            'publishes an address, and the person can call there: at once, after it was off line, and no longer when it is withdrawn',
            async (house) => {
                const publishes = (peer: XmppPeer, ...uris: string[]) =>
                    peer.publish(REACH, reach(...uris), { access: 'presence' });
                const first = await house.peer('carol');
                await publishes(first, 'sip:carol@localhost');
                await first.stop();

                const alice = await house.enter('alice');
                await alice.opensChatWith('carol');
                await alice.canPress('Call');
                const carol = await house.peer('carol');
                // Before that ejabberd does not know what Alice wants to be told of
                await carol.waitFor(presenceOf('alice@localhost'));
                await publishes(carol);
                await alice.cannotPress('Call', NO_ADDRESS);
                await publishes(carol, 'sip:other@localhost');
                await alice.canPress('Call');
                expect(await addressesOf(alice)).toContain('sip:other@localhost');

                // What cannot be called does no harm, and hides nothing
                await publishes(
                    carol,
                    'javascript:alert(1)',
                    `sip:a@localhost?Replaces=x${'y'.repeat(300)}`,
                    'sip:carol@localhost?Replaces=x',
                    'sip:&#x202e;@localhost',
                );
                await alice.canPress('Call');
                const known = await addressesOf(alice);
                expect(known).toContain('"sip:carol@localhost"');
                expect(known).not.toMatch(/javascript|Replaces|\u202e|other@/u);
            },
            { servers },
        );

        story(
            'says in presence where it can be called, that it is on the phone, and that it cannot be called',
            async (house) => {
                const alice = await house.enter('alice');
                const carol = await house.peer('carol');
                await alice.opensChatWith('carol');
                await alice.cannotPress('Call', NO_ADDRESS);
                carol.presence(reach('sip:carol@localhost') + basic('open') + servcaps(false));
                await alice.canPress('Call');
                expect(await addressesOf(alice)).toContain('"video":false');
                carol.presence(reach('sip:carol@localhost') + basic('open') + servcaps(true) + ON_THE_PHONE);
                await mark(alice).waitFor();
                expect(await addressesOf(alice)).toContain('"video":true');
                carol.presence(reach('sip:carol@localhost') + basic('open') + servcaps(true));
                await mark(alice).waitFor({ state: 'detached' });
                carol.presence(basic('closed'));
                await alice.cannotPress('Call', NO_ADDRESS);

                // What a resource said goes with it
                carol.presence(reach('sip:carol@localhost'));
                await alice.canPress('Call');
                await carol.stop();
                await alice.cannotPress('Call', NO_ADDRESS);
            },
            { servers },
        );

        story(
            'that nobody knows cannot make itself known by any of that',
            async (house) => {
                const alice = await house.enter('alice');
                // A server may end the session of who forges a sender
                const [mallory, forger] = await Promise.all([
                    house.peer('mallory'),
                    house.peer('mallory', { resource: 'forger' }),
                ]);
                const forged = reach('sip:carol@localhost') + basic('open');
                mallory.presence(forged, `to='alice@localhost'`);
                forger.presence(forged, `to='alice@localhost' from='carol@localhost/x'`);
                forger.send(
                    `<message to='alice@localhost' type='headline' from='carol@localhost'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='${REACH}'><item id='current'>${reach('sip:carol@localhost')}</item></items></event></message>`,
                );
                // The server has dealt with it
                await forger.iq(`<iq type='get' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>`).catch(() => null);
                await mallory.publish(REACH, reach('sip:carol@localhost'), { access: 'open' });
                mallory.send(`<message to='alice@localhost' type='chat'><body>that was all</body></message>`);
                await alice.frame.locator('a.open-chat[data-jid="mallory@localhost"]').first().waitFor();
                await alice.opensChatWith('carol');
                await alice.cannotPress('Call', NO_ADDRESS);
                expect(await addressesOf(alice)).not.toContain('sip:');
            },
            { servers },
        );
    });
}
