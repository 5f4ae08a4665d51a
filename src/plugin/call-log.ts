/**
 * Calls as entries of the chat history: an info message with plain text, which can be read without the plugin too. Components
 * show it nicely by its `sip_call`.
 */
import type { ConverseApi, Message } from './converse.js';
import { describeCall, isMissed, type LoggedCall } from './logged-call.js';
import type { Call } from './phone.js';

/** What is remembered of a call that ended; null for one that is up. @param announcement by which chat knows it */
export function loggedCall(call: Call, announcement: string | null = null): LoggedCall | null {
    const { state, direction, video, startedAt, address, identity, sipCallIds } = call;
    if (state.name !== 'ended') return null;
    const { reason, answeredAt, endedAt } = state;
    return {
        direction,
        reason,
        video,
        startedAt,
        answeredAt,
        endedAt,
        address,
        identity,
        announcement,
        sipCallIds: [call.id, ...sipCallIds],
    };
}

/** Whether two reports are of one call. */
function isSameCall(a: LoggedCall, b: LoggedCall | null | undefined): boolean {
    if (a.announcement && a.announcement === b?.announcement) return true;
    return a.sipCallIds?.some((id) => b?.sipCallIds?.includes(id)) === true;
}

const KEY = 'converse-sip-unwritten';

/** An entry, and in whose conversation it belongs. */
export interface Entry {
    /** Bare JID. */
    readonly jid: string;
    readonly call: LoggedCall;
}

/** Keeps what could not be written before the page went, for this tab. @param own the own bare JID */
export function keepUnwritten(own: string, entries: readonly Entry[]): void {
    try {
        if (entries.length > 0) sessionStorage.setItem(KEY, JSON.stringify({ own, entries }));
    } catch {
        // Full, or switched off in this browser.
    }
}

/** Takes it back, once. */
export function takeUnwritten(own: string): readonly Entry[] {
    try {
        const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as { own?: unknown; entries?: unknown } | null;
        sessionStorage.removeItem(KEY);
        return kept?.own === own && Array.isArray(kept.entries) ? (kept.entries as readonly Entry[]) : [];
    } catch {
        return [];
    }
}

/** Writes the entries. */
export class CallLog {
    constructor(private readonly api: ConverseApi) {}

    /**
     * Leaves the one entry of a call that ended, in the conversation with that contact; a missed one counts as unread unless
     * somebody looks at the conversation. Safe to call twice for the same call, whoever reports it: that it was answered
     * outweighs that it was not.
     */
    async write({ jid, call: logged }: Entry): Promise<void> {
        await this.api.chats.get(jid, {}, true);
        // Two who open a conversation at once get two models, of which Converse keeps the first: that one, then.
        const chat = await this.api.chats.get(jid);
        if (!chat) return;
        await chat.messages.fetched;
        const attributes = { message: describeCall(logged, chat.getDisplayName()), sip_call: logged };
        // Deterministic: two entries with one id are one entry.
        const id = `sip-${logged.announcement ?? logged.sipCallIds?.[0] ?? String(logged.startedAt)}`;
        const entryOf = (message: Message): LoggedCall | undefined => message.get('sip_call') as LoggedCall | undefined;
        const known =
            chat.messages.get(id) ?? chat.messages.models.find((message) => isSameCall(logged, entryOf(message)));
        if (known) {
            if (logged.answeredAt !== null && entryOf(known)?.answeredAt === null) known.save(attributes);
            return;
        }
        const message = await chat.createMessage({
            ...attributes,
            id,
            type: 'info',
            time: new Date(logged.startedAt).toISOString(),
            is_ephemeral: false,
        });
        if (message && isMissed(logged) && chat.isHidden()) chat.incrementUnreadMsgsCounter(message);
    }
}
