/**
 * How a call goes on by another INVITE (RFC 3891, PROTOCOL.md 8.13): with a dialog and a peer connection of its own, while
 * those before it stay until the new ones are up. We ask for that where re-INVITEs lead nowhere, and on the page after this
 * one; the other side does for the same reasons, or somebody in its place, of whom the person is asked.
 */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import {
    uuid,
    type CallId,
    type Clock,
    type EndReason,
    type Media,
    type MediaEngine,
    type MediaSession,
    type MediaSessionListener,
    type Question,
} from '../contract/index.js';
import type { Core } from './core/core.js';
import { IncomingInvite } from './dialogue/incoming-invite.js';
import { OutgoingInvite } from './dialogue/outgoing-invite.js';
import { respond } from './dialogue/session-description.js';
import { outcomeOf, type Leg, type Reinvited, type Session, type SessionHost } from './dialogue/session.js';
import { MEDIA_TIMEOUT, QUESTION_TIMEOUT, TRANSACTION_TIMEOUT } from './policies.js';
import { readFingerprints } from './remote-party.js';

/** The call that goes on. */
export interface SuccessionHost {
    readonly callId: CallId;
    readonly core: Core;
    readonly clock: Clock;
    /** What is told of the media of the leg that is up. */
    readonly listener: MediaSessionListener;
    /** @throws where the media chunk cannot be loaded */
    engine(): Promise<MediaEngine>;
    /** What is sent and received, and whether we hold and are muted. */
    media(): { readonly media: Media; readonly held: boolean; readonly muted: boolean };
    sessionHost(media: MediaSession): SessionHost;
    /** A description of ours is about to leave. @param sipCallId with an INVITE of ours its Call-ID */
    local(sdp: string, sipCallId?: string): void;
    /** One of theirs came. */
    remote(message: IncomingMessage, sdp: string | undefined): void;
    ask(question: Question | null): void;
    /**
     * This leg, whose media is up, stands for the call from now on.
     *
     * @param ours whether this side made its Call-ID
     * @param held whether it says that we hold
     */
    succeed(session: Session, media: MediaSession, ours: boolean, held: boolean): void;
    /** It came to nothing, and the leg that was up is over. */
    end(reason: EndReason): void;
}

/** A leg on its way. */
class Attempt {
    private media: MediaSession | null = null;
    private leg: Leg | null = null;
    private session: Session | null = null;
    private state: 'open' | 'up' | 'over' = 'open';
    private connected = false;
    /** It says that we hold; and their fingerprints, by which they were let in. */
    private held = false;
    private theirs = '';
    /** What is told once it stands for the call. */
    private readonly later: (() => void)[] = [];
    private readonly stopTimer: () => void;

    constructor(
        private readonly host: SuccessionHost,
        /** The Call-ID of an INVITE of ours. */
        private readonly ours: string | null,
        private readonly done: (outcome: Reinvited) => void,
    ) {
        this.stopTimer = host.clock.after(MEDIA_TIMEOUT, () => {
            this.fail('refused');
        });
    }

    /** {@link ours}, until it has its answer. */
    get pending(): string | null {
        return this.session === null ? this.ours : null;
    }

    /** @param headers `Name: value` lines */
    async call(target: string, callId: string, headers: readonly string[]): Promise<void> {
        const { host } = this;
        try {
            const media = await this.open();
            const offer = await media.createOffer();
            if (this.state !== 'open') return;
            host.local(offer, callId);
            this.leg = new OutgoingInvite(host.core, { target, callId, headers, offer }, this.sessionHost(media), {
                accepted: (session, answer, message) => {
                    this.leg = session;
                    if (this.state !== 'open') {
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
        const { host } = this;
        this.leg = invite;
        try {
            const media = await this.open();
            const sdp = await respond(media, invite.offer);
            if (this.state !== 'open') return;
            this.hear(message, invite.offer ?? undefined);
            host.local(sdp);
            this.answered(invite.accept(sdp, [], this.sessionHost(media)));
        } catch {
            this.fail('refused');
        }
    }

    /** Nothing comes of it. */
    fail(outcome: Reinvited): void {
        if (this.state !== 'open') return;
        this.state = 'over';
        this.stopTimer();
        this.leg?.leave(488);
        this.media?.close();
        this.done(outcome);
    }

    private hear(message: IncomingMessage, sdp: string | undefined): void {
        this.theirs = readFingerprints(sdp).join();
        this.host.remote(message, sdp);
    }

    private async open(): Promise<MediaSession> {
        const { host } = this;
        const { listener } = host;
        /** Tells it now, or once this leg stands for the call. */
        const later =
            (name: 'media' | 'heldByThem' | 'problem') =>
            (what: unknown): void => {
                const tell = (): void => {
                    listener[name](what as never);
                };
                if (this.state === 'up') tell();
                else this.later.push(tell);
            };
        const engine = await host.engine();
        const { media: was, held, muted } = host.media();
        this.held = held;
        // What is over since then opens no device.
        const media =
            this.state === 'open'
                ? await engine.renew(host.callId, was, {
                      ...listener,
                      connected: () => {
                          this.connected = true;
                          if (this.state === 'up') listener.connected();
                          else this.stand();
                      },
                      interrupted: (since) => {
                          this.connected = false;
                          if (this.state === 'up') listener.interrupted(since);
                      },
                      failed: (repairable) => {
                          if (this.state === 'up') listener.failed(repairable);
                          else this.fail('refused');
                      },
                      renegotiate: () => {
                          if (this.state === 'up') listener.renegotiate();
                          else void this.session?.reinvite({ iceRestart: false, patience: TRANSACTION_TIMEOUT });
                      },
                      media: later('media'),
                      heldByThem: later('heldByThem'),
                      problem: later('problem'),
                  })
                : null;
        if (media === null || this.state !== 'open') {
            media?.close();
            throw new Error('over');
        }
        this.media = media;
        media.hold(held);
        media.mute(muted);
        return media;
    }

    private sessionHost(media: MediaSession): SessionHost {
        const own = this.host.sessionHost(media);
        return {
            ...own,
            remote: (message, sdp) => {
                // Whoever was let in for their fingerprint has no other in the end.
                if (this.state === 'open' && this.theirs && this.theirs !== readFingerprints(sdp).join()) {
                    this.fail('refused');
                } else own.remote(message, sdp);
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
        const { session, media, connected, host } = this;
        if (session === null || media === null || !connected || this.state !== 'open') return;
        this.state = 'up';
        this.stopTimer();
        host.succeed(session, media, this.ours !== null, this.held);
        for (const task of this.later.splice(0)) task();
        this.done('accepted');
    }
}

/** The legs that follow one another in a call. */
export class Succession {
    private next: Attempt | null = null;
    private asked: ((accept: boolean) => void) | null = null;
    /** Why the leg that is up is over: one that is on its way may go on with the call. */
    private ended: EndReason | null = null;

    constructor(private readonly host: SuccessionHost) {}

    /** The Call-ID of our INVITE that is on its way. */
    get pending(): string | null {
        return this.next?.pending ?? null;
    }

    /** Whether the person is asked. */
    get isAsking(): boolean {
        return this.asked !== null;
    }

    /** Calls to go on. Never rejects. @param replaces the header, as a line */
    call(target: string, replaces: string): Promise<Reinvited> {
        if (this.next !== null) return Promise.resolve('again');
        return new Promise((resolve) => {
            const callId = uuid();
            void this.begin(callId, resolve).call(target, callId, [replaces, 'Require: replaces']);
        });
    }

    /** Somebody calls to go on. @param question what the person is asked first; null: nothing */
    receive(message: IncomingRequestMessage, question: Question | null): void {
        const { host } = this;
        let withdraw = (): void => undefined;
        const invite = new IncomingInvite(host.core, message, () => {
            withdraw();
        });
        const accept = (): void => {
            const attempt = this.begin(null);
            withdraw = () => {
                attempt.fail('refused');
            };
            void attempt.answer(invite, message);
        };
        if (question === null) {
            accept();
            return;
        }
        const close = (): void => {
            stop();
            this.asked = null;
            host.ask(null);
        };
        const reply = (yes: boolean): void => {
            close();
            if (yes) accept();
            else invite.leave(603);
        };
        const stop = host.clock.after(QUESTION_TIMEOUT, () => {
            reply(false);
        });
        withdraw = close;
        this.asked = reply;
        host.ask(question);
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
        const attempt: Attempt = new Attempt(this.host, callId, (outcome) => {
            if (this.next === attempt) {
                this.next = null;
                if (outcome === 'accepted') this.ended = null;
                else if (this.ended !== null) this.host.end(this.ended);
            }
            done?.(outcome);
        });
        this.next = attempt;
        before?.fail('again');
        return attempt;
    }
}
