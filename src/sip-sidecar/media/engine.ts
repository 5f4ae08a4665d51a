/** The devices of the page, the preview, and one session for each call. */
import type {
    CallId,
    CallStreams,
    CheckResult,
    Clock,
    DeviceChoice,
    IceServer,
    Media,
    MediaEngine,
    MediaEngineListener,
    MediaSession,
    MediaSessionListener,
} from '../contract/index.js';
import { PREVIEW } from '../contract/index.js';
import { Certificates } from './certificates.js';
import { testMedia, type MediaTest } from './connection-test.js';
import { Devices, stop } from './devices.js';
import { usableServers, type UsableServer } from './ice-servers.js';
import { Preview } from './preview.js';
import { DEVICES } from './problems.js';
import { Session, type MediaRules, type SessionHost } from './session.js';

const NO_STREAMS: CallStreams = { local: null, remote: null };

/** See {@link MediaEngine}. */
export class Engine implements MediaEngine, SessionHost, MediaTest {
    readonly devices: Devices;
    readonly sessions = new Map<CallId, Session>();
    readonly silent = new Set<string>();
    rules: MediaRules = { iceServers: [], icePolicy: 'all', video: true };
    private readonly looks: Preview;
    private readonly certificates = new Certificates();
    /** Of every call that was opened here; aborting one makes an opening that is under way let go what it gets. */
    private readonly openings = new Map<CallId, AbortController>();
    private testing: Promise<void> | null = null;
    private readonly end = new AbortController();
    readonly signal = this.end.signal;

    constructor(
        private readonly listener: MediaEngineListener,
        readonly clock: Clock,
    ) {
        const { signal } = this;
        this.devices = new Devices((devices) => listener.devices(devices), signal);
        this.looks = new Preview(this.devices, listener);
        void this.devices.refresh();
        // On another network a server may answer that did not.
        globalThis.addEventListener('online', () => this.silent.clear(), { signal });
    }

    async open(
        callId: CallId,
        wanted: { readonly video: boolean; readonly listenOnly: boolean },
        listener: MediaSessionListener,
    ): Promise<MediaSession> {
        this.close(callId);
        const { listenOnly } = wanted;
        const opening = new AbortController();
        const { signal } = opening;
        this.openings.set(callId, opening);
        const opened = this.devices.open({ microphone: !listenOnly, camera: wanted.video && this.rules.video }, signal);
        try {
            const [tracks, certificate] = await Promise.all([opened, this.certificate(callId, true)]);
            signal.throwIfAborted();
            const session = new Session(this, {
                callId,
                listener,
                pc: this.connect(certificate),
                tracks,
                listenOnly,
                sendsVideo: tracks.camera !== null,
                hasVideo: false,
            });
            session.succeed();
            listener.media(session.media);
            return session;
        } catch (error) {
            opened.then(stop, () => undefined);
            throw error;
        }
    }

    async renew(callId: CallId, was: Media, listener: MediaSessionListener): Promise<MediaSession> {
        const certificate = await this.certificate(callId, false);
        const before = this.sessions.get(callId);
        const listenOnly = before?.parts.listenOnly ?? was.microphone === 'none';
        const { sendsVideo, hasVideo } = before ?? { sendsVideo: was.camera === 'on', hasVideo: was.remoteVideo };
        const session = new Session(this, {
            callId,
            listener,
            pc: this.connect(certificate),
            tracks: { microphone: null, camera: null },
            before,
            listenOnly,
            sendsVideo,
            hasVideo,
            // Whoever is not there yet is called again and again: no device is opened for that.
            agreed: () => {
                if (before) return;
                this.devices
                    .open({ microphone: !listenOnly, camera: sendsVideo && this.rules.video }, session.signal)
                    .then(
                        (tracks) => session.equip(tracks),
                        () => session.reopen('microphone'),
                    );
            },
        });
        return session;
    }

    close(callId: CallId): void {
        this.openings.get(callId)?.abort();
        this.openings.delete(callId);
        this.sessions.get(callId)?.close();
        this.certificates.forget(callId);
    }

    configure(options: {
        readonly iceServers: readonly IceServer[];
        readonly icePolicy: 'all' | 'relay';
        readonly video: boolean;
    }): void {
        this.rules = {
            ...options,
            iceServers: usableServers(options.iceServers, (detail) => this.listener.notice(detail)),
        };
    }

    chooseDevices(choice: DeviceChoice): void {
        const before = this.devices.choice;
        this.devices.choice = choice;
        for (const device of DEVICES)
            if (choice[device] !== before[device])
                for (const one of [...this.sessions.values(), this.looks]) one.reopen(device);
    }

    preview(wanted: { readonly microphone: boolean; readonly camera: boolean }): Promise<void> {
        return this.looks.show(wanted);
    }

    streams(callId: CallId): CallStreams {
        return callId === PREVIEW ? this.looks.streams : (this.sessions.get(callId)?.streams ?? NO_STREAMS);
    }

    test(tell: (check: CheckResult) => void): Promise<void> {
        return (this.testing ??= testMedia(this, tell).finally(() => {
            this.testing = null;
        }));
    }

    dispose(): void {
        this.end.abort();
        for (const opening of this.openings.values()) opening.abort();
        for (const session of this.sessions.values()) session.close();
        void this.looks.show({});
    }

    /** A browser that makes none for us lets each peer connection make its own. */
    private certificate(callId: CallId, isNew: boolean): Promise<RTCCertificate | undefined> {
        return this.certificates.of(callId, isNew).catch(() => undefined);
    }

    private connect(certificate: RTCCertificate | undefined): RTCPeerConnection {
        const connect = (iceServers: readonly UsableServer[]): RTCPeerConnection =>
            new RTCPeerConnection({
                iceServers: iceServers as UsableServer[],
                iceTransportPolicy: this.rules.icePolicy,
                // A peer that does not bundle (baresip) gets a transport for each of audio and video.
                bundlePolicy: 'balanced',
                certificates: certificate ? [certificate] : [],
            });
        try {
            return connect(this.rules.iceServers);
        } catch {
            // One that this browser does not like (Firefox: a blocked port) must not cost the call.
            const iceServers = this.rules.iceServers.filter((server) => {
                try {
                    connect([server]).close();
                    return true;
                } catch (error) {
                    this.listener.notice(`a STUN or TURN server is left out: ${String(error)}`);
                    return false;
                }
            });
            this.rules = { ...this.rules, iceServers };
            return connect(iceServers);
        }
    }
}
