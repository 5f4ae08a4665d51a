/**
 * Whether media flows, and how well: watches ICE, DTLS and the packets that come in. ICE alone notices a loss only after 5 to
 * 9 seconds, and packets alone do not tell a silent telephone from a cable that was cut.
 */
import { pageClock, type MediaSessionListener } from '../contract/index.js';
import { judge, read, type Reading } from './quality.js';

/** What is watched, and who is told. */
export interface Watched {
    readonly pc: RTCPeerConnection;
    readonly listener: Pick<MediaSessionListener, 'connected' | 'interrupted' | 'failed' | 'quality'>;
    /** Ends it. */
    readonly signal: AbortSignal;
    /** The transport of the audio, where there is one. */
    readonly transport: RTCDtlsTransport | null;
    /** Whether they are to send sound: neither side holds, and the descriptions say so. */
    readonly expectsSound: boolean;
    /** Called every {@link LOOK} from the first time on that it is connected. */
    looked(): void;
}

/** How often we look, and how long nothing may come before media counts as interrupted (DTX sends every 400 ms), in ms. */
export const LOOK = 250;
const SILENCE = 1000;
/** How long ICE may be `disconnected` before it counts as failed, in ms. */
const BROKEN = 2000;
/** Between how many looks the quality is measured: every 2 s. */
const LOOKS_PER_QUALITY = 8;
const NOTHING = read([]);

/** Watches one peer connection. @param clock of the wall: it counts what passes while the machine sleeps */
export function watchOver(watched: Watched, clock = pageClock) {
    const { pc, listener, signal } = watched;
    let known: RTCPeerConnectionState = 'new';
    /** Whether it was told to be connected, and not to be interrupted since. */
    let up = false;
    let failed = false;
    /** What was read since the quality was told; while it is not {@link up} the newest alone. */
    let readings: readonly Reading[] = [];
    /** When the last packet of sound or pictures came, 0: none that another would have to follow; and any sign of life. */
    let heardAt = 0;
    let aliveAt = 0;
    /** They have been silent while the path was alive: that they send nothing says nothing. */
    let taciturn = false;
    let cancelBroken = (): void => undefined;

    /**
     * How the audio stands. A video stream with a transport of its own that does not come up (baresip starts none for a
     * camera that is added later) must not end the call.
     */
    function connection(): RTCPeerConnectionState {
        const { transport: dtls } = watched;
        const ice = dtls?.iceTransport;
        // With every path up, the audio's is, whether or not its own event has come yet
        if (!dtls || !ice || pc.connectionState === 'connected') return pc.connectionState;
        if (dtls.state === 'failed' || ice.state === 'failed') return 'failed';
        if (ice.state === 'disconnected') return 'disconnected';
        const open = ice.state === 'connected' || ice.state === 'completed';
        return open && dtls.state === 'connected' ? 'connected' : 'connecting';
    }

    function changed(): void {
        const state = connection();
        if (state === known || signal.aborted) return;
        known = state;
        cancelBroken();
        if (state === 'connected') {
            if (!up || failed) comesUp();
            if (!readings[0]) {
                readings = [NOTHING];
                void look();
            }
        } else if (state === 'failed' || state === 'disconnected') {
            cancelBroken = clock.after(state === 'failed' ? 0 : BROKEN, () => {
                if (signal.aborted) return;
                failed = true;
                listener.failed(watched.transport?.state !== 'failed');
            });
        }
    }

    function comesUp(): void {
        up = true;
        failed = false;
        heardAt = 0;
        aliveAt = clock.now();
        listener.connected();
    }

    async function look(): Promise<void> {
        const reading = read(await pc.getStats().catch(() => []));
        if (signal.aborted) return;
        const now = clock.now();
        const [first = NOTHING] = readings;
        const before = readings.at(-1) ?? NOTHING;
        const heard = reading.packets > before.packets;
        const alive = heard || reading.signs > before.signs;
        // Somebody may have set the clock back.
        heardAt = !watched.expectsSound ? 0 : heard ? now : Math.min(heardAt, now);
        aliveAt = alive ? now : Math.min(aliveAt, now);
        const waits = heardAt > 0 && !taciturn;
        const since = waits ? heardAt : aliveAt;
        if (up) {
            // Who need not send is gone when ICE, which asks for consent (RFC 7675), says so.
            if (now - since >= SILENCE && (waits || known !== 'connected')) {
                up = false;
                listener.interrupted(since);
            }
        } else if (alive && known === 'connected') {
            taciturn ||= !heard;
            comesUp();
        }
        readings = up ? [...readings, reading] : [reading];
        if (readings.length > LOOKS_PER_QUALITY) {
            const quality = judge(first, reading);
            if (quality) listener.quality(quality);
            readings = [reading];
        }
        watched.looked();
        clock.after(LOOK, () => void look());
    }

    pc.addEventListener('connectionstatechange', changed, { signal });

    return {
        isUp: (): boolean => up,

        /** The audio may have another transport now: descriptions were exchanged. */
        settled(): void {
            const { transport } = watched;
            for (const one of [transport, transport?.iceTransport] as (EventTarget | undefined)[])
                one?.addEventListener('statechange', changed, { signal });
            changed();
        },
    };
}
