/** How well a call is heard: two readings of a peer connection's statistics (W3C webrtc-stats) become a {@link Quality}. */
import { cleanText, type Quality } from '../contract/index.js';

/** What we read of the statistics; the other side has a say in many of them, so nothing is taken unseen. */
export interface Reading {
    /** Packets of sound that came, and that did not. */
    readonly received: number;
    readonly lost: number;
    /** What is told as it is. */
    readonly heard: Omit<Quality, 'level' | 'loss'>;
    /** Packets of sound and pictures that came; and signs of life beside them (STUN, RTCP). */
    readonly packets: number;
    readonly signs: number;
}

const MAX_CODECS = 4;
/** R0 - Is with the defaults of ITU-T G.107, table 3. */
const BEST = 93.2;
/** Packet-loss robustness of a codec that conceals losses (G.711 with PLC, ITU-T G.113 appendix I). */
const ROBUSTNESS = 25.1;
/** What a frame of 20 ms takes to fill and to play, in ms. */
const FRAME = 20;

/**
 * The level by the rating R of the E-model (ITU-T G.107), by loss and delay alone: Ie,eff of G.107 (7-29) for random loss, Id
 * as Cole and Rosenbluth simplify it ("Voice over IP performance monitoring", ACM CCR 31:2, 2001). The jitter buffer is taken
 * for twice the jitter. ITU-T G.109 table 1 divides them: from 80 on users are satisfied, below 70 many are not.
 *
 * @returns null where nothing was to come in between: a call on hold
 */
export function judge(before: Reading, { received, lost, heard }: Reading): Quality | null {
    const missing = Math.max(0, lost - before.lost);
    const expected = Math.max(0, received - before.received) + missing;
    if (expected === 0) return null;
    const loss = missing / expected;
    const percent = loss * 100;
    const delay = (heard.roundTrip ?? 0) / 2 + 2 * heard.jitter + FRAME;
    const rating = BEST - (95 * percent) / (percent + ROBUSTNESS) - 0.024 * delay - 0.11 * Math.max(0, delay - 177.3);
    return { level: rating >= 80 ? 'good' : rating >= 70 ? 'fair' : 'poor', loss, ...heard };
}

type Stat = Readonly<
    Partial<
        Record<
            | 'type'
            | 'kind'
            | 'packetsReceived'
            | 'requestsReceived'
            | 'responsesReceived'
            | 'bytesReceived'
            | 'packetsLost'
            | 'jitter'
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
    const sum = (stats: readonly Stat[], ...keys: readonly (keyof Stat)[]): number =>
        stats.flatMap((one) => keys.map((key) => number(one[key]))).reduce((total, each) => total + each, 0);
    const inbound = of('inbound-rtp');
    const sound = inbound.filter(({ kind }) => kind === 'audio');
    const pairs = of('candidate-pair');
    // Firefox had no `transport` for long, and Chromium has no `selected`.
    const pair =
        of('transport')
            .map((one) => all.get(one.selectedCandidatePairId))
            .find(Boolean) ?? pairs.find(({ selected }) => selected);
    const codecs = of('codec').map(({ mimeType }) => cleanText(String(mimeType).split('/')[1], 16));
    return {
        received: sum(sound, 'packetsReceived'),
        lost: sum(sound, 'packetsLost'),
        heard: {
            jitter: seconds(sound[0]?.jitter) ?? 0,
            roundTrip: seconds(pair?.currentRoundTripTime) ?? seconds(of('remote-inbound-rtp')[0]?.roundTripTime),
            codecs: [...new Set(codecs)].filter(Boolean).slice(0, MAX_CODECS),
            relayed: pair
                ? [pair.localCandidateId, pair.remoteCandidateId].some((id) => all.get(id)?.candidateType === 'relay')
                : null,
        },
        packets: sum(inbound, 'packetsReceived'),
        signs: sum(pairs, 'responsesReceived', 'requestsReceived', 'bytesReceived'),
    };
}
