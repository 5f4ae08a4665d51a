/**
 * Why a call ended in the words of Jingle (XEP-0166 section 7.4): the one table for what is told to the other side. Which SIP
 * code or Reason header means which end is in the contract of the sidecar.
 */
import type { EndReason } from '../../sip-sidecar/contract/index.js';

/** What an end reason is told as (the table of PROTOCOL.md 8.5). */
export const JINGLE_REASON_OF_END = {
    'hung-up': 'success',
    'answered-elsewhere': 'success',
    declined: 'decline',
    refused: 'decline',
    busy: 'busy',
    cancelled: 'cancel',
    'no-answer': 'timeout',
    missed: 'timeout',
    unavailable: 'timeout',
    'not-found': 'gone',
    'not-accepted': 'incompatible-parameters',
    forbidden: 'security-error',
    'media-failed': 'media-error',
    'no-permission': 'media-error',
    'no-device': 'media-error',
    'connection-lost': 'connectivity-error',
    transferred: 'alternative-session',
    replaced: 'alternative-session',
    failed: 'general-error',
} as const satisfies Readonly<Record<EndReason, string>>;

/** The end reason that a reason of Jingle stands for: the first that is told as it; `failed` for all others. */
export function endReasonOfJingle(reason: string): EndReason {
    const ends = Object.keys(JINGLE_REASON_OF_END) as EndReason[];
    return ends.find((end) => JINGLE_REASON_OF_END[end] === reason) ?? 'failed';
}
