import { settled } from './support/clock.js';
import { SDP } from './support/media.js';
import { dice, mutate } from './support/mutations.js';
import { TestPhone, type Dialog } from './support/phone.js';
import { RFC_4475, RFC_5118 } from './support/torture.js';

declare const __karma__: { readonly config: { readonly mutations?: number } };

/** How many in all, by `karma.conf.cjs`; in so many specs, each with a seed of its own. */
const ALL = __karma__.config.mutations ?? 5_000;
const SPECS = 10;

/** Between two looks whether all is well. */
const STEP = 100;

describe('Mutated messages', () => {
    let phone: TestPhone;
    let call: Dialog;
    let thrown: unknown[];
    const onError = (event: ErrorEvent | PromiseRejectionEvent): void => {
        thrown.push('error' in event ? event.error : event.reason);
    };

    beforeEach(async () => {
        thrown = [];
        addEventListener('error', onError);
        addEventListener('unhandledrejection', onError);
        phone = new TestPhone();
        await phone.register();
        call = await phone.talk();
    });

    afterEach(() => {
        removeEventListener('error', onError);
        removeEventListener('unhandledrejection', onError);
        phone.end();
    });

    /** Messages of all kinds: out of the blue, in the dialog, answers to ours. Nothing that would rightly end the call. */
    function corpus(): string[] {
        const { server } = phone;
        const sent: string[] = [];
        const send = server.send.bind(server);
        const ours = server.received.filter(({ isRequest }) => isRequest);
        server.send = (data) => sent.push(data as string);
        for (const method of ['INVITE', 'OPTIONS', 'CANCEL', 'ACK', 'MESSAGE', 'NOTIFY', 'REFER', 'SUBSCRIBE'])
            server.sendRequest({ method, headers: ['Refer-To: <sip:+1900@example.net>', 'Event: refer'] });
        server.sendRequest({
            method: 'INVITE',
            headers: ['Call-Info: <xmpp:a@b>;purpose=impp', 'P-Asserted-Identity: <sip:x@y>', 'Require: replaces'],
            body: SDP,
        });
        for (const method of ['INVITE', 'INFO', 'OPTIONS', 'UPDATE', 'PRACK', 'ACK', 'NOTIFY', 'REFER'])
            call.request(method, method === 'INVITE' || method === 'UPDATE' ? { body: SDP } : {});
        for (const request of ours.filter(({ method }) => method !== 'ACK')) {
            for (const status of [100, 180, 183, 200])
                server.reply(request, status, ['Contact: <sip:bob@server.invalid>', 'RSeq: 1', 'Require: 100rel'], SDP);
            for (const status of [302, 401, 407, 422, 486, 503])
                server.reply(request, status, ['WWW-Authenticate: Digest realm="a",nonce="b"', 'Retry-After: 5']);
        }
        server.send = send;
        const torture = [...RFC_4475, ...RFC_5118].map(({ bytes }) =>
            bytes.replace(/^(\S+ )sip:[^ ]*( SIP)/u, '$1sip:alice@example.net$2'),
        );
        return [...sent, ...sent, ...torture];
    }

    for (let seed = 1; seed <= SPECS; seed += 1) {
        it(`do no harm to the call that is up (seed ${String(seed)})`, async () => {
            const random = dice(seed);
            let messages = corpus();
            const encoder = new TextEncoder();
            const answers = new Set<number>();
            for (let i = 0; i < ALL / SPECS; i += 1) {
                const text = mutate(messages, random);
                phone.clock.jump(2_000);
                try {
                    phone.server.send(random() < 0.1 ? encoder.encode(text).buffer : text);
                } catch (error) {
                    fail(`${String(error)} came of ${JSON.stringify(text)}`);
                    return;
                }
                for (const { callId } of phone.incoming) phone.send({ type: 'decline', callId, as: 'busy' });
                const seen = phone.events.filter(({ type }) => type === 'registration');
                if (phone.events.length > 200) phone.events.splice(0, phone.events.length, ...seen.slice(-1));
                if (i % STEP === STEP - 1) {
                    await settled();
                    for (const { status } of phone.server.received) answers.add(status);
                    if (i % (5 * STEP) === STEP - 1) {
                        phone.server.received.length = 0;
                        phone.dial();
                        await phone.until(() => phone.server.received.some(({ method }) => method === 'INVITE'));
                        messages = corpus();
                    }
                    expect(thrown)
                        .withContext(`after ${String(i)}: ${JSON.stringify(text)}`)
                        .toEqual([]);
                    expect(phone.state(call.callId).name)
                        .withContext(`after ${String(i)}`)
                        .toBe('active');
                    if (thrown.length > 0 || phone.state(call.callId).name !== 'active') return;
                    await phone.clock.advance(33_000);
                }
            }
            // They got as far as there are different answers to be had.
            expect([...answers]).toEqual(jasmine.arrayContaining([200, 400, 481]));
            phone.send({ type: 'mute', callId: call.callId, on: true });
            expect(phone.media.sessions[0]?.log).toContain('mute');
            phone.server.sendRequest({ method: 'OPTIONS' });
            await phone.until(() =>
                phone.server.received.some(({ method, status }) => method === 'OPTIONS' && status === 200),
            );
            phone.send({ type: 'hang-up', callId: call.callId });
            expect(phone.state(call.callId).name).toBe('ended');
        }, 300_000);
    }
});
