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
import type { Dialog } from '../core/dialog.js';
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
export type Session = ReturnType<typeof makeSession>;

/**
 * Makes one.
 *
 * @param timer how long it is good for, null: until somebody ends it
 * @param offered whether an offer of ours is in a 2xx, so that the ACK brings the answer
 */
export function makeSession(dialog: Dialog, host: SessionHost, timer: SessionTimer | null, offered = false) {
    const { clock } = host;
    /** A first exchange is complete: what fails after it is undone. */
    let established = !offered;
    let over = false;
    /** The BYE that may not be sent before their ACK. */
    let farewell: (() => void) | null = null;
    /** A re-INVITE of ours that is open. */
    let ours: { readonly since: number; giveUp(): void } | null = null;
    /** A re-INVITE of theirs that is being answered or waits for its ACK; and how many there were. */
    let theirs: ServerRequest | null = null;
    let received = 0;
    /** Media has taken in what came last. */
    let settled: Promise<unknown> = Promise.resolve();
    let stopTimer = (): void => undefined;
    let stopExpiry = (): void => undefined;

    function close(): void {
        over = true;
        stopTimer();
        stopExpiry();
    }

    /**
     * Begins anew to wait: half the time is over when it is refreshed; where that is not accepted it is tried again. When
     * nearly all is over it ends.
     */
    function keep(now: SessionTimer | null): void {
        stopExpiry();
        timer = now;
        if (now === null || over) return;
        const { seconds, ours } = now;
        const end = clock.now() + (seconds - Math.min(32, seconds / 3)) * 1000;
        const wait = (delay: number): void => {
            stopExpiry = clock.after(delay, () => {
                const left = end - clock.now();
                if (left > 0) {
                    if (ours) host.refresh();
                    wait(Math.min(left, Math.max(left / 2, EXPIRY_AGAIN)));
                    // A refresh may have come to us while we were away; after that we say ourselves that we are there.
                } else if (host.isConnected()) fail('connection-lost');
                else wait(EXPIRY_AGAIN);
            });
        };
        wait(seconds * 500);
    }

    function fail(reason: EndReason, cause?: number): void {
        if (!over) bye(cause);
        host.ended(reason);
    }

    /**
     * BYE, and again where the other side was away for the moment: after a restart of the server both sides come back, and
     * one of them is the first. Whoever was called may only send it when the ACK is there (RFC 3261 section 15).
     */
    function bye(cause?: number, tries = 1): void {
        close();
        const reason = cause === undefined ? [] : [`Reason: SIP;cause=${String(cause)}`];
        const send = (): void => {
            farewell = null;
            dialog.request('BYE', reason, null, (response) => {
                if (!UNREACHABLE.has(response.statusCode ?? 0) || tries === BYE_TRIES) return;
                const again = (): void => {
                    bye(cause, tries + 1);
                };
                if (isOurs(response)) host.farewell(again);
                else clock.after(1000 * 2 ** (tries - 1), () => host.isConnected() && again());
            });
            dialog.dispose();
        };
        if (dialog.waiting === null) send();
        else farewell = send;
    }

    function take(sdp: string): Promise<boolean> {
        const taken = takeAnswer(host.media, sdp);
        settled = taken;
        return taken;
    }

    function rollback(outcome: Reinvited = 'again'): Promise<Reinvited> {
        const undone = host.media.rollback().then(
            () => outcome,
            () => outcome,
        );
        settled = undone;
        return undone;
    }

    function offer(sdp: string, patience: number): Promise<Reinvited> {
        if (theirs !== null) throw new Error('theirs is open');
        return new Promise((resolve) => {
            let open = true;
            const done = (): void => {
                stop();
                open = false;
                ours = null;
            };
            const undo = (outcome: Reinvited): void => {
                resolve(rollback(outcome));
            };
            const headers = [dialog.core.contact, ALLOW, ...(timer ? [asking(timer)] : [])];
            const invite = dialog.request('INVITE', headers, describe(sdp), (response) => {
                const { statusCode = 0 } = response;
                if (statusCode < 200) return;
                if (statusCode < 300) {
                    dialog.refresh(response);
                    dialog.acknowledge(invite);
                    keep(agreed(response));
                }
                if (!open) return;
                done();
                const least = statusCode === 422 && timer && leastOf(response, timer.seconds);
                if (timer && least) timer = { ...timer, seconds: least };
                const answer = statusCode < 300 ? readDescription(response) : null;
                if (answer === null) {
                    undo(least ? 'again' : outcomeOf(response));
                    return;
                }
                host.remote(response, answer);
                resolve(take(answer).then((usable) => (usable ? 'accepted' : rollback('refused'))));
            });
            // After a 1xx it would wait for ever, and the final answer may have gone with the connection.
            const giveUp = (): void => {
                done();
                invite.cancel();
                undo('again');
            };
            const stop = clock.after(patience, giveUp);
            ours = { since: clock.now(), giveUp };
        });
    }

    async function answer(invite: ServerRequest): Promise<void> {
        const { media } = host;
        const { message } = invite;
        const offer = readDescription(message);
        if (offer !== null) host.remote(message, offer);
        received += 1;
        ours?.giveUp();
        theirs = invite;
        try {
            dialog.refresh(message);
            await settled;
            await media.rollback();
            const body = describe(await respond(media, offer));
            if (over) throw new Error('over');
            const { timer, headers } = agree(message);
            const lines = [dialog.core.contact, ...headers];
            keep(timer);
            if (message.method === 'UPDATE') {
                theirs = null;
                invite.reply(200, lines, body);
                return;
            }
            dialog.accept(invite, lines, body);
            offered = offer === null;
            stopTimer = clock.after(TRANSACTION_TIMEOUT, () => {
                theirs = null;
                void exchanged(false);
            });
        } catch {
            await rollback();
            theirs = null;
            invite.reply(over ? 487 : 488);
        }
    }

    /** What we offered in a 2xx is answered, or not. */
    async function exchanged(usable: boolean): Promise<void> {
        const due = offered;
        offered = false;
        established ||= usable;
        if (usable || !due) return;
        if (established) await rollback();
        else fail('media-failed', 488);
    }

    keep(timer);
    dialog.host = {
        request: (request) => {
            const { message } = request;
            switch (message.method) {
                case 'BYE': {
                    close();
                    farewell = null;
                    dialog.dispose();
                    request.reply(200);
                    const reason = reasonOf(message);
                    host.ended(reason === null || reason === 'answered-elsewhere' ? 'hung-up' : reason);
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
                    else if (message.method === 'UPDATE' && readDescription(message) === null) {
                        // A refresh (RFC 3311 section 5.2)
                        const { timer, headers } = agree(message);
                        dialog.refresh(message);
                        request.reply(200, [dialog.core.contact, ...headers]);
                        keep(timer);
                    }
                    // One exchange at a time (RFC 3261 section 14.2, RFC 3311 section 5.2)
                    else if (theirs !== null || offered) request.reply(500, [`Retry-After: ${retryAfter()}`]);
                    else if (ours !== null && clock.now() - ours.since < CROSSING) request.reply(491);
                    else void answer(request).catch(() => undefined);
                    break;
                }
                default:
                    request.refuse();
            }
        },
        acknowledged: (ack) => {
            theirs = null;
            stopTimer();
            if (farewell !== null) farewell();
            else if (offered) {
                const answer = readDescription(ack);
                if (answer !== null) host.remote(ack, answer);
                void Promise.resolve(answer !== null && take(answer)).then(exchanged);
            }
        },
    };
    if (dialog.waiting !== null) {
        dialog.waiting.unacknowledged = () => {
            dialog.waiting = null;
            if (farewell !== null) farewell();
            else fail('connection-lost');
        };
    }

    return {
        /** The answer to the offer of our INVITE was taken in before it was accepted, or is being. */
        settle(taken: Promise<boolean>): void {
            settled = taken;
        },

        /** Takes the answer to the offer of our INVITE. @returns whether it can be used; else it is over */
        async begin(answer: string | undefined): Promise<boolean> {
            const usable = answer !== undefined && ((await settled) === true || (await take(answer)));
            if (!usable) fail('media-failed', 488);
            return usable;
        },

        /** Offers anew. One at a time. Whatever is not accepted is undone. Never rejects. */
        async reinvite({ iceRestart, patience }: Offering): Promise<Reinvited> {
            const before = received;
            if (theirs?.answered === false || offered) return 'again';
            try {
                const sdp = await host.media.createOffer({ iceRestart });
                // Where theirs came meanwhile it goes first, and has undone this offer.
                if (before === received) return await offer(sdp, patience);
            } catch {
                // Theirs waits for its ACK, or the devices gave no offer.
                if (before === received) await rollback();
            }
            return 'again';
        },

        /** No answer comes any more to a re-INVITE that is open: it counts as one to be tried again. */
        giveUp(): void {
            ours?.giveUp();
        },

        /** Sends something beside the media, without waiting for the answer. */
        info(type: string, content: string): void {
            dialog.request('INFO', [], { type, content });
        },

        /** What the next page has to know of it. */
        get record(): DialogRecord {
            return dialog.record;
        },

        leave(): void {
            if (!over) bye();
        },
    };
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
