/**
 * When ICE gathering (RFC 8445 section 5.1) has given enough for a description to leave: the wanted kind of candidate is
 * there and nothing new came for 50 ms, at most 250 ms after the first usable one (1 s where only a relay may be used).
 * SIP without trickle (RFC 8840) has to wait for candidates; waiting for all of them takes 5 to 40 s when a STUN server
 * does not answer.
 */
import type { Clock } from '../contract/index.js';
import type { CandidateType, MediaSection, SessionDescription } from './sdp.js';
import { readSdp } from './sdp.js';

/** What to wait for. */
export interface GatheringRule {
    /** The best kind that the configured servers can give. */
    readonly wanted: CandidateType;
    /** Only a relay may be used. */
    readonly relayOnly: boolean;
    /** The first usable candidate is enough. */
    readonly urgent?: boolean;
}

/** What has come so far; times in milliseconds of one clock. */
export interface GatheringProgress {
    /** When we began to wait. */
    readonly startedAt: number;
    /** When the last new candidate came. */
    readonly newestAt: number;
    /** Since when there is one that can be used in every m-line that needs one; null: not yet. */
    readonly usableSince: number | null;
    /** Whether the wanted kind is there in every m-line that needs one. */
    readonly wanted: boolean;
    /** The browser will find no more; where nothing is there yet, it may only not have begun again. */
    readonly complete: boolean;
}

/** Without any candidate we give up after so long, in ms. */
export const NO_CANDIDATE_AFTER = 3000;
const QUIET = 50;
const CAP = 250;
const RELAY_CAP = 1000;

/** The rule for a set of servers. */
export function gatheringRule(configuration: RTCConfiguration): GatheringRule {
    const urls = (configuration.iceServers ?? []).flatMap((server) => server.urls);
    const relayOnly = configuration.iceTransportPolicy === 'relay';
    const has = (scheme: RegExp): boolean => urls.some((url) => scheme.test(url));
    return { relayOnly, wanted: relayOnly || has(/^turns?:/iu) ? 'relay' : has(/^stuns?:/iu) ? 'srflx' : 'host' };
}

/** How many more ms to wait at `now`, unless something new comes: 0 is enough, null is in vain. */
export function stillToWait(
    progress: GatheringProgress,
    { relayOnly, urgent = false }: Pick<GatheringRule, 'relayOnly' | 'urgent'>,
    now: number,
): number | null {
    const { usableSince } = progress;
    if (usableSince === null) {
        const left = progress.startedAt + (progress.complete ? CAP : NO_CANDIDATE_AFTER) - now;
        return left <= 0 ? null : left;
    }
    if (progress.complete || urgent) return 0;
    const cap = usableSince + (relayOnly ? RELAY_CAP : CAP);
    const until = progress.wanted ? Math.min(cap, progress.newestAt + QUIET) : cap;
    return Math.max(0, until - now);
}

/**
 * The m-lines of a local description that have a transport of their own, and so need a candidate.
 *
 * @param negotiated what the other side said last; null in a first offer, when it is not known yet whether it bundles
 */
export function sectionsInNeed(
    local: SessionDescription,
    type: 'offer' | 'answer',
    negotiated: SessionDescription | null,
): readonly MediaSection[] {
    const open = local.sections.filter((one) => !one.rejected && !one.bundleOnly);
    const bundle = type === 'answer' ? local.bundle : (negotiated?.bundle ?? []);
    if (bundle.length === 0) return open;
    const known = new Set(negotiated?.sections.filter((one) => !one.rejected).map((one) => one.mid));
    return open.filter(
        ({ mid }) => mid === bundle[0] || (!bundle.includes(mid) && (type === 'answer' || known.has(mid))),
    );
}

/**
 * Follows the gathering of one peer connection from its first candidate on. The clocks of the rule run by ICE generation
 * and not by description, so that a re-INVITE while a dead STUN server is still being asked is not delayed again.
 */
export class Gathering {
    private generation = '';
    private newestAt = 0;
    private usableSince: number | null = null;
    private count = 0;

    constructor(
        private readonly pc: RTCPeerConnection,
        private readonly clock: Clock,
        private readonly signal: AbortSignal,
    ) {
        // Candidates can come before somebody waits for them.
        pc.addEventListener('icecandidate', () => this.look({ wanted: 'host', relayOnly: false }, 0), { signal });
    }

    /**
     * Waits until the local description may leave.
     *
     * @returns the local description with its candidates
     * @throws Error where no candidate came at all, or the session was closed
     */
    async enough(rule: GatheringRule): Promise<string> {
        const { pc, clock, signal } = this;
        const startedAt = clock.now();
        await new Promise<void>((resolve, reject) => {
            const waiting = new AbortController();
            let cancel = (): void => undefined;
            const end = (error?: Error): void => {
                cancel();
                waiting.abort();
                if (error) reject(error);
                else resolve();
            };
            const look = (): void => {
                cancel();
                const left = stillToWait(this.look(rule, startedAt), rule, clock.now());
                if (signal.aborted) end(new Error('The session was closed.'));
                else if (left === null) end(new Error('No ICE candidate could be gathered.'));
                else if (left === 0) end();
                else cancel = clock.after(left, look);
            };
            for (const type of ['icecandidate', 'icegatheringstatechange'])
                pc.addEventListener(type, look, { signal: waiting.signal });
            signal.addEventListener('abort', look, { signal: waiting.signal });
            look();
        });
        return pc.localDescription?.sdp ?? '';
    }

    private look(rule: GatheringRule, startedAt: number): GatheringProgress {
        const { pc } = this;
        const now = this.clock.now();
        const description = pc.localDescription;
        const sdp = description?.sdp ?? '';
        // The ufrag is new for every generation (RFC 8839 section 4.4).
        const generation = /^a=ice-ufrag:.*$/mu.exec(sdp)?.[0] ?? '';
        if (generation !== this.generation) {
            this.generation = generation;
            this.newestAt = now;
            this.usableSince = null;
            this.count = 0;
        }
        const local = readSdp(sdp);
        const count = local.sections.reduce((sum, one) => sum + one.candidates.length, 0);
        if (count > this.count) this.newestAt = now;
        this.count = count;
        const remote = pc.currentRemoteDescription;
        const inNeed = sectionsInNeed(
            local,
            description?.type === 'answer' ? 'answer' : 'offer',
            remote === null ? null : readSdp(remote.sdp),
        );
        const complete = pc.iceGatheringState === 'complete';
        // One m-line with a candidate is better than no call.
        const final = complete && now - startedAt >= CAP;
        const all = (test: (one: MediaSection) => boolean): boolean =>
            inNeed.length > 0 && (final ? inNeed.some(test) : inNeed.every(test));
        const usable = all((one) => one.candidates.length > 0);
        if (!usable) this.usableSince = null;
        else this.usableSince ??= now;
        return {
            startedAt,
            newestAt: this.newestAt,
            usableSince: this.usableSince,
            wanted: all((one) => one.candidates.includes(rule.wanted)),
            complete,
        };
    }
}
