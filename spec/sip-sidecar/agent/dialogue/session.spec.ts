import { settled } from '../support/clock.js';
import { SDP } from '../support/media.js';
import { TestPhone, type Dialog } from '../support/phone.js';
import type { Message } from '../support/server.js';

const CONTACT = 'Contact: <sip:bob@server.invalid;transport=ws>';

describe('The session of a call', () => {
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
    const sent = (method: string): number =>
        phone.server.received.filter(({ first }) => first.startsWith(`${method} `)).length;
    const isUp = (): boolean => phone.state(callId).name === 'active';
    /** Acknowledges a 2xx to an INVITE of the server's. */
    const acknowledge = (response: Message, body = ''): void => {
        phone.server.sendRequest({
            method: 'ACK',
            from: response.header('From'),
            to: response.header('To'),
            callId: response.header('Call-ID'),
            cseq: Number.parseInt(response.header('CSeq'), 10),
            body,
        });
    };
    /** Puts the call on hold, and answers that. */
    const holdAnswered = async (status: number, headers: string[], body = ''): Promise<Message> => {
        phone.send({ type: 'hold', callId, on: true });
        phone.server.reply(await phone.server.request('INVITE'), status, headers, body);
        return phone.server.request('ACK');
    };

    for (const [what, body] of [
        ['no description', ''],
        ['a description that cannot be used', `${SDP}a=POISON\r\n`],
        ['something else', 'hello'],
    ] as const) {
        it(`goes on where a re-INVITE is accepted with ${what}, and the change is undone`, async () => {
            await holdAnswered(200, [CONTACT], body);
            await phone.until(() => log().includes('resume'));
            expect(log()).toEqual(['hold', 'offer', 'rollback', 'resume']);
            await settled();
            expect(sent('BYE')).toBe(0);
            expect(isUp()).toBeTrue();
        });
    }

    it('undoes a re-INVITE that brought a 100 and then nothing, and can be changed again', async () => {
        phone.send({ type: 'hold', callId, on: true });
        phone.server.reply(await phone.server.request('INVITE'), 100, []);
        await phone.clock.advance(33_000);
        await phone.until(() => log().includes('rollback'));
        // Tried once more, as after a 491
        await phone.clock.advance(5_000);
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        expect(isUp()).toBeTrue();
    });

    it('acknowledges an accepted re-INVITE again where the 2xx comes again', async () => {
        phone.send({ type: 'hold', callId, on: true });
        const invite = await phone.server.request('INVITE');
        phone.server.reply(invite, 200, [CONTACT], SDP);
        const first = await phone.server.request('ACK');
        phone.server.reply(invite, 200, [CONTACT], SDP);
        expect((await phone.server.request('ACK')).text).toBe(first.text);
        expect(log()).toEqual(['hold', 'offer', 'remote answer']);
    });

    it('goes where the Contact of the last 2xx says', async () => {
        const ack = await holdAnswered(200, ['Contact: <sip:bob@new.invalid;transport=ws>'], SDP);
        expect(ack.first).toBe('ACK sip:bob@new.invalid;transport=ws SIP/2.0');
        phone.send({ type: 'hang-up', callId });
        expect((await phone.server.request('BYE')).first).toContain('sip:bob@new.invalid;');
    });

    it('stays where it was after a 2xx without a Contact', async () => {
        await holdAnswered(200, [], SDP);
        phone.send({ type: 'hang-up', callId });
        expect((await phone.server.request('BYE')).first).toContain('sip:bob@server.invalid;');
    });

    it('offers where their re-INVITE does not, and takes the answer from the ACK', async () => {
        dialog.request('INVITE');
        const ok = await phone.server.response('INVITE', 200);
        expect(ok.body).toContain('x-offer');
        acknowledge(ok, SDP);
        await phone.until(() => log().includes('remote answer'));
        expect(log()).toEqual(['offer', 'remote answer']);
        await settled();
        dialog.request('INVITE', { body: SDP });
        acknowledge(await phone.server.response('INVITE', 200));
        expect(isUp()).toBeTrue();
    });

    for (const [what, body] of [
        ['no answer', ''],
        ['an answer that cannot be used', `${SDP}a=POISON\r\n`],
    ] as const) {
        it(`takes its offer back where the ACK to a re-INVITE brings ${what}`, async () => {
            dialog.request('INVITE');
            acknowledge(await phone.server.response('INVITE', 200), body);
            await phone.until(() => log().includes('rollback'));
            await holdAnswered(200, [CONTACT], SDP);
            expect(log()).toEqual(['offer', 'rollback', 'hold', 'offer', 'remote answer']);
            expect(isUp()).toBeTrue();
        });
    }

    it('sends no offer of its own while one waits for its answer in the ACK', async () => {
        dialog.request('INVITE');
        const ok = await phone.server.response('INVITE', 200);
        phone.send({ type: 'hold', callId, on: true });
        await phone.until(() => log().includes('hold'));
        acknowledge(ok, SDP);
        await phone.clock.advance(4000);
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        expect(log()).toEqual(['offer', 'hold', 'remote answer', 'offer', 'remote answer']);
    });

    it('waits for the ACK to their re-INVITE for 32 s, and then takes the next one', async () => {
        dialog.request('INVITE');
        await phone.server.response('INVITE', 200);
        dialog.request('INVITE', { body: SDP });
        const refusal = await phone.server.response('INVITE', 500);
        expect(Number(refusal.header('Retry-After'))).toBeGreaterThan(0);
        await phone.clock.advance(32_000);
        expect(log()).toEqual(['offer', 'rollback']);
        dialog.request('INVITE', { body: SDP });
        expect((await phone.server.response('INVITE', 200)).body).toContain('x-answer');
        expect(isUp()).toBeTrue();
    });

    it('never sends an offer that theirs has overtaken, even where theirs is complete by then', async () => {
        let makeOffer: () => void = () => undefined;
        const session = phone.media.latest;
        const create = session.createOffer.bind(session);
        const spy = spyOn(session, 'createOffer').and.callFake(async () => {
            const offer = await create();
            await new Promise<void>((resolve) => (makeOffer = resolve));
            return offer;
        });
        phone.send({ type: 'hold', callId, on: true });
        await phone.until(() => session.state === 'local');
        dialog.request('INVITE', { body: SDP });
        acknowledge(await phone.server.response('INVITE', 200));
        makeOffer();
        await settled();
        expect(sent('INVITE')).toBe(1);
        expect(session.state).toBe('stable');
        spy.and.callFake(create);
        await phone.clock.advance(4000);
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        expect(log()).toEqual(['hold', 'offer', 'rollback', 'remote offer', 'answer', 'offer', 'remote answer']);
    });

    it('answers their re-INVITE when the answer that came before it has been taken in', async () => {
        const session = phone.media.latest;
        const take = session.setRemoteDescription.bind(session);
        let go: () => void = () => undefined;
        spyOn(session, 'setRemoteDescription').and.callFake(async (description) => {
            if (description.type === 'answer') await new Promise<void>((resolve) => (go = resolve));
            await take(description);
        });
        await holdAnswered(200, [CONTACT], SDP);
        dialog.request('INVITE', { body: SDP });
        await settled();
        go();
        await phone.server.response('INVITE', 200);
        expect(log()).toEqual(['hold', 'offer', 'remote answer', 'remote offer', 'answer']);
    });

    it('answers a re-INVITE whose body is something else with 415', async () => {
        dialog.request('INVITE', { body: 'hello' });
        expect((await phone.server.response('INVITE', 415)).header('Accept')).toBe('application/sdp');
        expect(log()).toEqual([]);
        expect(isUp()).toBeTrue();
    });

    it('that ends while their re-INVITE is being answered answers that with 487', async () => {
        const session = phone.media.latest;
        let answer: (sdp: string) => void = () => undefined;
        spyOn(session, 'createAnswer').and.returnValue(new Promise((resolve) => (answer = resolve)));
        dialog.request('INVITE', { body: SDP });
        await phone.until(() => log().includes('remote offer'));
        phone.send({ type: 'hang-up', callId });
        await phone.server.request('BYE');
        answer(SDP);
        await phone.server.response('INVITE', 487);
    });

    it('that ends while its own re-INVITE is open says BYE once, and acknowledges what still comes', async () => {
        phone.send({ type: 'hold', callId, on: true });
        const invite = await phone.server.request('INVITE');
        phone.send({ type: 'hang-up', callId });
        await phone.server.request('BYE');
        phone.server.reply(invite, 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        await settled();
        expect(sent('BYE')).toBe(1);
    });

    it('knows no reliable answer that a PRACK could confirm', async () => {
        dialog.request('PRACK', { headers: ['RAck: 1 1 INVITE'] });
        await phone.server.response('PRACK', 481);
        expect(isUp()).toBeTrue();
    });
});
