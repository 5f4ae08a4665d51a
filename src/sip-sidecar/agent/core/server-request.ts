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
export class ServerRequest {
    readonly toTag: string;
    /** They take it back (RFC 3261 section 9.2). */
    cancelled: (cancel: IncomingRequestMessage) => void = () => undefined;
    /** No ACK came to our 2xx. */
    unacknowledged: () => void = () => undefined;
    private last = '';
    private status = 0;
    private stopAgain: () => void = () => undefined;
    private stopTimer: () => void = () => undefined;

    constructor(
        private readonly core: Core,
        readonly message: IncomingRequestMessage,
    ) {
        this.toTag = message.toTag || randomToken();
        core.servers.set(message.viaBranch, this);
        // Whoever was to answer may have gone while there was no connection.
        this.stopTimer = core.configuration.clock.after(ANSWER_TIMEOUT, () => {
            this.dispose();
        });
    }

    get answered(): boolean {
        return this.status >= 200;
    }

    get accepted(): boolean {
        return this.answered && this.status < 300;
    }

    /** Something of the same transaction: it comes again, or is taken back, or our refusal is acknowledged. */
    receive(message: IncomingRequestMessage): void {
        const { core, last } = this;
        if (message.method === 'CANCEL') {
            core.reply(message, 200, [], null, this.toTag);
            if (!this.answered) this.cancelled(message);
        } else if (message.method === 'ACK') {
            if (this.answered) this.dispose();
        } else if (last !== '' && !this.accepted) {
            core.send(last);
        }
    }

    /**
     * Answers.
     *
     * @param reliable whether a provisional answer is sent again until it is {@link acknowledged} (RFC 3262 section 3)
     * @throws where it has its answer already
     */
    reply(status: number, headers: readonly string[] = [], body: Body | null = null, reliable = false): void {
        const { core, message } = this;
        if (this.answered) throw new Error('answered');
        this.status = status;
        this.stopAgain();
        this.last = core.reply(message, status, headers, body, this.toTag);
        const isFinal = status >= 200;
        if (message.method !== 'INVITE') {
            if (isFinal) this.dispose();
        } else if (isFinal) {
            if (status < 300) this.again(T1, T2);
            // Timer H or L
            this.stopTimer();
            this.stopTimer = core.configuration.clock.after(TRANSACTION_TIMEOUT, () => {
                this.dispose();
                if (status < 300) this.unacknowledged();
            });
        } else if (status > 100) {
            if (reliable) this.again(T1, TRANSACTION_TIMEOUT);
            else this.again(PROVISIONAL_AGAIN, PROVISIONAL_AGAIN);
        }
    }

    /** Refuses what we have no part for. */
    refuse(): void {
        this.dispose();
        this.core.refuse(this.message);
    }

    /** The ACK to our 2xx has come, or the PRACK to a provisional answer. */
    acknowledged(): void {
        this.stopAgain();
        this.unacknowledged = () => undefined;
    }

    /** Forgets it. */
    dispose(): void {
        this.stopAgain();
        this.stopTimer();
        this.core.servers.delete(this.message.viaBranch);
    }

    private again(delay: number, most: number): void {
        this.stopAgain = this.core.configuration.clock.after(delay, () => {
            this.core.send(this.last);
            this.again(Math.min(delay * 2, most), most);
        });
    }
}
