/**
 * A call that is answered, on the wire: one dialog of sip.js' core (RFC 3261 section 12) and the exchanges of offer and
 * answer in it (section 14). In place of sip.js' own Session, which undoes nothing that is refused.
 */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import type { IncomingInviteRequest } from 'sip.js/lib/core/messages/methods/invite.js';
import type { Session as Dialog } from 'sip.js/lib/core/session/session.js';
import type { NameAddrHeader } from 'sip.js/lib/grammar/name-addr-header.js';
import { endReasonFromHeader, type Clock, type EndReason, type MediaSession } from '../../contract/index.js';
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
    /** The other side asked us to call somebody else (REFER). */
    referred(): void;
    /** It is over without our having asked. */
    ended(reason: EndReason): void;
}

/** What came of a re-INVITE; with `again` it may be tried once more, after `gone` nothing more. */
export type Reinvited = 'accepted' | 'refused' | 'again' | 'gone';

/** The reason of a Reason header, where several may stand. */
export function reasonOf(message: IncomingRequestMessage): EndReason | null {
    return endReasonFromHeader(message.getHeaders('reason').join(','));
}

/** Whether sip.js made up a response itself: nobody answered (408), or nothing could be sent (503). */
export const isOurs = (response: IncomingResponseMessage): boolean => !response.hasHeader('via');

/** One dialog, from the 2xx to the BYE. */
export class Session implements Leg {
    /** A first exchange is complete: what fails after it is undone. */
    private agreed: boolean;
    private over = false;
    /** A re-INVITE of theirs is being answered; and how many there were. */
    private answering = false;
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
        dialog.delegate = {
            onAck: ({ message }) => this.acknowledged(message),
            onAckTimeout: () => {
                this.fail('connection-lost');
            },
            onBye: (bye) => {
                this.close();
                bye.accept();
                const reason = reasonOf(bye.message);
                host.ended(reason === null || reason === 'answered-elsewhere' ? 'hung-up' : reason);
            },
            onInfo: (info) => {
                const type = info.message.getHeader('content-type');
                const known =
                    type === undefined || /^application\/(?:dtmf|dtmf-relay|media_control\+xml)\b/iu.test(type);
                if (known) info.accept();
                else info.reject({ statusCode: 415 });
            },
            onInvite: (invite) => {
                if (isForeign(invite.message)) invite.reject({ ...FOREIGN });
                else void this.answer(invite).catch(() => undefined);
            },
            onMessage: (request) => request.reject({ statusCode: 405, extraHeaders: [ALLOW] }),
            onNotify: (request) => request.reject({ statusCode: 481 }),
            // We send nothing reliably (RFC 3262 section 3).
            onPrack: (request) => request.reject({ statusCode: 481 }),
            onRefer: (request) => {
                host.referred();
                request.reject({ statusCode: 603 });
            },
        };
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
        if (this.answering || this.offered) return 'again';
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
    info(contentType: string, content: string): void {
        this.dialog.info({}, { body: { contentDisposition: 'render', contentType, content } });
    }

    leave(): void {
        if (!this.over) this.bye();
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
        const send = (): void => {
            dialog.bye(
                {
                    onReject: ({ message }) => {
                        if (!BYE_AGAIN.has(message.statusCode ?? 0) || isOurs(message) || tries === BYE_TRIES) return;
                        host.clock.after(1000 * 2 ** (tries - 1), () => {
                            if (host.isConnected()) this.bye(cause, tries + 1);
                        });
                    },
                },
                cause === undefined ? {} : { extraHeaders: [`Reason: SIP;cause=${String(cause)}`] },
            );
        };
        try {
            send();
        } catch {
            dialog.delegate = { onAck: send, onAckTimeout: send };
        }
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
        return new Promise((resolve) => {
            const undo = (outcome: Reinvited): void => {
                stop();
                void this.rollback().then(() => {
                    resolve(outcome);
                });
            };
            const refused = ({ message }: { message: IncomingResponseMessage }): void => {
                undo(outcomeOf(message));
            };
            const request = dialog.invite(
                {
                    onAccept: (accept) => {
                        stop();
                        const { message } = accept;
                        refreshTarget(dialog, message);
                        accept.ack();
                        const answer = readDescription(message);
                        if (answer === null) {
                            undo('refused');
                            return;
                        }
                        host.remote(message, answer);
                        void this.take(answer).then((usable) => {
                            if (usable) resolve('accepted');
                            else undo('refused');
                        });
                    },
                    onRedirect: refused,
                    onReject: refused,
                },
                { extraHeaders: [`Contact: ${this.contact}`, ALLOW], body: describe(sdp) },
            );
            // After a 1xx sip.js waits for ever, and the final answer may have gone with the connection.
            const stop = host.clock.after(TRANSACTION_TIMEOUT, () => {
                const { core, transaction } = request as unknown as UserAgentClient;
                core.userAgentClients.delete(`${transaction.id}INVITE`);
                request.dispose();
                inside(dialog).reinviteUserAgentClient = undefined;
                inside(dialog).signalingStateRollback();
                undo('again');
            });
        });
    }

    private async answer(invite: IncomingInviteRequest): Promise<void> {
        const { media, clock } = this.host;
        const offer = readDescription(invite.message);
        if (offer !== null) this.host.remote(invite.message, offer);
        this.received += 1;
        this.answering = true;
        try {
            await this.settled;
            await media.rollback();
            const body = describe(await respond(media, offer));
            if (this.over) throw new Error('over');
            invite.accept({ statusCode: 200, extraHeaders: [`Contact: ${this.contact}`], body });
            this.offered = offer === null;
            this.stopTimer = clock.after(TRANSACTION_TIMEOUT, () => {
                // sip.js would wait for this ACK for ever, and refuse all that comes.
                inside(this.dialog).reinviteUserAgentServer = undefined;
                void this.exchanged(false);
            });
        } catch {
            await this.rollback();
            invite.reject({ statusCode: this.over ? 487 : 488 });
        } finally {
            this.answering = false;
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

/** What sip.js keeps to itself. */
const inside = (
    dialog: Dialog,
): {
    dialogState: { remoteTarget: unknown };
    reinviteUserAgentServer: unknown;
    reinviteUserAgentClient: unknown;
    signalingStateRollback(): void;
} => dialog as never;

/** The same of a request of ours. */
interface UserAgentClient {
    readonly core: { readonly userAgentClients: Map<string, unknown> };
    readonly transaction: { readonly id: string };
}

/** The Contact of a 2xx is where the dialog goes from now on (RFC 3261 section 12.2.1.2); sip.js takes only the first. */
function refreshTarget(dialog: Dialog, response: IncomingResponseMessage): void {
    const contact = response.parseHeader('contact') as NameAddrHeader | undefined;
    if (contact !== undefined) inside(dialog).dialogState.remoteTarget = contact.uri;
}

function outcomeOf(response: IncomingResponseMessage): Reinvited {
    const status = response.statusCode ?? 0;
    if (status === 491 || (status === 500 && response.hasHeader('retry-after'))) return 'again';
    return status === 481 && !isOurs(response) ? 'gone' : 'refused';
}
