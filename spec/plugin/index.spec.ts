import { currentPhone, type Phone } from '../../src/plugin/phone.js';
import type { ConverseApi, Host } from '../../src/plugin/converse.js';
import { Store } from '../../src/plugin/store.js';
import { House, MERCUTIO, ROMEO, theConverse } from './support/house.js';
import { settled, until } from './support/until.js';
import { text } from './support/xml.js';

const JULIET = 'juliet@capulet.lit';
const PUBLISH_OPTIONS = 'http://jabber.org/protocol/pubsub#publish-options';

const lines = (spy: jasmine.Spy): string[] =>
    spy.calls
        .allArgs()
        .map(([line]) => String(line))
        .filter((line) => line.startsWith('converse-sip'));

describe('the plugin in a real Converse', () => {
    let error: jasmine.Spy;
    let info: jasmine.Spy;
    beforeEach(() => {
        error = spyOn(console, 'error');
        info = spyOn(console, 'info');
    });
    afterEach(() => {
        const failed = lines(error).filter((line) => line.includes('SIP-005'));
        expect(failed).withContext('no listener failed').toEqual([]);
    });

    it('registers, learns an address, calls, and leaves an entry in the history', async () => {
        const house = await House.open();
        expect(house.phone.registration.get().state).toBe('needs-credentials');
        house.phone.login?.signIn({ username: 'romeo', password: 'secret' });
        const [connect] = house.sidecar.sent('connect');
        expect(connect!.account).toEqual({
            uri: 'sip:romeo@sip.montague.lit',
            username: 'romeo',
            displayName: '',
            password: 'secret',
        });
        expect(connect!.config).toEqual(
            jasmine.objectContaining({
                servers: ['wss://sip.montague.lit/'],
                icePolicy: 'all',
                ringTimeout: 45,
                video: true,
                instanceId: jasmine.stringMatching(/^[0-9a-f-]{36}$/u),
            }),
        );
        expect(house.phone.reach.get(MERCUTIO).problem).toBe('needs-credentials');
        house.sidecar.registered();
        expect(house.phone.reach.get(MERCUTIO).problem).toBe('no-address');
        house.reachable();
        expect(house.phone.reach.get(MERCUTIO).problem).toBeNull();

        const placed = await house.phone.call(MERCUTIO, { video: false });
        if (!placed.ok) throw new Error(placed.problem);
        const { callId } = placed;
        expect(house.sidecar.sent('call')).toEqual([
            {
                type: 'call',
                callId,
                to: 'sip:mercutio@sip.montague.lit',
                video: false,
                headers: [['Call-Info', jasmine.stringContaining('<xmpp:romeo@montague.lit>;purpose=impp') as never]],
            },
        ]);
        expect(house.phone.reach.get(MERCUTIO).problem).toBe('in-a-call');
        const at = house.wheel.now();
        house.sidecar.call(
            callId,
            { type: 'ringing' },
            { type: 'answered', at },
            { type: 'connected', at: at + 100 },
            { type: 'ended', reason: 'hung-up', at: at + 83_000 },
        );
        const chat = await house.chat(MERCUTIO);
        const entry = await until('entry', () => chat.messages.get(`sip-${callId}`));
        expect(entry.get('message')).toBe('Outgoing call, 1:23');
        expect(entry.get('type')).toBe('info');
        expect(entry.get('is_ephemeral')).toBeFalse();
        expect(new Date(entry.get('time') as string).getTime()).toBe(at);
        expect(entry.get('sip_call')).toEqual(
            jasmine.objectContaining({ direction: 'outgoing', reason: 'hung-up', answeredAt: at }),
        );
        expect(chat.get('num_unread')).toBe(0);
    });

    describe('that has nothing to do', () => {
        for (const [what, options, line, spy] of [
            [
                'without a server',
                { settings: { sip_server: '' } },
                'converse-sip [SIP-001] No sip_server is configured: voice and video are off.',
                () => info,
            ],
            [
                'with an older Converse',
                { version: 'v13.0.1' },
                'converse-sip [SIP-003] This version of Converse is not supported: v13.0.1',
                () => error,
            ],
            [
                'with a newer Converse',
                { version: 'v15.0.0' },
                'converse-sip [SIP-003] This version of Converse is not supported: v15.0.0',
                () => error,
            ],
        ] as const) {
            it(`${what} says so in one line, and leaves the chat alone`, async () => {
                const install = jasmine.createSpy();
                const house = await House.open({ ...options, view: { install } });
                expect([...lines(info), ...lines(error)]).toEqual([line]);
                expect(lines(spy()).length).toBe(1);
                expect(install).not.toHaveBeenCalled();
                expect(currentPhone()).toBeNull();
                expect(house._converse.api.sip).toBeUndefined();
                expect(house.sidecars).toEqual([]);
                expect(house.presences.length).toBe(1);
                expect(text(house.presences[0]!)).not.toContain('pidf');
            });
        }

        it('in a browser without WebRTC says so in one line', async () => {
            const { RTCPeerConnection } = globalThis;
            Reflect.deleteProperty(globalThis, 'RTCPeerConnection');
            try {
                await House.open();
            } finally {
                globalThis.RTCPeerConnection = RTCPeerConnection;
            }
            expect(lines(error)).toEqual(['converse-sip [SIP-004] This browser has no WebRTC']);
            expect(currentPhone()).toBeNull();
        });
    });

    it('names wrong settings in one line and goes on with the defaults', async () => {
        const house = await House.open({ settings: { sip_ring_timeout: 'long', sip_video: 'no' } });
        expect(lines(error).length).toBe(1);
        expect(lines(error)[0]).toContain('sip_ring_timeout is "long", allowed: a number of seconds from 5 to 600');
        expect(lines(error)[0]).toContain('sip_video is "no"');
        expect(house.phone.video).toBeTrue();
    });

    it('tells the person about a server that cannot be used', async () => {
        const house = await House.open({ settings: { sip_server: 'http://sip.montague.lit/' } });
        expect(house.phone.registration.get()).toEqual({ state: 'refused', refusal: 'bad-server', status: null });
        expect(lines(error).length).toBe(1);
        expect(house.sidecar.sent('connect')).toEqual([]);
    });

    it('installs the view with the telephone, and survives one that fails', async () => {
        const installed: [Phone, Host][] = [];
        const view = {
            install: (phone: Phone, host: Host): void => {
                installed.push([phone, host]);
                throw new Error('broken view');
            },
        };
        const house = await House.open({ view });
        expect(installed.length).toBe(1);
        expect(installed[0]![0]).toBe(house.phone);
        expect(installed[0]![1].api).toBe(house._converse.api);
        expect(lines(error)).toEqual([jasmine.stringContaining('components: Error: broken view')]);
        error.calls.reset();
        expect(house.phone.registration.get().state).toBe('needs-credentials');
    });

    it('takes credentials from a function of the site, and registers by itself', async () => {
        const house = await House.open({
            settings: {
                sip_credentials: (jid: string) => Promise.resolve({ username: jid, password: 'x', display_name: 'R' }),
            },
        });
        await until('connect', () => house.sidecar.sent('connect')[0]);
        expect(house.phone.account.get()).toEqual({
            uri: 'sip:romeo@montague.lit',
            username: 'romeo@montague.lit',
            displayName: 'R',
        });
    });

    it('registers only when told where sip_auto_register is off', async () => {
        const house = await House.open({
            settings: { sip_auto_register: false, sip_credentials: () => ({ username: 'romeo', password: 'x' }) },
        });
        expect(house.sidecar.sent('connect')).toEqual([]);
        expect(house.phone.registration.get().state).toBe('off');
        house.sip.register();
        await until('connect', () => house.sidecar.sent('connect')[0]);
    });

    it('keeps the instance id over logins of one account, and takes a new one where nothing may be kept', async () => {
        const idOf = async (house: House): Promise<string> => {
            house.phone.login?.signIn({ username: 'romeo', password: 'x' });
            return (await until('connect', () => house.sidecar.sent('connect')[0])).config.instanceId;
        };
        const house = await House.open();
        const first = await idOf(house);
        const kept = Object.entries(localStorage).filter(([key]) => key.includes('converse-sip'));
        expect(JSON.stringify(kept)).toContain(first);
        await house.logout();
        // The mock connection counts as a device that keeps nothing.
        await until('forgotten', () => !Object.keys(localStorage).some((key) => key.includes('converse-sip')));
    });

    describe('own presence', () => {
        const childrenOf = (presence: Element | undefined): string[] =>
            Array.from(presence?.children ?? [], (child) => child.localName).filter((name) =>
                ['reach', 'basic', 'servcaps', 'activities', 'show', 'status'].includes(name),
            );

        it('says closed, open, on the phone and open again, with show and status as they are', async () => {
            const house = await House.open();
            expect(childrenOf(house.presences[0])).toEqual(['basic']);
            house._converse.state.profile!.save({ show: 'dnd', status_message: 'busy writing' });
            await until('own presence', () => house.presences.length === 2);
            house.phone.login?.signIn({ username: 'romeo', password: 'x' });
            house.sidecar.registered();
            house.wheel.turn(1_000);
            await until('open', () => house.presences.length === 3);
            expect(childrenOf(house.presences[2])).toEqual(['show', 'status', 'reach', 'basic', 'servcaps']);
            expect(house.presences[2]!.querySelector('show')?.textContent).toBe('dnd');
            expect(house.presences[2]!.querySelector('status')?.textContent).toBe('busy writing');
            expect(house.presences[2]!.querySelectorAll('c').length).toBe(1);

            house.reachable();
            const placed = await house.phone.call(MERCUTIO, { video: true });
            const callId = placed.ok ? placed.callId : '';
            house.sidecar.call(callId, { type: 'ringing' });
            house.wheel.turn(5_000);
            await settled();
            expect(house.presences.length).toBe(3);
            house.sidecar.call(callId, { type: 'answered', at: 1 }, { type: 'connected', at: 2 });
            house.wheel.turn(1_000);
            await until('on the phone', () => house.presences.length === 4);
            expect(childrenOf(house.presences[3])).toContain('activities');
            expect(text(house.presences[3]!)).not.toContain('mercutio');
            house.sidecar.call(callId, { type: 'ended', reason: 'hung-up', at: 3 });
            house.wheel.turn(1_000);
            await until('open again', () => house.presences.length === 5);
            expect(childrenOf(house.presences[4])).not.toContain('activities');
        });

        it('goes to nobody directly: neither with a subscription, nor to a room, nor to one person', async () => {
            const house = await House.registered();
            house.wheel.turn(1_000);
            await until('open', () => house.presences.length === 2);
            const { presence } = house._converse.api.user as unknown as {
                presence: { send: (attributes: Record<string, string>) => Promise<void> };
            };
            await presence.send({ to: `verona@rooms.montague.lit/romeo` });
            await presence.send({ to: JULIET, type: 'subscribe' });
            await presence.send({ type: 'unavailable' });
            const directed = house.connection.sent_stanzas.filter(
                (each) => each.localName === 'presence' && (each.hasAttribute('to') || each.hasAttribute('type')),
            );
            expect(directed.length).toBe(3);
            for (const stanza of directed) expect(text(stanza)).not.toMatch(/pidf|urn:xmpp:reach:0"/u);
        });

        it('says nothing of this where the site or the person shares nothing', async () => {
            const house = await House.registered({ settings: { sip_advertise: ['pep'] } });
            house.wheel.turn(60_000);
            await settled();
            expect(house.presences.length).toBe(1);
            expect(childrenOf(house.presences[0])).toEqual([]);
            expect(house.phone.shared.get()).toEqual(jasmine.objectContaining({ presence: false, pep: true }));
        });

        it('stops saying it when the person turns sharing off', async () => {
            const house = await House.registered();
            house.wheel.turn(1_000);
            await until('open', () => house.presences.length === 2);
            house.phone.login?.share(false);
            expect(house.phone.shared.get()).toEqual(jasmine.objectContaining({ presence: false, pep: false }));
            house.wheel.turn(1_000);
            await until('silent', () => house.presences.length === 3);
            expect(childrenOf(house.presences[2])).toEqual([]);
        });

        it('lets clients know what it can do', async () => {
            const house = await House.open();
            const { own } = house._converse.api.disco as unknown as { own: { features: { get: () => string[] } } };
            expect(own.features.get()).toEqual(
                jasmine.arrayContaining([
                    'urn:uuid:a46d613b-a581-4bc2-b511-f2dc6ba15d6b',
                    'urn:xmpp:reach:0',
                    'urn:xmpp:reach:0+notify',
                ]),
            );
        });
    });

    describe('contacts', () => {
        it('are known by presence and PEP while they are contacts, and strangers never', async () => {
            const house = await House.registered({
                contacts: { [MERCUTIO]: 'both', 'tybalt@capulet.lit': 'none', 'paris@verona.lit': 'to' },
            });
            const told: (string | null)[] = [];
            house.phone.reach.subscribe(MERCUTIO.toUpperCase(), ({ problem }) => told.push(problem));
            house.reachable();
            house.reachable('tybalt@capulet.lit');
            house.reachable(JULIET);
            house.reachable(ROMEO);
            house.receive(
                `<message xmlns='jabber:client' from='paris@verona.lit' to='${ROMEO}/orchard' type='headline'>
                    <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:reach:0'>
                    <item id='current'><reach xmlns='urn:xmpp:reach:0'><addr uri='sip:paris@sip.verona.lit'/></reach></item>
                    </items></event></message>`,
            );
            expect(told).toEqual([null]);
            expect(house.sip.lookup('paris@verona.lit').addresses.map(({ uri }) => uri)).toEqual([
                'sip:paris@sip.verona.lit',
            ]);
            for (const stranger of ['tybalt@capulet.lit', JULIET, ROMEO]) {
                expect(house.sip.lookup(stranger).addresses).toEqual([]);
            }
            expect(house.sip.whoIs('sip:mercutio@sip.montague.lit')).toBe(MERCUTIO);
            const contact = await house._converse.api.contacts.get(MERCUTIO);
            (contact as unknown as { destroy: () => void }).destroy();
            expect(told).toEqual([null, 'no-address']);
            expect(house.sip.whoIs('sip:mercutio@sip.montague.lit')).toBeNull();
        });

        it('who go off line can be called no more at what they said in presence', async () => {
            const house = await House.registered();
            house.reachable(
                MERCUTIO,
                'sip:mercutio@sip.montague.lit',
                `<basic xmlns='urn:ietf:params:xml:ns:pidf'>open</basic>
                 <activities xmlns='urn:ietf:params:xml:ns:pidf:rpid'><on-the-phone/></activities>`,
            );
            expect(house.sip.lookup(MERCUTIO).availability).toBe('on-the-phone');
            house.receive(`<presence xmlns='jabber:client' from='${MERCUTIO}/phone' type='unavailable'/>`);
            expect(house.sip.lookup(MERCUTIO)).toEqual(
                jasmine.objectContaining({ addresses: [], problem: 'no-address', availability: 'unknown' }),
            );
        });

        it('are asked for their published address when their conversation is opened', async () => {
            const house = await House.registered();
            await house._converse.api.chats.open(MERCUTIO, {}, true);
            const iq = await house.iq('urn:xmpp:reach:0');
            expect(iq.getAttribute('to')).toBe(MERCUTIO);
            house.answer(
                iq,
                `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:reach:0'><item id='current'>
                 <reach xmlns='urn:xmpp:reach:0'><addr uri='sip:mercutio@sip.montague.lit'/></reach></item></items></pubsub>`,
            );
            await settled();
            expect(house.sip.lookup(MERCUTIO).addresses[0]?.source).toBe('pep');
        });

        it('and others are known by the phone book of the site', async () => {
            const house = await House.registered({
                settings: { sip_phonebook: [{ jid: JULIET, sip: 'sip:juliet@sip.capulet.lit', name: 'Juliet' }] },
            });
            expect(house.sip.lookup(JULIET).addresses[0]?.source).toBe('phonebook');
            expect(house.sip.whoIs('sip:juliet@sip.capulet.lit')).toBe(JULIET);
        });

        it('who speak before the session is loaded are heard', async () => {
            let loaded: () => void = () => undefined;
            const waiting = new Promise<void>((resolve) => (loaded = resolve));
            const house = await House.open({ load: () => waiting, login: false });
            const login = house.login({ [MERCUTIO]: 'both' });
            await until('first presence', () => house.presences[0]);
            house.reachable();
            loaded();
            await login;
            expect(house.sip.lookup(MERCUTIO).addresses.length).toBe(1);
            house.wheel.turn(1_000);
            await until('corrected presence', () => house.presences[1]?.querySelector('basic'));
        });

        it('are told where to call also where the first presence went out while what was kept is being read', async () => {
            let read: () => void = () => undefined;
            const reading = new Promise<void>((resolve) => (read = resolve));
            const house = await House.open({ login: false });
            spyOn(Store.prototype, 'get').and.callFake(() => reading.then(() => null));
            await house.login({ [MERCUTIO]: 'both' });
            await until('first presence', () => house.presences[0]);
            read();
            await until('begun', () => house.phone.registration.get().state === 'needs-credentials');
            house.phone.login?.signIn({ username: 'romeo', password: 'secret' });
            house.sidecar.registered();
            house.wheel.turn(1_000);
            await until('where to call', () => house.presences[1]?.querySelector('addr'));
        });

        it('who write while what was kept is being read overwrite nothing of it', async () => {
            let read: () => void = () => undefined;
            const reading = new Promise<void>((resolve) => (read = resolve));
            const kept: Partial<Record<string, unknown>> = { threads: [['juliet@capulet.lit', 'old']] };
            const house = await House.open({ login: false });
            spyOn(Store.prototype, 'get').and.callFake(async (name) => {
                await reading;
                return kept[name] ?? null;
            });
            spyOn(Store.prototype, 'set').and.callFake((name, value) => {
                kept[name] = value;
                return Promise.resolve();
            });
            await house.login({ [MERCUTIO]: 'both' });
            house.message(`${MERCUTIO}/phone`, '<body>Hi</body><thread>new</thread>');
            read();
            await until('both threads', () => JSON.stringify(kept['threads']).includes('new'));
            expect(kept['threads']).toEqual([
                ['juliet@capulet.lit', 'old'],
                [MERCUTIO, 'new'],
            ]);
        });
    });

    it('publishes the own address where the server offers it, and withdraws it when sharing is turned off', async () => {
        const house = await House.registered();
        await house.disco(ROMEO, PUBLISH_OPTIONS);
        const get = await until('items', () => house.iqs('urn:xmpp:reach:0')[0]);
        expect(get.getAttribute('type')).toBe('get');
        house.answer(
            get,
            `<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`,
            'error',
        );
        const publish = await until('publish', () =>
            house.iqs('urn:xmpp:reach:0').find((iq) => iq.querySelector('publish')),
        );
        expect(publish.querySelector('addr')?.getAttribute('uri')).toBe('sip:romeo@sip.montague.lit');
        house.answer(publish, '');
        await settled();
        house.phone.login?.share(false);
        const again = await until(
            'items again',
            () => house.iqs('urn:xmpp:reach:0').filter((iq) => iq.querySelector('items'))[1],
        );
        house.answer(
            again,
            `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:reach:0'><item id='current'>
             <reach xmlns='urn:xmpp:reach:0'><addr uri='sip:romeo@sip.montague.lit'/></reach></item></items></pubsub>`,
        );
        const withdraw = await until(
            'withdraw',
            () => house.iqs('urn:xmpp:reach:0').filter((iq) => iq.querySelector('publish'))[1],
        );
        expect(withdraw.querySelector('addr')).toBeNull();
    });

    it('tells the administrator that the server publishes nothing', async () => {
        const warn = spyOn(console, 'warn');
        const house = await House.registered();
        await house.disco(ROMEO);
        await until('notice', () => lines(warn).find((line) => line.includes('SIP-201')));
        expect(house.iqs('urn:xmpp:reach:0')).toEqual([]);
    });

    it('hands the STUN and TURN servers of the XMPP server to the sidecar', async () => {
        const house = await House.registered();
        await house.disco('montague.lit', 'urn:xmpp:extdisco:2');
        const iq = await house.iq('urn:xmpp:extdisco:2');
        house.answer(
            iq,
            `<services xmlns='urn:xmpp:extdisco:2'><service type='stun' host='stun.montague.lit' port='3478'/></services>`,
        );
        const sent = await until('ice-servers', () => house.sidecar.sent('ice-servers')[0]);
        expect(sent.iceServers).toEqual([{ urls: 'stun:stun.montague.lit:3478' }]);
    });

    describe('incoming calls', () => {
        it('show the contact who lists the address', async () => {
            const house = await House.registered();
            house.reachable();
            house.sidecar.incoming();
            expect(house.phone.calls.get()[0]).toEqual(
                jasmine.objectContaining({
                    direction: 'incoming',
                    identity: jasmine.objectContaining({ level: 'listed', jid: MERCUTIO, trusted: true }) as never,
                }),
            );
            expect(house.phone.person(MERCUTIO)?.name).toBe(MERCUTIO);
            expect(house.phone.person(JULIET)).toBeNull();
        });

        it('that are missed leave one entry, unread while nobody looks', async () => {
            const house = await House.registered();
            house.reachable();
            const chat = await house._converse.api.chats.get(MERCUTIO, {}, true);
            chat!.save({ hidden: true });
            const callId = house.sidecar.incoming({ video: true });
            const ended = { type: 'ended', reason: 'missed', at: house.wheel.now() + 9_000 } as const;
            house.sidecar.call(callId, ended, ended);
            const entry = await until('entry', () => chat!.messages.get(`sip-${callId}`));
            expect(entry.get('message')).toBe('Missed video call');
            await settled();
            expect(chat!.get('num_unread')).toBe(1);
            expect(chat!.messages.models.filter((each) => each.get('sip_call')).length).toBe(1);
        });

        it('while a call is up are told busy and leave an entry', async () => {
            const house = await House.registered({ contacts: { [MERCUTIO]: 'both', [JULIET]: 'both' } });
            house.reachable();
            house.reachable(JULIET, 'sip:juliet@sip.capulet.lit');
            await house.phone.call(MERCUTIO, { video: false });
            house.sidecar.incoming({ callId: 'second', from: 'sip:juliet@sip.capulet.lit' });
            expect(house.sidecar.sent('decline')).toEqual([{ type: 'decline', callId: 'second', as: 'busy' }]);
            const chat = await house.chat(JULIET);
            const entry = await until('entry', () => chat.messages.get('sip-second'));
            expect(entry.get('message')).toBe('Missed call');
        });

        it('of nobody known leave no conversation', async () => {
            const house = await House.registered();
            const callId = house.sidecar.incoming({ from: 'sip:stranger@elsewhere.lit' });
            house.sidecar.call(callId, { type: 'ended', reason: 'missed', at: 1 });
            await settled();
            const chats = house._converse.state.chatboxes!.models.filter((chat) => chat.get('type') === 'chatbox');
            expect(chats).toEqual([]);
        });
    });

    it('goes on with calls and registration while chat reconnects', async () => {
        const house = await House.registered();
        house.reachable();
        const placed = await house.phone.call(MERCUTIO, { video: false });
        const callId = placed.ok ? placed.callId : '';
        house.sidecar.call(callId, { type: 'answered', at: 1 }, { type: 'connected', at: 2 });
        await house.reconnect();
        await until('presence again', () => house.presences.find((each) => each.querySelector('activities')));
        expect(house.sidecars.length).toBe(1);
        expect(house.sidecar.sent('disconnect')).toEqual([]);
        expect(house.phone.calls.get()[0]?.state.name).toBe('active');
        expect(house.sip.lookup(MERCUTIO).addresses).withContext('presence comes anew').toEqual([]);
        house.reachable();
        expect(house.sip.lookup(MERCUTIO).addresses.length).toBe(1);
    });

    it('ends calls, writes the history and unregisters at logout, and begins anew at the next login', async () => {
        const house = await House.registered();
        house.reachable();
        const { sidecar, phone } = house;
        const placed = await phone.call(MERCUTIO, { video: false });
        const callId = placed.ok ? placed.callId : '';
        const chat = await house._converse.api.chats.get(MERCUTIO, {}, true);
        const create = spyOn(chat!, 'createMessage').and.callThrough();
        sidecar.call(callId, { type: 'answered', at: 1 });
        await house.logout();
        expect(create).toHaveBeenCalledTimes(1);
        expect(sidecar.commands.at(-1)).toEqual({ type: 'disconnect' });
        expect(sidecar.disposed).toBeTrue();
        expect(phone.registration.get().state).toBe('off');
        expect(phone.calls.get()).toEqual([]);
        expect(phone.account.get()).toBeNull();
        expect(phone.reach.get(MERCUTIO)).toEqual(jasmine.objectContaining({ addresses: [], problem: 'off' }));
        expect(house.wheel.waiting).toBe(0);

        await house.login({ [MERCUTIO]: 'both' });
        expect(house.sidecars.length).toBe(2);
        expect(house.phone).toBe(phone);
        expect(phone.registration.get().state).toBe('needs-credentials');
    });

    it('is torn down and built anew by another converse.initialize()', async () => {
        const first = await House.registered();
        const { phone, sidecar } = first;
        const second = await House.open();
        expect(sidecar.disposed).toBeTrue();
        expect(first.wheel.waiting).toBe(0);
        expect(second.phone).not.toBe(phone);
        second.reachable();
        expect(second.sip.lookup(MERCUTIO).addresses.length).toBe(1);
        expect(phone.reach.get(MERCUTIO).addresses).toEqual([]);
    });

    it('tells scripts by events with plain data', async () => {
        const house = await House.open();
        const told: string[] = [];
        const { listen } = house._converse.api as unknown as {
            listen: { on: (name: string, listener: (payload: unknown) => void) => void };
        };
        for (const name of ['sipRegistrationChanged', 'sipCallStarted', 'sipCallChanged', 'sipCallEnded']) {
            listen.on(name, (payload) => {
                structuredClone(payload);
                told.push(name);
            });
        }
        house.phone.login?.signIn({ username: 'romeo', password: 'x' });
        house.sidecar.registered();
        house.sidecar.registered();
        const callId = house.sidecar.incoming();
        house.sidecar.call(callId, { type: 'answering' }, { type: 'ended', reason: 'failed', at: 1 });
        expect(told).toEqual(['sipRegistrationChanged', 'sipCallStarted', 'sipCallChanged', 'sipCallEnded']);
    });

    it('takes /call in the chat input, and Converse’s own call button', async () => {
        const house = await House.registered();
        house.reachable();
        const { hook, trigger } = house._converse.api as unknown as {
            hook: (name: string, context: unknown, data: unknown) => Promise<unknown>;
            trigger: (name: string, payload: unknown) => void;
        };
        const model = await house._converse.api.chats.get(MERCUTIO, {}, true);
        expect(await hook('parseMessageForCommands', { model, text: 'hello' }, false)).toBeFalse();
        expect(await hook('parseMessageForCommands', { model, text: '/call sip:x@y.example' }, true)).toBeTrue();
        expect(house.sidecar.sent('call')).toEqual([]);
        expect(
            await hook('parseMessageForCommands', { model, text: '/call sip:dave@sip.montague.lit' }, false),
        ).toBeTrue();
        const first = await until('call', () => house.sidecar.sent('call')[0]);
        expect(first.to).toBe('sip:dave@sip.montague.lit');
        house.sidecar.call(first.callId, { type: 'ended', reason: 'busy', at: 1 });
        trigger('callButtonClicked', { model, connection: null });
        const second = await until('call', () => house.sidecar.sent('call')[1]);
        expect(second.to).toBe('sip:mercutio@sip.montague.lit');
    });

    it('asks once before it dials a number that a contact published, and shows what it will dial', async () => {
        const house = await House.registered();
        house.reachable(MERCUTIO, 'tel:+1-900-555-0100');
        const confirm = spyOn(house._converse.api as Required<ConverseApi>, 'confirm');
        confirm.and.resolveTo(false);
        expect(await house.phone.call(MERCUTIO, { video: false })).toEqual({ ok: false, problem: 'cancelled' });
        expect(house.sidecar.sent('call')).toEqual([]);
        expect(JSON.stringify(confirm.calls.argsFor(0))).toContain('sip:+19005550100@sip.montague.lit;user=phone');

        confirm.and.resolveTo([]);
        expect((await house.phone.call(MERCUTIO, { video: false })).ok).toBeTrue();
        house.sidecar.call(house.phone.calls.get()[0]!.id, { type: 'ended', reason: 'hung-up', at: 1 });
        expect((await house.phone.call(MERCUTIO, { video: false })).ok).toBeTrue();
        expect(confirm).toHaveBeenCalledTimes(2);
    });

    it('leaves a call that is answered to the next page', async () => {
        const house = await House.registered();
        house.reachable();
        await house.phone.call(MERCUTIO, { video: false });
        const { id } = house.phone.calls.get()[0]!;
        house.sidecar.call(id, { type: 'answered', at: 1_000 });
        dispatchEvent(new PageTransitionEvent('pagehide'));
        expect(house.sidecar.sent('hang-up')).toEqual([]);
        expect(house.sidecar.sent('describe').at(-1)?.about).toEqual(
            jasmine.objectContaining({ call: house.phone.calls.get()[0]!, leg: id }),
        );
    });

    it('of a page after one that was left during a call is loaded before chat is connected, and registers by itself', async () => {
        let loads = 0;
        const options = {
            settings: {
                sip_auto_register: false,
                sip_credentials: () => Promise.resolve({ uri: 'sip:romeo@x', username: 'r', password: 'p' }),
            },
            load: () => {
                loads++;
                return Promise.resolve();
            },
            login: false,
        };
        await House.open(options);
        expect(loads).toBe(0);
        let key = `converse-sip-calls sip:romeo@x ${ROMEO}`;
        const keep = (): void => sessionStorage.setItem(key, '[]');
        // House.open() tidies the storage first
        const initialize = theConverse().initialize.bind(theConverse());
        spyOn(theConverse(), 'initialize').and.callFake((...args) => {
            keep();
            return initialize(...args);
        });
        const house = await House.open(options);
        expect(loads).toBe(1);
        await house.login({ [MERCUTIO]: 'both' });
        await until('it connects', () => house.sidecar.sent('connect')[0]);
        sessionStorage.removeItem(key);
        key = 'converse-sip-calls sip:romeo@x juliet@capulet.lit';
        const other = await House.open(options);
        await other.login({ [MERCUTIO]: 'both' });
        expect(other.sidecar.sent('connect')).withContext('what somebody else left').toEqual([]);
        expect(sessionStorage.getItem(key)).withContext('and is dropped').toBeNull();
    });

    it('hangs up what nobody has answered when the page goes, and the entry is there when it is back', async () => {
        const house = await House.registered();
        house.reachable();
        await house.phone.call(MERCUTIO, { video: false });
        const { id } = house.phone.calls.get()[0]!;
        house.sidecar.call(id, { type: 'ringing' });
        // The sidecar says at once that it is over; the history cannot be written that fast.
        const send = house.sidecar.send.bind(house.sidecar);
        house.sidecar.send = (command) => {
            send(command);
            if (command.type === 'hang-up') house.sidecar.call(id, { type: 'ended', reason: 'cancelled', at: 6_000 });
        };
        dispatchEvent(new PageTransitionEvent('pagehide'));
        expect(house.sidecar.sent('hang-up').map(({ callId }) => callId)).toEqual([id]);
        expect(sessionStorage.getItem('converse-sip-unwritten')).toContain(id);
    });

    it('places no call when another came while the person was asked', async () => {
        const house = await House.registered();
        house.reachable(MERCUTIO, 'sip:mercutio@elsewhere.example');
        spyOn(house._converse.api as Required<ConverseApi>, 'confirm').and.callFake(() => {
            house.sidecar.incoming();
            return Promise.resolve([]);
        });
        expect(await house.phone.call(MERCUTIO, { video: false })).toEqual({ ok: false, problem: 'in-a-call' });
    });

    it('asks again for a session that could not be loaded', async () => {
        let attempts = 0;
        const house = await House.open({
            load: () => (++attempts < 3 ? Promise.reject(new Error('chunk')) : Promise.resolve()),
            login: false,
        });
        const login = house.login({ [MERCUTIO]: 'both' });
        for (let attempt = 1; attempt < 3; attempt++) {
            await until(`attempt ${String(attempt)}`, () => attempts === attempt && house.wheel.waiting > 0);
            house.wheel.turn(15_000);
        }
        await login;
        expect(house.phone.registration.get().state).toBe('needs-credentials');
        expect(lines(error)).toEqual(['converse-sip [SIP-301] A part of the plugin could not be loaded: session']);
    });

    it('remembers devices and sharing, and hands streams and device problems on', async () => {
        const house = await House.registered();
        house.phone.login?.chooseDevices({ microphone: 'm1' });
        expect(house.sidecar.sent('devices').at(-1)?.choice).toEqual({
            microphone: 'm1',
            camera: '',
            speaker: '',
            ringer: '',
        });
        let heard = 0;
        const end = house.phone.onStreams('call', () => heard++);
        house.sidecar.emit({ type: 'streams', callId: 'call' });
        end();
        house.sidecar.emit({ type: 'streams', callId: 'call' });
        expect(heard).toBe(1);
        house.sidecar.emit({ type: 'device-list', devices: [{ kind: 'camera', id: 'c', label: 'C' }] });
        expect(house.phone.devices.get().length).toBe(1);
        house.sidecar.emit({ type: 'preview-problem', problem: { device: 'camera', problem: 'denied' } });
        expect(house.phone.previewProblem.get()?.problem).toBe('denied');
        house.phone.login?.preview({ microphone: true, camera: false });
        expect(house.phone.previewProblem.get()).toBeNull();
        expect(house.sidecar.sent('preview')).toEqual([{ type: 'preview', microphone: true, camera: false }]);
    });

    it('shares screens, answers questions and tells how well a call is heard', async () => {
        const house = await House.registered();
        const { phone, sidecar } = house;
        const placed = await phone.call('sip:mercutio@sip.montague.lit', { video: false });
        const callId = placed.ok ? placed.callId : '';
        const question = { kind: 'redirect', to: 'sip:+4930123@gateway.example;user=phone' } as const;
        sidecar.call(callId, { type: 'ringing' }, { type: 'question', question });
        expect(phone.doubt(question.to)).toBe('number');
        expect(phone.doubt('sip:romeo@sip.montague.lit')).toBe('link');
        phone.reply(callId, true);
        expect(sidecar.sent('reply')).toEqual([{ type: 'reply', callId, accept: true }]);
        sidecar.call(callId, { type: 'answered', at: 0 }, { type: 'connected', at: 0 });
        phone.screen(callId, true);
        phone.screen('no such call', true);
        expect(sidecar.sent('screen')).toEqual([{ type: 'screen', callId, on: true }]);
        const heard: unknown[] = [];
        phone.quality.subscribe(callId, (quality) => heard.push(quality?.level ?? null));
        const quality = { loss: 0, jitter: 1, roundTrip: null, codecs: [], relayed: null };
        sidecar.emit({ type: 'quality', callId, quality: { level: 'poor', ...quality } });
        expect(phone.quality.get(callId)?.level).toBe('poor');
        sidecar.call(callId, { type: 'ended', reason: 'hung-up', at: 1 });
        expect(heard).toEqual(['poor', null]);
    });

    it('tests the connection, and gives the log', async () => {
        const house = await House.registered();
        house.phone.login?.share(false);
        house.phone.login?.test();
        house.sidecar.emit({ type: 'tested', check: { name: 'stun', result: 'passed', reason: '', detail: '' } });
        await settled();
        const results = house.phone.checks.get().map(({ name, result }) => [name, result] as const);
        expect(Object.fromEntries(results)).toEqual(
            jasmine.objectContaining({ stun: 'passed', 'address-visible': 'skipped', server: 'running' }),
        );
        const text = house.phone.login?.report();
        house.sidecar.emit({ type: 'report', text: 'the log' });
        expect(await text).toMatch(/^the log\n.*\nstun: passed/su);
        await house.logout();
        expect(house.phone.checks.get()).toEqual([]);
        expect(house.phone.login).toBeNull();
    });

    it('survives hostile stanzas', async () => {
        const house = await House.registered();
        const { length } = lines(error);
        for (const inside of [
            `<reach xmlns='urn:xmpp:reach:0'><addr uri='sip:a&#x202e;b@c.example'/></reach>`,
            `<reach xmlns='urn:xmpp:reach:0'>${`<addr uri='sip:a@b.example'/>`.repeat(2_000)}</reach>`,
            `<reach xmlns='urn:xmpp:reach:0'><addr uri='sip:${'x'.repeat(50_000)}@b.example'/></reach>`,
            `<basic xmlns='urn:ietf:params:xml:ns:pidf'><basic xmlns='urn:ietf:params:xml:ns:pidf'>open</basic></basic>`,
            `<tuple xmlns='urn:ietf:params:xml:ns:pidf'/>`,
        ]) {
            house.receive(`<presence xmlns='jabber:client' from='${MERCUTIO}/x'>${inside}</presence>`);
        }
        house.receive(`<presence xmlns='jabber:client'/>`);
        house.receive(
            `<message xmlns='jabber:client' from='${MERCUTIO}'><event xmlns='http://jabber.org/protocol/pubsub#event'><items/></event></message>`,
        );
        expect(lines(error).length).toBe(length);
        expect(house.sip.lookup(MERCUTIO).addresses).toEqual([]);
    });
});
