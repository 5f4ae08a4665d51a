/** An INVITE of ours, until it is answered, refused or taken back (RFC 3261 sections 9.1 and 13.2). */
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import type { OutgoingInviteRequest } from 'sip.js/lib/core/messages/methods/invite.js';
import type { UserAgentCore } from 'sip.js/lib/core/user-agent-core/user-agent-core.js';
import type { URI } from 'sip.js/lib/grammar/uri.js';
import { randomToken } from '../random.js';
import { ALLOW } from '../headers.js';
import { TRANSACTION_TIMEOUT } from '../policies.js';
import { describe, readDescription } from './session-description.js';
import { Session, type Leg, type SessionHost } from './session.js';

/** What is sent. */
export interface Invite {
    readonly target: URI;
    readonly callId: string;
    /** `Name: value` lines. */
    readonly headers: readonly string[];
    readonly offer: string;
}

/** What it tells. */
export interface OutgoingInviteDelegate {
    /** Answered: {@link Session.begin} takes the answer; undefined where there is none. */
    accepted(session: Session, answer: string | undefined, response: IncomingResponseMessage): void;
    rejected(response: IncomingResponseMessage): void;
}

/** One INVITE, sent at once. Where it forks the first answer counts, and every further one is ended. */
export class OutgoingInvite implements Leg {
    private readonly request: OutgoingInviteRequest;
    private accepted = false;
    private left = false;
    private stopTimer: () => void = () => undefined;

    constructor(
        private readonly core: UserAgentCore,
        { target, callId, headers, offer }: Invite,
        private readonly host: SessionHost,
        delegate: OutgoingInviteDelegate,
    ) {
        const { aor, contact } = core.configuration;
        const own = contact.toString({ outbound: contact.pubGruu === undefined });
        const options = { callId, fromTag: randomToken() };
        const lines = [...headers, `Contact: ${own}`, ALLOW];
        const message = core.makeOutgoingRequestMessage('INVITE', target, aor, target, options, lines, describe(offer));
        const rejected = (response: { message: IncomingResponseMessage }): void => {
            this.stopTimer();
            if (!this.left) delegate.rejected(response.message);
        };
        this.request = core.invite(message, {
            onAccept: (accept) => {
                const { message: response, session: dialog } = accept;
                this.stopTimer();
                accept.ack();
                if (this.accepted || this.left) {
                    dialog.bye();
                    return;
                }
                this.accepted = true;
                // Theirs may be in a 183 already.
                const answer = readDescription(response) ?? dialog.answer?.content;
                delegate.accepted(new Session(dialog, own, host), answer, response);
            },
            onProgress: (progress) => {
                const { message: response } = progress;
                // We do not ask for it, but some insist (RFC 3262 section 4).
                const number = Number(response.getHeader('rseq'));
                if (!number || !/\b100rel\b/iu.test(response.getHeader('require') ?? '')) return;
                progress.prack({ extraHeaders: [`RAck: ${String(number)} ${String(response.cseq)} INVITE`] });
            },
            onRedirect: rejected,
            onReject: rejected,
        });
    }

    /** CANCEL, as soon as there is a first answer. */
    leave(): void {
        if (this.accepted || this.left) return;
        this.left = true;
        const { request, core, host } = this;
        // A challenge that crosses the CANCEL is not answered: the INVITE would go out once more.
        Object.assign(request, { credentials: { authenticate: () => false } });
        request.cancel();
        // It ends even where no final answer comes (RFC 3261 section 9.1).
        this.stopTimer = host.clock.after(TRANSACTION_TIMEOUT, () => {
            const { transaction } = request as unknown as { transaction: { id: string } };
            core.userAgentClients.delete(`${transaction.id}INVITE`);
            request.dispose();
        });
    }
}
