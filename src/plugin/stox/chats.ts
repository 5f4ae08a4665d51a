/**
 * One-to-one chats between MSRP and XMPP (RFC 7573). XMPP has no session: the thread is the Call-ID of the INVITE that opens one,
 * the chat state `gone` is its BYE, a message is a SEND.
 */
import { bareJid } from '../jid.js';
import { sipFromJid } from './addresses.js';
import { given } from './given.js';
import type { XmppMessage } from './messages.js';

/** Chat states (XEP-0085). */
export type ChatState = 'active' | 'inactive' | 'gone' | 'composing' | 'paused';

/** States of isComposing (RFC 3994). */
export type Composing = 'active' | 'idle';

/** Table 3. */
export const CHAT_STATE_OF_COMPOSING: Readonly<Record<Composing, ChatState>> = { active: 'composing', idle: 'active' };

/** Table 4. `gone` has no event: it ends the session (section 6.1). */
export const COMPOSING_OF_CHAT_STATE: Readonly<Record<ChatState, Composing | null>> = {
    active: 'idle',
    inactive: 'idle',
    gone: null,
    composing: 'active',
    paused: 'idle',
};

/** A session as SIP and MSRP name it. Addresses are URIs. */
export interface ChatSession {
    readonly callId: string;
    readonly from: string;
    readonly to: string;
    /** The GRUU of the device that speaks, where it is known. */
    readonly contact?: string;
}

/** A message in an MSRP session (RFC 4975). */
export interface MsrpSend {
    readonly method: 'SEND';
    readonly transaction: string;
    /** Wants a REPORT of success. */
    readonly successReport?: 'yes';
    /** XMPP has no report of failure (section 7). */
    readonly failureReport?: 'no';
    readonly contentType: string;
    readonly body: string;
}

/** The report that a message came. */
export interface MsrpReport {
    readonly method: 'REPORT';
    readonly transaction: string;
    readonly status: 200;
}

/** A chat message, with what XEP-0085 and XEP-0184 add to it. */
export interface ChatMessage extends XmppMessage {
    readonly state?: ChatState;
    /** Wants a receipt. */
    readonly request?: boolean;
    /** The id of the message that came. */
    readonly received?: string;
}

/** The INVITE that a first chat message opens (example 2), or the BYE of a `gone` (example 20); null: no counterpart. */
export function sessionFromMessage(message: XmppMessage): ChatSession | null {
    const from = sipFromJid(bareJid(message.from) ?? '');
    const to = sipFromJid(bareJid(message.to) ?? '');
    if (from === null || to === null || message.thread === undefined) return null;
    const contact = message.from.includes('/') ? sipFromJid(message.from) : null;
    return { callId: message.thread, from, to, ...given({ contact }) };
}

/** The method that a chat state asks for outside of MSRP: a BYE for `gone`. */
export const methodOfChatState = (state: ChatState): 'BYE' | null => (state === 'gone' ? 'BYE' : null);

/** The chat message for a BYE of the other side (example 22). */
export const messageOfBye = (from: string, to: string, callId: string, id: string): ChatMessage => ({
    from,
    to,
    id,
    type: 'chat',
    thread: callId,
    state: 'gone',
});

/** The MSRP request for a chat message: a SEND for a body, a REPORT for a receipt; null: none. */
export function msrpFromMessage({ id = '', body, request, received }: ChatMessage): MsrpSend | MsrpReport | null {
    if (received !== undefined) return { method: 'REPORT', transaction: id, status: 200 };
    if (body === undefined) return null;
    return {
        method: 'SEND',
        transaction: id,
        ...(request && { successReport: 'yes' }),
        failureReport: 'no',
        contentType: 'text/plain',
        body,
    };
}

/**
 * The chat message for an MSRP request.
 *
 * @param chat who speaks to whom, as JIDs, and the Call-ID of the session
 * @param received for a REPORT, the id of the message it is about
 */
export function messageFromMsrp(
    msrp: MsrpSend | MsrpReport,
    chat: { readonly from: string; readonly to: string; readonly callId: string },
    received = '',
): ChatMessage {
    const { from, to, callId } = chat;
    const id = msrp.transaction;
    if (msrp.method === 'REPORT') return { from, to, id, received };
    const request = msrp.successReport === 'yes';
    return { from, to, id, type: 'chat', thread: callId, body: msrp.body, ...(request && { request }) };
}

/** The MSRP response to a message that is larger than a gateway takes (section 8); null where it may go. */
export const statusOfSize = (bytes: number, limit: number): 413 | null => (bytes > limit ? 413 : null);
