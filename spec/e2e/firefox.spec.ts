import { hangUp, inACall } from './support/calls.js';
import { story } from './support/house.js';
import type { BrowserName } from './support/browsers.js';

describe('Firefox and Chromium', () => {
    const ways: readonly (readonly [BrowserName, BrowserName])[] = [
        ['firefox', 'chromium'],
        ['chromium', 'firefox'],
    ];
    for (const [caller, callee] of ways)
        story(`talk and see each other when ${caller} calls`, async (house) => {
            const { alice, bob } = await inACall(house, {
                kind: 'Video call',
                caller: { browser: caller },
                callee: { browser: callee },
            });
            await Promise.all([alice.hears(), alice.sees(), bob.hears(), bob.sees()]);
            await alice.presses('Mute');
            await bob.hearsSilence();
            await alice.presses('Mute');
            await bob.hears();
            await alice.presses('Hold');
            await Promise.all([alice.isTold('On hold'), bob.isTold('On hold')]);
            await Promise.all([bob.hearsSilence(), bob.receivesNothing('video')]);
            await alice.presses('Hold');
            await Promise.all([alice.isTold('In call'), bob.isTold('In call')]);
            await Promise.all([alice.hears(), bob.hears(), alice.sees(), bob.sees()]);
            await hangUp(bob, alice);
            await alice.findsInHistory(/^Outgoing video call, 0:\d\d/);
        });

    story('add the camera to a voice call', async (house) => {
        const { alice, bob } = await inACall(house, { callee: { browser: 'firefox' } });
        await Promise.all([alice.hears(), bob.hears()]);
        await bob.presses('Camera');
        await alice.sees();
        await alice.presses('Camera');
        await bob.sees();
        await hangUp(alice, bob);
    });
});
