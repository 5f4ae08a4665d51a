import { aliceAndBob, connect, hangUp, inACall } from './support/calls.js';
import { bindingsOf, story } from './support/house.js';

describe('A call ends', () => {
    story('when the other side declines', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        await alice.calls('bob');
        await bob.seesIncomingCallFrom('Alice');
        await bob.presses('Decline');
        await alice.isTold('The call was declined');
        await bob.seesNoCall();
        await alice.findsInHistory(/^Outgoing call: The call was declined/);
        await bob.opensChatWith('alice');
        await bob.findsInHistory(/^Incoming call: The call was declined/);
    });

    story(
        'when the caller gives up, and is a missed call: unread, in the history, still there after a reload',
        async (house) => {
            const { alice, bob } = await aliceAndBob(house);
            await alice.calls('bob');
            await bob.seesIncomingCallFrom('Alice');
            await alice.presses('Hang up');
            await bob.seesNoCall();
            await alice.findsInHistory(/^Outgoing call: Call cancelled/);

            await bob.hasUnread('alice', 1);
            await bob.reloads();
            await bob.hasUnread('alice', 1);
            await bob.opensChatWith('alice');
            await bob.findsInHistory(/^Missed call/);
            await bob.hasUnread('alice', 0);
            await bob.screenshot('missed-call');
            await Promise.all([alice.reloads(), bob.isRegistered()]);
            await alice.opensChatWith('bob');
            await alice.findsInHistory(/^Outgoing call: Call cancelled/);

            await alice.isRegistered();
            await bob.canPress('Call');
            await bob.presses('Call back');
            await alice.seesIncomingCallFrom('Bob');
            await alice.presses('Decline');
            await bob.isTold('The call was declined');
        },
    );

    story('when nobody answers in time', async (house) => {
        const { alice, bob } = await aliceAndBob(house, { settings: { sip_ring_timeout: 8 } });
        await alice.calls('bob');
        // Waited for from the start: its end is shown for 3 s only, and a slow machine may see the ringing late.
        await Promise.all([alice.isTold('No answer', 30_000), bob.seesIncomingCallFrom('Alice')]);
        await bob.seesNoCall();
        await alice.findsInHistory(/^Outgoing call: No answer/);
        await bob.opensChatWith('alice');
        await bob.findsInHistory(/^Missed call/);
    });

    story('before it begins when the other side is in a call, which goes on', async (house) => {
        const [{ alice, bob }, carol] = await Promise.all([inACall(house), house.enter('carol')]);
        await carol.calls('bob');
        await carol.isTold('Bob is busy');
        await carol.findsInHistory(/^Outgoing call: Bob is busy/);
        await Promise.all([alice.hears(), bob.hears()]);
        await alice.isInCallWith('Bob');
        await hangUp(alice, bob);
        await bob.opensChatWith('carol');
        await bob.findsInHistory(/^Missed call/);
    });

    story('before it begins when nobody is there', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        await alice.opensChatWith('bob');
        await alice.canPress('Call');
        await bob.closesTheTab();
        await bindingsOf(house, 'bob', 0);
        await alice.presses('Call');
        await alice.isTold('Bob is not available');
        await alice.findsInHistory(/^Outgoing call: Bob is not available/);
    });

    story('by either side hanging up, and the next can begin', async (house) => {
        const two = await aliceAndBob(house);
        await connect(two);
        await hangUp(two.bob, two.alice);
        await two.alice.findsInHistory(/^Outgoing call, 0:\d\d/);
        await connect(two);
        await hangUp(two.alice, two.bob);
    });
});
