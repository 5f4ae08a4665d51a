/** An INVITE of ours, until it is answered, refused or taken back (RFC 3261 sections 9.1 and 13.2). */
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import { sendRequest, type ClientRequest } from '../core/client-request.js';
import type { Core } from '../core/core.js';
import { calledDialog, type Dialog } from '../core/dialog.js';
import { ALLOW } from '../headers.js';
import type { OutgoingRequest } from '../core/outgoing-message.js';
import { SESSION_EXPIRES } from '../policies.js';
import { answerEarly } from './early.js';
import { describe, readDescription, takeAnswer } from './session-description.js';
import { agreed, asking, leastOf, names } from './session-timer.js';
import { makeSession, type Session, type SessionHost } from './session.js';

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

/** One INVITE. */
export type OutgoingInvite = ReturnType<typeof sendInvite>;

/** Sends one, at once. Where it forks the first answer counts, and every further one is ended. */
export function sendInvite(core: Core, invite: Invite, host: SessionHost, delegate: OutgoingInviteDelegate) {
    /** By To tag. */
    const branches = new Map<string, Branch>();
    /** How long the call is to be good for (RFC 4028): more where somebody has asked for it. */
    let seconds = SESSION_EXPIRES;
    /** Whose media is heard before an answer, and whether it was taken in. */
    let early: { readonly answer: string; readonly taken: Promise<boolean> } | null = null;
    /** It has no final answer yet, and is wanted. */
    let open = true;
    let request = send({ target: invite.target });

    function send(given: Pick<OutgoingRequest, 'target'> & Partial<OutgoingRequest>): ClientRequest {
        const message = core.makeRequest('INVITE', {
            to: `<${invite.target}>`,
            callId: invite.callId,
            headers: [
                ...invite.headers,
                core.contact,
                ALLOW,
                asking({ seconds }),
                ...(seconds > SESSION_EXPIRES ? [`Min-SE: ${String(seconds)}`] : []),
            ],
            body: describe(invite.offer),
            ...given,
        });
        return sendRequest(core, message, {
            response,
            ended: () => {
                for (const { dialog, confirmed } of branches.values()) if (!confirmed) dialog.dispose();
            },
        });
    }

    function redirect(target: string): void {
        const { cseq, fromTag } = request.message;
        open = true;
        request = send({ target, fromTag, cseq: cseq + 1 });
    }

    function response(message: IncomingResponseMessage): void {
        const { statusCode = 0 } = message;
        if (statusCode >= 300) {
            if (!open) return;
            open = false;
            const least = statusCode === 422 ? leastOf(message, seconds) : null;
            if (least === null) {
                delegate.rejected(message);
                return;
            }
            seconds = least;
            redirect(request.message.target);
            return;
        }
        if (statusCode < 200 && open) delegate.ringing?.();
        const branch = branchOf(message);
        if (branch === null) return;
        if (statusCode < 200) progressed(branch, message);
        else answered(branch, message);
    }

    function branchOf(response: IncomingResponseMessage): Branch | null {
        const known = branches.get(response.toTag);
        if (known !== undefined) return known;
        const dialog = calledDialog(core, request, response);
        if (dialog === null) return null;
        dialog.host = {
            request: (theirs) => {
                answerEarly(theirs, dialog);
            },
        };
        const branch = { dialog, answer: null, reliable: 0, confirmed: false };
        branches.set(response.toTag, branch);
        return branch;
    }

    function progressed(branch: Branch, response: IncomingResponseMessage): void {
        // RFC 3262 section 4
        const number = names(response, 'require', '100rel') && Number(response.getHeader('rseq'));
        // It comes again, or one before it is missing.
        if (number && branch.reliable > 0 && number !== branch.reliable + 1) return;
        branch.answer ??= readDescription(response);
        if (branch.answer !== null) hear(branch.answer);
        if (!number) return;
        branch.reliable = number;
        branch.dialog.request('PRACK', [`RAck: ${String(number)} ${String(response.cseq)} INVITE`]);
    }

    function answered(branch: Branch, response: IncomingResponseMessage): void {
        const { dialog } = branch;
        branch.confirmed = true;
        dialog.confirm(response);
        dialog.acknowledge(request);
        if (!open) {
            dialog.request('BYE');
            dialog.dispose();
            return;
        }
        open = false;
        // Theirs may be in a 183 already.
        const answer = readDescription(response) ?? branch.answer ?? undefined;
        const session = makeSession(dialog, host, agreed(response));
        if (early !== null) host.media.hold(false);
        const same = early && answer && transportOf(answer) === transportOf(early.answer);
        if (early && same) session.settle(early.taken);
        if (early === null || same || !delegate.forked) delegate.accepted(session, answer, response);
        else delegate.forked(session, answer, response);
    }

    /**
     * Takes in what is played before the answer. Of several forks only the first is heard: a browser cannot change over to
     * another (Firefox knows no provisional answer, and Chromium's DTLS stays with the first).
     */
    function hear(answer: string): void {
        if (early !== null || !open || !delegate.early) return;
        const { media } = host;
        // Nobody hears us before they have answered.
        media.hold(true);
        const taken = takeAnswer(media, answer);
        early = { answer, taken };
        void taken.then((usable) => {
            if (usable) delegate.early?.();
            else if (open) {
                media.hold(false);
                early = null;
            }
        });
    }

    return {
        /** Sends it once more, to another address, after a refusal that names one (RFC 3261 section 8.1.3.4). */
        redirect,

        /** CANCEL, as soon as there is a first answer. */
        leave(): void {
            if (!open) return;
            open = false;
            request.cancel();
        },
    };
}

/** Where media of a description comes from. */
const transportOf = (sdp: string): string => (sdp.match(/^a=(?:ice-ufrag|fingerprint):.*$/gmu) ?? []).sort().join();
