/** The media of one call: its peer connection, its tracks, and what its descriptions say. */
import type {
    CallStreams,
    Clock,
    Description,
    DeviceProblem,
    Hold,
    IceServer,
    Media,
    MediaSession,
    MediaSessionListener,
} from '../contract/index.js';
import { DeviceError, pageClock } from '../contract/index.js';
import { problemOf, stop, type Devices, type Tracks } from './devices.js';
import { Gathering } from './gathering.js';
import { followQuality } from './quality.js';
import { openScreen } from './screen.js';
import { checkRemoteSdp, readSdp, receives, refuseOthers, saysHold, section, sends, settleRole } from './sdp.js';
import type { MediaDirection, SessionDescription } from './sdp.js';
import { Watch } from './watch.js';

/** What a session needs from its engine. */
export interface SessionParts {
    readonly pc: RTCPeerConnection;
    readonly tracks: Tracks;
    /** The session whose place it is to take. */
    readonly before?: Session | undefined;
    /** Without {@link before}: whether video is sent, and seen. */
    readonly video: { readonly sent: boolean; readonly seen: boolean };
    /** URLs of STUN and TURN servers that gave nothing when they were last asked. */
    readonly silent: Set<string>;
    /** No microphone was opened, and none will be. */
    readonly listenOnly: boolean;
    readonly devices: Devices;
    readonly clock: Clock;
    readonly listener: MediaSessionListener;
    /** The site's rules as they are now. */
    readonly rules: () => {
        readonly iceServers: readonly IceServer[];
        readonly icePolicy: RTCIceTransportPolicy;
        readonly video: boolean;
    };
    /** Called when the first descriptions were exchanged. */
    readonly agreed?: (() => void) | undefined;
    /** Called when it stands for its call. */
    readonly succeeds: () => void;
    /** Called once, when the session has ended. */
    readonly closed: () => void;
}

type DeviceName = 'microphone' | 'camera';

/** How often we look whether pictures come, and how long none may come before the other camera counts as off, in ms. */
const LOOK = 250;
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
 * What we say of audio: who holds still sends (RFC 3264 section 8.4), silence in our case.
 * @param speaks whether there is a microphone
 */
export const audioDirection = (speaks: boolean, held: boolean): MediaDirection =>
    held ? (speaks ? 'sendonly' : 'inactive') : speaks ? 'sendrecv' : 'recvonly';

/** What we say of video: nobody wants pictures while on hold. */
export const videoDirection = (camera: boolean, held: boolean): MediaDirection =>
    held ? 'inactive' : camera ? 'sendrecv' : 'recvonly';

/**
 * Sends pictures or none. A sender without a track is silent in Chromium, but Firefox goes on with black ones.
 */
async function activate(sender: RTCRtpSender, on: boolean): Promise<void> {
    const parameters = sender.getParameters();
    if (parameters.encodings.every((encoding) => encoding.active === on)) return;
    for (const encoding of parameters.encodings) encoding.active = on;
    await sender.setParameters(parameters).catch(() => undefined);
}

/** The digits that RFC 4733 knows, out of what was typed or pasted. */
export const dialDigits = (text: string): string => text.toUpperCase().replace(/[^0-9*#A-D]/gu, '');

/** One RTCPeerConnection and its tracks. */
export class Session implements MediaSession {
    private readonly pc: RTCPeerConnection;
    private readonly listener: MediaSessionListener;
    private readonly gathering: Gathering;
    private readonly watch: Watch;
    private readonly end = new AbortController();
    private readonly local = new MediaStream();
    private readonly remote = new MediaStream();
    private readonly devices: Record<DeviceName, MediaStreamTrack | null> = { microphone: null, camera: null };
    /** Device changes, one after another. */
    private queue: Promise<unknown> = Promise.resolve();
    private hold_: Hold;
    private muted: boolean;
    /** Their description that is in force, and the one that is being answered, as they wrote it. */
    private theirs: SessionDescription | null = null;
    private pending: SessionDescription | null = null;
    /** Our video m-line is one that sends, whether or not the camera is on now: so that it can come on again at once. */
    private sendsVideo: boolean;
    /** It was to be one when this session began. */
    private readonly sentVideo: boolean;
    /** Video was negotiated, and refused by nobody. */
    private hasVideo: boolean;
    private remoteVideo = false;
    private problem: DeviceProblem | null = null;
    /** The browser asks which screen to show. */
    private picking = false;
    /** What comes back after the screen that is shown in the place of the camera; null: none is. */
    private behind: { readonly camera: boolean; readonly sendsVideo: boolean } | null;
    private cancelLook = (): void => undefined;
    private cancelLate = (): void => undefined;

    constructor(readonly parts: SessionParts) {
        const { pc, tracks, before, video } = parts;
        const { signal } = this.end;
        this.pc = pc;
        this.listener = parts.listener;
        this.gathering = new Gathering(pc, parts.clock, signal, parts.silent);
        this.sentVideo = this.sendsVideo = before?.sendsVideo ?? video.sent;
        this.hasVideo = before?.hasVideo ?? video.seen;
        this.muted = before?.muted ?? false;
        this.behind = before?.behind ?? null;
        this.hold_ = { byUs: before?.hold_.byUs ?? false, byThem: false };
        this.keep('microphone', tracks.microphone);
        this.keep('camera', tracks.camera);
        this.watch = new Watch({
            pc,
            clock: pageClock,
            listener: parts.listener,
            signal,
            transport: () => this.transceiver('audio')?.sender.transport ?? null,
            expects: () => !this.onHold && receives(this.transceiver('audio')?.currentDirection),
        });
        followQuality(
            pc,
            () => this.watch.up,
            parts.clock,
            signal,
            (quality) => this.listener.quality(quality),
        );
    }

    get offering(): boolean {
        return this.pc.signalingState !== 'stable' && this.pc.signalingState !== 'closed';
    }

    get remoteOffersVideo(): boolean {
        const remote = this.pending ?? this.theirs;
        return remote !== null && section(remote, 'video') !== undefined;
    }

    get streams(): CallStreams {
        const filled = (stream: MediaStream): MediaStream | null => (stream.getTracks().length > 0 ? stream : null);
        return { local: filled(this.local), remote: filled(this.remote) };
    }

    /** What is sent and received now. */
    get media(): Media {
        return { microphone: this.microphoneState, camera: this.cameraState, remoteVideo: this.remoteVideo };
    }

    async createOffer(options: { readonly iceRestart?: boolean; readonly urgent?: boolean } = {}): Promise<string> {
        this.expect('stable');
        const { pc } = this;
        if (options.iceRestart) {
            const { iceServers, icePolicy } = this.parts.rules();
            try {
                const changed = { iceServers: iceServers as RTCIceServer[], iceTransportPolicy: icePolicy };
                pc.setConfiguration({ ...pc.getConfiguration(), ...changed });
            } catch {
                // One that this browser does not like: those that we have must do.
            }
            pc.restartIce();
        }
        await this.arrange(true);
        await pc.setLocalDescription(await pc.createOffer());
        return await this.gathering.enough(null, options.urgent);
    }

    async createAnswer(): Promise<string> {
        this.expect('have-remote-offer');
        const { pc } = this;
        await this.arrange(false);
        await pc.setLocalDescription(await pc.createAnswer());
        this.settle('offer');
        return await this.gathering.enough(this.theirs);
    }

    async setRemoteDescription(description: Description): Promise<void> {
        checkRemoteSdp(description.sdp);
        // A browser would roll our own offer back by itself; in SIP that is a matter of 491 (RFC 3261 section 14.1).
        this.expect(description.type === 'offer' ? 'stable' : 'have-local-offer');
        const { type } = description;
        const { currentLocalDescription: ours, currentRemoteDescription: theirs } = this.pc;
        const sdp =
            type === 'offer'
                ? refuseOthers(description.sdp, this.parts.rules().video)
                : settleRole(description.sdp, ours?.sdp, theirs?.sdp);
        await this.pc.setRemoteDescription({ type, sdp });
        this.pending = readSdp(sdp);
        if (type === 'answer') this.settle('answer');
    }

    async rollback(): Promise<void> {
        const { pc } = this;
        if (pc.signalingState === 'have-local-offer') await pc.setLocalDescription({ type: 'rollback' });
        else if (pc.signalingState === 'have-remote-offer') await pc.setRemoteDescription({ type: 'rollback' });
        this.pending = null;
    }

    hold(on: boolean): void {
        this.hold_ = { ...this.hold_, byUs: on };
        this.enable();
    }

    mute(on: boolean): void {
        this.muted = on;
        this.enable();
        if (this.devices.microphone) this.listener.media({ microphone: this.microphoneState });
    }

    camera(on: boolean): Promise<{ readonly renegotiate: boolean }> {
        return this.inTurn(async () => {
            if (this.behind) {
                this.behind = { camera: on, sendsVideo: on || this.behind.sendsVideo };
                return { renegotiate: on && (await this.unshare()) };
            }
            if (on === (this.devices.camera !== null)) return { renegotiate: false };
            const sending = this.sendsNow;
            if (!on) {
                // What was refused is not offered again.
                this.sendsVideo &&= sending;
                await this.replace('camera', null);
                return { renegotiate: false };
            }
            if (!this.parts.rules().video) throw new DeviceError({ device: 'camera', problem: 'blocked-by-site' });
            await this.replace('camera', await this.openOne('camera'));
            this.tell(null);
            const already = this.sendsVideo && sending;
            this.sendsVideo = true;
            return { renegotiate: !already && this.describes };
        });
    }

    async screen(on: boolean): Promise<{ readonly renegotiate: boolean }> {
        if (!on) return { renegotiate: await this.inTurn(() => this.unshare()) };
        if (this.picking || this.behind) return { renegotiate: false };
        this.picking = true;
        const track = await openScreen().finally(() => (this.picking = false));
        return { renegotiate: track !== null && (await this.inTurn(() => this.share(track))) };
    }

    sendDigits(digits: string): boolean {
        const dtmf = this.transceiver('audio')?.sender.dtmf;
        const audio = this.theirs && section(this.theirs, 'audio');
        if (!dtmf?.canInsertDTMF || !audio?.telephoneEvent) return false;
        // A new call replaces what is still to be sent: take it along.
        const tones = dtmf.toneBuffer + dialDigits(digits);
        if (tones !== '') dtmf.insertDTMF(tones, DIGIT, PAUSE);
        return true;
    }

    succeed(): void {
        const { before, devices, succeeds } = this.parts;
        devices.onPlugged(() => this.plugged(), this.end.signal);
        if (before && !this.closed) {
            // A camera or screen that came while this session did is to be described.
            const added = before.sendsVideo && !this.sentVideo;
            this.sendsVideo ||= added;
            this.behind = before.behind;
            this.equip({ ...before.devices });
            before.devices.microphone = before.devices.camera = null;
            before.close();
            void this.inTurn(() => {
                this.listener.media(this.media);
                if (added) this.listener.renegotiate();
                return Promise.resolve();
            });
        }
        succeeds();
    }

    /** Sends these from now on. */
    equip(tracks: Tracks): void {
        for (const device of ['microphone', 'camera'] as const) {
            const refused = device === 'camera' && !this.sendsVideo;
            const track = refused ? null : tracks[device];
            if (refused) stop(tracks.camera);
            void this.inTurn(() => this.replace(device, track));
            // It went away on the way.
            if (track?.readyState === 'ended') this.reopen(device);
        }
    }

    close(): void {
        if (this.end.signal.aborted) return;
        this.end.abort();
        this.cancelLook();
        this.cancelLate();
        stop(this.devices.microphone, this.devices.camera);
        for (const stream of [this.local, this.remote])
            for (const track of stream.getTracks()) stream.removeTrack(track);
        this.pc.close();
        this.parts.closed();
    }

    /** The person chose other devices, see {@link Devices.choice}. */
    devicesChosen(changed: { readonly microphone: boolean; readonly camera: boolean }): void {
        for (const device of ['microphone', 'camera'] as const) if (changed[device]) this.reopen(device);
    }

    private get closed(): boolean {
        return this.end.signal.aborted;
    }

    private get onHold(): boolean {
        return this.hold_.byUs || this.hold_.byThem;
    }

    private get offersVideo(): boolean {
        return this.sendsVideo || this.hasVideo;
    }

    private get microphoneState(): Media['microphone'] {
        return this.devices.microphone === null ? 'none' : this.muted ? 'muted' : 'live';
    }

    private get cameraState(): Media['camera'] {
        return this.devices.camera === null ? 'off' : this.behind ? 'screen' : 'on';
    }

    /** Whether a change has to be described: there was a description, and none is coming because we resume. */
    private get describes(): boolean {
        return this.pc.localDescription !== null && !this.hold_.byUs;
    }

    /** Whether our video m-line sends, or would if nobody held. */
    private get sendsNow(): boolean {
        const video = this.transceiver('video');
        return this.onHold || (!!video?.mid && sends(video.currentDirection ?? video.direction));
    }

    private async share(track: MediaStreamTrack): Promise<boolean> {
        if (this.closed) {
            stop(track);
            return false;
        }
        const already = this.sendsVideo && this.sendsNow;
        this.behind = { camera: this.devices.camera !== null, sendsVideo: already };
        this.sendsVideo = true;
        await this.replace('camera', track);
        this.tell(null);
        return !already && this.describes;
    }

    /** Ends the screen: the camera is as it was. @returns whether that has to be described */
    private async unshare(): Promise<boolean> {
        const { behind } = this;
        if (behind === null) return false;
        this.behind = null;
        const renegotiate = this.sendsVideo && !behind.sendsVideo && this.describes;
        this.sendsVideo &&= behind.sendsVideo;
        stop(this.devices.camera);
        try {
            await this.replace('camera', behind.camera ? await this.openOne('camera') : null);
        } catch (error) {
            await this.lost('camera', problemOf(error, 'camera'));
        }
        return renegotiate;
    }

    /** The browser's own button ended the screen, or the window that was shown is gone. */
    private async unshared(): Promise<void> {
        if (await this.inTurn(() => this.unshare())) this.listener.renegotiate();
    }

    private expect(state: RTCSignalingState): void {
        const { signalingState } = this.pc;
        if (signalingState !== state)
            throw new Error(`The session is in state ${signalingState}, and ${state} is needed.`);
    }

    /**
     * The transceiver of the first m-line of a kind; others are not used. One that has no m-line is left over from an
     * offer of ours that was refused, and serves for the next one unless they offer theirs first.
     */
    private transceiver(kind: 'audio' | 'video'): RTCRtpTransceiver | undefined {
        const usable = this.pc
            .getTransceivers()
            .filter(
                (one) =>
                    one.receiver.track.kind === kind &&
                    one.direction !== 'stopped' &&
                    one.currentDirection !== 'stopped',
            );
        return usable.find((one) => one.mid !== null) ?? usable[0];
    }

    /** Makes transceivers say and send what we want, for the description that comes next. */
    private async arrange(offer: boolean): Promise<void> {
        const { pc, devices } = this;
        const streams = [this.local];
        const allowed = this.parts.rules().video;
        let audio = this.transceiver('audio');
        let video = this.transceiver('video');
        if (offer) {
            audio ??= pc.addTransceiver('audio', { streams });
            if (this.offersVideo && allowed) video ??= pc.addTransceiver('video', { streams });
        }
        for (const one of pc.getTransceivers()) {
            if (one.direction === 'stopped') continue;
            const isVideo = one.receiver.track.kind === 'video';
            if ((isVideo && !allowed) || (one.mid === null && (!offer || (isVideo && !this.offersVideo)))) {
                one.stop();
                continue;
            }
            if (one === audio) {
                one.direction = audioDirection(!this.parts.listenOnly, this.hold_.byUs);
                await one.sender.replaceTrack(devices.microphone);
            } else if (one === video) {
                one.direction = videoDirection(this.sendsVideo, this.hold_.byUs);
                await one.sender.replaceTrack(devices.camera);
            } else one.direction = 'inactive';
            one.sender.setStreams(this.local);
        }
    }

    /** Takes in what both descriptions say, now that offer and answer are there. @param type what theirs was */
    private settle(type: 'offer' | 'answer'): void {
        const { currentLocalDescription } = this.pc;
        const theirs = this.pending;
        if (currentLocalDescription === null || theirs === null) return;
        const first = this.theirs === null;
        this.theirs = theirs;
        this.pending = null;
        const ours = readSdp(currentLocalDescription.sdp);
        const audio = section(theirs, 'audio');
        const held = audio && saysHold(audio, type, section(ours, 'audio')?.direction);
        // A camera that was opened for an offer without video sends to nobody: its light goes out.
        const hadVideo =
            this.hasVideo || (type === 'answer' ? section(ours, 'video') !== undefined : first && this.sendsVideo);
        this.hasVideo = section(theirs, 'video') !== undefined && this.transceiver('video') !== undefined;
        const gone = hadVideo && !this.hasVideo;
        if (gone) {
            this.sendsVideo = false;
            this.behind &&= { camera: false, sendsVideo: false };
        }
        const holds = this.hold_.byUs || (held ?? this.hold_.byThem);
        const asked = type === 'answer' && this.behind !== null && !holds;
        if (gone || (asked && !sends(this.transceiver('video')?.currentDirection))) {
            if (!first && this.devices.camera)
                this.tell({ device: this.behind ? 'screen' : 'camera', problem: 'refused' });
            void this.inTurn<unknown>(() => (this.behind ? this.unshare() : this.replace('camera', null)));
        }
        this.showRemote();
        this.watch.settled();
        if (first) {
            this.parts.agreed?.();
            this.cancelLate = this.parts.clock.after(LATE[type], () => this.late());
        }
        if (held !== undefined && held !== this.hold_.byThem) {
            this.hold_ = { ...this.hold_, byThem: held };
            this.listener.heldByThem(held);
        }
    }

    /** Without a path: what was gathered after the description had left may be the one that is wanting. */
    private late(): void {
        if (!this.watch.up && !this.offering && this.gathering.more) this.listener.renegotiate();
    }

    /** Puts into the remote stream what can come. */
    private showRemote(): void {
        const video = this.transceiver('video');
        const seen = video && receives(video.currentDirection) ? video : undefined;
        const wanted = [this.transceiver('audio')?.receiver.track, seen?.receiver.track];
        const before = this.remote.getTracks();
        for (const track of before) if (!wanted.includes(track)) this.remote.removeTrack(track);
        for (const track of wanted) if (track) this.remote.addTrack(track);
        const after = this.remote.getTracks();
        if (after.length !== before.length || after.some((track) => !before.includes(track))) this.listener.streams();
        this.cancelLook();
        // What was seen before a re-INVITE counts until its time is over.
        const since = this.parts.clock.now() - (this.remoteVideo ? 0 : PICTURE_TIMEOUT);
        if (seen) this.lookForPictures(seen.receiver, 0, since);
        else this.setRemoteVideo(false);
    }

    /**
     * Whether pictures come. A camera that was turned off without a re-INVITE is seen by this only: the m-line still says
     * `sendrecv`, and the track stays unmuted.
     *
     * @param newest the time of the newest picture we know
     * @param seenAt when we saw it
     */
    private lookForPictures(receiver: RTCRtpReceiver, newest: number, seenAt: number): void {
        const { clock } = this.parts;
        this.cancelLook = clock.after(LOOK, () => {
            const times = receiver.getSynchronizationSources().map((source) => source.timestamp);
            const last = Math.max(0, ...times);
            const at = last > newest ? clock.now() : seenAt;
            this.setRemoteVideo(clock.now() - at < PICTURE_TIMEOUT);
            this.lookForPictures(receiver, last, at);
        });
    }

    private setRemoteVideo(on: boolean): void {
        if (on === this.remoteVideo) return;
        this.remoteVideo = on;
        this.listener.media({ remoteVideo: on });
    }

    /** Runs device changes one after another. */
    private inTurn<T>(action: () => Promise<T>): Promise<T> {
        const done = this.queue.then(action);
        this.queue = done.catch(() => undefined);
        return done;
    }

    /** @throws DeviceError, or another Error where the session was closed meanwhile: then nothing stays open */
    private async openOne(device: DeviceName): Promise<MediaStreamTrack | null> {
        const tracks = await this.parts.devices.open({
            microphone: device === 'microphone',
            camera: device === 'camera',
        });
        if (this.closed) {
            stop(tracks.microphone, tracks.camera);
            throw new Error('The session was closed.');
        }
        return tracks[device];
    }

    /** Opens a device again: another one was chosen, or the one in use went away. */
    private reopen(device: DeviceName): void {
        void this.inTurn(async () => {
            const old = this.devices[device];
            if (this.closed || (device === 'camera' ? old === null || this.behind : this.parts.listenOnly)) return;
            try {
                const track = await this.openOne(device).catch((error: unknown) => {
                    if (problemOf(error, device).problem !== 'in-use') throw error;
                    // Some systems open only one camera or microphone at a time.
                    stop(old);
                    return this.openOne(device);
                });
                await this.replace(device, track);
                this.tell(null);
            } catch (error) {
                await this.lost(device, problemOf(error, device));
            }
        });
    }

    /** A device could not be opened: the old one goes on where it still lives. */
    private async lost(device: DeviceName, problem: DeviceProblem): Promise<void> {
        if (this.closed) return;
        if (this.devices[device]?.readyState !== 'live') await this.replace(device, null);
        this.tell(problem);
    }

    private plugged(): void {
        if (this.devices.microphone === null) this.reopen('microphone');
    }

    private tell(problem: DeviceProblem | null): void {
        if (problem === null && this.problem === null) return;
        this.problem = problem;
        this.listener.problem(problem);
    }

    /** Sends another track, or none, in the place of the one in use, which stops: first the new one, so no gap. */
    private async replace(device: DeviceName, track: MediaStreamTrack | null): Promise<void> {
        const old = this.devices[device];
        if (old === track) return;
        this.keep(device, track);
        const sender = this.transceiver(device === 'camera' ? 'video' : 'audio')?.sender;
        try {
            await sender?.replaceTrack(track);
            if (sender && device === 'camera') await activate(sender, track !== null);
        } catch (error) {
            if (!this.closed) throw error;
        } finally {
            stop(old);
        }
        if (this.closed) {
            stop(track);
            return;
        }
        this.listener.media({ microphone: this.microphoneState, camera: this.cameraState });
        this.listener.streams();
    }

    private keep(device: DeviceName, track: MediaStreamTrack | null): void {
        const old = this.devices[device];
        this.devices[device] = track;
        if (old) this.local.removeTrack(old);
        if (!track) return;
        this.local.addTrack(track);
        this.enable();
        const gone = (): void => {
            if (this.devices[device] !== track) return;
            if (device === 'camera' && this.behind) void this.unshared();
            else this.reopen(device);
        };
        track.addEventListener('ended', gone, { signal: this.end.signal });
    }

    private enable(): void {
        const { microphone, camera } = this.devices;
        if (microphone) microphone.enabled = !this.muted && !this.hold_.byUs;
        if (camera) camera.enabled = !this.hold_.byUs;
    }
}
