/** Why a call ended: the closed list, and the one table that maps SIP to it. */

/** Every reason for which a call can end. The text for people is made where it is shown (i18n). */
export const END_REASONS = [
    'hung-up',
    'declined',
    'busy',
    'missed',
    'cancelled',
    'answered-elsewhere',
    'not-found',
    'unavailable',
    'no-answer',
    'not-accepted',
    'forbidden',
    'no-permission',
    'no-device',
    'media-failed',
    'refused',
    'connection-lost',
    'transferred',
    'replaced',
    'failed',
] as const;

/** One member of {@link END_REASONS}. */
export type EndReason = (typeof END_REASONS)[number];

const BY_STATUS: Readonly<Record<number, EndReason>> = {
    401: 'forbidden',
    403: 'forbidden',
    404: 'not-found',
    407: 'forbidden',
    408: 'no-answer',
    410: 'not-found',
    415: 'not-accepted',
    480: 'unavailable',
    484: 'not-found',
    486: 'busy',
    487: 'cancelled',
    488: 'not-accepted',
    503: 'unavailable',
    600: 'busy',
    603: 'declined',
    604: 'not-found',
    606: 'not-accepted',
};

/**
 * The end reason for a final SIP response to an INVITE (RFC 3261 section 21, vocabulary of RFC 7247 section 7.2).
 *
 * @param status the SIP status code, 300 to 699; any other number gives `failed`
 */
export function endReasonFromStatus(status: number): EndReason {
    return BY_STATUS[status] ?? 'failed';
}

/**
 * The end reason that a Reason header (RFC 3326) of a CANCEL or BYE names, or null where it names none that we know.
 * `SIP;cause=200` on a CANCEL means that another device answered, `SIP;cause=600` or `603` that one declined.
 *
 * @param header the raw value of the header; at most 1,024 characters are looked at
 */
export function endReasonFromHeader(header: string): EndReason | null {
    const match = /(?:^|,)\s*SIP\s*;(?:[^,"]|"[^"]*")*?\bcause\s*=\s*(\d{3})\b/i.exec(header.slice(0, 1024));
    if (!match) return null;
    const cause = Number(match[1]);
    return cause === 200 ? 'answered-elsewhere' : (BY_STATUS[cause] ?? null);
}
