import { settled } from '../support/clock.js';
import { SDP } from '../support/media.js';
import { TestPhone } from '../support/phone.js';
import type { Message } from '../support/server.js';

const CONTACT = 'Contact: <sip:bob@server.invalid;transport=ws>';
/** Their description, by whose transport it is. */
const from = (whose: string): string => `${SDP}a=ice-ufrag:${whose}\r\na=fingerprint:sha-256 ${whose}\r\n`;

describe('What is heard of a call before it is answered', () => {
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

    /** What one of several that are called says. */
    const say = (status: number, body = '', tag = 'a'): void => {
        const lines = invite.text.split('\r\n').filter((line) => /^(?:Via|From|Call-ID|CSeq):/u.test(line));
        const to = `To: ${invite.header('To')};tag=${tag}`;
        const type = body === '' ? [] : ['Content-Type: application/sdp'];
        const length = `Content-Length: ${String(body.length)}`;
        phone.server.send(
            [`SIP/2.0 ${String(status)} x`, ...lines, to, CONTACT, ...type, length, '', body].join('\r\n'),
        );
    };
    const log = (): string[] => phone.media.latest.log;
    const sent = (method: string): number =>
        phone.server.received.filter(({ first }) => first.startsWith(`${method} `)).length;
    const isEarly = (): boolean => {
        const state = phone.state(callId);
        return state.name === 'ringing' && state.early === true;
    };

    it('is taken in at once, and nobody hears us meanwhile', async () => {
        say(180);
        await phone.reaches(callId, 'ringing');
        expect(isEarly()).toBeFalse();
        say(183, from('A'));
        await phone.until(isEarly);
        expect(log()).toEqual(['offer', 'hold', 'remote answer']);
        phone.media.latest.listener.connected();
        await settled();
        expect(phone.state(callId).name).toBe('ringing');
    });

    for (const [what, body] of [
        ['nothing more', ''],
        ['the same once more', from('A')],
    ] as const) {
        it(`goes on where the answer says ${what}`, async () => {
            say(183, from('A'));
            await phone.until(isEarly);
            phone.media.latest.listener.connected();
            say(200, body);
            await phone.reaches(callId, 'active');
            expect(log()).toEqual(['offer', 'hold', 'remote answer', 'resume']);
            expect(sent('INVITE')).toBe(1);
            expect(phone.events.filter(({ type }) => type === 'remote').length).toBe(1);
        });
    }

    it('that comes together with the answer is no hurdle', async () => {
        say(183, from('A'));
        say(200, from('A'));
        await phone.reaches(callId, 'connecting');
        expect(log()).toEqual(['offer', 'hold', 'remote answer', 'resume']);
    });

    it('is dropped where another answers: with a peer connection and a re-INVITE of its own', async () => {
        say(183, from('A'), 'a');
        say(183, from('B'), 'b');
        say(183, from('C'), 'c');
        await phone.until(isEarly);
        const heard = phone.media.latest;
        heard.listener.connected();
        say(200, from('B'), 'b');
        const again = await phone.server.request('INVITE');
        expect(again.header('To')).toContain(';tag=b');
        expect(heard.closed).toBeTrue();
        expect(phone.state(callId).name).toBe('connecting');
        phone.server.reply(again, 200, [CONTACT], from('B'));
        await phone.until(() => log().includes('remote answer'));
        expect(log()).toEqual(['succeed', 'offer', 'remote answer']);
        phone.media.latest.listener.connected();
        await phone.reaches(callId, 'active');
        expect(sent('BYE')).toBe(0);
        phone.send({ type: 'hang-up', callId });
        expect((await phone.server.request('BYE')).header('To')).toContain(';tag=b');
    });

    it('that another ends before it goes on is over for good', async () => {
        say(183, from('A'), 'a');
        await phone.until(isEarly);
        say(200, from('B'), 'b');
        await phone.server.request('ACK');
        phone.server.sendRequest({
            method: 'BYE',
            from: '<sip:bob@example.net>;tag=b',
            to: invite.header('From'),
            callId,
        });
        await phone.server.response('BYE', 200);
        await phone.reaches(callId, 'ended');
        await settled();
        expect(phone.media.sessions.every(({ closed }) => closed)).toBeTrue();
    });

    it('that cannot be used is not heard, and keeps nobody from answering', async () => {
        say(183, `${from('A')}a=POISON\r\n`);
        await phone.until(() => log().includes('resume'));
        expect(isEarly()).toBeFalse();
        say(200, from('A'));
        await phone.reaches(callId, 'connecting');
        expect(log()).toEqual(['offer', 'hold', 'resume', 'remote answer']);
    });

    it('never makes it stumble, whoever says what in whatever order', async () => {
        const CASES = ['a', 'b', 'c'].flatMap((tag) => [180, 183, 183, 200].map((status) => [status, tag] as const));
        for (const [status, tag] of [...CASES, ...CASES.toReversed()])
            say(status, status === 180 ? '' : from(tag), tag);
        await phone.reaches(callId, 'connecting');
        await phone.until(() => sent('BYE') === 2);
        phone.send({ type: 'hang-up', callId });
        await phone.until(() => sent('BYE') === 3);
        await phone.reaches(callId, 'ended');
    });

    it('ends with the call that nobody answers', async () => {
        say(183, from('A'));
        await phone.until(isEarly);
        phone.send({ type: 'hang-up', callId });
        await phone.server.request('CANCEL');
        await phone.reaches(callId, 'ended');
        expect(phone.media.latest.closed).toBeTrue();
    });

    it('an UPDATE says where the other side is; an offer in it has to wait for the answer', async () => {
        say(183, from('A'));
        const update = (body: string): Message =>
            phone.server.sendRequest({
                method: 'UPDATE',
                from: '<sip:bob@example.net>;tag=a',
                to: invite.header('From'),
                callId,
                headers: ['Contact: <sip:bob@new.invalid;transport=ws>'],
                body,
            });
        update('');
        await phone.server.response('UPDATE', 200);
        update(SDP);
        expect(Number((await phone.server.response('UPDATE', 500)).header('Retry-After'))).toBeGreaterThan(0);
        expect(phone.state(callId).name).toBe('ringing');
    });
});
