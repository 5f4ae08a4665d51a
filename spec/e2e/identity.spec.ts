/** Who is calling: what two of us see of each other, with real servers. Attackers are in `attackers.spec.ts`. */
import { aliceAndBob, hangUp } from './support/calls.js';
import { story } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

const VERIFIED = 'Verified by chat account, media end to end';

interface Seen {
    readonly level: string;
    readonly thread: string | null;
}

/** What scripts are told of the call that is up. */
const seen = (who: Person): Promise<Seen | null> =>
    who.script((api) => {
        const call = api.sip?.calls().at(-1) as { identity: { level: string }; thread: string | null } | undefined;
        return call === undefined ? null : { level: call.identity.level, thread: call.thread };
    });

const becomes = (who: Person, level: string): Promise<unknown> =>
    until(`${who.name} sees ${level}`, async () => {
        const now = await seen(who);
        if (now?.level !== level) throw new Error(JSON.stringify(now));
        return true;
    });

describe('Who is calling', () => {
    story('is verified before Bob answers, and both land in one conversation', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        await alice.opensChatWith('bob');
        await alice.writes('May I call you?');
        await alice.calls('bob');
        await bob.incoming('Alice').getByText(VERIFIED).waitFor();
        await bob.presses('Answer');
        await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
        await Promise.all([becomes(alice, 'media-bound'), becomes(bob, 'media-bound')]);
        await bob.chat('alice').getByText('May I call you?').waitFor();
        const [hers, his] = await Promise.all([seen(alice), seen(bob)]);
        expect(hers?.thread).toMatch(/^[0-9a-f-]{36}$/);
        expect(his?.thread).toBe(hers?.thread);
        await hangUp(alice, bob);
    });

    story(
        'is verified on each of Bob’s devices, one directly, one by a carbon; what one answers, the other forgets',
        async (house) => {
            const { alice, bob } = await aliceAndBob(house);
            const tablet = await house.enter('bob');
            await alice.calls('bob');
            await Promise.all([becomes(bob, 'media-bound'), becomes(tablet, 'media-bound')]);
            await bob.presses('Answer');
            await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
            await tablet.incoming('Alice').waitFor({ state: 'detached' });
            await hangUp(alice, bob);
        },
    );

    story('is settled where two call each other at once: one call is left, and nobody has to answer', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        await Promise.all([alice.opensChatWith('bob'), bob.opensChatWith('alice')]);
        await Promise.all([alice.canPress('Call'), bob.canPress('Call')]);
        await Promise.all([alice.presses('Call'), bob.presses('Call')]);
        await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
        await Promise.all([becomes(alice, 'media-bound'), becomes(bob, 'media-bound')]);
        await hangUp(alice, bob);
    });
});
