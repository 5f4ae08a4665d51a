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

/** The watch over one peer connection. */
export class Watch {
    private state: RTCPeerConnectionState = 'new';
    /** Whether it was told to be connected, and not to be interrupted since. */
    up = false;
    private failed = false;
    /** What was read since the quality was told; while it is not {@link up} the newest alone. */
    private readings: readonly Reading[] = [];
    /** When the last packet of sound or pictures came, 0: none that another would have to follow; and any sign of life. */
    private heardAt = 0;
    private aliveAt = 0;
    /** They have been silent while the path was alive: that they send nothing says nothing. */
    private taciturn = false;
    private cancelBroken = (): void => undefined;

    /** @param clock of the wall: it counts what passes while the machine sleeps */
    constructor(
        private readonly watched: Watched,
        private readonly clock = pageClock,
    ) {
        const { pc, signal } = watched;
        pc.addEventListener('connectionstatechange', this.changed, { signal });
    }

    /** The audio may have another transport now: descriptions were exchanged. */
    settled(): void {
        const { signal, transport } = this.watched;
        for (const one of [transport, transport?.iceTransport] as (EventTarget | undefined)[])
            one?.addEventListener('statechange', this.changed, { signal });
        this.changed();
    }

    /**
     * How the audio stands. A video stream with a transport of its own that does not come up (baresip starts none for a
     * camera that is added later) must not end the call.
     */
    private get connection(): RTCPeerConnectionState {
        const { pc, transport: dtls } = this.watched;
        const ice = dtls?.iceTransport;
        // With every path up, the audio's is, whether or not its own event has come yet
        if (!dtls || !ice || pc.connectionState === 'connected') return pc.connectionState;
        if (dtls.state === 'failed' || ice.state === 'failed') return 'failed';
        if (ice.state === 'disconnected') return 'disconnected';
        const open = ice.state === 'connected' || ice.state === 'completed';
        return open && dtls.state === 'connected' ? 'connected' : 'connecting';
    }

    private readonly changed = (): void => {
        const { listener, signal } = this.watched;
        const state = this.connection;
        if (state === this.state || signal.aborted) return;
        this.state = state;
        this.cancelBroken();
        if (state === 'connected') {
            if (!this.up || this.failed) this.comesUp();
            if (!this.readings[0]) {
                this.readings = [NOTHING];
                void this.look();
            }
        } else if (state === 'failed' || state === 'disconnected') {
            this.cancelBroken = this.clock.after(state === 'failed' ? 0 : BROKEN, () => {
                if (signal.aborted) return;
                this.failed = true;
                listener.failed(this.watched.transport?.state !== 'failed');
            });
        }
    };

    private comesUp(): void {
        this.up = true;
        this.failed = false;
        this.heardAt = 0;
        this.aliveAt = this.clock.now();
        this.watched.listener.connected();
    }

    private async look(): Promise<void> {
        const { watched } = this;
        const { pc, listener, signal } = watched;
        const reading = read(await pc.getStats().catch(() => []));
        if (signal.aborted) return;
        const now = this.clock.now();
        const [first = NOTHING] = this.readings;
        const before = this.readings.at(-1) ?? NOTHING;
        const heard = reading.packets > before.packets;
        const alive = heard || reading.signs > before.signs;
        // Somebody may have set the clock back.
        this.heardAt = !watched.expectsSound ? 0 : heard ? now : Math.min(this.heardAt, now);
        this.aliveAt = alive ? now : Math.min(this.aliveAt, now);
        const waits = this.heardAt > 0 && !this.taciturn;
        const since = waits ? this.heardAt : this.aliveAt;
        if (this.up) {
            // Who need not send is gone when ICE, which asks for consent (RFC 7675), says so.
            if (now - since >= SILENCE && (waits || this.state !== 'connected')) {
                this.up = false;
                listener.interrupted(since);
            }
        } else if (alive && this.state === 'connected') {
            this.taciturn ||= !heard;
            this.comesUp();
        }
        this.readings = this.up ? [...this.readings, reading] : [reading];
        if (this.readings.length > LOOKS_PER_QUALITY) {
            const quality = judge(first, reading);
            if (quality) listener.quality(quality);
            this.readings = [reading];
        }
        watched.looked();
        this.clock.after(LOOK, () => void this.look());
    }
}
