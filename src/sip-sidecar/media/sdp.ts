/** What we read of a session description (RFC 8866, RFC 3264), m-line by m-line, and the streams that we refuse. */

/** Which way media flows, as the writer of the description sees it (RFC 8866 section 6.7). */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** ICE candidate types (RFC 8839 section 5.1). */
export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay';

/** One m-line and what belongs to it. */
export interface MediaSection {
    /** All its lines. */
    readonly text: string;
    /** `audio`, `video`, `application`, … */
    readonly kind: string;
    /** Empty where there is none. */
    readonly mid: string;
    readonly direction: MediaDirection;
    /** 0: it has no transport of its own. */
    readonly port: number;
    /** Port 0 and not bundle-only (RFC 8843 section 6): refused or removed. */
    readonly rejected: boolean;
    /** RFC 2543's way to hold: `c=0.0.0.0` with a real port. (Port 9 is only JSEP's "no candidate yet".) */
    readonly heldByAddress: boolean;
    /** The types of its candidates that somebody can send to, which an active TCP candidate (port 9) is not. */
    readonly candidates: readonly CandidateType[];
}

/** A session description as far as we read it. */
export interface SessionDescription {
    /** The lines before the first m-line. */
    readonly session: string;
    readonly sections: readonly MediaSection[];
    /** The mids of the first BUNDLE group; its first one carries the transport (RFC 8843). */
    readonly bundle: readonly string[];
}

/** Bounds for what a stranger may send before a browser sees it. */
export const MAX_SDP_LENGTH = 65_536;
export const MAX_SDP_LINES = 500;
const MAX_SDP_SECTIONS = 10;

const BUNDLE = /^a=group:BUNDLE(.*)[\r\n]*/mu;
const CANDIDATES = /^a=candidate:\S+ \d+ (?!tcp \d+ \S+ 9 )\S+ \d+ \S+ \d+ typ (host|srflx|prflx|relay)\b/gimu;
/** One that is none: a hash that RFC 8122 section 5 does not allow, or not as long as it has to be. */
const BAD_FINGERPRINT =
    /^a=fingerprint:(?!sha-(?=1 .{59}$|224 .{83}$|256 .{95}$|384 .{143}$|512 .{191}$)\d+ [\da-f]{2}(?::[\da-f]{2})*$)/imu;

/**
 * Looks at a description from the other side before a browser does.
 *
 * @throws Error where it is over-long, is not a session description, or has no audio that is not refused
 */
export function checkRemoteSdp(sdp: string): SessionDescription {
    if (
        sdp.startsWith('v=0') &&
        sdp.length <= MAX_SDP_LENGTH &&
        !sdp.includes('\0') &&
        sdp.split(/[\r\n]+/u).length <= MAX_SDP_LINES &&
        // Chromium takes a bad one half-way in, and then neither back nor further.
        !BAD_FINGERPRINT.test(sdp)
    ) {
        const description = readSdp(sdp);
        if (description.sections.length <= MAX_SDP_SECTIONS && section(description, 'audio')) return description;
    }
    throw new Error('unusable description');
}

/** Reads a description; what it does not understand it passes over. */
export function readSdp(sdp: string): SessionDescription {
    const [session = '', ...media] = sdp.split(/^(?=m=)/mu);
    return {
        session,
        sections: media.map((text) => readSection(text, session)),
        bundle: BUNDLE.exec(session)?.[1]?.match(/\S+/gu) ?? [],
    };
}

/**
 * An offer in which all but the first audio and the first video are refused (port 0, RFC 3264 section 6). A browser would
 * accept all of them, data channels included, and cannot be told to refuse one.
 *
 * @param video whether video may be accepted at all
 */
export function refuseOthers(description: SessionDescription, video: boolean): string {
    const { session, sections, bundle } = description;
    const wanted = [section(description, 'audio'), video && section(description, 'video')];
    const refused = sections.filter((one) => !wanted.includes(one));
    const left = bundle.filter((mid) => !refused.some((one) => one.mid === mid));
    return [
        session.replace(BUNDLE, left.length > 0 ? `a=group:BUNDLE ${left.join(' ')}\r\n` : ''),
        ...sections.map((one) =>
            wanted.includes(one)
                ? one.text
                : one.text.replace(/^(m=\S*) \S+/u, '$1 0').replace(/^a=bundle-only[\r\n]*/mu, ''),
        ),
    ].join('');
}

const roleIn = (sdp = ''): string | undefined => /^a=setup:(active|passive)\b/mu.exec(sdp)?.[1];

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

/** @param session where it says what the m-line does not */
function readSection(text: string, session: string): MediaSection {
    const [, kind = '', digits] = /^m=(\S*)(?: (\d+))?/u.exec(text) ?? [];
    const port = Number(digits ?? 0);
    const value = (pattern: RegExp): string | undefined => (pattern.exec(text) ?? pattern.exec(session))?.[1];
    return {
        text,
        kind,
        mid: value(/^a=mid:(\S+)/mu) ?? '',
        direction: (value(/^a=(sendrecv|sendonly|recvonly|inactive)$/mu) ?? 'sendrecv') as MediaDirection,
        port,
        rejected: port === 0 && !/^a=bundle-only$/mu.test(text),
        heldByAddress: port > 9 && value(/^c=(.*)/mu) === 'IN IP4 0.0.0.0',
        candidates: Array.from(text.matchAll(CANDIDATES), ([, type = '']) => type.toLowerCase() as CandidateType),
    };
}

/** The first m-line of a kind that is not refused. */
export const section = (description: SessionDescription, kind: 'audio' | 'video'): MediaSection | undefined =>
    description.sections.find((one) => one.kind === kind && !one.rejected);

/** Whether the writer of a description sends, or receives, in that direction. */
export const sends = (direction: string | null | undefined): boolean => !!direction?.startsWith('send');
export const receives = (direction: string | null | undefined): boolean => !!direction?.includes('recv');

/** How the one who writes a description says that. */
export const directionOf = (sends: boolean, receives: boolean): MediaDirection =>
    sends ? (receives ? 'sendrecv' : 'sendonly') : receives ? 'recvonly' : 'inactive';

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
