import { aliceAndBob, hangUp, inACall } from './support/calls.js';
import { story } from './support/house.js';
import { until } from './support/until.js';

const NO_ADDRESS = 'No address for calls is known for this contact.';

describe('Call and Video call in the heading of a chat', () => {
    story(
        'say why they cannot be pressed until the address is known, and work within a second of it',
        async (house) => {
            const alice = await house.enter('alice');
            await alice.opensChatWith('bob');
            await alice.cannotPress('Call', NO_ADDRESS);
            await alice.cannotPress('Video call', NO_ADDRESS);
            await alice.button('Call').press('Enter');
            await alice.chat().getByRole('status').filter({ hasText: NO_ADDRESS }).waitFor();
            await alice.screenshot('heading-disabled');

            // In the page, because only there the time of the arrival can be compared with that of the change
            const delay = alice.frame.evaluate(async () => {
                const chat = document.querySelector('converse-chat[jid^="bob@"]');
                for (;;) {
                    await new Promise(requestAnimationFrame);
                    const button = chat?.querySelector('converse-sip-heading button[aria-label="Call"]');
                    if (button && button.getAttribute('aria-disabled') !== 'true') break;
                }
                const arrival = recorded.addresses.find(({ uri }) => uri.startsWith('sip:bob@'));
                return performance.now() - (arrival?.at ?? -Infinity);
            });
            const bob = await house.enter('bob');
            expect(await delay).toBeLessThan(1000);
            await alice.canPress('Video call');

            await bob.opensSettings();
            await bob.settings.getByLabel('Tell my contacts that I can be called').uncheck();
            await alice.cannotPress('Call', NO_ADDRESS);
            await bob.settings.getByLabel('Tell my contacts that I can be called').check();
            await alice.canPress('Call');
        },
    );

    story('know an address that was published while nobody looked, and one from the phone book', async (house) => {
        const bob = await house.enter('bob');
        await until('the address is published', () => bob.frame.evaluate(() => recorded.addresses.length > 0));
        await bob.closesTheTab();
        const carol = { jid: 'carol@localhost', sip: 'sip:carol@localhost', name: 'Carol' };
        const alice = await house.enter('alice', { settings: { sip_phonebook: [carol] } });
        await alice.opensChatWith('bob');
        await alice.canPress('Call');
        await alice.opensChatWith('carol');
        await alice.canPress('Call');
    });

    story('cannot be pressed during a call', async (house) => {
        const { alice, bob } = await inACall(house);
        await alice.cannotPress('Call', 'You are in a call.');
        await bob.opensChatWith('alice');
        await bob.cannotPress('Video call', 'You are in a call.');
        await hangUp(alice, bob);
        await alice.canPress('Call');
        await bob.canPress('Video call');
    });

    story('have a twin in the toolbar of Converse where the site shows it', async (house) => {
        const settings = { visible_toolbar_buttons: { call: true, emoji: true, send: true } };
        const alice = await house.enter('alice', { settings });
        await alice.opensChatWith('bob');
        const start = alice.chat().locator('button.toggle-call');
        await start.click();
        await alice.frame.getByText(NO_ADDRESS).filter({ visible: true }).first().waitFor();
        const bob = await house.enter('bob');
        await alice.canPress('Call');
        await start.click();
        await bob.seesIncomingCallFrom('Alice');
        await bob.presses('Decline');
        await alice.isTold('The call was declined');
    });

    story('are joined by the roster, which shows who is on the phone', async (house) => {
        const [carol, { alice, bob }] = await Promise.all([house.enter('carol'), aliceAndBob(house)]);
        await alice.calls('bob');
        await bob.seesIncomingCallFrom('Alice');
        await bob.presses('Answer');
        await bob.isInCallWith('Alice');
        const badge = carol.frame.locator('a.open-chat[data-jid="bob@localhost"]').locator('xpath=ancestor::*[1]');
        await badge.getByRole('img', { name: 'On the phone' }).waitFor();
        await hangUp(bob, alice);
        await badge.getByRole('img', { name: 'On the phone' }).waitFor({ state: 'detached' });
    });
});
