import type { CallId, SidecarEvent } from '../../../src/sip-sidecar/contract/index.js';
import { settled } from './support/clock.js';
import { FINGERPRINT, SDP } from './support/media.js';
import { TestPhone } from './support/phone.js';
import type { Message } from './support/server.js';

const CONTACT = 'Contact: <sip:bob@server.invalid;transport=ws>';
const OTHER = FINGERPRINT.replace('AB', 'CD');
const withFingerprints = (...fingerprints: string[]): string =>
    SDP + fingerprints.map((value) => `a=fingerprint:${value.toLowerCase()}\r\n`).join('');

describe('What the two sides of a call say of themselves', () => {
    let phone: TestPhone;

    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register({ correlationHeaders: ['X-Thread', 'From'] });
    });

    afterEach(() => {
        phone.end();
    });

    /** The events of a call since it began, in their order. */
    const story = (callId: CallId): string[] =>
        phone.events.flatMap((event) =>
            'callId' in event && event.callId === callId ? [event.type === 'call' ? event.event.type : event.type] : [],
        );
    const of = <T extends SidecarEvent['type']>(type: T): Extract<SidecarEvent, { type: T }>[] =>
        phone.events.filter((event): event is Extract<SidecarEvent, { type: T }> => event.type === type);
    const sent = (method: string): Message[] => phone.server.received.filter(({ first }) => first.startsWith(method));
    /** Runs something within the event of a type, the first time it comes. */
    const during = (type: SidecarEvent['type'], run: (event: SidecarEvent) => void): void => {
        const push = phone.events.push.bind(phone.events);
        spyOn(phone.events, 'push').and.callFake((...events) => {
            const length = push(...events);
            for (const event of events) if (event.type === type) run(event);
            return length;
        });
    };
    const comesIn = (headers: string[] = [], body = SDP): Message =>
        phone.server.sendRequest({ method: 'INVITE', headers, body });
    const answer = (callId: CallId): void => {
        phone.send({ type: 'answer', callId, video: false, listenOnly: false, headers: [['X-Thread', 'T']] });
    };
    const acknowledge = (invite: Message, ok: Message, body = ''): void => {
        phone.server.sendRequest({
            method: 'ACK',
            from: ok.header('From'),
            to: ok.header('To'),
            callId: invite.header('Call-ID'),
            cseq: Number.parseInt(invite.header('CSeq'), 10),
            body,
        });
    };

    describe('in a call out', () => {
        it('our fingerprints are told before the INVITE leaves, and in the same turn', async () => {
            let before = -1;
            during('local', () => (before = sent('INVITE').length));
            phone.media.ownSdp = withFingerprints(FINGERPRINT);
            const callId = phone.dial({ headers: [['X-Thread', 'T']] });
            const invite = await phone.server.request('INVITE');
            expect(before).toBe(0);
            expect(of('local')).toEqual([{ type: 'local', callId, fingerprints: [FINGERPRINT] }]);
            expect(invite.header('X-Thread')).toBe('T');
        });

        it('nothing is sent where it is hung up at that moment', async () => {
            during('local', (event) => {
                if (event.type === 'local') phone.send({ type: 'hang-up', callId: event.callId });
            });
            const callId = phone.dial();
            await phone.reaches(callId, 'ended');
            await settled();
            expect(sent('INVITE')).toEqual([]);
            expect(story(callId)).toEqual(['local', 'ended']);
        });

        it('what comes with the 2xx is told before it counts as answered', async () => {
            const callId = phone.dial();
            const headers = [CONTACT, 'Call-Info: <xmpp:bob@example.net>;purpose=impp', 'X-Thread: T'];
            phone.server.reply(await phone.server.request('INVITE'), 200, headers, withFingerprints(FINGERPRINT));
            await phone.reaches(callId, 'connecting');
            await settled();
            expect(story(callId)).toEqual(['local', 'remote', 'answered']);
            expect(of('remote')).toEqual([
                {
                    type: 'remote',
                    callId,
                    sipCallId: callId,
                    remote: {
                        contact: 'sip:bob@server.invalid;transport=ws',
                        callInfo: ['<xmpp:bob@example.net>;purpose=impp'],
                        headers: [['X-Thread', 'T']],
                        fingerprints: [FINGERPRINT],
                    },
                },
            ]);
        });

        it('what comes with a refusal, or while it rings, is not told', async () => {
            const callId = phone.dial();
            const invite = await phone.server.request('INVITE');
            const headers = ['Call-Info: <xmpp:bob@example.net>;purpose=impp'];
            phone.server.reply(invite, 180, [CONTACT, ...headers]);
            phone.server.reply(invite, 486, headers);
            await phone.reaches(callId, 'ended');
            expect(of('remote')).toEqual([]);
        });

        it('the answer may have come before the 2xx', async () => {
            const callId = phone.dial();
            const invite = await phone.server.request('INVITE');
            phone.server.reply(invite, 183, [CONTACT], withFingerprints(FINGERPRINT));
            phone.server.reply(invite, 200, [CONTACT]);
            await phone.reaches(callId, 'connecting');
            expect(of('remote').map(({ remote }) => remote.fingerprints)).toEqual([[FINGERPRINT]]);
        });
    });

    describe('in a call in', () => {
        it('it is held at 100 until it may ring, and rings once', async () => {
            phone.rings = false;
            comesIn();
            await phone.server.response('INVITE', 100);
            await phone.clock.advance(3_000);
            const statuses = (): number[] => phone.server.received.map(({ status }) => status);
            expect(statuses()).not.toContain(180);
            const { callId } = phone.incoming[0]!;
            expect(phone.state(callId).name).toBe('incoming');
            phone.send({ type: 'ring', callId });
            phone.send({ type: 'ring', callId });
            await phone.server.response('INVITE', 180);
            await settled();
            expect(statuses().filter((status) => status === 180).length).toBe(1);
        });

        it('the time it may ring begins when it rings', async () => {
            phone.rings = false;
            comesIn();
            await settled();
            const { callId } = phone.incoming[0]!;
            await phone.clock.advance(3_000);
            phone.send({ type: 'ring', callId });
            await phone.clock.advance(44_000);
            expect(phone.state(callId).name).toBe('incoming');
            await phone.clock.advance(1_000);
            await phone.server.response('INVITE', 480);
            expect(phone.state(callId)).toEqual(jasmine.objectContaining({ name: 'ended', reason: 'missed' }));
        });

        it('one that is never told to ring does not stay for ever', async () => {
            phone.rings = false;
            comesIn();
            await settled();
            await phone.clock.advance(45_000);
            await phone.server.response('INVITE', 480);
            expect(phone.clock.pending).toBe(1);
        });

        it('it can be answered, declined and cancelled without having rung', async () => {
            phone.rings = false;
            const [first, second, third] = [comesIn(), comesIn(), comesIn()];
            await settled();
            const [one, two, three] = phone.incoming.map(({ callId }) => callId);
            answer(one!);
            const ok = await phone.server.response('INVITE', 200);
            expect(ok.header('Call-ID')).toBe(first.header('Call-ID'));
            phone.send({ type: 'decline', callId: two!, as: 'refused' });
            const refused = await phone.server.response('INVITE', 480);
            expect(refused.header('Call-ID')).toBe(second.header('Call-ID'));
            phone.server.sendRequest({
                method: 'CANCEL',
                callId: third.header('Call-ID'),
                cseq: Number.parseInt(third.header('CSeq'), 10),
                branch: /branch=(.*)/u.exec(third.header('Via'))?.[1] ?? '',
            });
            await phone.server.response('INVITE', 487);
            expect((await phone.reaches(three!, 'ended')).name).toBe('ended');
            phone.send({ type: 'ring', callId: three! });
            phone.send({ type: 'ring', callId: one! });
            await settled();
            expect(phone.server.received.some(({ status }) => status === 180)).toBeFalse();
        });

        it('what the INVITE says is told with it', async () => {
            const headers = ['X-Thread: T', 'XMPP-Contact: <xmpp:bob@example.net>;CORR', 'XMPP-Thread: U'];
            comesIn(headers, withFingerprints(FINGERPRINT, FINGERPRINT, OTHER));
            await settled();
            const { remote, to } = phone.incoming[0]!;
            expect(to).toBe('sip:alice@example.net');
            expect(remote.fingerprints).toEqual([FINGERPRINT, OTHER]);
            expect(remote.headers).toEqual([
                ['XMPP-Contact', '<xmpp:bob@example.net>;CORR'],
                ['XMPP-Thread', 'U'],
                ['X-Thread', 'T'],
            ]);
            expect(of('remote')).toEqual([]);
        });

        it('our fingerprints are told before the 2xx leaves, and only the 2xx says who we are', async () => {
            comesIn();
            const ringing = await phone.server.response('INVITE', 180);
            expect(ringing.text).not.toMatch(/X-Thread|Call-Info/u);
            let before = -1;
            during('local', () => (before = phone.server.received.filter(({ status }) => status === 200).length));
            phone.media.ownSdp = withFingerprints(FINGERPRINT);
            const { callId } = phone.incoming[0]!;
            answer(callId);
            const ok = await phone.server.response('INVITE', 200);
            expect(before).toBe(0);
            expect(of('local')).toEqual([{ type: 'local', callId, fingerprints: [FINGERPRINT] }]);
            expect(ok.header('X-Thread')).toBe('T');
            expect(ok.header('Contact')).toBe('<sip:alice@example.net;gr=urn:uuid:1>;audio;video');
            expect(ok.header('Supported')).toBe('gruu, outbound, path, replaces, timer, 100rel');
        });

        it('nothing is answered where it is hung up at that moment', async () => {
            comesIn();
            await phone.server.response('INVITE', 180);
            during('local', (event) => {
                if (event.type === 'local') phone.send({ type: 'hang-up', callId: event.callId });
            });
            answer(phone.incoming[0]!.callId);
            await phone.server.response('INVITE', 603);
            await settled();
            expect(
                phone.server.received.some(({ status, method }) => status === 200 && method === 'INVITE'),
            ).toBeFalse();
        });

        it('refusals say nothing of who we are', async () => {
            comesIn();
            await phone.server.response('INVITE', 180);
            phone.send({ type: 'decline', callId: phone.incoming[0]!.callId, as: 'declined' });
            const refusal = await phone.server.response('INVITE', 603);
            expect(refusal.text).not.toMatch(/X-Thread|Call-Info|Contact/u);
        });

        it('without an offer the answer in the ACK says it', async () => {
            const invite = comesIn([], '');
            await phone.server.response('INVITE', 180);
            const { callId, remote } = phone.incoming[0]!;
            expect(remote.fingerprints).toEqual([]);
            phone.media.ownSdp = withFingerprints(OTHER);
            answer(callId);
            const ok = await phone.server.response('INVITE', 200);
            expect(of('local')[0]?.fingerprints).toEqual([OTHER]);
            acknowledge(invite, ok, withFingerprints(FINGERPRINT));
            await phone.until(() => of('remote').length > 0, 'remote');
            expect(of('remote')[0]?.remote.fingerprints).toEqual([FINGERPRINT]);
        });
    });

    describe('during a call', () => {
        it('each description of theirs is told, before it is in force', async () => {
            const dialog = await phone.talk();
            const { log } = phone.media.latest;
            const before: number[] = [];
            during('remote', () => before.push(log.filter((entry) => entry.startsWith('remote')).length));
            const known = log.filter((entry) => entry.startsWith('remote')).length;
            dialog.request('INVITE', { body: withFingerprints(OTHER), headers: ['X-Thread: U'] });
            const ok = await phone.server.response('INVITE', 200);
            expect(of('remote').at(-1)?.remote).toEqual(
                jasmine.objectContaining({ fingerprints: [OTHER], headers: [['X-Thread', 'U']] }),
            );
            phone.server.sendRequest({
                method: 'ACK',
                from: ok.header('From'),
                to: ok.header('To'),
                callId: dialog.callId,
                cseq: Number.parseInt(ok.header('CSeq'), 10),
            });
            await settled();
            phone.send({ type: 'hold', callId: dialog.callId, on: true });
            phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], withFingerprints(FINGERPRINT));
            await phone.server.request('ACK');
            await phone.until(() => of('remote').length === 3, 'the third');
            expect(of('remote').at(-1)?.remote.fingerprints).toEqual([FINGERPRINT]);
            expect(of('remote').every(({ callId, sipCallId }) => callId === sipCallId)).toBeTrue();
            expect(before).toEqual([known, known + 1]);
        });

        it('one without a description tells nothing', async () => {
            const dialog = await phone.talk();
            dialog.request('INVITE');
            await phone.server.response('INVITE', 200);
            dialog.request('UPDATE', { body: withFingerprints(OTHER) });
            await phone.server.response('UPDATE', 500);
            expect(of('remote').length).toBe(1);
        });
    });
});
