/** The devices of the page, the preview, and one session for each call. */
import type {
    CallId,
    CallStreams,
    Clock,
    DeviceChoice,
    IceServer,
    MediaEngine,
    MediaEngineListener,
    MediaSession,
    MediaSessionListener,
} from '../contract/index.js';
import { PREVIEW } from '../contract/index.js';
import { Devices, stop } from './devices.js';
import { usableServers } from './ice-servers.js';
import { Preview } from './preview.js';
import { Session } from './session.js';

const NO_STREAMS: CallStreams = { local: null, remote: null };

/** See {@link MediaEngine}. */
export class Engine implements MediaEngine {
    private readonly devices: Devices;
    private readonly looks: Preview;
    private readonly sessions = new Map<CallId, Session>();
    /** The openings that are under way; aborting one makes it let go what it gets. */
    private readonly openings = new Map<CallId, AbortController>();
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
    }

    async open(
        callId: CallId,
        wanted: { readonly video: boolean; readonly listenOnly: boolean },
        listener: MediaSessionListener,
    ): Promise<MediaSession> {
        this.close(callId);
        const opening = new AbortController();
        this.openings.set(callId, opening);
        const { signal } = opening;
        const closed = new Promise<never>((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('The call was closed.')));
        });
        const camera = wanted.video && this.rules.video;
        const opened = this.devices.open({ microphone: !wanted.listenOnly, camera }).then((tracks) => {
            if (signal.aborted) stop(tracks.microphone, tracks.camera);
            return tracks;
        });
        try {
            const tracks = await Promise.race([opened, closed]);
            try {
                signal.throwIfAborted();
                const session: Session = new Session({
                    pc: this.connect(),
                    tracks,
                    listenOnly: wanted.listenOnly,
                    devices: this.devices,
                    clock: this.clock,
                    listener,
                    rules: () => this.rules,
                    closed: () => {
                        if (this.sessions.get(callId) === session) this.sessions.delete(callId);
                    },
                });
                this.sessions.set(callId, session);
                listener.media(session.media);
                return session;
            } catch (error) {
                stop(tracks.microphone, tracks.camera);
                throw error;
            }
        } finally {
            if (this.openings.get(callId) === opening) this.openings.delete(callId);
        }
    }

    session(callId: CallId): MediaSession | undefined {
        return this.sessions.get(callId);
    }

    close(callId: CallId): void {
        this.openings.get(callId)?.abort();
        this.openings.delete(callId);
        this.sessions.get(callId)?.close();
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

    dispose(): void {
        for (const callId of [...this.openings.keys(), ...this.sessions.keys()]) this.close(callId);
        this.looks.dispose();
        this.devices.dispose();
    }

    private connect(): RTCPeerConnection {
        const connect = (servers: readonly IceServer[]): RTCPeerConnection =>
            new RTCPeerConnection({
                iceServers: servers as RTCIceServer[],
                iceTransportPolicy: this.rules.icePolicy,
                // A peer that does not bundle (baresip) gets a transport for each of audio and video.
                bundlePolicy: 'balanced',
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
