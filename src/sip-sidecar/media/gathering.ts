/**
 * When ICE gathering (RFC 8445 section 5.1) has given enough for a description to leave: the wanted kind of candidate is
 * there and nothing new came for 50 ms, at most 250 ms after the first usable one (1 s where only a relay may be used, 300 ms
 * where its server was silent last time). SIP without trickle (RFC 8840) has to wait for candidates; waiting for all of them
 * takes 5 to 40 s when a STUN server does not answer. What comes too late goes out with a re-INVITE where it is needed.
 */
import type { Clock } from '../contract/index.js';
import type { CandidateType, MediaSection, SessionDescription } from './sdp.js';
import { readSdp } from './sdp.js';

/** What to wait for. */
export interface GatheringRule {
    /** Kinds of which one is to be there in every m-line that needs one. */
    readonly wanted: readonly CandidateType[];
    /** How long to wait for it after the first usable candidate, in ms. */
    readonly cap: number;
}

/** The first usable candidate is enough. */
const URGENT: GatheringRule = { wanted: [], cap: 0 };

/** Without any candidate we give up after so long, in ms. */
export const NO_CANDIDATE_AFTER = 3000;
const QUIET = 50;
const CAP = 250;
const RELAY_CAP = 1000;
const SILENT_CAP = 300;

/** What a server gives. */
const givenBy = (url: string): CandidateType => (/^turn/iu.test(url) ? 'relay' : 'srflx');

const urlsOf = ({ iceServers = [] }: RTCConfiguration): string[] => iceServers.flatMap((server) => server.urls);

/**
 * The rule for a set of servers: the best kind that they can give.
 *
 * @param silent URLs of servers that gave nothing last time: nobody waits for those again where there is a choice
 * @param offer what is answered. A relay of theirs lets in only whom the answer names (RFC 8656 section 9): where they have
 *     one, an address of ours that is seen from outside is as good as a relay; and where they have nothing else, it is needed
 */
export function gatheringRule(
    configuration: RTCConfiguration,
    silent: ReadonlySet<string>,
    offer: SessionDescription | null,
): GatheringRule {
    const urls = urlsOf(configuration);
    const relayOnly = configuration.iceTransportPolicy === 'relay';
    const theirs = offer?.sections.flatMap(({ candidates }) => candidates) ?? [];
    const needed = relayOnly || (urls.length > 0 && theirs.length > 0 && theirs.every((type) => type === 'relay'));
    const asked = urls.filter((url) => needed || !silent.has(url)).map(givenBy);
    const best = (['relay', 'srflx'] as const).find((type) => asked.includes(type)) ?? 'host';
    const seen = best === 'relay' && !relayOnly && theirs.includes('relay');
    return {
        wanted: relayOnly ? ['relay'] : seen ? ['relay', 'srflx'] : [best],
        cap: !needed ? CAP : urls.every((url) => silent.has(url)) ? SILENT_CAP : RELAY_CAP,
    };
}

/**
 * The m-lines of a local description that have a transport of their own, and so need a candidate.
 *
 * @param negotiated what the other side said last; null in a first offer, when it is not known yet whether it bundles
 */
export function sectionsInNeed(
    local: SessionDescription,
    type: RTCSdpType,
    negotiated: SessionDescription | null,
): readonly MediaSection[] {
    const answers = type === 'answer';
    const bundle = (answers ? local : negotiated)?.bundle ?? [];
    const isKnown = (mid: string): boolean =>
        answers || negotiated?.sections.some((one) => one.mid === mid && !one.rejected) === true;
    return local.sections.filter(
        ({ mid, port }) =>
            port > 0 && (bundle.length === 0 || mid === bundle[0] || (!bundle.includes(mid) && isKnown(mid))),
    );
}

/**
 * Follows the gathering of one peer connection from its first candidate on. The clocks of the rule run by ICE generation
 * and not by description, so that a re-INVITE while a dead STUN server is still being asked is not delayed again.
 *
 * @param silent URLs of the servers that gave nothing when they were last asked; for the whole page
 */
export function followGathering(pc: RTCPeerConnection, clock: Clock, signal: AbortSignal, silent: Set<string>) {
    let generation = '';
    let newestAt = 0;
    let usableSince: number | null = null;
    let candidates: readonly CandidateType[] = [];
    /** How many were in the description that left. */
    let left = 0;
    /** Lets whoever waits look again. */
    let wake = (): void => undefined;

    /** Whether there is a candidate of the kind that a server gives. */
    const gave = (url: string): boolean => candidates.includes(givenBy(url));

    /** How many more ms to wait, unless something new comes; where nothing can be used then, it was in vain. */
    function look({ wanted, cap } = URGENT, startedAt = 0): number {
        const now = clock.now();
        const { type = 'offer', sdp = '' } = pc.localDescription ?? {};
        // The ufrag is new for every generation (RFC 8839 section 4.4).
        const current = /^a=ice-ufrag:.*$/mu.exec(sdp)?.[0] ?? '';
        if (current !== generation) {
            generation = current;
            newestAt = now;
            usableSince = null;
            candidates = [];
            left = 0;
        }
        const local = readSdp(sdp);
        const before = candidates.length;
        candidates = local.sections.flatMap((one) => one.candidates);
        if (candidates.length > before) newestAt = now;
        for (const url of silent) if (gave(url)) silent.delete(url);
        const remote = pc.currentRemoteDescription;
        const inNeed = sectionsInNeed(local, type, remote && readSdp(remote.sdp));
        const complete = pc.iceGatheringState === 'complete';
        // One m-line with a candidate is better than no call.
        const final = complete && now - startedAt >= CAP;
        const has = (test: (type: CandidateType) => boolean): boolean => {
            const there = inNeed.filter((one) => one.candidates.some(test)).length;
            return there > 0 && (final || there === inNeed.length);
        };
        usableSince = has(() => true) ? (usableSince ?? now) : null;
        if (usableSince === null) return startedAt + (complete ? CAP : NO_CANDIDATE_AFTER) - now;
        if (complete) return 0;
        const end = usableSince + cap;
        return (has((type) => wanted.includes(type)) ? Math.min(end, newestAt + QUIET) : end) - now;
    }

    // Candidates can come before somebody waits for them, and after.
    for (const type of ['icecandidate', 'icegatheringstatechange'])
        pc.addEventListener(
            type,
            () => {
                look();
                wake();
            },
            { signal },
        );
    signal.addEventListener('abort', () => wake());

    return {
        /** Whether candidates came that the other side has not been told. */
        hasMore: (): boolean => candidates.length > left,

        /**
         * Waits until the local description may leave.
         *
         * @param offer what is answered
         * @returns the local description with its candidates
         * @throws Error where no candidate came at all, or the session was closed
         */
        async enough(offer: SessionDescription | null, urgent = false): Promise<string> {
            const rule = urgent ? URGENT : gatheringRule(pc.getConfiguration(), silent, offer);
            const startedAt = clock.now();
            for (;;) {
                signal.throwIfAborted();
                const wait = look(rule, startedAt);
                if (wait <= 0) break;
                await new Promise<void>((resolve) => {
                    const cancel = clock.after(wait, resolve);
                    wake = () => {
                        cancel();
                        resolve();
                    };
                });
            }
            if (usableSince === null) throw new Error('no ICE candidate');
            left = candidates.length;
            if (!urgent) for (const url of urlsOf(pc.getConfiguration())) if (!gave(url)) silent.add(url);
            return pc.localDescription?.sdp ?? '';
        },
    };
}
