/** Announcements and events of calls (PROTOCOL.md 8.5): XEP-0482 with a `<dialog/>` (RFC 4235) as the way to join. */
import type { EndReason } from '../../sip-sidecar/contract/index.js';
import { endReasonOfJingle, JINGLE_REASON_OF_END } from '../stox/reasons.js';
import { buildDialog, parseDialog, type Dialog, type DialogParts } from './dialog.js';
import { identifier } from './identifier.js';
import { buildThread, threadOf } from './thread.js';
import { childOf, childrenOf, CLIENT, element } from './xml.js';

const CALL_INVITES = 'urn:xmpp:call-invites:0';
const JINGLE = 'urn:xmpp:jingle:1';
const HINTS = 'urn:xmpp:hints';
const STANZA_ID = 'urn:xmpp:sid:0';

/** What a chat message says about a call. */
export interface CallEventMessage<D = Dialog | null> {
    /**
     * - `invite`: the announcement of a call; without a dialog it is a call by other means.
     * - `accept`: answered by the device that writes.
     * - `reject`, `retract`, `left`: declined by the callee, withdrawn by the caller, left by either.
     */
    readonly type: 'invite' | 'accept' | 'reject' | 'retract' | 'left';
    /** The announcement's. */
    readonly id: string;
    /** Of an invite: whether it is for a video call, and the conversation it belongs to. */
    readonly video: boolean;
    readonly thread: string | null;
    /** Of an invite and an accept. */
    readonly dialog: D;
    /** Of the others, as the writer sees it. */
    readonly reason: EndReason | null;
}

/** An event to be told; what is left out is not said. */
export type ToldEvent = Pick<CallEventMessage, 'type' | 'id'> & Partial<CallEventMessage<DialogParts>>;

/** The message that tells it. @param id of the message; that of an invite has the event's own */
export function buildCallMessage(to: string, id: string, event: ToldEvent): Element {
    const { type, video, thread, dialog, reason } = event;
    const invite = type === 'invite';
    return element(
        CLIENT,
        'message',
        { to, type: 'chat', id: invite ? event.id : id },
        thread ? buildThread(thread) : null,
        element(
            CALL_INVITES,
            type,
            invite ? { audio: 'true', video: String(video) } : { id: event.id },
            dialog ? buildDialog({ ...dialog, id: event.id }) : null,
            reason ? element(JINGLE, 'reason', {}, element(JINGLE, JINGLE_REASON_OF_END[reason])) : null,
        ),
        invite ? element(STANZA_ID, 'origin-id', { id: event.id }) : null,
        element(HINTS, 'store'),
    );
}

/** What a message says about a call; null: nothing that can be read. */
export function parseCallEvent(message: Element): CallEventMessage | null {
    const [event] = childrenOf(message, CALL_INVITES);
    const [type, joins] = /^(?:(invite|accept)|reject|retract|left)$/u.exec(event?.localName ?? '') ?? [];
    const named = type === 'invite' ? [childOf(message, STANZA_ID, 'origin-id'), message] : [event];
    const [id] = named.flatMap((each) => identifier(each?.getAttribute('id')) ?? []);
    if (!event || !id || !type) return null;
    const [condition] = childrenOf(childOf(event, JINGLE, 'reason'), JINGLE);
    return {
        type: type as CallEventMessage['type'],
        id,
        // Not by default (XEP-0482 section 2.1).
        video: /^(?:true|1)$/u.test(event.getAttribute('video') ?? ''),
        thread: threadOf(message),
        dialog: joins ? parseDialog(event) : null,
        reason: condition ? endReasonOfJingle(condition.localName) : null,
    };
}
