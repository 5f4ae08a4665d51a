/** An INVITE of theirs that may ring, until it is answered, refused or taken back (RFC 3261 sections 9.2 and 13.3). */
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { EndReason } from '../../contract/index.js';
import type { Core } from '../core/core.js';
import { Dialog } from '../core/dialog.js';
import { ServerRequest } from '../core/server-request.js';
import { ALLOW } from '../headers.js';
import { describe, readDescription } from './session-description.js';
import { answerEarly } from './early.js';
import { agree, names } from './session-timer.js';
import { Session, reasonOf, type Leg, type SessionHost } from './session.js';

/** One INVITE. */
export class IncomingInvite implements Leg {
    /** Null where they leave it to us. */
    readonly offer: string | null;
    private readonly request: ServerRequest;
    private readonly dialog: Dialog;
    private rings = false;

    /** @param ended the caller took it back */
    constructor(
        private readonly core: Core,
        message: IncomingRequestMessage,
        private readonly ended: (reason: EndReason) => void,
    ) {
        this.offer = readDescription(message);
        this.request = new ServerRequest(core, message);
        this.dialog = Dialog.answered(core, this.request);
        this.request.cancelled = (cancel) => {
            const reason = reasonOf(cancel);
            const elsewhere = reason === 'answered-elsewhere' || reason === 'declined' || reason === 'busy';
            this.over(elsewhere ? reason : 'missed');
        };
        this.request.reply(100);
    }

    /** How many seconds they let it ring. */
    get expires(): number {
        const seconds = Number(this.request.message.getHeader('expires'));
        return seconds > 0 ? seconds : Infinity;
    }

    /** 180, once. @returns whether it does so now */
    ring(): boolean {
        if (this.rings) return false;
        this.rings = true;
        const { dialog, request: invite } = this;
        const { message } = invite;
        dialog.host = {
            request: (request) => {
                const { method } = request.message;
                if (method === 'BYE') {
                    // Instead of a CANCEL (RFC 3261 section 15).
                    request.reply(200);
                    this.over('missed');
                } else if (
                    method === 'PRACK' &&
                    request.message.getHeader('rack') === `1 ${String(message.cseq)} INVITE`
                ) {
                    invite.acknowledged();
                    request.reply(200);
                } else {
                    answerEarly(request, dialog);
                }
            },
        };
        const headers = [this.core.contact];
        if (!names(message, 'require', '100rel')) invite.reply(180, headers);
        // Where they leave the offer to us a reliable answer would have to bring it: nothing is gathered before the person
        // answers (RFC 3262 section 5).
        else if (this.offer !== null) invite.reply(180, [...headers, 'Require: 100rel', 'RSeq: 1'], null, true);
        return true;
    }

    /** 200, with what {@link respond} says. @throws where it is over already */
    accept(sdp: string, headers: readonly string[], host: SessionHost): Session {
        const { dialog, request } = this;
        const { timer, headers: more } = agree(request.message);
        dialog.accept(request, [...headers, ...more, ALLOW, this.core.contact], describe(sdp));
        dialog.waiting = request;
        return new Session(dialog, host, timer, this.offer === null);
    }

    leave(status: number): void {
        if (this.request.answered) return;
        this.request.reply(status);
        this.dialog.dispose();
    }

    private over(reason: EndReason): void {
        this.leave(487);
        this.ended(reason);
    }
}
