/** What goes out, as text (RFC 3261 section 7). Whoever hands in the values has made sure that none breaks its line. */
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';

/** The version that stands in User-Agent. */
export const USER_AGENT = 'converse-sip/0.1.0';

/** What a message carries. */
export interface Body {
    /** Its media type. */
    readonly type: string;
    readonly content: string;
}

/** A request of ours. */
export interface OutgoingRequest {
    readonly method: string;
    /** The Request-URI. */
    readonly target: string;
    /** Another each time it is sent. */
    via: string;
    readonly routes: readonly string[];
    readonly fromName: string;
    readonly fromUri: string;
    readonly fromTag: string;
    readonly to: string;
    readonly callId: string;
    cseq: number;
    /** Further header fields, as lines. */
    readonly headers: readonly string[];
    /** The answers to challenges, as lines. */
    authorization: readonly string[];
    readonly body: Body | null;
}

/** What we say to a request of theirs. */
export interface Response {
    readonly status: number;
    /** Further header fields, as lines. */
    readonly headers: readonly string[];
    readonly body: Body | null;
    /** For To, where they have none. */
    readonly toTag: string;
}

/** What the other side may show somebody; all else is known by its number (RFC 3261 section 7.2). */
const REASONS: Readonly<Record<number, string>> = {
    100: 'Trying',
    180: 'Ringing',
    200: 'OK',
    480: 'Temporarily Unavailable',
    486: 'Busy Here',
    603: 'Decline',
};

/** A message that begins with these lines. */
const write = (lines: readonly string[], { headers, body }: Pick<Response, 'headers' | 'body'>): string =>
    [
        ...lines,
        ...headers,
        'Supported: gruu, outbound, path, replaces, timer, 100rel',
        `User-Agent: ${USER_AGENT}`,
        ...(body === null ? [] : [`Content-Type: ${body.type}`]),
        `Content-Length: ${String(new TextEncoder().encode(body?.content).length)}`,
        '',
        body?.content ?? '',
    ].join('\r\n');

/** A request. */
export function writeRequest(request: OutgoingRequest): string {
    const { method, target, routes, via, to, fromName, fromUri, fromTag, cseq, callId, authorization } = request;
    return write(
        [
            `${method} ${target} SIP/2.0`,
            ...routes.map((route) => `Route: ${route}`),
            `Via: ${via}`,
            `To: ${to}`,
            `From: ${fromName && `"${fromName}" `}<${fromUri}>;tag=${fromTag}`,
            `CSeq: ${String(cseq)} ${method}`,
            `Call-ID: ${callId}`,
            'Max-Forwards: 70',
            ...authorization,
        ],
        request,
    );
}

/** The answer to a request (RFC 3261 section 8.2.6). */
export function writeResponse(request: IncomingRequestMessage, response: Response): string {
    const { status, toTag } = response;
    const { method, cseq, callId } = request;
    const tag = status > 100 && !request.toTag ? `;tag=${toTag}` : '';
    return write(
        [
            `SIP/2.0 ${String(status)} ${REASONS[status] ?? 'Refused'}`,
            ...request.getHeaders('via').map((via) => `Via: ${via}`),
            // Whoever opens a dialog must know the way back (RFC 3261 section 12.1.1).
            ...(method === 'INVITE' && status > 100 && status < 300 ? request.getHeaders('record-route') : []).map(
                (route) => `Record-Route: ${route}`,
            ),
            `From: ${request.getHeader('from') ?? ''}`,
            `To: ${request.getHeader('to') ?? ''}${tag}`,
            `CSeq: ${String(cseq)} ${method}`,
            `Call-ID: ${callId}`,
        ],
        response,
    );
}
