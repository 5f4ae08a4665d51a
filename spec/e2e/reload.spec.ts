import { hangUp, inACall } from './support/calls.js';
import { story } from './support/house.js';
import type { Person } from './support/person.js';

/** The call of somebody who was away for a moment goes on: both hear each other, and know who they are. */
async function goesOn(alice: Person, bob: Person): Promise<void> {
    await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
    await Promise.all([alice.hears(), bob.hears()]);
    await Promise.all([alice.isSure('media-bound'), bob.isSure('media-bound')]);
    expect(await bob.openConnections()).toBe(1);
}

describe('A call', () => {
    story('goes on after a reload and after a click, and is one entry in the history', async (house) => {
        const { alice, bob } = await inACall(house);
        await Promise.all([alice.isSure('media-bound'), bob.isSure('media-bound')]);
        const { id } = await alice.lastCall();
        await alice.reloads();
        await goesOn(alice, bob);
        expect((await alice.lastCall()).id).toBe(id);
        await bob.seesOnThePhone('alice');
        const { pathname } = new URL(alice.page.url());
        await alice.page.goto(`http://alice.localhost:${String(house.site.port)}${pathname}?another=page`);
        await alice.isOnline();
        await goesOn(alice, bob);
        await alice.opensChatWith('bob');
        await hangUp(bob, alice);
        await alice.findsInHistory(/Outgoing call, 0:\d\d/u);
        await bob.opensChatWith('alice');
        await bob.findsInHistory(/Incoming call, 0:\d\d/u);
        expect([(await alice.history()).length, (await bob.history()).length]).toEqual([1, 1]);
    });

    story('goes on in another tab when its own is closed', async (house) => {
        const { alice, bob } = await inACall(house);
        const second = await house.enter('alice', { alongside: alice, until: 'online' });
        await second.isInCallWith('Bob');
        await alice.closesTheTab();
        await goesOn(second, bob);
        await hangUp(second, bob);
        await second.opensChatWith('bob');
        await second.findsInHistory(/Outgoing call, 0:\d\d/u);
        expect((await second.history()).length).toBe(1);
    });
});
