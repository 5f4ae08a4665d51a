/**
 * A call that is answered, on the wire: one dialog (RFC 3261 section 12) and the exchanges of offer and answer in it
 * (section 14). In place of sip.js' own Session, which undoes nothing that is refused.
 */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import {
    endReasonFromHeader,
    type Clock,
    type DialogRecord,
    type EndReason,
    type MediaSession,
} from '../../contract/index.js';
import { isOurs, type ClientRequest } from '../core/client-request.js';
import type { Dialog } from '../core/dialog.js';
import type { ServerRequest } from '../core/server-request.js';
import { secureRandom } from '../random.js';
import { ALLOW } from '../headers.js';
import { BYE_AGAIN, BYE_TRIES, TRANSACTION_TIMEOUT } from '../policies.js';
import { FOREIGN, describe, isForeign, readDescription, respond } from './session-description.js';

/** One stage of a call on the wire. */
export interface Leg {
    /** Ends it, with a word to the other side: BYE, CANCEL, or a refusal with this status. */
    leave(status: number): void;
}

/** What a session needs. */
export interface SessionHost {
    readonly media: MediaSession;
    readonly clock: Clock;
    isConnected(): boolean;
    /** A later description of theirs, before it is taken in, and the message that brought it. */
    remote(message: IncomingMessage, sdp: string): void;
    /** It is over without our having asked. */
    ended(reason: EndReason): void;
}

/** What came of a re-INVITE; with `again` it may be tried once more, after `gone` nothing more. */
export type Reinvited = 'accepted' | 'refused' | 'again' | 'gone';

/** The reason of a Reason header, where several may stand. */
export function reasonOf(message: IncomingRequestMessage): EndReason | null {
    return endReasonFromHeader(message.getHeaders('reason').join(','));
}

/** One dialog, from the 2xx to the BYE. */
export class Session implements Leg {
    /** A first exchange is complete: what fails after it is undone. */
    private agreed: boolean;
    private over = false;
    /** The BYE that may not be sent before their ACK. */
    private farewell: (() => void) | null = null;
    /** A re-INVITE of ours that is open. */
    private ours: ClientRequest | null = null;
    /** A re-INVITE of theirs that is being answered or waits for its ACK; and how many there were. */
    private theirs: ServerRequest | null = null;
    private received = 0;
    /** Media has taken in what came last. */
    private settled: Promise<unknown> = Promise.resolve();
    private stopTimer: () => void = () => undefined;

    /**
     * @param contact our Contact in this dialog
     * @param offered whether an offer of ours is in a 2xx, so that the ACK brings the answer
     */
    constructor(
        private readonly dialog: Dialog,
        private readonly contact: string,
        private readonly host: SessionHost,
        private offered = false,
    ) {
        this.agreed = !offered;
        dialog.host = {
            request: (request) => {
                this.receive(request);
            },
            acknowledged: (ack) => {
                this.theirs = null;
                if (this.farewell !== null) this.farewell();
                else void this.acknowledged(ack);
            },
        };
        if (dialog.waiting !== null) {
            dialog.waiting.unacknowledged = () => {
                dialog.waiting = null;
                if (this.farewell !== null) this.farewell();
                else this.fail('connection-lost');
            };
        }
    }

    /** Takes the answer to the offer of our INVITE. @returns whether it can be used; else it is over */
    async begin(answer: string | undefined): Promise<boolean> {
        const usable = answer !== undefined && (await this.take(answer));
        if (!usable) this.fail('media-failed', 488);
        return usable;
    }

    /** Offers anew. One at a time. Whatever is not accepted is undone. Never rejects. */
    async reinvite(): Promise<Reinvited> {
        const { received } = this;
        if (this.theirs?.answered === false || this.offered) return 'again';
        try {
            const sdp = await this.host.media.createOffer();
            // Where theirs came meanwhile it goes first, and has undone this offer.
            if (received === this.received) return await this.offer(sdp);
        } catch {
            // Theirs waits for its ACK, or the devices gave no offer.
            if (received === this.received) await this.rollback();
        }
        return 'again';
    }

    /** Sends something beside the media, without waiting for the answer. */
    info(type: string, content: string): void {
        this.dialog.request('INFO', [], { type, content });
    }

    /** What the next page has to know of it. */
    get record(): DialogRecord {
        return this.dialog.record;
    }

    leave(): void {
        if (!this.over) this.bye();
    }

    private receive(request: ServerRequest): void {
        const { message } = request;
        switch (message.method) {
            case 'BYE': {
                this.close();
                this.farewell = null;
                this.dialog.dispose();
                request.reply(200);
                const reason = reasonOf(message);
                this.host.ended(reason === null || reason === 'answered-elsewhere' ? 'hung-up' : reason);
                break;
            }
            case 'INFO': {
                const type = message.getHeader('content-type') ?? 'application/dtmf';
                const known = /^application\/(?:dtmf|dtmf-relay|media_control\+xml)\b/iu.test(type);
                request.reply(known ? 200 : 415);
                break;
            }
            case 'INVITE':
                // One exchange at a time (RFC 3261 section 14.2)
                if (this.theirs !== null || this.offered) request.reply(500, [`Retry-After: ${retryAfter()}`]);
                else if (this.ours !== null) request.reply(491);
                else if (isForeign(message)) request.reply(FOREIGN.statusCode, FOREIGN.extraHeaders);
                else void this.answer(request).catch(() => undefined);
                break;
            default:
                request.refuse();
        }
    }

    private close(): void {
        this.over = true;
        this.stopTimer();
    }

    private fail(reason: EndReason, cause?: number): void {
        if (!this.over) this.bye(cause);
        this.host.ended(reason);
    }

    /**
     * BYE, and again where the other side was away for the moment: after a restart of the server both sides come back, and
     * one of them is the first. Whoever was called may only send it when the ACK is there (RFC 3261 section 15).
     */
    private bye(cause?: number, tries = 1): void {
        this.close();
        const { dialog, host } = this;
        const reason = cause === undefined ? [] : [`Reason: SIP;cause=${String(cause)}`];
        const send = (): void => {
            this.farewell = null;
            dialog.request('BYE', reason, null, (response) => {
                if (!BYE_AGAIN.has(response.statusCode ?? 0) || isOurs(response) || tries === BYE_TRIES) return;
                host.clock.after(1000 * 2 ** (tries - 1), () => {
                    if (host.isConnected()) this.bye(cause, tries + 1);
                });
            });
            dialog.dispose();
        };
        if (dialog.waiting === null) send();
        else this.farewell = send;
    }

    private take(sdp: string): Promise<boolean> {
        const taken = this.host.media.setRemoteDescription({ type: 'answer', sdp }).then(
            () => true,
            () => false,
        );
        this.settled = taken;
        return taken;
    }

    private rollback(): Promise<void> {
        const undone = this.host.media.rollback().catch(() => undefined);
        this.settled = undone;
        return undone;
    }

    private offer(sdp: string): Promise<Reinvited> {
        const { dialog, host } = this;
        if (this.theirs !== null) throw new Error('theirs is open');
        return new Promise((resolve) => {
            const done = (): void => {
                stop();
                this.ours = null;
            };
            const undo = (outcome: Reinvited): void => {
                void this.rollback().then(() => {
                    resolve(outcome);
                });
            };
            const ours = dialog.request('INVITE', [`Contact: ${this.contact}`, ALLOW], describe(sdp), (response) => {
                const { statusCode = 0 } = response;
                if (statusCode < 200) return;
                done();
                if (statusCode >= 300) {
                    undo(outcomeOf(response));
                    return;
                }
                dialog.refresh(response);
                dialog.acknowledge(ours);
                const answer = readDescription(response);
                if (answer === null) {
                    undo('refused');
                    return;
                }
                host.remote(response, answer);
                void this.take(answer).then((usable) => {
                    if (usable) resolve('accepted');
                    else undo('refused');
                });
            });
            this.ours = ours;
            // After a 1xx it would wait for ever, and the final answer may have gone with the connection.
            const stop = host.clock.after(TRANSACTION_TIMEOUT, () => {
                done();
                ours.dispose();
                undo('again');
            });
        });
    }

    private async answer(invite: ServerRequest): Promise<void> {
        const { media, clock } = this.host;
        const offer = readDescription(invite.message);
        if (offer !== null) this.host.remote(invite.message, offer);
        this.received += 1;
        this.theirs = invite;
        this.dialog.refresh(invite.message);
        try {
            await this.settled;
            await media.rollback();
            const body = describe(await respond(media, offer));
            if (this.over) throw new Error('over');
            this.dialog.accept(invite, [`Contact: ${this.contact}`], body);
            this.offered = offer === null;
            this.stopTimer = clock.after(TRANSACTION_TIMEOUT, () => {
                this.theirs = null;
                void this.exchanged(false);
            });
        } catch {
            await this.rollback();
            this.theirs = null;
            invite.reply(this.over ? 487 : 488);
        }
    }

    private async acknowledged(message: IncomingRequestMessage): Promise<void> {
        this.stopTimer();
        if (!this.offered) return;
        const answer = readDescription(message);
        if (answer !== null) this.host.remote(message, answer);
        await this.exchanged(answer !== null && (await this.take(answer)));
    }

    /** What we offered in a 2xx is answered, or not. */
    private async exchanged(usable: boolean): Promise<void> {
        const { offered } = this;
        this.offered = false;
        this.agreed ||= usable;
        if (usable || !offered) return;
        if (this.agreed) await this.rollback();
        else this.fail('media-failed', 488);
    }
}

/** Seconds, so that two who tried at once do not meet again. */
const retryAfter = (): string => String(1 + Math.floor(secureRandom() * 10));

function outcomeOf(response: IncomingResponseMessage): Reinvited {
    const status = response.statusCode ?? 0;
    if (status === 491 || (status === 500 && response.hasHeader('retry-after'))) return 'again';
    return status === 481 && !isOurs(response) ? 'gone' : 'refused';
}
