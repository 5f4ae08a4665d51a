/** Attackers beside calls that are good, and between two people who call nobody (PROTOCOL.md 8.9; 8.12, vectors 8, 10, 14). */
import {
    callInfo,
    expectResponse,
    headerOf,
    inDialog,
    request,
    sdp,
    statusOf,
    untilSignal,
    call,
} from '../../servers/index.js';
import { ALICE, forge, invite, isRefused, knows, listen, reach, says, toAlice } from './support/attackers.js';
import { aliceAndBob, hangUp, hangUpAlone } from './support/calls.js';
import { story } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

const VERIFIED = 'Verified by chat account, media end to end';

const tagIn = (message: string, name: string): string =>
    /;tag=([^;\s]+)/u.exec(headerOf(message, name) ?? '')?.[1] ?? '';

/** The INVITE that came last, or the answer to it. */
const lastOf = (who: Person, status: number | null) =>
    until(`${who.name} has an INVITE`, async () =>
        (await who.sip()).findLast((message) => message.method === 'INVITE' && message.status === status),
    );

describe('Attackers beside a call', () => {
    story('that is good change nothing of it, however many they are and whatever they know', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        const page = await listen(alice);
        const mallory = await house.peer('mallory');
        await bob.calls('alice');
        const good = { name: 'Bob', address: 'bob@localhost', words: VERIFIED, mark: 'shield-check', avatar: true };
        await alice.isShown(good);

        // Vector 10: a stranger announces the same call; others call with its Call-ID, in Bob's name
        const { callId } = await lastOf(bob, null);
        await says(mallory, page, toAlice(invite({ callId })), toAlice(invite({ callId, id: 'ci-2' })));
        const headers = [callInfo('bob@localhost', 'slixmpp', { id: 'ci-2' })];
        const callers = await Promise.all([
            forge(house, { from: '"Bob" <sip:bob@localhost>', callId, headers }),
            forge(house, { from: '"Bob" <sip:bob@forger.example>', callId, headers }),
        ]);
        await Promise.all(callers.map((device) => isRefused(device, 486)));
        await alice.isShown(good);
        expect((await alice.isSure('media-bound')).identity.jid).toBe('bob@localhost');
        await alice.presses('Answer');
        await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);

        // Vector 14, with the tags of the call: nobody takes it over unasked, joins it, or sends it elsewhere
        const { text } = await lastOf(alice, 200);
        const dialog = `${callId};to-tag=${tagIn(text, 'To')};from-tag=${tagIn(text, 'From')}`;
        const from = '"Bob" <sip:bob@localhost>';
        const body = {
            type: 'application/sdp',
            text: sdp({ fingerprint: Array.from({ length: 32 }, () => 'EF').join(':') }),
        };
        const taker = await forge(house, { from, body, headers: [`Replaces: ${dialog}`] });
        const question = alice.page.getByRole('alertdialog', { name: 'Someone wants to take over the call with Bob' });
        await question.getByText('bob@localhost').waitFor();
        const others = await Promise.all([
            forge(house, { from, body, headers: [`Replaces: ${dialog}`] }),
            forge(house, { from, body, headers: [`Replaces: ${dialog}x`] }),
            forge(house, { from, body, headers: [`Join: ${dialog}`] }),
        ]);
        await Promise.all([486, 481, 481].map((status, i) => isRefused(others[i]!, status)));
        await Promise.all([alice.hears(), bob.hears()]);
        await question.getByRole('button', { name: 'Refuse' }).click();
        await isRefused(taker, 603);
        await question.waitFor({ state: 'detached' });
        const referring = await house.device(
            request('REFER', {
                from,
                to: ALICE,
                callId,
                headers: ['Refer-To: <sip:+1900@localhost>', `Target-Dialog: ${dialog}`],
            }),
            { server: house.servers.openRelay },
        );
        await isRefused(referring, 603);
        await alice.isShown(good);
        await Promise.all([alice.hears(), bob.hears()]);
        await hangUp(bob, alice);
        await alice.opensChatWith('bob');
        await until('the call is the only one in the history', async () => {
            const entries = await alice.history();
            if (entries.length !== 1 || !entries[0]?.startsWith('Incoming call')) throw new Error(entries.join('; '));
            return true;
        });
    });

    story('cannot put a relay into it unseen, nor send it to a number', async (house) => {
        const alice = await house.enter('alice');
        const page = await listen(alice);
        const bob = await house.peer('bob');
        bob.presence(reach('sip:bob@localhost'));
        await knows(alice, bob.bareJid, 'sip:bob@localhost');
        const [announced, another] = ['AB', 'CD'].map((octet) => Array.from({ length: 32 }, () => octet).join(':'));
        await says(bob, page, toAlice(invite({ callId: 'relayed', fingerprint: announced ?? '' })));
        const device = await forge(house, {
            from: '"Bob" <sip:bob@localhost>',
            callId: 'relayed',
            during: [
                untilSignal('REFER'),
                inDialog('REFER', { headers: ['Refer-To: <sip:+1900@localhost>'] }),
                expectResponse(603),
                untilSignal('OFFER'),
                inDialog('INVITE', { body: { type: 'application/sdp', text: sdp({ fingerprint: another ?? '' }) } }),
                expectResponse(100, { optional: true }),
                expectResponse(200, { rrs: true }),
                inDialog('ACK'),
            ],
        });
        await alice.isShown({ name: 'Bob', words: VERIFIED, mark: 'shield-check' });
        await alice.presses('Answer');
        await device.waitFor((message) => statusOf(message) === 200);
        await alice.isShown({ name: 'Bob', words: VERIFIED, mark: 'shield-check' });
        device.signal('REFER');
        await device.waitFor((message) => statusOf(message) === 603);
        device.signal('OFFER');
        await alice.isShown({
            name: 'Bob',
            words: 'Verified by chat account, media passes a relay',
            mark: 'shield',
            avatar: true,
        });
        expect(await alice.asksWhy()).toContain('Sound and picture pass a relay, which could listen.');
        expect(
            (await alice.sip()).filter(({ direction, text }) => direction === 'sent' && text.startsWith('INVITE ')),
        ).toEqual([]);
        await hangUpAlone(alice);
    });

    story('that they make of two of their own are nobody’s', async (house) => {
        const { alice, bob } = await aliceAndBob(house);
        const [hers, his] = await Promise.all([alice, bob].map((who) => who.script((api) => api.user.jid())));
        const pages = await Promise.all([listen(alice), listen(bob)]);
        await knows(alice, 'bob@localhost', 'sip:bob@localhost');
        // Vector 8: one Call-ID, each with the other's JID, device and address; Bob's is a foreign one
        const named = (jid = '') => {
            const [bare = '', resource] = jid.split('/');
            return [callInfo(bare, resource, { thread: 'T', id: 'ci-8' })];
        };
        const callId = 'vector-8';
        const devices = await Promise.all([
            forge(house, { from: '"Bob" <sip:bob@localhost>', callId, headers: named(his) }),
            house.device(
                call({
                    from: '"Alice" <sip:alice@forger.example>',
                    to: 'sip:bob@localhost',
                    callId,
                    headers: named(hers),
                }),
            ),
        ]);
        // Each asks the other, and neither has called
        await Promise.all(pages.map((page) => page.for('item-not-found')));
        const says = { name: 'alice@forger.example', words: 'Says to be alice@localhost. Not verified', avatar: false };
        const doubtful = { name: 'Bob', words: "Bob's chat does not confirm this call", mark: 'doubt' };
        await Promise.all([alice.isShown(doubtful), bob.isShown(says)]);
        // What they write meanwhile proves nothing either
        await Promise.all([alice.opensChatWith('bob'), bob.opensChatWith('alice')]);
        await alice.writes('Is that you?');
        await bob.reads('Is that you?');
        await bob.writes('Is that you who rings?');
        await alice.reads('Is that you who rings?');
        await Promise.all([alice.isShown(doubtful), bob.isShown(says)]);
        expect([(await alice.lastCall()).identity.level, (await bob.lastCall()).identity.level]).toEqual([
            'listed',
            'claimed',
        ]);
        await Promise.all(devices.map((device) => device.hangUp()));
        await Promise.all([alice.seesNoCall(), bob.seesNoCall()]);
    });
});
