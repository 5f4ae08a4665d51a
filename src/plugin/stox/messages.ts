/** Single messages between SIP and XMPP (RFC 7572): a message stanza is a MESSAGE request. */
import { jidFromSip, sipFromJid } from './addresses.js';
import type { Condition } from './errors.js';
import { given } from './given.js';
import { bareJid } from '../jid.js';

/** A message stanza. */
export interface XmppMessage {
    readonly from: string;
    readonly to: string;
    readonly id?: string;
    /** None: `normal`. */
    readonly type?: 'chat' | 'groupchat';
    readonly lang?: string;
    readonly subject?: string;
    readonly thread?: string;
    readonly body?: string;
}

/** A MESSAGE request (RFC 3428). Addresses are URIs. */
export interface SipMessage {
    readonly method: 'MESSAGE';
    /** The Request-URI, and To. */
    readonly to: string;
    /** With the GRUU of the device that speaks, where it is known. */
    readonly from: string;
    readonly callId: string;
    /** The transaction identifier. */
    readonly transaction?: string;
    readonly subject?: string;
    /** Content-Language. */
    readonly language?: string;
    readonly contentType: string;
    readonly body: string;
}

/** The longest MESSAGE outside of a media session, in bytes (RFC 3428 section 8). */
export const MAX_MESSAGE_SIZE = 1300;

/** The error for a message that would be a MESSAGE of this many bytes (section 6); null where it may go. */
export const errorOfSize = (bytes: number): Condition | null => (bytes > MAX_MESSAGE_SIZE ? 'policy-violation' : null);

/**
 * The MESSAGE for a message stanza (table 1). The type has no mapping.
 *
 * @param newCallId the Call-ID where the stanza has no thread
 * @returns null without a body, and where an address has no counterpart
 */
export function sipFromMessage(message: XmppMessage, newCallId: string): SipMessage | null {
    const from = sipFromJid(message.from);
    const to = sipFromJid(bareJid(message.to) ?? '');
    if (from === null || to === null || message.body === undefined) return null;
    return {
        method: 'MESSAGE',
        to,
        from,
        callId: message.thread ?? newCallId,
        ...given({ transaction: message.id, subject: message.subject, language: message.lang }),
        contentType: 'text/plain',
        body: message.body,
    };
}

/**
 * The message stanza for a MESSAGE (table 2), of type `normal`, that is without one; CSeq has no mapping.
 *
 * @returns null for any content but plain text (section 7 leaves others to implementations), and where an address has no
 * counterpart
 */
export function messageFromSip(request: SipMessage): XmppMessage | null {
    const from = jidFromSip(request.from);
    const to = jidFromSip(request.to);
    const isText = /^\s*text\/plain\s*(?:;|$)/iu.test(request.contentType);
    if (from === null || to === null || !isText) return null;
    return {
        from,
        to,
        ...given({ id: request.transaction, lang: request.language, subject: request.subject }),
        thread: request.callId,
        body: request.body,
    };
}
