/** An INVITE of theirs that may ring, until it is answered, refused or taken back (RFC 3261 sections 9.2 and 13.3). */
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { EndReason } from '../../contract/index.js';
import type { Core } from '../core/core.js';
import { answeredDialog } from '../core/dialog.js';
import { takeRequest } from '../core/server-request.js';
import { ALLOW } from '../headers.js';
import { describe, readDescription } from './session-description.js';
import { answerEarly } from './early.js';
import { agree, names } from './session-timer.js';
import { makeSession, reasonOf, type Session, type SessionHost } from './session.js';

/** One INVITE. */
export type IncomingInvite = ReturnType<typeof takeInvite>;

/** Takes one. @param ended the caller took it back */
export function takeInvite(core: Core, message: IncomingRequestMessage, ended: (reason: EndReason) => void) {
    const offer = readDescription(message);
    const invite = takeRequest(core, message);
    const dialog = answeredDialog(core, invite);
    let rings = false;

    function leave(status: number): void {
        if (invite.answered) return;
        invite.reply(status);
        dialog.dispose();
    }

    function over(reason: EndReason): void {
        leave(487);
        ended(reason);
    }

    invite.cancelled = (cancel) => {
        const reason = reasonOf(cancel);
        over(reason && ['answered-elsewhere', 'declined', 'busy'].includes(reason) ? reason : 'missed');
    };
    invite.reply(100);

    return {
        /** Null where they leave it to us. */
        offer,

        /** How many seconds they let it ring. */
        get expires(): number {
            const seconds = Number(message.getHeader('expires'));
            return seconds > 0 ? seconds : Infinity;
        },

        /** 180, once. @returns whether it does so now */
        ring(): boolean {
            if (rings) return false;
            rings = true;
            dialog.host = {
                request: (request) => {
                    const { method } = request.message;
                    if (method === 'BYE') {
                        // Instead of a CANCEL (RFC 3261 section 15).
                        request.reply(200);
                        over('missed');
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
            const headers = [core.contact];
            if (!names(message, 'require', '100rel')) invite.reply(180, headers);
            // Where they leave the offer to us a reliable answer would have to bring it: nothing is gathered before the
            // person answers (RFC 3262 section 5).
            else if (offer !== null) invite.reply(180, [...headers, 'Require: 100rel', 'RSeq: 1'], null, true);
            return true;
        },

        /** 200, with what {@link respond} says. @throws where it is over already */
        accept(sdp: string, headers: readonly string[], host: SessionHost): Session {
            const { timer, headers: more } = agree(message);
            dialog.accept(invite, [...headers, ...more, ALLOW, core.contact], describe(sdp));
            dialog.waiting = invite;
            return makeSession(dialog, host, timer, offer === null);
        },

        leave,
    };
}
