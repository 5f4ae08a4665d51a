/** Two sessions in one page, connected to each other without a server, and what they tell. */
import type {
    CallState,
    DeviceProblem,
    MediaSession,
    MediaSessionListener,
    Quality,
} from '../../../src/sip-sidecar/contract/index.js';
import { firstState, nextState } from '../../../src/sip-sidecar/contract/index.js';
import { pageClock } from '../../../src/sip-sidecar/contract/index.js';
import { createMediaEngine, type Engine } from '../../../src/sip-sidecar/media/engine.js';
import { eventually } from '../../support/eventually.js';

/** What a session told, as the agent would keep it. */
export class Told implements MediaSessionListener {
    state: CallState = nextState(nextState(firstState('outgoing', false), { type: 'answered', at: 1 }), {
        type: 'connected',
        at: 1,
    });
    connections = 0;
    interruptions = 0;
    failures = 0;
    streamChanges = 0;
    held = false;
    problems: (DeviceProblem | null)[] = [];

    renegotiations = 0;
    qualities: Quality[] = [];

    quality = (quality: Quality): void => void this.qualities.push(quality);
    renegotiate = (): void => void (this.renegotiations += 1);
    connected = (): void => void (this.connections += 1);
    interrupted = (): void => void (this.interruptions += 1);
    failed = (): void => void (this.failures += 1);
    streams = (): void => void (this.streamChanges += 1);
    heldByThem = (on: boolean): void => void (this.held = on);
    problem = (problem: DeviceProblem | null): void => void this.problems.push(problem);
    media: MediaSessionListener['media'] = (media) => {
        this.state = nextState(this.state, { type: 'media', media });
    };

    get shown(): { microphone: string; camera: string; remoteVideo: boolean } {
        if (this.state.name === 'ended') throw new Error('ended');
        return { ...this.state.media };
    }
}

/** One side. */
export interface Side {
    readonly session: MediaSession;
    readonly told: Told;
}

/** An engine whose notices are kept, and which peer connections it made. */
export function makeEngine(clock = pageClock): { engine: Engine; notices: string[] } {
    const notices: string[] = [];
    const engine = createMediaEngine(
        {
            devices: () => undefined,
            previewStreams: () => undefined,
            notice: (detail) => void notices.push(detail),
        },
        clock,
    );
    return { engine, notices };
}

/** The peer connection of a session, for statistics. */
export const pcOf = (side: Side): RTCPeerConnection => (side.session as unknown as { pc: RTCPeerConnection }).pc;

let count = 0;

/** Opens one side. */
export async function side(engine: Engine, wanted: { video?: boolean; listenOnly?: boolean } = {}): Promise<Side> {
    const told = new Told();
    count += 1;
    const session = await engine.open(
        `call-${String(count)}`,
        { video: wanted.video ?? false, listenOnly: wanted.listenOnly ?? false },
        told,
    );
    return { session, told };
}

/** Offer and answer. @returns both descriptions */
export async function negotiate(from: Side, to: Side): Promise<{ offer: string; answer: string }> {
    const offer = await from.session.createOffer();
    await to.session.setRemoteDescription({ type: 'offer', sdp: offer });
    const answer = await to.session.createAnswer();
    await from.session.setRemoteDescription({ type: 'answer', sdp: answer });
    return { offer, answer };
}

/** Offer, answer, and the media path is up on both sides. */
export async function connect(from: Side, to: Side): Promise<{ offer: string; answer: string }> {
    const descriptions = await negotiate(from, to);
    await eventually('connected on both sides', () => from.told.connections > 0 && to.told.connections > 0);
    return descriptions;
}

/** What came in of one kind. */
export async function received(on: Side, kind: 'audio' | 'video'): Promise<{ packets: number; frames: number }> {
    const found = { packets: 0, frames: 0 };
    const report = (await pcOf(on).getStats()) as unknown as Map<string, RTCInboundRtpStreamStats>;
    for (const [, one] of report) {
        if (one.type !== 'inbound-rtp' || one.kind !== kind) continue;
        found.packets += one.packetsReceived ?? 0;
        found.frames += one.framesDecoded ?? 0;
    }
    return found;
}

/** Waits until media of a kind goes on coming, from now. */
export async function comes(on: Side, kind: 'audio' | 'video'): Promise<void> {
    const before = await received(on, kind);
    await eventually(`${kind} comes`, async () => {
        const now = await received(on, kind);
        return kind === 'audio' ? now.packets >= before.packets + 10 : now.frames >= before.frames + 3;
    });
}

/** How loud the last second was, 0 to 1, by the sound itself. The stream must be one that plays. */
export async function loudness(stream: MediaStream): Promise<number> {
    const context = new AudioContext();
    const element = document.createElement('audio');
    try {
        element.srcObject = stream;
        element.muted = true;
        await element.play();
        const analyser = context.createAnalyser();
        context.createMediaStreamSource(stream).connect(analyser);
        const samples = new Float32Array(analyser.fftSize);
        let loudest = 0;
        const end = context.currentTime + 1.2;
        await eventually('a second of sound', () => {
            analyser.getFloatTimeDomainData(samples);
            for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
            return context.currentTime > end;
        });
        return loudest;
    } finally {
        element.srcObject = null;
        await context.close();
    }
}
