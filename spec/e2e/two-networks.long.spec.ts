import { aliceAndBob, connect, hangUp } from './support/calls.js';
import { story } from './support/house.js';
import { hasCables } from './support/network.js';
import { until } from './support/until.js';

const CALLS = 20;

describe('A caller with two networks', () => {
    story(
        `of which one leads nowhere connects, ${String(CALLS)} times of ${String(CALLS)}`,
        async (house) => {
            if (!hasCables) {
                pending('needs root, ip and unshare');
                return;
            }
            const cable = await house.cable();
            cable.addDeadEnd();
            const people = await aliceAndBob(house, { browser: cable.browser });
            const { alice, bob } = people;
            for (let i = 0; i < CALLS; i++) {
                await connect(people);
                await Promise.all([alice.hears(), bob.hears()]);
                const [offer] = (await alice.sip()).filter(
                    ({ method, status, direction }) => method === 'INVITE' && status === null && direction === 'sent',
                );
                // Both are offered: nobody knows which one leads anywhere
                expect(offer?.text).toMatch(/candidate:.* 198\.18\.0\.1 \d+ typ host/u);
                expect(offer?.text).toMatch(/candidate:.* 10\.[\d.]+ \d+ typ host/u);
                await hangUp(alice, bob);
                await Promise.all([alice, bob].map((one) => one.seesNoCall()));
                await until('nothing is left', async () => (await alice.openConnections()) === 0);
            }
        },
        CALLS * 20_000,
    );
});
