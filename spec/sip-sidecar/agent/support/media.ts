import {
    DeviceError,
    type CallId,
    type CallStreams,
    type Description,
    type DeviceProblem,
    type Media,
    type MediaEngine,
    type MediaSession,
    type MediaSessionListener,
} from '../../../../src/sip-sidecar/contract/index.js';

/** Of {@link SDP}. */
export const FINGERPRINT = `sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`;

export const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n';

/** The media of one call, without any: it remembers what was asked of it. */
export class FakeSession implements MediaSession {
    readonly log: string[] = [];
    readonly remoteOffersVideo = false;
    readonly streams: CallStreams = { local: null, remote: null };
    state: 'stable' | 'local' | 'remote' = 'stable';
    closed = false;
    /** Whether telephone-event was negotiated. */
    telephoneEvent = true;
    renegotiate = false;
    cameraProblem: DeviceProblem | null = null;
    /** Descriptions that hold this text cannot be used. */
    poison = 'POISON';

    constructor(
        readonly callId: CallId,
        readonly wanted: { readonly video: boolean; readonly listenOnly: boolean },
        readonly listener: MediaSessionListener,
        private readonly ownSdp = SDP,
        private readonly before?: FakeSession,
    ) {}

    get offering(): boolean {
        return this.state !== 'stable';
    }

    async createOffer(options: { readonly iceRestart?: boolean } = {}): Promise<string> {
        await this.step(options.iceRestart ? 'offer with new ICE' : 'offer', 'stable', 'local');
        return `${this.ownSdp}a=x-offer:${String(this.log.length)}\r\n`;
    }

    async createAnswer(): Promise<string> {
        await this.step('answer', 'remote', 'stable');
        return `${this.ownSdp}a=x-answer\r\n`;
    }

    async setRemoteDescription({ type, sdp }: Description): Promise<void> {
        if (sdp.includes(this.poison)) throw new Error('unusable');
        await this.step(
            `remote ${type}`,
            type === 'offer' ? 'stable' : 'local',
            type === 'offer' ? 'remote' : 'stable',
        );
    }

    rollback(): Promise<void> {
        if (this.state !== 'stable') this.log.push('rollback');
        this.state = 'stable';
        return Promise.resolve();
    }

    hold(on: boolean): void {
        this.log.push(on ? 'hold' : 'resume');
    }

    mute(on: boolean): void {
        this.log.push(on ? 'mute' : 'unmute');
    }

    camera(on: boolean): Promise<boolean> {
        this.log.push(on ? 'camera on' : 'camera off');
        if (this.cameraProblem !== null) return Promise.reject(new DeviceError(this.cameraProblem));
        return Promise.resolve(this.renegotiate);
    }

    screen(on: boolean): Promise<boolean> {
        this.log.push(on ? 'screen on' : 'screen off');
        return Promise.resolve(this.renegotiate);
    }

    sendDigits(digits: string): boolean {
        if (this.telephoneEvent) this.log.push(`digits ${digits}`);
        return this.telephoneEvent;
    }

    succeed(): void {
        this.log.push('succeed');
        this.before?.close();
    }

    close(): void {
        this.closed = true;
    }

    private async step(what: string, from: FakeSession['state'], to: FakeSession['state']): Promise<void> {
        if (this.closed) throw new Error('closed');
        if (this.state !== from) throw new Error(`${what} in state ${this.state}`);
        this.log.push(what);
        this.state = to;
        await Promise.resolve();
    }
}

/** Devices that are there at once, or wanting, or never come. */
export class FakeMedia implements MediaEngine {
    readonly sessions: FakeSession[] = [];
    /** The calls whose media was ended. */
    readonly closed: CallId[] = [];
    problem: DeviceProblem | null = null;
    /** What our own descriptions begin with. */
    ownSdp = SDP;
    /** Opens nothing until it is called. */
    gate: Promise<void> = Promise.resolve();

    get latest(): FakeSession {
        const session = this.sessions.at(-1);
        if (session === undefined) throw new Error('no device was opened');
        return session;
    }

    async open(callId: CallId, wanted: FakeSession['wanted'], listener: MediaSessionListener): Promise<MediaSession> {
        await this.gate;
        if (this.problem !== null) throw new DeviceError(this.problem);
        const session = new FakeSession(callId, wanted, listener, this.ownSdp);
        this.sessions.push(session);
        return session;
    }

    /** What a further session of a call was told of it. */
    readonly renewed: Media[] = [];

    renew(callId: CallId, was: Media, listener: MediaSessionListener): Promise<MediaSession> {
        this.renewed.push(was);
        const before = this.sessions.findLast((each) => each.callId === callId && !each.closed);
        const wanted = { video: was.camera === 'on', listenOnly: was.microphone === 'none' };
        const session = new FakeSession(callId, wanted, listener, this.ownSdp, before);
        this.sessions.push(session);
        return Promise.resolve(session);
    }

    session(callId: CallId): MediaSession | undefined {
        return this.sessions.find((session) => session.callId === callId && !session.closed);
    }

    close(callId: CallId): void {
        this.closed.push(callId);
        for (const session of this.sessions) if (session.callId === callId) session.close();
    }

    configure = jasmine.createSpy<MediaEngine['configure']>('configure');
    chooseDevices = jasmine.createSpy<MediaEngine['chooseDevices']>('chooseDevices');
    test = jasmine.createSpy<MediaEngine['test']>('test').and.resolveTo();
    preview = jasmine.createSpy<MediaEngine['preview']>('preview').and.resolveTo();
    dispose = jasmine.createSpy<MediaEngine['dispose']>('dispose');
    streams(): CallStreams {
        return { local: null, remote: null };
    }
}
