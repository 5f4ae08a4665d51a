/**
 * A call that is answered, on the wire: one dialog (RFC 3261 section 12) and the exchanges of offer and answer in it
 * (section 14). In place of sip.js' own Session, which undoes nothing that is refused.
 */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import { type Clock, type DialogRecord, type EndReason, type MediaSession } from '../../contract/index.js';
import { endReasonFromHeader } from '../../contract/end-reason.js';
import { isOurs } from '../core/client-request.js';
import type { Dialog, DialogHost } from '../core/dialog.js';
import type { ServerRequest } from '../core/server-request.js';
import { secureRandom } from '../random.js';
import { ALLOW } from '../headers.js';
import { BYE_TRIES, CROSSING, EXPIRY_AGAIN, TRANSACTION_TIMEOUT, UNREACHABLE } from '../policies.js';
import {
    FOREIGN,
    describe,
    isForeign,
    readDescription,
    respond,
    takeAnswer,
    type Refusal,
} from './session-description.js';
import { agree, agreed, asking, isTooShort, leastOf, type SessionTimer } from './session-timer.js';

/** One stage of a call on the wire. */
export interface Leg {
    /** Ends it, with a word to the other side: BYE, CANCEL, or a refusal with this status. */
    leave(status: number): void;
}

/** What a session needs. */
export interface SessionHost {
    readonly media: MediaSession;
    readonly clock: Clock;
    /** Runs a last word to the other side now, or once the connection is back. */
    farewell(task: () => void): void;
    isConnected(): boolean;
    /** A later description of theirs, before it is taken in, and the message that brought it. */
    remote(message: IncomingMessage, sdp: string): void;
    /** It is time for a re-INVITE, which says no more than that we are there (RFC 4028 section 7.4). */
    refresh(): void;
    /** It is over without our having asked. */
    ended(reason: EndReason): void;
}

/** How a re-INVITE is made. */
export interface Offering {
    readonly iceRestart: boolean;
    /** How long it may go unanswered, in ms. */
    readonly patience: number;
}

/**
 * What came of a re-INVITE. `again`: it may be tried once more; `unreachable`: the way to the other side is broken, or they
 * are away; `gone`: the other side does not know this call.
 */
export type Reinvited = 'accepted' | 'refused' | 'again' | 'unreachable' | 'gone';

/** The reason of a Reason header, where several may stand. */
export function reasonOf(message: IncomingRequestMessage): EndReason | null {
    return endReasonFromHeader(message.getHeaders('reason').join(','));
}

/** One dialog, from the 2xx to the BYE. */
export class Session implements Leg, DialogHost {
    /** A first exchange is complete: what fails after it is undone. */
    private agreed: boolean;
    private over = false;
    /** The BYE that may not be sent before their ACK. */
    private farewell: (() => void) | null = null;
    /** A re-INVITE of ours that is open. */
    private ours: { readonly since: number; giveUp(): void } | null = null;
    /** A re-INVITE of theirs that is being answered or waits for its ACK; and how many there were. */
    private theirs: ServerRequest | null = null;
    private received = 0;
    /** Media has taken in what came last. */
    private settled: Promise<unknown> = Promise.resolve();
    private stopTimer: () => void = () => undefined;
    private stopExpiry: () => void = () => undefined;

    /**
     * @param timer how long it is good for, null: until somebody ends it
     * @param offered whether an offer of ours is in a 2xx, so that the ACK brings the answer
     */
    constructor(
        private readonly dialog: Dialog,
        private readonly host: SessionHost,
        private timer: SessionTimer | null,
        private offered = false,
    ) {
        this.agreed = !offered;
        this.keep(timer);
        dialog.host = this;
        if (dialog.waiting !== null) {
            dialog.waiting.unacknowledged = () => {
                dialog.waiting = null;
                if (this.farewell !== null) this.farewell();
                else this.fail('connection-lost');
            };
        }
    }

    /** The answer to the offer of our INVITE was taken in before it was accepted, or is being. */
    settle(taken: Promise<boolean>): void {
        this.settled = taken;
    }

    /** Takes the answer to the offer of our INVITE. @returns whether it can be used; else it is over */
    async begin(answer: string | undefined): Promise<boolean> {
        const usable = answer !== undefined && ((await this.settled) === true || (await this.take(answer)));
        if (!usable) this.fail('media-failed', 488);
        return usable;
    }

    /** Offers anew. One at a time. Whatever is not accepted is undone. Never rejects. */
    async reinvite({ iceRestart, patience }: Offering): Promise<Reinvited> {
        const { received } = this;
        if (this.theirs?.answered === false || this.offered) return 'again';
        try {
            const sdp = await this.host.media.createOffer({ iceRestart });
            // Where theirs came meanwhile it goes first, and has undone this offer.
            if (received === this.received) return await this.offer(sdp, patience);
        } catch {
            // Theirs waits for its ACK, or the devices gave no offer.
            if (received === this.received) await this.rollback();
        }
        return 'again';
    }

    /** No answer comes any more to a re-INVITE that is open: it counts as one to be tried again. */
    giveUp(): void {
        this.ours?.giveUp();
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

    /** Takes a request of theirs. */
    request(request: ServerRequest): void {
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
            case 'UPDATE':
            case 'INVITE': {
                const refusal = refusalOf(message);
                if (refusal !== null) request.reply(refusal.statusCode, refusal.extraHeaders);
                else if (message.method === 'UPDATE' && readDescription(message) === null) this.updated(request);
                // One exchange at a time (RFC 3261 section 14.2, RFC 3311 section 5.2)
                else if (this.theirs !== null || this.offered) request.reply(500, [`Retry-After: ${retryAfter()}`]);
                else if (this.ours !== null && this.host.clock.now() - this.ours.since < CROSSING) request.reply(491);
                else void this.answer(request).catch(() => undefined);
                break;
            }
            default:
                request.refuse();
        }
    }

    private close(): void {
        this.over = true;
        this.stopTimer();
        this.stopExpiry();
    }

    /**
     * Begins anew to wait: half the time is over when it is refreshed; where that is not accepted it is tried again. When
     * nearly all is over it ends.
     */
    private keep(timer: SessionTimer | null): void {
        const { host } = this;
        this.stopExpiry();
        this.timer = timer;
        if (timer === null || this.over) return;
        const { seconds, ours } = timer;
        const end = host.clock.now() + (seconds - Math.min(32, seconds / 3)) * 1000;
        const wait = (delay: number): void => {
            this.stopExpiry = host.clock.after(delay, () => {
                const left = end - host.clock.now();
                if (left > 0) {
                    if (ours) host.refresh();
                    wait(Math.min(left, Math.max(left / 2, EXPIRY_AGAIN)));
                    // A refresh may have come to us while we were away; after that we say ourselves that we are there.
                } else if (host.isConnected()) this.fail('connection-lost');
                else wait(EXPIRY_AGAIN);
            });
        };
        wait(seconds * 500);
    }

    /** UPDATE without an offer (RFC 3311 section 5.2): a refresh. */
    private updated(request: ServerRequest): void {
        const { timer, headers } = agree(request.message);
        this.dialog.refresh(request.message);
        request.reply(200, [this.dialog.core.contact, ...headers]);
        this.keep(timer);
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
                if (!UNREACHABLE.has(response.statusCode ?? 0) || tries === BYE_TRIES) return;
                const again = (): void => {
                    this.bye(cause, tries + 1);
                };
                if (isOurs(response)) host.farewell(again);
                else host.clock.after(1000 * 2 ** (tries - 1), () => host.isConnected() && again());
            });
            dialog.dispose();
        };
        if (dialog.waiting === null) send();
        else this.farewell = send;
    }

    private take(sdp: string): Promise<boolean> {
        const taken = takeAnswer(this.host.media, sdp);
        this.settled = taken;
        return taken;
    }

    private rollback(outcome: Reinvited = 'again'): Promise<Reinvited> {
        const undone = this.host.media.rollback().then(
            () => outcome,
            () => outcome,
        );
        this.settled = undone;
        return undone;
    }

    private offer(sdp: string, patience: number): Promise<Reinvited> {
        const { dialog, host } = this;
        if (this.theirs !== null) throw new Error('theirs is open');
        return new Promise((resolve) => {
            let open = true;
            const done = (): void => {
                stop();
                open = false;
                this.ours = null;
            };
            const undo = (outcome: Reinvited): void => {
                resolve(this.rollback(outcome));
            };
            const headers = [this.dialog.core.contact, ALLOW, ...(this.timer ? [asking(this.timer)] : [])];
            const ours = dialog.request('INVITE', headers, describe(sdp), (response) => {
                const { statusCode = 0 } = response;
                if (statusCode < 200) return;
                if (statusCode < 300) {
                    dialog.refresh(response);
                    dialog.acknowledge(ours);
                    this.keep(agreed(response));
                }
                if (!open) return;
                done();
                const least = statusCode === 422 && this.timer && leastOf(response, this.timer.seconds);
                if (this.timer && least) this.timer = { ...this.timer, seconds: least };
                const answer = statusCode < 300 ? readDescription(response) : null;
                if (answer === null) {
                    undo(least ? 'again' : outcomeOf(response));
                    return;
                }
                host.remote(response, answer);
                resolve(this.take(answer).then((usable) => (usable ? 'accepted' : this.rollback('refused'))));
            });
            // After a 1xx it would wait for ever, and the final answer may have gone with the connection.
            const giveUp = (): void => {
                done();
                ours.cancel();
                undo('again');
            };
            const stop = host.clock.after(patience, giveUp);
            this.ours = { since: host.clock.now(), giveUp };
        });
    }

    private async answer(invite: ServerRequest): Promise<void> {
        const { media, clock } = this.host;
        const isUpdate = invite.message.method === 'UPDATE';
        const offer = readDescription(invite.message);
        if (offer !== null) this.host.remote(invite.message, offer);
        this.received += 1;
        this.giveUp();
        this.theirs = invite;
        try {
            this.dialog.refresh(invite.message);
            await this.settled;
            await media.rollback();
            const body = describe(await respond(media, offer));
            if (this.over) throw new Error('over');
            const { timer, headers } = agree(invite.message);
            const lines = [this.dialog.core.contact, ...headers];
            this.keep(timer);
            if (isUpdate) {
                this.theirs = null;
                invite.reply(200, lines, body);
                return;
            }
            this.dialog.accept(invite, lines, body);
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

    /** Takes the ACK to a 2xx of ours. */
    acknowledged(ack: IncomingRequestMessage): void {
        this.theirs = null;
        this.stopTimer();
        if (this.farewell !== null) this.farewell();
        else if (this.offered) {
            const answer = readDescription(ack);
            if (answer !== null) this.host.remote(ack, answer);
            void Promise.resolve(answer !== null && this.take(answer)).then((usable) => this.exchanged(usable));
        }
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

/** How an offer of theirs is refused before it is looked at; null: it is not. */
export const refusalOf = (request: IncomingRequestMessage): Refusal | null =>
    isForeign(request) ? FOREIGN : isTooShort(request);

/** Seconds, so that two who tried at once do not meet again. */
export const retryAfter = (): string => String(1 + Math.floor(secureRandom() * 10));

/** What the refusal of an INVITE of ours means. */
export function outcomeOf(response: IncomingResponseMessage): Reinvited {
    const { statusCode = 0 } = response;
    if (statusCode === 491 || isOurs(response) || (statusCode === 500 && response.hasHeader('retry-after')))
        return 'again';
    if (statusCode === 481) return 'gone';
    return UNREACHABLE.has(statusCode) ? 'unreachable' : 'refused';
}
