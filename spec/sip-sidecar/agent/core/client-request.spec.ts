import fc from 'fast-check';
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import { OutgoingRequestMessage } from 'sip.js/lib/core/messages/outgoing-request-message.js';
import { InviteClientTransaction } from 'sip.js/lib/core/transactions/invite-client-transaction.js';
import { NonInviteClientTransaction } from 'sip.js/lib/core/transactions/non-invite-client-transaction.js';
import { sendRequest, type ClientRequest, isOurs } from '../../../../src/sip-sidecar/agent/core/client-request.js';
import { URI } from 'sip.js/lib/grammar/uri.js';
import { settled } from '../support/clock.js';
import { response, TestCore } from '../support/core.js';

const CHALLENGE = { headers: ['WWW-Authenticate: Digest realm="example.net", nonce="1"'] };
const STALE = { headers: ['WWW-Authenticate: Digest realm="example.net", nonce="2", stale=TRUE'] };
const realm = (name: string) => ({ headers: [`WWW-Authenticate: Digest realm="${name}", nonce="1"`] });
const PROXY = { headers: ['Proxy-Authenticate: Digest realm="example.net", nonce="1"'] };

describe('A request of ours', () => {
    let test: TestCore;
    let told: IncomingResponseMessage[];
    let ended: number;
    beforeEach(() => {
        test = new TestCore();
        told = [];
        ended = 0;
    });

    const send = (method: string, acknowledges = true): ClientRequest => {
        const made = sendRequest(test.core, test.make(method), {
            response: (message) => {
                told.push(message);
                const status = message.statusCode ?? 0;
                const accepted = method === 'INVITE' && status >= 200 && status < 300;
                if (accepted && acknowledges) made.acknowledge(message.toTag, test.make('ACK'));
            },
            ended: () => (ended += 1),
        });
        return made;
    };
    /** Says something to what was sent last. */
    const reply = (made: ClientRequest, status: number, more = {}): void => {
        test.core.receiveResponse(response(made.message, status, more));
    };
    const statuses = (): (number | undefined)[] => told.map(({ statusCode }) => statusCode);

    it('is sent at once, with a branch of its own', () => {
        send('OPTIONS');
        send('OPTIONS');
        expect(test.said).toEqual(['OPTIONS', 'OPTIONS']);
        const [first = '', second = ''] = test.sent.map((message) => message.header('Via'));
        expect(first).toMatch(/^SIP\/2\.0\/WSS us\.invalid;branch=z9hG4bK[0-9a-f]{20}$/u);
        expect(first).not.toBe(second);
    });

    it('has one final answer; what comes later, or to another request, is not told', () => {
        const made = send('OPTIONS');
        test.core.receiveResponse(response({ ...made.message, method: 'INFO' }, 200));
        test.core.receiveResponse(response({ ...made.message, via: 'SIP/2.0/WSS us.invalid;branch=z9hG4bKx' }, 200));
        reply(made, 100);
        reply(made, 404);
        reply(made, 200);
        expect(statuses()).toEqual([404]);
        expect(ended).toBe(1);
        expect(test.clock.pending).toBe(0);
    });

    for (const method of ['INVITE', 'OPTIONS']) {
        it(`${method} that nobody answers is over after 32 s: 408, of our own making`, async () => {
            send(method);
            await test.clock.advance(31_900);
            expect(told).toEqual([]);
            await test.clock.advance(200);
            expect(statuses()).toEqual([408]);
            expect(isOurs(told[0]!)).toBeTrue();
            expect(ended).toBe(1);
        });

        it(`${method} that cannot be sent is over: 503, of our own making`, async () => {
            test.connected = false;
            send(method);
            await settled();
            expect(statuses()).toEqual([503]);
            expect(isOurs(told[0]!)).toBeTrue();
            expect(test.clock.pending).toBe(0);
        });
    }

    it('that is no INVITE is over after 32 s whatever provisional answers came', async () => {
        const made = send('OPTIONS');
        reply(made, 180);
        await test.clock.advance(32_000);
        expect(statuses()).toEqual([408]);
    });

    it('a 408 that came from somewhere is not of our own making', () => {
        reply(send('BYE'), 408);
        expect(isOurs(told[0]!)).toBeFalse();
    });

    it('INVITE waits without end once there is a provisional answer', async () => {
        const made = send('INVITE');
        reply(made, 100);
        reply(made, 180);
        await test.clock.advance(1_000_000);
        reply(made, 486);
        expect(statuses()).toEqual([180, 486]);
    });

    it('INVITE that is refused gets an ACK on the same way: Via, Route, CSeq, and the To of the refusal', () => {
        const made = sendRequest(test.core, test.make('INVITE', { routes: ['<sip:p.example;lr>'], cseq: 5 }), {
            response: (message) => told.push(message),
        });
        reply(made, 603);
        const [invite, ack] = test.sent;
        expect(ack?.first).toBe('ACK sip:bob@example.org SIP/2.0');
        for (const name of ['Via', 'Route', 'From', 'Call-ID'])
            expect(ack?.headers(name)).toEqual(invite!.headers(name));
        expect(ack?.header('CSeq')).toBe('5 ACK');
        expect(ack?.header('To')).toBe('<sip:bob@example.org>;tag=far');
        expect(ack?.body).toBe('');
    });

    it('INVITE that forks tells the 2xx of each branch once, and acknowledges each as often as it comes', () => {
        const made = send('INVITE');
        reply(made, 200, { tag: 'one' });
        reply(made, 200, { tag: 'two' });
        reply(made, 200, { tag: 'one' });
        expect(told.map(({ toTag }) => toTag)).toEqual(['one', 'two']);
        expect(test.said).toEqual(['INVITE', 'ACK', 'ACK', 'ACK']);
        expect(test.sent[3]?.text).toBe(test.sent[1]!.text);
        expect(test.sent[2]?.header('Via')).not.toBe(test.sent[1]!.header('Via'));
    });

    it('INVITE is forgotten 32 s after its first 2xx', async () => {
        const made = send('INVITE');
        reply(made, 200, { tag: 'one' });
        await test.clock.advance(20_000);
        reply(made, 200, { tag: 'two' });
        expect(ended).toBe(0);
        await test.clock.advance(12_000);
        expect(ended).toBe(1);
        reply(made, 200, { tag: 'three' });
        expect(told.length).toBe(2);
        expect(test.clock.pending).toBe(0);
    });

    it('INVITE whose 2xx nobody acknowledges sends nothing when that comes again', () => {
        const made = send('INVITE', false);
        reply(made, 200);
        reply(made, 200);
        expect(test.said).toEqual(['INVITE']);
        expect(told.length).toBe(1);
    });

    it('is taken back by CANCEL as soon as there is a provisional answer, once', () => {
        const early = send('INVITE');
        early.cancel();
        expect(test.said).toEqual(['INVITE']);
        reply(early, 100);
        reply(early, 180);
        expect(test.said).toEqual(['INVITE', 'CANCEL']);
        const [invite, cancel] = test.sent;
        for (const name of ['Via', 'From', 'To', 'Call-ID']) expect(cancel?.header(name)).toBe(invite!.header(name));
        expect(cancel?.header('CSeq')).toBe('1 CANCEL');
        const late = send('INVITE');
        reply(late, 180);
        late.cancel();
        expect(test.said.slice(2)).toEqual(['INVITE', 'CANCEL']);
    });

    it('that was taken back ends as its answer says, and a 2xx that crossed it is told', () => {
        const made = send('INVITE');
        reply(made, 180);
        made.cancel();
        test.core.receiveResponse(response({ ...made.message, method: 'CANCEL' }, 200));
        reply(made, 200);
        expect(statuses()).toEqual([180, 200]);
    });

    it('answers a challenge with the next CSeq and another branch', () => {
        const made = send('INVITE');
        reply(made, 401, CHALLENGE);
        expect(test.said).toEqual(['INVITE', 'ACK', 'INVITE']);
        expect(test.last.header('Authorization')).toBe('Digest an answer');
        expect(test.last.header('CSeq')).toBe('2 INVITE');
        expect(test.last.header('Via')).not.toBe(test.sent[0]!.header('Via'));
        reply(made, 180);
        expect(statuses()).toEqual([180]);
    });

    it('answers the challenges of a proxy and of a server, one after the other', () => {
        const made = send('REGISTER');
        reply(made, 407, PROXY);
        reply(made, 401, CHALLENGE);
        expect(test.challenges.map(({ proxy }) => proxy)).toEqual([true, false]);
        expect(test.said.length).toBe(3);
        reply(made, 401, CHALLENGE);
        expect(test.said.length).toBe(3);
    });

    it('answers before it is asked what is asked of requests like it', () => {
        reply(send('REGISTER'), 401, CHALLENGE);
        reply(send('REGISTER'), 200);
        expect(test.sent.map((message) => message.header('Authorization'))).toEqual([
            '',
            'Digest an answer',
            'Digest an answer',
        ]);
    });

    it('takes in what its answer says of the next nonce, where that is one', () => {
        reply(send('REGISTER'), 200, { headers: ['Authentication-Info: nextnonce="2"'] });
        reply(send('REGISTER'), 404, { headers: ['Authentication-Info: nextnonce="3"'] });
        reply(send('INVITE'), 200, { headers: ['Proxy-Authentication-Info: nextnonce="4"'] });
        expect(test.learned).toEqual([
            { server: 'nextnonce="2"', proxy: '' },
            { server: '', proxy: 'nextnonce="4"' },
        ]);
    });

    it('takes the next CSeq from its dialog where it belongs to one', () => {
        const host = { response: () => undefined, nextSequence: () => 42 };
        reply(sendRequest(test.core, test.make('INFO'), host), 401, CHALLENGE);
        expect(test.last.header('CSeq')).toBe('42 INFO');
    });

    const GIVEN_UP: readonly (readonly [what: string, sequence: readonly object[], sent: number])[] = [
        ['one challenge after another', [CHALLENGE, CHALLENGE], 2],
        ['stale nonces without end', [CHALLENGE, STALE, STALE], 3],
        ['a stale one from the first on', [STALE, STALE, STALE], 3],
        ['a wrong answer to a challenge that came because a nonce was too old', [STALE, CHALLENGE], 2],
        ['ever other realms', ['a', 'b', 'c', 'd', 'e', 'f'].map(realm), 5],
        ['none at all', [{}], 1],
    ];
    for (const [what, sequence, sent] of GIVEN_UP) {
        it(`gives up at ${what}`, () => {
            const made = send('REGISTER');
            for (const more of sequence) reply(made, 401, more);
            expect(test.sent.length).toBe(sent);
            expect(statuses()).toEqual([401]);
        });
    }

    it('answers none where there is no secret, nor after it was taken back', () => {
        test.answer = null;
        reply(send('REGISTER'), 401, CHALLENGE);
        test.answer = 'Digest an answer';
        const made = send('INVITE');
        made.cancel();
        reply(made, 401, CHALLENGE);
        expect(test.said).toEqual(['REGISTER', 'INVITE', 'ACK']);
        expect(statuses()).toEqual([401, 401]);
    });

    it('tells nothing more once it is forgotten', async () => {
        const made = send('INVITE');
        made.dispose();
        reply(made, 200);
        await test.clock.advance(100_000);
        expect(told).toEqual([]);
        expect(ended).toBe(1);
    });

    describe('does what the transactions of sip.js do', () => {
        const uri = new URI('sip', 'bob', 'example.org');
        const answers = fc.array(
            fc.record({
                status: fc.constantFrom(100, 180, 183, 200, 202, 302, 404, 486, 503, 603),
                tag: fc.constantFrom('one', 'two'),
            }),
            { maxLength: 7 },
        );
        beforeEach(() => {
            jasmine.clock().install();
        });
        afterEach(() => {
            jasmine.clock().uninstall();
        });

        for (const method of ['INVITE', 'OPTIONS']) {
            it(`whatever is said to ${method}, in any order`, () => {
                fc.assert(
                    fc.property(answers, (sequence) => {
                        test = new TestCore();
                        told = [];
                        const made = send(method);

                        const sent: string[] = [];
                        const passed: number[] = [];
                        const options = { callId: 'our-call', fromTag: 'near', cseq: 1 };
                        const message = new OutgoingRequestMessage(method, uri, uri, uri, options, []);
                        const transport = {
                            protocol: 'WSS',
                            send: (text: string) => {
                                sent.push(text.slice(0, text.indexOf(' ')));
                                return Promise.resolve();
                            },
                        };
                        const user = {
                            loggerFactory: { getLogger: () => ({ debug: () => 0, log: () => 0, warn: () => 0 }) },
                            receiveResponse: ({ statusCode = 0, toTag }: IncomingResponseMessage) => {
                                // Those two are for INVITE alone; the rest of the agent wants no others.
                                if (statusCode === 100 || (method !== 'INVITE' && statusCode < 200)) return;
                                passed.push(statusCode);
                                if (method !== 'INVITE' || statusCode >= 300 || statusCode < 200) return;
                                const ack = new OutgoingRequestMessage('ACK', uri, uri, uri, { ...options, toTag }, []);
                                (transaction as InviteClientTransaction).ackResponse(ack);
                            },
                        };
                        const Transaction = method === 'INVITE' ? InviteClientTransaction : NonInviteClientTransaction;
                        const transaction = new Transaction(message, transport, user as never);

                        for (const { status, tag } of sequence) {
                            reply(made, status, { tag });
                            transaction.receiveResponse(response(made.message, status, { tag }));
                            jasmine.clock().tick(1);
                        }
                        transaction.dispose();
                        expect(statuses()).toEqual(passed);
                        expect(test.said).toEqual(sent);
                    }),
                    { numRuns: 300 },
                );
            });
        }
    });
});
