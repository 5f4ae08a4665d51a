import { endReasonFromStatus } from '../../../src/sip-sidecar/contract/end-reason.js';
import type { DeviceProblem, Ended } from '../../../src/sip-sidecar/contract/index.js';
import { settled } from './support/clock.js';
import { FakeSession, SDP } from './support/media.js';
import { TestPhone } from './support/phone.js';

const CONTACT = 'Contact: <sip:bob@server.invalid;transport=ws>';

describe('A call out', () => {
    let phone: TestPhone;
    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register();
    });
    afterEach(() => phone.end());

    const ended = async (callId: string): Promise<Ended> => (await phone.reaches(callId, 'ended')) as Ended;
    const sent = (method: string): number =>
        phone.server.received.filter(({ first }) => first.startsWith(method)).length;
    const nothingStays = (): void => {
        expect(phone.media.sessions.every(({ closed }) => closed)).toBeTrue();
        // The refresh of the registration; and after a CANCEL the wait for the last answer.
        expect(phone.clock.pending).toBeLessThanOrEqual(2);
    };

    it('dials, rings, connects and is active, in this order', async () => {
        const callId = phone.dial({ headers: [['Call-Info', '<xmpp:alice@example.net>;purpose=impp']] });
        expect(phone.state(callId).name).toBe('dialling');
        const invite = await phone.server.request('INVITE');
        expect(invite.first).toBe('INVITE sip:bob@example.net SIP/2.0');
        expect(invite.header('Call-ID')).toBe(callId);
        expect(invite.header('From')).toMatch(/^"Alice" <sip:alice@example\.net>;tag=[0-9a-f]{20}$/u);
        expect(invite.header('Contact')).toBe('<sip:alice@example.net;gr=urn:uuid:1>;audio;video');
        expect(invite.header('Call-Info')).toBe('<xmpp:alice@example.net>;purpose=impp');
        expect(invite.body).toContain('x-offer');
        phone.server.reply(invite, 100);
        phone.server.reply(invite, 180, [CONTACT]);
        await phone.reaches(callId, 'ringing');
        phone.server.reply(invite, 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        await phone.reaches(callId, 'connecting');
        phone.media.latest.listener.connected();
        expect(phone.state(callId).name).toBe('active');
        expect(phone.media.latest.log).toEqual(['offer', 'remote answer']);
    });

    it('is active too where media is through before the answer has been taken in', async () => {
        const callId = phone.dial();
        const invite = await phone.server.request('INVITE');
        phone.server.reply(invite, 200, [CONTACT], SDP);
        phone.media.latest.listener.connected();
        await phone.reaches(callId, 'active');
    });

    it('rings for a 180 without Contact, and for 183', async () => {
        for (const status of [180, 183]) {
            const callId = phone.dial();
            phone.server.reply(await phone.server.request('INVITE'), status);
            await phone.reaches(callId, 'ringing');
        }
    });

    it('dials a telephone number at the own domain', async () => {
        phone.dial({ to: 'tel:+1-303-555-1212' });
        const invite = await phone.server.request('INVITE');
        expect(invite.first).toBe('INVITE sip:+13035551212@example.net;user=phone SIP/2.0');
    });

    for (const to of ['javascript:alert(1)', 'sip:a b@h', 'sip:x@h\r\nX-Evil: 1', '']) {
        it(`to ${JSON.stringify(to)} ends as not found, and nothing is sent`, async () => {
            const callId = phone.dial({ to });
            expect((await ended(callId)).reason).toBe('not-found');
            await settled();
            expect(sent('INVITE')).toBe(0);
        });
    }

    it('adds no header that breaks the message', async () => {
        phone.dial({
            headers: [
                ['X-Evil', 'a\r\nX-Worse: 1'],
                ['Contact', '<sip:evil@h>'],
                ['X-Good', '1'],
            ],
        });
        const invite = await phone.server.request('INVITE');
        expect(invite.text).not.toMatch(/evil|Worse/u);
        expect(invite.header('X-Good')).toBe('1');
    });

    for (const status of [302, 401, 403, 404, 408, 410, 415, 480, 484, 486, 487, 488, 500, 503, 600, 603, 604, 606]) {
        it(`that is answered ${String(status)} ends as ${endReasonFromStatus(status)}`, async () => {
            const callId = phone.dial();
            const invite = await phone.server.request('INVITE');
            phone.server.reply(invite, status);
            const { reason, status: told } = await ended(callId);
            expect(reason).toBe(endReasonFromStatus(status));
            expect(told).toBe(status);
            expect((await phone.server.request('ACK')).header('CSeq')).toMatch(/ACK$/u);
            nothingStays();
        });
    }

    const PROBLEMS: [problem: DeviceProblem['problem'], reason: string][] = [
        ['denied', 'no-permission'],
        ['blocked-by-site', 'no-permission'],
        ['insecure-page', 'no-permission'],
        ['unsupported', 'no-permission'],
        ['missing', 'no-device'],
        ['in-use', 'no-device'],
    ];
    for (const [problem, reason] of PROBLEMS) {
        it(`without a microphone (${problem}) ends as ${reason}, and nothing is sent`, async () => {
            phone.media.problem = { device: 'microphone', problem };
            const end = await ended(phone.dial());
            expect(end.reason).toBe(reason as 'no-device');
            expect(end.problem).toEqual({ device: 'microphone', problem });
            await settled();
            expect(sent('INVITE')).toBe(0);
        });
    }

    it('without the media chunk ends as failed', async () => {
        phone.mediaLoads = false;
        expect((await ended(phone.dial())).reason).toBe('failed');
    });

    it('without a connection ends as connection-lost', async () => {
        phone.server.drop();
        expect((await ended(phone.dial())).reason).toBe('connection-lost');
    });

    it('that nobody answers ends after the ring timeout, with a CANCEL', async () => {
        const callId = phone.dial();
        const invite = await phone.server.request('INVITE');
        phone.server.reply(invite, 180, [CONTACT]);
        await phone.reaches(callId, 'ringing');
        await phone.clock.advance(44_900);
        expect(phone.state(callId).name).toBe('ringing');
        await phone.clock.advance(200);
        expect((await ended(callId)).reason).toBe('no-answer');
        const cancel = await phone.server.request('CANCEL');
        expect(cancel.header('CSeq')).toBe(invite.header('CSeq').replace('INVITE', 'CANCEL'));
        phone.server.reply(cancel, 200);
        phone.server.reply(invite, 487);
        await phone.server.request('ACK');
        nothingStays();
    });

    it('hung up before the devices are there sends nothing, and lets them go', async () => {
        let open: () => void = () => undefined;
        phone.media.gate = new Promise((resolve) => (open = resolve));
        const callId = phone.dial();
        await settled();
        phone.send({ type: 'hang-up', callId });
        expect((await ended(callId)).reason).toBe('cancelled');
        expect(phone.media.closed).toContain(callId);
        open();
        await settled();
        expect(sent('INVITE')).toBe(0);
        expect(phone.media.latest.closed).toBeTrue();
        nothingStays();
    });

    it('to an emergency number is not kept waiting for more candidates', async () => {
        const create = spyOn(FakeSession.prototype, 'createOffer').and.callThrough();
        phone.dial({ to: 'sip:112@sip.example.net;user=phone' });
        await phone.server.request('INVITE');
        expect<unknown>(create.calls.allArgs()).toEqual([[{ urgent: true }]]);
    });

    it('hung up before the offer is made sends nothing', async () => {
        let makeOffer: (sdp: string) => void = () => undefined;
        const create = spyOn(FakeSession.prototype, 'createOffer').and.returnValue(
            new Promise((resolve) => (makeOffer = resolve)),
        );
        const callId = phone.dial();
        await phone.until(() => create.calls.any());
        phone.send({ type: 'hang-up', callId });
        await ended(callId);
        makeOffer(SDP);
        await settled();
        expect(sent('INVITE')).toBe(0);
        nothingStays();
    });

    it('hung up before any answer cancels as soon as there is one', async () => {
        const callId = phone.dial();
        const invite = await phone.server.request('INVITE');
        phone.send({ type: 'hang-up', callId });
        expect((await ended(callId)).reason).toBe('cancelled');
        await settled();
        expect(sent('CANCEL')).toBe(0);
        phone.server.reply(invite, 100);
        await phone.server.request('CANCEL');
        phone.server.reply(invite, 487);
        await phone.server.request('ACK');
    });

    it('hung up while it rings cancels at once; an answer that crosses it is ended with BYE', async () => {
        const callId = phone.dial();
        const invite = await phone.server.request('INVITE');
        phone.server.reply(invite, 180, [CONTACT]);
        await phone.reaches(callId, 'ringing');
        phone.send({ type: 'hang-up', callId });
        await phone.server.request('CANCEL');
        phone.server.reply(invite, 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        const bye = await phone.server.request('BYE');
        phone.server.reply(bye, 200);
        expect((await ended(callId)).reason).toBe('cancelled');
        nothingStays();
    });

    it('hung up after a CANCEL that brings no last answer is forgotten all the same', async () => {
        const callId = phone.dial();
        const invite = await phone.server.request('INVITE');
        phone.server.reply(invite, 100);
        // Transactions go by the page's own clock.
        jasmine.clock().install();
        try {
            phone.send({ type: 'hang-up', callId });
            await phone.server.request('CANCEL');
            jasmine.clock().tick(32_000);
        } finally {
            jasmine.clock().uninstall();
        }
        expect(phone.clock.pending).toBe(1);
        phone.server.reply(invite, 200, [CONTACT], SDP);
        await settled();
        expect(sent('ACK')).withContext('nobody is there any more').toBe(0);
    });

    it('hung up while it is up says BYE', async () => {
        const { callId } = await phone.talk();
        phone.send({ type: 'hang-up', callId });
        expect((await ended(callId)).reason).toBe('hung-up');
        phone.server.reply(await phone.server.request('BYE'), 200);
        nothingStays();
    });

    it('whose BYE finds the other side away says it again, and not for ever', async () => {
        const { callId } = await phone.talk();
        phone.send({ type: 'hang-up', callId });
        const numbers: number[] = [];
        for (const wait of [1000, 2000, 4000, 8000]) {
            const bye = await phone.server.request('BYE');
            numbers.push(Number.parseInt(bye.header('CSeq'), 10));
            phone.server.reply(bye, 480);
            await phone.clock.advance(wait);
        }
        phone.server.reply(await phone.server.request('BYE'), 480);
        await phone.clock.advance(200_000);
        expect(sent('BYE')).toBe(5);
        expect(new Set(numbers).size).toBe(4);
    });

    it('that is answered with media we cannot use ends with BYE', async () => {
        const callId = phone.dial();
        const invite = await phone.server.request('INVITE');
        phone.server.reply(invite, 200, [CONTACT], `${SDP}a=POISON\r\n`);
        expect((await ended(callId)).reason).toBe('media-failed');
        await phone.server.request('BYE');
        nothingStays();
    });

    it('that is answered without media ends with BYE', async () => {
        const callId = phone.dial();
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT]);
        expect((await ended(callId)).reason).toBe('media-failed');
        await phone.server.request('BYE');
    });

    it('that forks and is answered twice keeps one answer and ends the other', async () => {
        const callId = phone.dial();
        const invite = await phone.server.request('INVITE');
        phone.server.reply(invite, 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        await phone.reaches(callId, 'connecting');
        phone.server.send(
            [
                'SIP/2.0 200 OK',
                `Via: ${invite.header('Via')}`,
                `From: ${invite.header('From')}`,
                'To: <sip:bob@example.net>;tag=second',
                `Call-ID: ${callId}`,
                `CSeq: ${invite.header('CSeq')}`,
                CONTACT,
                'Content-Type: application/sdp',
                `Content-Length: ${String(SDP.length)}`,
                '',
                SDP,
            ].join('\r\n'),
        );
        expect((await phone.server.request('BYE')).header('To')).toContain('tag=second');
        expect(phone.state(callId).name).toBe('connecting');
    });

    it('that gets no media after the answer ends after half a minute', async () => {
        const callId = phone.dial();
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
        await phone.reaches(callId, 'connecting');
        await phone.clock.advance(30_000);
        expect((await ended(callId)).reason).toBe('media-failed');
        await phone.server.request('BYE');
    });

    it('answers a challenge of its own service, and gives a stranger no hash of the password', async () => {
        phone.dial();
        const first = await phone.server.request('INVITE');
        phone.server.reply(first, 407, ['Proxy-Authenticate: Digest realm="example.net", nonce="n", qop="auth"']);
        const second = await phone.server.request('INVITE');
        expect(second.header('Proxy-Authorization')).toContain('realm="example.net"');
        const other = phone.dial();
        const asked = await phone.server.request('INVITE');
        phone.server.reply(asked, 401, ['WWW-Authenticate: Digest realm="evil.example", nonce="n"']);
        expect((await ended(other)).reason).toBe('forbidden');
        expect(phone.server.received.some(({ text }) => text.includes('realm="evil.example"'))).toBeFalse();
    });

    it('proves who it is before it is asked, once its service has asked: a round trip less', async () => {
        phone.dial();
        const ask = ['Proxy-Authenticate: Digest realm="example.net", nonce="n", qop="auth"'];
        phone.server.reply(await phone.server.request('INVITE'), 407, ask);
        phone.server.reply(await phone.server.request('INVITE'), 486);
        phone.dial({ to: 'sip:carol@example.net' });
        expect((await phone.server.request('INVITE')).header('Proxy-Authorization')).toContain('nc=00000002');
        phone.dial({ to: 'sip:carol@example.org' });
        expect((await phone.server.request('INVITE')).header('Proxy-Authorization')).toBe('');
    });

    it('that rings when the connection is lost ends, and the other side is told once it is back', async () => {
        const callId = phone.dial();
        const invite = await phone.server.request('INVITE');
        phone.server.reply(invite, 180, [CONTACT]);
        await phone.reaches(callId, 'ringing');
        phone.server.drop();
        expect((await ended(callId)).reason).toBe('connection-lost');
        await phone.clock.advance(1000);
        await phone.server.request('CANCEL');
    });

    it('that is up goes on when the connection is lost; a hang-up meanwhile is said once it is back', async () => {
        const { callId } = await phone.talk();
        phone.server.drop();
        expect(phone.state(callId).name).toBe('active');
        phone.send({ type: 'hang-up', callId });
        expect((await ended(callId)).reason).toBe('hung-up');
        expect(sent('BYE')).toBe(0);
        await phone.clock.advance(1000);
        await phone.server.request('BYE');
    });

    it('is ended when the agent stops', async () => {
        const { callId } = await phone.talk();
        const stopped = phone.agent.stop();
        await phone.server.request('BYE');
        await stopped;
        expect((await ended(callId)).reason).toBe('hung-up');
        expect(phone.media.latest.closed).toBeTrue();
        expect(phone.clock.pending).toBe(0);
    });
});
