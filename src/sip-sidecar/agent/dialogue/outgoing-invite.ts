/** An INVITE of ours, until it is answered, refused or taken back (RFC 3261 sections 9.1 and 13.2). */
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import { ClientRequest, type ClientRequestHost } from '../core/client-request.js';
import type { Core } from '../core/core.js';
import { Dialog } from '../core/dialog.js';
import { ALLOW } from '../headers.js';
import type { OutgoingRequest } from '../core/outgoing-message.js';
import { SESSION_EXPIRES } from '../policies.js';
import { answerEarly } from './early.js';
import { describe, readDescription, takeAnswer } from './session-description.js';
import { agreed, asking, leastOf, names } from './session-timer.js';
import { Session, type Leg, type SessionHost } from './session.js';

/** What is sent. */
export interface Invite {
    readonly target: string;
    readonly callId: string;
    /** `Name: value` lines. */
    readonly headers: readonly string[];
    readonly offer: string;
}

/** What it tells. */
export interface OutgoingInviteDelegate {
    /** Answered: {@link Session.begin} takes the answer; undefined where there is none. */
    accepted(session: Session, answer: string | undefined, response: IncomingResponseMessage): void;
    /** A provisional answer, with Contact or without. */
    ringing?(): void;
    /** What they play before they answer is taken in; without this nobody listens. */
    early?(): void;
    /** Answered by another than was heard before: the media needs a peer connection of its own, and a re-INVITE. */
    forked?(session: Session, answer: string | undefined, response: IncomingResponseMessage): void;
    rejected(response: IncomingResponseMessage): void;
}

/** One way the INVITE went, by a fork or without one. */
interface Branch {
    readonly dialog: Dialog;
    /** The description that came first. */
    answer: string | null;
    /** The last RSeq; 0 before there is one. */
    reliable: number;
    /** It has a 2xx. */
    confirmed: boolean;
}

/** One INVITE, sent at once. Where it forks the first answer counts, and every further one is ended. */
export class OutgoingInvite implements Leg, ClientRequestHost {
    private request: ClientRequest;
    /** By To tag. */
    private readonly branches = new Map<string, Branch>();
    /** How long the call is to be good for (RFC 4028): more where somebody has asked for it. */
    private seconds = SESSION_EXPIRES;
    /** Whose media is heard before an answer, and whether it was taken in. */
    private early: { readonly answer: string; readonly taken: Promise<boolean> } | null = null;
    /** It has no final answer yet, and is wanted. */
    private open = true;

    constructor(
        private readonly core: Core,
        private readonly invite: Invite,
        private readonly host: SessionHost,
        private readonly delegate: OutgoingInviteDelegate,
    ) {
        this.request = this.send({ target: invite.target });
    }

    /** Sends it once more, to another address, after a refusal that names one (RFC 3261 section 8.1.3.4). */
    redirect(target: string): void {
        this.again(target);
    }

    /** CANCEL, as soon as there is a first answer. */
    leave(): void {
        if (!this.open) return;
        this.open = false;
        this.request.cancel();
    }

    private again(target: string): void {
        const { cseq, fromTag } = this.request.message;
        this.open = true;
        this.request = this.send({ target, fromTag, cseq: cseq + 1 });
    }

    private send(given: Pick<OutgoingRequest, 'target'> & Partial<OutgoingRequest>): ClientRequest {
        const { core, seconds } = this;
        const { target, callId, headers, offer } = this.invite;
        const message = core.makeRequest('INVITE', {
            to: `<${target}>`,
            callId,
            headers: [
                ...headers,
                core.contact,
                ALLOW,
                asking({ seconds }),
                ...(seconds > SESSION_EXPIRES ? [`Min-SE: ${String(seconds)}`] : []),
            ],
            body: describe(offer),
            ...given,
        });
        return new ClientRequest(core, message, this);
    }

    /** Nothing more comes of its request. */
    ended(): void {
        for (const { dialog, confirmed } of this.branches.values()) if (!confirmed) dialog.dispose();
    }

    /** Takes what is said to its request. */
    response(response: IncomingResponseMessage): void {
        const { statusCode = 0 } = response;
        if (statusCode >= 300) {
            if (!this.open) return;
            this.open = false;
            const least = statusCode === 422 ? leastOf(response, this.seconds) : null;
            if (least === null) {
                this.delegate.rejected(response);
                return;
            }
            this.seconds = least;
            this.again(this.request.message.target);
            return;
        }
        if (statusCode < 200 && this.open) this.delegate.ringing?.();
        const branch = this.branch(response);
        if (branch === null) return;
        if (statusCode < 200) this.progressed(branch, response);
        else this.answered(branch, response);
    }

    private branch(response: IncomingResponseMessage): Branch | null {
        const known = this.branches.get(response.toTag);
        if (known !== undefined) return known;
        const dialog = Dialog.called(this.core, this.request, response);
        if (dialog === null) return null;
        dialog.host = {
            request: (request) => {
                answerEarly(request, dialog);
            },
        };
        const branch = { dialog, answer: null, reliable: 0, confirmed: false };
        this.branches.set(response.toTag, branch);
        return branch;
    }

    private progressed(branch: Branch, response: IncomingResponseMessage): void {
        // RFC 3262 section 4
        const number = names(response, 'require', '100rel') && Number(response.getHeader('rseq'));
        // It comes again, or one before it is missing.
        if (number && branch.reliable > 0 && number !== branch.reliable + 1) return;
        branch.answer ??= readDescription(response);
        if (branch.answer !== null) this.hear(branch.answer);
        if (!number) return;
        branch.reliable = number;
        branch.dialog.request('PRACK', [`RAck: ${String(number)} ${String(response.cseq)} INVITE`]);
    }

    private answered(branch: Branch, response: IncomingResponseMessage): void {
        const { dialog } = branch;
        branch.confirmed = true;
        dialog.confirm(response);
        dialog.acknowledge(this.request);
        if (!this.open) {
            dialog.request('BYE');
            dialog.dispose();
            return;
        }
        this.open = false;
        // Theirs may be in a 183 already.
        const answer = readDescription(response) ?? branch.answer ?? undefined;
        const session = new Session(dialog, this.host, agreed(response));
        const { delegate, early } = this;
        if (early !== null) this.host.media.hold(false);
        const same = early && answer && transportOf(answer) === transportOf(early.answer);
        if (same) session.settle(early.taken);
        if (early === null || same || !delegate.forked) delegate.accepted(session, answer, response);
        else delegate.forked(session, answer, response);
    }

    /**
     * Takes in what is played before the answer. Of several forks only the first is heard: a browser cannot change over to
     * another (Firefox knows no provisional answer, and Chromium's DTLS stays with the first).
     */
    private hear(answer: string): void {
        if (this.early !== null || !this.open || !this.delegate.early) return;
        const { media } = this.host;
        // Nobody hears us before they have answered.
        media.hold(true);
        const taken = takeAnswer(media, answer);
        this.early = { answer, taken };
        void taken.then((usable) => {
            if (usable) this.delegate.early?.();
            else if (this.open) {
                media.hold(false);
                this.early = null;
            }
        });
    }
}

/** Where media of a description comes from. */
const transportOf = (sdp: string): string => (sdp.match(/^a=(?:ice-ufrag|fingerprint):.*$/gmu) ?? []).sort().join();
