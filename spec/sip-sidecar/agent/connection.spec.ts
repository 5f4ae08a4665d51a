import type { Message } from './support/server.js';
import { settled } from './support/clock.js';
import { TestPhone } from './support/phone.js';

const A = 'wss://a.example/';
const B = 'wss://b.example/';

describe('A connection', () => {
    let phone: TestPhone;
    beforeEach(() => (phone = new TestPhone()));
    afterEach(() => phone.end());

    const requests = (method: string): Message[] =>
        phone.server.received.filter((message) => message.isRequest && message.method === method);
    const is = (state: string): Promise<void> => phone.until(() => phone.registration?.state === state, state);

    it('is asked for a sign of life at the own domain, by nobody in particular', async () => {
        await phone.register();
        await phone.clock.advance(30_000);
        const [request] = requests('OPTIONS');
        expect(request?.first).toBe('OPTIONS sip:example.net SIP/2.0');
        expect(request?.header('To')).toBe('<sip:example.net>');
        expect(request?.headers('Contact')).toEqual([]);
    });

    for (const status of [200, 403, 404, 405, 407, 483, 500, 503]) {
        it(`lives where the answer is ${String(status)}`, async () => {
            phone.server.onOptions = (request) => phone.server.reply(request, status);
            await phone.register();
            await phone.clock.advance(100_000);
            expect(requests('REGISTER').length).toBe(1);
            expect(phone.server.opened.length).toBe(1);
            expect(phone.registration?.state).toBe('registered');
        });
    }

    it('that is dead without a word is found within 7 s in a call, and a new one is made', async () => {
        await phone.register();
        await phone.talk();
        await phone.clock.advance(6_000);
        phone.server.deaf = true;
        const since = phone.clock.now();
        while (phone.registration?.state === 'registered') await phone.clock.advance(100);
        expect(phone.clock.now() - since).toBeLessThan(7_000);
        phone.server.deaf = false;
        await phone.clock.advance(1_000);
        await is('registered');
        expect(phone.server.opened.length).toBe(2);
    });

    it('that is dead without a word is found within 32 s without a call', async () => {
        await phone.register();
        await phone.clock.advance(30_000);
        phone.server.deaf = true;
        await phone.clock.advance(32_000);
        expect(phone.registration?.state).not.toBe('registered');
    });

    it('is doubted when the network changes', async () => {
        const { connection } = navigator as unknown as { connection: EventTarget };
        await phone.register();
        connection.dispatchEvent(new Event('change'));
        await phone.until(() => requests('OPTIONS').length === 1);
        await phone.agent.stop();
        connection.dispatchEvent(new Event('change'));
        await settled();
        expect(requests('OPTIONS').length).toBe(1);
    });

    it('to a server that answers no OPTIONS is tried by REGISTER, and kept', async () => {
        phone.server.onOptions = () => undefined;
        await phone.register();
        await phone.clock.advance(35_000);
        expect(requests('REGISTER').length).toBe(2);
        expect(phone.server.opened.length).toBe(1);
        expect(phone.registration?.state).toBe('registered');
    });

    describe('does no harm', () => {
        it('where a refresh is answered 200 without Contact: it is tried again', async () => {
            await phone.register();
            phone.server.onRegister = (request) => phone.server.reply(request, 200);
            await phone.clock.advance(215_000);
            expect(phone.registration?.state).toBe('degraded');
            expect(phone.server.opened.length).toBe(1);
            phone.server.onRegister = (request) => phone.server.reply(request, 200, phone.server.binding(request));
            await phone.clock.advance(25_000);
            expect(phone.registration?.state).toBe('registered');
            expect(requests('REGISTER').length).toBe(3);
            await phone.agent.stop();
            expect(requests('REGISTER').length).withContext('nothing is stuck').toBe(4);
        });

        it('where refreshes come together: one REGISTER is on its way at a time', async () => {
            await phone.register();
            const held: Message[] = [];
            phone.server.onRegister = (request) => void held.push(request);
            await phone.clock.advance(211_000);
            globalThis.dispatchEvent(new Event('online'));
            globalThis.dispatchEvent(new Event('pageshow'));
            await phone.clock.advance(2_000);
            expect(held.length).toBe(1);
            phone.server.reply(held[0]!, 200, phone.server.binding(held[0]!));
            await settled();
            await phone.clock.advance(100_000);
            expect(held.length).toBe(1);
            expect(phone.registration?.state).toBe('registered');
            expect(phone.notices).toEqual([]);
        });

        for (const cseq of [
            '',
            'garbage',
            '1',
            'REGISTER',
            '1 2 3',
            '99999999999999999999 REGISTER',
            '-1 REGISTER',
            '1 INVITE',
        ]) {
            it(`where an answer has the CSeq ${JSON.stringify(cseq)}: it is dropped, and the right one counts`, async () => {
                const uncaught = jasmine.createSpy();
                globalThis.addEventListener('error', uncaught);
                phone.server.onRegister = (request) => {
                    const lines = [
                        'SIP/2.0 200 OK',
                        `Via: ${request.header('Via')}`,
                        `From: ${request.header('From')}`,
                    ];
                    const rest = [
                        `To: ${request.header('To')}`,
                        `Call-ID: ${request.header('Call-ID')}`,
                        `CSeq: ${cseq}`,
                    ];
                    phone.server.send([...lines, ...rest, 'Content-Length: 0', '', ''].join('\r\n'));
                    phone.server.reply(request, 200, phone.server.binding(request));
                };
                await phone.register();
                globalThis.removeEventListener('error', uncaught);
                expect(uncaught).not.toHaveBeenCalled();
                expect(requests('REGISTER').length).toBe(1);
            });
        }
    });

    describe('is tried again after the time the server names', () => {
        const CASES: [header: string, wait: number][] = [
            ['120', 120_000],
            ['120 (in a meeting)', 120_000],
            ['30;duration=3600', 30_000],
            ['99999999999', 600_000],
            ['1e9', 1_000],
            ['-5', 150],
            ['0', 150],
            ['soon', 150],
            ['', 150],
        ];
        for (const [header, wait] of CASES) {
            it(`as ${JSON.stringify(header)}`, async () => {
                phone.server.onRegister = (request) => phone.server.reply(request, 503, [`Retry-After: ${header}`]);
                phone.start();
                await is('offline');
                expect(phone.registration).toEqual(jasmine.objectContaining({ retryAt: phone.clock.now() + wait }));
            });
        }

        for (const status of [404, 413, 480, 486, 500, 600, 603]) {
            it(`with ${String(status)}`, async () => {
                phone.server.onRegister = (request) => phone.server.reply(request, status, ['Retry-After: 60']);
                phone.start();
                await is('offline');
                expect(phone.registration).toEqual(jasmine.objectContaining({ retryAt: phone.clock.now() + 60_000 }));
            });
        }

        it('but not with 403, which is final', async () => {
            phone.server.onRegister = (request) => phone.server.reply(request, 403, ['Retry-After: 60']);
            phone.start();
            await is('refused');
            expect(phone.notices).toEqual(['SIP-103']);
            await phone.clock.advance(1e7);
            expect(phone.server.opened.length).toBe(1);
        });
    });

    describe('that is closed', () => {
        it('with 1013 leaves the server alone for a while', async () => {
            await phone.register();
            phone.server.drop(1013);
            await phone.clock.advance(9_000);
            expect(phone.server.opened.length).toBe(1);
            await phone.clock.advance(11_000);
            expect(phone.registration?.state).toBe('registered');
        });

        for (const code of [1000, 1001, 1006, 1011, 1012]) {
            it(`with ${String(code)} is replaced soon`, async () => {
                await phone.register();
                phone.server.drop(code);
                await phone.clock.advance(1_000);
                expect(phone.registration?.state).toBe('registered');
            });
        }
    });

    describe('over a WebSocket', () => {
        it('is tried only where fetch has found the server', async () => {
            await phone.register();
            phone.server.unreachable.add('wss://sip.example.net/');
            phone.server.drop();
            // Nobody knows yet whether fetch is of any use
            await phone.clock.advance(10_000);
            phone.server.unreachable.clear();
            await phone.clock.advance(5_000);
            await is('registered');
            phone.server.unreachable.add('wss://sip.example.net/');
            phone.server.drop();
            const before = phone.server.opened.length;
            await phone.clock.advance(60_000);
            expect(phone.server.opened.length).toBe(before);
            phone.server.unreachable.clear();
            await phone.clock.advance(1_000);
            expect(phone.registration?.state).toBe('registered');
            expect(phone.server.opened.length).toBe(before + 1);
        });

        it('is tried each time, once it is known that fetch is never answered there', async () => {
            phone.server.fetchless.add('wss://sip.example.net/');
            await phone.register();
            phone.server.drop();
            await phone.clock.advance(1_000);
            expect(phone.registration?.state).toBe('registered');
            phone.server.unreachable.add('wss://sip.example.net/');
            phone.server.drop();
            const before = phone.server.opened.length;
            await phone.clock.advance(10_000);
            expect(phone.server.opened.length).toBeGreaterThan(before + 10);
            phone.server.unreachable.clear();
            await phone.clock.advance(1_000);
            expect(phone.registration?.state).toBe('registered');
        });
    });

    describe('to the second of two servers', () => {
        beforeEach(() => phone.server.unreachable.add(A));

        it('is degraded, and calls can be made', async () => {
            await phone.register({ servers: [A, B] });
            expect(phone.registration?.state).toBe('degraded');
            await phone.talk();
        });

        it('is left for the first one as soon as that is open, not before, and not during a call', async () => {
            await phone.register({ servers: [A, B] });
            const { callId } = await phone.talk();
            phone.server.unreachable.clear();
            await phone.clock.advance(300_000);
            expect(phone.server.opened).toEqual([A, B]);
            phone.send({ type: 'hang-up', callId });
            phone.server.reply(await phone.server.request('BYE'), 200);
            await phone.clock.advance(70_000);
            expect(phone.server.opened).toEqual([A, B, A]);
            expect(phone.registration?.state).toBe('registered');
            expect(phone.server.isConnected).toBeTrue();
            const shown = phone.events.filter(({ type }) => type === 'registration').length;
            await phone.clock.advance(100_000);
            expect(phone.events.filter(({ type }) => type === 'registration').length).toBe(shown);
        });
    });
});
