/** The use cases of draft-veikkolainen-sip-xmpp-coex-reqs in their own words; here A is Alice. */
import { answering, call, callInfo, expectRequest, respond } from '../../servers/index.js';
import { aliceAndBob, connect, hangUp } from './support/calls.js';
import { story } from './support/house.js';
import type { Person } from './support/person.js';
import { says } from './support/wire.js';

const VCARD4 = 'urn:ietf:params:xml:ns:vcard-4.0';

const inCall = (who: Person, text: string) =>
    who.chat().locator('converse-chat-message').filter({ hasText: text }).locator('converse-sip-in-call');

/** A conversation as Converse has it. */
interface Conversation {
    readonly messages: { readonly models: readonly { get(name: string): unknown }[] };
}

const requests = async (who: Person, method: string): Promise<string[]> =>
    (await who.sip()).map(({ text }) => text).filter((text) => text.startsWith(`${method} `));

describe('Off-line (for future use)', () => {
    story(
        'User A knows User B’s XMPP JID. Wants to learn User B’s SIP AoR (or E.164 number) for calling her.',
        async (house) => {
            const carol = await house.peer('carol');
            await carol.publish(
                'urn:xmpp:vcard4',
                `<vcard xmlns='${VCARD4}'><tel><uri>tel:+1-303-555-0199</uri></tel>` +
                    `<impp><uri>sip:carol@localhost</uri></impp></vcard>`,
                { access: 'open' },
            );
            await carol.stop();
            const bob = await house.enter('bob');
            await bob.closesTheTab();

            const alice = await house.enter('alice');
            await alice.opensChatWith('bob');
            await alice.canPress('Call');
            await alice.opensChatWith('carol');
            await alice.canPress('Call');
            await alice.presses('Call');
            // A number is asked about, once, and the person sees what will be dialled
            await alice.frame.getByText('sip:+13035550199@localhost;user=phone').first().waitFor();
            await alice.frame.getByRole('button', { name: 'Cancel', exact: true }).click();
            await alice.seesNoCall();
        },
    );

    story(
        'User A knows User B’s SIP AoR. Wants to learn User B’s XMPP JID for presence subscription or IM conversation.',
        async (house) => {
            const alice = await house.enter('alice');
            const mallory = await house.peer('mallory');
            const device = await house.device(answering({ headers: [callInfo('mallory@localhost')] }), {
                registeredAs: house.servers.user('dave'),
            });
            await alice.opensChatWith('bob');
            await alice.writes('/call sip:dave@localhost');
            await alice.callWith('dave@localhost').waitFor();
            await alice.pressesChat('mallory');
            // Nobody she knows: she is offered to know them from now on
            await alice.chat().getByText('Would you like to add mallory@localhost as a contact?').waitFor();
            await alice.chat().getByRole('button', { name: 'Add', exact: true }).click();
            await alice.frame
                .locator('converse-add-contact-modal')
                .getByRole('button', { name: 'Add', exact: true })
                .click();
            await mallory.waitFor(({ type, from }) => type === 'subscribe' && from === 'alice@localhost');
            await alice.writes('Hello');
            await mallory.waitFor(says('Hello'));
            await alice.presses('Hang up');
            await device.stop();
            await alice.seesNoCall();

            // One who calls and says nothing can be asked, and is asked only then
            const dave = house.servers.user('dave');
            const asked = await house.device(
                {
                    name: 'asked',
                    side: 'server',
                    callId: null,
                    steps: [expectRequest('OPTIONS'), respond('200 OK', [callInfo('carol@localhost')])],
                },
                { registeredAs: dave },
            );
            const caller = await house.device(call({ from: `<${dave.sip}>`, to: 'sip:alice@localhost', user: dave }));
            await alice.isShown({ name: 'dave@localhost', words: 'Not in your contacts' });
            expect(await alice.asksWhy()).toEqual(['None of your contacts has this address.']);
            expect(asked.received).toEqual([]);
            await alice.presses('Ask this address for its chat account');
            await alice.party.getByRole('status').filter({ hasText: 'Says to be carol@localhost' }).waitFor();
            await alice.presses('Write a message');
            await alice.chat('carol').locator('textarea').waitFor();
            await caller.hangUp();
        },
    );
});

describe('On-line (during communication)', () => {
    story(
        'User A is subscribed to User B’s XMPP presence. Wants to see User B’s SIP voice (and video) status (available, on the phone, ...) to determine whether to call.',
        async (house) => {
            const { alice, bob } = await aliceAndBob(house);
            const carol = await house.enter('carol');
            await carol.opensChatWith('bob');
            await carol.canPress('Video call');
            await connect({ alice, bob });
            const heading = carol.chat('bob').locator('converse-chat-heading');
            await heading.getByText('On the phone').first().waitFor();
            await hangUp(alice, bob);
            await heading.getByText('On the phone').first().waitFor({ state: 'detached' });
            await bob.closesTheTab();
        },
    );

    story(
        'User A is having an XMPP IM conversation with User B. At some point wants to add a SIP voice (or video) call in parallel.',
        async (house) => {
            const { alice, bob } = await aliceAndBob(house);
            await alice.opensChatWith('bob');
            await alice.writes('Shall we talk?');
            await bob.opensChatWith('alice');
            await bob.reads('Shall we talk?');
            await bob.writes('Call me');
            await alice.reads('Call me');
            await connect({ alice, bob });
            const thread = await alice.frame.evaluate(async () => {
                const chat = (await window.inside?.api.chats.get('bob@localhost')) as unknown as Conversation;
                return String(chat.messages.models[0]?.get('thread'));
            });
            const [invite = ''] = await requests(alice, 'INVITE');
            expect(invite).toContain(`;thread=${thread}`);
            // To the very device that wrote
            expect(invite).toMatch(/^INVITE sip:bob@localhost;gr=/u);
            await alice.writes('I hear you');
            await bob.reads('I hear you');
            await inCall(bob, 'I hear you').waitFor();
            await hangUp(alice, bob);
        },
    );

    story(
        'User A is having a voice (or video) call with User B. At some point wants to add an XMPP IM conversation in parallel.',
        async (house) => {
            const { alice, bob } = await aliceAndBob(house);
            await connect({ alice, bob });
            await alice.opensChatWith('carol');
            await alice.presses('Chat');
            await alice.chat('bob').locator('textarea').waitFor();
            await alice.opensChatWith('bob');
            await alice.writes('Here is the link');
            await bob.opensChatWith('alice');
            await bob.reads('Here is the link');
            await Promise.all([alice, bob].map((who) => inCall(who, 'Here is the link').waitFor()));
            await bob.writes('Thank you');
            await alice.reads('Thank you');
            await inCall(alice, 'Thank you').waitFor();
            await hangUp(bob, alice);
        },
    );
});
