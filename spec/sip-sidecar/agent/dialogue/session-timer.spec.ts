import fc from 'fast-check';
import { agree, agreed } from '../../../../src/sip-sidecar/agent/dialogue/session-timer.js';
import type { Ended } from '../../../../src/sip-sidecar/contract/index.js';
import { settled } from '../support/clock.js';
import { request } from '../support/core.js';
import { SDP } from '../support/media.js';
import { TestPhone } from '../support/phone.js';
import type { Message } from '../support/server.js';

const CONTACT = 'Contact: <sip:bob@server.invalid;transport=ws>';

describe('A call with a session timer', () => {
    let phone: TestPhone;
    let callId: string;
    let cseq: number;
    beforeEach(async () => {
        phone = new TestPhone();
        cseq = 1000;
        await phone.register();
    });
    afterEach(() => phone.end());

    const sent = (method: string): number =>
        phone.server.received.filter(({ first }) => first.startsWith(`${method} `)).length;
    const isUp = (): boolean => phone.state(callId).name === 'active';
    const ended = async (): Promise<Ended> => (await phone.reaches(callId, 'ended')) as Ended;
    /** Calls, and is answered with these headers. */
    const talk = async (...headers: string[]): Promise<Message> => {
        callId = phone.dial();
        const invite = await phone.server.request('INVITE');
        phone.server.reply(invite, 200, [CONTACT, ...headers], SDP);
        await phone.server.request('ACK');
        phone.media.latest.listener.connected();
        await phone.reaches(callId, 'active');
        return invite;
    };
    /** Says something in the dialog. */
    const say = (invite: Message, method: string, headers: string[], body = ''): Message =>
        phone.server.sendRequest({
            method,
            from: '<sip:bob@example.net>;tag=far',
            to: invite.header('From'),
            callId,
            cseq: (cseq += 1),
            headers: ['Supported: timer', ...headers],
            body,
        });

    it('asks for one, and has none where the other side does not want it', async () => {
        const invite = await talk();
        expect(invite.header('Session-Expires')).toBe('1800');
        expect(invite.header('Supported')).toContain('timer');
        await phone.clock.advance(1_900_000);
        expect(sent('INVITE')).toBe(1);
        expect(isUp()).toBeTrue();
    });

    it('is refreshed by a re-INVITE when half of the time is over, again and again', async () => {
        await talk('Session-Expires: 600;refresher=uac', 'Require: timer');
        for (let i = 0; i < 5; i += 1) {
            await phone.clock.advance(299_000);
            expect(sent('INVITE')).toBe(i + 1);
            await phone.clock.advance(1_000);
            const again = await phone.server.request('INVITE');
            expect(again.header('Session-Expires')).toBe('600;refresher=uac');
            phone.server.reply(again, 200, [CONTACT, 'Session-Expires: 600;refresher=uac'], SDP);
            await phone.server.request('ACK');
        }
        expect(isUp()).toBeTrue();
    });

    it('ends as lost where the other side was to refresh it and does not, shortly before the time is over', async () => {
        await talk('Session-Expires: 600;refresher=uas');
        await phone.clock.advance(567_000);
        expect(isUp()).toBeTrue();
        await phone.clock.advance(1_500);
        await phone.server.request('BYE');
        expect((await ended()).reason).toBe('connection-lost');
        expect(sent('INVITE')).toBe(1);
        expect(phone.media.latest.closed).toBeTrue();
    });

    it('ends as lost where nobody answers its refreshes', async () => {
        await talk('Session-Expires: 90;refresher=uac');
        await phone.clock.advance(61_000);
        expect((await ended()).reason).toBe('connection-lost');
    });

    it('is refreshed once more where the other side was away when it was due', async () => {
        await talk('Session-Expires: 600;refresher=uac');
        await phone.clock.advance(300_000);
        phone.server.reply(await phone.server.request('INVITE'), 480);
        await phone.server.request('ACK');
        await phone.clock.advance(134_000);
        const again = await phone.server.request('INVITE');
        phone.server.reply(again, 200, [CONTACT, 'Session-Expires: 600;refresher=uac'], SDP);
        await phone.server.request('ACK');
        await phone.clock.advance(299_000);
        expect(isUp()).toBeTrue();
        expect(sent('INVITE')).toBe(3);
    });

    it('leaves no timer behind where it ends while a refresh is open', async () => {
        const before = phone.clock.pending;
        await talk('Session-Expires: 600;refresher=uac');
        await phone.clock.advance(300_000);
        const refresh = await phone.server.request('INVITE');
        phone.send({ type: 'hang-up', callId });
        phone.server.reply(await phone.server.request('BYE'), 200);
        phone.server.reply(refresh, 200, [CONTACT, 'Session-Expires: 600;refresher=uac'], SDP);
        await settled();
        expect(phone.clock.pending).toBe(before);
    });

    it('goes on while it is we who are away, and ends once we are back and nothing has come', async () => {
        await talk('Session-Expires: 90;refresher=uas');
        phone.server.unreachable.add('wss://sip.example.net/');
        phone.server.drop();
        await phone.clock.advance(20_000);
        expect(isUp()).toBeTrue();
    });

    for (const method of ['UPDATE', 'INVITE'] as const) {
        it(`goes on as long as the other side refreshes it by ${method}`, async () => {
            const invite = await talk('Session-Expires: 90;refresher=uas');
            for (let i = 0; i < 4; i += 1) {
                await phone.clock.advance(45_000);
                const asked = say(
                    invite,
                    method,
                    ['Session-Expires: 90;refresher=uac'],
                    method === 'INVITE' ? SDP : '',
                );
                const ok = await phone.server.response(method, 200);
                expect(ok.header('Session-Expires')).toBe('90;refresher=uac');
                expect(ok.header('Require')).toBe('timer');
                expect(ok.header('Contact')).not.toBe('');
                if (method === 'INVITE') say(invite, 'ACK', [`CSeq: ${asked.header('CSeq').replace('INVITE', 'ACK')}`]);
                cseq += 1;
            }
            expect(isUp()).toBeTrue();
            expect(sent('BYE')).toBe(0);
        });
    }

    it('takes a new offer from an UPDATE, and answers it at once', async () => {
        const invite = await talk();
        phone.media.latest.log.length = 0;
        say(invite, 'UPDATE', ['Contact: <sip:bob@new.invalid;transport=ws>'], SDP);
        expect((await phone.server.response('UPDATE', 200)).body).toContain('x-answer');
        say(invite, 'UPDATE', [], `${SDP}a=POISON\r\n`);
        await phone.server.response('UPDATE', 488);
        say(invite, 'UPDATE', [], 'hello');
        await phone.server.response('UPDATE', 415);
        expect(phone.media.latest.log).toEqual(['remote offer', 'answer']);
        expect(isUp()).toBeTrue();
    });

    it('takes no offer from an UPDATE while one of ours is open', async () => {
        const invite = await talk();
        phone.send({ type: 'hold', callId, on: true });
        await phone.server.request('INVITE');
        say(invite, 'UPDATE', [], SDP);
        await phone.server.response('UPDATE', 491);
        say(invite, 'UPDATE', []);
        await phone.server.response('UPDATE', 200);
    });

    it('asks for more time where that is too little for somebody on the way', async () => {
        callId = phone.dial();
        const first = await phone.server.request('INVITE');
        phone.server.reply(first, 422, ['Min-SE: 3600']);
        const second = await phone.server.request('INVITE');
        expect(second.header('Session-Expires')).toBe('3600');
        expect(second.header('Min-SE')).toBe('3600');
        expect(second.header('CSeq')).toBe('2 INVITE');
        expect([second.header('Call-ID'), second.header('From')]).toEqual([callId, first.header('From')]);
        expect(phone.media.latest.log).toEqual(['offer']);
        phone.server.reply(second, 422, ['Min-SE: 3600']);
        expect((await ended()).reason).toBe('failed');
    });

    it('asks for more time in a refresh, too', async () => {
        await talk('Session-Expires: 90;refresher=uac');
        await phone.clock.advance(45_000);
        phone.server.reply(await phone.server.request('INVITE'), 422, ['Min-SE: 200']);
        await phone.server.request('ACK');
        await phone.clock.advance(4_000);
        expect((await phone.server.request('INVITE')).header('Session-Expires')).toBe('200;refresher=uac');
    });

    it('that comes in is good for as long as they ask for, and refreshed by them if they can', async () => {
        phone.server.sendRequest({
            method: 'INVITE',
            body: SDP,
            headers: ['Supported: timer', 'Session-Expires: 120'],
        });
        await phone.server.response('INVITE', 180);
        ({ callId } = phone.incoming.at(-1)!);
        phone.send({ type: 'answer', callId, video: false, listenOnly: false, headers: [] });
        const ok = await phone.server.response('INVITE', 200);
        expect(ok.header('Session-Expires')).toBe('120;refresher=uac');
        expect(ok.header('Require')).toBe('timer');
    });

    it('that comes in and would be refreshed without pause is refused, with how long it has to be', async () => {
        const headers = ['Supported: timer', 'Session-Expires: 30'];
        phone.server.sendRequest({ method: 'INVITE', body: SDP, headers });
        expect((await phone.server.response('INVITE', 422)).header('Min-SE')).toBe('90');
        await settled();
        expect(phone.incoming).toEqual([]);
    });
});

describe('Session-Expires', () => {
    const offered = (...headers: string[]) => agree(request('INVITE', { headers }));

    it('of theirs is agreed to: they refresh unless they cannot, or want us to', () => {
        expect(offered('Session-Expires: 1800')).toEqual({
            timer: { seconds: 1800, ours: true },
            headers: ['Session-Expires: 1800;refresher=uas'],
        });
        expect(offered('x: 1800', 'k: 100rel, Timer')).toEqual({
            timer: { seconds: 1800, ours: false },
            headers: ['Session-Expires: 1800;refresher=uac', 'Require: timer'],
        });
        expect(offered('Session-Expires: 1800;Refresher=UAS', 'Supported: timer').timer).toEqual({
            seconds: 1800,
            ours: true,
        });
        expect(offered()).toEqual({ timer: null, headers: [] });
    });

    it('that is nonsense is none, and none makes us work without pause or wait for ever', () => {
        for (const value of ['', 'soon', '-5', '1e9', '12345678901', '90 seconds'])
            expect(offered(`Session-Expires: ${value}`).timer).toBeNull();
        expect(offered('Session-Expires: 1').timer?.seconds).toBe(90);
        expect(offered('Session-Expires: 999999999').timer?.seconds).toBe(86_400);
        fc.assert(
            fc.property(fc.string({ unit: 'binary' }), (value) => {
                const timer = agreed({ getHeaders: (name) => (name === 'x' ? [] : [value]) });
                expect(timer === null || timer.seconds >= 90).toBeTrue();
            }),
        );
    });
});
