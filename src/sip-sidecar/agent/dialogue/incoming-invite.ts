/** An INVITE of theirs that may ring, until it is answered, refused or taken back (RFC 3261 sections 9.2 and 13.3). */
import type { IncomingInviteRequest } from 'sip.js/lib/core/messages/methods/invite.js';
import type { EndReason } from '../../contract/index.js';
import { describe, readDescription } from './session-description.js';
import { Session, reasonOf, type Leg, type SessionHost } from './session.js';

/** One INVITE. */
export class IncomingInvite implements Leg {
    /** Null where they leave it to us. */
    readonly offer: string | null;
    private rings = false;

    /** @param ended the caller took it back */
    constructor(
        private readonly request: IncomingInviteRequest,
        private readonly ended: (reason: EndReason) => void,
    ) {
        this.offer = readDescription(request.message);
        request.delegate = {
            onCancel: (cancel) => {
                const reason = reasonOf(cancel);
                const elsewhere = reason === 'answered-elsewhere' || reason === 'declined' || reason === 'busy';
                this.over(elsewhere ? reason : 'missed');
            },
        };
        request.trying();
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
        this.request.progress({ statusCode: 180 }).session.delegate = {
            // Instead of a CANCEL (RFC 3261 section 15).
            onBye: (bye) => {
                bye.accept();
                this.over('missed');
            },
        };
        return true;
    }

    /** 200, with what {@link respond} says. @throws where it is over already */
    accept(sdp: string, headers: readonly string[], contact: string, host: SessionHost): Session {
        const { session } = this.request.accept({ statusCode: 200, extraHeaders: [...headers], body: describe(sdp) });
        return new Session(session, contact, host, this.offer === null);
    }

    leave(status: number): void {
        try {
            this.request.reject({ statusCode: status });
        } catch {
            // It has its answer.
        }
    }

    private over(reason: EndReason): void {
        this.leave(487);
        this.ended(reason);
    }
}
