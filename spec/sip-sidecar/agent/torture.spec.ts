import { settled } from './support/clock.js';
import { SDP } from './support/media.js';
import { TestPhone, type Dialog } from './support/phone.js';
import { RFC_4475, RFC_5118, type Torture } from './support/torture.js';

const WEBRTC = `${SDP}a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}\r\n`;

/** As it comes over a WebSocket: text where it is UTF-8, else a binary frame. */
function frame(text: string): string | ArrayBuffer {
    const { buffer } = Uint8Array.from(text, (byte) => byte.charCodeAt(0));
    try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(buffer);
    } catch {
        return buffer;
    }
}

for (const [rfc, messages] of [
    ['RFC 4475', RFC_4475],
    ['RFC 5118', RFC_5118],
] as const) {
    describe(`The torture messages of ${rfc}`, () => {
        let phone: TestPhone;
        let call: Dialog;
        let thrown: unknown[];
        const onError = (event: ErrorEvent): void => {
            thrown.push(event.error);
        };

        beforeEach(async () => {
            thrown = [];
            addEventListener('error', onError);
            phone = new TestPhone();
            await phone.register({}, { uri: 'sip:user@example.com' });
            call = await phone.talk();
            phone.server.received.length = 0;
        });

        afterEach(() => {
            removeEventListener('error', onError);
            phone.end();
        });

        /** What came of it. */
        async function fateOf(bytes: string): Promise<Torture['fate']> {
            const before = phone.incoming.length;
            expect(() => phone.server.send(frame(bytes))).not.toThrow();
            await settled();
            const answers = phone.server.received.filter(({ isRequest }) => !isRequest);
            phone.server.received.length = 0;
            for (const answer of answers) expect(answer.text).toMatch(/^SIP\/2\.0 \d{3} [^]+\r\n\r\n$/u);
            return phone.incoming.length > before ? 'rings' : (answers[0]?.status ?? 'dropped');
        }

        /** The call is still there, can be controlled, and others get through. */
        async function goesOn(): Promise<void> {
            expect(thrown).toEqual([]);
            expect(phone.state(call.callId).name).toBe('active');
            phone.server.sendRequest({ method: 'OPTIONS', uri: 'sip:user@example.com' });
            await phone.server.response('OPTIONS', 200);
            phone.send({ type: 'mute', callId: call.callId, on: true });
            expect(phone.media.latest.log).toContain('mute');
            call.request('BYE', { uri: 'sip:user@example.com' });
            await phone.reaches(call.callId, 'ended');
        }

        for (const { section, name, about, fate, bytes } of messages) {
            const what =
                typeof fate === 'number' ? `is answered ${String(fate)}` : fate === 'rings' ? fate : 'is dropped';
            it(`${section} ${name}: ${about}: ${what}, and the call goes on`, async () => {
                expect(await fateOf(bytes)).toBe(fate);
                await goesOn();
            });
        }

        it('come one after the other, addressed to us, with descriptions that we could use: nothing is lost', async () => {
            for (const { bytes } of messages) {
                phone.clock.jump(10_000);
                // In the place of whoever they were for, and with a description that we could use
                const [head = '', ...body] = bytes.split('\r\n\r\n');
                const mine = head.replace(/^(\S+ )sip:[^ ]*( SIP)/u, '$1sip:user@example.com$2');
                const usable = mine.replace(/^(?:l|content-length)[ \t]*:.*\r\n/imu, '');
                for (const text of [
                    `${mine}\r\n\r\n${body.join('\r\n\r\n')}`,
                    `${usable}\r\nContent-Length: ${String(WEBRTC.length)}\r\n\r\n${WEBRTC}`,
                ]) {
                    expect(() => phone.server.send(frame(text))).not.toThrow();
                    await settled();
                    for (const { callId } of phone.incoming) phone.send({ type: 'decline', callId, as: 'busy' });
                }
            }
            await goesOn();
        });
    });
}
