/** One call: its leg on the wire and its media session, and what both say, as {@link CallEvent}s. */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { URI } from 'sip.js/lib/grammar/uri.js';
import {
    DeviceError,
    endReasonFromStatus,
    isEmergencyNumber,
    type CallEvent,
    type CallId,
    type Clock,
    type DeviceProblem,
    type Direction,
    type EndReason,
    type Header,
    type MediaEngine,
    type MediaSession,
    type Quality,
} from '../contract/index.js';
import { isOurs } from './core/client-request.js';
import type { Core } from './core/core.js';
import type { Random } from './random.js';
import { IncomingInvite } from './dialogue/incoming-invite.js';
import { OutgoingInvite } from './dialogue/outgoing-invite.js';
import { respond } from './dialogue/session-description.js';
import { type Leg, type Session, type SessionHost } from './dialogue/session.js';
import { headerLines, readDigits } from './headers.js';
import { Negotiation } from './negotiation.js';
import { MEDIA_TIMEOUT } from './policies.js';

/** What a call needs of the agent. */
export interface CallHost {
    readonly core: Core;
    readonly clock: Clock;
    readonly random: Random;
    /** Seconds until nobody has answered. */
    readonly ringTimeout: number;
    /** @throws where the media chunk cannot be loaded */
    media(): Promise<MediaEngine>;
    event(callId: CallId, event: CallEvent): void;
    streams(callId: CallId): void;
    quality(callId: CallId, quality: Quality): void;
    /** Our first description, just before it is sent. */
    local(callId: CallId, sdp: string): void;
    /** A description of theirs, and the message that brought it. */
    remote(callId: CallId, message: IncomingMessage, sdp: string | undefined): void;
    /** The call is over and forgotten. */
    ended(callId: CallId): void;
    /** Runs a last word to the other side now, or once the connection is back. */
    farewell(task: () => void): void;
    isConnected(): boolean;
    /** Proves within 2 s that signalling is alive now; where it is not, a new connection is already on its way. */
    alive(): Promise<boolean>;
}

/** How far a call is, on the wire. */
type Phase = 'opening' | 'ringing' | 'answering' | 'answered' | 'ended';

const declineStatus = { declined: 603, busy: 486, refused: 480 } as const;

/** One call, from its first word to its last. */
export class Call {
    private phase: Phase;
    private leg: Leg | null = null;
    private session: Session | null = null;
    private invite: IncomingInvite | null = null;
    private media: MediaSession | null = null;
    private negotiation: Negotiation | null = null;
    private stopTimer: () => void = () => undefined;
    private closeMedia: () => void = () => undefined;
    private mediaConnected = false;
    private heldByThem = false;
    private onHold = false;
    /** What a re-INVITE will say once the call is answered. */
    private undescribed: { readonly device: 'camera' | 'screen' | null } | null = null;
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

    /** Takes a call that came in; no device is touched, and it does not {@link ring} yet. */
    static receive(callId: CallId, message: IncomingRequestMessage, host: CallHost): Call {
        const call = new Call(callId, 'incoming', host);
        const invite = new IncomingInvite(host.core, message, (reason) => {
            call.end(reason);
        });
        call.leg = call.invite = invite;
        call.startTimer('missed');
        return call;
    }

    /** It rings here (180): the time that it may ring begins. */
    ring(): void {
        const { invite } = this;
        if (invite === null || !this.isRinging || !invite.ring()) return;
        this.stopTimer();
        this.startTimer('missed');
    }

    /** Whether it is an incoming call that nobody has answered yet. */
    get isRinging(): boolean {
        return this.direction === 'incoming' && this.phase === 'ringing';
    }

    /** A provisional answer to our INVITE, before sip.js has it: that drops a 180 without Contact. */
    progress(): void {
        const waiting = this.phase === 'opening' || this.phase === 'ringing';
        if (this.direction === 'outgoing' && waiting) this.event({ type: 'ringing' });
    }

    /** Answers. Where a device is wanting it says so and goes on ringing. */
    async answer(options: { video: boolean; listenOnly: boolean; headers: readonly Header[] }): Promise<void> {
        const { invite, host } = this;
        if (!this.isRinging || invite === null) return;
        this.phase = 'answering';
        const opened = await this.open(options);
        if (!this.is('answering')) return;
        const { media } = this;
        if (opened !== null || media === null) {
            if (opened === null || opened === 'failed') this.decline('refused', 'failed');
            else this.ringOn(opened);
            return;
        }
        this.stopTimer();
        this.event({ type: 'answering' });
        try {
            const sdp = await respond(media, invite.offer);
            if (!this.is('answering')) return;
            host.local(this.callId, sdp);
            this.established(invite.accept(sdp, headerLines(options.headers), this.sessionHost(media)));
        } catch {
            invite.leave(488);
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

    /** Sends the camera or a screen, or does not, with a re-INVITE where the call has no video that sends. */
    async show(device: 'camera' | 'screen', on: boolean): Promise<void> {
        const { media } = this;
        if (media === null) return;
        try {
            const { renegotiate } = await media[device](on);
            if (renegotiate) this.describe(on ? device : null);
        } catch (error) {
            if (error instanceof DeviceError) this.event({ type: 'problem', problem: error.problem });
        }
    }

    /** Sends a re-INVITE, now or once it is answered. @param device what it adds, which is taken back where they refuse */
    private describe(device: 'camera' | 'screen' | null): void {
        if (this.negotiation === null) {
            this.undescribed = { device };
            return;
        }
        void this.negotiation.run({
            undo: () => {
                if (device === null) return;
                void this.media?.[device](false).catch(() => undefined);
                this.event({ type: 'problem', problem: { device, problem: 'refused' } });
            },
        });
    }

    /** Digits to the other side: as telephone-event, else as INFO. */
    digits(text: string): void {
        const digits = readDigits(text);
        const { session } = this;
        if (digits === null || this.phase !== 'answered' || session === null || this.media === null) return;
        if (this.media.sendDigits(digits)) return;
        for (const digit of digits) session.info('application/dtmf-relay', `Signal=${digit}\r\nDuration=160\r\n`);
    }

    /** The connection went before the call was answered: its answer cannot reach us any more. */
    connectionLost(): void {
        if (this.direction === 'outgoing' && this.phase === 'ringing') this.hangUp('connection-lost');
    }

    /**
     * We are registered again, over a new connection.
     * @param _contactChanged whether the other side reaches us no more where we were
     */
    reconnected(_contactChanged: boolean): void {
        // What was said into the dead connection is said again by whoever said it.
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
                quality: (quality) => {
                    this.host.quality(this.callId, quality);
                },
                renegotiate: () => {
                    this.describe(null);
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
        try {
            const urgent = isEmergencyNumber({ user: target.user ?? '', phone: target.getParam('user') === 'phone' });
            const offer = await this.media.createOffer({ urgent });
            if (!this.is('opening')) return;
            this.host.local(this.callId, offer);
            if (!this.is('opening')) return;
            this.leg = new OutgoingInvite(
                this.host.core,
                { target, callId: this.callId, headers: headerLines(headers), offer },
                this.sessionHost(this.media),
                {
                    accepted: (session, answer, message) => {
                        this.leg = session;
                        if (this.is('ended')) {
                            session.leave();
                            return;
                        }
                        this.host.remote(this.callId, message, answer);
                        void session.begin(answer).then((usable) => {
                            if (usable) this.established(session);
                        });
                    },
                    rejected: (response) => {
                        const status = response.statusCode ?? 0;
                        if (isOurs(response)) this.end('connection-lost');
                        else this.end(endReasonFromStatus(status), { status });
                    },
                },
            );
            this.phase = 'ringing';
            this.startTimer('no-answer');
        } catch {
            this.end('media-failed');
        }
    }

    private sessionHost(media: MediaSession): SessionHost {
        const { host } = this;
        return {
            media,
            clock: host.clock,
            isConnected: () => host.isConnected(),
            remote: (message, sdp) => {
                host.remote(this.callId, message, sdp);
            },
            ended: (reason) => {
                this.end(reason);
            },
        };
    }

    private established(session: Session): void {
        if (this.phase === 'ended') return;
        this.leg = this.session = session;
        this.stopTimer();
        this.phase = 'answered';
        const at = this.host.clock.now();
        this.event({ type: 'answered', at });
        if (this.mediaConnected) this.connected(at);
        else this.stopTimer = this.host.clock.after(MEDIA_TIMEOUT, () => this.hangUp('media-failed'));
        this.negotiation = new Negotiation({
            session,
            ownsCallId: this.direction === 'outgoing',
            clock: this.host.clock,
            random: this.host.random,
            gone: () => {
                this.hangUp('connection-lost');
            },
        });
        if (this.undescribed) this.describe(this.undescribed.device);
    }

    private connected(at: number): void {
        this.stopTimer();
        this.event({ type: 'connected', at });
        if (this.heldByThem) this.event({ type: 'hold', by: 'them', on: true });
        if (this.onHold) this.event({ type: 'hold', by: 'us', on: true });
    }

    private startTimer(reason: 'no-answer' | 'missed'): void {
        const { ringTimeout } = this.host;
        const seconds = Math.min(ringTimeout, this.invite?.expires ?? Infinity);
        this.stopTimer = this.host.clock.after(seconds * 1000, () => {
            if (this.phase === 'answering') {
                // The browser asks for the microphone: the person is there.
                this.startTimer(reason);
                return;
            }
            // 487 where they let it ring no longer (RFC 3261 section 13.3.1).
            this.leave(seconds < ringTimeout ? 487 : declineStatus.refused);
            this.end(reason);
        });
    }

    /** Says good-bye on the wire. */
    private leave(status: number): void {
        this.host.farewell(() => this.leg?.leave(status));
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
