/**
 * Whether media flows: watches ICE, DTLS and the packets that come in. ICE alone notices a loss only after 5 to 9 seconds, and
 * packets alone do not tell a silent telephone from a cable that was cut.
 */
import type { Clock, MediaSessionListener } from '../contract/index.js';

/** What is watched, and who is told. */
export interface Watched {
    readonly pc: RTCPeerConnection;
    /** Of the wall: it counts what passes while the machine sleeps. */
    readonly clock: Clock;
    readonly listener: Pick<MediaSessionListener, 'connected' | 'interrupted' | 'failed'>;
    /** Ends it. */
    readonly signal: AbortSignal;
    /** The transport of the audio, where there is one. */
    transport(): RTCDtlsTransport | null;
    /** Whether they are to send sound: neither side holds, and the descriptions say so. */
    expects(): boolean;
}

/** How often we look, and how long nothing may come before media counts as interrupted (DTX sends every 400 ms), in ms. */
const LOOK = 500;
const SILENCE = 1000;
/** How long ICE may be `disconnected` before it counts as failed, in ms. */
const BROKEN = 2000;

/** The watch over one peer connection. */
export class Watch {
    private state: RTCPeerConnectionState = 'new';
    private known: RTCDtlsTransport | null = null;
    /** Whether it was told to be connected, and not to be interrupted since. */
    up = false;
    private failed = false;
    private looking = false;
    private packets = 0;
    private signs = 0;
    /** When the last packet of sound or pictures came, 0: none that another would have to follow; and any sign of life. */
    private heardAt = 0;
    private aliveAt = 0;
    /** They have been silent while the path was alive: that they send nothing says nothing. */
    private taciturn = false;
    private cancelBroken = (): void => undefined;
    private cancelLook = (): void => undefined;

    constructor(private readonly watched: Watched) {
        const { pc, signal } = watched;
        pc.addEventListener('connectionstatechange', () => this.changed(), { signal });
        signal.addEventListener('abort', () => {
            this.cancelBroken();
            this.cancelLook();
        });
    }

    /** The audio may have another transport now: descriptions were exchanged. */
    settled(): void {
        const { signal } = this.watched;
        const dtls = this.watched.transport();
        if (dtls !== null && dtls !== this.known) {
            this.known = dtls;
            for (const transport of [dtls, dtls.iceTransport] as (EventTarget | undefined)[])
                transport?.addEventListener('statechange', () => this.changed(), { signal });
        }
        this.changed();
    }

    /**
     * How the audio stands. A video stream with a transport of its own that does not come up (baresip starts none for a
     * camera that is added later) must not end the call.
     */
    private get connection(): RTCPeerConnectionState {
        const { pc } = this.watched;
        const dtls = this.watched.transport();
        const ice = dtls?.iceTransport;
        // With every path up, the audio's is, whether or not its own event has come yet
        if (!dtls || !ice || pc.connectionState === 'connected') return pc.connectionState;
        if (dtls.state === 'failed' || ice.state === 'failed') return 'failed';
        if (ice.state === 'disconnected') return 'disconnected';
        const open = ice.state === 'connected' || ice.state === 'completed';
        return open && dtls.state === 'connected' ? 'connected' : 'connecting';
    }

    private changed(): void {
        const { clock, listener, signal } = this.watched;
        const state = this.connection;
        if (state === this.state || signal.aborted) return;
        this.state = state;
        this.cancelBroken();
        if (state === 'connected') {
            if (!this.up || this.failed) this.comesUp();
            if (!this.looking) void this.look();
        } else if (state === 'failed' || state === 'disconnected') {
            this.cancelBroken = clock.after(state === 'failed' ? 0 : BROKEN, () => {
                this.failed = true;
                listener.failed(this.watched.transport()?.state !== 'failed');
            });
        }
    }

    private comesUp(): void {
        this.up = true;
        this.failed = false;
        this.heardAt = 0;
        this.aliveAt = this.watched.clock.now();
        this.watched.listener.connected();
    }

    private async look(): Promise<void> {
        this.looking = true;
        const { clock, listener, signal } = this.watched;
        const { packets, signs } = await this.count();
        if (signal.aborted) return;
        const now = clock.now();
        const heard = packets > this.packets;
        const alive = heard || signs > this.signs;
        this.packets = packets;
        this.signs = signs;
        // Somebody may have set the clock back.
        this.heardAt = !this.watched.expects() ? 0 : heard ? now : Math.min(this.heardAt, now);
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
        this.cancelLook = clock.after(LOOK, () => void this.look());
    }

    /** How much has come: packets of sound and pictures; and signs of life beside them (STUN, RTCP). */
    private async count(): Promise<{ packets: number; signs: number }> {
        let [packets, signs] = [0, 0];
        for (const [, report] of (await this.watched.pc.getStats()) as unknown as Map<
            string,
            RTCInboundRtpStreamStats & RTCIceCandidatePairStats
        >) {
            if (report.type === 'inbound-rtp') packets += report.packetsReceived ?? 0;
            const { responsesReceived = 0, requestsReceived = 0, bytesReceived = 0 } = report;
            if (report.type === 'candidate-pair') signs += responsesReceived + requestsReceived + bytesReceived;
        }
        return { packets, signs };
    }
}
