import { INSECURE_HOST } from './support/browsers.js';
import { aliceAndBob, hangUp } from './support/calls.js';
import { story } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

/** The reason stands on the card, and nothing went out. */
async function isToldBeforeTheCall(alice: Person, words: RegExp): Promise<void> {
    await alice.frame.getByRole('alert').filter({ hasText: words }).filter({ visible: true }).first().waitFor();
    expect(await alice.invites()).toBe(0);
    await alice.findsInHistory(/^Outgoing call: /);
}

describe('Before a call is placed, it is said in words', () => {
    story('that the microphone was refused', async (house) => {
        const { alice } = await aliceAndBob(house, { browser: 'chromium that refuses devices' });
        alice.mayComplain(/SIP-302/);
        await alice.calls('bob');
        await alice.isTold('No permission to use the microphone or camera');
        await isToldBeforeTheCall(alice, /The microphone is not allowed\. Allow it in the browser/);
        await alice.screenshot('no-permission');
        await alice.presses('Close');
        await alice.seesNoCall();
    });

    story('that there is no microphone', async (house) => {
        const { alice } = await aliceAndBob(house, { browser: 'chromium without devices' });
        alice.mayComplain(/SIP-302/);
        await alice.calls('bob');
        await alice.isTold('No microphone or camera was found');
        await isToldBeforeTheCall(alice, /No microphone was found\. Connect one and try again/);
    });

    story('that there is no camera; the call can be placed without', async (house) => {
        const { alice, bob } = await aliceAndBob(house, { browser: 'chromium without camera' });
        alice.mayComplain(/SIP-302/);
        await alice.calls('bob', 'Video call');
        await alice.isTold('No microphone or camera was found');
        await alice.frame
            .getByRole('alert')
            .filter({ hasText: /No camera was found/ })
            .first()
            .waitFor();
        expect(await alice.invites()).toBe(0);
        await alice.presses('Call without video');
        await bob.seesIncomingCallFrom('Alice');
        await bob.presses('Answer');
        await alice.isInCallWith('Bob');
        await Promise.all([alice.hears(), bob.hears()]);
        await hangUp(alice, bob);
    });

    story('that the page is not secure', async (house) => {
        // There, Converse itself sends no presence (it has no SHA-1), so only what is there already is found.
        const bob = await house.enter('bob');
        await until('the address is published', () => bob.frame.evaluate(() => recorded.addresses.length > 0));
        const alice = await house.enter('alice', {
            host: INSECURE_HOST,
            // Nor is there SCRAM
            expressions: { connection_options: '{ mechanisms: [window.converse.env.Strophe.SASLPlain] }' },
        });
        await alice.calls('bob');
        await isToldBeforeTheCall(alice, /open this page with https/);
    });

    story('that the page around the chat does not pass the devices on', async (house) => {
        const { alice } = await aliceAndBob(house, { frame: { allow: '' } });
        await alice.calls('bob');
        await isToldBeforeTheCall(alice, /The page around this chat does not pass on microphone and camera/);
    });
});

describe('A chat in a frame', () => {
    story('can make calls where the page around it allows it', async (house) => {
        const { alice, bob } = await aliceAndBob(house, { frame: { allow: 'microphone; camera' } });
        await alice.calls('bob');
        await bob.seesIncomingCallFrom('Alice');
        await bob.presses('Answer');
        await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
        await Promise.all([alice.hears(), bob.hears()]);
        await hangUp(alice, bob);
    });
});

describe('Without a microphone', () => {
    story('a call can be received to listen only, if the person chooses so', async (house) => {
        const { alice, bob } = await aliceAndBob(house, {}, { browser: 'chromium without devices' });
        bob.mayComplain(/SIP-302/);
        await alice.calls('bob');
        await bob.seesIncomingCallFrom('Alice');
        await bob.presses('Answer');
        await bob
            .incoming('Alice')
            .getByText(/No microphone was found/)
            .waitFor();
        await alice.isTold('Ringing…');
        await bob.presses('Listen only');
        await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
        await bob.hears();
        await alice.receivesNothing();
        expect(await bob.liveTracks()).toEqual([]);
        await hangUp(alice, bob);
    });
});
