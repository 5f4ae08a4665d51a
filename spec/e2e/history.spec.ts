/** Calls in the history, told by two protocols: once each, on every device, whether it was there or not. */
import { aliceAndBob, hangUp } from './support/calls.js';
import { story } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';
import { announcement, callEvent } from './support/wire.js';

const BOUND = 'Verified by chat account, media end to end';

/** The words of all calls in a conversation, oldest first: how each ended. */
async function callsWith(who: Person, name: string): Promise<string[]> {
    await who.opensChatWith(name);
    const entries = await who.history();
    return entries.map((entry) =>
        entry.replace(/, \d+:\d\d|(?: Verified by chat account.*?)? \d+:\d\d Call back$/gu, ''),
    );
}

/** Waits until the conversation tells of exactly these calls. */
const finds = (who: Person, name: string, calls: string[]): Promise<true> =>
    until(`${who.name} finds ${JSON.stringify(calls)}`, async () => {
        const now = await callsWith(who, name);
        if (JSON.stringify(now) !== JSON.stringify(calls)) throw new Error(JSON.stringify(now));
        return true as const;
    });

/** Carol's chat says that she calls Bob, from a number that costs money, and that she has given up. */
const planted = (from: string): string =>
    announcement({
        to: 'bob@localhost',
        id: `ci-${from}`,
        callId: `planted-${from}`,
        from: 'sip:+19005550100@localhost;user=phone',
        called: 'sip:bob@localhost',
    }) + callEvent('bob@localhost', 'retract', `ci-${from}`);

const isKnownTo = (who: Person, name: string): Promise<boolean> =>
    who.frame
        .locator(`a.open-chat[data-jid="${who.jidOf(name)}"]`)
        .first()
        .isVisible();

/** Several devices, and each of them more than once (ms). */
const LONG = 120_000;

describe('The history of calls', () => {
    story(
        'tells once of a call that was missed while Bob was away, also where no chat is open',
        async (house) => {
            const { alice, bob } = await aliceAndBob(house);
            const [carol, mallory] = await Promise.all([house.peer('carol'), house.peer('mallory')]);
            await alice.opensChatWith('bob');
            await alice.canPress('Call');
            await bob.closesTheTab();
            const misses = async (): Promise<void> => {
                await alice.presses('Call');
                await alice.isTold('Bob is not available');
            };
            await misses();

            // The same browser, from the archive
            const back = await house.enter('bob', { alongside: bob });
            await back.hasUnread('alice', 1);
            await finds(back, 'alice', ['Missed call']);
            await back.reloads();
            await finds(back, 'alice', ['Missed call']);

            // Another one, which was never there: from offline storage and the archive. A stranger's calls are none.
            await back.script((api) => api.user.logout());
            mallory.send(planted(mallory.bareJid));
            await mallory.iq(`<iq type='get' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>`);
            carol.send(planted(carol.bareJid));
            await misses();
            const tablet = await house.enter('bob');
            await tablet.hasUnread('alice', 2);
            await tablet.hasUnread('carol', 1);
            expect(await isKnownTo(tablet, 'mallory')).toBeFalse();
            await finds(tablet, 'carol', ['Missed call']);
            await finds(tablet, 'alice', ['Missed call', 'Missed call']);

            // Calling back dials what Bob knows, not what an announcement said
            await tablet.opensChatWith('alice');
            await tablet.chat().getByRole('button', { name: 'Call back' }).last().click();
            await alice.seesIncomingCallFrom('Bob');
            await alice.isShownAs(BOUND);
            await alice.presses('Decline');
            await tablet.isTold('The call was declined');
            await tablet.opensChatWith('carol');
            await tablet.chat().getByRole('button', { name: 'Call back' }).click();
            await tablet.chat().getByRole('alert').filter({ hasText: 'No address for calls' }).waitFor();
            expect(JSON.stringify(await tablet.sip())).not.toContain('1900');
        },
        LONG,
    );

    for (const xmpp of ['prosody', 'ejabberd'] as const) {
        story(
            `of several devices is the same on each: what one takes or declines is not missed on the others (${xmpp})`,
            async (house) => {
                const { alice, bob } = await aliceAndBob(house);
                const tablet = await house.enter('bob');
                const devices = [bob, tablet];
                await alice.calls('bob');
                // One hears it directly, the other by a carbon
                await Promise.all(devices.map((device) => device.isShown({ name: 'Alice', words: BOUND })));
                await tablet.presses('Decline');
                await alice.isTold('The call was declined');
                await Promise.all(devices.map((device) => device.seesNoCall()));

                await alice.calls('bob');
                await Promise.all(devices.map((device) => device.isShownAs(BOUND)));
                await bob.presses('Answer');
                await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice'), tablet.seesNoCall()]);
                await hangUp(alice, bob);

                for (const device of devices) await device.hasUnread('alice', 0);
                const declined = 'Incoming call: The call was declined';
                const elsewhere = 'Incoming call: Answered on another device';
                await finds(alice, 'bob', ['Outgoing call: The call was declined', 'Outgoing call']);
                await finds(bob, 'alice', [declined, 'Incoming call']);
                await finds(tablet, 'alice', [declined, elsewhere]);
                await tablet.reloads();
                await finds(tablet, 'alice', [declined, elsewhere]);
                // One that comes later knows it from the archive
                const phone = await house.enter('bob');
                await finds(phone, 'alice', [declined, elsewhere]);
                await phone.hasUnread('alice', 0);
            },
            { servers: { xmpp }, patience: LONG },
        );
    }
});
