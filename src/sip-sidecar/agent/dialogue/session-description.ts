/** Session descriptions as SIP messages carry them, and our part in an exchange of them (RFC 3264). */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { MediaSession } from '../../contract/index.js';
import type { Body } from '../core/outgoing-message.js';

const SDP = 'application/sdp';

type Message = Pick<IncomingMessage, 'body' | 'getHeader'>;

/** A description as the body of a message. */
export function describe(sdp: string): Body {
    return { type: SDP, content: sdp };
}

/** The description in a message, or null where it has none. */
export function readDescription(message: Message): string | null {
    const { body } = message;
    const type = message.getHeader('content-type') ?? '';
    const disposition = message.getHeader('content-disposition') ?? 'session';
    const mine = /^application\/sdp[ \t]*(?:;|$)/iu.test(type) && /^session[ \t]*(?:;|$)/iu.test(disposition);
    return body && mine ? body : null;
}

/** Whether a request has a body that must be understood, and is not (RFC 3261 section 8.2.3): the answer is 415. */
export function isForeign(message: Message): boolean {
    const optional = /;[ \t]*handling[ \t]*=[ \t]*optional/iu.test(message.getHeader('content-disposition') ?? '');
    return Boolean(message.body) && readDescription(message) === null && !optional;
}

/** How a request is refused. */
export interface Refusal {
    readonly statusCode: number;
    readonly extraHeaders?: readonly string[];
}

/** The refusal of what {@link isForeign}. */
export const FOREIGN = { statusCode: 415, extraHeaders: [`Accept: ${SDP}`] };

/** Takes their answer to our offer. @returns whether it can be used */
export const takeAnswer = (media: MediaSession, sdp: string): Promise<boolean> =>
    media.setRemoteDescription({ type: 'answer', sdp }).then(
        () => true,
        () => false,
    );

/** What we say to their INVITE: the answer to its offer, or an offer where it has none. */
export async function respond(media: MediaSession, offer: string | null): Promise<string> {
    if (offer === null) return media.createOffer();
    await media.setRemoteDescription({ type: 'offer', sdp: offer });
    return media.createAnswer();
}
