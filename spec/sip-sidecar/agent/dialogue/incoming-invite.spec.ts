import type { Ended } from '../../../../src/sip-sidecar/contract/index.js';
import { settled } from '../support/clock.js';
import { SDP } from '../support/media.js';
import { TestPhone } from '../support/phone.js';
import type { Message } from '../support/server.js';

describe('An INVITE of theirs', () => {
    let phone: TestPhone;
    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register();
    });
    afterEach(() => phone.end());

    const ended = async (callId: string): Promise<Ended> => (await phone.reaches(callId, 'ended')) as Ended;
    const answer = async (options: { headers?: string[]; body?: string }): Promise<[callId: string, ok: Message]> => {
        phone.server.sendRequest({ method: 'INVITE', ...options });
        await phone.server.response('INVITE', 180);
        const { callId } = phone.incoming.at(-1)!;
        phone.send({ type: 'answer', callId, video: false, listenOnly: false, headers: [] });
        return [callId, await phone.server.response('INVITE', 200)];
    };
    const request = (method: string, response: Message, body = ''): void => {
        const cseq = Number.parseInt(response.header('CSeq'), 10) + (method === 'ACK' ? 0 : 1);
        phone.server.sendRequest({
            method,
            from: response.header('From'),
            to: response.header('To'),
            callId: response.header('Call-ID'),
            cseq,
            body,
        });
    };

    it('whose body is no description is answered 415, and nothing rings', async () => {
        phone.server.sendRequest({ method: 'INVITE', body: 'hello' });
        expect((await phone.server.response('INVITE', 415)).header('Accept')).toBe('application/sdp');
        expect(phone.incoming).toEqual([]);
    });

    it('whose body has no type is answered 415', async () => {
        const fields = ['From: <sip:a@b>;tag=1', 'To: <sip:alice@example.net>', 'Call-ID: 1', 'CSeq: 1 INVITE'];
        const via = 'Via: SIP/2.0/WS server.invalid;branch=z9hG4bKuntyped';
        const contact = 'Contact: <sip:a@b>';
        phone.server.send(
            ['INVITE sip:alice@example.net SIP/2.0', via, ...fields, contact, 'Content-Length: 2', '', 'v='].join(
                '\r\n',
            ),
        );
        await phone.server.response('INVITE', 415);
    });

    it('whose body need not be understood is answered with an offer of ours', async () => {
        const [, ok] = await answer({ headers: ['Content-Disposition: render;handling=optional'], body: 'hello' });
        expect(ok.body).toContain('x-offer');
        expect(phone.media.latest.log).toEqual(['offer']);
    });

    it('that insists on it rings reliably: again and again until they confirm that', async () => {
        const headers = ['Require: 100rel'];
        const invite = phone.server.sendRequest({ method: 'INVITE', body: SDP, headers });
        const ringing = await phone.server.response('INVITE', 180);
        expect([ringing.header('Require'), ringing.header('RSeq')]).toEqual(['100rel', '1']);
        const prack = (cseq: number, ...more: string[]): Message =>
            phone.server.sendRequest({
                method: 'PRACK',
                from: ringing.header('From'),
                to: ringing.header('To'),
                callId: ringing.header('Call-ID'),
                cseq,
                headers: more,
            });
        const number = Number.parseInt(invite.header('CSeq'), 10);
        prack(number + 1, `RAck: 2 ${String(number)} INVITE`);
        await phone.server.response('PRACK', 481);
        prack(number + 2, `RAck: 1 ${String(number)} INVITE`);
        await phone.server.response('PRACK', 200);
        const { callId } = phone.incoming.at(-1)!;
        phone.send({ type: 'answer', callId, video: false, listenOnly: false, headers: [] });
        expect((await phone.server.response('INVITE', 200)).header('RSeq')).toBe('');
    });

    it('that insists on reliable answers and has no offer rings without one: nothing is gathered before', async () => {
        phone.server.sendRequest({ method: 'INVITE', headers: ['Require: 100rel, timer'] });
        await phone.until(() => phone.incoming.length === 1);
        const { callId } = phone.incoming.at(-1)!;
        phone.send({ type: 'answer', callId, video: false, listenOnly: false, headers: [] });
        expect((await phone.server.response('INVITE', 200)).body).toContain('x-offer');
        expect(phone.server.received.some(({ status }) => status === 180)).toBeFalse();
    });

    it('whose media we cannot use is answered 488', async () => {
        phone.server.sendRequest({ method: 'INVITE', body: `${SDP}a=POISON\r\n` });
        await phone.server.response('INVITE', 180);
        const { callId } = phone.incoming[0]!;
        phone.send({ type: 'answer', callId, video: false, listenOnly: false, headers: [] });
        await phone.server.response('INVITE', 488);
        expect((await ended(callId)).reason).toBe('media-failed');
    });

    it('that may ring for a while only is answered 487 then', async () => {
        phone.server.sendRequest({ method: 'INVITE', body: SDP, headers: ['Expires: 10'] });
        await phone.server.response('INVITE', 180);
        await phone.clock.advance(9_900);
        expect(phone.state(phone.incoming[0]!.callId).name).toBe('incoming');
        await phone.clock.advance(200);
        await phone.server.response('INVITE', 487);
        expect((await ended(phone.incoming[0]!.callId)).reason).toBe('missed');
    });

    for (const expires of ['0', '-5', 'nonsense', '99999999999']) {
        it(`with Expires: ${expires} rings as long as any other`, async () => {
            phone.server.sendRequest({ method: 'INVITE', body: SDP, headers: [`Expires: ${expires}`] });
            await phone.server.response('INVITE', 180);
            await phone.clock.advance(44_000);
            expect(phone.state(phone.incoming[0]!.callId).name).toBe('incoming');
            await phone.clock.advance(2_000);
            await phone.server.response('INVITE', 480);
        });
    }

    it('may be taken back by a BYE', async () => {
        phone.server.sendRequest({ method: 'INVITE', body: SDP });
        const ringing = await phone.server.response('INVITE', 180);
        request('BYE', ringing);
        await phone.server.response('BYE', 200);
        await phone.server.response('INVITE', 487);
        expect((await ended(phone.incoming[0]!.callId)).reason).toBe('missed');
    });

    it('that is answered and hung up before its ACK gets the BYE after the ACK', async () => {
        const [callId, ok] = await answer({ body: SDP });
        phone.send({ type: 'hang-up', callId });
        await settled();
        expect(phone.server.received.some(({ first }) => first.startsWith('BYE'))).toBeFalse();
        request('ACK', ok);
        await phone.server.request('BYE');
        expect((await ended(callId)).reason).toBe('hung-up');
    });

    for (const [what, body] of [
        ['no answer', ''],
        ['an answer that cannot be used', `${SDP}a=POISON\r\n`],
    ] as const) {
        it(`without an offer, whose ACK brings ${what}, ends with BYE`, async () => {
            const [callId, ok] = await answer({});
            request('ACK', ok, body);
            expect((await phone.server.request('BYE')).header('Reason')).toBe('SIP;cause=488');
            expect((await ended(callId)).reason).toBe('media-failed');
        });
    }

    it('without an offer that was agreed in the ACK goes on where a later re-INVITE is not', async () => {
        const [callId, ok] = await answer({});
        request('ACK', ok, SDP);
        await phone.until(() => phone.media.latest.log.includes('remote answer'));
        await settled();
        request('INVITE', ok);
        request('ACK', await phone.server.response('INVITE', 200));
        await phone.until(() => phone.media.latest.log.includes('rollback'));
        await settled();
        expect(phone.state(callId).name).toBe('connecting');
        expect(phone.server.received.some(({ first }) => first.startsWith('BYE'))).toBeFalse();
    });
});
