/** How well a call is heard: two readings of a peer connection's statistics (W3C webrtc-stats) become a {@link Quality}. */
import { cleanText, type Clock, type Quality } from '../contract/index.js';

/** What we read of the statistics; the other side has a say in many of them, so nothing is taken unseen. */
export interface Reading {
    /** Packets of sound that came, and that did not. */
    readonly received: number;
    readonly lost: number;
    /** In ms. */
    readonly jitter: number;
    readonly roundTrip: number | null;
    readonly codecs: readonly string[];
    readonly relayed: boolean | null;
}

/** How often it is measured, in ms. */
export const QUALITY_INTERVAL = 2000;
const MAX_CODECS = 4;

/**
 * The levels by the rating R of the E-model (ITU-T G.107), as ITU-T G.109 table 1 divides them: from 80 on users are
 * satisfied, below 70 many are not.
 */
const LEVELS = [
    [80, 'good'],
    [70, 'fair'],
] as const;
/** R0 - Is with the defaults of ITU-T G.107, table 3. */
const BEST = 93.2;
/** Packet-loss robustness of a codec that conceals losses (G.711 with PLC, ITU-T G.113 appendix I). */
const ROBUSTNESS = 25.1;
/** What a frame of 20 ms takes to fill and to play, in ms. */
const FRAME = 20;

/**
 * R by loss and delay alone: Ie,eff of ITU-T G.107 (7-29) for random loss, Id as Cole and Rosenbluth simplify it
 * ("Voice over IP performance monitoring", ACM CCR 31:2, 2001). The jitter buffer is taken for twice the jitter.
 */
function rating({ loss, jitter, roundTrip }: Pick<Quality, 'loss' | 'jitter' | 'roundTrip'>): number {
    const percent = loss * 100;
    const delay = (roundTrip ?? 0) / 2 + 2 * jitter + FRAME;
    return BEST - (95 * percent) / (percent + ROBUSTNESS) - 0.024 * delay - 0.11 * Math.max(0, delay - 177.3);
}

/** @returns null where nothing was to come in between: a call on hold */
export function judge(before: Reading, now: Reading): Quality | null {
    const lost = Math.max(0, now.lost - before.lost);
    const expected = Math.max(0, now.received - before.received) + lost;
    if (expected === 0) return null;
    const { jitter, roundTrip, codecs, relayed } = now;
    const heard = { loss: lost / expected, jitter, roundTrip };
    const level = LEVELS.find(([least]) => rating(heard) >= least)?.[1] ?? 'poor';
    return { level, ...heard, codecs, relayed };
}

type Stat = Readonly<
    Partial<
        Record<
            | 'type'
            | 'kind'
            | 'packetsReceived'
            | 'packetsLost'
            | 'jitter'
            | 'codecId'
            | 'mimeType'
            | 'selected'
            | 'selectedCandidatePairId'
            | 'localCandidateId'
            | 'remoteCandidateId'
            | 'candidateType'
            | 'currentRoundTripTime'
            | 'roundTripTime',
            unknown
        >
    >
>;

const number = (value: unknown): number => (Number.isFinite(value) ? Math.max(0, value as number) : 0);
const seconds = (value: unknown): number | null => (Number.isFinite(value) ? Math.round(number(value) * 1000) : null);

/** Reads a report of `getStats`; what is not there, or is no number, counts as nothing. */
export function read(report: Iterable<readonly [string, object]>): Reading {
    const all = new Map<unknown, Stat>(report);
    const of = (type: string): Stat[] => [...all.values()].filter((one) => one.type === type);
    const at = (id: unknown): Stat | undefined => all.get(id);
    const inbound = of('inbound-rtp');
    const sound = inbound.filter(({ kind }) => kind === 'audio');
    const sum = (key: 'packetsReceived' | 'packetsLost'): number =>
        sound.reduce((total, one) => total + number(one[key]), 0);
    // Firefox had no `transport` for long, and Chromium has no `selected`.
    const pair =
        of('transport').flatMap((one) => at(one.selectedCandidatePairId) ?? [])[0] ??
        of('candidate-pair').find(({ selected }) => selected === true);
    const ends = [at(pair?.localCandidateId), at(pair?.remoteCandidateId)];
    const codecs = [...inbound, ...of('outbound-rtp')].map(({ codecId }) => {
        const mimeType = at(codecId)?.mimeType;
        return typeof mimeType === 'string' ? cleanText(mimeType.split('/')[1], 16) : '';
    });
    return {
        received: sum('packetsReceived'),
        lost: sum('packetsLost'),
        jitter: Math.round(number(sound[0]?.jitter) * 1000),
        roundTrip: seconds(pair?.currentRoundTripTime) ?? seconds(of('remote-inbound-rtp')[0]?.roundTripTime),
        codecs: [...new Set(codecs)].filter(Boolean).slice(0, MAX_CODECS),
        relayed: pair ? ends.some((one) => one?.candidateType === 'relay') : null,
    };
}

/** Tells the quality every {@link QUALITY_INTERVAL} while `up`, until `signal` is aborted. */
export function followQuality(
    pc: Pick<RTCPeerConnection, 'getStats'>,
    up: () => boolean,
    clock: Clock,
    signal: AbortSignal,
    tell: (quality: Quality) => void,
): void {
    let before: Reading | null = null;
    const look = async (): Promise<void> => {
        const report = up() ? await pc.getStats().catch(() => null) : null;
        if (signal.aborted) return;
        const now = report && read(report);
        const quality = before && now && judge(before, now);
        before = now;
        if (quality) tell(quality);
        const cancel = clock.after(QUALITY_INTERVAL, () => {
            signal.removeEventListener('abort', cancel);
            void look();
        });
        signal.addEventListener('abort', cancel);
    };
    void look();
}
