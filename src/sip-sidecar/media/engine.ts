/** The devices of the page, the preview, and one session for each call. */
import type { CallId, CallStreams, Clock, MediaEngine, MediaEngineListener } from '../contract/index.js';
import { pageClock, PREVIEW } from '../contract/index.js';
import { createCertificates } from './certificates.js';
import { testMedia, type MediaTest } from './connection-test.js';
import { createDevices, stop } from './devices.js';
import { usableServers, type UsableServer } from './ice-servers.js';
import { createPreview } from './preview.js';
import { DEVICES } from './problems.js';
import { createSession, type Session, type SessionHost } from './session.js';

const NO_STREAMS: CallStreams = { local: null, remote: null };

/** See {@link MediaEngine}. */
export interface Engine extends MediaEngine {
    readonly sessions: ReadonlyMap<CallId, Session>;
    readonly silent: ReadonlySet<string>;
}

/** Only differences of times count here: they must not jump when somebody sets the machine's clock. */
const steadyClock: Clock = { ...pageClock, now: () => performance.now() };

/** Makes the one engine of a page. @param clock the browser's, but for specs */
export function createMediaEngine(listener: MediaEngineListener, clock: Clock = steadyClock): Engine {
    const end = new AbortController();
    const { signal } = end;
    const devices = createDevices((list) => listener.devices(list), signal);
    const sessions = new Map<CallId, Session>();
    const silent = new Set<string>();
    const host: SessionHost & MediaTest = {
        devices,
        clock,
        signal,
        sessions,
        silent,
        rules: { iceServers: [], icePolicy: 'all', video: true },
    };
    const looks = createPreview(devices, listener);
    const certificates = createCertificates();
    /** Of every call that was opened here; aborting one makes an opening that is under way let go what it gets. */
    const openings = new Map<CallId, AbortController>();
    let testing: Promise<void> | null = null;

    /** A browser that makes none for us lets each peer connection make its own. */
    const certificateOf = (callId: CallId, isNew: boolean): Promise<RTCCertificate | undefined> =>
        certificates.of(callId, isNew).catch(() => undefined);

    function connect(certificate: RTCCertificate | undefined): RTCPeerConnection {
        const { rules } = host;
        const make = (iceServers: readonly UsableServer[]): RTCPeerConnection =>
            new RTCPeerConnection({
                iceServers: iceServers as UsableServer[],
                iceTransportPolicy: rules.icePolicy,
                // A peer that does not bundle (baresip) gets a transport for each of audio and video.
                bundlePolicy: 'balanced',
                certificates: certificate ? [certificate] : [],
            });
        try {
            return make(rules.iceServers);
        } catch {
            // One that this browser does not like (Firefox: a blocked port) must not cost the call.
            const iceServers = rules.iceServers.filter((server) => {
                try {
                    make([server]).close();
                    return true;
                } catch (error) {
                    listener.notice(`a STUN or TURN server is left out: ${String(error)}`);
                    return false;
                }
            });
            host.rules = { ...rules, iceServers };
            return make(iceServers);
        }
    }

    function close(callId: CallId): void {
        openings.get(callId)?.abort();
        openings.delete(callId);
        sessions.get(callId)?.close();
        certificates.forget(callId);
    }

    void devices.refresh();
    // On another network a server may answer that did not.
    globalThis.addEventListener('online', () => silent.clear(), { signal });

    return {
        sessions,
        silent,
        close,
        preview: (wanted) => looks.show(wanted),

        async open(callId, { video, listenOnly }, told) {
            close(callId);
            const opening = new AbortController();
            const { signal } = opening;
            openings.set(callId, opening);
            const opened = devices.open({ microphone: !listenOnly, camera: video && host.rules.video }, signal);
            try {
                const [tracks, certificate] = await Promise.all([opened, certificateOf(callId, true)]);
                signal.throwIfAborted();
                const session = createSession(host, {
                    callId,
                    listener: told,
                    pc: connect(certificate),
                    tracks,
                    listenOnly,
                    sendsVideo: tracks.camera !== null,
                    hasVideo: false,
                });
                session.succeed();
                told.media(session.media);
                return session;
            } catch (error) {
                opened.then(stop, () => undefined);
                throw error;
            }
        },

        async renew(callId, was, told) {
            const certificate = await certificateOf(callId, false);
            const before = sessions.get(callId);
            const listenOnly = before?.listenOnly ?? was.microphone === 'none';
            const sendsVideo = before?.sendsVideo ?? was.camera === 'on';
            const session = createSession(host, {
                callId,
                listener: told,
                pc: connect(certificate),
                tracks: { microphone: null, camera: null },
                before,
                listenOnly,
                sendsVideo,
                hasVideo: before?.hasVideo ?? was.remoteVideo,
                // Whoever is not there yet is called again and again: no device is opened for that.
                agreed: () => {
                    if (before) return;
                    devices
                        .open({ microphone: !listenOnly, camera: sendsVideo && host.rules.video }, session.signal)
                        .then(
                            (tracks) => session.equip(tracks),
                            () => session.reopen('microphone'),
                        );
                },
            });
            return session;
        },

        configure(options) {
            host.rules = {
                ...options,
                iceServers: usableServers(options.iceServers, (detail) => listener.notice(detail)),
            };
        },

        chooseDevices(choice) {
            const before = devices.choice;
            devices.choice = choice;
            for (const device of DEVICES)
                if (choice[device] !== before[device])
                    for (const one of [...sessions.values(), looks]) one.reopen(device);
        },

        streams: (callId) => (callId === PREVIEW ? looks.streams() : (sessions.get(callId)?.streams ?? NO_STREAMS)),

        test: (tell) =>
            (testing ??= testMedia(host, tell).finally(() => {
                testing = null;
            })),

        dispose() {
            end.abort();
            for (const opening of openings.values()) opening.abort();
            for (const session of sessions.values()) session.close();
            void looks.show({});
        },
    };
}
