import { aliceAndBob, connect } from './support/calls.js';
import { bindingsOf, story } from './support/house.js';

describe('Of several tabs', () => {
    story('one rings, all show the call, and it is answered, muted, held and hung up in any', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        const second = await house.enter('alice', { alongside: alice, until: 'online' });
        await second.registrationBecomes('elsewhere');
        await bindingsOf(house, 'alice', 1);
        await bob.calls('alice');
        await Promise.all([alice.seesIncomingCallFrom('Bob'), second.seesIncomingCallFrom('Bob')]);
        expect(await second.lastCall()).toEqual(jasmine.objectContaining({ silent: true, elsewhere: true }));
        await second.presses('Answer');
        await Promise.all([alice.isInCallWith('Bob'), second.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
        await Promise.all([alice.hears(), bob.hears()]);
        expect(await second.openConnections()).toBe(0);
        await alice.isSure('media-bound');
        await second.isSure('media-bound');

        await second.presses('Mute');
        await Promise.all([alice.hasPressed('Mute', true), second.hasPressed('Mute', true)]);
        await bob.hearsSilence();
        await alice.presses('Mute');
        await second.hasPressed('Mute', false);
        await second.presses('Hold');
        await bob.isTold('On hold');
        await second.presses('Hold');
        await Promise.all([bob.isInCallWith('Alice'), second.isInCallWith('Bob')]);

        // Who comes later sees it too
        const third = await house.enter('alice', { alongside: alice, until: 'online' });
        await third.isInCallWith('Bob');
        await third.opensChatWith('bob');
        await third.cannotPress('Call', 'You are in a call.');
        await third.presses('Hang up');
        await Promise.all([alice.isTold('Call ended'), bob.isTold('Call ended')]);
        await Promise.all([second.seesNoCall(), third.seesNoCall()]);

        // One entry, whichever tab looks
        await alice.page.bringToFront();
        await alice.opensChatWith('bob');
        await alice.findsInHistory(/Incoming call, 0:\d\d/u);
        await second.page.bringToFront();
        await second.reloads();
        await second.opensChatWith('bob');
        await second.findsInHistory(/Incoming call, 0:\d\d/u);
        expect((await second.history()).length).toBe(1);
    });

    story('the one in which the person calls gets the registration, while no call is up', async (house) => {
        const alice = await house.enter('alice');
        const second = await house.enter('alice', { alongside: alice, until: 'online' });
        const bob = await house.enter('bob');
        await second.registrationBecomes('elsewhere');
        await connect({ alice: second, bob });
        await alice.registrationBecomes('elsewhere');
        await alice.isInCallWith('Bob');
        await Promise.all([second.hears(), bob.hears()]);
        expect(await alice.openConnections()).toBe(0);
        await bindingsOf(house, 'alice', 1);
        await alice.presses('Hang up');
        await Promise.all([second.isTold('Call ended'), bob.isTold('Call ended')]);
        await second.closesTheTab();
        await alice.isRegistered();
    });
});
