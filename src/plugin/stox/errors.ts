/**
 * Errors between SIP and XMPP (RFC 7247 section 7): response codes and the conditions of RFC 6120 section 8.3.3. Why a call
 * ended is told by the table in the contract of the sidecar; here it is only looked at from the side of XMPP.
 */
import { endReasonFromStatus, type EndReason } from '../../sip-sidecar/contract/end-reason.js';

/**
 * Table 2. Where there are two, the notes below it say which: of an error about a full JID the first, about a bare JID the
 * second; `gone` with and without a new address; a remote server that does not exist, or cannot be resolved. For
 * `service-unavailable` there is no exact one, least of all 503; these two are closest.
 */
export const STATUS_OF_CONDITION = {
    'bad-request': [400],
    conflict: [400],
    'feature-not-implemented': [405, 501],
    forbidden: [403, 603],
    gone: [301, 410],
    'internal-server-error': [500],
    'item-not-found': [404, 604],
    'jid-malformed': [400],
    'not-acceptable': [406, 606],
    'not-allowed': [403],
    'not-authorized': [401],
    'policy-violation': [403],
    'recipient-unavailable': [480, 600],
    redirect: [302],
    'registration-required': [407],
    'remote-server-not-found': [404, 408],
    'remote-server-timeout': [408],
    'resource-constraint': [500],
    'service-unavailable': [403, 405],
    'subscription-required': [400],
    'undefined-condition': [400],
    'unexpected-request': [491, 400],
} as const satisfies Readonly<Record<string, readonly [number, number?]>>;

/** A condition of a stanza error. */
export type Condition = keyof typeof STATUS_OF_CONDITION;

/** Table 3. Codes that are not here go by their hundreds. */
export const CONDITION_OF_STATUS: Readonly<Record<number, Condition>> = {
    300: 'redirect',
    301: 'gone',
    302: 'redirect',
    305: 'redirect',
    380: 'not-acceptable',
    400: 'bad-request',
    401: 'not-authorized',
    402: 'bad-request',
    403: 'forbidden',
    404: 'item-not-found',
    405: 'feature-not-implemented',
    406: 'not-acceptable',
    407: 'registration-required',
    408: 'remote-server-timeout',
    410: 'gone',
    413: 'policy-violation',
    414: 'policy-violation',
    415: 'not-acceptable',
    416: 'not-acceptable',
    420: 'feature-not-implemented',
    421: 'not-acceptable',
    423: 'resource-constraint',
    430: 'recipient-unavailable',
    439: 'feature-not-implemented',
    440: 'policy-violation',
    480: 'recipient-unavailable',
    481: 'item-not-found',
    482: 'not-acceptable',
    483: 'not-acceptable',
    484: 'item-not-found',
    485: 'item-not-found',
    486: 'recipient-unavailable',
    487: 'recipient-unavailable',
    488: 'not-acceptable',
    489: 'policy-violation',
    491: 'unexpected-request',
    493: 'bad-request',
    500: 'internal-server-error',
    501: 'feature-not-implemented',
    502: 'remote-server-not-found',
    503: 'internal-server-error',
    504: 'remote-server-timeout',
    505: 'not-acceptable',
    513: 'policy-violation',
    600: 'recipient-unavailable',
    603: 'recipient-unavailable',
    604: 'item-not-found',
    606: 'not-acceptable',
};

/** What else these codes can mean, depending on the scenario (notes 3, 4 and 5 of table 3). */
export const OTHER_CONDITIONS_OF_STATUS: Readonly<Record<number, readonly Condition[]>> = {
    403: ['not-allowed', 'policy-violation'],
    404: ['remote-server-not-found'],
    408: ['remote-server-not-found'],
};

/** The rows `3xx` to `6xx` of table 3. */
const CONDITION_OF_HUNDREDS: Readonly<Record<number, Condition>> = {
    3: 'redirect',
    4: 'bad-request',
    5: 'internal-server-error',
    6: 'recipient-unavailable',
};

/** A stanza error, without its type. */
export interface StanzaError {
    readonly condition: Condition;
    /** The new address in `<gone/>`. */
    readonly address?: string;
    /** For people. */
    readonly text?: string;
}

/** A SIP response that says no. */
export interface FailureResponse {
    /** 300 to 699. */
    readonly status: number;
    /** The reason phrase. */
    readonly reason?: string;
    /** The URI of the Contact of a 301. */
    readonly contact?: string;
}

/** The condition for a SIP response; null for a code that is no failure. */
export function conditionOfStatus(status: number): Condition | null {
    return CONDITION_OF_STATUS[status] ?? CONDITION_OF_HUNDREDS[Math.floor(status / 100)] ?? null;
}

/** The stanza error for a SIP response (section 7.2); null for a code that is no failure. Addresses stay as they are. */
export function errorFromResponse({ status, reason, contact }: FailureResponse): StanzaError | null {
    const condition = conditionOfStatus(status);
    return (
        condition && {
            condition,
            // Note (1): 410 must not name a new address.
            ...(status === 301 && contact !== undefined && { address: contact }),
            ...(reason && { text: reason }),
        }
    );
}

/** What decides between two codes; each counts only where the notes of table 2 say so. */
export interface ErrorContext {
    /** The error is about a full JID, so about one device. */
    readonly full?: boolean;
    /** The remote server exists but cannot be resolved. */
    readonly unresolved?: boolean;
}

/** The SIP response for a stanza error (section 7.1). */
export function responseFromError(
    error: StanzaError,
    { full = false, unresolved = false }: ErrorContext = {},
): FailureResponse {
    const { condition, address, text } = error;
    const [first, second]: readonly [number, number?] = STATUS_OF_CONDITION[condition];
    const isFirst: Partial<Record<Condition, boolean>> = {
        'feature-not-implemented': full,
        forbidden: full,
        'item-not-found': full,
        'not-acceptable': full,
        'recipient-unavailable': full,
        gone: address !== undefined,
        'remote-server-not-found': !unresolved,
    };
    const status = isFirst[condition] === false ? (second ?? first) : first;
    return {
        status,
        ...(text && { reason: text }),
        ...(status === 301 && address !== undefined && { contact: address }),
    };
}

/**
 * The conditions that mean the end of a call for this reason: those of the codes that the contract maps to it. None for an end
 * that no response to an INVITE tells.
 */
export function conditionsOfEnd(reason: EndReason): Condition[] {
    const codes = Object.keys(CONDITION_OF_STATUS).map(Number);
    const conditions = codes.filter((code) => endReasonFromStatus(code) === reason).map(conditionOfStatus);
    return [...new Set(conditions.filter((condition) => condition !== null))];
}
