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

/** One request, sent at once. */
export class ClientRequest {
    /** By To tag: the ACKs to the 2xx of an INVITE; empty before there is one. */
    private readonly acks = new Map<string, string>();
    /** Whose challenges were answered, and the realms of those whose nonce was too old. */
    private readonly answered = new Set<string>();
    private provisional = false;
    private cancelled = false;
    private key = '';
    private stop: () => void = () => undefined;

    constructor(
        private readonly core: Core,
        readonly message: OutgoingRequest,
        private readonly host: ClientRequestHost,
    ) {
        this.send();
    }

    /**
     * Sends CANCEL as soon as there is a provisional answer. No challenge is answered any more, and it ends even where no
     * final answer comes (RFC 3261 section 9.1).
     */
    cancel(): void {
        this.cancelled = true;
        this.startTimer();
        if (this.provisional) this.sendBeside('CANCEL');
    }

    /** Sends the ACK to the 2xx with this To tag, and again whenever that comes again. */
    acknowledge(toTag: string, ack: OutgoingRequest): void {
        const text = writeRequest({ ...ack, via: this.core.via(branch()) });
        this.acks.set(toTag, text);
        this.core.send(text);
    }

    /** The connection is gone: no answer to it comes any more. An INVITE is left to whoever sent it. */
    lost(): void {
        if (this.message.method !== 'INVITE') this.fail(503);
    }

    /** There is a new connection: an ACK may have gone with the old one. */
    reconnected(): void {
        for (const ack of this.acks.values()) if (ack !== '') this.core.send(ack);
    }

    /** Forgets it: nothing more is told. */
    dispose(): void {
        this.stop();
        this.core.clients.delete(this.key);
        this.host.ended?.();
    }

    receive(response: IncomingResponseMessage): void {
        const { statusCode = 0, toTag } = response;
        const invite = this.message.method === 'INVITE';
        // After a 2xx only others of its kind count (RFC 6026 section 7.2).
        const accepted = this.acks.size > 0;
        if (statusCode >= 200 && statusCode < 300) this.core.configuration.credentials.learn(this.message, response);
        if (statusCode < 200) {
            if (!invite || accepted) return;
            if (!this.cancelled) this.stop();
            else if (!this.provisional) this.sendBeside('CANCEL');
            this.provisional = true;
            if (statusCode > 100) this.host.response(response);
        } else if (invite && statusCode < 300) {
            const ack = this.acks.get(toTag);
            if (ack !== undefined) {
                if (ack !== '') this.core.send(ack);
                return;
            }
            // Others may come of the branches of a fork, until timer M.
            if (!accepted) this.startTimer();
            this.acks.set(toTag, '');
            this.host.response(response);
        } else if (!accepted) {
            if (invite) this.sendBeside('ACK', response.getHeader('to'));
            this.finish(response);
        }
    }

    private send(): void {
        const { core, message } = this;
        const id = branch();
        message.via = core.via(id);
        this.key = id + message.method;
        this.provisional = false;
        message.authorization = core.configuration.credentials.authorize(message);
        core.clients.set(this.key, this);
        this.startTimer();
        core.send(writeRequest(message), () => {
            this.fail(503);
        });
    }

    /** Timer B or F; M where there was a 2xx. */
    private startTimer(): void {
        this.stop();
        this.stop = this.core.configuration.clock.after(TRANSACTION_TIMEOUT, () => {
            if (this.acks.size > 0) this.dispose();
            else this.fail(408);
        });
    }

    private fail(status: number): void {
        const response = new IncomingResponseMessage();
        response.statusCode = status;
        this.finish(response);
    }

    private finish(response: IncomingResponseMessage): void {
        if (!this.core.clients.delete(this.key)) return;
        this.stop();
        if (this.answer(response)) this.send();
        else {
            this.host.response(response);
            this.host.ended?.();
        }
    }

    /** Takes in a challenge, of each realm once, and once more where only its nonce was too old. @returns whether it did */
    private answer(response: IncomingResponseMessage): boolean {
        const { message, core, host, answered } = this;
        const { credentials } = core.configuration;
        const proxy = response.statusCode === 407;
        if (!proxy && response.statusCode !== 401) return false;
        const challenge = credentials.prefer(response.getHeaders(proxy ? 'proxy-authenticate' : 'www-authenticate'));
        if (challenge === undefined || this.cancelled) return false;
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
    private sendBeside(method: string, to = this.message.to): void {
        const text = writeRequest({ ...this.message, method, to, headers: [], authorization: [], body: null });
        this.core.send(text);
    }
}

/** Never to be guessed (RFC 3261 section 19.3). */
const branch = (): string => `z9hG4bK${randomToken()}`;
