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
import { testMedia } from './connection-test.js';
import { Devices, stop } from './devices.js';
import { Certificates } from './certificates.js';
import { usableServers } from './ice-servers.js';
import { Preview } from './preview.js';
import { Session, type SessionParts } from './session.js';

const NO_STREAMS: CallStreams = { local: null, remote: null };

/** See {@link MediaEngine}. */
export class Engine implements MediaEngine {
    private readonly devices: Devices;
    private readonly looks: Preview;
    private readonly sessions = new Map<CallId, Session>();
    private readonly certificates = new Certificates();
    /** The openings that are under way; aborting one makes it let go what it gets. */
    private readonly openings = new Map<CallId, AbortController>();
    private readonly silent = new Set<string>();
    private testing: Promise<void> | null = null;
    private readonly end = new AbortController();
    private rules: { iceServers: readonly IceServer[]; icePolicy: 'all' | 'relay'; video: boolean } = {
        iceServers: [],
        icePolicy: 'all',
        video: true,
    };

    constructor(
        private readonly listener: MediaEngineListener,
        private readonly clock: Clock,
    ) {
        this.devices = new Devices((devices) => listener.devices(devices));
        this.looks = new Preview(this.devices, listener);
        void this.devices.refresh();
        // On another network a server may answer that did not.
        globalThis.addEventListener('online', () => this.silent.clear(), { signal: this.end.signal });
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
            const session = this.make(callId, listener, {
                certificate,
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
        } finally {
            if (this.openings.get(callId) === opening) this.openings.delete(callId);
        }
    }

    async renew(callId: CallId, was: Media, listener: MediaSessionListener): Promise<MediaSession> {
        const certificate = await this.certificate(callId, false);
        const before = this.sessions.get(callId);
        const listenOnly = before?.parts.listenOnly ?? was.microphone === 'none';
        const { sendsVideo, hasVideo } = before ?? { sendsVideo: was.camera === 'on', hasVideo: was.remoteVideo };
        const session = this.make(callId, listener, {
            certificate,
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
                        () => session.devicesChosen({ microphone: true, camera: false }),
                    );
            },
        });
        return session;
    }

    session(callId: CallId): MediaSession | undefined {
        return this.sessions.get(callId);
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
        const changed = {
            microphone: choice.microphone !== before.microphone,
            camera: choice.camera !== before.camera,
        };
        for (const session of this.sessions.values()) session.devicesChosen(changed);
        this.looks.devicesChosen(changed);
    }

    preview(wanted: { readonly microphone: boolean; readonly camera: boolean }): Promise<void> {
        return this.looks.show(wanted);
    }

    streams(callId: CallId): CallStreams {
        return callId === PREVIEW ? this.looks.streams : (this.sessions.get(callId)?.streams ?? NO_STREAMS);
    }

    test(tell: (check: CheckResult) => void): Promise<void> {
        const { devices, rules, clock } = this;
        return (this.testing ??= testMedia({ devices, rules, clock, signal: this.end.signal, tell }).finally(() => {
            this.testing = null;
        }));
    }

    dispose(): void {
        this.end.abort();
        for (const opening of this.openings.values()) opening.abort();
        for (const session of [...this.sessions.values()]) session.close();
        this.looks.dispose();
        this.devices.dispose();
    }

    /** A browser that makes none for us lets each peer connection make its own. */
    private certificate(callId: CallId, isNew: boolean): Promise<RTCCertificate | undefined> {
        return this.certificates.of(callId, isNew).catch(() => undefined);
    }

    private make(
        callId: CallId,
        listener: MediaSessionListener,
        {
            certificate,
            ...parts
        }: Pick<SessionParts, 'agreed' | 'before' | 'tracks' | 'listenOnly' | 'sendsVideo' | 'hasVideo'> & {
            readonly certificate: RTCCertificate | undefined;
        },
    ): Session {
        const session: Session = new Session({
            ...parts,
            pc: this.connect(certificate && [certificate]),
            silent: this.silent,
            devices: this.devices,
            clock: this.clock,
            listener,
            rules: () => this.rules,
            succeeds: () => this.sessions.set(callId, session),
            closed: () => {
                if (this.sessions.get(callId) === session) this.sessions.delete(callId);
            },
        });
        return session;
    }

    private connect(certificates: RTCCertificate[] = []): RTCPeerConnection {
        const connect = (servers: readonly IceServer[]): RTCPeerConnection =>
            new RTCPeerConnection({
                iceServers: servers as RTCIceServer[],
                iceTransportPolicy: this.rules.icePolicy,
                // A peer that does not bundle (baresip) gets a transport for each of audio and video.
                bundlePolicy: 'balanced',
                certificates,
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
