/** Session timers (RFC 4028): one side of a call says again and again that it is there, and the other ends it where not. */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import { MIN_SESSION_EXPIRES } from '../policies.js';
import type { Refusal } from './session-description.js';

/** What was agreed. */
export interface SessionTimer {
    /** How long the call is good for, from each refresh on. */
    readonly seconds: number;
    /** We refresh it. */
    readonly ours: boolean;
}

type Message = Pick<IncomingMessage, 'getHeaders'>;

/** Whether an option tag stands in Supported or Require. */
export const names = (message: Message, header: 'supported' | 'require', tag: string): boolean =>
    message
        .getHeaders(header)
        .join()
        .split(',')
        .some((value) => value.trim().toLowerCase() === tag);

/** What Session-Expires says; null: nothing. */
function read(message: Message): { readonly seconds: number; readonly refresher: string | undefined } | null {
    const [value = ''] = message.getHeaders('session-expires');
    const [, digits, refresher] = /^\s*(\d{1,9})\s*(?:;.*?\brefresher\s*=\s*(uac|uas)\b|;|$)/iu.exec(value) ?? [];
    return digits === undefined ? null : { seconds: Number(digits), refresher: refresher?.toLowerCase() };
}

/** Nobody makes us refresh without end, and browsers cannot wait for ever. */
const bounded = (seconds: number): number => Math.min(Math.max(seconds, MIN_SESSION_EXPIRES), 86_400);

/** What a 2xx to a request of ours agrees to. */
export function agreed(response: Message): SessionTimer | null {
    const value = read(response);
    return value && { seconds: bounded(value.seconds), ours: value.refresher !== 'uas' };
}

/** What a request of ours asks for: what is agreed already, with the same side to refresh, or what we would like. */
export function asking({ seconds, ours }: { readonly seconds: number; readonly ours?: boolean }): string {
    const refresher = ours === undefined ? '' : `;refresher=${ours ? 'uac' : 'uas'}`;
    return `Session-Expires: ${String(seconds)}${refresher}`;
}

/** The refusal of a request of theirs that wants to be refreshed too often (422); null where it does not. */
export function isTooShort(request: Message): Refusal | null {
    const value = read(request);
    const short = value !== null && value.seconds < MIN_SESSION_EXPIRES && names(request, 'supported', 'timer');
    return short ? { statusCode: 422, extraHeaders: [`Min-SE: ${String(MIN_SESSION_EXPIRES)}`] } : null;
}

/** What we agree to in the 2xx to a request of theirs: they refresh, if they can and do not want us to. */
export function agree(request: Message): { readonly timer: SessionTimer | null; readonly headers: readonly string[] } {
    const value = read(request);
    if (value === null) return { timer: null, headers: [] };
    const able = names(request, 'supported', 'timer');
    const ours = !able || value.refresher === 'uas';
    const seconds = bounded(value.seconds);
    const headers = [`Session-Expires: ${String(seconds)};refresher=${ours ? 'uas' : 'uac'}`];
    return { timer: { seconds, ours }, headers: able ? [...headers, 'Require: timer'] : headers };
}

/** What a 422 wants at least, in seconds; null where it names nothing that we would take. */
export function leastOf(response: Pick<IncomingMessage, 'getHeader'>, asked: number): number | null {
    const seconds = Number.parseInt(response.getHeader('min-se') ?? '', 10);
    return seconds > asked && seconds <= 86_400 ? seconds : null;
}
