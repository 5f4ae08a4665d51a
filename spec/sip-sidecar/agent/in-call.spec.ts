import type { Active, Ended } from '../../../src/sip-sidecar/contract/index.js';
import { settled } from './support/clock.js';
import { SDP } from './support/media.js';
import { TestPhone, type Dialog } from './support/phone.js';

const CONTACT = 'Contact: <sip:bob@server.invalid;transport=ws>';

describe('During a call', () => {
    let phone: TestPhone;
    let dialog: Dialog;
    let callId: string;
    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register();
        dialog = await phone.talk();
        callId = dialog.callId;
        phone.media.latest.log.length = 0;
    });
    afterEach(() => phone.end());

    const log = (): string[] => phone.media.latest.log;
    const held = (): unknown => (phone.state(callId) as Active).hold;
    const invites = (): number => phone.server.received.filter(({ first }) => first.startsWith('INVITE')).length;
    const ended = async (): Promise<Ended> => (await phone.reaches(callId, 'ended')) as Ended;

    it('hold and resume are one re-INVITE each', async () => {
        for (const on of [true, false]) {
            phone.send({ type: 'hold', callId, on });
            phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
            await phone.server.request('ACK');
            expect(held()).toEqual({ byUs: on, byThem: false });
        }
        expect(log()).toEqual(['hold', 'offer', 'remote answer', 'resume', 'offer', 'remote answer']);
    });

    it('hold that is on already sends nothing', async () => {
        phone.send({ type: 'hold', callId, on: false });
        phone.send({ type: 'hold', callId, on: true });
        phone.send({ type: 'hold', callId, on: true });
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        await settled();
        expect(invites()).toBe(2);
    });

    it('changes are sent one after the other, never two at once', async () => {
        phone.send({ type: 'hold', callId, on: true });
        phone.send({ type: 'hold', callId, on: false });
        phone.media.latest.renegotiate = true;
        phone.send({ type: 'camera', callId, on: true });
        for (let i = 0; i < 3; i += 1) {
            const invite = await phone.server.request('INVITE');
            await settled();
            expect(invites()).toBe(i + 2);
            phone.server.reply(invite, 200, [CONTACT], SDP);
            await phone.server.request('ACK');
        }
    });

    it('a re-INVITE that met another one is sent again after 2.1 to 4 s', async () => {
        phone.send({ type: 'hold', callId, on: true });
        phone.server.reply(await phone.server.request('INVITE'), 491);
        await phone.server.request('ACK');
        await phone.clock.advance(2000);
        expect(invites()).toBe(2);
        await phone.clock.advance(2000);
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        await settled();
        expect(held()).toEqual({ byUs: true, byThem: false });
        expect(log()).toEqual(['hold', 'offer', 'rollback', 'offer', 'remote answer']);
    });

    it('a re-INVITE that keeps meeting others is given up in the end, and all is as before', async () => {
        phone.send({ type: 'hold', callId, on: true });
        for (let i = 0; i < 6; i += 1) {
            phone.server.reply(await phone.server.request('INVITE'), 500, ['Retry-After: 1']);
            await phone.server.request('ACK');
            await phone.clock.advance(4000);
        }
        expect(held()).toEqual({ byUs: false, byThem: false });
        expect(log().slice(-2)).toEqual(['rollback', 'resume']);
    });

    for (const status of [488, 403, 302, 503]) {
        it(`a re-INVITE that is answered ${String(status)} is undone, the call goes on, and so does the next change`, async () => {
            phone.send({ type: 'hold', callId, on: true });
            phone.server.reply(await phone.server.request('INVITE'), status);
            await phone.server.request('ACK');
            await phone.until(() => log().includes('resume'));
            expect(held()).toEqual({ byUs: false, byThem: false });
            phone.send({ type: 'hold', callId, on: true });
            phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
            await phone.server.request('ACK');
            expect(held()).toEqual({ byUs: true, byThem: false });
        });
    }

    it('hold that cannot be told for long is in force all the same, and told when the connection is back', async () => {
        phone.server.unreachable.add('wss://sip.example.net/');
        phone.server.drop();
        phone.send({ type: 'hold', callId, on: true });
        await phone.clock.advance(28_000);
        expect(log().filter((word) => word === 'hold' || word === 'resume')).toEqual(['hold']);
        expect(held()).toEqual({ byUs: true, byThem: false });
        phone.server.unreachable.clear();
        const told = phone.server.request('INVITE');
        await phone.clock.advance(3_000);
        phone.server.reply(await told, 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        expect(held()).toEqual({ byUs: true, byThem: false });
    });

    it('a camera that cannot be described for long was refused by nobody, and is described when the connection is back', async () => {
        phone.server.unreachable.add('wss://sip.example.net/');
        phone.server.drop();
        phone.media.latest.renegotiate = true;
        phone.send({ type: 'camera', callId, on: true });
        await phone.clock.advance(28_000);
        expect(log()).not.toContain('camera off');
        expect((phone.state(callId) as Active).problem).toBeNull();
        phone.server.unreachable.clear();
        const told = phone.server.request('INVITE');
        await phone.clock.advance(3_000);
        phone.server.reply(await told, 200, [CONTACT], SDP);
        await phone.server.request('ACK');
    });

    it('a re-INVITE without a connection is sent when that is back', async () => {
        phone.server.drop();
        phone.send({ type: 'hold', callId, on: true });
        await phone.clock.advance(400);
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        expect(held()).toEqual({ byUs: true, byThem: false });
    });

    it('a re-INVITE whose call the other side has forgotten ends the call', async () => {
        phone.send({ type: 'hold', callId, on: true });
        phone.server.reply(await phone.server.request('INVITE'), 481);
        expect((await ended()).reason).toBe('connection-lost');
    });

    it('a call that ends while it waits to try again sends nothing more', async () => {
        phone.send({ type: 'hold', callId, on: true });
        phone.server.reply(await phone.server.request('INVITE'), 491);
        await phone.server.request('ACK');
        await settled();
        phone.send({ type: 'hang-up', callId });
        phone.server.reply(await phone.server.request('BYE'), 200);
        await phone.clock.advance(100_000);
        expect(invites()).toBe(2);
        expect(phone.clock.pending).toBe(1);
    });

    it('their re-INVITE is answered, and what they do is told', async () => {
        dialog.request('INVITE', { body: SDP });
        const ok = await phone.server.response('INVITE', 200);
        expect(ok.body).toContain('x-answer');
        expect(log()).toEqual(['remote offer', 'answer']);
        phone.media.latest.listener.heldByThem(true);
        expect(held()).toEqual({ byUs: false, byThem: true });
        phone.media.latest.listener.media({ remoteVideo: true });
        expect((phone.state(callId) as Active).media.remoteVideo).toBeTrue();
    });

    it('their re-INVITE that we cannot use is answered 488, and the call goes on', async () => {
        dialog.request('INVITE', { body: `${SDP}a=POISON\r\n` });
        await phone.server.response('INVITE', 488);
        expect(phone.state(callId).name).toBe('active');
    });

    it('their re-INVITE while ours is open is answered 491', async () => {
        phone.send({ type: 'hold', callId, on: true });
        const ours = await phone.server.request('INVITE');
        dialog.request('INVITE', { body: SDP });
        await phone.server.response('INVITE', 491);
        phone.server.reply(ours, 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        expect(held()).toEqual({ byUs: true, byThem: false });
    });

    it('their re-INVITE while our offer is being made goes first, and ours follows', async () => {
        let makeOffer: () => void = () => undefined;
        const session = phone.media.latest;
        const create = session.createOffer.bind(session);
        spyOn(session, 'createOffer').and.callFake(async () => {
            const offer = await create();
            await new Promise<void>((resolve) => (makeOffer = resolve));
            return offer;
        });
        phone.send({ type: 'hold', callId, on: true });
        await phone.until(() => session.state === 'local');
        const theirs = dialog.request('INVITE', { body: SDP });
        const ok = await phone.server.response('INVITE', 200);
        makeOffer();
        await settled();
        expect(invites()).toBe(1);
        phone.server.sendRequest({
            method: 'ACK',
            from: ok.header('From'),
            to: ok.header('To'),
            callId,
            cseq: Number.parseInt(theirs.header('CSeq'), 10),
        });
        (session.createOffer as jasmine.Spy).and.callFake(create);
        await phone.clock.advance(4000);
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        expect(held()).toEqual({ byUs: true, byThem: false });
        expect(log()).toEqual(['hold', 'offer', 'rollback', 'remote offer', 'answer', 'offer', 'remote answer']);
    });

    it('our re-INVITE while theirs waits for its ACK is taken back, and follows', async () => {
        const theirs = dialog.request('INVITE', { body: SDP });
        const ok = await phone.server.response('INVITE', 200);
        phone.send({ type: 'hold', callId, on: true });
        await phone.until(() => log().includes('rollback'));
        expect(invites()).toBe(1);
        const cseq = Number.parseInt(theirs.header('CSeq'), 10);
        phone.server.sendRequest({ method: 'ACK', from: ok.header('From'), to: ok.header('To'), callId, cseq });
        await phone.clock.advance(4000);
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        expect(held()).toEqual({ byUs: true, byThem: false });
        expect(log()).toEqual(['remote offer', 'answer', 'hold', 'offer', 'rollback', 'offer', 'remote answer']);
    });

    it('the camera comes with a re-INVITE only where that is needed', async () => {
        phone.send({ type: 'camera', callId, on: true });
        await settled();
        expect(invites()).toBe(1);
        phone.media.latest.renegotiate = true;
        phone.send({ type: 'camera', callId, on: true });
        phone.server.reply(await phone.server.request('INVITE'), 488);
        await phone.until(() => log().includes('camera off'));
    });

    it('a camera that is wanting is told, and the call goes on', async () => {
        phone.media.latest.cameraProblem = { device: 'camera', problem: 'in-use' };
        phone.send({ type: 'camera', callId, on: true });
        await phone.until(() => (phone.state(callId) as Active).problem !== null);
        expect((phone.state(callId) as Active).problem).toEqual({ device: 'camera', problem: 'in-use' });
    });

    it('a screen or a camera that they refuse is taken back, and the person is told', async () => {
        phone.media.latest.renegotiate = true;
        for (const device of ['screen', 'camera'] as const) {
            phone.send({ type: device, callId, on: true });
            phone.server.reply(await phone.server.request('INVITE'), 488);
            await phone.until(() => log().includes(`${device} off`));
            expect((phone.state(callId) as Active).problem).toEqual({ device, problem: 'refused' });
        }
    });

    it('a screen that ends by itself is told by a re-INVITE, and one that is refused takes nothing back', async () => {
        phone.media.latest.listener.renegotiate();
        phone.server.reply(await phone.server.request('INVITE'), 488);
        await phone.until(() => log().includes('rollback'));
        await settled();
        expect(log()).toEqual(['offer', 'rollback']);
        expect((phone.state(callId) as Active).problem).toBeNull();
    });

    it('the quality is told as it is measured', () => {
        const quality = {
            level: 'fair',
            loss: 0.05,
            jitter: 9,
            roundTrip: 40,
            codecs: ['opus'],
            relayed: false,
        } as const;
        phone.media.latest.listener.quality(quality);
        expect(phone.events.at(-1)).toEqual({ type: 'quality', callId, quality });
    });

    it('the connection test says how we stand with the server', async () => {
        phone.send({ type: 'test' });
        const results = (): string[] =>
            phone.events.filter((event) => event.type === 'tested').map(({ check }) => `${check.name} ${check.result}`);
        await phone.until(() => results().includes('registered passed'));
        expect(results().slice(-3)).toEqual(['server passed', 'signed-in passed', 'registered passed']);
    });

    it('mute changes nothing on the wire', async () => {
        phone.send({ type: 'mute', callId, on: true });
        await settled();
        expect(log()).toEqual(['mute']);
        expect(invites()).toBe(1);
    });

    it('digits go as telephone-event, and as INFO only where that was not negotiated', async () => {
        phone.send({ type: 'digits', callId, digits: '1a#' });
        expect(log()).toEqual(['digits 1A#']);
        phone.media.latest.telephoneEvent = false;
        phone.send({ type: 'digits', callId, digits: '5*' });
        for (const digit of ['5', '*']) {
            const info = await phone.server.request('INFO');
            expect(info.header('Content-Type')).toBe('application/dtmf-relay');
            expect(info.body).toBe(`Signal=${digit}\r\nDuration=160\r\n`);
            phone.server.reply(info, 200);
        }
        phone.send({ type: 'digits', callId, digits: '1\r\nX: 1' });
        await settled();
        expect(phone.server.received.filter(({ method }) => method === 'INFO').length).toBe(2);
    });

    it('a request to call somebody else is refused and told, and nobody is called', async () => {
        dialog.request('REFER', { headers: ['Refer-To: <sip:+1900premium@example.net>'] });
        await phone.server.response('REFER', 603);
        phone.server.sendRequest({ method: 'REFER', headers: ['Refer-To: <sip:evil@example.net>'] });
        await phone.server.response('REFER', 603);
        await settled();
        expect(invites()).toBe(1);
        expect(phone.notices).toEqual(['SIP-108', 'SIP-108']);
    });

    const UNWANTED: [method: string, status: number, headers: string[]][] = [
        ['INFO', 415, ['Content-Type: application/evil']],
        ['INFO', 200, []],
        ['MESSAGE', 405, []],
        ['NOTIFY', 481, ['Event: refer', 'Subscription-State: active']],
        ['OPTIONS', 200, []],
    ];
    for (const [method, status, headers] of UNWANTED) {
        it(`${method} ${headers.join()} in the call is answered ${String(status)}`, async () => {
            dialog.request(method, { headers });
            const response = await phone.server.response(method, status);
            if (status === 405)
                expect(response.header('Allow')).toBe('INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK');
            expect(phone.state(callId).name).toBe('active');
        });
    }

    const OUTSIDE: [method: string, status: number, headers: string[]][] = [
        ['MESSAGE', 405, []],
        ['SUBSCRIBE', 489, ['Event: presence']],
        ['NOTIFY', 481, ['Event: message-summary', 'Subscription-State: active']],
        ['BYE', 481, []],
        ['OPTIONS', 200, []],
        ['REGISTER', 405, []],
        ['FROBNICATE', 405, []],
    ];
    for (const [method, status, headers] of OUTSIDE) {
        it(`${method} outside of it is answered ${String(status)}`, async () => {
            phone.server.sendRequest({ method, headers });
            const response = await phone.server.response(method, status);
            if (method !== 'OPTIONS') return;
            expect(response.header('Contact')).toBe('');
            expect(response.text).not.toMatch(/xmpp|Alice/u);
        });
    }

    const BYES: [headers: string[], reason: string][] = [
        [[], 'hung-up'],
        [['Reason: SIP;cause=200;text="elsewhere"'], 'hung-up'],
        [['Reason: SIP;cause=488'], 'not-accepted'],
        [['Reason: Q.850;cause=16'], 'hung-up'],
    ];
    for (const [headers, reason] of BYES) {
        it(`a BYE ${headers.join()} ends it: ${reason}`, async () => {
            dialog.request('BYE', { headers });
            await phone.server.response('BYE', 200);
            expect((await ended()).reason).toBe(reason as 'hung-up');
            expect(phone.media.latest.closed).toBeTrue();
            expect(phone.clock.pending).toBe(1);
        });
    }

    it('media that is interrupted and comes back is told, and media that is gone ends it', async () => {
        const { listener } = phone.media.latest;
        listener.interrupted(phone.clock.now());
        expect(phone.state(callId).name).toBe('interrupted');
        listener.connected();
        expect(phone.state(callId).name).toBe('active');
        listener.failed(false);
        expect((await ended()).reason).toBe('media-failed');
        await phone.server.request('BYE');
    });

    it('an answered call that came in can do the same', async () => {
        const other = await phone.answered();
        phone.send({ type: 'hold', callId: other.callId, on: true });
        phone.server.reply(await phone.server.request('INVITE'), 491);
        await phone.server.request('ACK');
        await phone.clock.advance(1000);
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        phone.send({ type: 'hang-up', callId: other.callId });
        await phone.server.request('BYE');
        expect(phone.state(callId).name).toBe('active');
    });
});
