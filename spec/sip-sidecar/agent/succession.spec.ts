import type { Active, CallId, Ended, ResumeRecord } from '../../../src/sip-sidecar/contract/index.js';
import { settled } from './support/clock.js';
import { FINGERPRINT, SDP, type FakeSession } from './support/media.js';
import { TestPhone, type Dialog } from './support/phone.js';
import type { Message } from './support/server.js';

const described = (fingerprint: string): string => `${SDP}a=fingerprint:${fingerprint}\r\n`;
const OURS = FINGERPRINT.replace(/AB/gu, '0A');
const THEIRS = FINGERPRINT;
const OTHER = FINGERPRINT.replace(/AB/gu, 'CD');
const GRUU = 'sip:bob@example.net;gr=urn:uuid:2';
const ROUTE = '<sip:proxy.example.net;lr>';
const BOB = '"Bob" <sip:bob@example.net>;tag=new';

describe('A call that goes on by another INVITE', () => {
    let phone: TestPhone;
    let dialog: Dialog;
    let callId: CallId;

    const answer = (invite: Message, sdp = described(THEIRS), headers: readonly string[] = []): void => {
        phone.server.reply(invite, 200, [`Contact: <${GRUU}>`, 'Supported: replaces', ...headers], sdp);
    };
    const talk = async (headers = ['Supported: replaces', `Record-Route: ${ROUTE}`]): Promise<void> => {
        phone.media.ownSdp = described(OURS);
        dialog = await phone.talk(described(THEIRS), headers);
        ({ callId } = dialog);
    };

    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register();
        await talk();
    });
    afterEach(() => phone.end());

    const record = (): ResumeRecord => phone.records.get(callId)!;
    const said = (status: number): Promise<Message> => phone.server.response('INVITE', status);
    const named = ({ dialog } = record()): string =>
        `Replaces: ${dialog.callId};to-tag=${dialog.localTag};from-tag=${dialog.remoteTag}`;
    const claim = (
        options: {
            sdp?: string;
            from?: string;
            callId?: string;
            headers?: readonly string[];
        } = {},
    ): Message => {
        const { sdp: body = described(THEIRS), from = BOB, headers = [named()], ...more } = options;
        return phone.server.sendRequest({ method: 'INVITE', from, headers, body, ...more });
    };
    const acknowledge = (invite: Message, ok: Message): void => {
        const [from, to, id] = [invite.header('From'), ok.header('To'), invite.header('Call-ID')];
        const cseq = Number.parseInt(invite.header('CSeq'), 10);
        phone.server.sendRequest({ method: 'ACK', from, to, callId: id, cseq });
    };
    /** The media of the leg that comes is there. */
    const up = async (): Promise<void> => {
        phone.media.latest.listener.connected();
        await phone.reaches(callId, 'active');
    };
    const question = (id = callId): unknown => (phone.state(id) as Active).question ?? null;
    const ended = async (): Promise<Ended> => (await phone.reaches(callId, 'ended')) as Ended;
    const invites = (): Message[] => phone.server.received.filter(({ first }) => first.startsWith('INVITE'));
    const byes = (): string[] =>
        phone.server.received.filter(({ first }) => first.startsWith('BYE')).map((bye) => bye.header('Call-ID'));

    describe('of the peer itself', () => {
        let old: FakeSession;
        beforeEach(() => {
            old = phone.media.latest;
        });

        it('is answered without a question, and what was up stays until the new one is', async () => {
            const invite = claim();
            const ok = await said(200);
            acknowledge(invite, ok);
            await settled();
            expect(question()).toBeNull();
            expect(phone.media.latest).not.toBe(old);
            expect(phone.media.latest.log).toEqual(['resume', 'remote offer', 'answer']);
            expect(old.closed).toBeFalse();
            expect(byes()).toEqual([]);
            phone.media.latest.listener.connected();
            const bye = await phone.server.request('BYE');
            expect(bye.header('Call-ID')).toBe(callId);
            expect(old.closed).toBeTrue();
            expect(phone.media.latest.log).toEqual(['resume', 'remote offer', 'answer', 'succeed', 'unmute']);
            expect(phone.media.latest.closed).toBeFalse();
            expect(phone.state(callId).name).toBe('active');
        });

        it('makes one that was interrupted active', async () => {
            old.listener.interrupted(phone.clock.now());
            expect(phone.state(callId).name).toBe('interrupted');
            acknowledge(claim(), await said(200));
            phone.media.latest.listener.connected();
            expect(phone.state(callId).name).toBe('active');
        });

        it('tells what they say, under its Call-ID, before what we say', async () => {
            phone.events.length = 0;
            const invite = claim();
            await said(200);
            const told = phone.events.filter(({ type }) => type === 'remote' || type === 'local');
            expect(told).toEqual([
                jasmine.objectContaining({
                    type: 'remote',
                    callId,
                    sipCallId: invite.header('Call-ID'),
                    caller: { from: 'sip:bob@example.net', asserted: false, displayName: 'Bob' },
                }),
                { type: 'local', callId, fingerprints: [OURS] },
            ]);
        });

        it('goes on in the new dialog: what it says, what we say, and what the next page is told', async () => {
            const invite = claim();
            const ok = await said(200);
            acknowledge(invite, ok);
            phone.media.latest.listener.connected();
            phone.server.reply(await phone.server.request('BYE'), 200);
            expect(record().dialog.callId).toBe(invite.header('Call-ID'));
            phone.send({ type: 'hold', callId, on: true });
            const hold = await phone.server.request('INVITE');
            expect(hold.header('Call-ID')).toBe(invite.header('Call-ID'));
            answer(hold);
            await phone.server.request('ACK');
            expect((phone.state(callId) as Active).hold.byUs).toBeTrue();
            phone.send({ type: 'hang-up', callId });
            expect((await phone.server.request('BYE')).header('Call-ID')).toBe(invite.header('Call-ID'));
            expect((await ended()).reason).toBe('hung-up');
        });

        it('keeps what we do: muted, on hold', async () => {
            phone.send({ type: 'hold', callId, on: true });
            answer(await phone.server.request('INVITE'));
            await phone.server.request('ACK');
            phone.send({ type: 'mute', callId, on: true });
            acknowledge(claim(), await said(200));
            phone.media.latest.listener.connected();
            await settled();
            expect(phone.media.latest.log).toEqual(['mute', 'hold', 'remote offer', 'answer', 'succeed', 'mute']);
            expect((phone.state(callId) as Active).hold).toEqual({ byUs: true, byThem: false });
        });

        it('says whether they hold, by its own description', async () => {
            old.listener.heldByThem(true);
            acknowledge(claim(), await said(200));
            phone.media.latest.listener.connected();
            expect((phone.state(callId) as Active).hold.byThem).toBeFalse();
            acknowledge(claim(), await said(200));
            phone.media.latest.listener.heldByThem(true);
            phone.media.latest.listener.connected();
            expect((phone.state(callId) as Active).hold.byThem).toBeTrue();
        });

        it('survives that they end the dialog before themselves', async () => {
            acknowledge(claim(), await said(200));
            dialog.request('BYE');
            await phone.server.response('BYE', 200);
            expect(phone.state(callId).name).toBe('active');
            phone.media.latest.listener.connected();
            await settled();
            expect(phone.state(callId).name).toBe('active');
            expect(byes()).toEqual([]);
        });

        it('whose media does not come up ends alone: the call goes on as before', async () => {
            acknowledge(claim(), await said(200));
            phone.media.latest.listener.failed(false);
            const bye = await phone.server.request('BYE');
            expect(bye.header('Call-ID')).not.toBe(callId);
            expect(phone.media.latest.closed).toBeTrue();
            expect(old.closed).toBeFalse();
            expect(phone.state(callId).name).toBe('active');
        });

        it('whose media never comes up ends after 30 s', async () => {
            acknowledge(claim(), await said(200));
            await phone.clock.advance(29_000);
            expect(byes()).toEqual([]);
            await phone.clock.advance(1_000);
            expect(byes().length).toBe(1);
            expect(old.closed).toBeFalse();
            expect(phone.state(callId).name).toBe('active');
        });

        it('whose media does not come up after they ended the dialog before ends the call', async () => {
            acknowledge(claim(), await said(200));
            dialog.request('BYE');
            await phone.server.response('BYE', 200);
            phone.media.latest.listener.failed(false);
            expect((await ended()).reason).toBe('hung-up');
        });

        it('that they take back leaves all as it was', async () => {
            let open = (): void => undefined;
            phone.media.gate = new Promise((resolve) => {
                open = resolve;
            });
            const renew = phone.media.renew.bind(phone.media);
            spyOn(phone.media, 'renew').and.callFake(async (...given) => {
                await phone.media.gate;
                return renew(...given);
            });
            const invite = claim();
            await settled();
            phone.server.sendRequest({
                method: 'CANCEL',
                from: BOB,
                callId: invite.header('Call-ID'),
                cseq: Number.parseInt(invite.header('CSeq'), 10),
                branch: /branch=(\S+)/u.exec(invite.header('Via'))?.[1] ?? '',
            });
            await said(487);
            open();
            await phone.until(() => phone.media.latest !== old && phone.media.latest.closed);
            expect(old.closed).toBeFalse();
            expect(phone.state(callId).name).toBe('active');
        });

        it('with a description that cannot be used is refused, and the call goes on', async () => {
            claim({ sdp: `${described(THEIRS)}a=POISON\r\n` });
            await said(488);
            expect(phone.media.latest.closed).toBeTrue();
            expect(old.closed).toBeFalse();
            expect(phone.state(callId).name).toBe('active');
        });

        it('that insists on Replaces is answered', async () => {
            claim({ headers: [named(), 'Require: replaces'] });
            await said(200);
            expect(question()).toBeNull();
        });

        it('may name the dialog before the last: its page was left while the new one came up', async () => {
            const first = named();
            acknowledge(claim({ headers: [first] }), await said(200));
            // Once more before its media is up, and once after
            acknowledge(claim({ headers: [first] }), await said(200));
            phone.media.latest.listener.connected();
            await phone.server.request('BYE');
            acknowledge(claim({ headers: [first] }), await said(200));
            phone.media.latest.listener.connected();
            await settled();
            expect(phone.media.sessions.filter(({ closed }) => !closed)).toEqual([phone.media.latest]);
            expect(phone.state(callId).name).toBe('active');
        });

        it('ends with the call', async () => {
            acknowledge(claim(), await said(200));
            phone.send({ type: 'hang-up', callId });
            await settled();
            expect(byes().length).toBe(2);
            expect(phone.media.sessions.every(({ closed }) => closed)).toBeTrue();
            expect((await ended()).reason).toBe('hung-up');
        });
    });

    describe('of somebody else', () => {
        let old: FakeSession;
        beforeEach(() => {
            old = phone.media.latest;
        });

        // Test vector 14 of the wire format
        it('with the right tags and From, and another fingerprint, is a question; the call goes on, the refusal is 603', async () => {
            claim({ sdp: described(OTHER) });
            await said(100);
            await settled();
            expect(question()).toEqual({ kind: 'take-over', from: 'sip:bob@example.net', displayName: 'Bob' });
            expect(phone.state(callId).name).toBe('active');
            expect(phone.media.sessions).toEqual([old]);
            phone.send({ type: 'reply', callId, accept: false });
            await said(603);
            expect(question()).toBeNull();
            expect(old.closed).toBeFalse();
            expect(byes()).toEqual([]);
        });

        it('with the right fingerprint is a question, too', async () => {
            claim({ from: '<sip:mallory@example.net>;tag=m' });
            await said(100);
            await settled();
            expect(question()).toEqual({ kind: 'take-over', from: 'sip:mallory@example.net', displayName: '' });
        });

        for (const [what, more, status] of [
            ['was refused', 'a=POISON\r\n', 488],
            ['was accepted', '', 200],
        ] as const) {
            it(`with the fingerprint of a re-INVITE that ${what} is a question, too`, async () => {
                dialog.request('INVITE', { body: described(OTHER) + more });
                await said(status);
                old.listener.interrupted(phone.clock.now());
                old.listener.connected();
                claim({ sdp: described(OTHER) });
                await said(100);
                await settled();
                expect(question()).not.toBeNull();
            });
        }

        it('without a description is a question, too', async () => {
            claim({ sdp: '' });
            await said(100);
            await settled();
            expect(question()).not.toBeNull();
        });

        it('says nothing that could break what the person is shown', async () => {
            claim({ from: `"Bob\u202e ${'x'.repeat(2000)}" <sip:bob@example.org?Replaces=x>;tag=m` });
            await said(100);
            await settled();
            const { from, displayName } = question() as { from: string; displayName: string };
            expect(from).toBe('sip:bob@example.org');
            expect(displayName).toMatch(/^Bob x+…?$/u);
            expect(displayName.length).toBeLessThan(200);
        });

        it('takes the call over where the person says so', async () => {
            const invite = claim({ sdp: described(OTHER) });
            await said(100);
            await settled();
            phone.send({ type: 'reply', callId, accept: true });
            const ok = await said(200);
            acknowledge(invite, ok);
            expect(question()).toBeNull();
            phone.media.latest.listener.connected();
            expect((await phone.server.request('BYE')).header('Call-ID')).toBe(callId);
            expect(record().fingerprints).toEqual([OTHER]);
            claim({ sdp: described(OTHER) });
            await said(200);
        });

        it('gets no answer of the person for 30 s: 603', async () => {
            claim({ sdp: described(OTHER) });
            await said(100);
            await phone.clock.advance(29_000);
            expect(question()).not.toBeNull();
            await phone.clock.advance(1_000);
            await said(603);
            expect(question()).toBeNull();
        });

        it('gives up: the question is gone', async () => {
            const invite = claim({ sdp: described(OTHER) });
            await said(100);
            await phone.until(() => question() !== null);
            phone.server.sendRequest({
                method: 'CANCEL',
                from: BOB,
                callId: invite.header('Call-ID'),
                cseq: Number.parseInt(invite.header('CSeq'), 10),
                branch: /branch=(\S+)/u.exec(invite.header('Via'))?.[1] ?? '',
            });
            await said(487);
            expect(question()).toBeNull();
            phone.send({ type: 'reply', callId, accept: true });
            await settled();
            expect(phone.media.sessions).toEqual([old]);
        });

        it('is one at a time: the next is refused, and the peer itself is not', async () => {
            claim({ sdp: described(OTHER) });
            await said(100);
            claim({ sdp: described(OTHER), from: '<sip:mallory@example.net>;tag=m' });
            await said(486);
            acknowledge(claim(), await said(200));
            expect(question()).toEqual({ kind: 'take-over', from: 'sip:bob@example.net', displayName: 'Bob' });
        });

        it('is refused when the call ends', async () => {
            claim({ sdp: described(OTHER) });
            await said(100);
            await phone.until(() => question() !== null);
            dialog.request('BYE');
            await said(603);
            expect((await ended()).reason).toBe('hung-up');
        });
    });

    describe('in vain', () => {
        const refused: [what: string, status: number, headers: (named: string) => string[]][] = [
            ['another Call-ID', 481, (line) => [line.replace(': ', ': x')]],
            ['another tag of ours', 481, (line) => [line.replace('to-tag=', 'to-tag=x')]],
            ['another tag of theirs', 481, (line) => [line.replace('from-tag=', 'from-tag=x')]],
            [
                'the tags exchanged',
                481,
                (line) => [line.replace('to-tag', 'x-tag').replace('from', 'to').replace('x-', 'from-')],
            ],
            ['a call that rings only', 486, (line) => [`${line};early-only`]],
            ['two Replaces', 400, (line) => [line, line]],
            ['two dialogs', 400, (line) => [`${line}, b;to-tag=1;from-tag=2`]],
            ['a tag in quotes', 400, (line) => [line.replace(/to-tag=([^;]*)/u, 'to-tag="$1"')]],
            ['a control character', 400, (line) => [`${line}\u0001`]],
            ['40 kB', 400, (line) => [`${line};x=${'y'.repeat(40_000)}`]],
            ['Replaces and Join', 400, (line) => [line, line.replace('Replaces', 'Join')]],
            ['Join', 481, (line) => [line.replace('Replaces', 'Join')]],
        ];
        for (const [what, status, headers] of refused) {
            it(`names ${what}: ${String(status)}`, async () => {
                claim({ headers: headers(named()) });
                await said(status);
                expect(phone.incoming).toEqual([]);
                expect(question()).toBeNull();
                expect(phone.media.sessions.length).toBe(1);
                expect(phone.state(callId).name).toBe('active');
            });
        }

        it('names a call that is not answered yet, in or out: 481', async () => {
            const second = phone.dial();
            const ringing = await phone.server.request('INVITE');
            phone.server.reply(ringing, 180, [`Contact: <${GRUU}>`]);
            const ours = /tag=(.*)/u.exec(ringing.header('From'))?.[1] ?? '';
            claim({ headers: [`Replaces: ${second};to-tag=${ours};from-tag=far;early-only`] });
            await said(481);
            const invite = phone.server.sendRequest({ method: 'INVITE', body: described(THEIRS) });
            const tag = /tag=(.*)/u.exec((await said(180)).header('To'))?.[1] ?? '';
            claim({ headers: [`Replaces: ${invite.header('Call-ID')};to-tag=${tag};from-tag=bob`] });
            await said(481);
        });

        it('names a call whose media was never up: 486', async () => {
            phone.send({ type: 'hang-up', callId });
            phone.server.reply(await phone.server.request('BYE'), 200);
            callId = phone.dial();
            const invite = await phone.server.request('INVITE');
            answer(invite);
            await phone.server.request('ACK');
            await phone.reaches(callId, 'connecting');
            const ours = /tag=(.*)/u.exec(invite.header('From'))?.[1] ?? '';
            claim({ headers: [`Replaces: ${callId};to-tag=${ours};from-tag=far`] });
            await said(486);
            expect(phone.records.has(callId)).toBeFalse();
        });

        it('names a call that is over: 481', async () => {
            const line = named();
            dialog.request('BYE');
            await phone.server.response('BYE', 200);
            claim({ headers: [line] });
            await said(481);
        });
    });

    describe('of ours', () => {
        /** The server was away, and where the dialog leads nobody is any more. */
        const stranded = async (): Promise<void> => {
            phone.server.drop();
            await phone.until(() => phone.registration?.state !== 'registered');
            await phone.clock.advance(2_000);
            await phone.until(() => phone.registration?.state === 'registered');
            await phone.clock.advance(2_000);
            for (let i = 0; i < 2; i += 1) {
                const again = await phone.server.request('INVITE');
                expect(again.header('Call-ID')).toBe(callId);
                phone.server.reply(again, 500);
                await phone.server.request('ACK');
                await phone.clock.advance(2_000);
            }
        };

        it('is sent where re-INVITEs lead nowhere, and what was up stays until the new one is', async () => {
            const old = phone.media.latest;
            await stranded();
            const invite = await phone.server.request('INVITE');
            expect(invite.header('Replaces')).toBe(`${callId};to-tag=far;from-tag=${record().dialog.localTag}`);
            expect(invite.header('Require')).toBe('replaces');
            expect(invite.header('Call-ID')).not.toBe(callId);
            answer(invite);
            await phone.server.request('ACK');
            await settled();
            expect(old.closed).toBeFalse();
            await up();
            expect(old.closed).toBeTrue();
            expect((await phone.server.request('BYE')).header('Call-ID')).toBe(callId);
            expect(record().dialog.callId).toBe(invite.header('Call-ID'));
        });

        it('that crosses theirs: the lower Call-ID survives', async () => {
            await stranded();
            const ours = await phone.server.request('INVITE');
            claim({ callId: '~' });
            await said(491);
            acknowledge(claim({ callId: '!' }), await said(200));
            phone.server.reply(ours, 491);
            await up();
            expect(record().dialog.callId).toBe('!');
            expect(phone.media.sessions.filter(({ closed }) => !closed)).toEqual([phone.media.latest]);
        });

        it('is not sent to a peer that does not know Replaces', async () => {
            phone.send({ type: 'hang-up', callId });
            phone.server.reply(await phone.server.request('BYE'), 200);
            await talk([]);
            await stranded();
            await settled();
            expect(invites().every((invite) => invite.headers('Replaces').length === 0)).toBeTrue();
            expect(phone.state(callId).name).toBe('active');
        });
    });

    it('is something we announce, in INVITE and in 2xx', async () => {
        expect(invites()[0]?.header('Supported')).toMatch(/(?:^|, )replaces(?:,|$)/u);
        phone.server.sendRequest({ method: 'INVITE', body: described(THEIRS) });
        await said(180);
        phone.send({
            type: 'answer',
            callId: phone.incoming.at(-1)!.callId,
            video: false,
            listenOnly: false,
            headers: [],
        });
        expect((await said(200)).header('Supported')).toMatch(/(?:^|, )replaces(?:,|$)/u);
    });

    describe('on the next page', () => {
        let kept: ResumeRecord;

        /** The page is left, and the next one is there. */
        const reload = (change: Partial<ResumeRecord> = {}): void => {
            kept = { ...record(), leftAt: 1, ...change };
            phone.end();
            phone = new TestPhone();
            phone.media.ownSdp = described(OURS);
            phone.start();
            const { media, hold, answeredAt } = kept;
            phone.states.set(callId, { name: 'interrupted', media, hold, answeredAt });
            phone.send({ type: 'resume', record: kept });
        };

        it('is told what it needs, once media is up', () => {
            const ours = /tag=(.*)/u.exec(invites()[0]!.header('From'))?.[1] ?? '';
            expect(record()).toEqual({
                callId,
                direction: 'outgoing',
                dialog: {
                    callId,
                    localTag: ours,
                    remoteTag: 'far',
                    localUri: 'sip:alice@example.net',
                    remoteUri: 'sip:bob@example.net',
                    target: 'sip:bob@server.invalid;transport=ws',
                    routes: [ROUTE],
                    localSequence: 1,
                },
                replaces: true,
                instanceId: 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6',
                fingerprints: [THEIRS],
                media: { microphone: 'live', camera: 'off', remoteVideo: false },
                hold: { byUs: false, byThem: false },
                answeredAt: phone.clock.now(),
                leftAt: null,
            });
            expect(structuredClone(record())).toEqual(record());
        });

        it('goes on: registered, an INVITE that names the dialog, media, and the old dialog is ended', async () => {
            reload();
            const invite = await phone.server.request('INVITE');
            expect(phone.registration?.state).toBe('registered');
            expect(invite.first).toBe('INVITE sip:bob@example.net SIP/2.0');
            expect(invite.headers('Replaces')).toEqual([
                `${callId};to-tag=${kept.dialog.remoteTag};from-tag=${kept.dialog.localTag}`,
            ]);
            expect(invite.headers('Require')).toEqual(['replaces']);
            expect(invite.header('Call-ID')).not.toBe(callId);
            expect(phone.events.findLast(({ type }) => type === 'local')).toEqual({
                type: 'local',
                callId,
                fingerprints: [OURS],
                sipCallId: invite.header('Call-ID'),
            });
            answer(invite);
            await phone.server.request('ACK');
            expect(phone.state(callId).name).toBe('interrupted');
            await up();
            const bye = await phone.server.request('BYE');
            expect(bye.first).toBe('BYE sip:bob@server.invalid;transport=ws SIP/2.0');
            expect(bye.headers('Route')).toEqual([ROUTE]);
            expect(bye.header('CSeq')).toBe('12 BYE');
            expect(bye.header('Call-ID')).toBe(callId);
            expect(record().dialog.callId).toBe(invite.header('Call-ID'));
            await phone.clock.advance(60_000);
            expect(phone.state(callId).name).toBe('active');
        });

        it('calls the very device where it has a GRUU', async () => {
            reload({ dialog: { ...record().dialog, target: GRUU } });
            expect((await phone.server.request('INVITE')).first).toBe(`INVITE ${GRUU} SIP/2.0`);
        });

        it('is as it was: what is sent, muted, held', async () => {
            reload({
                media: { microphone: 'muted', camera: 'on', remoteVideo: true },
                hold: { byUs: true, byThem: true },
            });
            answer(await phone.server.request('INVITE'));
            await phone.server.request('ACK');
            expect(phone.media.renewed).toEqual([{ microphone: 'muted', camera: 'on', remoteVideo: true }]);
            await up();
            expect(phone.media.latest.log).toEqual(['mute', 'hold', 'offer', 'remote answer', 'succeed', 'mute']);
            expect((phone.state(callId) as Active).hold).toEqual({ byUs: true, byThem: false });
        });

        it('is ended at once, in its dialog, with a peer that does not know Replaces', async () => {
            reload({ replaces: false });
            expect((await ended()).reason).toBe('connection-lost');
            const bye = await phone.server.request('BYE');
            expect(bye.header('Call-ID')).toBe(callId);
            expect(bye.header('CSeq')).toBe('12 BYE');
            expect(bye.header('From')).toContain(`tag=${kept.dialog.localTag}`);
            expect(bye.header('To')).toContain(`tag=${kept.dialog.remoteTag}`);
            expect(invites()).toEqual([]);
            expect(phone.media.sessions).toEqual([]);
        });

        it('is told theirs also where media was up before the answer', async () => {
            phone.send({ type: 'hang-up', callId });
            phone.server.reply(await phone.server.request('BYE'), 200);
            callId = phone.dial();
            const invite = await phone.server.request('INVITE');
            phone.media.latest.listener.connected();
            answer(invite);
            await phone.reaches(callId, 'active');
            expect(record().fingerprints).toEqual([THEIRS]);
        });

        const supported: [headers: string[], replaces: boolean][] = [
            [['Supported: gruu, Replaces ,outbound'], true],
            [['Supported: timer', 'k: replaces'], true],
            [[], false],
            [['Supported: noreplaces, replaces-not'], false],
        ];
        for (const [headers, replaces] of supported) {
            it(`is told whether the peer takes Replaces: ${headers.join(' | ') || 'it says nothing'}`, async () => {
                phone.send({ type: 'hang-up', callId });
                phone.server.reply(await phone.server.request('BYE'), 200);
                await talk(headers);
                expect(record().replaces).toBe(replaces);
            });
        }

        it('is told so of a peer that calls, too', async () => {
            phone.send({ type: 'hang-up', callId });
            phone.server.reply(await phone.server.request('BYE'), 200);
            const invite = phone.server.sendRequest({
                method: 'INVITE',
                body: described(THEIRS),
                headers: ['Supported: replaces'],
            });
            await said(180);
            ({ callId } = phone.incoming.at(-1)!);
            phone.send({ type: 'answer', callId, video: false, listenOnly: false, headers: [] });
            const ok = await said(200);
            phone.media.latest.listener.connected();
            await phone.reaches(callId, 'active');
            expect(record()).toEqual(jasmine.objectContaining({ direction: 'incoming', replaces: true }));
            expect(record().fingerprints).toEqual([THEIRS]);
            expect(record().dialog).toEqual({
                callId: invite.header('Call-ID'),
                localTag: /tag=(.*)/u.exec(ok.header('To'))?.[1] ?? '',
                remoteTag: 'bob',
                localUri: 'sip:alice@example.net',
                remoteUri: 'sip:bob@example.net',
                target: 'sip:bob@server.invalid;transport=ws',
                routes: [],
                localSequence: 0,
            });
        });

        for (const status of [404, 408, 480, 500, 503]) {
            it(`tries again where the peer is not there yet (${String(status)})`, async () => {
                reload();
                phone.server.reply(await phone.server.request('INVITE'), status);
                await phone.server.request('ACK');
                await phone.clock.advance(900);
                expect(invites().length).toBe(1);
                await phone.clock.advance(200);
                const again = await phone.server.request('INVITE');
                expect(new Set(invites().map((invite) => invite.header('Call-ID'))).size).toBe(2);
                answer(again);
                await phone.server.request('ACK');
                await up();
                expect(phone.media.sessions.filter(({ closed }) => !closed)).toEqual([phone.media.latest]);
            });
        }

        it('tries again over a new connection where the one in use is lost before an answer', async () => {
            reload();
            await phone.server.request('INVITE');
            phone.server.drop();
            await settled();
            expect(phone.media.sessions.every(({ closed }) => closed)).toBeTrue();
            await phone.clock.advance(3_000);
            answer(await phone.server.request('INVITE'));
            await phone.server.request('ACK');
            await up();
            expect(invites().length).toBe(2);
        });

        it('opens no device while there is no connection', async () => {
            reload();
            await phone.server.request('INVITE');
            phone.server.unreachable.add('wss://sip.example.net/');
            phone.server.drop();
            await phone.clock.advance(20_000);
            expect(phone.media.sessions.length).toBe(1);
            expect(phone.state(callId).name).toBe('interrupted');
            await phone.clock.advance(10_000);
            expect((await ended()).reason).toBe('connection-lost');
        });

        for (const status of [400, 420, 481, 486, 488, 603]) {
            it(`ends where the peer does not want that (${String(status)})`, async () => {
                reload();
                phone.server.reply(await phone.server.request('INVITE'), status);
                expect((await ended()).reason).toBe('connection-lost');
                expect((await phone.server.request('BYE')).header('Call-ID')).toBe(callId);
                expect(phone.media.sessions.every(({ closed }) => closed)).toBeTrue();
            });
        }

        it('ends after 30 s without an answer, and leaves no microphone open', async () => {
            reload();
            const invite = await phone.server.request('INVITE');
            phone.server.reply(invite, 100);
            await phone.clock.advance(29_000);
            expect(phone.state(callId).name).toBe('interrupted');
            await phone.clock.advance(1_000);
            expect((await ended()).reason).toBe('connection-lost');
            expect(phone.media.sessions.every(({ closed }) => closed)).toBeTrue();
            expect(phone.media.closed).toContain(callId);
            await phone.server.request('CANCEL');
        });

        it('ends after 30 s without a server', async () => {
            kept = record();
            phone.end();
            phone = new TestPhone();
            phone.server.unreachable.add('wss://sip.example.net/');
            phone.start();
            phone.send({ type: 'resume', record: kept });
            await phone.clock.advance(30_000);
            expect((await ended()).reason).toBe('connection-lost');
            expect(phone.media.sessions).toEqual([]);
        });

        it('ends where the person hangs up meanwhile, in both dialogs', async () => {
            reload();
            answer(await phone.server.request('INVITE'));
            await phone.server.request('ACK');
            phone.send({ type: 'hang-up', callId });
            expect((await ended()).reason).toBe('hung-up');
            await phone.until(() => byes().length === 2);
            expect(byes()).toContain(callId);
        });

        it('ends where the other side hangs up meanwhile', async () => {
            reload();
            const invite = await phone.server.request('INVITE');
            const { localTag, remoteTag } = kept.dialog;
            phone.server.sendRequest({
                method: 'BYE',
                from: `<sip:bob@example.net>;tag=${remoteTag}`,
                to: `<sip:alice@example.net>;tag=${localTag}`,
                callId,
            });
            await phone.server.response('BYE', 200);
            phone.server.reply(invite, 481);
            expect((await ended()).reason).toBe('hung-up');
            expect(phone.media.sessions.every(({ closed }) => closed)).toBeTrue();
        });

        it('does not take part in the dialog of the page before', async () => {
            reload();
            await phone.server.request('INVITE');
            const { localTag, remoteTag } = kept.dialog;
            phone.server.sendRequest({
                method: 'INVITE',
                from: `<sip:bob@example.net>;tag=${remoteTag}`,
                to: `<sip:alice@example.net>;tag=${localTag}`,
                callId,
                body: described(THEIRS),
            });
            await said(491);
        });

        describe('of both sides', () => {
            it('takes theirs where ours has the higher Call-ID', async () => {
                reload();
                const ours = await phone.server.request('INVITE');
                const theirs = claim({ callId: '!', headers: [named(kept)] });
                acknowledge(theirs, await said(200));
                phone.server.reply(ours, 491);
                await up();
                expect(record().dialog.callId).toBe('!');
                await phone.clock.advance(60_000);
                expect(invites().length).toBe(1);
                expect(phone.media.sessions.filter(({ closed }) => !closed)).toEqual([phone.media.latest]);
                expect(phone.state(callId).name).toBe('active');
            });

            it('refuses theirs where ours has the lower Call-ID', async () => {
                reload();
                const ours = await phone.server.request('INVITE');
                claim({ callId: '~', headers: [named(kept)] });
                await said(491);
                answer(ours);
                await phone.server.request('ACK');
                await up();
                expect(record().dialog.callId).toBe(ours.header('Call-ID'));
            });

            it('takes theirs where ours was refused because they were not there yet', async () => {
                reload();
                phone.server.reply(await phone.server.request('INVITE'), 480);
                acknowledge(claim({ callId: '~', headers: [named(kept)] }), await said(200));
                await up();
                await phone.clock.advance(60_000);
                expect(invites().length).toBe(1);
                expect(phone.state(callId).name).toBe('active');
            });

            it('asks where the fingerprint is not the one that was kept', async () => {
                reload();
                const ours = await phone.server.request('INVITE');
                claim({ callId: '!', headers: [named(kept)], sdp: described(OTHER) });
                await said(100);
                await phone.until(() => (phone.state(callId) as Active).question?.kind === 'take-over');
                answer(ours);
                await phone.server.request('ACK');
                await up();
            });
        });
    });
});
