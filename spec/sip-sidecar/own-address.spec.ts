import { createAgent, type Agent } from '../../src/sip-sidecar/agent/index.js';
import type { SidecarConfig, SidecarEvent } from '../../src/sip-sidecar/contract/index.js';
import { createMediaEngine } from '../../src/sip-sidecar/media/index.js';
import { eventually } from '../support/eventually.js';
import { HandClock } from './agent/support/clock.js';
import { ACCOUNT, CONFIG } from './agent/support/phone.js';
import { FakeServer, type Message } from './agent/support/server.js';

/** Whoever rings must not learn our IP address by it: agent and media together, as a page has them. */
describe('The own IP address', () => {
    let server: FakeServer;
    let agent: Agent;
    let engine: ReturnType<typeof createMediaEngine>;
    let events: SidecarEvent[];
    let made: RTCPeerConnection[];
    let asked: jasmine.Spy<MediaDevices['getUserMedia']>;
    let real: typeof RTCPeerConnection;

    beforeEach(() => {
        [events, made] = [[], []];
        server = new FakeServer();
        asked = spyOn(navigator.mediaDevices, 'getUserMedia').and.callThrough();
        real = globalThis.RTCPeerConnection;
        globalThis.RTCPeerConnection = new Proxy(real, {
            construct: (target, [configuration]: [RTCConfiguration]) => {
                const pc = new target(configuration);
                made.push(pc);
                return pc;
            },
        });
    });

    afterEach(() => {
        agent.dispose();
        engine.dispose();
        server.restore();
        globalThis.RTCPeerConnection = real;
        expect(made.every(({ signalingState }) => signalingState === 'closed')).toBeTrue();
    });

    async function start(config: Partial<SidecarConfig> = {}): Promise<void> {
        const all = { ...CONFIG, ...config };
        engine = createMediaEngine({
            devices: () => undefined,
            previewStreams: () => undefined,
            notice: () => undefined,
        });
        engine.configure(all);
        agent = createAgent(all, ACCOUNT, {
            clock: new HandClock(),
            media: () => Promise.resolve(engine),
            emit: (event) => {
                events.push(event);
                if (event.type === 'incoming') agent.send({ type: 'ring', callId: event.call.callId });
            },
        });
        agent.start();
        await eventually('registered', () =>
            events.some((event) => event.type === 'registration' && event.registration.state === 'registered'),
        );
    }

    /** An offer with everything a stranger would need. */
    async function offer(): Promise<string> {
        const pc = new real();
        pc.addTransceiver('audio');
        await pc.setLocalDescription();
        await eventually('candidates', () => pc.localDescription?.sdp.includes('a=candidate'));
        const { sdp } = pc.localDescription!;
        pc.close();
        return sdp;
    }

    /** @returns the Call-ID of the port */
    async function rings(headers: readonly string[] = []): Promise<{ callId: string; invite: Message }> {
        const invite = server.sendRequest({ method: 'INVITE', body: await offer(), headers });
        await server.response('INVITE', 180);
        const [event] = events.filter((one) => one.type === 'incoming').slice(-1);
        return { callId: event!.call.callId, invite };
    }
    const sent = (): string => server.received.map(({ text }) => text).join('\n');

    it('is gathered, and told, only once the person answers', async () => {
        await start();
        const { callId } = await rings(['Supported: 100rel, timer']);
        expect([made.length, asked.calls.count()]).toEqual([0, 0]);
        expect(sent()).not.toMatch(/a=candidate|typ host/u);
        agent.send({ type: 'answer', callId, video: false, listenOnly: false, headers: [] });
        const ok = await server.response('INVITE', 200);
        expect(made.length).toBe(1);
        expect(ok.text).toContain('a=candidate');
    });

    it('is not gathered for a call that is declined, given up or turned away', async () => {
        await start();
        const { callId } = await rings();
        agent.send({ type: 'decline', callId, as: 'declined' });
        await server.response('INVITE', 603);
        const second = await rings();
        server.sendRequest({ method: 'CANCEL', ...same(second.invite) });
        await server.response('INVITE', 487);
        expect([made.length, asked.calls.count()]).toEqual([0, 0]);
        expect(sent()).not.toMatch(/a=candidate|typ host/u);
    });

    it('is in no answer to OPTIONS', async () => {
        await start();
        server.sendRequest({ method: 'OPTIONS', headers: ['Accept: application/sdp'] });
        await server.response('OPTIONS', 200);
        expect(made.length).toBe(0);
        expect(sent()).not.toMatch(/a=candidate|typ host/u);
    });

    it('is hidden behind a relay where the site wants that: nothing else leaves, and without one nothing does', async () => {
        const iceServers = [{ urls: 'turn:127.0.0.1:9?transport=tcp', username: 'u', credential: 'p' }];
        await start({ icePolicy: 'relay', iceServers });
        agent.send({ type: 'call', callId: crypto.randomUUID(), to: 'sip:bob@example.net', video: false, headers: [] });
        await eventually('it ends', () =>
            events.some((event) => event.type === 'call' && event.event.type === 'ended'),
        );
        expect(made.map((pc) => pc.getConfiguration().iceTransportPolicy)).toEqual(['relay']);
        expect(sent()).not.toContain('INVITE sip:bob');
    });
});

/** What a CANCEL has in common with its INVITE. */
const same = (invite: Message): { callId: string; from: string; to: string; cseq: number; branch: string } => ({
    callId: invite.header('Call-ID'),
    from: invite.header('From'),
    to: invite.header('To'),
    cseq: Number.parseInt(invite.header('CSeq'), 10),
    branch: /branch=(.*)/u.exec(invite.header('Via'))?.[1] ?? '',
});
