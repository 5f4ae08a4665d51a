import { createMediaEngine } from '../../../../src/sip-sidecar/media/index.js';
import { eventually } from '../../../support/eventually.js';
import { loudness } from '../../media/pair.js';
import { TestPhone } from '../support/phone.js';
import type { Message } from '../support/server.js';

const CONTACT = 'Contact: <sip:bob@server.invalid;transport=ws>';

/** One of several that are called: a peer connection that plays a tone. */
class Callee {
    readonly pc = new RTCPeerConnection();
    private readonly context = new AudioContext();

    constructor() {
        const tone = this.context.createOscillator();
        const { stream } = tone.connect(this.context.createMediaStreamDestination()) as MediaStreamAudioDestinationNode;
        tone.start();
        for (const track of stream.getTracks()) this.pc.addTrack(track, stream);
    }

    /** The answer to an offer, with its candidates. */
    async answer(offer: string): Promise<string> {
        const { pc } = this;
        await pc.setRemoteDescription({ type: 'offer', sdp: offer });
        await pc.setLocalDescription();
        await eventually('candidates', () => pc.iceGatheringState === 'complete');
        return pc.localDescription!.sdp;
    }

    /** How loud we are there. */
    heard(): Promise<number> {
        return loudness(new MediaStream(this.pc.getReceivers().map(({ track }) => track)));
    }

    async close(): Promise<void> {
        this.pc.close();
        await this.context.close();
    }
}

describe('In a browser, what is played before the answer', () => {
    let phone: TestPhone;
    const engine = createMediaEngine({
        devices: () => undefined,
        previewStreams: () => undefined,
        notice: () => undefined,
    });
    const [first, second] = [new Callee(), new Callee()];
    let callId = '';
    let invite: Message;
    beforeAll(async () => {
        phone = Object.assign(new TestPhone(), { media: engine });
        await phone.register();
        callId = phone.dial();
        invite = await phone.server.request('INVITE');
    });
    afterAll(async () => {
        phone.end();
        engine.dispose();
        await Promise.all([first.close(), second.close()]);
    });

    const say = (status: number, body: string, tag: string): void => {
        const lines = invite.text.split('\r\n').filter((line) => /^(?:Via|From|Call-ID|CSeq):/u.test(line));
        const more = ['Content-Type: application/sdp', `Content-Length: ${String(body.length)}`];
        const to = `To: ${invite.header('To')};tag=${tag}`;
        phone.server.send([`SIP/2.0 ${String(status)} x`, ...lines, to, CONTACT, ...more, '', body].join('\r\n'));
    };
    const isLoud = () =>
        eventually('a tone', async () => {
            const { remote } = engine.streams(callId);
            return remote !== null && (await loudness(remote)) > 0.1;
        });

    it('is heard, nobody is heard there, and who answers in its place is heard in its place', async () => {
        const [one, other] = await Promise.all([first.answer(invite.body), second.answer(invite.body)]);
        say(183, one, 'a');
        await isLoud();
        expect(phone.state(callId)).toEqual(jasmine.objectContaining({ name: 'ringing', early: true }));
        expect(await first.heard()).toBeLessThan(0.001);

        say(200, other, 'b');
        const again = await phone.server.request('INVITE');
        expect(again.header('To')).toContain(';tag=b');
        phone.server.reply(again, 200, [CONTACT], await second.answer(again.body));
        await phone.server.request('ACK');
        await eventually('an active call', () => phone.state(callId).name === 'active');
        await isLoud();
        await eventually('our voice', async () => (await second.heard()) > 0.01);
        await eventually('the end of the first', () => first.pc.connectionState !== 'connected');
    });
});
