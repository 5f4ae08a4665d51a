import { aliceAndBob, hangUp, inACall } from './support/calls.js';
import { story } from './support/house.js';

describe('A call', () => {
    story('with video: Alice calls Bob out of the chat, they talk, write, hold, and hang up', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        await alice.calls('bob', 'Video call');
        await alice.isTold(/Calling…|Ringing…/);
        await bob.seesIncomingCallFrom('Alice');
        await bob.screenshot('incoming');
        await alice.isTold('Ringing…');
        await bob.presses('Answer with video');
        await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
        await Promise.all([alice.hears(), alice.sees(), bob.hears(), bob.sees()]);
        await alice.screenshot('video-call-stage');

        await bob.shrinksTheCall();
        await bob.opensChatWith('alice');
        await bob.writes('I can write meanwhile');
        await bob.screenshot('video-call-bar');
        await Promise.all([bob.hears(), alice.hears()]);

        await alice.presses('Hold');
        await Promise.all([alice.isTold('On hold'), bob.isTold('On hold')]);
        await Promise.all([bob.hearsSilence(), bob.receivesNothing('video')]);
        await alice.presses('Hold');
        await Promise.all([alice.isTold('In call'), bob.isTold('In call')]);
        await Promise.all([alice.hears(), alice.sees(), bob.hears()]);

        await hangUp(bob, alice);
        expect(await alice.findsInHistory(/^Outgoing video call, 0:\d\d/)).toBeTruthy();
        expect(await bob.findsInHistory(/^Incoming video call, 0:\d\d/)).toBeTruthy();
        await alice.reads('I can write meanwhile');
        await alice.screenshot('history');
    });

    for (const view_mode of ['overlayed', 'embedded'] as const)
        story(`by voice, where the chat is ${view_mode}`, async (house) => {
            const { alice, bob } = await inACall(house, { caller: { view_mode }, callee: { view_mode } });
            await Promise.all([alice.hears(), bob.hears()]);
            await alice.screenshot(`voice-call-${view_mode}`);
            await alice.writes('Both at once');
            await hangUp(alice, bob);
            await alice.findsInHistory(/^Outgoing call, 0:\d\d/);
            await bob.opensChatWith('alice');
            await bob.reads('Both at once');
            await bob.findsInHistory(/^Incoming call, 0:\d\d/);
        });

    story('can be followed by another, the other way round, without a reload', async (house) => {
        const { alice, bob } = await inACall(house);
        await hangUp(alice, bob);
        await bob.calls('alice');
        await alice.seesIncomingCallFrom('Bob');
        await alice.presses('Answer');
        await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
        await Promise.all([alice.hears(), bob.hears()]);
        await hangUp(alice, bob);
        await bob.findsInHistory(/^Outgoing call, 0:\d\d/);
        expect((await bob.history()).length).toBe(2);
    });
});
