/**
 * Calls as entries of the chat history: an info message with plain text, which can be read without the plugin too. Components
 * show it nicely by its `sip_call`.
 */
import type { Ended } from '../sip-sidecar/contract/index.js';
import { isLike } from '../sip-sidecar/contract/shape.js';
import { stored } from './address-book/snapshot.js';
import type { ConverseApi, Message } from './converse.js';
import { describeCall, isMissed, type LoggedCall } from './logged-call.js';
import type { Call } from './phone.js';

/** What is remembered of a call that ended. @param announcement by which chat knows it */
export function loggedCall(call: Call, announcement: string | null): LoggedCall {
    const { direction, video, startedAt, address, identity } = call;
    const { reason, answeredAt, endedAt } = call.state as Ended;
    const sipCallIds = [call.id, ...call.sipCallIds];
    return { direction, reason, video, startedAt, answeredAt, endedAt, address, identity, announcement, sipCallIds };
}

/** By what a call is known: two reports that have one in common are of one call. */
const idsOf = ({ announcement, sipCallIds = [] }: Pick<LoggedCall, 'announcement' | 'sipCallIds'> = {}): string[] =>
    announcement ? [announcement, ...sipCallIds] : [...sipCallIds];

const KEY = 'converse-sip-unwritten';

/** An entry, and in whose conversation it belongs. */
export interface Entry {
    /** Bare JID. */
    readonly jid: string;
    readonly call: LoggedCall;
}

/** Keeps what could not be written before the page went, for this tab. @param own the own bare JID */
export function keepUnwritten(own: string, entries: readonly Entry[]): void {
    if (entries.length > 0) stored((storage) => storage.setItem(KEY, JSON.stringify({ own, entries })));
}

/** Takes it back, once. */
export function takeUnwritten(own: string): readonly Entry[] {
    const kept = stored((storage) => JSON.parse(storage.getItem(KEY) ?? 'null') as unknown);
    stored((storage) => storage.removeItem(KEY));
    return isLike(kept, { own: '', entries: null }) && kept.own === own && Array.isArray(kept.entries)
        ? (kept.entries as readonly Entry[])
        : [];
}

/**
 * Leaves the one entry of a call that ended, in the conversation with that contact; a missed one counts as unread unless
 * somebody looks at the conversation. Safe to call twice for the same call, whoever reports it: that it was answered
 * outweighs that it was not.
 */
export async function writeEntry({ chats }: ConverseApi, { jid, call }: Entry): Promise<void> {
    await chats.get(jid, {}, true);
    // Two who open a conversation at once get two models, of which Converse keeps the first: that one, then.
    const chat = await chats.get(jid);
    if (!chat) return;
    const { messages } = chat;
    await messages.fetched;
    const attributes = { message: describeCall(call, chat.getDisplayName()), sip_call: call };
    // Deterministic: two entries with one id are one entry.
    const ids = idsOf(call);
    const id = `sip-${ids[0] ?? String(call.startedAt)}`;
    const entryOf = (message: Message): LoggedCall | undefined => message.get('sip_call') as LoggedCall | undefined;
    const isKnown = (message: Message): boolean => idsOf(entryOf(message)).some((each) => ids.includes(each));
    const known = messages.get(id) ?? messages.models.find(isKnown);
    if (known) {
        if (call.answeredAt !== null && entryOf(known)?.answeredAt === null) known.save(attributes);
        return;
    }
    const time = new Date(call.startedAt).toISOString();
    const message = await chat.createMessage({ ...attributes, id, type: 'info', time, is_ephemeral: false });
    if (message && isMissed(call) && chat.isHidden()) chat.incrementUnreadMsgsCounter(message);
}
