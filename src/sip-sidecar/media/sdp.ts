/** What we read of a session description (RFC 8866, RFC 3264), m-line by m-line, and the streams that we refuse. */

/** Which way media flows, as the writer of the description sees it (RFC 8866 section 6.7). */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** ICE candidate types (RFC 8839 section 5.1). */
export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay';

/** One m-line and what belongs to it. */
export interface MediaSection {
    /** `audio`, `video`, `application`, … */
    readonly kind: string;
    /** Empty where there is none. */
    readonly mid: string;
    readonly direction: MediaDirection;
    /** Port 0 and not bundle-only: refused or removed. */
    readonly rejected: boolean;
    /** `a=bundle-only` (RFC 8843 section 6): it has no transport of its own. */
    readonly bundleOnly: boolean;
    /** RFC 2543's way to hold: `c=0.0.0.0` with a real port. (Port 9 is only JSEP's "no candidate yet".) */
    readonly heldByAddress: boolean;
    /** RFC 4733 events can be sent. */
    readonly telephoneEvent: boolean;
    /** The types of its candidates that somebody can send to, which an active TCP candidate (port 9) is not. */
    readonly candidates: readonly CandidateType[];
}

/** A session description as far as we read it. */
export interface SessionDescription {
    readonly sections: readonly MediaSection[];
    /** The mids of the first BUNDLE group; its first one carries the transport (RFC 8843). */
    readonly bundle: readonly string[];
}

/** Bounds for what a stranger may send before a browser sees it. */
export const MAX_SDP_LENGTH = 65_536;
export const MAX_SDP_LINES = 500;
export const MAX_SDP_SECTIONS = 10;

const BUNDLE = 'a=group:BUNDLE ';
const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)$/u;
const CANDIDATE = /^a=candidate:\S+ \d+ (\S+) \d+ \S+ (\d+) typ (host|srflx|prflx|relay)\b/iu;

const linesOf = (sdp: string): string[] => sdp.split(/\r\n|\n|\r/u).filter((line) => line !== '');

/** Bytes of the hashes that RFC 8122 section 5 allows. */
const HASH_LENGTHS: Readonly<Partial<Record<string, number>>> = {
    'sha-1': 20,
    'sha-224': 28,
    'sha-256': 32,
    'sha-384': 48,
    'sha-512': 64,
};

function isFingerprint(text: string): boolean {
    const [algorithm = '', value = ''] = text.trim().split(' ');
    const length = HASH_LENGTHS[algorithm.toLowerCase()];
    return /^[0-9a-f]{2}(?::[0-9a-f]{2})*$/iu.test(value) && value.length + 1 === (length ?? 0) * 3;
}

/**
 * Looks at a description from the other side before a browser does.
 *
 * @throws Error where it is over-long, is not a session description, or has no audio that is not refused
 */
export function checkRemoteSdp(sdp: unknown): SessionDescription {
    if (typeof sdp !== 'string' || !sdp.startsWith('v=0')) throw new Error('This is not a session description.');
    if (sdp.length > MAX_SDP_LENGTH || sdp.includes('\0')) throw new Error('The session description cannot be read.');
    const lines = linesOf(sdp);
    if (lines.length > MAX_SDP_LINES) throw new Error('The session description has too many lines.');
    // Chromium takes a bad one half-way in, and then neither back nor further.
    if (lines.some((line) => line.startsWith('a=fingerprint:') && !isFingerprint(line.slice(14))))
        throw new Error('The session description has a fingerprint that is none.');
    const description = readSdp(sdp);
    if (description.sections.length > MAX_SDP_SECTIONS)
        throw new Error('The session description has too many streams.');
    if (section(description, 'audio') === undefined) throw new Error('The session description has no audio.');
    return description;
}

/** The lines of the session, and those of each m-line. */
function split(sdp: string): [session: string[], ...media: string[][]] {
    const blocks: [string[], ...string[][]] = [[]];
    for (const line of linesOf(sdp)) {
        if (line.startsWith('m=')) blocks.push([]);
        blocks.at(-1)?.push(line);
    }
    return blocks;
}

/** Reads a description; what it does not understand it passes over. */
export function readSdp(sdp: string): SessionDescription {
    const [session, ...media] = split(sdp);
    return {
        sections: media.map((lines) => readSection(lines, session)),
        bundle: valueOf(session, BUNDLE)?.trim().split(/\s+/u) ?? [],
    };
}

/**
 * An offer in which all but the first audio and the first video are refused (port 0, RFC 3264 section 6). A browser would
 * accept all of them, data channels included, and cannot be told to refuse one.
 *
 * @param video whether video may be accepted at all
 */
export function refuseOthers(sdp: string, video: boolean): string {
    const [session, ...media] = split(sdp);
    const description = readSdp(sdp);
    const wanted = [section(description, 'audio'), video ? section(description, 'video') : undefined];
    const refused = description.sections.filter((one) => !wanted.includes(one));
    if (refused.length === 0) return sdp;
    const left = description.bundle.filter((mid) => !refused.some((one) => one.mid === mid));
    const lines = session.flatMap((line) =>
        line.startsWith(BUNDLE) ? (left.length ? [BUNDLE + left.join(' ')] : []) : [line],
    );
    for (const [i, [first = '', ...rest]] of media.entries()) {
        const isRefused = refused.some((one) => one === description.sections[i]);
        if (isRefused) lines.push(first.replace(/ \S+/u, ' 0'), ...rest.filter((line) => line !== 'a=bundle-only'));
        else lines.push(first, ...rest);
    }
    return `${lines.join('\r\n')}\r\n`;
}

const roleIn = (sdp: string | undefined): string | undefined => /^a=setup:(active|passive)\b/mu.exec(sdp ?? '')?.[1];

/**
 * An answer that says who opens DTLS. Some telephones (baresip) say `actpass` in answers to a re-INVITE too, which browsers
 * refuse because it is for offers only (RFC 8842 section 5.3): the roles then stay what they are. In a first answer they
 * are the recommended ones (RFC 5763 section 5).
 *
 * @param ours our description that is in force; undefined: none yet
 * @param theirs the other side's
 */
export function settleRole(answer: string, ours: string | undefined, theirs: string | undefined): string {
    const role = roleIn(theirs) ?? (roleIn(ours) === 'active' ? 'passive' : 'active');
    return answer.replace(/^a=setup:actpass\b/gmu, `a=setup:${role}`);
}

const valueOf = (lines: readonly string[], start: string): string | undefined =>
    lines.find((line) => line.startsWith(start))?.slice(start.length);

function directionOf(lines: readonly string[]): MediaDirection | undefined {
    for (const line of lines) {
        const match = DIRECTION.exec(line);
        if (match) return match[1] as MediaDirection;
    }
    return undefined;
}

function readSection(lines: readonly string[], session: readonly string[]): MediaSection {
    const [kind = '', portText = '', , ...formats] = (lines[0] ?? '').slice(2).split(' ');
    const port = Number.parseInt(portText, 10) || 0;
    const bundleOnly = lines.includes('a=bundle-only');
    const address = valueOf(lines, 'c=') ?? valueOf(session, 'c=') ?? '';
    return {
        kind,
        mid: valueOf(lines, 'a=mid:')?.trim() ?? '',
        direction: directionOf(lines) ?? directionOf(session) ?? 'sendrecv',
        rejected: port === 0 && !bundleOnly,
        bundleOnly,
        heldByAddress: port !== 0 && port !== 9 && /^IN IP4 0\.0\.0\.0\b/u.test(address),
        telephoneEvent: lines.some((line) => {
            const match = /^a=rtpmap:(\d+) telephone-event\//iu.exec(line);
            return match !== null && formats.includes(match[1] ?? '');
        }),
        candidates: lines.flatMap((line): CandidateType[] => {
            const [, transport = '', candidatePort, type = ''] = CANDIDATE.exec(line) ?? [];
            const usable = type !== '' && !(transport.toLowerCase() === 'tcp' && candidatePort === '9');
            return usable ? [type.toLowerCase() as CandidateType] : [];
        }),
    };
}

/** The first m-line of a kind that is not refused. */
export const section = (description: SessionDescription, kind: 'audio' | 'video'): MediaSection | undefined =>
    description.sections.find((one) => one.kind === kind && !one.rejected);

/** Whether the writer of a description sends, or receives, in that direction. */
export const sends = (direction: string | null | undefined): boolean =>
    direction === 'sendrecv' || direction === 'sendonly';
export const receives = (direction: string | null | undefined): boolean =>
    direction === 'sendrecv' || direction === 'recvonly';

/**
 * Whether the other side holds the call (RFC 3264 section 8.4), by the audio of its newest description.
 *
 * In an offer it is said by not wanting to receive. In an answer that only means something where we offered to send:
 * to one who listens only, everybody answers `sendonly`.
 *
 * @param ours what our own description, its counterpart, said of audio
 * @returns undefined where the description does not say
 */
export function saysHold(
    theirs: MediaSection,
    type: 'offer' | 'answer',
    ours: MediaDirection | undefined,
): boolean | undefined {
    if (theirs.heldByAddress) return true;
    if (type === 'answer' && !sends(ours)) return undefined;
    return !receives(theirs.direction);
}
