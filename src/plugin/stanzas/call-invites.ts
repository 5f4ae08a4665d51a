/** Announcements and events of calls (PROTOCOL.md 8.5): XEP-0482 with a `<dialog/>` (RFC 4235) as the way to join. */
import type { EndReason } from '../../sip-sidecar/contract/index.js';
import { endReasonOfJingle, JINGLE_REASON_OF_END } from '../stox/reasons.js';
import { buildDialog, parseDialog, type Dialog, type DialogParts } from './dialog.js';
import { identifier } from './identifier.js';
import { buildThread, threadOf } from './thread.js';
import { childIn, childOf, CLIENT, element } from './xml.js';

const CALL_INVITES = 'urn:xmpp:call-invites:0';
const JINGLE = 'urn:xmpp:jingle:1';
const HINTS = 'urn:xmpp:hints';
const STANZA_ID = 'urn:xmpp:sid:0';

/** What a chat message says about a call. `id` is the announcement's. */
export type CallEventMessage<D = Dialog | null> =
    /** The announcement of a call; without a dialog it is a call by other means. */
    | {
          readonly type: 'invite';
          readonly id: string;
          readonly audio: boolean;
          readonly video: boolean;
          readonly thread: string | null;
          readonly dialog: D;
      }
    /** Answered by the device that writes. */
    | { readonly type: 'accept'; readonly id: string; readonly dialog: D }
    /** Declined by the callee, withdrawn by the caller, left by either; the reason as the writer sees it. */
    | { readonly type: 'reject' | 'retract' | 'left'; readonly id: string; readonly reason: EndReason | null };

/** The message that tells it. @param id of the message; that of an invite has the event's own */
export function buildCallMessage(to: string, id: string, event: CallEventMessage<DialogParts>): Element {
    const own = event.type === 'invite' ? event.id : id;
    return element(CLIENT, 'message', { to, type: 'chat', id: own }, ...buildCallEvent(event));
}

/** Its children. */
export function buildCallEvent(event: CallEventMessage<DialogParts>): Element[] {
    const { type, id } = event;
    const store = element(HINTS, 'store');
    if (type === 'invite') {
        const { audio, video, thread } = event;
        const children = thread === null ? [] : [buildThread(thread)];
        const media = { audio: String(audio), video: String(video) };
        children.push(element(CALL_INVITES, type, media, buildDialog({ id, ...event.dialog })));
        return [...children, element(STANZA_ID, 'origin-id', { id }), store];
    }
    const child =
        type === 'accept'
            ? buildDialog({ id, ...event.dialog })
            : event.reason && element(JINGLE, 'reason', {}, element(JINGLE, JINGLE_REASON_OF_END[event.reason]));
    return [element(CALL_INVITES, type, { id }, child), store];
}

/** What a message says about a call; null: nothing that can be read. */
export function parseCallEvent(message: Element): CallEventMessage | null {
    const event = childIn(message, CALL_INVITES);
    if (event === null) return null;
    const type = event.localName;
    if (type === 'invite') {
        const origin = childOf(message, STANZA_ID, 'origin-id')?.getAttribute('id');
        const id = identifier(origin) ?? identifier(message.getAttribute('id'));
        if (id === null) return null;
        return {
            type,
            id,
            // Audio by default, video not (XEP-0482 section 2.1).
            audio: !/^(?:false|0)$/u.test(event.getAttribute('audio') ?? ''),
            video: /^(?:true|1)$/u.test(event.getAttribute('video') ?? ''),
            thread: threadOf(message),
            dialog: parseDialog(event),
        };
    }
    const id = identifier(event.getAttribute('id'));
    if (id === null) return null;
    if (type === 'accept') return { type, id, dialog: parseDialog(event) };
    if (type !== 'reject' && type !== 'retract' && type !== 'left') return null;
    const condition = childIn(childOf(event, JINGLE, 'reason'), JINGLE);
    return { type, id, reason: condition && endReasonOfJingle(condition.localName) };
}
