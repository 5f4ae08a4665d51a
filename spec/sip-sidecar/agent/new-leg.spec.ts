import type { Active, CallId } from '../../../src/sip-sidecar/contract/index.js';
import { settled } from './support/clock.js';
import { FINGERPRINT, SDP, type FakeSession } from './support/media.js';
import { TestPhone } from './support/phone.js';
import type { Message } from './support/server.js';

const described = (fingerprint: string): string => `${SDP}a=fingerprint:${fingerprint}\r\n`;
const THEIRS = described(FINGERPRINT);
const OTHER = described(FINGERPRINT.replace(/AB/gu, 'CD'));
const CONTACT = 'Contact: <sip:bob@example.net;gr=urn:uuid:2>';

describe('While another leg of a call comes up', () => {
    let phone: TestPhone;
    let callId: CallId;
    let old: FakeSession;
    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register();
        ({ callId } = await phone.talk(THEIRS, ['Supported: replaces']));
        old = phone.media.latest;
    });
    afterEach(() => phone.end());

    const active = (): Active => phone.state(callId) as Active;
    const said = (status: number): Promise<Message> => phone.server.response('INVITE', status);
    const cseqOf = (message: Message): number => Number.parseInt(message.header('CSeq'), 10);
    /** The other side calls to go on; says something in the dialog of that. */
    const claim = async (): Promise<(method: string, body?: string, cseq?: number) => void> => {
        const { dialog } = phone.records.get(callId)!;
        const invite = phone.server.sendRequest({
            method: 'INVITE',
            from: '<sip:bob@example.net>;tag=new',
            headers: [`Replaces: ${dialog.callId};to-tag=${dialog.localTag};from-tag=${dialog.remoteTag}`],
            body: THEIRS,
        });
        const ok = await said(200);
        const say = (method: string, body = '', cseq = cseqOf(invite)): void => {
            const [from, to, id] = [invite.header('From'), ok.header('To'), invite.header('Call-ID')];
            phone.server.sendRequest({ method, from, to, callId: id, cseq, body });
        };
        say('ACK');
        return say;
    };
    /** The next page, whose INVITE this is. */
    const reload = async (): Promise<Message> => {
        const record = phone.records.get(callId)!;
        phone.end();
        phone = new TestPhone();
        phone.states.set(callId, { name: 'active', problem: null, ...record });
        phone.start();
        phone.send({ type: 'resume', record });
        return phone.server.request('INVITE');
    };
    const accept = async (invite: Message): Promise<void> => {
        phone.server.reply(invite, 200, [CONTACT, 'Supported: replaces'], THEIRS);
        await phone.server.request('ACK');
    };
    const hold = async (on: boolean): Promise<void> => {
        phone.send({ type: 'hold', callId, on });
        await accept(await phone.server.request('INVITE'));
        await settled();
    };
    const lastSaid = (): string[] => phone.media.latest.log.filter((word) => word === 'hold' || word === 'resume');

    it('whoever was let in for their fingerprint has no other in the end', async () => {
        const say = await claim();
        say('INVITE', OTHER, 5000);
        await settled();
        phone.media.latest.listener.connected();
        await settled();
        expect(phone.media.latest.log).not.toContain('succeed');
        expect(phone.media.latest.closed).toBeTrue();
        expect(old.closed).toBeFalse();
        expect((await phone.server.request('BYE')).header('Call-ID')).not.toBe(callId);
        expect(active().name).toBe('active');
    });

    it('they may offer anew with the same fingerprint', async () => {
        const say = await claim();
        say('INVITE', `${THEIRS}a=x-more\r\n`, 5000);
        await said(200);
        say('ACK', '', 5000);
        phone.media.latest.listener.connected();
        expect(old.closed).toBeTrue();
    });

    it('Hold is for that one, too: nobody hears the person, and the other side is told', async () => {
        await claim();
        await hold(true);
        phone.media.latest.listener.connected();
        phone.server.reply(await phone.server.request('BYE'), 200);
        const told = await phone.server.request('INVITE');
        expect(told.header('Call-ID')).not.toBe(callId);
        expect(lastSaid().at(-1)).toBe('hold');
        expect(active().hold.byUs).toBeTrue();
    });

    it('so is the end of Hold', async () => {
        await hold(true);
        await claim();
        // The leg that was up does not answer any more.
        phone.send({ type: 'hold', callId, on: true });
        phone.send({ type: 'hold', callId, on: false });
        phone.media.latest.listener.connected();
        phone.server.reply(await phone.server.request('BYE'), 200);
        await phone.until(() => lastSaid().at(-1) === 'resume');
        expect(active().hold.byUs).toBeFalse();
        await phone.until(() => phone.server.received.at(-1)!.first.startsWith('INVITE'));
        expect(phone.server.received.at(-1)!.header('Call-ID')).not.toBe(callId);
    });

    it('what is played to it before the answer does not end Hold', async () => {
        await hold(true);
        const invite = await reload();
        phone.server.reply(invite, 183, [CONTACT], THEIRS);
        await settled();
        await accept(invite);
        phone.media.latest.listener.connected();
        await phone.reaches(callId, 'active');
        expect(lastSaid().at(-1)).toBe('hold');
        expect(active().hold.byUs).toBeTrue();
    });

    it('its candidates that came late are told in its own dialog', async () => {
        const invite = await reload();
        await accept(invite);
        await settled();
        phone.media.latest.listener.renegotiate();
        expect((await phone.server.request('INVITE')).header('Call-ID')).toBe(invite.header('Call-ID'));
    });

    it('that is over before the media is loaded opens no device', async () => {
        const record = phone.records.get(callId)!;
        phone.end();
        phone = new TestPhone();
        let load = (): void => undefined;
        phone.loaded = new Promise((resolve) => {
            load = resolve;
        });
        await phone.register();
        phone.send({ type: 'resume', record });
        await settled();
        phone.send({ type: 'hang-up', callId });
        load();
        await settled();
        expect(phone.media.renewed).toEqual([]);
    });

    it('on the next page Hold and Mute are in force as soon as there is anybody to hear', async () => {
        const invite = await reload();
        phone.send({ type: 'hold', callId, on: true });
        phone.send({ type: 'mute', callId, on: true });
        await accept(invite);
        phone.media.latest.listener.connected();
        phone.server.reply(await phone.server.request('BYE'), 200);
        await accept(await phone.server.request('INVITE'));
        expect(lastSaid().at(-1)).toBe('hold');
        expect(phone.media.latest.log).toContain('mute');
        expect(active().hold.byUs).toBeTrue();
    });
});
