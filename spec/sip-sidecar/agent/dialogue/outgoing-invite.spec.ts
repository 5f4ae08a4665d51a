import type { Ended } from '../../../../src/sip-sidecar/contract/index.js';
import { settled } from '../support/clock.js';
import { SDP } from '../support/media.js';
import { TestPhone } from '../support/phone.js';
import type { Message } from '../support/server.js';

const CONTACT = 'Contact: <sip:bob@server.invalid;transport=ws>';

describe('An INVITE of ours', () => {
    let phone: TestPhone;
    let callId: string;
    let invite: Message;
    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register();
        callId = phone.dial();
        invite = await phone.server.request('INVITE');
    });
    afterEach(() => phone.end());

    const ended = async (): Promise<Ended> => (await phone.reaches(callId, 'ended')) as Ended;
    const sent = (method: string): number =>
        phone.server.received.filter(({ first }) => first.startsWith(`${method} `)).length;

    it('says what we take, and takes gruu, outbound and session timers', () => {
        expect(invite.headers('Allow')).toEqual(['INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK']);
        expect(invite.header('Supported')).toBe('gruu, outbound, path, replaces, timer, 100rel');
        expect(invite.header('Content-Type')).toBe('application/sdp');
    });

    it('is acknowledged again where its 2xx comes again, and taken in once', async () => {
        phone.server.reply(invite, 200, [CONTACT], SDP);
        const first = await phone.server.request('ACK');
        phone.server.reply(invite, 200, [CONTACT], SDP);
        expect((await phone.server.request('ACK')).text).toBe(first.text);
        expect(phone.media.latest.log).toEqual(['offer', 'remote answer']);
    });

    it('may be answered in a 183, where the 2xx says nothing more', async () => {
        phone.server.reply(invite, 183, [CONTACT], SDP);
        phone.server.reply(invite, 200, [CONTACT]);
        await phone.server.request('ACK');
        await phone.reaches(callId, 'connecting');
        expect(phone.media.latest.log).toEqual(['offer', 'hold', 'remote answer', 'resume']);
    });

    for (const [what, headers, body] of [
        ['something that is no description', [], 'hello'],
        ['a description of something else', ['Content-Disposition: early-session'], SDP],
    ] as const) {
        it(`that is answered with ${what} ends with BYE and its reason`, async () => {
            phone.server.reply(invite, 200, [CONTACT, ...headers], body);
            await phone.server.request('ACK');
            expect((await phone.server.request('BYE')).header('Reason')).toBe('SIP;cause=488');
            expect((await ended()).reason).toBe('media-failed');
        });
    }

    it('that is answered with a body of no type ends with BYE', async () => {
        const answer = [
            'SIP/2.0 200 OK',
            `Via: ${invite.header('Via')}`,
            `From: ${invite.header('From')}`,
            `To: ${invite.header('To')};tag=far`,
            `Call-ID: ${callId}`,
            `CSeq: ${invite.header('CSeq')}`,
            CONTACT,
            'Content-Length: 5',
            '',
            'hello',
        ];
        phone.server.send(answer.join('\r\n'));
        await phone.server.request('BYE');
        expect((await ended()).reason).toBe('media-failed');
    });

    it('confirms a provisional answer that insists on it', async () => {
        const reliable = [CONTACT, 'Require: 100rel', 'RSeq: 7'];
        phone.server.reply(invite, 180, reliable);
        const prack = await phone.server.request('PRACK');
        expect(prack.header('RAck')).toBe(`7 ${invite.header('CSeq')}`);
        phone.server.reply(invite, 180, reliable);
        phone.server.reply(invite, 180, [CONTACT, 'Require: 100rel', 'RSeq: nonsense']);
        phone.server.reply(invite, 180, [CONTACT]);
        await settled();
        expect(sent('PRACK')).toBe(1);
        phone.server.reply(invite, 183, [CONTACT, 'Require: 100rel', 'RSeq: 8']);
        expect((await phone.server.request('PRACK')).header('RAck')).toBe(`8 ${invite.header('CSeq')}`);
    });

    it('that was taken back answers no challenge', async () => {
        phone.send({ type: 'hang-up', callId });
        phone.server.reply(invite, 407, ['Proxy-Authenticate: Digest realm="example.net", nonce="n", qop="auth"']);
        await phone.server.request('ACK');
        await settled();
        expect(sent('INVITE')).toBe(1);
        expect(phone.clock.pending).toBe(1);
    });

    it('that they end while their answer is being taken in is over, and gets its ACK', async () => {
        let take: () => void = () => undefined;
        spyOn(phone.media.latest, 'setRemoteDescription').and.returnValue(new Promise((resolve) => (take = resolve)));
        phone.server.reply(invite, 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        phone.server.sendRequest({
            method: 'BYE',
            from: '<sip:bob@example.net>;tag=far',
            to: invite.header('From'),
            callId,
        });
        await phone.server.response('BYE', 200);
        expect((await ended()).reason).toBe('hung-up');
        take();
        await settled();
        expect(sent('BYE')).toBe(0);
    });

    it('hung up while their answer is being taken in says BYE', async () => {
        let take: () => void = () => undefined;
        spyOn(phone.media.latest, 'setRemoteDescription').and.returnValue(new Promise((resolve) => (take = resolve)));
        phone.server.reply(invite, 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        phone.send({ type: 'hang-up', callId });
        await phone.server.request('BYE');
        take();
        await settled();
        expect(sent('BYE')).toBe(1);
        expect((await ended()).reason).toBe('cancelled');
    });

    it('hung up without a connection, and answered as soon as that is back, is ended without a word of media', async () => {
        phone.server.reply(invite, 180, [CONTACT]);
        await phone.reaches(callId, 'ringing');
        phone.server.onRegister = () => undefined;
        phone.server.drop();
        expect((await ended()).reason).toBe('connection-lost');
        await phone.clock.advance(1000);
        phone.server.reply(invite, 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        expect((await phone.server.request('BYE')).header('Reason')).toBe('');
    });
});
