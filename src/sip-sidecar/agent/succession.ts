/**
 * How a call goes on by another INVITE (RFC 3891, PROTOCOL.md 8.13): with a dialog and a peer connection of its own, while
 * those before it stay until the new ones are up. We ask for that where re-INVITEs lead nowhere, and on the page after this
 * one; the other side does for the same reasons, or somebody in its place, of whom the person is asked.
 */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import {
    uuid,
    type CallEvent,
    type CallId,
    type EndReason,
    type Media,
    type MediaEngine,
    type MediaSession,
    type MediaSessionListener,
    type Question,
} from '../contract/index.js';
import type { CallHost } from './call-host.js';
import { IncomingInvite } from './dialogue/incoming-invite.js';
import { OutgoingInvite } from './dialogue/outgoing-invite.js';
import { respond } from './dialogue/session-description.js';
import { names } from './dialogue/session-timer.js';
import { outcomeOf, type Leg, type Reinvited, type Session, type SessionHost } from './dialogue/session.js';
import { MEDIA_TIMEOUT, QUESTION_TIMEOUT, TRANSACTION_TIMEOUT } from './policies.js';
import { readFingerprints } from './remote-party.js';

/** The call that goes on. */
export interface SuccessionHost {
    readonly callId: CallId;
    readonly host: CallHost;
    /** What is told of the media of the leg that is up. */
    readonly listener: MediaSessionListener;
    /** What is sent and received, and whether we hold. */
    readonly shown: Media;
    readonly onHold: boolean;
    take(make: (engine: MediaEngine) => Promise<MediaSession>, wanted: () => boolean): Promise<MediaSession>;
    sessionHost(media: () => MediaSession): SessionHost;
    /** A description of ours is about to leave. @param sipCallId with an INVITE of ours its Call-ID */
    local(sdp: string, sipCallId?: string): void;
    event(event: CallEvent): void;
    /** This leg, whose media is up, stands for the call from now on. */
    succeed(session: Session, media: MediaSession, attempt: Attempt): void;
    /** It came to nothing, and the leg that was up is over. */
    end(reason: EndReason): void;
}

/** A leg on its way. */
export class Attempt {
    private media?: MediaSession;
    private leg?: Leg;
    private session?: Session;
    private state: 'open' | 'up' | 'over' = 'open';
    private connected = false;
    /** It says that we hold. */
    held = false;
    /** Their fingerprints, by which they were let in; and whether they take an INVITE with Replaces. */
    theirs: readonly string[] = [];
    replaceable = false;
    /** What is told once it stands for the call. */
    private readonly later: (() => void)[] = [];
    private readonly stopTimer: () => void;

    constructor(
        private readonly call: SuccessionHost,
        /** The Call-ID of an INVITE of ours. */
        readonly ours: string | null,
        private readonly done: (outcome: Reinvited) => void,
    ) {
        this.stopTimer = call.host.clock.after(MEDIA_TIMEOUT, () => {
            this.fail('refused');
        });
    }

    /** {@link ours}, until it has its answer. */
    get pending(): string | null {
        return this.session ? null : this.ours;
    }

    /** @param headers `Name: value` lines */
    async invite(target: string, callId: string, headers: readonly string[]): Promise<void> {
        const { call } = this;
        try {
            const media = await this.open();
            const offer = await media.createOffer();
            if (!this.isOpen()) return;
            call.local(offer, callId);
            const invite = { target, callId, headers, offer };
            this.leg = new OutgoingInvite(call.host.core, invite, this.sessionHost(media), {
                accepted: (session, answer, message) => {
                    this.leg = session;
                    if (!this.isOpen()) {
                        session.leave();
                        return;
                    }
                    this.hear(message, answer);
                    void session.begin(answer).then((usable) => {
                        if (usable) this.answered(session);
                    });
                },
                rejected: (response) => {
                    this.fail(outcomeOf(response));
                },
            });
        } catch {
            this.fail('again');
        }
    }

    async answer(invite: IncomingInvite, message: IncomingRequestMessage): Promise<void> {
        this.leg = invite;
        try {
            const media = await this.open();
            const sdp = await respond(media, invite.offer);
            if (!this.isOpen()) return;
            this.hear(message, invite.offer ?? undefined);
            this.call.local(sdp);
            this.answered(invite.accept(sdp, [], this.sessionHost(media)));
        } catch {
            this.fail('refused');
        }
    }

    /** Nothing comes of it. */
    fail(outcome: Reinvited): void {
        if (!this.isOpen()) return;
        this.state = 'over';
        this.stopTimer();
        this.leg?.leave(488);
        this.media?.close();
        this.done(outcome);
    }

    private isOpen(): boolean {
        return this.state === 'open';
    }

    private hear(message: IncomingMessage, sdp: string | undefined): void {
        const { callId, host } = this.call;
        this.theirs = readFingerprints(sdp);
        this.replaceable = names(message, 'supported', 'replaces');
        host.remote(callId, message, sdp);
    }

    private async open(): Promise<MediaSession> {
        const { call, later } = this;
        const { callId, listener, onHold, shown } = call;
        /** Does it once this leg stands for the call; until then what is said `before`, or it waits. */
        const up = (task: () => void, before = (): unknown => later.push(task)): void => {
            if (this.state === 'up') task();
            else before();
        };
        this.held = onHold;
        const media = await call.take(
            (engine) =>
                engine.renew(callId, shown, {
                    ...listener,
                    connected: () => {
                        this.connected = true;
                        up(
                            () => listener.connected(),
                            () => this.stand(),
                        );
                    },
                    interrupted: (since) => {
                        this.connected = false;
                        up(
                            () => listener.interrupted(since),
                            () => undefined,
                        );
                    },
                    failed: (repairable) => {
                        up(
                            () => listener.failed(repairable),
                            () => this.fail('refused'),
                        );
                    },
                    renegotiate: () => {
                        up(
                            () => listener.renegotiate(),
                            () => this.session?.reinvite({ iceRestart: false, patience: TRANSACTION_TIMEOUT }),
                        );
                    },
                    media: (change) => {
                        up(() => listener.media(change));
                    },
                    heldByThem: (on) => {
                        up(() => listener.heldByThem(on));
                    },
                    problem: (problem) => {
                        up(() => listener.problem(problem));
                    },
                }),
            () => this.isOpen(),
        );
        this.media = media;
        media.hold(onHold);
        return media;
    }

    private sessionHost(media: MediaSession): SessionHost {
        const own = this.call.sessionHost(() => media);
        return {
            ...own,
            remote: (message, sdp) => {
                // Whoever was let in for their fingerprint has no other in the end.
                const theirs = this.theirs.join();
                if (this.isOpen() && theirs && theirs !== readFingerprints(sdp).join()) this.fail('refused');
                else own.remote(message, sdp);
            },
            ended: (reason) => {
                if (this.state === 'up') own.ended(reason);
                else this.fail('refused');
            },
        };
    }

    private answered(session: Session): void {
        this.leg = this.session = session;
        this.stand();
    }

    private stand(): void {
        const { session, media } = this;
        if (!session || !media || !this.connected || !this.isOpen()) return;
        this.state = 'up';
        this.stopTimer();
        this.call.succeed(session, media, this);
        for (const task of this.later) task();
        this.done('accepted');
    }
}

/** The legs that follow one another in a call. */
export class Succession {
    private next: Attempt | null = null;
    private asked?: ((accept: boolean) => void) | undefined;
    /** Why the leg that is up is over: one that is on its way may go on with the call. */
    private ended: EndReason | null = null;

    constructor(private readonly call: SuccessionHost) {}

    /** The Call-ID of our INVITE that is on its way. */
    get pending(): string | null {
        return this.next?.pending ?? null;
    }

    /** Whether the person is asked. */
    get isAsking(): boolean {
        return this.asked !== undefined;
    }

    /** Calls to go on. Never rejects. @param replaces the header, as a line */
    invite(target: string, replaces: string): Promise<Reinvited> {
        if (this.next !== null) return Promise.resolve('again');
        return new Promise((resolve) => {
            const callId = uuid();
            void this.begin(callId, resolve).invite(target, callId, [replaces, 'Require: replaces']);
        });
    }

    /** Somebody calls to go on. @param question what the person is asked first; null: nothing */
    receive(message: IncomingRequestMessage, question: Question | null): void {
        const { call } = this;
        const { clock, core } = call.host;
        const accept = (): void => {
            const attempt = this.begin(null);
            withdraw = () => {
                attempt.fail('refused');
            };
            void attempt.answer(invite, message);
        };
        const reply = (yes: boolean): void => {
            withdraw();
            if (yes) accept();
            else invite.leave(603);
        };
        let withdraw = (): void => {
            stop();
            this.asked = undefined;
            call.event({ type: 'question', question: null });
        };
        const invite = new IncomingInvite(core, message, () => {
            withdraw();
        });
        if (question === null) {
            accept();
            return;
        }
        const stop = clock.after(QUESTION_TIMEOUT, () => {
            reply(false);
        });
        this.asked = reply;
        call.event({ type: 'question', question });
    }

    /** The person's answer. */
    reply(accept: boolean): void {
        this.asked?.(accept);
    }

    /** The leg that is up is over. @returns whether another one may go on with the call */
    outlives(reason: EndReason): boolean {
        this.ended = reason;
        return this.next !== null;
    }

    /** The connection is gone, and with it the answer to our INVITE. */
    connectionLost(): void {
        if (this.pending !== null) this.next?.fail('again');
    }

    dispose(): void {
        this.reply(false);
        this.next?.fail('refused');
    }

    private begin(callId: string | null, done?: (outcome: Reinvited) => void): Attempt {
        const before = this.next;
        const attempt: Attempt = new Attempt(this.call, callId, (outcome) => {
            if (this.next === attempt) {
                this.next = null;
                if (outcome === 'accepted') this.ended = null;
                else if (this.ended !== null) this.call.end(this.ended);
            }
            done?.(outcome);
        });
        this.next = attempt;
        before?.fail('again');
        return attempt;
    }
}
