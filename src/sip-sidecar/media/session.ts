/** The media of one call: its peer connection, its tracks, and what its descriptions say. */
import type {
    CallId,
    CallStreams,
    Clock,
    Description,
    DeviceProblem,
    Media,
    MediaSession,
    MediaSessionListener,
} from '../contract/index.js';
import { DeviceError } from '../contract/index.js';
import { problemOf, stop, type Devices, type Tracks } from './devices.js';
import { Gathering } from './gathering.js';
import type { UsableServer } from './ice-servers.js';
import { DEVICES, mediaDevices, type DeviceName } from './problems.js';
import { openScreen } from './screen.js';
import {
    checkRemoteSdp,
    directionOf,
    readSdp,
    receives,
    refuseOthers,
    saysHold,
    section,
    sends,
    settleRole,
} from './sdp.js';
import { Watch, type Watched } from './watch.js';

/** The site's rules. */
export interface MediaRules {
    readonly iceServers: readonly UsableServer[];
    readonly icePolicy: RTCIceTransportPolicy;
    readonly video: boolean;
}

/** What the sessions of a page have in common. */
export interface SessionHost {
    readonly devices: Devices;
    readonly clock: Clock;
    /** Those that stand for their calls. */
    readonly sessions: Map<CallId, Session>;
    /** URLs of STUN and TURN servers that gave nothing when they were last asked. */
    readonly silent: Set<string>;
    readonly rules: MediaRules;
}

/** What is particular to a session. */
export interface SessionParts {
    readonly callId: CallId;
    readonly listener: MediaSessionListener;
    readonly pc: RTCPeerConnection;
    readonly tracks: Tracks;
    /** The session whose place it is to take. */
    readonly before?: Session | undefined;
    /** Its video m-line is to be one that sends; there was video in this call, on this page or another. */
    readonly sendsVideo: boolean;
    readonly hasVideo: boolean;
    /** No microphone was opened, and none will be. */
    readonly listenOnly: boolean;
    /** Called when the first descriptions were exchanged. */
    readonly agreed?: (() => void) | undefined;
}

/** How long no picture may come before the other camera counts as off, in ms. */
const PICTURE_TIMEOUT = 2500;
/** How long after the answer candidates that came late are told where there is no path yet; not both sides at once. In ms. */
const LATE = { answer: 1000, offer: 2000 };
/**
 * Duration of one digit and the pause after it (RFC 4733, W3C `insertDTMF`), in ms. Browsers that send Opus (48 kHz) with a
 * telephone-event of 8 kHz count the duration in the wrong clock: a digit is over after a sixth of it. With 120 ms or less
 * only the packets that say its end would go out, and some telephones (baresip) hear only the first of such digits.
 */
const DIGIT = 250;
const PAUSE = 70;

/**
 * Sends pictures or none. A sender without a track is silent in Chromium, but Firefox goes on with black ones.
 */
async function activate(sender: RTCRtpSender, on: boolean): Promise<void> {
    const parameters = sender.getParameters();
    if (parameters.encodings.every((encoding) => encoding.active === on)) return;
    for (const encoding of parameters.encodings) encoding.active = on;
    await sender.setParameters(parameters).catch(() => undefined);
}

/** One RTCPeerConnection and its tracks. */
export class Session implements MediaSession, Watched {
    readonly pc: RTCPeerConnection;
    readonly listener: MediaSessionListener;
    private readonly gathering: Gathering;
    private readonly watch: Watch;
    private readonly end = new AbortController();
    readonly signal = this.end.signal;
    private readonly local = new MediaStream();
    private readonly remote = new MediaStream();
    private readonly devices: Record<DeviceName, MediaStreamTrack | null> = { microphone: null, camera: null };
    /** Device changes, one after another. */
    private queue: Promise<unknown> = Promise.resolve();
    private held: boolean;
    private heldByThem = false;
    private muted = false;
    /** Their newest description, as they wrote it; and whether one of ours ever belonged to one of theirs. */
    private theirs = readSdp('');
    private agreed = false;
    /** Our video m-line is one that sends, whether or not the camera is on now: so that it can come on again at once. */
    sendsVideo: boolean;
    /** Video was negotiated, and refused by nobody. */
    hasVideo: boolean;
    private remoteVideo = false;
    /** The time of the newest picture we know, by the browser's clock, and when we saw it. */
    private newestPicture = 0;
    private pictureSeenAt = -PICTURE_TIMEOUT;
    private problem: DeviceProblem | null = null;
    /** The browser asks which screen to show. */
    private picking = false;
    /** What comes back after the screen that is shown in the place of the camera; null: none is. */
    private behind: { readonly camera: boolean; readonly sendsVideo: boolean } | null = null;

    constructor(
        private readonly host: SessionHost,
        readonly parts: SessionParts,
    ) {
        const { pc, listener, tracks, before, callId } = parts;
        const { signal } = this;
        this.pc = pc;
        this.listener = listener;
        this.gathering = new Gathering(pc, host.clock, signal, host.silent);
        this.sendsVideo = parts.sendsVideo;
        this.hasVideo = parts.hasVideo;
        this.held = before?.held ?? false;
        for (const device of DEVICES) void this.replace(device, tracks[device]);
        this.watch = new Watch(this);
        signal.addEventListener('abort', () => {
            stop(this.devices);
            pc.close();
            if (host.sessions.get(callId) === this) host.sessions.delete(callId);
        });
    }

    get transport(): RTCDtlsTransport | null {
        return this.transceiver('audio')?.sender.transport ?? null;
    }

    get expectsSound(): boolean {
        return !this.onHold && receives(this.transceiver('audio')?.currentDirection);
    }

    get streams(): CallStreams {
        const filled = (stream: MediaStream): MediaStream | null => (stream.getTracks()[0] ? stream : null);
        return { local: filled(this.local), remote: filled(this.remote) };
    }

    /** What is sent and received now. */
    get media(): Media {
        const { microphone, camera } = this.devices;
        return {
            microphone: !microphone ? 'none' : this.muted ? 'muted' : 'live',
            camera: !camera ? 'off' : this.behind ? 'screen' : 'on',
            remoteVideo: this.remoteVideo,
        };
    }

    async createOffer(options: { readonly iceRestart?: boolean; readonly urgent?: boolean } = {}): Promise<string> {
        this.expect('stable');
        const { pc } = this;
        if (options.iceRestart) {
            const { iceServers, icePolicy } = this.host.rules;
            try {
                pc.setConfiguration({
                    ...pc.getConfiguration(),
                    iceServers: iceServers as UsableServer[],
                    iceTransportPolicy: icePolicy,
                });
            } catch {
                // One that this browser does not like: those that we have must do.
            }
            pc.restartIce();
        }
        await this.arrange(true);
        await pc.setLocalDescription();
        return await this.gathering.enough(null, options.urgent);
    }

    async createAnswer(): Promise<string> {
        this.expect('have-remote-offer');
        await this.arrange(false);
        await this.pc.setLocalDescription();
        this.settle('offer');
        return await this.gathering.enough(this.theirs);
    }

    async setRemoteDescription({ type, sdp }: Description): Promise<void> {
        const description = checkRemoteSdp(sdp);
        const { pc } = this;
        const isOffer = type === 'offer';
        // A browser would roll our own offer back by itself; in SIP that is a matter of 491 (RFC 3261 section 14.1).
        this.expect(isOffer ? 'stable' : 'have-local-offer');
        const taken = isOffer
            ? refuseOthers(description, this.host.rules.video)
            : settleRole(sdp, pc.currentLocalDescription?.sdp, pc.currentRemoteDescription?.sdp);
        await pc.setRemoteDescription({ type, sdp: taken });
        this.theirs = readSdp(taken);
        if (!isOffer) this.settle(type);
    }

    async rollback(): Promise<void> {
        const { pc } = this;
        if (pc.signalingState === 'have-local-offer') await pc.setLocalDescription({ type: 'rollback' });
        else if (pc.signalingState === 'have-remote-offer') await pc.setRemoteDescription({ type: 'rollback' });
    }

    hold(on: boolean): void {
        this.held = on;
        this.enable();
    }

    mute(on: boolean): void {
        this.muted = on;
        this.enable();
        if (this.devices.microphone) this.listener.media(this.media);
    }

    camera(on: boolean): Promise<boolean> {
        return this.inTurn(async () => {
            if (this.behind) {
                this.behind = { camera: on, sendsVideo: on || this.behind.sendsVideo };
                return on && (await this.unshare());
            }
            if (on === (this.devices.camera !== null)) return false;
            // What was refused is not offered again.
            if (!on) return await this.show(null, this.sendsNow);
            if (!this.host.rules.video) throw new DeviceError({ device: 'camera', problem: 'blocked-by-site' });
            return await this.show(await this.open('camera'), true);
        });
    }

    async screen(on: boolean): Promise<boolean> {
        if (!on) return await this.inTurn(() => this.unshare());
        if (this.picking || this.behind) return false;
        this.picking = true;
        const track = await openScreen().finally(() => (this.picking = false));
        if (!track) return false;
        return await this.inTurn(() => {
            this.behind = { camera: this.devices.camera !== null, sendsVideo: this.sendsNow };
            return this.show(track, true);
        });
    }

    sendDigits(digits: string): boolean {
        const dtmf = this.transceiver('audio')?.sender.dtmf;
        if (!dtmf?.canInsertDTMF) return false;
        // A new call replaces what is still to be sent: take it along.
        const tones = dtmf.toneBuffer + digits.toUpperCase().replace(/[^0-9*#A-D]/gu, '');
        if (tones) dtmf.insertDTMF(tones, DIGIT, PAUSE);
        return true;
    }

    succeed(): void {
        const { before, sendsVideo, callId } = this.parts;
        const { signal } = this;
        mediaDevices()?.addEventListener(
            'devicechange',
            () => {
                if (!this.devices.microphone) this.reopen('microphone');
            },
            { signal },
        );
        if (before && !signal.aborted) {
            // A camera or screen that came while this session did is to be described.
            const added = before.sendsVideo && !sendsVideo;
            this.sendsVideo ||= added;
            this.muted = before.muted;
            this.behind = before.behind;
            this.equip({ ...before.devices });
            before.devices.microphone = before.devices.camera = null;
            before.close();
            void this.inTurn(() => {
                this.listener.media(this.media);
                if (added) this.listener.renegotiate();
            });
        }
        this.host.sessions.set(callId, this);
    }

    /** Sends these from now on. */
    equip(tracks: Tracks): void {
        for (const device of DEVICES) {
            let track = tracks[device];
            if (device === 'camera' && !this.sendsVideo) {
                track?.stop();
                track = null;
            }
            void this.inTurn(() => this.replace(device, track));
            // It went away on the way.
            if (track?.readyState === 'ended') this.reopen(device);
        }
    }

    close(): void {
        this.end.abort();
    }

    private get onHold(): boolean {
        return this.held || this.heldByThem;
    }

    /** Whether our video m-line sends, or would if nobody held. */
    private get sendsNow(): boolean {
        const video = this.transceiver('video');
        return this.sendsVideo && (this.onHold || (!!video?.mid && sends(video.currentDirection ?? video.direction)));
    }

    /**
     * Sends pictures, or none.
     * @param sendsVideo what is to become of our video m-line
     * @returns whether that has to be described: there was a description, and none is coming because we resume
     */
    private async show(track: MediaStreamTrack | null, sendsVideo: boolean): Promise<boolean> {
        const changes = sendsVideo !== this.sendsNow;
        this.sendsVideo = sendsVideo;
        await this.replace('camera', track);
        if (track) this.tell(null);
        return changes && this.pc.localDescription !== null && !this.held && !this.signal.aborted;
    }

    /** Ends the screen: the camera is as it was. @returns whether that has to be described */
    private async unshare(): Promise<boolean> {
        const { behind } = this;
        if (!behind) return false;
        this.behind = null;
        this.devices.camera?.stop();
        let camera = null;
        try {
            if (behind.camera) camera = await this.open('camera');
        } catch (error) {
            this.tell(problemOf(error, 'camera'));
        }
        return await this.show(camera, this.sendsVideo && behind.sendsVideo);
    }

    private expect(state: RTCSignalingState): void {
        const { signalingState } = this.pc;
        if (signalingState !== state) throw new Error(`${signalingState} instead of ${state}`);
    }

    /**
     * The transceiver of the first m-line of a kind; others are not used. One that has no m-line is left over from an
     * offer of ours that was refused, and serves for the next one unless they offer theirs first.
     */
    private transceiver(kind: 'audio' | 'video'): RTCRtpTransceiver | undefined {
        const usable = this.pc
            .getTransceivers()
            .filter((one) => one.receiver.track.kind === kind && one.direction !== 'stopped');
        return usable.find((one) => one.mid !== null) ?? usable[0];
    }

    /** Makes transceivers say and send what we want, for the description that comes next. */
    private async arrange(offer: boolean): Promise<void> {
        const { pc, devices, held, local } = this;
        const { listenOnly } = this.parts;
        const allowed = this.host.rules.video;
        const offersVideo = offer && allowed && (this.sendsVideo || this.hasVideo);
        const audio = this.transceiver('audio') ?? (offer ? pc.addTransceiver('audio') : undefined);
        const video = this.transceiver('video') ?? (offersVideo ? pc.addTransceiver('video') : undefined);
        for (const one of pc.getTransceivers()) {
            if (one.direction === 'stopped') continue;
            const isVideo = one.receiver.track.kind === 'video';
            if ((isVideo && !allowed) || (one.mid === null && !(isVideo ? offersVideo : offer))) {
                one.stop();
                continue;
            }
            // Who holds still sends (RFC 3264 section 8.4), silence in our case; and wants no pictures.
            one.direction =
                one === audio
                    ? directionOf(!listenOnly, !held)
                    : directionOf(one === video && this.sendsVideo && !held, one === video && !held);
            if (one === audio) await one.sender.replaceTrack(devices.microphone);
            if (one === video) await one.sender.replaceTrack(devices.camera);
            one.sender.setStreams(local);
        }
    }

    /** Takes in what both descriptions say, now that offer and answer are there. @param type what theirs was */
    private settle(type: 'offer' | 'answer'): void {
        const { pc, theirs, agreed, behind, listener } = this;
        this.agreed = true;
        const ours = readSdp(pc.currentLocalDescription?.sdp ?? '');
        const audio = section(theirs, 'audio');
        const held = (audio && saysHold(audio, type, section(ours, 'audio')?.direction)) ?? this.heldByThem;
        // A camera that was opened for an offer without video sends to nobody: its light goes out.
        const hadVideo =
            this.hasVideo || (type === 'answer' ? section(ours, 'video') !== undefined : !agreed && this.sendsVideo);
        const video = this.transceiver('video');
        this.hasVideo = section(theirs, 'video') !== undefined && video !== undefined;
        const gone = hadVideo && !this.hasVideo;
        if (gone) {
            this.sendsVideo = false;
            this.behind = behind && { camera: false, sendsVideo: false };
        }
        const asked = type === 'answer' && behind && !this.held && !held;
        if (gone || (asked && !sends(video?.currentDirection))) {
            if (agreed && this.devices.camera) this.tell({ device: behind ? 'screen' : 'camera', problem: 'refused' });
            void this.inTurn<unknown>(() => (behind ? this.unshare() : this.replace('camera', null)));
        }
        this.showRemote();
        this.watch.settled();
        if (!agreed) {
            this.parts.agreed?.();
            this.host.clock.after(LATE[type], () => this.late());
        }
        if (held !== this.heldByThem) {
            this.heldByThem = held;
            listener.heldByThem(held);
        }
    }

    /** Without a path: what was gathered after the description had left may be the one that is wanting. */
    private late(): void {
        if (!this.watch.up && this.pc.signalingState === 'stable' && this.gathering.more) this.listener.renegotiate();
    }

    /** What pictures can come by. */
    private get seen(): RTCRtpReceiver | undefined {
        const video = this.transceiver('video');
        return video && receives(video.currentDirection) ? video.receiver : undefined;
    }

    /** Puts into the remote stream what can come. */
    private showRemote(): void {
        const { remote } = this;
        const before = remote.getTracks();
        const wanted = [this.transceiver('audio')?.receiver, this.seen].flatMap((one) => (one ? [one.track] : []));
        for (const track of before) if (!wanted.includes(track)) remote.removeTrack(track);
        for (const track of wanted) remote.addTrack(track);
        this.listener.streams();
        this.looked();
    }

    /**
     * Whether pictures come. A camera that was turned off without a re-INVITE is seen by this only: the m-line still says
     * `sendrecv`, and the track stays unmuted. What was seen before a re-INVITE counts until its time is over.
     */
    looked(): void {
        const { seen } = this;
        const now = this.host.clock.now();
        const newest = Math.max(0, ...(seen?.getSynchronizationSources() ?? []).map((source) => source.timestamp));
        if (newest > this.newestPicture) {
            this.newestPicture = newest;
            this.pictureSeenAt = now;
        }
        const remoteVideo = seen !== undefined && now - this.pictureSeenAt < PICTURE_TIMEOUT;
        if (remoteVideo === this.remoteVideo) return;
        this.remoteVideo = remoteVideo;
        this.listener.media({ remoteVideo });
    }

    /** Runs device changes one after another. */
    private inTurn<T>(action: () => T | Promise<T>): Promise<T> {
        const done = this.queue.then(action);
        this.queue = done.catch(() => undefined);
        return done;
    }

    /** @throws DeviceError, or another Error where the session was closed meanwhile: then nothing stays open */
    private async open(device: DeviceName): Promise<MediaStreamTrack | null> {
        return (await this.host.devices.open({ [device]: true }, this.signal))[device];
    }

    /** Opens a device again: another one was chosen, or the one in use went away. */
    reopen(device: DeviceName): void {
        void this.inTurn(async () => {
            const old = this.devices[device];
            if (device === 'camera' ? !old || this.behind : this.parts.listenOnly) return;
            try {
                const track = await this.open(device).catch((error: unknown) => {
                    if (problemOf(error, device).problem !== 'in-use') throw error;
                    // Some systems open only one camera or microphone at a time.
                    old?.stop();
                    return this.open(device);
                });
                await this.replace(device, track);
                this.tell(null);
            } catch (error) {
                // The old one goes on where it still lives.
                if (old?.readyState !== 'live') await this.replace(device, null);
                this.tell(problemOf(error, device));
            }
        });
    }

    private tell(problem: DeviceProblem | null): void {
        if (this.signal.aborted || (!problem && !this.problem)) return;
        this.problem = problem;
        this.listener.problem(problem);
    }

    /** Sends another track, or none, in the place of the one in use, which stops: first the new one, so no gap. */
    private async replace(device: DeviceName, track: MediaStreamTrack | null): Promise<void> {
        const { signal, listener, local } = this;
        const old = this.devices[device];
        if (old === track) return;
        this.devices[device] = track;
        if (old) local.removeTrack(old);
        if (track) {
            local.addTrack(track);
            track.addEventListener('ended', () => void this.ended(device, track), { signal });
        }
        this.enable();
        const sender = this.transceiver(device === 'camera' ? 'video' : 'audio')?.sender;
        await sender?.replaceTrack(track).catch(() => undefined);
        if (sender && device === 'camera') await activate(sender, track !== null);
        old?.stop();
        if (signal.aborted) track?.stop();
        else {
            listener.media(this.media);
            listener.streams();
        }
    }

    private async ended(device: DeviceName, track: MediaStreamTrack): Promise<void> {
        if (this.devices[device] !== track) return;
        if (device === 'microphone' || !this.behind) this.reopen(device);
        // The browser's own button ended the screen, or the window that was shown is gone.
        else if (await this.inTurn(() => this.unshare())) this.listener.renegotiate();
    }

    private enable(): void {
        for (const track of this.local.getTracks())
            track.enabled = !this.held && !(this.muted && track.kind === 'audio');
    }
}
