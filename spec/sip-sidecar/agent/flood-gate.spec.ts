import { makeFloodGate } from '../../../src/sip-sidecar/agent/flood-gate.js';
import { BUDGETS, MAX_RINGING, MAX_RINGING_EACH } from '../../../src/sip-sidecar/agent/policies.js';
import { parseMessage } from '../../../src/sip-sidecar/agent/sip-js/parser.js';
import { HandClock, settled } from './support/clock.js';
import { SDP } from './support/media.js';
import { TestPhone } from './support/phone.js';
import { Message } from './support/server.js';

const BOB = '"Bob" <sip:bob@example.net>;tag=bob';
const CAROL = 'sip:carol@example.net';
const STRANGER = '<sip:mallory@elsewhere.example>;tag=mal';

interface Wanted {
    readonly method?: string;
    readonly from?: string;
    readonly to?: string;
    readonly branch?: string;
    readonly callId?: string;
}

let count = 0;
const write = ({
    method = 'INVITE',
    from = STRANGER,
    to = '<sip:alice@example.net>',
    ...more
}: Wanted = {}): string => {
    count += 1;
    const { branch = `z9hG4bK${String(count)}`, callId = `call-${String(count)}` } = more;
    return [
        `${method} sip:alice@example.net SIP/2.0`,
        `Via: SIP/2.0/WS proxy.example.net;branch=${branch}`,
        `v: SIP/2.0/UDP caller.example.net;branch=${branch}x`,
        'Max-Forwards: 70',
        `f: ${from}`,
        `To: ${to}`,
        `i: ${callId}`,
        `CSeq: 1 ${method}`,
        'Contact: <sip:bob@server.invalid;transport=ws>',
        'X-Other: 1',
        'Content-Length: 0',
        '',
        '',
    ].join('\r\n');
};

describe('The flood gate', () => {
    let clock: HandClock;
    let gate: ReturnType<typeof makeFloodGate>;
    let sent: Message[];
    let refused: number;
    let core: Record<'clients' | 'servers' | 'dialogs', Map<string, unknown>>;

    beforeEach(() => {
        clock = new HandClock();
        sent = [];
        refused = 0;
        core = { clients: new Map(), servers: new Map(), dialogs: new Map() };
        gate = makeFloodGate({
            clock,
            core,
            send: (text) => sent.push(new Message(text)),
            refused: () => (refused += 1),
        });
        gate.know(['sip:bob@example.net', CAROL]);
    });

    /** How many of so many are let in. */
    const admitted = (times: number, message: () => string): number =>
        Array.from({ length: times }, () => gate.admits(message())).filter(Boolean).length;

    it('lets a handful of strangers call, and then one now and then', () => {
        expect(admitted(1000, () => write())).toBe(BUDGETS.call.burst);
        clock.jump(2_000);
        expect(admitted(1000, () => write())).toBe(2 * BUDGETS.call.rate);
        clock.jump(3_600_000);
        expect(admitted(1000, () => write())).toBe(BUDGETS.call.burst);
        expect(refused).toBe(3000 - 21);
    });

    it('answers the rest 486 with the lines of their own, in one transaction, and swallows the ACK', () => {
        admitted(BUDGETS.call.burst, () => write());
        const from = '"a;tag=x" <sip:m@e.example>;tag=mal';
        gate.admits(write({ from, callId: '\r\n folded', branch: 'z9hG4bKmine' }));
        const [answer] = sent;
        expect(answer?.first).toBe('SIP/2.0 486 Busy Here');
        expect(answer?.headers('Via')).toEqual(['SIP/2.0/WS proxy.example.net;branch=z9hG4bKmine']);
        expect(answer?.headers('v')).toEqual(['SIP/2.0/UDP caller.example.net;branch=z9hG4bKminex']);
        expect(answer?.header('f')).toBe(from);
        expect(answer?.header('i')).toBe('folded');
        expect(answer?.header('CSeq')).toBe('1 INVITE');
        expect(answer?.header('X-Other')).toBe('');
        expect(answer?.header('To')).toMatch(/^<sip:alice@example\.net>;tag=[0-9a-f]{20}$/u);
        expect(answer?.text.endsWith('Content-Length: 0\r\n\r\n')).toBeTrue();
        expect(gate.admits(write({ method: 'ACK', to: answer?.header('To') ?? '' }))).toBeFalse();
        const parsed = parseMessage(answer?.text ?? '');
        expect(parsed?.getHeaders('via').length).toBe(2);
    });

    it('answers only so many, and nothing that is huge', () => {
        admitted(1000, () => write());
        expect(sent.length).toBe(BUDGETS.refusal.burst);
        clock.jump(60_000);
        sent = [];
        admitted(BUDGETS.call.burst + 5, () => write({ callId: 'x'.repeat(9_000) }));
        expect(sent).toEqual([]);
    });

    it('gives everybody who is known a budget of their own, whatever strangers and other friends do', () => {
        admitted(1000, () => write());
        expect(admitted(1000, () => write({ from: BOB }))).toBe(BUDGETS.call.burst);
        expect(admitted(5, () => write({ from: `<${CAROL};transport=ws>;tag=1` }))).toBe(5);
        expect(admitted(5, () => write({ from: `"sip:bob@example.net" <sip:x@example.net>;tag=1` }))).toBe(0);
    });

    it('lets other requests in at a bounded rate, beside calls', () => {
        admitted(1000, () => write());
        expect(admitted(500, () => write({ method: 'OPTIONS' }))).toBe(BUDGETS.request.burst);
        expect(admitted(500, () => write({ method: 'MESSAGE' }))).toBe(0);
        expect(admitted(500, () => write({ method: 'BYE', to: '<sip:alice@example.net>;tag=none' }))).toBe(0);
        expect(admitted(5, () => write({ method: 'OPTIONS', from: BOB }))).toBe(5);
        clock.jump(1_000);
        expect(admitted(500, () => write({ method: 'FROBNICATE' }))).toBe(BUDGETS.request.rate);
    });

    it('lets what belongs to a call through a flood, and a flood within it does not keep its BYE out', () => {
        admitted(1000, () => write());
        admitted(1000, () => write({ method: 'OPTIONS' }));
        core.dialogs.set('callminebob', 1);
        core.servers.set('z9hG4bKringing', 1);
        const inDialog = { callId: 'call', from: BOB, to: '<sip:alice@example.net>;tag=mine' };
        expect(admitted(1, () => write({ method: 'CANCEL', branch: 'z9hG4bKringing' }))).toBe(1);
        expect(admitted(500, () => write({ method: 'INFO', ...inDialog }))).toBe(BUDGETS.dialog.burst);
        expect(admitted(1, () => write({ method: 'BYE', ...inDialog }))).toBe(1);
        expect(admitted(1, () => write({ method: 'ACK', ...inDialog }))).toBe(1);
    });

    it('answers no INVITE that comes again in a transaction of its own', () => {
        core.servers.set('z9hG4bKringing', 1);
        expect(admitted(500, () => write({ branch: 'z9hG4bKringing' }))).toBe(BUDGETS.dialog.burst);
        expect(sent).toEqual([]);
    });

    it('drops responses to nothing, and lets those in that are awaited', () => {
        core.clients.set('z9hG4bKours1INVITE', 1);
        const response = (via: string): string => `SIP/2.0 200 OK\r\n${via}CSeq: 1 INVITE\r\n\r\n`;
        expect(gate.admits(response('Via: SIP/2.0/WSS a.invalid;branch=z9hG4bKours1\r\n'))).toBeTrue();
        expect(
            gate.admits(response('v: SIP/2.0/WSS a.invalid;received=1.2.3.4; branch = z9hG4bKours1\r\n')),
        ).toBeTrue();
        expect(gate.admits(response('Via: SIP/2.0/WSS a.invalid;branch=z9hG4bKother\r\n'))).toBeFalse();
        expect(gate.admits(response(''))).toBeFalse();
    });

    it('keeps little, however many names come', () => {
        gate.know(Array.from({ length: 30_000 }, (_, i) => `sip:${String(i)}@example.net`));
        const admits = (i: number): boolean => gate.admits(write({ from: `<sip:${String(i)}@example.net>;tag=1` }));
        for (let i = 0; i < 30_000; i += 1) admits(i);
        const { burst } = BUDGETS.call;
        const left = (i: number): number => Array.from({ length: 2 * burst }, () => admits(i)).filter(Boolean).length;
        // Whoever was forgotten has a full budget again.
        expect([left(0), left(19_999 - 1_000), left(19_999), left(20_000)]).toEqual([burst, burst, burst - 1, 0]);
    });

    it('takes anything for a message', () => {
        for (const text of [
            '',
            ' ',
            '\r\n\r\n',
            ':',
            'INVITE',
            'SIP/',
            'SIP/2.0 200',
            '\0'.repeat(99),
            'v:'.repeat(9_999),
        ])
            expect(() => gate.admits(text)).not.toThrow();
    });
});

describe('A message that is too long to be looked at', () => {
    let phone: TestPhone;

    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register();
    });

    afterEach(() => phone.end());

    const long = `${SDP}${'a=x\r\n'.repeat(10_000)}`;

    it('is refused with 413 when it is a call, and the one that is up goes on', async () => {
        const dialog = await phone.talk();
        const refused = phone.server.sendRequest({ method: 'INVITE', body: long });
        const answer = await phone.server.response('INVITE', 413);
        expect(answer.first).toBe('SIP/2.0 413 Request Entity Too Large');
        expect(answer.header('Call-ID')).toBe(refused.header('Call-ID'));
        expect(answer.header('To')).toContain(';tag=');
        phone.server.sendRequest({
            method: 'ACK',
            to: answer.header('To'),
            callId: refused.header('Call-ID'),
            cseq: Number.parseInt(refused.header('CSeq'), 10),
        });
        expect(phone.incoming).toEqual([]);
        expect(phone.state(dialog.callId).name).toBe('active');
        expect(phone.notices).toEqual(['SIP-106']);
    });

    it('is refused in the call that is up as well, which goes on', async () => {
        const dialog = await phone.talk();
        const refused = dialog.request('INVITE', { body: long });
        const answer = await phone.server.response('INVITE', 413);
        expect(answer.header('To')).toBe(refused.header('To'));
        dialog.request('ACK', {});
        dialog.request('INFO');
        await phone.server.response('INFO', 200);
        expect(phone.state(dialog.callId).name).toBe('active');
        expect(phone.media.latest.log.filter((what) => what.startsWith('remote offer'))).toEqual([]);
    });

    it('gets no answer where it wants none, or cannot have one', async () => {
        const { length } = phone.server.received;
        phone.server.sendRequest({ method: 'ACK', body: long });
        phone.server.send(`SIP/2.0 200 OK\r\nVia: x\r\n\r\n${long}`);
        phone.server.send(`INVITE sip:alice@example.net SIP/2.0\r\nX: ${'x'.repeat(70_000)}\r\nVia: x\r\n\r\n`);
        await settled();
        expect(phone.server.received.length).toBe(length);
    });
});

describe('In a flood', () => {
    let phone: TestPhone;

    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register();
        phone.send({ type: 'known', addresses: ['sip:bob@example.net', CAROL] });
    });

    afterEach(() => phone.end());

    const flood = (from: string): void => {
        for (let i = 0; i < 1000; i += 1) phone.server.sendRequest({ method: 'INVITE', from, body: SDP });
    };
    const writeInvite = (body: string): string =>
        write().replace(
            'Content-Length: 0\r\n\r\n',
            `Content-Type: application/sdp\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`,
        );
    const callers = (): string[] => phone.incoming.map(({ from }) => from);

    it('of strangers a friend gets through', async () => {
        flood(STRANGER);
        await settled();
        expect(phone.incoming.length).toBe(MAX_RINGING);
        phone.server.sendRequest({ method: 'INVITE', from: BOB, body: SDP });
        await phone.server.response('INVITE', 180);
        expect(callers().at(-1)).toBe('sip:bob@example.net');
    });

    it('in the name of a friend another one gets through', async () => {
        flood(BOB);
        await settled();
        expect(phone.incoming.length).toBe(MAX_RINGING_EACH);
        phone.server.sendRequest({ method: 'INVITE', from: `<${CAROL}>;tag=1`, body: SDP });
        await settled();
        expect(callers().at(-1)).toBe(CAROL);
    });

    it('the page has less than half the work that it would have without the gate', async () => {
        const body = `${SDP}${'a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n'.repeat(30)}`;
        const work = async (): Promise<number> => {
            phone.clock.jump(3_600_000);
            const messages = Array.from({ length: 500 }, () => writeInvite(body));
            const before = performance.now();
            for (const message of messages) phone.server.send(message);
            const took = performance.now() - before;
            for (const { callId } of phone.incoming) phone.send({ type: 'decline', callId, as: 'busy' });
            await settled();
            return took;
        };
        const ratios = [];
        const { call } = BUDGETS;
        for (let i = 0; i < 5; i += 1) {
            const gated = await work();
            Object.assign(BUDGETS, { call: { burst: 500, rate: 500 } });
            ratios.push(gated / (await work()));
            Object.assign(BUDGETS, { call });
        }
        expect(Math.min(...ratios)).toBeLessThan(0.5);
    });

    it('the call that is up goes on, and the notices are few', async () => {
        const dialog = await phone.talk();
        flood(STRANGER);
        for (let i = 0; i < 500; i += 1) phone.server.sendRequest({ method: 'OPTIONS' });
        dialog.request('INFO');
        await phone.server.response('INFO', 200);
        dialog.request('BYE');
        await phone.server.response('BYE', 200);
        await phone.reaches(dialog.callId, 'ended');
        expect(phone.notices.length).toBe(5);
        expect(
            phone.server.received.filter(({ status, method }) => status === 200 && method === 'OPTIONS').length,
        ).toBe(BUDGETS.request.burst);
    });
});
