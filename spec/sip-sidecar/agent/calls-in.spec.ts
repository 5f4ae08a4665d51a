import fc from 'fast-check';
import type { Connecting, Ended, Incoming } from '../../../src/sip-sidecar/contract/index.js';
import { settled } from './support/clock.js';
import { SDP } from './support/media.js';
import { TestPhone } from './support/phone.js';
import type { Message } from './support/server.js';

describe('A call in', () => {
    let phone: TestPhone;
    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register();
    });
    afterEach(() => phone.end());

    const ended = async (callId: string): Promise<Ended> => (await phone.reaches(callId, 'ended')) as Ended;
    /** An INVITE that rings. */
    const ring = async (options: { headers?: string[]; from?: string; body?: string } = {}) => {
        const invite = phone.server.sendRequest({ method: 'INVITE', body: SDP, ...options });
        await phone.server.response('INVITE', 180);
        return { invite, call: phone.incoming.at(-1)! };
    };
    const cancel = (invite: Message, headers: string[] = []): void => {
        phone.server.sendRequest({
            method: 'CANCEL',
            from: invite.header('From'),
            to: invite.header('To'),
            callId: invite.header('Call-ID'),
            cseq: Number.parseInt(invite.header('CSeq'), 10),
            branch: /branch=(.*)/u.exec(invite.header('Via'))?.[1] ?? '',
            headers,
        });
    };
    const answer = (callId: string, listenOnly = false): void => {
        phone.send({ type: 'answer', callId, video: false, listenOnly, headers: [['Call-Info', '<xmpp:a@b>']] });
    };

    it('rings at once, says who calls, and touches no device', async () => {
        const { invite, call } = await ring({
            headers: [
                'Call-Info: <xmpp:bob@example.net>;purpose=impp',
                'Alert-Info: <http://127.0.0.1:9/ring>;info=alert-autoanswer',
            ],
            body: `${SDP}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n`,
        });
        expect(call).toEqual({
            callId: call.callId,
            sipCallId: invite.header('Call-ID'),
            from: 'sip:bob@example.net',
            displayName: 'Bob',
            video: true,
            asserted: false,
            to: 'sip:alice@example.net',
            remote: {
                contact: 'sip:bob@server.invalid;transport=ws',
                callInfo: ['<xmpp:bob@example.net>;purpose=impp'],
                headers: [],
                fingerprints: [],
            },
        });
        expect(call.callId).not.toBe(call.sipCallId);
        expect(phone.media.sessions).toEqual([]);
        expect(phone.state(call.callId).name).toBe('incoming');
    });

    it('is answered with the devices, our media and the headers given', async () => {
        const { call } = await ring();
        answer(call.callId);
        const ok = await phone.server.response('INVITE', 200);
        expect(ok.body).toContain('x-answer');
        expect(ok.header('Call-Info')).toBe('<xmpp:a@b>');
        expect(ok.header('To')).toMatch(/;tag=[0-9a-f]{20}$/u);
        expect(phone.media.latest.wanted).toEqual(jasmine.objectContaining({ video: false, listenOnly: false }));
        expect(phone.media.latest.log).toEqual(['remote offer', 'answer']);
        const { answeredAt } = (await phone.reaches(call.callId, 'connecting')) as Connecting;
        if (answeredAt === null) await settled();
        expect((phone.state(call.callId) as Connecting).answeredAt).toBe(phone.clock.now());
    });

    it('without an offer gets one of ours, and takes the answer from the ACK', async () => {
        const invite = phone.server.sendRequest({ method: 'INVITE' });
        await phone.server.response('INVITE', 180);
        const { callId } = phone.incoming[0]!;
        answer(callId);
        const ok = await phone.server.response('INVITE', 200);
        expect(ok.body).toContain('x-offer');
        phone.server.sendRequest({
            method: 'ACK',
            from: ok.header('From'),
            to: ok.header('To'),
            callId: invite.header('Call-ID'),
            cseq: Number.parseInt(invite.header('CSeq'), 10),
            body: SDP,
        });
        await phone.until(() => phone.media.latest.log.includes('remote answer'));
    });

    it('rings on where the microphone is wanting, and can still be answered to listen', async () => {
        const { call } = await ring();
        const problem = { device: 'microphone', problem: 'denied' } as const;
        phone.media.problem = problem;
        answer(call.callId);
        await phone.until(() => (phone.state(call.callId) as Incoming).problem !== null);
        expect(phone.state(call.callId)).toEqual(jasmine.objectContaining({ name: 'incoming', problem }));
        phone.media.problem = null;
        answer(call.callId, true);
        await phone.server.response('INVITE', 200);
        expect(phone.media.latest.wanted.listenOnly).toBeTrue();
    });

    const DECLINES = [
        ['declined', 603],
        ['busy', 486],
        ['refused', 480],
    ] as const;
    for (const [as, status] of DECLINES) {
        it(`is ${as} with ${String(status)}`, async () => {
            const { call } = await ring();
            phone.send({ type: 'decline', callId: call.callId, as });
            await phone.server.response('INVITE', status);
            expect((await ended(call.callId)).reason).toBe(as);
            expect(phone.clock.pending).toBe(1);
        });
    }

    it('is declined by hanging up', async () => {
        const { call } = await ring();
        phone.send({ type: 'hang-up', callId: call.callId });
        await phone.server.response('INVITE', 603);
        expect((await ended(call.callId)).reason).toBe('declined');
    });

    it('can be declined while the browser still asks for the microphone', async () => {
        phone.media.gate = new Promise(() => undefined);
        const { call } = await ring();
        answer(call.callId);
        await settled();
        phone.send({ type: 'decline', callId: call.callId, as: 'declined' });
        await phone.server.response('INVITE', 603);
        expect((await ended(call.callId)).reason).toBe('declined');
        expect(phone.media.closed).toEqual([call.callId]);
    });

    const CANCELS: [headers: string[], reason: string][] = [
        [[], 'missed'],
        [['Reason: SIP;cause=200;text="Call completed elsewhere"'], 'answered-elsewhere'],
        [['Reason: Q.850;cause=16', 'Reason: SIP;cause=603'], 'declined'],
        [['Reason: SIP;cause=404'], 'missed'],
        [['Reason: garbage;;;"'], 'missed'],
    ];
    for (const [headers, reason] of CANCELS) {
        it(`that is cancelled ${headers.join(', ') || 'without a reason'} was ${reason}`, async () => {
            const { invite, call } = await ring();
            cancel(invite, headers);
            await phone.server.response('CANCEL', 200);
            await phone.server.response('INVITE', 487);
            expect((await ended(call.callId)).reason).toBe(reason as 'missed');
            expect(phone.clock.pending).toBe(1);
        });
    }

    it('that is cancelled while the devices open lets them go', async () => {
        let open: () => void = () => undefined;
        phone.media.gate = new Promise((resolve) => (open = resolve));
        const { invite, call } = await ring();
        answer(call.callId);
        await settled();
        cancel(invite);
        expect((await ended(call.callId)).reason).toBe('missed');
        open();
        await settled();
        expect(phone.media.latest.closed).toBeTrue();
    });

    it('that nobody answers was missed after the ring timeout', async () => {
        const { call } = await ring();
        await phone.clock.advance(45_000);
        await phone.server.response('INVITE', 480);
        expect((await ended(call.callId)).reason).toBe('missed');
    });

    it('with media we cannot use ends when it is answered', async () => {
        const { call } = await ring({ body: `${SDP}a=POISON\r\n` });
        answer(call.callId);
        expect((await ended(call.callId)).reason).toBe('media-failed');
        expect(phone.media.latest.closed).toBeTrue();
        await phone.until(() => phone.server.received.some(({ status }) => status >= 400));
    });

    it('without the media chunk is refused when it is answered', async () => {
        phone.mediaLoads = false;
        const { call } = await ring();
        answer(call.callId);
        await phone.server.response('INVITE', 480);
        expect((await ended(call.callId)).reason).toBe('failed');
    });

    it('is answered busy without ringing while three others ring', async () => {
        await ring();
        await ring();
        await ring();
        phone.server.sendRequest({ method: 'INVITE', body: SDP });
        await phone.server.response('INVITE', 486);
        expect(phone.incoming.length).toBe(3);
        expect(phone.notices).toEqual(['SIP-107']);
    });

    it('that comes by the thousand stays at three, and at a handful of notices', async () => {
        for (let i = 0; i < 1000; i += 1) phone.server.sendRequest({ method: 'INVITE', body: SDP });
        await settled();
        expect(phone.incoming.length).toBe(3);
        expect(phone.notices.length).toBe(5);
    });

    it('that is longer than 64 KiB is dropped', async () => {
        phone.server.sendRequest({ method: 'INVITE', headers: [`X-Long: ${'x'.repeat(70_000)}`], body: SDP });
        await settled();
        expect(phone.incoming).toEqual([]);
        expect(phone.notices).toEqual(['SIP-106']);
    });

    it('that insists on what we do not speak is told so', async () => {
        phone.server.sendRequest({ method: 'INVITE', body: SDP, headers: ['Require: sec-agree, replaces'] });
        const refusal = await phone.server.response('INVITE', 420);
        expect(refusal.header('Unsupported')).toBe('sec-agree');
        expect(phone.incoming).toEqual([]);
    });

    it('that wants to join a call that is up is refused, whatever it knows of it, as is what names no call or two', async () => {
        const { callId } = await phone.talk();
        const up = phone.server.received.find(({ first }) => first.startsWith('INVITE'))!;
        const ours = /tag=(.*)/u.exec(up.header('From'))?.[1] ?? '';
        const named = `${callId};to-tag=${ours};from-tag=far`;
        const wanted: [status: number, headers: string[]][] = [
            [481, [`Join: ${named}`]],
            [481, ['Replaces: unknown;from-tag=1;to-tag=2;early-only']],
            [400, ['Replaces: garbage;;=']],
            [400, [`Replaces: ${callId};to-tag=${ours}`]],
            [400, [`Replaces: ${named}`, `Join: ${named}`]],
            [400, [`Replaces: ${named}, ${named}`]],
        ];
        for (const [status, headers] of wanted) {
            phone.server.sendRequest({ method: 'INVITE', headers, body: SDP });
            await phone.server.response('INVITE', status);
        }
        expect(phone.incoming).toEqual([]);
        expect(phone.state(callId).name).toBe('active');
    });

    it('is refused softly when the agent stops: other devices may go on ringing', async () => {
        const { call } = await ring();
        const stopped = phone.agent.stop();
        await phone.server.response('INVITE', 480);
        expect((await ended(call.callId)).reason).toBe('missed');
        await stopped;
    });

    const NUMBERS: [from: string, number: string][] = [
        ['<tel:+1-303-555-1212>;tag=1', 'tel:+13035551212'],
        ['"Bob" <tel:+13035551212;phone-context=example.net>;tag=2', 'tel:+13035551212'],
        ['tel:+13035551212;tag=3', 'tel:+13035551212'],
        ['<mailto:bob@example.net>;tag=4', ''],
        ['<urn:service:sos>;tag=5', ''],
    ];
    for (const [from, number] of NUMBERS) {
        it(`from ${from} rings, is answered, and is ended at the same address`, async () => {
            const { call } = await ring({ from });
            expect(call.from).toBe(number);
            answer(call.callId);
            const ok = await phone.server.response('INVITE', 200);
            expect(ok.header('From')).toBe(from);
            phone.server.sendRequest({
                method: 'ACK',
                from,
                to: ok.header('To'),
                callId: ok.header('Call-ID'),
                cseq: Number.parseInt(ok.header('CSeq'), 10),
            });
            await settled();
            phone.send({ type: 'hang-up', callId: call.callId });
            const bye = await phone.server.request('BYE');
            const [uri = ''] = /[a-z]+:[^;>]*/u.exec(from) ?? [];
            expect(bye.header('To')).toContain(`<${uri}`);
            expect(bye.header('To')).toMatch(/;tag=\d$/u);
        });
    }

    it('that hides who calls has no address and no name', async () => {
        const hiding: [from: string, headers: string[]][] = [
            ['"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', []],
            ['"Bob" <sip:bob@example.net>;tag=2', ['Privacy: id']],
            ['<sip:anonymous@anonymous.invalid>;tag=3', ['P-Asserted-Identity: <sip:bob@h>', 'Privacy: user;id']],
        ];
        for (const [from, headers] of hiding) {
            const { call } = await ring({ from, headers });
            expect(call).toEqual(jasmine.objectContaining({ from: '', displayName: '', asserted: false }));
        }
    });

    it('is not answered by itself, whatever it asks for', async () => {
        const { call } = await ring({
            headers: [
                'Call-Info: <sip:example.net>;answer-after=0',
                'Alert-Info: <http://127.0.0.1:9/>;info=alert-autoanswer;delay=0',
                'Alert-Info: Ring Answer',
                'Answer-Mode: Auto;require',
                'Priv-Answer-Mode: Auto',
                'P-Auto-Answer: normal',
                'P-Answer-State: Confirmed',
                'X-Auto-Answer: true',
                'Alert-Info: <file://autoanswer>;intercom=true',
            ],
        });
        await phone.clock.advance(10_000);
        expect(phone.state(call.callId).name).toBe('incoming');
        expect(phone.media.sessions).toEqual([]);
        expect(phone.server.received.filter(({ method, status }) => method === 'INVITE' && status >= 200)).toEqual([]);
    });

    it('never makes the browser fetch what it names', async () => {
        const url = `${location.origin}/${crypto.randomUUID()}`;
        const info = ['icon', 'info', 'card', 'impp', 'spam', 'jwt'].map((purpose) => `<${url}>;purpose=${purpose}`);
        const headers = [
            `Call-Info: ${info.join(', ')}`,
            `Alert-Info: <${url}>;info=alert-autoanswer`,
            `Error-Info: <${url}>`,
            `Identity: x;info=<${url}>;alg=ES256`,
            `Refer-To: <${url}>`,
        ];
        const { call } = await ring({ headers });
        answer(call.callId);
        const ok = await phone.server.response('INVITE', 200);
        expect(ok.status).toBe(200);
        const callId = phone.dial();
        phone.server.reply(await phone.server.request('INVITE'), 486, headers);
        await ended(callId);
        const fetched = performance.getEntriesByType('resource').map(({ name }) => name);
        expect(fetched).not.toContain(url);
    });

    const many = (length: number, value: string, separator = ','): string =>
        Array.from({ length }, () => value).join(separator);
    const MANY: [what: string, headers: string[]][] = [
        ['Call-Info of 10,000 values', [`Call-Info: ${many(10_000, '<a:b>')}`]],
        ['Require of 10,000 values', [`Require: ${many(10_000, 'a')}`]],
        ['Record-Route of 1,600 values', [`Record-Route: ${many(1_600, '<sip:a>')}`]],
        ['P-Asserted-Identity of 6,000 values', [`P-Asserted-Identity: ${many(6_000, '<sip:a>')}`]],
        ['From of 10,000 parameters', []],
        ['900 headers of one name', many(900, 'XMPP-Thread: 1', '\n').split('\n')],
        ['900 of Contact', many(900, 'm:<sip:a>', '\n').split('\n')],
    ];
    for (const [what, headers] of MANY) {
        it(`with ${what} costs little time, and the next one rings`, async () => {
            const from = headers.length > 0 ? {} : { from: `<sip:bob@example.net>${many(10_000, ';a', '')};tag=1` };
            const before = performance.now();
            phone.server.sendRequest({ method: 'INVITE', headers, body: SDP, ...from });
            expect(performance.now() - before)
                .withContext('ms')
                .toBeLessThan(1000);
            await settled();
            await ring();
            for (const { remote } of phone.incoming) {
                expect(remote.callInfo.length).toBeLessThanOrEqual(3);
                expect(remote.headers.length).toBeLessThanOrEqual(6);
            }
        });
    }

    it('that is longer than 1,000 lines is dropped', async () => {
        const lines = [many(10_000, 'v:x', '\r\n'), many(5_000, 'm:<sip:a>', '\r\n'), `X: 1${'\r\n x'.repeat(10_000)}`];
        for (const header of lines) phone.server.sendRequest({ method: 'INVITE', headers: [header], body: SDP });
        await settled();
        expect(phone.notices).toEqual(['SIP-106', 'SIP-106', 'SIP-106']);
        expect(phone.incoming).toEqual([]);
        await ring();
    });

    it('with line breaks in its headers forges none: folded they are one line, else the message is dropped', async () => {
        const { call } = await ring({
            from: '"Bob\r\n Via: forged" <sip:bob@example.net>;tag=1',
            headers: ['XMPP-Thread: a\r\n b', 'Call-Info: <xmpp:bob@example.net>;\r\n\tpurpose=impp'],
        });
        expect(call.displayName).toBe('Bob Via: forged');
        expect(call.remote.headers).toEqual([['XMPP-Thread', 'a b']]);
        expect(call.remote.callInfo).toEqual(['<xmpp:bob@example.net>; purpose=impp']);
        answer(call.callId);
        const ok = await phone.server.response('INVITE', 200);
        expect(ok.headers('Via').length).toBe(1);
        const line = /[\r\n](?![ \t])(?:Via|From|To|X)[^:]*: forged/u;
        for (const { text } of phone.server.received) expect(text).not.toMatch(line);
        phone.server.sendRequest({ method: 'INVITE', headers: ['X: a\nVia: forged', 'X: a\rTo: forged'], body: SDP });
        await settled();
        for (const { text } of phone.server.received) expect(text).not.toMatch(line);
    });

    const HOSTILE: [what: string, from: string, headers: string[]][] = [
        ['a display name that turns the text', '"\u202eevil" <sip:bob@example.net>;tag=1', []],
        [
            'a display name that forges an address',
            '"Alice <sip:alice@example.net>" <sip:mallory@evil.example>;tag=2',
            [],
        ],
        ['an endless display name', `"${'x'.repeat(3000)}" <sip:bob@example.net>;tag=3`, []],
        ['headers in its address', '<sip:bob@example.net?Replaces=x&Route=y>;tag=4', []],
        ['hidden characters in its address', '<sip:b%0d%0aob@example.net>;tag=5', []],
        ['no name at all', '<sip:example.net>;tag=6', []],
        [
            'endless Call-Info',
            '<sip:bob@example.net>;tag=7',
            Array.from({ length: 500 }, () => 'Call-Info: <xmpp:a@b>'),
        ],
        ['long Call-Info', '<sip:bob@example.net>;tag=8', [`Call-Info: <xmpp:${'x'.repeat(5000)}>`]],
        ['a forged identity', '<sip:bob@example.net>;tag=9', ['P-Asserted-Identity: "\u0000<", <<>>,,sip:']],
    ];
    for (const [what, from, headers] of HOSTILE) {
        it(`with ${what} is shown harmless, or not at all`, async () => {
            phone.server.sendRequest({ method: 'INVITE', from, headers, body: SDP });
            await settled();
            for (const call of phone.incoming) {
                expect(call.from).toMatch(/^(?:|sip:[!-~]{1,255})$/u);
                expect(call.from).not.toContain('?');
                expect(call.displayName).not.toMatch(/[\u0000-\u001f\u202e]/u);
                expect(Array.from(call.displayName).length).toBeLessThanOrEqual(80);
                expect(call.remote.callInfo.length).toBeLessThanOrEqual(3);
                expect(call.remote.callInfo.every((value) => value.length <= 1024)).toBeTrue();
            }
            const { callId } = await phone.talk();
            expect(phone.state(callId).name).toBe('active');
        });
    }

    it('or what looks like one, in any bytes, breaks nothing', async () => {
        const words = fc.constantFrom(
            ...'INVITE REGISTER ACK BYE sip:alice@example.net SIP/2.0 200 OK Via: From: To: CSeq: Call-ID: Contact: <sip: > ; , : " = tag= 1 INVITE z9hG4bK Content-Length: -5 99999999999 * Require: Replaces: WWW-Authenticate: Digest'.split(
                ' ',
            ),
            '\r\n',
            '\r\n\r\n',
            '\n',
            '\u0000',
            '\r\n ',
            'SIP/2.0 401 x\r\n',
        );
        const text = fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 40 });
        fc.assert(
            fc.property(text, fc.boolean(), (parts, binary) => {
                const message = parts.join(parts.length % 2 ? ' ' : '');
                phone.server.send(binary ? new TextEncoder().encode(message).buffer : message);
            }),
            { numRuns: 500 },
        );
        phone.server.send(Uint8Array.from({ length: 512 }, (_, i) => i).buffer);
        phone.server.send('x'.repeat(100_000));
        phone.server.send('SIP/2.0 200 OK\r\nVia: SIP/2.0/WS x.invalid;branch=1\r\nCSeq: garbage\r\n\r\n');
        expect(new Set(phone.notices)).toEqual(new Set(['SIP-106']));
        expect(phone.notices.length).toBe(5);
        // Some of that may have looked like calls: so many strangers' are let in at once.
        await phone.clock.advance(4_000);
        expect((await ring()).call.from).toBe('sip:bob@example.net');
    });
});
