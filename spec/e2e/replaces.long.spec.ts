import { hangUp, inACall } from './support/calls.js';
import { story } from './support/house.js';

describe('A call', () => {
    story(
        'goes on after a reload where nobody gets a GRUU, whoever called, and again',
        async (house) => {
            const { alice, bob } = await inACall(house);
            for (const who of [alice, bob, alice]) {
                await who.reloads();
                await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
                await Promise.all([alice.hears(), bob.hears()]);
                await Promise.all([alice.isSure('media-bound'), bob.isSure('media-bound')]);
            }
            expect([await alice.openConnections(), await bob.openConnections()]).toEqual([1, 1]);
            await hangUp(bob, alice);
        },
        { patience: 120_000, servers: { givesNoGruu: true } },
    );

    story(
        'goes on after a reload while its media is relayed, and while the SIP server restarts',
        async (house) => {
            const { alice, bob } = await inACall(house, {
                caller: { settings: { sip_ice_policy: 'relay' } },
            });
            await Promise.all([alice.hears(), bob.hears()]);
            for (const who of [alice, bob]) who.mayComplain(/SIP-101/, /WebSocket connection to/, /ERR_/);
            await Promise.all([alice.reloads(), house.servers.restart('sip')]);
            await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
            await Promise.all([alice.hears(), bob.hears()]);
            await hangUp(bob, alice);
        },
        { patience: 120_000 },
    );
});
