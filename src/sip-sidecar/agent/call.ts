/** One call: a sip.js session and a media session, and what both say, as {@link CallEvent}s. */
import { Inviter } from 'sip.js/lib/api/inviter.js';
import type { InviterOptions } from 'sip.js/lib/api/inviter-options.js';
import { Invitation } from 'sip.js/lib/api/invitation.js';
import type { Session } from 'sip.js/lib/api/session.js';
import type { SessionDelegate } from 'sip.js/lib/api/session-delegate.js';
import { SessionState } from 'sip.js/lib/api/session-state.js';
import type { UserAgent } from 'sip.js/lib/api/user-agent.js';
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import type { OutgoingRequestDelegate } from 'sip.js/lib/core/messages/outgoing-request.js';
import type { URI } from 'sip.js/lib/grammar/uri.js';
import {
    DeviceError,
    endReasonFromHeader,
    endReasonFromStatus,
    type CallEvent,
    type CallId,
    type DeviceProblem,
    type Direction,
    type EndReason,
    type Header,
    type MediaEngine,
    type MediaSession,
} from '../contract/index.js';
import type { Clock, Random } from './clock.js';
import { ALLOW, headerLines, readDigits } from './headers.js';
import { Negotiation } from './negotiation.js';
import { BYE_AGAIN, BYE_TRIES, CANCEL_TIMEOUT, MEDIA_TIMEOUT } from './policies.js';
import { MediaDescriptionHandler } from './session-description.js';

/** What a call needs of the agent. */
export interface CallHost {
    readonly userAgent: UserAgent;
    readonly clock: Clock;
    readonly random: Random;
    /** Seconds until nobody has answered. */
    readonly ringTimeout: number;
    /** @throws where the media chunk cannot be loaded */
    media(): Promise<MediaEngine>;
    event(callId: CallId, event: CallEvent): void;
    streams(callId: CallId): void;
    /** The call is over and forgotten. */
    ended(callId: CallId): void;
    /** Runs a last word to the other side now, or once the connection is back. */
    farewell(task: () => void): void;
    isConnected(): boolean;
    /** Someone asked us to call somebody else (REFER). */
    referred(): void;
}

/** How far a call is, on the wire. */
type Phase = 'opening' | 'ringing' | 'answering' | 'answered' | 'ended';

const declineStatus = { declined: 603, busy: 486, refused: 480 } as const;

/** The reason of a Reason header, where several may stand. */
function reasonOf(request: { getHeaders(name: string): string[] }): EndReason | null {
    return endReasonFromHeader(request.getHeaders('reason').join(','));
}

/** A response that sip.js made up itself: nobody answered (408), or nothing could be sent (503). */
const isOurs = (response: IncomingResponseMessage): boolean => !response.hasHeader('via');

/** One call, from its first word to its last. */
export class Call {
    private phase: Phase;
    private session: Session | null = null;
    private media: MediaSession | null = null;
    private handler: MediaDescriptionHandler | null = null;
    private negotiation: Negotiation | null = null;
    private stopTimer: () => void = () => undefined;
    private closeMedia: () => void = () => undefined;
    private mediaConnected = false;
    private heldByThem = false;
    private onHold = false;
    private renegotiate = false;
    private muted = false;

    private constructor(
        readonly callId: CallId,
        private readonly direction: Direction,
        private readonly host: CallHost,
    ) {
        this.phase = direction === 'outgoing' ? 'opening' : 'ringing';
    }

    /** Places a call. Nothing is sent before the devices are there. */
    static place(
        callId: CallId,
        target: URI,
        options: { readonly video: boolean; readonly headers: readonly Header[] },
        host: CallHost,
    ): Call {
        const call = new Call(callId, 'outgoing', host);
        void call.dial(target, options);
        return call;
    }

    /** Takes a call that came in: it rings here (180), and no device is touched. */
    static receive(callId: CallId, invitation: Invitation, host: CallHost): Call {
        const call = new Call(callId, 'incoming', host);
        call.attach(invitation);
        call.startTimer('missed');
        void invitation.progress().catch(() => undefined);
        return call;
    }

    /** Whether it is an incoming call that nobody has answered yet. */
    get isRinging(): boolean {
        return this.direction === 'incoming' && this.phase === 'ringing';
    }

    /** For sip.js: how this call speaks of media. */
    descriptionHandler(): MediaDescriptionHandler {
        if (this.handler === null) throw new Error('no media');
        return this.handler;
    }

    /** Whether a session of sip.js is this call's. */
    owns(session: Session): boolean {
        return this.session === session;
    }

    /**
     * An answer to an INVITE of ours, before sip.js has it: that drops a 180 without Contact, and never comes back from a
     * re-INVITE that is answered with 3xx.
     */
    response(response: IncomingResponseMessage): void {
        const { callId, statusCode = 0 } = response;
        if (this.session === null || callId !== (this.session.dialog?.callId ?? this.callId)) return;
        if (this.phase === 'answered' && statusCode >= 300 && statusCode < 400) response.statusCode = 488;
        if (this.direction !== 'outgoing' || (this.phase !== 'opening' && this.phase !== 'ringing')) return;
        if (statusCode > 100 && statusCode < 200) this.event({ type: 'ringing' });
    }

    /** Answers. Where a device is wanting it says so and goes on ringing. */
    async answer(options: { video: boolean; listenOnly: boolean; headers: readonly Header[] }): Promise<void> {
        if (!this.isRinging) return;
        this.phase = 'answering';
        const opened = await this.open(options);
        if (!this.is('answering')) return;
        if (opened !== null) {
            if (opened === 'failed') this.decline('refused', 'failed');
            else this.ringOn(opened);
            return;
        }
        this.stopTimer();
        this.event({ type: 'answering' });
        const invitation = this.session as Invitation;
        try {
            await invitation.accept({ extraHeaders: headerLines(options.headers) });
            this.established();
        } catch {
            this.end('media-failed');
        }
    }

    /** Refuses a call that rings. */
    decline(as: keyof typeof declineStatus, reason: EndReason = as): void {
        if (this.direction !== 'incoming' || this.phase === 'answered' || this.phase === 'ended') return;
        this.leave(declineStatus[as]);
        this.end(reason);
    }

    /** Ends it, in any phase. */
    hangUp(reason: EndReason = this.phase === 'answered' ? 'hung-up' : 'cancelled'): void {
        if (this.phase === 'ended') return;
        if (this.direction === 'incoming' && this.phase !== 'answered') {
            this.decline('declined');
            return;
        }
        this.leave(0);
        this.end(reason);
    }

    /** Ends it because the agent stops: other devices may go on ringing. */
    abandon(): void {
        if (this.direction === 'incoming') this.decline('refused', 'missed');
        this.hangUp();
    }

    /** Puts it on hold, or takes it back. Where the other side does not accept that, all is as before. */
    hold(on: boolean): void {
        const { media, negotiation } = this;
        if (this.phase !== 'answered' || media === null || negotiation === null || on === this.onHold) return;
        this.onHold = on;
        const hold = (now: boolean): void => {
            media.hold(now);
            this.event({ type: 'hold', by: 'us', on: now });
        };
        void negotiation.run({
            before: () => {
                hold(on);
            },
            undo: () => {
                this.onHold = !on;
                hold(!on);
            },
        });
    }

    mute(on: boolean): void {
        this.muted = on;
        this.media?.mute(on);
    }

    /** Turns the camera on or off, with a re-INVITE where the call has no video that sends. */
    async camera(on: boolean): Promise<void> {
        const { media } = this;
        if (media === null) return;
        try {
            const { renegotiate } = await media.camera(on);
            if (!renegotiate || this.is('ended')) return;
            if (this.negotiation === null) this.renegotiate = true;
            else await this.negotiation.run({ undo: () => void media.camera(!on).catch(() => undefined) });
        } catch (error) {
            if (error instanceof DeviceError) this.event({ type: 'problem', problem: error.problem });
        }
    }

    /** Digits to the other side: as telephone-event, else as INFO. */
    digits(text: string): void {
        const digits = readDigits(text);
        const { session } = this;
        if (digits === null || this.phase !== 'answered' || session === null || this.media === null) return;
        if (this.media.sendDigits(digits)) return;
        for (const digit of digits) {
            const content = `Signal=${digit}\r\nDuration=160\r\n`;
            void session
                .info({
                    requestOptions: {
                        body: { contentDisposition: 'render', contentType: 'application/dtmf-relay', content },
                    },
                })
                .catch(() => undefined);
        }
    }

    /** The connection went before the call was answered: its answer cannot reach us any more. */
    connectionLost(): void {
        if (this.direction === 'outgoing' && this.phase === 'ringing') this.hangUp('connection-lost');
    }

    private is(phase: Phase): boolean {
        return this.phase === phase;
    }

    private event(event: CallEvent): void {
        if (this.phase !== 'ended') this.host.event(this.callId, event);
    }

    /** Opens the devices. @returns null, the device that is wanting, or `failed` */
    private async open(wanted: { video: boolean; listenOnly: boolean }): Promise<DeviceProblem | 'failed' | null> {
        try {
            const engine = await this.host.media();
            if (this.is('ended')) return null;
            this.closeMedia = () => {
                engine.close(this.callId);
            };
            const media = await engine.open(this.callId, wanted, {
                connected: () => {
                    this.mediaConnected = true;
                    if (this.phase === 'answered') this.connected(this.host.clock.now());
                },
                interrupted: () => {
                    this.mediaConnected = false;
                    this.event({ type: 'interrupted' });
                },
                failed: () => {
                    if (this.phase === 'answered') this.hangUp('media-failed');
                },
                media: (change) => {
                    this.event({ type: 'media', media: change });
                },
                streams: () => {
                    if (this.phase !== 'ended') this.host.streams(this.callId);
                },
                heldByThem: (on) => {
                    this.heldByThem = on;
                    this.event({ type: 'hold', by: 'them', on });
                },
                problem: (problem) => {
                    this.event({ type: 'problem', problem });
                },
            });
            if (this.is('ended')) {
                media.close();
                return null;
            }
            this.media = media;
            if (this.muted) media.mute(true);
            if (this.session !== null) this.handler = new MediaDescriptionHandler(this.session, media);
            return null;
        } catch (error) {
            return error instanceof DeviceError ? error.problem : 'failed';
        }
    }

    private ringOn(problem: DeviceProblem): void {
        this.phase = 'ringing';
        this.event({ type: 'problem', problem });
    }

    private async dial(
        target: URI,
        { video, headers }: { readonly video: boolean; readonly headers: readonly Header[] },
    ): Promise<void> {
        const opened = await this.open({ video, listenOnly: false });
        if (!this.is('opening')) return;
        if (opened !== null || this.media === null) {
            const problem = opened === 'failed' ? null : opened;
            const missing = problem?.problem === 'missing' || problem?.problem === 'in-use';
            this.end(problem === null ? 'failed' : missing ? 'no-device' : 'no-permission', { problem });
            return;
        }
        // sip.js takes the Call-ID too, only its types do not say so.
        const params: InviterOptions['params'] & { callId: string } = { callId: this.callId };
        const inviter = new Inviter(this.host.userAgent, target, { params, extraHeaders: headerLines(headers) });
        this.attach(inviter);
        this.handler = new MediaDescriptionHandler(inviter, this.media);
        const rejected = ({ message }: { message: IncomingResponseMessage }): void => {
            const status = message.statusCode ?? 0;
            if (isOurs(message)) this.end('connection-lost');
            else this.end(endReasonFromStatus(status), { status });
        };
        try {
            await inviter.invite({
                requestDelegate: {
                    onAccept: () => {
                        if (inviter.state === SessionState.Established) this.established();
                        else this.end('media-failed');
                    },
                    onRedirect: rejected,
                    onReject: rejected,
                },
            });
            if (!this.is('opening')) return;
            this.phase = 'ringing';
            this.startTimer('no-answer');
        } catch {
            this.end('media-failed');
        }
    }

    private attach(session: Session): void {
        this.session = session;
        session.stateChange.addListener((state) => {
            // sip.js ended it without our asking, and without a word that came first. The microtask lets that word pass.
            if (state === SessionState.Terminated) queueMicrotask(() => this.end(this.unexplained()));
        });
        const delegate: SessionDelegate = {
            onBye: (bye) => {
                const reason = reasonOf(bye.request);
                void bye.accept();
                this.end(reason === null || reason === 'answered-elsewhere' ? 'hung-up' : reason);
            },
            onCancel: ({ request }) => {
                const reason = reasonOf(request);
                const elsewhere = reason === 'answered-elsewhere' || reason === 'declined' || reason === 'busy';
                this.end(elsewhere ? reason : 'missed');
            },
            onInfo: (info) => {
                const type = info.request.getHeader('content-type');
                const known =
                    type === undefined || /^application\/(?:dtmf|dtmf-relay|media_control\+xml)\b/iu.test(type);
                void (known ? info.accept() : info.reject({ statusCode: 415 }));
            },
            onMessage: (message) =>
                void message.reject({
                    statusCode: 405,
                    extraHeaders: [ALLOW],
                }),
            onNotify: (notification) => void notification.reject({ statusCode: 481 }),
            onRefer: (referral) => {
                this.host.referred();
                void referral.reject({ statusCode: 603 });
            },
        };
        session.delegate = delegate;
    }

    private unexplained(): EndReason {
        if (this.phase === 'answered') return 'connection-lost';
        if (this.phase === 'answering') return 'media-failed';
        // A dialog, and yet nothing came of it: their answer could not be used.
        if (this.direction === 'outgoing' && this.session?.dialog !== undefined) return 'media-failed';
        return this.direction === 'incoming' ? 'missed' : 'failed';
    }

    private established(): void {
        const { session, media, handler } = this;
        if (this.phase === 'ended' || session === null || media === null || handler === null) return;
        this.stopTimer();
        this.phase = 'answered';
        const at = this.host.clock.now();
        this.event({ type: 'answered', at });
        if (this.mediaConnected) this.connected(at);
        else this.stopTimer = this.host.clock.after(MEDIA_TIMEOUT, () => this.hangUp('media-failed'));
        this.negotiation = new Negotiation({
            session,
            handler,
            ownsCallId: this.direction === 'outgoing',
            clock: this.host.clock,
            random: this.host.random,
            gone: () => {
                this.hangUp('connection-lost');
            },
        });
        if (this.renegotiate) void this.negotiation.run({});
    }

    private connected(at: number): void {
        this.stopTimer();
        this.event({ type: 'connected', at });
        if (this.heldByThem) this.event({ type: 'hold', by: 'them', on: true });
    }

    private startTimer(reason: 'no-answer' | 'missed'): void {
        this.stopTimer = this.host.clock.after(this.host.ringTimeout * 1000, () => {
            if (this.phase === 'answering') {
                // The browser asks for the microphone: the person is there.
                this.startTimer(reason);
                return;
            }
            this.leave(declineStatus.refused);
            this.end(reason);
        });
    }

    /** Says good-bye on the wire, as the state of the session wants it. */
    private leave(status: number): void {
        const { session, host } = this;
        if (session === null) return;
        host.farewell(() => {
            farewell(session, status, host);
        });
    }

    private end(reason: EndReason, more: { problem?: DeviceProblem | null; status?: number } = {}): void {
        if (this.phase === 'ended') return;
        this.stopTimer();
        const event: CallEvent = { type: 'ended', reason, at: this.host.clock.now(), ...more };
        this.phase = 'ended';
        this.negotiation?.dispose();
        this.closeMedia();
        this.host.event(this.callId, event);
        this.host.ended(this.callId);
    }
}

type Wire = Pick<CallHost, 'userAgent' | 'clock' | 'isConnected'>;

/** CANCEL, BYE or a refusal: whatever ends a session now. */
function farewell(session: Session, status: number, wire: Wire): void {
    const quiet = (promise: Promise<unknown>): void => void promise.catch(() => undefined);
    const { state } = session;
    if (state === SessionState.Established) {
        quiet(session.bye({ requestDelegate: byeAgain(session.dialog, wire, 1) }));
    } else if (state !== SessionState.Initial && state !== SessionState.Establishing) {
        return;
    } else if (session instanceof Inviter) {
        quiet(session.cancel());
        wire.clock.after(CANCEL_TIMEOUT, () => {
            forget(wire.userAgent, session);
        });
    } else if (session instanceof Invitation) {
        quiet(session.reject({ statusCode: status }));
    }
}

/**
 * Sends a BYE again that did not reach the other side because that was away for the moment: after a restart of the server
 * both sides come back, and one of them is the first.
 */
function byeAgain(dialog: Session['dialog'], wire: Wire, tries: number): OutgoingRequestDelegate {
    return {
        onReject: ({ message }) => {
            if (!BYE_AGAIN.has(message.statusCode ?? 0) || isOurs(message) || tries === BYE_TRIES) return;
            wire.clock.after(1000 * 2 ** (tries - 1), () => {
                if (wire.isConnected()) dialog?.bye(byeAgain(dialog, wire, tries + 1));
            });
        },
    };
}

/** A CANCEL that brought no final answer to its INVITE ends it all the same (RFC 3261 section 9.1); sip.js waits for ever. */
function forget(userAgent: UserAgent, session: Inviter): void {
    if (session.state === SessionState.Terminated) return;
    const { userAgentClients } = userAgent.userAgentCore;
    for (const [id, client] of userAgentClients) {
        if ((client as unknown as { message: unknown }).message !== session.request) continue;
        client.dispose();
        userAgentClients.delete(id);
    }
    (session as unknown as { stateTransition(state: SessionState): void }).stateTransition(SessionState.Terminated);
}
