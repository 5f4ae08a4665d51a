import type { ChatBox, ConverseApi, Message } from '../../src/plugin/converse.js';
import { House, MERCUTIO, ROMEO } from './support/house.js';
import { settled, until } from './support/until.js';
import { text } from './support/xml.js';

const JULIET = 'juliet@capulet.lit';
const GRUU = 'sip:romeo@sip.montague.lit;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
const ON_THE_PHONE = `<activities xmlns='urn:ietf:params:xml:ns:pidf:rpid'><on-the-phone/></activities>`;

interface Talk extends ChatBox {
    sendMessage(attributes: { readonly body: string }): Promise<Message>;
    close(): Promise<void>;
}

describe('in a real Converse', () => {
    const open = async (options: Parameters<typeof House.open>[0] = {}): Promise<House> => {
        const house = await House.open(options);
        house.phone.login?.signIn({ username: 'romeo', password: 'secret' });
        house.sidecar.emit({
            type: 'registration',
            registration: { state: 'registered', aor: 'sip:romeo@sip.montague.lit', gruu: GRUU },
        });
        return house;
    };
    const talk = async (house: House, jid = MERCUTIO): Promise<Talk> =>
        (await house._converse.api.chats.open(jid, {}, true)) as Talk;
    /** What was sent to that person with a body. */
    const sent = (house: House, jid = MERCUTIO): Element[] =>
        house.connection.sent_stanzas.filter(
            (each) => each.localName === 'message' && each.getAttribute('to') === jid && each.querySelector('body'),
        );
    const say = async (house: House, chat: Talk, body: string): Promise<Element> => {
        const jid = String(chat.get('jid'));
        const before = sent(house, jid).length;
        await chat.sendMessage({ body });
        return until(`"${body}"`, () => sent(house, jid)[before]);
    };
    const threadIn = (stanza: Element): string | undefined => stanza.querySelector('thread')?.textContent;
    /** A call with Mercutio that is up. */
    const connected = async (house: House): Promise<string> => {
        house.reachable();
        const placed = await house.phone.call(MERCUTIO, { video: false });
        const callId = placed.ok ? placed.callId : '';
        house.sidecar.call(callId, { type: 'ringing' }, { type: 'answered', at: 1 }, { type: 'connected', at: 2 });
        return callId;
    };

    describe('a conversation', () => {
        it('has a thread of its own, and the first message the address of this device', async () => {
            const house = await open();
            const chat = await talk(house);
            const first = await say(house, chat, 'Hi');
            expect(threadIn(first)).toMatch(/^[0-9a-f-]{36}$/u);
            expect(text(first)).toContain(`uri="${GRUU}"`);
            expect(first.querySelectorAll('thread').length).toBe(1);
            const second = await say(house, chat, 'Are you there?');
            expect(threadIn(second)).toBe(threadIn(first));
            expect(text(second)).not.toContain('reach');
            expect(chat.messages.models[0]?.get('thread')).toBe(threadIn(first));
        });

        it('keeps its thread when it is closed and opened again', async () => {
            const house = await open();
            const chat = await talk(house);
            const first = await say(house, chat, 'Hi');
            await chat.close();
            expect(threadIn(await say(house, await talk(house), 'Again'))).toBe(threadIn(first));
        });

        it('goes on in the thread that the other side has, and calls the device that wrote', async () => {
            const house = await open();
            house.reachable();
            house.message(
                `${MERCUTIO}/web`,
                `<body>Hi</body><thread>T1</thread><reach xmlns='urn:xmpp:reach:0'>` +
                    `<addr uri='sip:mercutio@sip.montague.lit;gr=urn:uuid:1'/></reach>`,
            );
            const chat = (await house.chat(MERCUTIO)) as Talk;
            expect(threadIn(await say(house, chat, 'Hi yourself'))).toBe('T1');
            expect(house.phone.reach.get(MERCUTIO).addresses[0]).toEqual(
                jasmine.objectContaining({ source: 'message', resource: 'web' }),
            );
            house.receive(
                `<presence xmlns='jabber:client' type='unavailable' from='${MERCUTIO}/web' to='${ROMEO}/orchard'/>`,
            );
            expect(house.phone.reach.get(MERCUTIO).addresses[0]?.source).toBe('presence');
        });

        it('tells the address to nobody who does not see the own presence', async () => {
            const house = await open({ contacts: { [MERCUTIO]: 'to' } });
            const stanza = await say(house, await talk(house), 'Hi');
            expect(threadIn(stanza)).toBeDefined();
            expect(text(stanza)).not.toContain('reach');
        });

        it('tells it no more once the person turns sharing off, or the site does not want it', async () => {
            const house = await open();
            house.phone.login?.share(false);
            expect(text(await say(house, await talk(house), 'Hi'))).not.toContain('reach');
            const other = await open({ settings: { sip_advertise: ['pep', 'presence'] } });
            expect(text(await say(other, await talk(other), 'Hi'))).not.toContain('reach');
        });

        it('during a call carries its Call-ID once, and what is written then belongs to the call', async () => {
            const house = await open();
            const callId = await connected(house);
            const chat = await talk(house);
            const first = await say(house, chat, 'the link');
            expect(first.querySelector('header')?.textContent).toBe(callId);
            expect(text(await say(house, chat, 'and another'))).not.toContain('Call-ID');
            const thread = threadIn(first) ?? '';
            house.message(`${MERCUTIO}/phone`, `<body>thanks</body><thread>${thread}</thread>`);
            const reply = await until('the reply', () => chat.messages.models[2]);
            for (const message of [...chat.messages.models.slice(0, 2), reply]) {
                expect(message.get('sip_call_id')).toBe(callId);
            }
        });

        it('takes what the other side writes for a part of the call only by its Call-ID or thread', async () => {
            const house = await open();
            const callId = await connected(house);
            const chat = await talk(house);
            const shim = (id: string): string =>
                `<headers xmlns='http://jabber.org/protocol/shim'><header name='Call-ID'>${id}</header></headers>`;
            house.message(`${MERCUTIO}/phone`, '<body>one</body><thread>other</thread>', `id='m1'`);
            house.message(`${MERCUTIO}/phone`, `<body>two</body>${shim('made-up')}`, `id='m2'`);
            house.message(`${MERCUTIO}/phone`, `<body>three</body>${shim(callId)}`, `id='m3'`);
            await until('three messages', () => chat.messages.length === 3);
            expect(chat.messages.models.map((message) => message.get('sip_call_id'))).toEqual([
                undefined,
                undefined,
                callId,
            ]);
        });
    });

    describe('a contact', () => {
        it('is called first where the person says so, and a suggestion is only one', async () => {
            const house = await open({ settings: { sip_address_rule: 'sip:{local}@pbx.montague.lit' } });
            house.reachable();
            expect(house.phone.login?.suggestion(MERCUTIO)).toBe('sip:mercutio@pbx.montague.lit');
            expect(house.phone.reach.get(MERCUTIO).addresses.length).toBe(1);
            await house.phone.login?.addAddress(MERCUTIO, 'sip:mercutio@pbx.montague.lit');
            expect(house.phone.reach.get(MERCUTIO).addresses[0]?.source).toBe('typed');
            house.phone.login?.preferAddress(MERCUTIO, 'sip:mercutio@sip.montague.lit');
            expect(house.phone.reach.get(MERCUTIO).addresses.map(({ uri }) => uri)).toEqual([
                'sip:mercutio@sip.montague.lit',
                'sip:mercutio@pbx.montague.lit',
            ]);
            house.phone.login?.removeAddress(MERCUTIO, 'sip:mercutio@sip.montague.lit');
            house.reachable();
            expect(house.phone.reach.get(MERCUTIO).addresses.map(({ uri }) => uri)).toEqual([
                'sip:mercutio@pbx.montague.lit',
            ]);
        });

        it('who is removed takes everything along, what was typed too', async () => {
            const house = await open();
            house.reachable();
            await house.phone.login?.addAddress(MERCUTIO, 'sip:mercutio@pbx.montague.lit');
            const iq =
                `<iq xmlns='jabber:client' type='set' id='push-1' to='${ROMEO}/orchard'>` +
                `<query xmlns='jabber:iq:roster'><item jid='${MERCUTIO}' subscription='remove'/></query></iq>`;
            house.receive(iq);
            await until('forgotten', () => house.phone.reach.get(MERCUTIO).addresses.length === 0);
        });

        it('of whom nothing is known is asked for what is published when a script calls', async () => {
            const house = await open();
            const placed = house.sip.call(MERCUTIO);
            const iq = await house.iq('urn:xmpp:reach:0');
            house.answer(
                iq,
                `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:reach:0'><item id='current'>
                 <reach xmlns='urn:xmpp:reach:0'><addr uri='sip:mercutio@sip.montague.lit'/></reach></item></items></pubsub>`,
            );
            house.answer(
                await house.iq('urn:xmpp:vcard4'),
                `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:vcard4'><item id='current'>
                 <vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><tel><uri>tel:+4930123</uri></tel></vcard></item></items></pubsub>`,
            );
            expect(await placed).toEqual(jasmine.objectContaining({ ok: true }));
            expect(house.sidecar.sent('call')[0]?.to).toBe('sip:mercutio@sip.montague.lit');
        });

        it('who takes their presence away takes what they said along, and leaves what was typed', async () => {
            const house = await open();
            house.reachable();
            await house.phone.login?.addAddress(MERCUTIO, 'sip:mercutio@pbx.montague.lit');
            const iq =
                `<iq xmlns='jabber:client' type='set' id='push-1' to='${ROMEO}/orchard'>` +
                `<query xmlns='jabber:iq:roster'><item jid='${MERCUTIO}' subscription='none'/></query></iq>`;
            house.receive(iq);
            await until('forgotten', () => house.phone.reach.get(MERCUTIO).addresses.length < 2);
            expect(house.phone.reach.get(MERCUTIO).addresses.map(({ source }) => source)).toEqual(['typed']);
        });

        it('whose number the person chooses is asked about, an emergency number too', async () => {
            const house = await open();
            house.reachable(MERCUTIO, 'tel:112');
            const confirm = spyOn(house._converse.api as Required<ConverseApi>, 'confirm').and.resolveTo(false);
            expect(await house.phone.call('tel:112', { video: false, jid: MERCUTIO })).toEqual({
                ok: false,
                problem: 'cancelled',
            });
            expect(confirm).toHaveBeenCalledTimes(1);
            expect((await house.phone.call('112', { video: false })).ok).toBeTrue();
            expect(confirm).toHaveBeenCalledTimes(1);
            expect(house.sidecar.sent('call')[0]?.to).toBe('sip:112@sip.montague.lit;user=phone');
        });

        it('is found by asking an address, and only then', async () => {
            const house = await open();
            const asked = house.phone.probe('sip:juliet@sip.capulet.lit');
            const [probe] = house.sidecar.sent('probe');
            house.sidecar.emit({
                type: 'probed',
                probeId: probe!.probeId,
                ok: true,
                remote: { contact: '', callInfo: [`<xmpp:${JULIET}>;purpose=impp`], headers: [], fingerprints: [] },
                video: null,
            });
            expect(await asked).toEqual({ jid: JULIET });
            expect(house.phone.reach.get(JULIET).addresses).toEqual([]);
        });
    });

    describe('own presence during a call', () => {
        const last = (house: House): string => text(house.presences.at(-1)!);
        const next = async (house: House): Promise<string> => {
            const before = house.presences.length;
            house.wheel.turn(1_000);
            await until('another presence', () => house.presences.length > before);
            return last(house);
        };
        const quiet = async (house: House): Promise<void> => {
            house.wheel.turn(1_000);
            await settled();
        };

        it('is dnd for others where the site wants it, and nothing of it stays in the profile', async () => {
            const house = await open({ settings: { sip_presence_on_call: 'dnd' } });
            await quiet(house);
            const callId = await connected(house);
            expect(await next(house)).toContain('>dnd</show>');
            expect(house._converse.state.profile?.get('show')).toBeFalsy();
            house.sidecar.call(callId, { type: 'ended', reason: 'hung-up', at: 9 });
            expect(await next(house)).not.toContain('show');
        });

        it('leaves a person who is away alone', async () => {
            const house = await open({ settings: { sip_presence_on_call: 'dnd' } });
            house._converse.state.profile?.save({ show: 'away' });
            await quiet(house);
            await connected(house);
            const said = await next(house);
            expect(said).toContain('>away</show>');
            expect(said.match(/<show/gu)?.length).toBe(1);
        });

        it('shows a text where the person has none', async () => {
            const house = await open({ settings: { sip_presence_on_call: 'status' } });
            await quiet(house);
            await connected(house);
            expect(await next(house)).toContain('>On the phone</status>');
        });

        it('of another own device changes nothing here', async () => {
            const house = await open();
            const from = `<presence xmlns='jabber:client' from='${ROMEO}/laptop' to='${ROMEO}/orchard'>`;
            house.receive(`${from}<show>dnd</show><status>On the phone</status>${ON_THE_PHONE}</presence>`);
            await settled();
            const { profile } = house._converse.state;
            expect(profile?.get('show')).toBeFalsy();
            expect(profile?.get('status_message')).toBeFalsy();
            house.receive(`${from}<show>away</show></presence>`);
            await until('away', () => profile?.get('show') === 'away');
        });

        it('is no reason to be away by the clock', async () => {
            const house = await open();
            const { idle } = house._converse.api.user as unknown as {
                idle: { get: () => { seconds: number }; set: (status: { seconds: number }) => void };
            };
            const callId = await connected(house);
            idle.set({ seconds: 500 });
            house.wheel.turn(1_000);
            expect(idle.get().seconds).toBe(0);
            house.sidecar.call(callId, { type: 'ended', reason: 'hung-up', at: 9 });
            idle.set({ seconds: 500 });
            house.wheel.turn(5_000);
            expect(idle.get().seconds).toBe(500);
        });

        it('is closed at once while the person does not want calls', async () => {
            const house = await open();
            await quiet(house);
            house.phone.login?.setDoNotRing(true);
            expect(await next(house)).toContain('>closed</basic>');
            house.phone.login?.setDoNotRing(false);
            expect(await next(house)).toContain('>open</basic>');
        });

        it('is not closed for the moment that a registration is away', async () => {
            const house = await open();
            await quiet(house);
            const before = house.presences.length;
            house.sidecar.emit({
                type: 'registration',
                registration: { state: 'offline', attempt: 1, retryAt: house.wheel.now() + 1 },
            });
            house.wheel.turn(10_000);
            house.sidecar.registered();
            house.wheel.turn(10_000);
            await settled();
            expect(house.presences.slice(before).map(text).join()).not.toContain('closed');
        });

        it('waits for the registration where the site wants it', async () => {
            const house = await House.open({
                settings: {
                    sip_wait_for_registration: true,
                    sip_credentials: () => ({ username: 'romeo', password: 'x' }),
                },
            });
            await until('signed in', () => house.sidecar.sent('connect')[0]);
            expect(house.presences.length).toBe(0);
            house.sidecar.registered();
            await until('presence', () => house.presences.length === 1);
            expect(last(house)).toContain('>open</basic>');
        });
    });

    it('says whether chat is connected', async () => {
        const house = await open();
        expect(house.phone.chatConnected.get()).toBeTrue();
        const seen: boolean[] = [];
        house.phone.chatConnected.subscribe((on) => seen.push(on));
        await house.reconnect();
        await until('connected again', () => house.phone.chatConnected.get());
        expect(seen).toEqual([false, true]);
    });
});
