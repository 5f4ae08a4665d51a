/** Calls and conversations find each other: by proxies and B2BUAs, in any order, with other clients and with devices of SIP. */
import { answering, call, callInfo, headerOf, statusOf, type XmppPeer } from '../../servers/index.js';
import { aliceAndBob, hangUp, type Two } from './support/calls.js';
import { story, type House } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';
import {
    announcement,
    callIdHeader,
    callIdOf,
    chat,
    dialogOf,
    isCallEvent,
    open,
    says,
    textOf,
} from './support/wire.js';

const ALICE = 'sip:alice@localhost';
const CAROL = 'sip:carol@localhost';
const VERIFIED = 'Verified by chat account';
const BOUND = `${VERIFIED}, media end to end`;

const writeToEachOther = async ({ alice, bob }: Two): Promise<void> => {
    await alice.writes('in this call');
    await bob.opensChatWith('alice');
    await bob.reads('in this call');
    await bob.writes('yes');
    for (const who of [alice, bob]) for (const text of ['in this call', 'yes']) await who.seesInTheCall(text);
};

/** The conversation of a call, once it is known. */
const threadOf = (who: Person): Promise<string> =>
    until(`${who.name}'s call has a conversation`, async () => (await who.lastCall()).thread);

/** Carol with a SIP telephone of her own and another chat client. */
async function carolCalls(house: House, carol: XmppPeer, callId: string, headers: string[] = []) {
    carol.presence(open(CAROL));
    return house.device(call({ from: `<${CAROL}>`, to: ALICE, callId, headers, user: house.servers.user('carol') }));
}

describe('Calls and conversations find each other', () => {
    story(
        'through a B2BUA that changes the Call-ID: the call is verified, and what is written belongs to it',
        async (house) => {
            const two = await aliceAndBob(house);
            const { alice, bob } = two;
            await alice.opensChatWith('bob');
            await alice.writes('before the call');
            await alice.calls('bob');
            await bob.isShown({ name: 'Alice', words: BOUND });
            await bob.presses('Answer');
            await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
            await Promise.all([alice.isSure('media-bound'), bob.isSure('media-bound')]);
            const [hers, his] = await Promise.all([alice.lastCall(), bob.lastCall()]);
            expect(hers.thread).toBeTruthy();
            expect(his.thread).toBe(hers.thread);
            // Each side has its own, and knows the other's from chat
            expect(hers.sipCallIds.length).toBe(2);
            expect([...his.sipCallIds].sort()).toEqual([...hers.sipCallIds].sort());
            await writeToEachOther(two);
            await hangUp(bob, alice);
        },
        { servers: { masksCallIds: true } },
    );

    story(
        'through one that drops Call-Info, too: by the addresses, and then nobody is more than the contact who has the address',
        async (house) => {
            const two = await aliceAndBob(house);
            const { alice, bob } = two;
            await alice.opensChatWith('bob');
            await alice.writes('before the call');
            await alice.calls('bob');
            await bob.isShown({ name: 'Alice', mark: 'none', words: '' });
            await bob.isSure('listed');
            expect(await threadOf(bob)).toBe(await threadOf(alice));
            await bob.presses('Answer');
            await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
            await writeToEachOther(two);
            // Her chat did announce a call like this one: there is no reason to doubt it, also when a confirmation would be late
            await bob.anyCall
                .getByRole('timer')
                .filter({ hasText: /0:0[4-9]/u })
                .waitFor();
            await bob.isShown({ name: 'Alice', mark: 'none', words: '' });
            await hangUp(alice, bob);
        },
        { servers: { masksCallIds: true, dropsCallInfo: true } },
    );

    story('whatever comes first: announcement, call or message', async (house) => {
        const alice = await house.enter('alice');
        const carol = await house.peer('carol');
        const parties = { to: 'alice@localhost', from: CAROL, called: ALICE };

        // The announcement
        carol.send(announcement({ ...parties, id: 'ci-1', callId: 'first', thread: 'thread-1' }));
        let device = await carolCalls(house, carol, 'first');
        await alice.seesIncomingCallFrom('Carol');
        await alice.isShown({ name: 'Carol', words: VERIFIED, mark: 'shield' });
        expect(await threadOf(alice)).toBe('thread-1');
        await device.hangUp();
        await alice.seesNoCall();

        // The call; a B2BUA has changed its Call-ID
        device = await carolCalls(house, carol, 'second', [
            callInfo('carol@localhost', 'slixmpp', { thread: 'thread-2', id: 'ci-2' }),
        ]);
        await alice.seesIncomingCallFrom('Carol');
        await alice.isShown({ name: 'Carol', words: '', mark: 'none' });
        carol.send(announcement({ ...parties, id: 'ci-2', callId: 'as-carol-sees-it', thread: 'thread-2' }));
        await alice.isShownAs(VERIFIED);
        await alice.presses('Answer');
        const accept = await carol.waitFor(isCallEvent('accept'));
        expect(accept.to).toBe(carol.jid);
        expect(dialogOf(accept).attributes).toEqual(
            jasmine.objectContaining({ id: 'ci-2', 'call-id': 'second', direction: 'recipient' }),
        );
        const answer = await device.waitFor((message) => statusOf(message) === 200);
        expect(headerOf(answer, 'Call-Info')).toContain(';thread=thread-2>');

        // Messages, by either Call-ID, and by the thread
        await alice.opensChatWith('carol');
        const about = (callId: string) => ({ thread: 'of-its-own', more: callIdHeader(callId) });
        carol.send(chat('alice@localhost', 'about another call', { thread: 'x', more: callIdHeader('guessed') }));
        carol.send(chat('alice@localhost', 'with her Call-ID', about('as-carol-sees-it')));
        carol.send(chat('alice@localhost', 'in the same thread', { thread: 'of-its-own' }));
        await alice.seesInTheCall('with her Call-ID');
        await alice.seesInTheCall('in the same thread');
        await alice.seesOutsideOfCalls('about another call');
        await alice.writes('here');
        await alice.seesInTheCall('here');
        const written = await carol.waitFor(says('here'));
        expect(callIdOf(written)).toBe('second');
        expect(textOf(written, 'thread')).toBe('of-its-own');
        await alice.writes('and here');
        expect(callIdOf(await carol.waitFor(says('and here')))).toBeNull();
        await device.hangUp();
        await alice.seesNoCall();

        // A call that begins by itself, in the middle of a conversation
        device = await carolCalls(house, carol, 'third', [callInfo('carol@localhost')]);
        await alice.seesIncomingCallFrom('Carol');
        await alice.presses('Answer');
        await device.waitFor((message) => statusOf(message) === 200);
        await alice.writes('back to this');
        expect(callIdOf(await carol.waitFor(says('back to this')))).toBe('third');
        await alice.seesInTheCall('back to this');
        await device.hangUp();
        await alice.isTold('Call ended');
    });

    story('of a SIP phone that says only who it is, with Chat: a claim, to whom one can write', async (house) => {
        const alice = await house.enter('alice');
        const carol = await house.peer('carol');
        const device = await house.device(
            call({
                from: '"Carol" <sip:carol@elsewhere.example>',
                to: ALICE,
                callId: 'claimed',
                headers: ['Call-Info: <xmpp:carol@localhost>;purpose=impp'],
            }),
        );
        const shown = {
            name: 'carol@elsewhere.example',
            words: 'Says to be carol@localhost. Not verified',
            claim: 'Calls itself “Carol”',
            mark: 'claim',
            avatar: false,
        };
        await alice.seesIncomingCallFrom('carol@elsewhere.example');
        await alice.isShown(shown);
        await alice.presses('Answer');
        await device.waitFor((message) => statusOf(message) === 200);
        await alice.isShown(shown);
        expect(await alice.asksWhy()).toEqual(['The other side names carol@localhost. Anybody can do that.']);
        await alice.pressesChat('carol');
        await alice.writes('Is that you?');
        const asked = await carol.waitFor(says('Is that you?'));
        expect(asked.from).toMatch(/^alice@localhost\//u);
        expect(callIdOf(asked)).toBe('claimed');
        // She says yes, with what older clients write; that proves nothing
        carol.send(
            chat('alice@localhost', 'yes', {
                more: `<sip-correlation xmlns='urn:xmpp:sip-correlation' value='claimed'/>`,
            }),
        );
        await alice.seesInTheCall('yes');
        await alice.isShown(shown);
        await device.hangUp();
        await alice.isTold('Call ended');
    });

    story(
        'by what older clients say, and by the headers that a site adds where Call-Info is dropped',
        async (house) => {
            const sip_correlation_headers = ['X-XMPP-Contact', 'X-XMPP-Thread'];
            const alice = await house.enter('alice', { settings: { sip_correlation_headers } });
            const carol = await house.peer('carol');
            const older = await house.device(answering({ headers: ['XMPP-Thread: hers'] }), {
                registeredAs: house.servers.user('carol'),
            });
            const more = `<sip-contact xmlns='urn:xmpp:sip-contact' target='&lt;${CAROL}&gt;;audio;video'/>`;
            carol.send(chat('alice@localhost', 'call me', { thread: 'hers', more }));
            await alice.opensChatWith('carol');
            await alice.reads('call me');
            await alice.calls('carol');
            const said = (message: string) =>
                ['Call-Info', ...sip_correlation_headers].map((name) => headerOf(message, name));
            const invite = await older.waitFor((message) => message.startsWith('INVITE '));
            expect(said(invite)).toEqual([null, 'alice@localhost', 'hers']);
            await older.waitFor((message) => message.startsWith('ACK '));
            await alice.presses('Hang up');
            await alice.seesNoCall();

            const stranger = await house.device(
                call({
                    from: '<sip:x@elsewhere.example>',
                    to: ALICE,
                    headers: ['XMPP-Contact: <xmpp:carol@localhost>;CORR', 'XMPP-Thread: hers'],
                }),
            );
            await alice.isShown({ name: 'x@elsewhere.example', words: 'Says to be carol@localhost. Not verified' });
            await alice.presses('Answer');
            const answer = await stranger.waitFor((message) => statusOf(message) === 200);
            expect(said(answer)).toEqual([null, 'alice@localhost', null]);
            await stranger.hangUp();
            await alice.isTold('Call ended');
        },
        { servers: { dropsCallInfo: true } },
    );
});
