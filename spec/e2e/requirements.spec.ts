/** REQ-1 to REQ-5 from outside: what another chat client (slixmpp) and another telephone (sipp) get, and what they say. */
import { answering, call, callInfo, findAll, headerOf, statusOf, type Stanza } from '../../servers/index.js';
import { hangUpAlone } from './support/calls.js';
import { story } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';
import {
    acceptance,
    callIdHeader,
    callIdOf,
    chat,
    dialogOf,
    isCallEvent,
    open,
    REACH,
    says,
    SHIM,
    textOf,
} from './support/wire.js';

const ALICE = 'sip:alice@localhost';
const CAROL = 'sip:carol@localhost';
const UUID = String.raw`[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}`;
/** Of a browser on this machine, by the SIP server. */
const GRUU = new RegExp(String.raw`^sip:alice@localhost;gr=urn:uuid:${UUID}$`, 'u');

const isInvite = (message: string): boolean => message.startsWith('INVITE ');
const isAnswer = (message: string): boolean => statusOf(message) === 200;

const media = ({ element }: Stanza): string[] =>
    findAll(element, 'servcaps').flatMap(({ children }) => children.map(({ name, text }) => `${name} ${text}`));

/** The fingerprint in a session description. */
const fingerprintIn = (message: string): string => /^a=fingerprint:sha-256 (\S+)/imu.exec(message)?.[1] ?? 'none';

const fingerprintsIn = (stanza: Stanza, side: 'local' | 'remote'): string[] =>
    findAll(dialogOf(stanza), side).flatMap((each) => findAll(each, 'fingerprint').map(({ text }) => text));

/** The INVITEs that this page has sent, one a call. */
const sentInvites = async (who: Person): Promise<string[]> => {
    const sent = (await who.sip()).filter(({ direction, text }) => direction === 'sent' && isInvite(text));
    return [...new Map(sent.map(({ callId, text }) => [callId, text])).values()];
};

/** The INVITE after so many others. */
const nextInvite = (who: Person, before: number): Promise<string> =>
    until(`${who.name} calls`, async () => (await sentInvites(who))[before]);

/** Calls somebody who is not there. @returns the Call-Info of the INVITE */
async function callInfoTo(who: Person, target: string): Promise<string | null> {
    const before = await sentInvites(who);
    await who.frame.evaluate((address) => void window.inside?.api.sip?.call(address), target);
    const invite = await nextInvite(who, before.length);
    await until(`${who.name}'s call is over`, async () => (await who.lastCall()).state.name === 'ended');
    return headerOf(invite, 'Call-Info');
}

describe('What another chat client and another telephone see', () => {
    story(
        'REQ-1: the address of this very device in the first message of a conversation, and not again until something is new',
        async (house) => {
            const carol = await house.peer('carol');
            const [alice, laptop, tablet] = await Promise.all(['alice', 'bob', 'bob'].map((name) => house.enter(name)));
            await alice!.opensChatWith('carol');
            const sends = async (text: string): Promise<Stanza> => {
                await alice!.writes(text);
                return carol.waitFor(says(text));
            };
            const first = await sends('one');
            expect(first.reach.length).toBe(1);
            expect(first.reach[0]).toMatch(GRUU);
            expect(media(first)).toEqual(['audio true', 'video true']);
            const thread = textOf(first, 'thread') ?? '';
            expect(thread).toMatch(new RegExp(`^${UUID}$`, 'u'));
            const second = await sends('two');
            expect(second.reach).toEqual([]);
            expect(textOf(second, 'thread')).toBe(thread);

            // Carol begins another one
            carol.send(chat('alice@localhost', 'about something else', { thread: 'hers' }));
            await alice!.reads('about something else');
            const third = await sends('three');
            expect(textOf(third, 'thread')).toBe('hers');
            expect(third.reach).toEqual(first.reach);
            expect((await sends('four')).reach).toEqual([]);

            // A call goes to the device that wrote, though Bob has two
            await tablet!.opensChatWith('alice');
            await tablet!.writes('from the tablet');
            await alice!.opensChatWith('bob');
            await alice!.reads('from the tablet');
            await alice!.calls('bob');
            await tablet!.seesIncomingCallFrom('Alice');
            expect(await nextInvite(alice!, 0)).toMatch(/^INVITE sip:bob@localhost;gr=/u);
            expect(await laptop!.invites()).toBe(0);
            await tablet!.presses('Decline');
            await alice!.isTold('The call was declined');
        },
    );

    story(
        'REQ-2, REQ-3, REQ-4: in a call out, who calls, in which conversation, announced by chat; and the answer counts',
        async (house) => {
            const alice = await house.enter('alice');
            const carol = await house.peer('carol');
            const device = await house.device(
                answering({ headers: [callInfo('carol@localhost', 'slixmpp', { thread: 'hers' })] }),
                { registeredAs: house.servers.user('carol') },
            );
            carol.presence(open(CAROL));
            carol.send(chat('alice@localhost', 'call me', { thread: 'hers' }));
            await alice.opensChatWith('carol');
            await alice.reads('call me');
            await alice.calls('carol');

            const invite = await device.waitFor(isInvite);
            const callId = headerOf(invite, 'Call-ID') ?? '';
            const announced = await carol.waitFor(isCallEvent('invite'));
            const [self] = carol.received.filter(({ from }) => from.startsWith('alice@localhost/'));
            expect(headerOf(invite, 'Call-Info')).toBe(
                `<xmpp:alice@localhost>;purpose=impp, <xmpp:${self?.from ?? ''}?message;thread=hers;id=${announced.id}>;purpose=impp`,
            );
            expect(announced.id).toMatch(new RegExp(`^ci-${UUID}$`, 'u'));
            expect(textOf(announced, 'thread')).toBe('hers');
            expect(textOf(announced, 'body')).toBeNull();
            expect(findAll(announced.element, 'store', 'urn:xmpp:hints').length).toBe(1);
            expect(dialogOf(announced).attributes).toEqual({
                id: announced.id,
                'call-id': callId,
                direction: 'initiator',
            });
            expect(fingerprintsIn(announced, 'local')).toEqual([fingerprintIn(invite)]);
            expect(announced.xml).not.toMatch(/-tag|from-tag|to-tag/u);

            // Her answer says so, too; and then what is written belongs to the call
            const theirs = fingerprintIn(device.sent.find(isAnswer) ?? '');
            await alice.isSure('listed');
            carol.send(
                acceptance({
                    to: self?.from ?? '',
                    id: announced.id,
                    callId,
                    from: CAROL,
                    called: ALICE,
                    fingerprint: theirs,
                }),
            );
            await alice.isSure('announced');
            await alice.writes('here it is');
            const message = await carol.waitFor(says('here it is'));
            expect(callIdOf(message)).toBe(callId);
            expect(findAll(message.element, 'header', SHIM).length).toBe(1);
            await alice.writes('and this');
            expect(callIdOf(await carol.waitFor(says('and this')))).toBeNull();
            carol.send(chat('alice@localhost', 'thank you', { thread: 'other', more: callIdHeader(callId) }));
            await alice.seesInTheCall('thank you');
            await hangUpAlone(alice);
            const left = await carol.waitFor(isCallEvent('left'));
            expect(left.to).toBe(carol.jid);
        },
    );

    story(
        'REQ-2, REQ-3: in a call in, the same conversation back, once it is answered and no sooner; a stranger learns less',
        async (house) => {
            const alice = await house.enter('alice');
            const carol = await house.peer('carol');
            carol.presence(open(CAROL));
            const thread = { thread: 'hers', id: 'ci-1' };
            const device = await house.device(
                call({
                    from: `<${CAROL}>`,
                    to: ALICE,
                    user: house.servers.user('carol'),
                    headers: [callInfo('carol@localhost', 'slixmpp', thread)],
                }),
            );
            await alice.seesIncomingCallFrom('Carol');
            const ringing = await device.waitFor((message) => statusOf(message) === 180);
            expect(ringing).not.toContain('xmpp:');
            await alice.presses('Answer');
            // It goes on in that conversation
            await alice.chat('carol').locator('textarea').waitFor();
            expect(headerOf(await device.waitFor(isAnswer), 'Call-Info')).toMatch(
                /^<xmpp:alice@localhost>;purpose=impp, <xmpp:alice@localhost\/[^?]+\?message;thread=hers>;purpose=impp$/u,
            );
            await device.hangUp();
            await alice.isTold('Call ended');

            // A stranger who names her: the bare JID, and no conversation of hers
            const stranger = await house.device(
                call({
                    from: '<sip:mallory@elsewhere.example>',
                    to: ALICE,
                    headers: [callInfo('carol@localhost', 'slixmpp', thread)],
                }),
            );
            await alice.isShownAs('Says to be carol@localhost. Not verified');
            await alice.presses('Answer');
            expect(headerOf(await stranger.waitFor(isAnswer), 'Call-Info')).toBe('<xmpp:alice@localhost>;purpose=impp');
            await stranger.hangUp();
            await alice.isTold('Call ended');
            // One who hides
            const hidden = await house.device(
                call({
                    from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
                    to: ALICE,
                    headers: ['Privacy: id'],
                }),
            );
            await alice.presses('Answer');
            expect(headerOf(await hidden.waitFor(isAnswer), 'Call-Info')).toBeNull();
            await hidden.hangUp();
            await alice.isTold('Call ended');
        },
    );

    story(
        'REQ-3: the JID goes to whom the site allows, the device only to contacts, and nothing to a number',
        async (house) => {
            const carol = await house.peer('carol');
            carol.presence(open(CAROL));
            const withSetting = (sip_send_jid: string): Promise<Person> =>
                house.enter('alice', { settings: { sip_send_jid } });
            const people = await Promise.all(['always', 'contacts', 'never'].map(withSetting));
            const full = /^<xmpp:alice@localhost>;purpose=impp, <xmpp:alice@localhost\/[^?]+\?message;thread=/u;
            const told = await Promise.all(
                people.map(async (alice) => [
                    await callInfoTo(alice, 'carol@localhost'),
                    await callInfoTo(alice, 'sip:dave@localhost'),
                ]),
            );
            expect(told).toEqual([
                [jasmine.stringMatching(full), '<xmpp:alice@localhost>;purpose=impp'],
                [jasmine.stringMatching(full), null],
                [null, null],
            ]);
            const [alice] = people;
            await alice!.opensChatWith('carol');
            await alice!.writes('/call +1 303 555 0199');
            await alice!.frame.getByText('This is a telephone number: charges may apply.').waitFor();
            await alice!.frame.getByRole('button', { name: 'Confirm', exact: true }).click();
            const invite = await nextInvite(alice!, 2);
            expect(invite).toMatch(/^INVITE sip:\+13035550199@localhost;user=phone /u);
            expect(invite).not.toContain('xmpp:');
            const published = await carol.items('alice@localhost', REACH);
            expect(
                published.flatMap((item) => findAll(item, 'addr')).map(({ attributes }) => attributes['uri']),
            ).toEqual(['sip:alice@localhost']);
        },
    );
});
