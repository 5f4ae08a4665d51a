import { aliceAndBob, hangUp, inACall } from './support/calls.js';
import { story, type Entrance } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

/** Lines of the plugin on the console. */
const lines = (person: Person): string[] =>
    person.console.map(({ text }) => text).filter((text) => text.includes('converse-sip'));

/** Files of the plugin that the page has loaded. */
const files = (person: Person): Promise<string[]> =>
    person.frame.evaluate(() =>
        performance
            .getEntriesByType('resource')
            .map(({ name }) => new URL(name).pathname)
            .filter((path) => path.startsWith('/plugin/')),
    );

/** The chat is as Converse made it: no button, no line, no element of ours. */
async function seesNothingOfUs(person: Person): Promise<void> {
    await person.opensChatWith('bob');
    await person.writes('Hello');
    await person.reads('Hello');
    expect(await person.button('Call').count()).toBe(0);
    expect(await person.frame.locator('converse-sip-calls, converse-sip-heading button').count()).toBe(0);
}

describe('The plugin registers once and works', () => {
    const ways: Readonly<Record<string, Entrance>> = {
        'when its script comes before Converse': { plugin: 'before' },
        'with converse.min.js': { converse: 'converse.min.js' },
        'when the site imports it and registers by hand': { plugin: 'register' },
    };
    for (const [way, entrance] of Object.entries(ways))
        story(way, async (house) => {
            const { alice, bob } = await inACall(house, { caller: entrance });
            await Promise.all([alice.hears(), bob.hears()]);
            await hangUp(alice, bob);
            expect(lines(alice)).toEqual([]);
        });

    for (const plugin of ['after', 'register'] as const)
        story(`without a user interface, by scripts (${plugin})`, async (house) => {
            const { alice, bob } = await aliceAndBob(house, { converse: 'headless', plugin });
            await until('the address is known', () =>
                alice.script((api) => JSON.stringify(api.sip?.lookup('bob@localhost') ?? '').includes('sip:bob')),
            );
            await alice.script((api) => api.sip?.call('bob@localhost'));
            await bob.seesIncomingCallFrom('Alice');
            await bob.presses('Answer');
            await bob.isInCallWith('Alice');
            await until('Alice is in the call', () =>
                alice.script((api) => api.sip?.calls().some(({ state }) => state.name === 'active')),
            );
            await bob.hears();
            expect(
                (await alice.flows()).some(({ direction, packets }) => direction === 'in' && packets > 0),
            ).toBeTrue();
            await bob.presses('Hang up');
            await until('Alice is out of the call', () =>
                alice.script((api) => api.sip?.calls().every(({ state }) => state.name === 'ended')),
            );
            expect((await files(alice)).filter((file) => /component|view/u.test(file))).toEqual([]);
        });
});

describe('The plugin does nothing and says so in one line', () => {
    story('where no sip_server is configured: only its first file is loaded', async (house) => {
        const alice = await house.enter('alice', { settings: { sip_server: '' }, until: 'online' });
        await seesNothingOfUs(alice);
        expect(lines(alice)).toEqual(['converse-sip [SIP-001] No sip_server is configured: voice and video are off.']);
        expect(await files(alice)).toEqual(['/plugin/converse-sip.js']);
    });

    for (const version of ['v13.0.0', 'v16.0.0'])
        story(`with a Converse that it does not know (${version})`, async (house) => {
            const before = `window.converse.env.VERSION_NAME = '${version}';`;
            const alice = await house.enter('alice', { before, until: 'online' });
            alice.mayComplain(/SIP-003/);
            await seesNothingOfUs(alice);
            expect(lines(alice).length).toBe(1);
            expect(alice.notices('SIP-003').length).toBe(1);
            expect(await files(alice)).toEqual(['/plugin/converse-sip.js']);
        });

    story('in a browser without WebRTC', async (house) => {
        const before = 'delete window.RTCPeerConnection;';
        const alice = await house.enter('alice', { before, until: 'online' });
        alice.mayComplain(/SIP-004/);
        await seesNothingOfUs(alice);
        expect(lines(alice).length).toBe(1);
        expect(alice.notices('SIP-004').length).toBe(1);
    });
});
