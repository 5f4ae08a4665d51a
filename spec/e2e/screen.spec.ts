import { hangUp, inACall } from './support/calls.js';
import { story } from './support/house.js';
import { until } from './support/until.js';

describe('A shared screen', () => {
    story('is seen by the other side, until it is no longer shared', async (house) => {
        const { alice, bob } = await inACall(house);
        await alice.presses('Share screen');
        await alice.hasPressed('Share screen', true);
        await bob.sees();
        await alice.anyCall.getByRole('button', { name: /^Your screen/u }).waitFor();
        await until('the quality is shown', async () => {
            return (await bob.anyCall.getByRole('button', { name: /^Connection: good/u }).count()) === 1;
        });
        await alice.presses('Share screen');
        await alice.hasPressed('Share screen', false);
        await bob.seesNoPicture();
        await alice.hears();
        await hangUp(alice, bob);
    });
});
