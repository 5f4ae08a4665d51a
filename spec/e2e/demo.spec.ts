import { startDemo, type Demo } from '../../demo/server.js';
import { siteOfServers } from '../../demo/site.js';
import { hangUp } from './support/calls.js';
import { story, type House } from './support/house.js';
import { Person } from './support/person.js';

/** The demo as `npm start` serves it. */
async function withDemo(house: House, tell: (demo: Demo) => Promise<void>): Promise<void> {
    const demo = await startDemo(siteOfServers(house.servers));
    try {
        await tell(demo);
    } finally {
        await demo.close();
    }
}

describe('The demo', () => {
    story('shows Alice and Bob side by side, and one calls the other', async (house) => {
        await withDemo(house, async (demo) => {
            const together = await house.open('alice', demo.url, {
                until: 'nothing',
                size: { width: 1800, height: 900 },
            });
            const inFrame = async (name: string): Promise<Person> => {
                const person = new Person(name, house.servers.xmpp.domain, together.page, together.context);
                await person.goesIntoFrame(`iframe[title^="${name}" i]`);
                return person;
            };
            const [alice, bob] = await Promise.all([inFrame('alice'), inFrame('bob')]);
            await alice.calls('bob', 'Video call');
            await bob.seesIncomingCallFrom('Alice');
            await bob.presses('Answer with video');
            await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
            await Promise.all([alice.hears(), alice.sees(), bob.hears(), bob.sees()]);
            await alice.screenshot('demo');
            await hangUp(bob, alice);
            await alice.findsInHistory(/^Outgoing video call, 0:\d\d/);
            await bob.opensChatWith('alice');
            await bob.findsInHistory(/^Incoming video call, 0:\d\d/);
            await Promise.all([alice.leavesNothing(), bob.leavesNothing()]);
        });
    });

    story('shows each of them alone in a tab too', async (house) => {
        await withDemo(house, async (demo) => {
            const [alice, bob] = await Promise.all([
                house.open('alice', demo.urlOf('alice'), { until: 'nothing' }),
                house.open('bob', demo.urlOf('bob', { view_mode: 'overlayed', theme: 'dracula' }), {
                    until: 'nothing',
                }),
            ]);
            await alice.calls('bob');
            await bob.seesIncomingCallFrom('Alice');
            await bob.presses('Answer');
            await Promise.all([alice.hears(), bob.hears()]);
            await hangUp(alice, bob);
        });
    });
});
