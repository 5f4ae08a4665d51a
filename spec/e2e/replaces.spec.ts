import { startBaresip } from '../../servers/index.js';
import { hangUp, inACall } from './support/calls.js';
import { story } from './support/house.js';

describe('A call', () => {
    story('goes on when both pages are reloaded at the same moment', async (house) => {
        const { alice, bob } = await inACall(house, { kind: 'Video call' });
        await Promise.all([alice.isSure('media-bound'), bob.isSure('media-bound')]);
        await Promise.all([alice.reloads(), bob.reloads()]);
        await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
        await Promise.all([alice.hears(), bob.hears(), alice.sees(), bob.sees()]);
        await Promise.all([alice.isSure('media-bound'), bob.isSure('media-bound')]);
        expect([await alice.openConnections(), await bob.openConnections()]).toEqual([1, 1]);
        await hangUp(alice, bob);
    });

    story('with a telephone that does not take it over ends on both sides when the page is reloaded', async (house) => {
        const alice = await house.enter('alice', { browser: 'chromium on one network' });
        const dave = await startBaresip({ user: house.servers.user('dave'), server: house.servers.sip });
        try {
            await dave.command('dial', 'sip:alice@localhost');
            await alice.seesIncomingCallFrom('dave@localhost');
            await alice.presses('Answer');
            await alice.isInCallWith('dave@localhost');
            await alice.hears();
            await alice.reloads();
            await dave.waitFor(({ type }) => type === 'CALL_CLOSED');
            await alice.isTold('The connection was lost');
            expect(await alice.openConnections()).toBe(0);
        } finally {
            await dave.stop();
        }
    });
});
