import { bestContact } from '../../../../src/sip-sidecar/agent/headers.js';
import type { Ended, Question } from '../../../../src/sip-sidecar/contract/index.js';
import { settled } from '../support/clock.js';
import { SDP } from '../support/media.js';
import { TestPhone } from '../support/phone.js';
import type { Message } from '../support/server.js';

const CONTACT = 'Contact: <sip:bob@server.invalid;transport=ws>';

describe('A call that is sent elsewhere', () => {
    let phone: TestPhone;
    let callId: string;
    let invite: Message;
    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register();
        callId = phone.dial({ headers: [['X-Thread', 'T']] });
        invite = await phone.server.request('INVITE');
    });
    afterEach(() => phone.end());

    const sent = (method: string): number =>
        phone.server.received.filter(({ first }) => first.startsWith(`${method} `)).length;
    const question = (): Question | null => {
        const state = phone.state(callId);
        return 'question' in state ? (state.question ?? null) : null;
    };
    const asked = async (...contacts: string[]): Promise<void> => {
        const lines = contacts.map((contact) => `Contact: ${contact}`);
        phone.server.reply(invite, 302, lines);
        await phone.until(() => question() !== null);
    };
    const ended = async (): Promise<Ended> => (await phone.reaches(callId, 'ended')) as Ended;

    it('asks the person, and calls nobody by itself', async () => {
        phone.server.reply(invite, 180, [CONTACT]);
        await asked(
            '<sip:carol@example.org;transport=tcp;method=REGISTER?Subject=x>;q=0.5',
            '<tel:+19005551212>;q=0.1',
        );
        expect(question()).toEqual({ kind: 'redirect', to: 'sip:carol@example.org;transport=tcp' });
        await settled();
        expect(sent('INVITE')).toBe(1);
    });

    it('calls there where the person wants that: the same call, with the same offer', async () => {
        await asked('<sip:carol@example.org>');
        phone.send({ type: 'reply', callId, accept: true });
        const again = await phone.server.request('INVITE');
        expect(again.first).toBe('INVITE sip:carol@example.org SIP/2.0');
        expect([again.header('Call-ID'), again.header('From'), again.header('To'), again.header('CSeq')]).toEqual([
            callId,
            invite.header('From'),
            invite.header('To'),
            '2 INVITE',
        ]);
        expect(again.header('X-Thread')).toBe('T');
        expect(question()).toBeNull();
        phone.server.reply(again, 200, [CONTACT], SDP);
        await phone.reaches(callId, 'connecting');
        expect(phone.media.latest.log).toEqual(['offer', 'remote answer']);
    });

    it('is over where the person does not want that', async () => {
        await asked('<sip:carol@example.org>');
        phone.send({ type: 'reply', callId, accept: false });
        expect(await ended()).toEqual(jasmine.objectContaining({ reason: 'unavailable', status: 302 }));
        expect(sent('INVITE')).toBe(1);
        phone.send({ type: 'reply', callId, accept: true });
        await settled();
        expect(sent('INVITE')).toBe(1);
        expect(phone.media.latest.closed).toBeTrue();
    });

    it('dials a number at the own domain', async () => {
        await asked('<tel:+13035551212>');
        phone.send({ type: 'reply', callId, accept: true });
        expect((await phone.server.request('INVITE')).first).toContain(
            'INVITE sip:+13035551212@example.net;user=phone',
        );
    });

    it('is over with a hang-up, without a word: there is nothing to take back', async () => {
        phone.server.reply(invite, 180, [CONTACT]);
        await asked('<sip:carol@example.org>');
        phone.send({ type: 'hang-up', callId });
        expect((await ended()).reason).toBe('cancelled');
        await settled();
        expect([sent('CANCEL'), sent('BYE')]).toEqual([0, 0]);
    });

    it('ends as not answered where the person does not answer either', async () => {
        await asked('<sip:carol@example.org>');
        await phone.clock.advance(46_000);
        expect((await ended()).reason).toBe('no-answer');
    });

    it('is sent elsewhere three times at most', async () => {
        for (let i = 0; i < 3; i += 1) {
            await asked(`<sip:carol${String(i)}@example.org>`);
            phone.send({ type: 'reply', callId, accept: true });
            invite = await phone.server.request('INVITE');
        }
        phone.server.reply(invite, 302, ['Contact: <sip:carol@example.org>']);
        expect(await ended()).toEqual(jasmine.objectContaining({ reason: 'failed', status: 302 }));
        expect(sent('INVITE')).toBe(4);
    });

    for (const contact of ['<javascript:alert(1)>', '<mailto:bob@example.org>']) {
        it(`is over where that is ${contact}`, async () => {
            phone.server.reply(invite, 302, [`Contact: ${contact}`]);
            expect((await ended()).reason).toBe('failed');
        });
    }
});

describe('Of the addresses of a 3xx', () => {
    it('the one they like best counts, the first of equals', () => {
        expect(bestContact(['<sip:a@h>;q=0.3, <sip:b@h>;Q=0.8', 'sip:c@h;q=0.5'])).toBe('sip:b@h');
        expect(bestContact(['<sip:a@h>', '<sip:b@h>;q=1.0'])).toBe('sip:a@h');
        expect(bestContact(['"x;q=1" <sip:a@h;q=1>;q=0.1', '<sip:b@h>;q=0.2'])).toBe('sip:b@h');
        expect(bestContact(['<mailto:a@h>;q=1', '<sip:b@h>;q=0.2'])).toBe('sip:b@h');
        expect(bestContact([])).toBeNull();
    });
});
