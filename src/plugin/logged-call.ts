/** A call as the history remembers it, and in words: what whoever writes entries and whoever shows them have in common. */
import { formatDuration } from '../i18n/duration.js';
import { t } from '../i18n/index.js';
import type { EndReason } from '../sip-sidecar/contract/index.js';
import type { LoggedCall } from './phone.js';
import { JINGLE_REASON_OF_END } from './stox/reasons.js';

export type { LoggedCall };

/** Reasons for which a call that nobody answered here is a missed one. */
const MISSED: ReadonlySet<EndReason> = new Set(['missed', 'cancelled', 'no-answer', 'busy', 'connection-lost']);

/** Whether that is why a call can end. */
export const isEndReason = (reason: unknown): reason is EndReason =>
    Object.hasOwn(JINGLE_REASON_OF_END, String(reason));

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
