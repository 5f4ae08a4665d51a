/**
 * A request of ours and its client transaction (RFC 3261 section 17.1, RFC 6026), with the answer to a challenge (section
 * 22). Over a WebSocket nothing is sent again and nothing lingers: timers A, D, E and K have no part here.
 */
import { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import { randomToken } from '../random.js';
import { TRANSACTION_TIMEOUT } from '../policies.js';
import type { Core } from './core.js';
import { writeRequest, type OutgoingRequest } from './outgoing-message.js';

/** Whether we made up a response ourselves: nobody answered (408), or nothing could be sent (503). */
export const isOurs = (response: IncomingResponseMessage): boolean => !response.hasHeader('via');

/** What is told of a request. */
export interface ClientRequestHost {
    /** A response: to an INVITE any but 100, to others the final one. See {@link isOurs}. */
    response(response: IncomingResponseMessage): void;
    /** Nothing more will come: some time after a 2xx to an INVITE. */
    ended?(): void;
    /** The CSeq for the request that answers a challenge; without it the next one. */
    nextSequence?(): number;
}

/** How many challenges a request answers in all: those of a proxy and of a server, and each once more. */
const MAX_ANSWERS = 4;

/** One request. */
export type ClientRequest = ReturnType<typeof sendRequest>;

/** Sends one, at once. */
export function sendRequest(core: Core, message: OutgoingRequest, host: ClientRequestHost) {
    const { clock, credentials } = core.configuration;
    const isInvite = message.method === 'INVITE';
    /** By To tag: the ACKs to the 2xx of an INVITE; empty before there is one. */
    const acks = new Map<string, string>();
    /** Whose challenges were answered, and the realms of those whose nonce was too old. */
    const answered = new Set<string>();
    let provisional = false;
    let cancelled = false;
    let key = '';
    let stop = (): void => undefined;

    function send(): void {
        const id = branch();
        message.via = core.via(id);
        key = id + message.method;
        provisional = false;
        message.authorization = credentials.authorize(message);
        core.clients.set(key, request);
        startTimer();
        core.send(writeRequest(message), () => {
            fail(503);
        });
    }

    /** Timer B or F; M where there was a 2xx. */
    function startTimer(): void {
        stop();
        stop = clock.after(TRANSACTION_TIMEOUT, () => {
            if (acks.size > 0) request.dispose();
            else fail(408);
        });
    }

    function fail(status: number): void {
        const response = new IncomingResponseMessage();
        response.statusCode = status;
        finish(response);
    }

    function finish(response: IncomingResponseMessage): void {
        if (!core.clients.delete(key)) return;
        stop();
        if (answer(response)) send();
        else {
            host.response(response);
            host.ended?.();
        }
    }

    /** Takes in a challenge, of each realm once, and once more where only its nonce was too old. @returns whether it did */
    function answer(response: IncomingResponseMessage): boolean {
        const proxy = response.statusCode === 407;
        if (!proxy && response.statusCode !== 401) return false;
        const challenge = credentials.prefer(response.getHeaders(proxy ? 'proxy-authenticate' : 'www-authenticate'));
        if (challenge === undefined || cancelled) return false;
        const { realm, stale } = challenge;
        const whose = [proxy, realm].join(' ');
        const key = stale?.toLowerCase() === 'true' && answered.has(whose) ? `${whose} again` : whose;
        if (answered.has(key) || answered.size >= MAX_ANSWERS) return false;
        answered.add(key);
        if (!credentials.challenged(message, proxy, challenge)) return false;
        message.cseq = host.nextSequence?.() ?? message.cseq + 1;
        return true;
    }

    /** What goes the way of the request itself: CANCEL, and the ACK to a refusal (RFC 3261 sections 9.1 and 17.1.1.3). */
    function sendBeside(method: string, to = message.to): void {
        core.send(writeRequest({ ...message, method, to, headers: [], authorization: [], body: null }));
    }

    const request = {
        message,

        /**
         * Sends CANCEL as soon as there is a provisional answer. No challenge is answered any more, and it ends even where
         * no final answer comes (RFC 3261 section 9.1).
         */
        cancel(): void {
            cancelled = true;
            startTimer();
            if (provisional) sendBeside('CANCEL');
        },

        /** Sends the ACK to the 2xx with this To tag, and again whenever that comes again. */
        acknowledge(toTag: string, ack: OutgoingRequest): void {
            const text = writeRequest({ ...ack, via: core.via(branch()) });
            acks.set(toTag, text);
            core.send(text);
        },

        /** The connection is gone: no answer to it comes any more. An INVITE is left to whoever sent it. */
        lost(): void {
            if (!isInvite) fail(503);
        },

        /** There is a new connection: an ACK may have gone with the old one. */
        reconnected(): void {
            for (const ack of acks.values()) if (ack !== '') core.send(ack);
        },

        /** Forgets it: nothing more is told. */
        dispose(): void {
            stop();
            core.clients.delete(key);
            host.ended?.();
        },

        receive(response: IncomingResponseMessage): void {
            const { statusCode = 0, toTag } = response;
            // After a 2xx only others of its kind count (RFC 6026 section 7.2).
            const accepted = acks.size > 0;
            if (statusCode >= 200 && statusCode < 300) credentials.learn(message, response);
            if (statusCode < 200) {
                if (!isInvite || accepted) return;
                if (!cancelled) stop();
                else if (!provisional) sendBeside('CANCEL');
                provisional = true;
                if (statusCode > 100) host.response(response);
            } else if (isInvite && statusCode < 300) {
                const ack = acks.get(toTag);
                if (ack !== undefined) {
                    if (ack !== '') core.send(ack);
                    return;
                }
                // Others may come of the branches of a fork, until timer M.
                if (!accepted) startTimer();
                acks.set(toTag, '');
                host.response(response);
            } else if (!accepted) {
                if (isInvite) sendBeside('ACK', response.getHeader('to'));
                finish(response);
            }
        },
    };
    send();
    return request;
}

/** Never to be guessed (RFC 3261 section 19.3). */
const branch = (): string => `z9hG4bK${randomToken()}`;
