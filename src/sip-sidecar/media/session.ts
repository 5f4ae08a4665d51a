/** The media of one call: its peer connection, its tracks, and what its descriptions say. */
import type { CallId, Clock, DeviceProblem, Media, MediaSession, MediaSessionListener } from '../contract/index.js';
import { DeviceError } from '../contract/index.js';
import { problemOf, stop, type Devices, type Tracks } from './devices.js';
import { followGathering } from './gathering.js';
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
import { watchOver, type Watched } from './watch.js';

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
    rules: MediaRules;
}

/** One RTCPeerConnection and its tracks. */
export interface Session extends MediaSession, Watched {
    /** No microphone was opened, and none will be. */
    readonly listenOnly: boolean;
    /** Our video m-line is one that sends, whether or not the camera is on now: so that it can come on again at once. */
    readonly sendsVideo: boolean;
    /** Video was negotiated, and refused by nobody. */
    readonly hasVideo: boolean;
    readonly held: boolean;
    /** What is sent and received now. */
    readonly media: Media;
    /** Opens a device again: another one was chosen, or the one in use went away. */
    reopen(device: DeviceName): void;
    /** Sends these from now on. */
    equip(tracks: Tracks): void;
    /** Ends it; its devices go on. */
    leave(): Estate;
}

/** What comes back after the screen that is shown in the place of the camera. */
interface Behind {
    readonly camera: boolean;
    readonly sendsVideo: boolean;
}

/** What a session leaves to the one that takes its place. */
interface Estate {
    readonly tracks: Tracks;
    readonly muted: boolean;
    readonly behind: Behind | null;
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

/** Makes the session of a peer connection that is new. */
export function createSession(host: SessionHost, parts: SessionParts): Session {
    const { pc, listener, before, callId, listenOnly } = parts;
    const { clock } = host;
    const end = new AbortController();
    const { signal } = end;
    const local = new MediaStream();
    const remote = new MediaStream();
    const devices: Record<DeviceName, MediaStreamTrack | null> = { microphone: null, camera: null };
    /** Device changes, one after another. */
    let queue: Promise<unknown> = Promise.resolve();
    let held = before?.held ?? false;
    let heldByThem = false;
    let muted = false;
    /** Their newest description, as they wrote it; and whether one of ours ever belonged to one of theirs. */
    let theirs = readSdp('');
    let agreed = false;
    let { sendsVideo, hasVideo } = parts;
    let remoteVideo = false;
    /** The time of the newest picture we know, by the browser's clock, and when we saw it. */
    let newestPicture = 0;
    let pictureSeenAt = -PICTURE_TIMEOUT;
    let told: DeviceProblem | null = null;
    /** The browser asks which screen to show. */
    let picking = false;
    /** null: no screen is shown. */
    let behind: Behind | null = null;

    const onHold = (): boolean => held || heldByThem;

    /**
     * The transceiver of the first m-line of a kind; others are not used. One that has no m-line is left over from an
     * offer of ours that was refused, and serves for the next one unless they offer theirs first.
     */
    function transceiver(kind: 'audio' | 'video'): RTCRtpTransceiver | undefined {
        const usable = pc
            .getTransceivers()
            .filter((one) => one.receiver.track.kind === kind && one.direction !== 'stopped');
        return usable.find((one) => one.mid !== null) ?? usable[0];
    }

    const media = (): Media => {
        const { microphone, camera } = devices;
        return {
            microphone: !microphone ? 'none' : muted ? 'muted' : 'live',
            camera: !camera ? 'off' : behind ? 'screen' : 'on',
            remoteVideo,
        };
    };

    /** Whether our video m-line sends, or would if nobody held. */
    function sendsNow(): boolean {
        const video = transceiver('video');
        return sendsVideo && (onHold() || (!!video?.mid && sends(video.currentDirection ?? video.direction)));
    }

    function expect(state: RTCSignalingState): void {
        const { signalingState } = pc;
        if (signalingState !== state) throw new Error(`${signalingState} instead of ${state}`);
    }

    function enable(): void {
        for (const track of local.getTracks()) track.enabled = !held && !(muted && track.kind === 'audio');
    }

    function tell(problem: DeviceProblem | null): void {
        if (signal.aborted || (!problem && !told)) return;
        told = problem;
        listener.problem(problem);
    }

    /** Runs device changes one after another. */
    function inTurn<T>(action: () => T | Promise<T>): Promise<T> {
        const done = queue.then(action);
        queue = done.catch(() => undefined);
        return done;
    }

    /** @throws DeviceError, or another Error where the session was closed meanwhile: then nothing stays open */
    const open = async (device: DeviceName): Promise<MediaStreamTrack | null> =>
        (await host.devices.open({ [device]: true }, signal))[device];

    /** Sends another track, or none, in the place of the one in use, which stops: first the new one, so no gap. */
    async function replace(device: DeviceName, track: MediaStreamTrack | null): Promise<void> {
        const old = devices[device];
        if (old === track) return;
        devices[device] = track;
        if (old) local.removeTrack(old);
        if (track) {
            local.addTrack(track);
            track.addEventListener('ended', () => void ended(device, track), { signal });
        }
        enable();
        const sender = transceiver(device === 'camera' ? 'video' : 'audio')?.sender;
        await sender?.replaceTrack(track).catch(() => undefined);
        if (sender && device === 'camera') await activate(sender, track !== null);
        old?.stop();
        if (signal.aborted) track?.stop();
        else {
            listener.media(media());
            listener.streams();
        }
    }

    async function ended(device: DeviceName, track: MediaStreamTrack): Promise<void> {
        if (devices[device] !== track) return;
        if (device === 'microphone' || !behind) reopen(device);
        // The browser's own button ended the screen, or the window that was shown is gone.
        else if (await inTurn(unshare)) listener.renegotiate();
    }

    function reopen(device: DeviceName): void {
        void inTurn(async () => {
            const old = devices[device];
            if (device === 'camera' ? !old || behind : listenOnly) return;
            try {
                const track = await open(device).catch((error: unknown) => {
                    if (problemOf(error, device).problem !== 'in-use') throw error;
                    // Some systems open only one camera or microphone at a time.
                    old?.stop();
                    return open(device);
                });
                await replace(device, track);
                tell(null);
            } catch (error) {
                // The old one goes on where it still lives.
                if (old?.readyState !== 'live') await replace(device, null);
                tell(problemOf(error, device));
            }
        });
    }

    function equip(tracks: Tracks): void {
        for (const device of DEVICES) {
            let track = tracks[device];
            if (device === 'camera' && !sendsVideo) {
                track?.stop();
                track = null;
            }
            void inTurn(() => replace(device, track));
            // It went away on the way.
            if (track?.readyState === 'ended') reopen(device);
        }
    }

    /**
     * Sends pictures, or none.
     * @param sending what is to become of our video m-line
     * @returns whether that has to be described: there was a description, and none is coming because we resume
     */
    async function show(track: MediaStreamTrack | null, sending: boolean): Promise<boolean> {
        const changes = sending !== sendsNow();
        sendsVideo = sending;
        await replace('camera', track);
        if (track) tell(null);
        return changes && pc.localDescription !== null && !held && !signal.aborted;
    }

    /** Ends the screen: the camera is as it was. @returns whether that has to be described */
    async function unshare(): Promise<boolean> {
        if (!behind) return false;
        const was = behind;
        behind = null;
        devices.camera?.stop();
        let camera = null;
        try {
            if (was.camera) camera = await open('camera');
        } catch (error) {
            tell(problemOf(error, 'camera'));
        }
        return await show(camera, sendsVideo && was.sendsVideo);
    }

    /** Makes transceivers say and send what we want, for the description that comes next. */
    async function arrange(offer: boolean): Promise<void> {
        const allowed = host.rules.video;
        const offersVideo = offer && allowed && (sendsVideo || hasVideo);
        const holds = held;
        const audio = transceiver('audio') ?? (offer ? pc.addTransceiver('audio') : undefined);
        const video = transceiver('video') ?? (offersVideo ? pc.addTransceiver('video') : undefined);
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
                    ? directionOf(!listenOnly, !holds)
                    : directionOf(one === video && sendsVideo && !holds, one === video && !holds);
            if (one === audio) await one.sender.replaceTrack(devices.microphone);
            if (one === video) await one.sender.replaceTrack(devices.camera);
            one.sender.setStreams(local);
        }
    }

    /** Takes in what both descriptions say, now that offer and answer are there. @param type what theirs was */
    function settle(type: 'offer' | 'answer'): void {
        const wasAgreed = agreed;
        const shown = behind;
        agreed = true;
        const ours = readSdp(pc.currentLocalDescription?.sdp ?? '');
        const audio = section(theirs, 'audio');
        const holds = (audio && saysHold(audio, type, section(ours, 'audio')?.direction)) ?? heldByThem;
        // A camera that was opened for an offer without video sends to nobody: its light goes out.
        const hadVideo =
            hasVideo || (type === 'answer' ? section(ours, 'video') !== undefined : !wasAgreed && sendsVideo);
        const video = transceiver('video');
        hasVideo = section(theirs, 'video') !== undefined && video !== undefined;
        const gone = hadVideo && !hasVideo;
        if (gone) {
            sendsVideo = false;
            behind &&= { camera: false, sendsVideo: false };
        }
        const asked = type === 'answer' && shown && !held && !holds;
        if (gone || (asked && !sends(video?.currentDirection))) {
            if (wasAgreed && devices.camera) tell({ device: shown ? 'screen' : 'camera', problem: 'refused' });
            void inTurn<unknown>(() => (shown ? unshare() : replace('camera', null)));
        }
        showRemote();
        watch.settled();
        if (!wasAgreed) {
            parts.agreed?.();
            // Without a path: what was gathered after the description had left may be the one that is wanting.
            clock.after(LATE[type], () => {
                if (!watch.isUp() && pc.signalingState === 'stable' && gathering.hasMore()) listener.renegotiate();
            });
        }
        if (holds !== heldByThem) {
            heldByThem = holds;
            listener.heldByThem(holds);
        }
    }

    /** What pictures can come by. */
    function seen(): RTCRtpReceiver | undefined {
        const video = transceiver('video');
        return video && receives(video.currentDirection) ? video.receiver : undefined;
    }

    /** Puts into the remote stream what can come. */
    function showRemote(): void {
        const before = remote.getTracks();
        const wanted = [transceiver('audio')?.receiver, seen()].flatMap((one) => (one ? [one.track] : []));
        for (const track of before) if (!wanted.includes(track)) remote.removeTrack(track);
        for (const track of wanted) remote.addTrack(track);
        listener.streams();
        looked();
    }

    /**
     * Whether pictures come. A camera that was turned off without a re-INVITE is seen by this only: the m-line still says
     * `sendrecv`, and the track stays unmuted. What was seen before a re-INVITE counts until its time is over.
     */
    function looked(): void {
        const receiver = seen();
        const now = clock.now();
        const newest = Math.max(0, ...(receiver?.getSynchronizationSources() ?? []).map((source) => source.timestamp));
        if (newest > newestPicture) {
            newestPicture = newest;
            pictureSeenAt = now;
        }
        const comes = receiver !== undefined && now - pictureSeenAt < PICTURE_TIMEOUT;
        if (comes === remoteVideo) return;
        remoteVideo = comes;
        listener.media({ remoteVideo });
    }

    const session: Session = {
        pc,
        listener,
        signal,
        listenOnly,
        looked,
        reopen,
        equip,

        get sendsVideo() {
            return sendsVideo;
        },

        get hasVideo() {
            return hasVideo;
        },

        get held() {
            return held;
        },

        get transport() {
            return transceiver('audio')?.sender.transport ?? null;
        },

        get expectsSound() {
            return !onHold() && receives(transceiver('audio')?.currentDirection);
        },

        get streams() {
            const filled = (stream: MediaStream): MediaStream | null => (stream.getTracks()[0] ? stream : null);
            return { local: filled(local), remote: filled(remote) };
        },

        get media() {
            return media();
        },

        async createOffer(options = {}) {
            expect('stable');
            if (options.iceRestart) {
                const { iceServers, icePolicy } = host.rules;
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
            await arrange(true);
            await pc.setLocalDescription();
            return await gathering.enough(null, options.urgent);
        },

        async createAnswer() {
            expect('have-remote-offer');
            await arrange(false);
            await pc.setLocalDescription();
            settle('offer');
            return await gathering.enough(theirs);
        },

        async setRemoteDescription({ type, sdp }) {
            const description = checkRemoteSdp(sdp);
            const isOffer = type === 'offer';
            // A browser would roll our own offer back by itself; in SIP that is a matter of 491 (RFC 3261 section 14.1).
            expect(isOffer ? 'stable' : 'have-local-offer');
            const taken = isOffer
                ? refuseOthers(description, host.rules.video)
                : settleRole(sdp, pc.currentLocalDescription?.sdp, pc.currentRemoteDescription?.sdp);
            await pc.setRemoteDescription({ type, sdp: taken });
            theirs = readSdp(taken);
            if (!isOffer) settle(type);
        },

        async rollback() {
            if (pc.signalingState === 'have-local-offer') await pc.setLocalDescription({ type: 'rollback' });
            else if (pc.signalingState === 'have-remote-offer') await pc.setRemoteDescription({ type: 'rollback' });
        },

        hold(on) {
            held = on;
            enable();
        },

        mute(on) {
            muted = on;
            enable();
            if (devices.microphone) listener.media(media());
        },

        camera: (on) =>
            inTurn(async () => {
                if (behind) {
                    behind = { camera: on, sendsVideo: on || behind.sendsVideo };
                    return on && (await unshare());
                }
                if (on === (devices.camera !== null)) return false;
                // What was refused is not offered again.
                if (!on) return await show(null, sendsNow());
                if (!host.rules.video) throw new DeviceError({ device: 'camera', problem: 'blocked-by-site' });
                return await show(await open('camera'), true);
            }),

        async screen(on) {
            if (!on) return await inTurn(unshare);
            if (picking || behind) return false;
            picking = true;
            const track = await openScreen().finally(() => (picking = false));
            if (!track) return false;
            return await inTurn(() => {
                behind = { camera: devices.camera !== null, sendsVideo: sendsNow() };
                return show(track, true);
            });
        },

        sendDigits(digits) {
            const dtmf = transceiver('audio')?.sender.dtmf;
            if (!dtmf?.canInsertDTMF) return false;
            // A new call replaces what is still to be sent: take it along.
            const tones = dtmf.toneBuffer + digits.toUpperCase().replace(/[^0-9*#A-D]/gu, '');
            if (tones) dtmf.insertDTMF(tones, DIGIT, PAUSE);
            return true;
        },

        succeed() {
            mediaDevices()?.addEventListener(
                'devicechange',
                () => {
                    if (!devices.microphone) reopen('microphone');
                },
                { signal },
            );
            if (before && !signal.aborted) {
                // A camera or screen that came while this session did is to be described.
                const added = before.sendsVideo && !parts.sendsVideo;
                sendsVideo ||= added;
                const estate = before.leave();
                ({ muted, behind } = estate);
                equip(estate.tracks);
                void inTurn(() => {
                    listener.media(media());
                    if (added) listener.renegotiate();
                });
            }
            host.sessions.set(callId, session);
        },

        leave() {
            const estate = { tracks: { ...devices }, muted, behind };
            devices.microphone = devices.camera = null;
            end.abort();
            return estate;
        },

        close() {
            end.abort();
        },
    };

    const gathering = followGathering(pc, clock, signal, host.silent);
    for (const device of DEVICES) void replace(device, parts.tracks[device]);
    const watch = watchOver(session);
    signal.addEventListener('abort', () => {
        stop(devices);
        pc.close();
        if (host.sessions.get(callId) === session) host.sessions.delete(callId);
    });
    return session;
}
