import fc from 'fast-check';
import type { CallEvent, CallId } from '../../../src/sip-sidecar/contract/index.js';
import { settled } from './support/clock.js';
import type { FakeSession } from './support/media.js';
import { SDP } from './support/media.js';
import { TestPhone } from './support/phone.js';
import type { Message } from './support/server.js';

declare const __karma__: { readonly config: { readonly stories?: number } };

/** How many calls. */
const RUNS = __karma__.config.stories ?? 100;

const CONTACT = 'Contact: <sip:bob@server.invalid;transport=ws>';
const SERVER = 'wss://sip.example.net/';

/** What the other side, the network, the browser and the person do with one call. */
class Life {
    private cseq = 1000;

    constructor(
        readonly phone: TestPhone,
        readonly callId: CallId,
        /** Their INVITE, or null: it is our call. */
        private readonly theirs: Message | null,
    ) {}

    get session(): FakeSession | undefined {
        return this.phone.media.sessions.findLast(({ callId }) => callId === this.callId);
    }

    private get received(): readonly Message[] {
        return this.phone.server.received;
    }

    /** The last request of ours of a method. */
    private ours(method: string): Message | undefined {
        return this.received.findLast((message) => message.isRequest && message.method === method);
    }

    reply(method: string, status: number, body = SDP): void {
        const request = this.ours(method);
        if (request) this.phone.server.reply(request, status, [CONTACT, 'Supported: replaces'], body);
    }

    /** A request of theirs in the dialog, as far as there is one. */
    request(method: string, body = ''): void {
        const { server } = this.phone;
        this.cseq += 1;
        const invite = this.ours('INVITE');
        const ok = this.received.findLast(({ method: of, status }) => of === 'INVITE' && status >= 180 && status < 300);
        const [to, from, callId] = this.theirs
            ? [ok?.header('To') ?? '<sip:alice@example.net>', this.theirs.header('From'), this.theirs.header('Call-ID')]
            : [invite?.header('From') ?? '', '<sip:bob@example.net>;tag=far', this.callId];
        const cseq = method === 'ACK' && ok ? Number.parseInt(ok.header('CSeq'), 10) : this.cseq;
        if (to !== '') server.sendRequest({ method, from, to, callId, cseq, body });
    }

    cancel(): void {
        const { theirs, phone } = this;
        const branch = /branch=([^;\s]+)/u.exec(theirs?.header('Via') ?? '')?.[1];
        if (!theirs || !branch) return;
        const [from, callId] = [theirs.header('From'), theirs.header('Call-ID')];
        const cseq = Number.parseInt(theirs.header('CSeq'), 10);
        phone.server.sendRequest({ method: 'CANCEL', from, callId, cseq, branch });
    }
}

type Act = (life: Life) => void | Promise<void>;

const listener = (act: (told: FakeSession['listener'], life: Life) => void): Act => {
    return (life) => {
        const { session } = life;
        if (session && !session.closed) act(session.listener, life);
    };
};

const command =
    (type: 'ring' | 'hang-up'): Act =>
    ({ phone, callId }) => {
        phone.send({ type, callId });
    };

const answer: Act = ({ phone, callId }) => {
    phone.send({ type: 'answer', callId, video: false, listenOnly: false, headers: [] });
};

const switched =
    (type: 'hold' | 'mute' | 'camera' | 'screen', on: boolean): Act =>
    ({ phone, callId }) => {
        phone.send({ type, callId, on });
    };

const passes =
    (ms: number): Act =>
    ({ phone }) =>
        phone.clock.advance(ms);

const ACTS: Readonly<Record<string, Act>> = {
    ring: command('ring'),
    answer,
    'hang up': command('hang-up'),
    decline: ({ phone, callId }) => phone.send({ type: 'decline', callId, as: 'declined' }),
    hold: switched('hold', true),
    resume: switched('hold', false),
    mute: switched('mute', true),
    'camera on': switched('camera', true),
    'camera off': switched('camera', false),
    'screen on': switched('screen', true),
    digits: ({ phone, callId }) => phone.send({ type: 'digits', callId, digits: '1#' }),
    yes: ({ phone, callId }) => phone.send({ type: 'reply', callId, accept: true }),
    ...Object.fromEntries(
        [100, 180, 183, 200, 302, 404, 481, 486, 488, 491, 500, 503].flatMap((status) => [
            [`INVITE ${String(status)}`, (life: Life) => life.reply('INVITE', status)],
        ]),
    ),
    'INVITE 200 again': (life) => life.reply('INVITE', 200),
    'INVITE 200 and that is the last one': async (life) => {
        life.reply('INVITE', 200);
        await settled();
        life.session?.listener.connected();
    },
    'INVITE 200 without a description': (life) => life.reply('INVITE', 200, ''),
    'INVITE 200 that cannot be used': (life) => life.reply('INVITE', 200, `${SDP}a=POISON\r\n`),
    'BYE 200': (life) => life.reply('BYE', 200, ''),
    'BYE 480': (life) => life.reply('BYE', 480, ''),
    'CANCEL 200 and 487': (life) => {
        life.reply('CANCEL', 200, '');
        life.reply('INVITE', 487, '');
    },
    'their ACK': (life) => life.request('ACK'),
    'their BYE': (life) => life.request('BYE'),
    'their re-INVITE': (life) => life.request('INVITE', SDP),
    'their re-INVITE without an offer': (life) => life.request('INVITE'),
    'their re-INVITE that cannot be used': (life) => life.request('INVITE', `${SDP}a=POISON\r\n`),
    'their UPDATE': (life) => life.request('UPDATE', SDP),
    'their INFO': (life) => life.request('INFO'),
    'their CANCEL': (life) => life.cancel(),
    'the connection breaks': ({ phone }) => phone.server.drop(),
    'the connection is dead': ({ phone }) => void (phone.server.deaf = true),
    'the connection lives': ({ phone }) => void (phone.server.deaf = false),
    'the server is away': ({ phone }) => {
        phone.server.unreachable.add(SERVER);
        phone.server.drop();
    },
    'the server is back': ({ phone }) => {
        phone.server.unreachable.clear();
    },
    'media is up': listener((told) => told.connected()),
    'media is silent': listener((told, { phone }) => told.interrupted(phone.clock.now() - 1000)),
    'ICE is broken': listener((told) => told.failed(true)),
    'DTLS is broken': listener((told) => told.failed(false)),
    'the browser stops the screen': listener((told) => told.renegotiate()),
    'they hold': listener((told) => told.heldByThem(true)),
    'a re-INVITE is wanted': ({ session }) => {
        if (session) session.renegotiate = true;
    },
    'a moment passes': passes(0),
    '0.6 s pass': passes(600),
    '3 s pass': passes(3000),
    '12 s pass': passes(12_000),
    '33 s pass': passes(33_000),
};

const isEnd = ({ type }: CallEvent): boolean => type === 'ended';

/** Throws, so that the shortest story that goes wrong is found. */
function holds(test: boolean, complaint: string): void {
    if (!test) throw new Error(complaint);
}

describe('A call in which anything happens in any order', () => {
    /** Lives through it, and to the end. */
    async function lives(direction: 'out' | 'in', story: readonly string[]): Promise<void> {
        const phone = new TestPhone();
        phone.rings = false;
        try {
            await phone.register();
            await phone.clock.advance(1000);
            const idle = phone.clock.pending;
            const theirs = direction === 'in' ? phone.server.sendRequest({ method: 'INVITE', body: SDP }) : null;
            await settled();
            const callId = theirs ? phone.incoming[0]!.callId : phone.dial();
            const life = new Life(phone, callId, theirs);
            await settled();
            for (const act of story) {
                await ACTS[act]?.(life);
                await settled();
                const open = phone.media.sessions.filter(({ closed }) => !closed).length;
                holds(open - phone.media.renewed.length < 2, `two microphones after: ${act}`);
                holds(
                    open === 0 || phone.state(callId).name !== 'ended',
                    `ended, and a microphone is on after: ${act}`,
                );
            }
            phone.server.unreachable.clear();
            phone.server.deaf = false;
            phone.send({ type: 'hang-up', callId });
            await phone.clock.advance(1_000_000);
            const ends = phone.events.filter((one) => one.type === 'call' && one.callId === callId && isEnd(one.event));
            holds(ends.length === 1, `it ended ${String(ends.length)} times`);
            holds(
                phone.media.sessions.every(({ closed }) => closed),
                'a microphone is left on',
            );
            holds(/registered|degraded/u.test(phone.registration?.state ?? ''), 'we are not registered any more');
            holds(phone.clock.pending <= idle, `${String(phone.clock.pending - idle)} timers are left`);
        } finally {
            phone.end();
        }
    }

    const names = Object.keys(ACTS);
    /** So that most calls come about at all. */
    const begun = fc.constantFrom<readonly string[]>(
        [],
        ['ring', 'answer', 'their ACK', 'media is up'],
        ['ring', 'answer'],
        ['INVITE 180', 'INVITE 200', 'media is up'],
        ['INVITE 200'],
    );

    it(
        'never throws, has one microphone at most, and ends with everything released',
        async () => {
            await fc.assert(
                fc.asyncProperty(
                    fc.constantFrom<'out' | 'in'>('out', 'in'),
                    begun,
                    fc.array(fc.constantFrom(...names), { maxLength: 25 }),
                    async (direction, first, then) => {
                        await lives(direction, [...first, ...then]);
                    },
                ),
                { numRuns: RUNS },
            );
            expect().nothing();
        },
        RUNS * 300,
    );
});
