import { aliceAndBob, hangUp } from './support/calls.js';
import { story, type Entrance } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

/** Moves the focus with Tab until it is on the control with that accessible name. */
async function tabsTo(person: Person, name: string): Promise<void> {
    const wanted = person.button(name).first();
    for (let presses = 0; presses < 80; presses++) {
        if (await wanted.evaluate((element) => element === document.activeElement).catch(() => false)) return;
        await person.page.keyboard.press('Tab');
    }
    throw new Error(`${person.name} cannot reach ${name} with the keyboard`);
}

/** What has the focus, by its accessible name or its kind. */
const focused = (person: Person): Promise<string> =>
    person.frame.evaluate(() => {
        const element = document.activeElement;
        return element?.getAttribute('aria-label') ?? element?.localName ?? '';
    });

const hasFocus = (person: Person, what: string): Promise<true> =>
    until(`${person.name}'s focus is on: ${what}`, async () => {
        const now = await focused(person);
        if (now !== what) throw new Error(now);
        return true as const;
    });

async function isAccessible(person: Person, state: string): Promise<void> {
    const problems = await person.accessibilityProblems();
    expect(problems).withContext(state).toEqual([]);
}

describe('With the keyboard alone', () => {
    story('a call is placed, answered, muted and hung up; the focus returns; Escape never hangs up', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        await bob.opensChatWith('alice');
        await bob.chat().locator('textarea').focus();
        await alice.opensChatWith('bob');
        await alice.canPress('Call');
        await tabsTo(alice, 'Call');
        await alice.page.keyboard.press('Enter');

        await bob.seesIncomingCallFrom('Alice');
        await hasFocus(bob, 'Incoming call from Alice');
        await bob.page.keyboard.press('Escape');
        await bob.page.keyboard.press('Enter');
        await alice.isTold('Ringing…');
        await bob.seesIncomingCallFrom('Alice');
        await tabsTo(bob, 'Answer');
        await bob.page.keyboard.press('Enter');
        await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);

        await tabsTo(bob, 'Mute');
        await bob.page.keyboard.press('Space');
        await bob.hasPressed('Mute', true);
        await alice.hearsSilence();
        await tabsTo(bob, 'Keypad');
        await bob.page.keyboard.press('Enter');
        await bob.page.keyboard.press('7');
        await bob.page.keyboard.press('Escape');
        await bob.page.keyboard.press('Escape');
        await alice.page.keyboard.press('Escape');
        await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);

        await tabsTo(bob, 'Hang up');
        await bob.page.keyboard.press('Enter');
        await Promise.all([alice.isTold('Call ended'), bob.isTold('Call ended')]);
        await until('the call goes', async () => (await bob.anyCall.count()) === 0);
        await hasFocus(bob, 'textarea');
    });

    story('a half-typed message keeps the focus, and a key leads to the call and back', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        await bob.opensChatWith('alice');
        await bob.chat().locator('textarea').pressSequentially('Half a mess');
        await alice.calls('bob');
        await bob.seesIncomingCallFrom('Alice');
        await bob.page.keyboard.type('age');
        expect(await bob.chat().locator('textarea').inputValue()).toBe('Half a message');
        await bob
            .incoming('Alice')
            .getByText(/Press F8/)
            .waitFor();
        await bob.page.keyboard.press('F8');
        await hasFocus(bob, 'Incoming call from Alice');
        await tabsTo(bob, 'Decline');
        await bob.page.keyboard.press('Enter');
        await alice.isTold('The call was declined');
        await hasFocus(bob, 'textarea');
    });
});

describe('The WCAG 2.2 AA rules find nothing wrong', () => {
    story('in any state of a call, in the settings and in the chat', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        await isAccessible(alice, 'roster');
        await alice.opensChatWith('carol');
        await alice.cannotPress('Call', /./);
        await isAccessible(alice, 'heading without address');
        await alice.calls('bob', 'Video call');
        await bob.seesIncomingCallFrom('Alice');
        await alice.isTold('Ringing…');
        await Promise.all([isAccessible(bob, 'incoming'), isAccessible(alice, 'ringing')]);
        await bob.presses('Answer with video');
        await Promise.all([alice.sees(), bob.sees()]);
        await isAccessible(alice, 'in call, stage');
        await alice.presses('Keypad');
        await isAccessible(alice, 'keypad');
        await alice.presses('Keypad');
        await bob.presses('Smaller');
        await isAccessible(bob, 'card');
        await bob.shrinksTheCall();
        await bob.opensChatWith('alice');
        await isAccessible(bob, 'bar and banner');
        await bob.opensSettings();
        await bob.screenshot('settings-in-call');
        await isAccessible(bob, 'settings');
        await bob.closesSettings();
        await alice.presses('Hold');
        await bob.isTold('On hold');
        await isAccessible(alice, 'held');
        await alice.presses('Hang up');
        await Promise.all([alice.isTold('Call ended'), bob.isTold('Call ended')]);
        await Promise.all([isAccessible(alice, 'ended'), isAccessible(bob, 'ended and history')]);
    });

    story('in the other themes', async (house) => {
        const themed = (theme: string): Entrance => ({ settings: { theme, dark_theme: theme } });
        const [alice, bob, carol] = await Promise.all([
            house.enter('alice', themed('dracula')),
            house.enter('bob', themed('cyberpunk')),
            house.enter('carol', themed('nordic')),
        ]);
        for (const [caller, callee, from, to] of [
            [alice, bob, 'Alice', 'Bob'],
            [carol, alice, 'Carol', 'Alice'],
            [bob, carol, 'Bob', 'Carol'],
        ] as const) {
            await caller.calls(callee.name);
            await callee.seesIncomingCallFrom(from);
            await Promise.all([isAccessible(callee, 'incoming'), isAccessible(caller, 'ringing')]);
            await callee.presses('Answer');
            await Promise.all([caller.isInCallWith(to), callee.isInCallWith(from)]);
            await isAccessible(caller, 'in call');
            await caller.screenshot(`in-call-of-${caller.name}`);
            await hangUp(callee, caller);
            await caller.findsInHistory(/^Outgoing call/);
            await isAccessible(caller, 'history');
        }
    });
});
