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
import { takeInvite, type IncomingInvite } from './dialogue/incoming-invite.js';
import { sendInvite } from './dialogue/outgoing-invite.js';
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
    shown(): Media;
    isOnHold(): boolean;
    take(make: (engine: MediaEngine) => Promise<MediaSession>, wanted: () => boolean): Promise<MediaSession>;
    sessionHost(media: () => MediaSession): SessionHost;
    /** A description of ours is about to leave. @param sipCallId with an INVITE of ours its Call-ID */
    local(sdp: string, sipCallId?: string): void;
    tell(event: CallEvent): void;
    /** This leg, whose media is up, stands for the call from now on. */
    succeed(successor: Successor): void;
    /** It came to nothing, and the leg that was up is over. */
    end(reason: EndReason): void;
}

/** What a leg on its way has come to, once it stands for the call. */
export interface Successor {
    readonly session: Session;
    readonly media: MediaSession;
    /** The Call-ID of an INVITE of ours. */
    readonly ours: string | null;
    /** It says that we hold. */
    readonly held: boolean;
    /** Their fingerprints, by which they were let in; and whether they take an INVITE with Replaces. */
    readonly theirs: readonly string[];
    readonly replaceable: boolean;
}

type Attempt = ReturnType<typeof attempt>;

/** A leg on its way. @param ours the Call-ID of an INVITE of ours */
function attempt(call: SuccessionHost, ours: string | null, done: (outcome: Reinvited) => void) {
    const { callId, host, listener } = call;
    const { clock, core } = host;
    let media: MediaSession | undefined;
    let leg: Leg | undefined;
    let session: Session | undefined;
    let state: 'open' | 'up' | 'over' = 'open';
    let connected = false;
    let held = false;
    let theirs: readonly string[] = [];
    let replaceable = false;
    /** What is told once it stands for the call. */
    const later: (() => void)[] = [];

    const isOpen = (): boolean => state === 'open';
    /** Does it once this leg stands for the call; until then what is said `before`, or it waits. */
    const up = (task: () => void, before = (): unknown => later.push(task)): void => {
        if (state === 'up') task();
        else before();
    };

    /** Nothing comes of it. */
    function fail(outcome: Reinvited): void {
        if (!isOpen()) return;
        state = 'over';
        stopTimer();
        leg?.leave(488);
        media?.close();
        done(outcome);
    }
    const refuse = (): void => {
        fail('refused');
    };
    const stopTimer = clock.after(MEDIA_TIMEOUT, refuse);

    function hear(message: IncomingMessage, sdp: string | undefined): void {
        theirs = readFingerprints(sdp);
        replaceable = names(message, 'supported', 'replaces');
        host.remote(callId, message, sdp);
    }

    async function open(): Promise<MediaSession> {
        held = call.isOnHold();
        media = await call.take(
            (engine) =>
                engine.renew(callId, call.shown(), {
                    ...listener,
                    connected: () => {
                        connected = true;
                        up(() => listener.connected(), stand);
                    },
                    interrupted: (since) => {
                        connected = false;
                        up(
                            () => listener.interrupted(since),
                            () => undefined,
                        );
                    },
                    failed: (repairable) => {
                        up(() => listener.failed(repairable), refuse);
                    },
                    renegotiate: () => {
                        up(
                            () => listener.renegotiate(),
                            () => session?.reinvite({ iceRestart: false, patience: TRANSACTION_TIMEOUT }),
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
            isOpen,
        );
        media.hold(held);
        return media;
    }

    function sessionHost(own: SessionHost): SessionHost {
        return {
            ...own,
            remote: (message, sdp) => {
                // Whoever was let in for their fingerprint has no other in the end.
                const known = theirs.join();
                if (isOpen() && known && known !== readFingerprints(sdp).join()) refuse();
                else own.remote(message, sdp);
            },
            ended: (reason) => {
                up(() => own.ended(reason), refuse);
            },
        };
    }

    function answered(by: Session): void {
        leg = session = by;
        stand();
    }

    function stand(): void {
        if (!session || !media || !connected || !isOpen()) return;
        state = 'up';
        stopTimer();
        call.succeed({ session, media, ours, held, theirs, replaceable });
        for (const task of later) task();
        done('accepted');
    }

    return {
        fail,
        /** The Call-ID of an INVITE of ours, until it has its answer. */
        pending: (): string | null => (session ? null : ours),

        /** @param headers `Name: value` lines */
        async invite(target: string, newId: string, headers: readonly string[]): Promise<void> {
            try {
                const own = await open();
                const offer = await own.createOffer();
                if (!isOpen()) return;
                call.local(offer, newId);
                const what = { target, callId: newId, headers, offer };
                leg = sendInvite(core, what, sessionHost(call.sessionHost(() => own)), {
                    accepted: (by, answer, message) => {
                        leg = by;
                        if (!isOpen()) {
                            by.leave();
                            return;
                        }
                        hear(message, answer);
                        void by.begin(answer).then((usable) => {
                            if (usable) answered(by);
                        });
                    },
                    rejected: (response) => {
                        fail(outcomeOf(response));
                    },
                });
            } catch {
                fail('again');
            }
        },

        async answer(invite: IncomingInvite, message: IncomingRequestMessage): Promise<void> {
            leg = invite;
            try {
                const own = await open();
                const sdp = await respond(own, invite.offer);
                if (!isOpen()) return;
                hear(message, invite.offer ?? undefined);
                call.local(sdp);
                answered(invite.accept(sdp, [], sessionHost(call.sessionHost(() => own))));
            } catch {
                refuse();
            }
        },
    };
}

/** The legs that follow one another in a call. */
export function makeSuccession(call: SuccessionHost) {
    const { clock, core } = call.host;
    let next: Attempt | null = null;
    let asked: ((accept: boolean) => void) | undefined;
    /** Why the leg that is up is over: one that is on its way may go on with the call. */
    let ended: EndReason | null = null;

    const pending = (): string | null => next?.pending() ?? null;

    function begin(callId: string | null, done?: (outcome: Reinvited) => void): Attempt {
        const before = next;
        const now: Attempt = attempt(call, callId, (outcome) => {
            if (next === now) {
                next = null;
                if (outcome === 'accepted') ended = null;
                else if (ended !== null) call.end(ended);
            }
            done?.(outcome);
        });
        next = now;
        before?.fail('again');
        return now;
    }

    return {
        /** The Call-ID of our INVITE that is on its way. */
        pending,

        /** Whether the person is asked. */
        isAsking: (): boolean => asked !== undefined,

        /** Calls to go on. Never rejects. @param replaces the header, as a line */
        invite(target: string, replaces: string): Promise<Reinvited> {
            if (next !== null) return Promise.resolve('again');
            return new Promise((resolve) => {
                const callId = uuid();
                void begin(callId, resolve).invite(target, callId, [replaces, 'Require: replaces']);
            });
        },

        /** Somebody calls to go on. @param question what the person is asked first; null: nothing */
        receive(message: IncomingRequestMessage, question: Question | null): void {
            const accept = (): void => {
                const own = begin(null);
                withdraw = () => {
                    own.fail('refused');
                };
                void own.answer(invite, message);
            };
            const reply = (yes: boolean): void => {
                withdraw();
                if (yes) accept();
                else invite.leave(603);
            };
            let withdraw = (): void => {
                stop();
                asked = undefined;
                call.tell({ type: 'question', question: null });
            };
            const invite = takeInvite(core, message, () => {
                withdraw();
            });
            if (question === null) {
                accept();
                return;
            }
            const stop = clock.after(QUESTION_TIMEOUT, () => {
                reply(false);
            });
            asked = reply;
            call.tell({ type: 'question', question });
        },

        /** The person's answer. */
        reply(accept: boolean): void {
            asked?.(accept);
        },

        /** The leg that is up is over. @returns whether another one may go on with the call */
        outlives(reason: EndReason): boolean {
            ended = reason;
            return next !== null;
        },

        /** The connection is gone, and with it the answer to our INVITE. */
        connectionLost(): void {
            if (pending() !== null) next?.fail('again');
        },

        dispose(): void {
            asked?.(false);
            next?.fail('refused');
        },
    };
}
