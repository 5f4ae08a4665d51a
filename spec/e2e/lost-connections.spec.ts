import { hangUp, inACall } from './support/calls.js';
import { story } from './support/house.js';
import { hasCables } from './support/network.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

/** What the plugin and the browser say on the console of a server that is away. */
const AWAY = [/SIP-101/, /WebSocket connection to/, /establish a connection to the server/, /ERR_/];

/** Both hear each other, and neither was told anything else. */
const talk = (...people: readonly Person[]): Promise<unknown> =>
    Promise.all(people.flatMap((person) => [person.isTold('In call'), person.hears()]));

describe('A call that loses its server', () => {
    story('which is restarted goes on, and is hung up by whoever was called', async (house) => {
        const { alice, bob } = await inACall(house);
        for (const person of [alice, bob]) person.mayComplain(...AWAY);
        await house.servers.kill('sip');
        await until('both know', async () => (await alice.registration()) !== 'registered');
        await talk(alice, bob);
        await house.servers.start('sip');
        await Promise.all([alice.isRegistered(), bob.isRegistered()]);
        await talk(alice, bob);
        await hangUp(bob, alice);
    });

    story('for a while is hung up meanwhile, and the other side hears of it afterwards', async (house) => {
        const { alice, bob } = await inACall(house);
        for (const person of [alice, bob]) person.mayComplain(...AWAY);
        await house.servers.kill('sip');
        await until('both know', async () => (await alice.registration()) !== 'registered');
        await alice.presses('Hang up');
        await alice.isTold('Call ended');
        await house.servers.start('sip');
        await bob.isTold('Call ended');
        await bob.opensChatWith('alice');
        await bob.findsInHistory(/^Incoming call/);
    });

    story('together with the network of one side, for 10 s, goes on', async (house) => {
        if (!hasCables) {
            pending('needs root, ip and unshare');
            return;
        }
        const cable = await house.cable();
        const { alice, bob } = await inACall(house, { caller: { browser: cable.browser } });
        for (const person of [alice, bob]) person.mayComplain(...AWAY);
        cable.pull();
        const cut = Date.now();
        await Promise.all([alice.isTold('Reconnecting…', 3000), bob.isTold('Reconnecting…', 3000)]);
        await new Promise((resolve) => setTimeout(resolve, cut + 10_000 - Date.now()));
        cable.plug();
        await talk(alice, bob);
        await alice.isRegistered();
        await hangUp(bob, alice);
    });
});
