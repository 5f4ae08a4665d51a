/**
 * Attackers, against real servers and the shipped bundle: what a person is shown of them (PROTOCOL.md 8.9, 8.12). Most of them
 * call over a relay that believes every From, which is more than a stranger should get.
 */
import { callInfo } from '../../servers/index.js';
import { accept, invite, isShownTo, knows, listen, reach, says, toAlice } from './support/attackers.js';
import { story } from './support/house.js';
import { until } from './support/until.js';

const FORGED = '"Bob" <sip:bob@forger.example>';
const TRUE = '"Bob" <sip:bob@localhost>';
const SAYS_SO = 'Says to be bob@localhost. Not verified';
const NOT_CONFIRMED = "Bob's address, caller not confirmed";
const CONFLICT = "Someone else may be calling in Bob's name";

describe('Attackers who call', () => {
    story('have no name, picture or conversation of whom they only name', async (house) => {
        const alice = await house.enter('alice');
        const [bob, carol] = await Promise.all([house.peer('bob'), house.peer('carol')]);
        bob.presence(reach('sip:bob@localhost', 'sip:bob@elsewhere.example', 'sip:dave@localhost'));
        carol.presence(reach('sip:dave@localhost'));
        await Promise.all([
            knows(alice, bob.bareJid, 'sip:dave@localhost'),
            knows(alice, carol.bareJid, 'sip:dave@localhost'),
        ]);

        const stranger = { address: '', avatar: false };
        const callsItself = { ...stranger, claim: 'Calls itself “Bob”' };
        const headers = [callInfo('bob@localhost', 'slixmpp', { thread: 'T1', id: 'ci-1' })];
        // Forged From and Call-Info
        const claim = await isShownTo(
            alice,
            house,
            { from: FORGED, headers },
            { ...callsItself, name: 'bob@forger.example', words: SAYS_SO, mark: 'claim' },
        );
        expect(claim.why).toEqual(['The other side names bob@localhost. Anybody can do that.']);
        expect(claim.call.thread).toBeNull();
        // Vector 11: an address of Bob's, of a service that vouches for nobody
        const foreign = '"Bob" <sip:bob@elsewhere.example>';
        await isShownTo(
            alice,
            house,
            { from: foreign, headers },
            { ...callsItself, name: 'bob@elsewhere.example', words: NOT_CONFIRMED, mark: 'doubt' },
        );
        // P-Asserted-Identity: counts where From hides, and vouches for nobody
        const asserted = ['P-Asserted-Identity: "Bob" <sip:bob@localhost>'];
        const hidden = await isShownTo(
            alice,
            house,
            { from: '"Bob" <sip:anonymous@anonymous.invalid>', headers: asserted },
            { ...stranger, name: 'bob@localhost', words: NOT_CONFIRMED, mark: 'doubt' },
        );
        expect(hidden.why).toContain('A telephone network on the way named this address. That cannot be checked.');
        const unknown = { ...callsItself, name: 'bob@forger.example', words: 'Not in your contacts', mark: 'none' };
        await isShownTo(alice, house, { from: FORGED, headers: asserted }, unknown);
        // Two are named, so nobody is
        const two = [callInfo('bob@localhost'), callInfo('carol@localhost')];
        await isShownTo(alice, house, { from: FORGED, headers: two }, unknown);
        // An address that two contacts give as theirs
        const several = 'Several of your contacts use this address';
        await isShownTo(
            alice,
            house,
            { from: '"Bob" <sip:dave@localhost>' },
            { ...callsItself, name: 'dave@localhost', words: several, mark: 'claim' },
        );
        await alice.opensChatWith('bob');
        // Of the two that came from an address that Bob alone gives
        expect((await alice.history()).length).toBe(2);
    });

    story('cannot be anything but text', async (house) => {
        const alice = await house.enter('alice');
        const page = await listen(alice);
        const carol = await house.peer('carol');
        const unknown = { address: '', words: 'Not in your contacts', avatar: false };

        // Mark-up, other directions of writing, and line breaks: in the name, in JIDs, in an address
        await isShownTo(
            alice,
            house,
            { from: '"<b>Bob</b>\u202e <img src=x onerror=alert(1)>" <sip:bob@forger.example>' },
            {
                ...unknown,
                name: 'bob@forger.example',
                claim: 'Calls itself “<b>Bob</b> <img src=x onerror=alert(1)>”',
            },
        );
        for (const jid of ['bob%0D%0AX:%20y@localhost', 'bob%E2%80%AE@localhost', '%3Cb%3Ebob%3C/b%3E@localhost']) {
            const headers = [`Call-Info: <xmpp:${jid}>;purpose=impp`, 'XMPP-Contact: <b>bob@localhost</b>'];
            await isShownTo(
                alice,
                house,
                { from: `<sip:${jid.replace('/', '%2F')}>`.replace('localhost', 'forger.example'), headers },
                unknown,
            );
        }

        // Where to call: what is dialled is an address and nothing else
        await says(
            carol,
            page,
            `<presence><reach xmlns='urn:xmpp:reach:0'>` +
                `<addr uri='javascript:alert(1)'/><addr uri='sip:eve@localhost&#13;&#10;X: y'/>` +
                `<addr uri='sip:carol@localhost;method=REGISTER?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc&amp;Subject=x'/>` +
                `</reach><basic xmlns='urn:ietf:params:xml:ns:pidf'>open</basic></presence>`,
        );
        await alice.calls('carol');
        const invites = await until('Alice calls', async () => {
            const sent = (await alice.sip()).filter(
                ({ direction, method, status }) => direction === 'sent' && method === 'INVITE' && status === null,
            );
            return sent.length > 0 && sent.map(({ text }) => text);
        });
        expect(new Set(invites.map((text) => text.split('\r\n', 1)[0]))).toEqual(
            new Set(['INVITE sip:carol@localhost SIP/2.0']),
        );
        expect(invites.join()).not.toMatch(/to-tag|^Subject|javascript|eve@/mu);
    });

    story('gain nothing by an announcement that is not of the caller, or not of now', async (house) => {
        const alice = await house.enter('alice');
        const page = await listen(alice);
        const [bob, mallory] = await Promise.all([house.peer('bob'), house.peer('mallory')]);
        bob.presence(reach('sip:bob@localhost'));
        await knows(alice, bob.bareJid, 'sip:bob@localhost');
        const inBobsName = { address: '', words: CONFLICT, mark: 'warning', avatar: false };

        // Vector 9: the own announcement for somebody else's address
        await says(mallory, page, toAlice(invite({ callId: 'vector-9' })));
        await isShownTo(alice, house, { from: TRUE, callId: 'vector-9' }, { ...inBobsName, name: 'bob@localhost' });
        // Vector 6: Call-Info names Bob, another announces
        await says(mallory, page, toAlice(invite({ callId: 'vector-6' })));
        await isShownTo(
            alice,
            house,
            { from: FORGED, callId: 'vector-6', headers: [callInfo('bob@localhost')] },
            { ...inBobsName, name: 'bob@forger.example' },
        );
        // In her own name
        await says(mallory, page, toAlice(invite({ callId: 'own', address: 'sip:mallory@localhost' })));
        const herself = { name: 'mallory@localhost', words: 'not in your contacts', mark: 'none', avatar: false };
        await isShownTo(alice, house, { from: '"Bob" <sip:mallory@localhost>', callId: 'own' }, herself);

        // What counts for nothing: of another's carbon or archive, old, in the wrong direction, of a room
        const forwarded =
            `<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' ` +
            `from='bob@localhost/x' to='alice@localhost/y'>${invite({ callId: 'nothing' })}</message></forwarded>`;
        await says(
            mallory,
            page,
            toAlice(`<received xmlns='urn:xmpp:carbons:2'>${forwarded}</received>`),
            toAlice(`<sent xmlns='urn:xmpp:carbons:2'>${forwarded}</sent>`),
            toAlice(`<result xmlns='urn:xmpp:mam:2' queryid='q' id='1'>${forwarded}</result>`),
        );
        const old = `<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>`;
        await says(
            bob,
            page,
            toAlice(invite({ callId: 'nothing', beside: old })),
            toAlice(invite({ callId: 'nothing', id: 'n-1', direction: 'recipient' })),
            toAlice(accept({ callId: 'nothing', id: 'n-2' })),
            toAlice(accept({ callId: 'nothing', id: 'n-3', direction: 'recipient' })),
            toAlice(invite({ callId: 'nothing', id: 'n-4' }), `type='groupchat'`),
            toAlice(invite({ callId: 'nothing', id: 'n-5' }), `type='headline'`),
        );
        // The address is Bob's and its service vouches for it: his name, and no word of his chat
        await isShownTo(alice, house, { from: TRUE, callId: 'nothing' }, { name: 'Bob', words: '', mark: 'none' });

        // Replayed: an announcement is of one call, whoever repeats it
        const headers = [callInfo('bob@localhost', 'slixmpp', { id: 'good' })];
        await says(bob, page, toAlice(invite({ callId: 'good' })));
        const verified = { address: 'bob@localhost', words: 'Verified by chat account', mark: 'shield', avatar: true };
        await isShownTo(alice, house, { from: TRUE, callId: 'good', headers }, { name: 'Bob', ...verified });
        await says(mallory, page, toAlice(invite({ callId: 'good' })));
        await isShownTo(
            alice,
            house,
            { from: FORGED, callId: 'good', headers },
            { name: 'bob@forger.example', words: SAYS_SO, mark: 'claim', avatar: false },
        );
    });
});
