/** What attackers try without a call that anybody takes: to ring, to be called back, to find out (PROTOCOL.md 8.9; 8.12, vector 13). */
import { answering, call, callInfo, findAll, headerOf, request, statusOf, type XmppPeer } from '../../servers/index.js';
import {
    ALICE,
    events,
    forge,
    invite,
    isRefused,
    knows,
    listen,
    question,
    reach,
    retract,
    says,
    toAlice,
} from './support/attackers.js';
import { hangUpAlone } from './support/calls.js';
import { story } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

const TRUE = '"Bob" <sip:bob@localhost>';
const REACH = 'urn:xmpp:reach:0';
const ACTIVITY = 'http://jabber.org/protocol/activity';
const CAROL = 'sip:carol@localhost';

/** What Converse has for scripts, as far as it is used here. */
interface Blocking {
    readonly blocklist: { add(jid: string): Promise<unknown> };
    ping(): Promise<unknown>;
}

/** Everything that this page has sent so far has come to its server. */
const isHeard = (who: Person) => who.script((api) => (api as unknown as Blocking).ping());

/** Whom this page called, by Call-ID: an INVITE that is challenged goes out again. */
const invitesOf = async (who: Person) =>
    new Map(
        (await who.sip())
            .filter(({ direction, text }) => direction === 'sent' && text.startsWith('INVITE '))
            .map(({ text, callId }) => [callId, text.split('\r\n', 1)[0] ?? '']),
    );

/** Calls of that contact in the history. */
async function historyWith(who: Person, name: string, count: number): Promise<string[]> {
    await who.opensChatWith(name);
    return until(`${who.name} has ${String(count)} calls with ${name}`, async () => {
        const entries = await who.history();
        if (entries.length !== count) throw new Error(entries.join('; '));
        return entries;
    });
}

describe('Attackers who are not let in', () => {
    story('hear 480 and learn nothing, by sip_accept_from or because they are blocked', async (house) => {
        const [alice, carol] = await Promise.all([
            house.enter('alice', { settings: { sip_accept_from: 'contacts' } }),
            house.enter('carol', { settings: { sip_accept_from: 'verified' } }),
        ]);
        const page = await listen(alice);
        const [bob, mallory] = await Promise.all([house.peer('bob'), house.peer('mallory')]);
        bob.presence(reach('sip:bob@localhost'));
        await Promise.all([alice, carol].map((who) => knows(who, bob.bareJid, 'sip:bob@localhost')));
        const silent = async (who: Person, peer: XmppPeer) => {
            await isHeard(who);
            await peer.iq(`<iq type='get' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>`);
            expect(events(peer)).toEqual([]);
        };

        // Contacts: not who says to be one, nor a stranger whom chat confirms
        const headers = [callInfo('bob@localhost', 'slixmpp', { id: 'ci-1' })];
        await isRefused(await forge(house, { from: '"Bob" <sip:bob@forger.example>', headers }), 480);
        await says(mallory, page, toAlice(invite({ callId: 'own', address: 'sip:mallory@localhost' })));
        await isRefused(await forge(house, { from: '<sip:mallory@localhost>', callId: 'own' }), 480);
        const known = await forge(house, { from: TRUE });
        await alice.isShown({ name: 'Bob' });
        await known.hangUp();
        await alice.seesNoCall();
        await Promise.all([silent(alice, mallory), silent(alice, bob)]);
        await historyWith(alice, 'bob', 1);

        // Verified: not even an address of Bob's; a quiet entry is left
        await isRefused(await forge(house, { from: TRUE, to: CAROL }), 480);
        await carol.seesNoCall();
        const [entry] = await historyWith(carol, 'bob', 1);
        expect(entry).not.toContain('Missed');
        bob.send(`<message to='carol@localhost' type='chat'>${invite({ callId: 'good' })}</message>`);
        const good = await forge(house, { from: TRUE, to: CAROL, callId: 'good' });
        await carol.isShown({ name: 'Bob', words: 'Verified by chat account' });
        await good.hangUp();
        await carol.seesNoCall();
        await silent(carol, bob);

        // Blocked: nothing is left
        await alice.script((api) => (api as unknown as Blocking).blocklist.add('bob@localhost'));
        await until('Bob is blocked', async () =>
            (await alice.script((api) => JSON.stringify(api.sip?.lookup('bob@localhost')))).includes('"addresses":[]'),
        );
        await isRefused(await forge(house, { from: TRUE, headers }), 480);
        await alice.seesNoCall();
        await silent(alice, bob);
        expect((await alice.history()).length).toBe(1);
        // All that is left of any of them: those who are no contacts, who were refused
        await alice.opensSettings();
        const left = await alice.settings.getByRole('listitem').filter({ hasText: '@' }).allInnerTexts();
        expect(left.map((each) => each.trim().split(/\s/u, 1)[0])).toEqual(['mallory@localhost', 'bob@forger.example']);
        await alice.closesSettings();
    });

    story('cannot plant a missed call, nor have another number called back', async (house) => {
        const [bob, carol, mallory] = await Promise.all(['bob', 'carol', 'mallory'].map((name) => house.peer(name)));
        for (const [index, peer] of [bob, carol, mallory].entries()) {
            const callId = `planted-${String(index)}`;
            peer!.send(toAlice(invite({ callId, address: 'sip:+1900@premium.example' })));
            peer!.send(toAlice(retract(callId)));
        }
        bob!.presence(reach('sip:dave@localhost'));
        carol!.presence(reach('tel:+1-303-555-0199'));
        const dave = await house.device(answering(), { registeredAs: house.servers.user('dave') });
        const alice = await house.enter('alice');
        // Vector 13: of contacts one each, of the stranger none
        const [entry] = await historyWith(alice, 'bob', 1);
        expect(entry).toMatch(/^Missed call/u);
        await knows(alice, bob!.bareJid, 'sip:dave@localhost');
        await alice.presses('Call back');
        await dave.waitFor((message) => message.startsWith('INVITE '));
        expect([...(await invitesOf(alice)).values()]).toEqual(['INVITE sip:dave@localhost SIP/2.0']);
        await hangUpAlone(alice);
        await historyWith(alice, 'carol', 1);
        await alice.presses('Call back');
        await alice.frame.getByText('sip:+13035550199@localhost;user=phone').first().waitFor();
        await alice.frame.getByRole('button', { name: 'Cancel', exact: true }).click();
        expect((await invitesOf(alice)).size).toBe(1);
        expect(await alice.frame.locator('[data-jid="mallory@localhost"], [jid="mallory@localhost"]').count()).toBe(0);

        // A stranger's number, and one of emergency: called back only after a question, whatever it looks like
        for (const number of ['+1900', '112']) {
            const caller = await forge(house, { from: `"Bob" <sip:${number}@localhost>` });
            await alice.seesIncomingCallFrom(`${number}@localhost`);
            await caller.hangUp();
            await alice.seesNoCall();
            await alice.opensSettings();
            const missed = alice.settings.getByRole('listitem').filter({ hasText: `${number}@localhost` });
            await missed.getByRole('button', { name: 'Call back' }).click();
            await alice.frame.getByText('You did not enter this address yourself.').waitFor();
            await alice.frame.getByRole('button', { name: 'Cancel', exact: true }).click();
            await alice.closesSettings();
        }
        expect((await invitesOf(alice)).size).toBe(1);
    });

    story('find out nothing about a call, nor who it is that they call', async (house) => {
        const alice = await house.enter('alice');
        const [bob, carol, mallory] = await Promise.all(['bob', 'carol', 'mallory'].map((name) => house.peer(name)));
        bob!.presence(reach('sip:dave@localhost'));
        await knows(alice, bob!.bareJid, 'sip:dave@localhost');
        const dave = await house.device(answering(), { registeredAs: house.servers.user('dave') });

        // Who only rings gets no JID, and who looks for what is published gets nothing
        const ringing = await house.device(call({ from: '<sip:mallory@forger.example>', to: ALICE }));
        await ringing.waitFor((message) => statusOf(message) === 180);
        await ringing.hangUp();
        expect(ringing.received.join()).not.toContain('xmpp:');
        await alice.seesNoCall();
        const published = until('the address is published', () => bob!.items('alice@localhost', REACH));
        expect(JSON.stringify(await published)).toContain('"uri":"sip:alice@localhost"');
        await expectAsync(mallory!.items('alice@localhost', REACH)).toBeRejectedWithError(
            /^(?:forbidden|not-authorized):/u,
        );
        expect(mallory!.received.flatMap((stanza) => stanza.reach)).toEqual([]);

        await alice.calls('bob');
        await dave.waitFor((message) => message.startsWith('ACK'));
        const [callId = ''] = (await invitesOf(alice)).keys();
        expect(callId).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/u);
        const jid = await alice.script((api) => api.user.jid());

        // Whom Alice calls gets an answer, ten times a minute; others hear the same as if there were no call
        const answer = await bob!.iq(question(jid, callId));
        expect(findAll(answer.element, 'dialog').map(({ attributes }) => attributes['direction'])).toEqual([
            'initiator',
        ]);
        await expectAsync(bob!.iq(question(jid, 'another'))).toBeRejectedWithError(/^item-not-found:/u);
        for (const other of [carol!, mallory!])
            await expectAsync(other.iq(question(jid, callId))).toBeRejectedWithError(/^item-not-found:/u);
        await Promise.all(Array.from({ length: 8 }, () => bob!.iq(question(jid, callId))));
        await expectAsync(bob!.iq(question(jid, callId))).toBeRejectedWithError(/^item-not-found:/u);

        const options = await house.device(request('OPTIONS', { from: '<sip:mallory@forger.example>', to: ALICE }));
        const said = await options.waitFor((message) => statusOf(message) === 200);
        expect(headerOf(said, 'Call-Info')).toBeNull();
        expect(said).not.toContain('xmpp:');
        await hangUpAlone(alice);
    });

    story(
        'find nothing of a call that a crash ended: no activity, and no device in what is published',
        async (house) => {
            const settings = { sip_activity: true };
            const alice = await house.enter('alice', { settings });
            const bob = await house.peer('bob');
            bob.presence(reach('sip:dave@localhost'));
            await knows(alice, bob.bareJid, 'sip:dave@localhost');
            const dave = await house.device(answering(), { registeredAs: house.servers.user('dave') });
            const published = async (node: string) =>
                JSON.stringify(await bob.items('alice@localhost', node).catch((error: unknown) => String(error)));
            const talks = (on: boolean) =>
                until(`Alice is ${on ? '' : 'not '}said to be on the phone`, async () => {
                    const now = await published(ACTIVITY);
                    if (now.includes('on_the_phone') !== on) throw new Error(now);
                    return true;
                });
            await alice.calls('bob');
            await dave.waitFor((message) => message.startsWith('ACK'));
            await talks(true);
            await alice.page.goto('chrome://crash').catch(() => undefined);
            await talks(true);
            const again = await house.enter('alice', { settings, alongside: alice });
            await alice.closesTheTab();
            await talks(false);
            expect(await published(REACH)).toContain('"uri":"sip:alice@localhost"');
            await again.seesNoCall();
        },
    );
});
