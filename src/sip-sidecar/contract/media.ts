/**
 * What the agent (signalling) asks of media (devices and peer connections): two interfaces, so that neither knows the
 * other. Not part of the port: streams and promises do not leave the sidecar this way.
 */
import type { DeviceProblem, Media } from './call-state.js';
import type { CheckResult } from './checks.js';
import type { CallId, CallStreams, Device, DeviceChoice, IceServer, Quality } from './port.js';

/** Thrown by {@link MediaEngine.open} and {@link MediaSession.camera}: a device is wanting. */
export class DeviceError extends Error {
    constructor(readonly problem: DeviceProblem) {
        super(`${problem.device}: ${problem.problem}`);
        this.name = 'DeviceError';
    }
}

/** A session description as SIP carries it. */
export interface Description {
    readonly type: 'offer' | 'answer';
    readonly sdp: string;
}

/** What a media session tells the agent. */
export interface MediaSessionListener {
    /** ICE and DTLS are through (again). */
    connected(): void;
    /**
     * No packet came for a while where one had to, or ICE is `disconnected` and nothing came. It may come back by itself.
     * @param since when the last sign of life came, in ms since the epoch
     */
    interrupted(since: number): void;
    /**
     * ICE is `failed`, or `disconnected` for long; perhaps packets still come.
     * @param repairable whether a new offer with `iceRestart` may bring it back; else DTLS has failed
     */
    failed(repairable: boolean): void;
    /** How well it is heard, every few seconds while media flows. */
    quality(quality: Quality): void;
    /** A change of what is sent that nobody here asked for (the browser ended a shared screen) needs a re-INVITE. */
    renegotiate(): void;
    /** What is sent or received has changed. */
    media(change: Partial<Media>): void;
    /** {@link MediaSession.streams} has changed. */
    streams(): void;
    /** The other side holds or resumes: the directions of its descriptions say so (RFC 3264 section 8.4). */
    heldByThem(on: boolean): void;
    /** A device went away or failed while the call was up (null: works again). */
    problem(problem: DeviceProblem | null): void;
}

/** The media of one call: one RTCPeerConnection and its tracks. */
export interface MediaSession {
    /**
     * An offer with candidates, gathered by the rule of DESIGN.md "Numbers": never waits for a dead STUN server, never
     * leaves without a usable candidate. `urgent`: leaves with the first usable one.
     */
    createOffer(options?: { readonly iceRestart?: boolean; readonly urgent?: boolean }): Promise<string>;
    /** The answer to the remote offer that was set, gathered by the same rule. */
    createAnswer(): Promise<string>;
    /** @throws where the description cannot be used (the agent answers 488) */
    setRemoteDescription(description: Description): Promise<void>;
    /** Undoes an offer that was refused; does nothing in any other state. */
    rollback(): Promise<void>;
    /** Changes what the next offer says (RFC 3264 section 8.4) and stops or resumes sending at once. */
    hold(on: boolean): void;
    /** Mutes without renegotiation. */
    mute(on: boolean): void;
    /**
     * Turns the camera on or off.
     * @returns whether a re-INVITE is needed (the call had no video that sends)
     * @throws DeviceError
     */
    camera(on: boolean): Promise<boolean>;
    /**
     * Sends a screen or window in the place of the camera, or ends that. The browser asks the person which one; where they
     * think better of it nothing changes. Ends by itself when the browser's own button stops it.
     * @returns whether a re-INVITE is needed (the call had no video that sends)
     */
    screen(on: boolean): Promise<boolean>;
    /** @returns false where telephone-event was not negotiated (RFC 4733): the agent sends INFO instead */
    sendDigits(digits: string): boolean;
    readonly streams: CallStreams;
    /** Stands for its call from now on: the session before it hands over its devices and ends. See {@link MediaEngine.renew}. */
    succeed(): void;
    /** Ends it: every track stops, the peer connection closes. Safe to call twice. */
    close(): void;
}

/** The devices of this page, and the sessions that use them. */
export interface MediaEngine {
    /**
     * Opens microphone (and camera) for a call and makes its session. With `listenOnly` no microphone is opened.
     * @throws DeviceError before anything was sent; nothing stays open then
     */
    open(
        callId: CallId,
        wanted: { readonly video: boolean; readonly listenOnly: boolean },
        listener: MediaSessionListener,
    ): Promise<MediaSession>;
    /**
     * A further session for a call that goes on, with the same certificate and, for now, without devices: those it takes over
     * when it {@link MediaSession.succeed}s. Until then whoever opened it closes it. For a call that another page had, the
     * devices are opened once descriptions were exchanged; where one is wanting the listener hears of it.
     * @param was what was sent and received: counts where this page has no session of that call
     */
    renew(callId: CallId, was: Media, listener: MediaSessionListener): Promise<MediaSession>;
    /**
     * Ends the session of a call, or its opening where that is still under way (the person has not answered the
     * browser's question yet): {@link open} then rejects at once with an Error that is no DeviceError, and a device that
     * is granted later is let go. Safe to call twice and for a call that has none.
     */
    close(callId: CallId): void;
    configure(options: {
        readonly iceServers: readonly IceServer[];
        readonly icePolicy: 'all' | 'relay';
        readonly video: boolean;
    }): void;
    /** For all calls, now and later; a running call changes by `replaceTrack`, without a re-INVITE. */
    chooseDevices(choice: DeviceChoice): void;
    /** Opens or closes the devices for a look. @throws DeviceError */
    preview(devices: { readonly microphone: boolean; readonly camera: boolean }): Promise<void>;
    streams(callId: CallId): CallStreams;
    /** Runs the checks of the connection test that need no account, one test at a time. Never rejects. */
    test(tell: (check: CheckResult) => void): Promise<void>;
    /** Ends everything and removes every listener. */
    dispose(): void;
}

/** What media tells the sidecar apart from calls. */
export interface MediaEngineListener {
    devices(devices: readonly Device[]): void;
    /** The streams of the preview have changed. */
    previewStreams(): void;
    /** A device of a running preview went away or could not be changed (null: works again). */
    previewProblem?(problem: DeviceProblem | null): void;
    notice(detail: string): void;
}
