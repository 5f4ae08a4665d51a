/**
 * Calls as entries of the chat history: an info message with plain text, which can be read without the plugin too. Components
 * show it nicely by its `sip_call`.
 */
import type { Direction, EndReason } from '../sip-sidecar/contract/index.js';
import { formatDuration } from '../i18n/duration.js';
import { t } from '../i18n/index.js';
import type { ConverseApi } from './converse.js';
import type { Call } from './phone.js';

/** What an entry remembers of its call: the attribute `sip_call` of the message. Times are ms since the epoch. */
export interface LoggedCall {
    readonly direction: Direction;
    readonly reason: EndReason;
    readonly video: boolean;
    readonly startedAt: number;
    /** null: never answered. */
    readonly answeredAt: number | null;
    readonly endedAt: number;
    readonly address: string;
}

/** Reasons for which a call that nobody answered here is a missed one. */
const MISSED: ReadonlySet<EndReason> = new Set(['missed', 'cancelled', 'no-answer', 'busy', 'connection-lost']);

/** What is remembered of a call that ended; null for one that is up. */
export function loggedCall(call: Call): LoggedCall | null {
    const { state, direction, video, startedAt, address } = call;
    if (state.name !== 'ended') return null;
    const { reason, answeredAt, endedAt } = state;
    return { direction, reason, video, startedAt, answeredAt, endedAt, address };
}

/** Whether a call came in and nobody took it. */
export function isMissed({ direction, answeredAt, reason }: LoggedCall): boolean {
    return direction === 'incoming' && answeredAt === null && MISSED.has(reason);
}

/** The text of an entry. @param name what the person is called */
export function describeCall(call: LoggedCall, name: string): string {
    const kind = call.video ? '-video' : '';
    if (isMissed(call)) return t(`history.missed${kind}`);
    if (call.answeredAt !== null) {
        const duration = formatDuration((call.endedAt - call.answeredAt) / 1000);
        return t(`history.${call.direction}${kind}`, { duration });
    }
    return t(`history.${call.direction}-failed`, { reason: t(`end.${call.reason}`, { name }) });
}

const KEY = 'converse-sip-unwritten';

/** Keeps what could not be written before the page went, for this tab. */
export function keepUnwritten(jid: string, calls: readonly Call[]): void {
    try {
        if (calls.length > 0) sessionStorage.setItem(KEY, JSON.stringify({ jid, calls }));
    } catch {
        // Full, or switched off in this browser.
    }
}

/** Takes it back, once. */
export function takeUnwritten(jid: string): readonly Call[] {
    try {
        const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as { jid?: unknown; calls?: unknown } | null;
        sessionStorage.removeItem(KEY);
        return kept?.jid === jid && Array.isArray(kept.calls) ? (kept.calls as readonly Call[]) : [];
    } catch {
        return [];
    }
}

/** Writes the entries. */
export class CallLog {
    constructor(private readonly api: ConverseApi) {}

    /**
     * Leaves the one entry of a call that ended, in the conversation with that contact; a missed one counts as unread unless
     * somebody looks at the conversation. A call with nobody known leaves none. Safe to call twice for the same call.
     */
    async write(call: Call): Promise<void> {
        const logged = loggedCall(call);
        const { jid } = call.identity;
        if (logged === null || jid === null) return;
        await this.api.chats.get(jid, {}, true);
        // Two who open a conversation at once get two models, of which Converse keeps the first: that one, then.
        const chat = await this.api.chats.get(jid);
        if (!chat) return;
        await chat.messages.fetched;
        const id = `sip-${call.id}`;
        if (chat.messages.get(id)) return;
        const message = await chat.createMessage({
            // Deterministic: two entries with one id are one entry.
            id,
            type: 'info',
            message: describeCall(logged, chat.getDisplayName()),
            time: new Date(logged.startedAt).toISOString(),
            is_ephemeral: false,
            sip_call: logged,
        });
        if (message && isMissed(logged) && chat.isHidden()) chat.incrementUnreadMsgsCounter(message);
    }
}
