/**
 * A request of theirs and its server transaction (RFC 3261 section 17.2, RFC 6026). Over a WebSocket only the 2xx to an
 * INVITE is sent again, until its ACK comes (section 13.3.1.4): timers G, I and J have no part here.
 */
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import { randomToken } from '../random.js';
import { ANSWER_TIMEOUT, TRANSACTION_TIMEOUT } from '../policies.js';
import type { Core } from './core.js';
import type { Body } from './outgoing-message.js';

/** T1 and T2 of RFC 3261 section 17.1.1.1, in milliseconds. */
const T1 = 500;
const T2 = 4000;

/** A provisional answer is given again each minute, or proxies give the call up (RFC 3261 section 13.3.1.1). */
const PROVISIONAL_AGAIN = 60_000;

/** One request, until it is answered; an INVITE until its ACK. */
export type ServerRequest = ReturnType<typeof takeRequest>;

/** Takes one. */
export function takeRequest(core: Core, message: IncomingRequestMessage) {
    const { clock } = core.configuration;
    const toTag = message.toTag || randomToken();
    let last = '';
    let status = 0;
    let stopAgain = (): void => undefined;

    function again(delay: number, most: number): void {
        stopAgain = clock.after(delay, () => {
            core.send(last);
            again(Math.min(delay * 2, most), most);
        });
    }

    function dispose(): void {
        stopAgain();
        stopTimer();
        core.servers.delete(message.viaBranch);
    }

    const request = {
        message,
        toTag,
        /** They take it back (RFC 3261 section 9.2). */
        cancelled: (() => undefined) as (cancel: IncomingRequestMessage) => void,
        /** No ACK came to our 2xx. */
        unacknowledged: (): void => undefined,

        get answered(): boolean {
            return status >= 200;
        },

        /** It was answered with a 2xx: its ACK belongs to the dialog (RFC 3261 section 13.3.1.4). */
        get accepted(): boolean {
            return status >= 200 && status < 300;
        },

        /** Something of the same transaction: it comes again, or is taken back, or our refusal is acknowledged. */
        receive(other: IncomingRequestMessage): void {
            if (other.method === 'CANCEL') {
                core.reply(other, 200, [], null, toTag);
                if (status < 200) request.cancelled(other);
            } else if (other.method === 'ACK') {
                if (status >= 200) dispose();
            } else if (last !== '' && !request.accepted) {
                core.send(last);
            }
        },

        /**
         * Answers.
         *
         * @param reliable whether a provisional answer is sent again until it is {@link acknowledged} (RFC 3262 section 3)
         * @throws where it has its answer already
         */
        reply(now: number, headers: readonly string[] = [], body: Body | null = null, reliable = false): void {
            if (status >= 200) throw new Error('answered');
            status = now;
            stopAgain();
            last = core.reply(message, now, headers, body, toTag);
            if (message.method !== 'INVITE') {
                if (now >= 200) dispose();
            } else if (now >= 200) {
                if (now < 300) again(T1, T2);
                // Timer H or L
                stopTimer();
                stopTimer = clock.after(TRANSACTION_TIMEOUT, () => {
                    dispose();
                    if (now < 300) request.unacknowledged();
                });
            } else if (now > 100) {
                if (reliable) again(T1, TRANSACTION_TIMEOUT);
                else again(PROVISIONAL_AGAIN, PROVISIONAL_AGAIN);
            }
        },

        /** Refuses what we have no part for. */
        refuse(): void {
            dispose();
            core.refuse(message);
        },

        /** The ACK to our 2xx has come, or the PRACK to a provisional answer. */
        acknowledged(): void {
            stopAgain();
            request.unacknowledged = () => undefined;
        },

        /** Forgets it. */
        dispose,
    };
    core.servers.set(message.viaBranch, request);
    // Whoever was to answer may have gone while there was no connection.
    let stopTimer = clock.after(ANSWER_TIMEOUT, dispose);
    return request;
}
