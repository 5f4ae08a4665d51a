import type { Locator } from 'playwright-core';
import { aliceAndBob } from './support/calls.js';
import { story } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

describe('Addresses', () => {
    /** The addresses in the details of the person whose conversation is open. */
    const details = async (alice: Person): Promise<Locator> => {
        await alice.chat().locator('converse-chat-heading .show-msg-author-modal').first().click();
        const panel = alice.frame.locator('converse-sip-addresses');
        await panel.getByRole('radio').first().waitFor();
        return panel;
    };
    const chosen = (panel: Locator, address: string): Promise<unknown> =>
        until(`${address} is chosen`, () => panel.getByRole('radio', { name: address, checked: true }).count());
    const add = async (panel: Locator, text: string): Promise<void> => {
        await panel.getByLabel('Another address or number').fill(text);
        await panel.getByRole('button', { name: 'Add', exact: true }).click();
    };

    story('of a contact are seen with where they are from, added, chosen, called and removed', async (house) => {
        const { alice } = await aliceAndBob(house);
        await alice.opensChatWith('bob');
        await alice.canPress('Call');
        const panel = await details(alice);
        await panel.getByText('from their availability').waitFor();
        await add(panel, 'Bob, please');
        await panel.getByRole('alert').getByText('This is not an address.').waitFor();
        await add(panel, 'dave@localhost');
        await chosen(panel, 'dave@localhost');
        await panel.getByRole('radio', { name: 'bob@localhost' }).click();
        await chosen(panel, 'bob@localhost');
        await panel.getByRole('radio', { name: 'dave@localhost' }).click();
        await chosen(panel, 'dave@localhost');
        expect(await alice.accessibilityProblems()).toEqual([]);
        await alice.page.keyboard.press('Escape');
        await panel.waitFor({ state: 'detached' });

        await alice.presses('Call');
        const invite = await until('an INVITE to the chosen address', async () =>
            (await alice.sip()).find(({ text }) => text.startsWith('INVITE ')),
        );
        expect(invite.text).toMatch(/^INVITE sip:dave@localhost/u);
        await alice.seesNoCall();

        const again = await details(alice);
        await again.getByRole('button', { name: 'Remove dave@localhost' }).click();
        await again.getByRole('radio', { name: 'dave@localhost' }).waitFor({ state: 'detached' });
        await chosen(again, 'bob@localhost');
    });

    story('and numbers in messages are called after one question that shows what will be dialled', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        await alice.opensChatWith('bob');
        await alice.writes('Call me at +49 30 1234567, or at https://example.org/sip:no');
        await bob.opensChatWith('alice');
        await bob.canPress('Call');
        const number = bob.chat().getByRole('button', { name: '+49 30 1234567', exact: true });
        for (const agrees of [false, true]) {
            await number.click();
            const question = bob.frame.getByRole('dialog').filter({ hasText: 'charges may apply' });
            await question.getByText('Call sip:+49301234567@localhost;user=phone?').waitFor();
            expect(await bob.invites()).toBe(0);
            await question.getByRole('button', { name: agrees ? 'Confirm' : 'Cancel' }).click();
            await question.waitFor({ state: 'detached' });
        }
        await until('the call', async () => (await bob.invites()) > 0);
        expect(await bob.chat().locator('.sip-link').count()).toBe(1);
    });

    story('are of no use while somebody does not want the telephone to ring: a quiet entry is left', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        await bob.presses('Do not ring');
        await bob.frame.getByRole('button', { name: 'Voice & video: does not ring' }).waitFor();
        await alice.calls('bob');
        await alice.findsInHistory(/^Outgoing call: Bob is not available/u);
        expect(await bob.anyCall.count()).toBe(0);
        await bob.opensChatWith('alice');
        await bob.findsInHistory(/^Incoming call: The call was refused/u);
        await bob.presses('Do not ring');
        await bob.frame.getByRole('button', { name: 'Voice & video: ready' }).waitFor();
        await alice.seesNoCall();
        await alice.calls('bob');
        await bob.seesIncomingCallFrom('Alice');
        await bob.presses('Decline');
        await alice.findsInHistory(/^Outgoing call: The call was declined/u);
    });
});
