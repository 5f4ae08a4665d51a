import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
    answering,
    call,
    callInfo,
    expectResponse,
    findAll,
    headerOf,
    inDialog,
    connectPeer,
    request,
    sdp,
    startServers,
    statusOf,
    untilSignal,
    type Sipp,
} from '../../servers/index.js';
import { connect, hangUp } from './support/calls.js';
import { story } from './support/house.js';
import { nothingIsLeftIn, processesIn } from './support/left-behind.js';
import type { Person } from './support/person.js';

const REACH = 'urn:xmpp:reach:0';
const reach = (uri: string) => `<reach xmlns='${REACH}'><addr uri='${uri}'/></reach>`;
const OPEN = { to: 'sip:dave@localhost' };

const statuses = ({ received }: Sipp) => received.map(statusOf).filter((status) => status !== 100);
const isInvite = (message: string) => message.startsWith('INVITE ');

describe('The servers of a story', () => {
    it('know a stranger whom they do not list', async () => {
        const servers = await startServers({ strangers: ['mallory'] });
        try {
            expect(servers.user('mallory').jid).toBe('mallory@localhost');
            expect(JSON.stringify(servers.endpoints())).not.toContain('mallory');
            expect(() => servers.openRelay).toThrowError(/not asked/u);
        } finally {
            await servers.stop();
        }
    });
});

describe('Peers and ejabberd', () => {
    it('leave nothing behind when who started them is killed hard', async () => {
        const room = mkdtempSync(path.join(tmpdir(), 'converse-sip-room-'));
        const script = `
            import { answering, connectPeer, startServers, startSipp } from './servers/index.js';
            const servers = await startServers({ xmpp: 'ejabberd' });
            await connectPeer({ user: servers.user('carol'), server: servers.xmpp });
            await startSipp({ server: servers.sip.udp, scenario: answering(), registeredAs: servers.user('dave') });
            console.log('up');
        `;
        const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
            cwd: path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..'),
            env: { ...process.env, TMPDIR: room },
        });
        await new Promise((resolve) => {
            child.stdout.once('data', resolve);
            child.once('exit', resolve);
        });
        const up = processesIn(room).join('\n');
        for (const name of ['erl', 'kamailio', 'turnserver', 'slixmpp', 'sipp']) expect(up).toContain(name);
        child.kill('SIGKILL');
        await nothingIsLeftIn(room);
        rmSync(room, { recursive: true });
    });
});

for (const xmpp of ['prosody', 'ejabberd'] as const) {
    describe(`The XMPP peer (slixmpp) on ${xmpp}`, () => {
        story(
            'writes and reads, as a contact and as a stranger',
            async (house) => {
                const alice = await house.enter('alice');
                const [carol, mallory] = await Promise.all([house.peer('carol'), house.peer('mallory')]);
                carol.send(`<message to='alice@localhost' type='chat'><body>from Carol</body></message>`);
                await alice.opensChatWith('carol');
                await alice.reads('from Carol');
                await alice.writes('to Carol');
                const message = await carol.waitFor(({ name, xml }) => name === 'message' && xml.includes('to Carol'));
                expect(message.from).toMatch(/^alice@localhost\//u);
                mallory.send(`<message to='carol@localhost' type='chat'><body>x</body><b/></message>`);
                const stranger = await carol.waitFor(({ from }) => from === mallory.jid);
                expect(findAll(stranger.element, 'b').length).toBe(1);
            },
            { servers: { xmpp } },
        );

        story(
            'publishes for who may see its presence, subscribes, and has several resources',
            async (house) => {
                const [alice, carol, mallory] = await Promise.all(
                    ['alice', 'carol', 'mallory'].map((name) => house.peer(name)),
                );
                await carol!.publish(REACH, reach('sip:carol@localhost'), { access: 'presence' });
                expect((await alice!.waitFor((stanza) => stanza.reach.length > 0)).reach).toEqual([
                    'sip:carol@localhost',
                ]);
                await expectAsync(mallory!.items('carol@localhost', REACH)).toBeRejectedWithError(
                    /^(?:forbidden|not-authorized):/u,
                );
                await mallory!.subscribe('carol@localhost');
                await carol!.waitFor(({ type }) => type === 'subscribe');
                await carol!.approve('mallory@localhost');
                const [payload] = await mallory!.items('carol@localhost', REACH);
                expect(findAll(payload!, 'addr', REACH)[0]?.attributes['uri']).toBe('sip:carol@localhost');

                const second = await house.peer('carol', { resource: 'second', carbons: true });
                alice!.send(`<message to='${carol!.jid}' type='chat'><body>hello</body></message>`);
                const carbon = await second.waitFor(({ element }) => findAll(element, 'received').length > 0);
                expect(findAll(carbon.element, 'body')[0]?.text).toBe('hello');
            },
            { servers: { xmpp } },
        );

        story(
            'answers requests that the spec asks it to hear, and is told what was wrong with its own',
            async (house) => {
                const [alice, carol] = await Promise.all(['alice', 'carol'].map((name) => house.peer(name)));
                carol!.hear('urn:example');
                const asked = alice!.iq(`<iq type='get' id='q1' to='${carol!.jid}'><x xmlns='urn:example'/></iq>`);
                const { id, from } = await carol!.waitFor(
                    ({ element }) => findAll(element, 'x', 'urn:example').length > 0,
                );
                carol!.send(`<iq type='result' id='${id}' to='${from}'><x xmlns='urn:example' answer='42'/></iq>`);
                expect(findAll((await asked).element, 'x')[0]?.attributes['answer']).toBe('42');
                await expectAsync(
                    alice!.iq(`<iq type='get' to='${carol!.jid}'><y xmlns='urn:example:other'/></iq>`),
                ).toBeRejectedWithError(/^(?:feature-not-implemented|service-unavailable):/u);
            },
            { servers: { xmpp } },
        );
    });
}

const DISCO = 'http://jabber.org/protocol/disco#info';
const query = (ns: string) => `<query xmlns='${ns}'/>`;

for (const xmpp of ['prosody', 'ejabberd'] as const) {
    describe(`The XMPP server ${xmpp}`, () => {
        story(
            'offers what the plugin uses, keeps what comes for who is off line, and blocks',
            async (house) => {
                const [alice, carol] = await Promise.all([house.peer('alice'), house.peer('carol')]);
                const features = async (to: string) => {
                    const { element } = await alice.iq(`<iq type='get' to='${to}'>${query(DISCO)}</iq>`);
                    return findAll(element, 'feature').map(({ attributes }) => attributes['var']);
                };
                const all = [...(await features('localhost')), ...(await features('alice@localhost'))];
                for (const feature of [
                    'urn:xmpp:mam:2',
                    'urn:xmpp:carbons:2',
                    'urn:xmpp:blocking',
                    'urn:xmpp:extdisco:2',
                    'http://jabber.org/protocol/pubsub#publish-options',
                    'http://jabber.org/protocol/pubsub#access-presence',
                ])
                    expect(all).toContain(feature);
                await alice.iq(`<iq type='set'><vCard xmlns='vcard-temp'><FN>Alice A.</FN></vCard></iq>`);
                const card = await carol.iq(`<iq type='get' to='alice@localhost'><vCard xmlns='vcard-temp'/></iq>`);
                expect(findAll(card.element, 'FN')[0]?.text).toBe('Alice A.');
                const { element } = await alice.iq(
                    `<iq type='get' to='localhost'><services xmlns='urn:xmpp:extdisco:2'/></iq>`,
                );
                expect(findAll(element, 'service').map(({ attributes }) => attributes['type'])).toContain('turn');

                await carol.stop();
                alice.send(`<message to='carol@localhost' type='chat'><body>while away</body></message>`);
                const back = await house.peer('carol');
                const late = await back.waitFor(({ xml }) => xml.includes('while away'));
                expect(findAll(late.element, 'delay').length).toBeGreaterThan(0);
                await back.iq(`<iq type='set'><query xmlns='urn:xmpp:mam:2' queryid='q'/></iq>`);
                const archived = back.received.filter(
                    ({ element }) => findAll(element, 'result', 'urn:xmpp:mam:2').length > 0,
                );
                expect(archived.map(({ xml }) => xml).join()).toContain('while away');

                await back.iq(
                    `<iq type='set'><block xmlns='urn:xmpp:blocking'><item jid='alice@localhost'/></block></iq>`,
                );
                const since = alice.received.length;
                alice.send(`<message to='carol@localhost' type='chat' id='blocked'><body>blocked</body></message>`);
                await alice.waitFor(({ id, type }) => id === 'blocked' && type === 'error', { since });
            },
            { servers: { xmpp } },
        );
    });
}

describe('The XMPP peer (slixmpp)', () => {
    story('cannot log in with a wrong password, and says so', async (house) => {
        const user = { ...house.servers.user('carol'), password: 'wrong' };
        await expectAsync(connectPeer({ user, server: house.servers.xmpp })).toBeRejectedWithError(/could not log in/u);
    });
});

describe('The SIP device (sipp)', () => {
    story('calls another and is called, with headers of any kind', async (house) => {
        const user = house.servers.user('mallory');
        const dave = await house.device(answering({ headers: [callInfo('dave@localhost')] }), {
            registeredAs: house.servers.user('dave'),
        });
        const mallory = await house.device(
            call({
                from: '"M [1] \u202ex" <sip:mallory@localhost>',
                callId: 'known-100%',
                headers: [callInfo('mallory@localhost', 'r', { thread: 'x=y' }), 'X-Other: <b>&"\\'],
                user,
                ...OPEN,
            }),
        );
        const invite = await dave.waitFor(isInvite);
        expect(headerOf(invite, 'From')).toMatch(/^"M \[1\] \u202ex" <sip:mallory@localhost>;tag=/u);
        expect(headerOf(invite, 'Call-ID')).toBe('known-100%');
        expect(headerOf(invite, 'Call-Info')).toBe(
            '<xmpp:mallory@localhost>;purpose=impp, <xmpp:mallory@localhost/r?message;thread=x%3Dy>;purpose=impp',
        );
        expect(headerOf(invite, 'X-Other')).toBe('<b>&"\\');
        const answer = await mallory.waitFor((message) => statusOf(message) === 200);
        expect(headerOf(answer, 'Call-Info')).toBe('<xmpp:dave@localhost>;purpose=impp');
        await dave.waitFor((message) => message.startsWith('ACK'));
        await mallory.hangUp();
        expect([await mallory.ended, await dave.ended]).toEqual([true, true]);
    });

    story('takes a call back, hangs up when it was called, is refused, and asks', async (house) => {
        const options = { registeredAs: house.servers.user('dave') };
        const from = '<sip:x@elsewhere.example>';

        const busy = await house.device(answering({ status: '486 Busy Here' }), options);
        const refused = await house.device(call({ from, ...OPEN }), {
            server: house.servers.sip.tcp,
            transport: 'tcp',
        });
        expect([await refused.ended, await busy.ended]).toEqual([true, true]);
        expect(statuses(refused)).toEqual([180, 486]);

        const taking = await house.device(answering(), options);
        const caller = await house.device(call({ from, ...OPEN }));
        await taking.waitFor((message) => message.startsWith('ACK'));
        await taking.hangUp();
        expect([await caller.ended, await taking.ended]).toEqual([true, true]);

        const asking = await house.device(request('OPTIONS', { from, to: 'sip:alice@localhost' }));
        expect(await asking.ended).toBeTrue();
        expect(statuses(asking)).toEqual([480]);
    });

    story('rings a browser until it takes the call back, and says what it is told to during a call', async (house) => {
        const alice = await house.enter('alice');
        const from = '<sip:x@elsewhere.example>';
        const ringing = await house.device(call({ from, to: 'sip:alice@localhost' }));
        await alice.seesIncomingCallFrom('x@elsewhere.example');
        await ringing.hangUp();
        await alice.seesNoCall();
        expect(statuses(ringing)).toContain(487);

        const fingerprint = Array.from({ length: 32 }, () => 'CD').join(':');
        const talking = await house.device(
            call({
                from,
                to: 'sip:alice@localhost',
                during: [
                    untilSignal('OFFER'),
                    inDialog('INVITE', { body: { type: 'application/sdp', text: sdp({ fingerprint }) } }),
                    expectResponse(100, { optional: true }),
                    expectResponse(200, { rrs: true }),
                    inDialog('ACK'),
                ],
            }),
        );
        await alice.seesIncomingCallFrom('x@elsewhere.example');
        await alice.presses('Answer');
        await talking.waitFor((message) => statusOf(message) === 200);
        talking.signal('OFFER');
        await talking.waitFor((message) => statusOf(message) === 200, { since: talking.received.length });
        expect((await alice.sip()).some(({ text }) => text.includes(fingerprint))).toBeTrue();
        await talking.hangUp();
        await alice.isTold('Call ended');
    });

    story('cannot be used with a line break in a header', (house) => {
        expect(() => call({ from: '<sip:x@y>\r\nX: y', ...OPEN })).toThrowError(/line break/u);
        expect(house.people).toEqual([]);
        return Promise.resolve();
    });
});

describe('The SIP server', () => {
    const forged = ['<sip:bob@localhost>', '<sip:bob@localhost:9999>', '<sips:bob@LOCALHOST>', '<sip:b%6fb@localhost>'];

    story('lets nobody be one of its users without a proof, but believes its own way in', async (house) => {
        const to = 'sip:alice@localhost';
        const ask = async (options: Parameters<typeof call>[0], server = house.servers.sip.udp) => {
            const device = await house.device(call(options), { server });
            await device.ended;
            return statuses(device);
        };
        for (const from of forged) {
            expect(await ask({ from, to })).toEqual([407]);
            expect(await ask({ from, to, user: house.servers.user('mallory') })).toEqual([407, 403]);
        }
        expect(await ask({ from: '<sip:bob@elsewhere.example>', to })).toEqual([480]);
        expect(await ask({ from: '<sip:bob@localhost>', to }, house.servers.openRelay)).toEqual([480]);
    });

    story('passes on who somebody is said to be only from where it believes it', async (house) => {
        const headers = ['P-Asserted-Identity: <sip:bob@localhost>'];
        for (const server of [house.servers.sip.udp, house.servers.openRelay]) {
            const dave = await house.device(answering(), { registeredAs: house.servers.user('dave') });
            const caller = await house.device(call({ from: '<sip:x@elsewhere.example>', headers, ...OPEN }), {
                server,
            });
            const asserted = headerOf(await dave.waitFor(isInvite), 'P-Asserted-Identity');
            expect(asserted).toBe(server === house.servers.openRelay ? '<sip:bob@localhost>' : null);
            await dave.waitFor((message) => message.startsWith('ACK'));
            await caller.hangUp();
            await dave.ended;
        }
    });

    /** The Call-ID and the Call-Info of the INVITE that this person has sent or got. */
    const inviteOf = async (person: Person) => {
        const { callId = '', text = '' } =
            (await person.sip()).findLast(({ method, status }) => method === 'INVITE' && status === null) ?? {};
        return { callId, callInfo: headerOf(text, 'Call-Info') };
    };

    story(
        'can give each side of a call a Call-ID of its own, as a B2BUA does, and the call works',
        async (house) => {
            const [alice, bob] = await Promise.all([house.enter('alice'), house.enter('bob')]);
            await connect({ alice, bob });
            await Promise.all([alice.hears(), bob.hears()]);
            const [sent, got] = await Promise.all([inviteOf(alice), inviteOf(bob)]);
            expect(sent.callId).toMatch(/^[\da-f-]{36}$/u);
            expect(got.callId).not.toBe('');
            expect(got.callId).not.toBe(sent.callId);
            await bob.presses('Hold');
            await alice.isTold('On hold');
            await bob.presses('Hold');
            await alice.isTold('In call');
            await hangUp(alice, bob);
        },
        { servers: { masksCallIds: true } },
    );

    story(
        'can drop Call-Info both ways',
        async (house) => {
            const dave = await house.device(answering({ headers: [callInfo('dave@localhost')] }), {
                registeredAs: house.servers.user('dave'),
            });
            const from = '<sip:x@elsewhere.example>';
            const caller = await house.device(call({ from, headers: [callInfo('bob@localhost')], ...OPEN }));
            expect(headerOf(await dave.waitFor(isInvite), 'Call-Info')).toBeNull();
            const answer = await caller.waitFor((message) => statusOf(message) === 200);
            expect(headerOf(answer, 'Call-Info')).toBeNull();
            await dave.waitFor((message) => message.startsWith('ACK'));
            await caller.hangUp();
        },
        { servers: { dropsCallInfo: true } },
    );
});

describe('Converse on ejabberd', () => {
    story(
        'logs in, sees its contacts, chats, and calls by way of the TURN server that it hands out',
        async (house) => {
            const settings = { sip_ice_policy: 'relay' };
            const [alice, bob] = await Promise.all([
                house.enter('alice', { settings }),
                house.enter('bob', { settings }),
            ]);
            await alice.opensChatWith('carol');
            await alice.opensChatWith('bob');
            await alice.writes('hello');
            await bob.opensChatWith('alice');
            await bob.reads('hello');
            await connect({ alice, bob });
            await Promise.all([alice.hears(), bob.hears()]);
            await hangUp(alice, bob);
        },
        { servers: { xmpp: 'ejabberd' } },
    );
});
