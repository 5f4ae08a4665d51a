/** One call: its leg on the wire and its media session, and what both say, as {@link CallEvent}s. */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import {
    DeviceError,
    firstState,
    isEmergencyNumber,
    nextState,
    parseSipAddress,
    type CallEvent,
    type CallId,
    type CallState,
    type DeviceProblem,
    type DialogRecord,
    type Direction,
    type EndReason,
    type Header,
    type Media,
    type MediaEngine,
    type MediaSession,
    type MediaSessionListener,
    type ResumeRecord,
} from '../contract/index.js';
import { endReasonFromStatus } from '../contract/end-reason.js';
import type { CallHost } from './call-host.js';
import { isOurs } from './core/client-request.js';
import { IncomingInvite } from './dialogue/incoming-invite.js';
import { OutgoingInvite } from './dialogue/outgoing-invite.js';
import { names } from './dialogue/session-timer.js';
import { respond } from './dialogue/session-description.js';
import type { Leg, Reinvited, Session, SessionHost } from './dialogue/session.js';
import { bestContact, headerLines, readDigits } from './headers.js';

import { MAX_REDIRECTS, MEDIA_TIMEOUT, RESUME_AGAIN } from './policies.js';
import { Recovery, type Change } from './recovery.js';
import { readFingerprints } from './remote-party.js';
import { peerOf, writeReplaces, type Named, type Replaces } from './replaces.js';
import { restoredLeg } from './resumption.js';
import { Succession, type Attempt, type SuccessionHost } from './succession.js';

/** How far a call is, on the wire. */
type Phase = 'opening' | 'ringing' | 'answering' | 'answered' | 'ended';

const NO_MEDIA: Media = { microphone: 'none', camera: 'off', remoteVideo: false };

/** By which a dialog is found. */
const dialogKey = (...names: readonly [callId: string, localTag: string, remoteTag: string]): string => names.join(' ');

const declineStatus = { declined: 603, busy: 486, refused: 480 } as const;

/** What the commands to a call say: each has some of it. */
export interface Said {
    readonly on: boolean;
    readonly accept: boolean;
    readonly as: keyof typeof declineStatus;
    readonly digits: string;
    readonly video: boolean;
    readonly listenOnly: boolean;
    readonly headers: readonly Header[];
}

/** One call, from its first word to its last. */
export class Call implements SuccessionHost {
    private phase: Phase;
    private leg?: Leg;
    private session?: Session;
    private invite?: IncomingInvite;
    private media?: MediaSession;
    private engine?: MediaEngine;
    private recovery?: Recovery;
    private stopTimer: () => void = () => undefined;
    private mediaConnected = false;
    private heldByThem = false;
    onHold = false;
    /** What a re-INVITE will say once the call is answered. */
    private undescribed?: Change;
    muted = false;
    private state: CallState;
    /** What the person's answer to a question about an address does; and how many there were. */
    private decide?: ((accept: boolean) => void) | undefined;
    private redirects = 0;
    /** The dialog that is up, or was on the page before; and the names of all that it had, see {@link dialogKey}. */
    private restored?: DialogRecord;
    private readonly dialogs = new Set<string>();
    /** The other side takes an INVITE with Replaces. */
    private replaceable = false;
    /** Their fingerprints as first described, and once media was set up with them. */
    private theirs: readonly string[] = [];
    private proven: readonly string[] = [];
    readonly succession = new Succession(this);

    /** @param who calls, where that is somebody who is known; else empty */
    private constructor(
        readonly callId: CallId,
        private readonly direction: Direction,
        readonly host: CallHost,
        readonly who = '',
    ) {
        this.phase = direction === 'outgoing' ? 'opening' : 'ringing';
        this.state = firstState(direction, false);
    }

    /** Places a call. Nothing is sent before the devices are there. */
    static place(callId: CallId, target: string, options: Pick<Said, 'video' | 'headers'>, host: CallHost): Call {
        const call = new Call(callId, 'outgoing', host);
        void call.dial(target, options);
        return call;
    }

    /** Takes a call that came in; no device is touched, and it does not {@link ring} yet. */
    static receive(callId: CallId, message: IncomingRequestMessage, host: CallHost, who: string): Call {
        const call = new Call(callId, 'incoming', host, who);
        const invite = new IncomingInvite(host.core, message, (reason) => {
            call.end(reason);
        });
        call.leg = call.invite = invite;
        call.theirs = readFingerprints(invite.offer);
        call.replaceable = names(message, 'supported', 'replaces');
        call.startTimer();
        return call;
    }

    /**
     * Takes a call that another page had, and goes on with it once we are registered; the other side may be on its way back
     * itself. Ends it where that takes too long.
     */
    static restore({ callId, direction, dialog, ...record }: ResumeRecord, host: CallHost): Call {
        const { media, hold, answeredAt } = record;
        const call = new Call(callId, direction, host);
        call.phase = 'answered';
        call.state = { name: 'interrupted', media, hold, answeredAt };
        call.muted = media.microphone === 'muted';
        call.onHold = hold.byUs;
        call.proven = record.fingerprints;
        call.replaceable = record.replaces;
        call.dialogs.add(dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag));
        call.restored = dialog;
        call.leg = restoredLeg(host.core, dialog, (reason) => {
            if (!call.session && !call.succession.outlives(reason)) call.end(reason);
        });
        const lost = (): void => {
            if (!call.session) call.hangUp('connection-lost');
        };
        const goOn = async (): Promise<void> => {
            if (call.session || call.is('ended')) return;
            const outcome = await call.replaceLeg();
            if (outcome === 'gone' || outcome === 'refused') lost();
            else host.clock.after(RESUME_AGAIN, next);
        };
        const next = (): void => {
            host.farewell(() => void goOn());
        };
        call.event({ type: 'interrupted' });
        call.stopTimer = host.clock.after(MEDIA_TIMEOUT, lost);
        next();
        return call;
    }

    /** What is sent and received. */
    get shown(): Media {
        return this.state.name === 'ended' ? NO_MEDIA : this.state.media;
    }

    /** What a Replaces names, where it is this call. */
    named({ callId, toTag, fromTag }: Replaces): Named | null {
        const { dialog } = this;
        if (!this.is('answered') || !dialog || !this.dialogs.has(dialogKey(callId, toTag, fromTag))) return null;
        const peers = [dialog.remoteUri, dialog.target];
        return { peers, fingerprints: this.proven, ours: this.succession.pending };
    }

    /** The person's answer to a question. */
    reply({ accept }: Pick<Said, 'accept'>): void {
        if (this.decide) this.decide(accept);
        else this.succession.reply(accept);
    }

    /** Calls the other side anew to go on with the call (Replaces), where it takes that. Never rejects. */
    async replaceLeg(): Promise<Reinvited> {
        const { dialog } = this;
        const line = dialog && this.replaceable && writeReplaces(dialog);
        const target = line && peerOf(dialog);
        return target ? this.succession.invite(target, line) : 'refused';
    }

    /** It rings here (180): the time that it may ring begins. */
    ring(): void {
        if (!this.isRinging || !this.invite?.ring()) return;
        this.stopTimer();
        this.startTimer();
    }

    /** Whether it is an incoming call that nobody has answered yet. */
    get isRinging(): boolean {
        return this.direction === 'incoming' && this.phase === 'ringing';
    }

    /** Answers. Where a device is wanting it says so and goes on ringing. */
    async answer(options: Pick<Said, 'video' | 'listenOnly' | 'headers'>): Promise<void> {
        const { invite } = this;
        if (!this.isRinging || !invite) return;
        this.phase = 'answering';
        try {
            const media = await this.open(options);
            this.stopTimer();
            this.event({ type: 'answering' });
            const sdp = await respond(media, invite.offer);
            if (this.is('ended')) return;
            this.local(sdp);
            const host = this.sessionHost(() => media);
            this.established(invite.accept(sdp, headerLines(options.headers), host));
        } catch (error) {
            if (this.is('ended')) return;
            if (error instanceof DeviceError) {
                this.phase = 'ringing';
                this.event({ type: 'problem', problem: error.problem });
            } else if (this.media) this.quit('media-failed', 488);
            else this.quit('failed', declineStatus.refused);
        }
    }

    /** Refuses a call that rings. */
    decline({ as }: Pick<Said, 'as'>): void {
        if (this.isUnanswered) this.quit(as, declineStatus[as]);
    }

    /** Ends it, in any phase. */
    hangUp(reason: EndReason = this.is('answered') ? 'hung-up' : 'cancelled'): void {
        if (this.isUnanswered) this.quit('declined', declineStatus.declined);
        else this.quit(reason);
    }

    /** Ends it because the agent stops: other devices may go on ringing. */
    abandon(): void {
        if (this.isUnanswered) this.quit('missed', declineStatus.refused);
        else this.hangUp();
    }

    /**
     * Puts it on hold, or takes it back. Where the other side does not accept that, all is as before; without a connection
     * hold is in force all the same, and told with the offer that follows when it is back.
     */
    hold({ on }: Pick<Said, 'on'>): void {
        if (!this.is('answered') || on === this.onHold) return;
        const { media } = this;
        this.onHold = on;
        const hold = (now: boolean): void => {
            media?.hold(now);
            this.event({ type: 'hold', by: 'us', on: now });
        };
        this.change({
            before: () => {
                hold(on);
            },
            undo: () => {
                if (on && !this.host.isConnected()) return;
                this.onHold = !on;
                hold(!on);
            },
        });
    }

    mute({ on }: Pick<Said, 'on'>): void {
        this.muted = on;
        if (this.media) this.media.mute(on);
        else if (this.shown.microphone !== 'none')
            this.event({ type: 'media', media: { microphone: on ? 'muted' : 'live' } });
    }

    /** Sends the camera, or does not, with a re-INVITE where the call has no video that sends. */
    camera({ on }: Pick<Said, 'on'>): Promise<void> {
        return this.show('camera', on);
    }

    /** A screen in the place of the camera. */
    screen({ on }: Pick<Said, 'on'>): Promise<void> {
        return this.show('screen', on);
    }

    private async show(device: 'camera' | 'screen', wanted: boolean): Promise<void> {
        const { media, host } = this;
        if (!media) return;
        const on = wanted && host.config.video;
        try {
            if (!(await media[device](on))) return;
            this.change({
                undo: () => {
                    if (!on || !host.isConnected()) return;
                    // They refuse it: it is taken back.
                    void this.media?.[device](false).catch(() => undefined);
                    this.event({ type: 'problem', problem: { device, problem: 'refused' } });
                },
            });
        } catch (error) {
            if (error instanceof DeviceError) this.event({ type: 'problem', problem: error.problem });
        }
    }

    /** Sends a re-INVITE, now or once it is answered. */
    private change(change: Change): void {
        if (this.recovery) this.recovery.run(change);
        else this.undescribed = change;
    }

    /** Digits to the other side: as telephone-event, else as INFO. */
    digits(command: Pick<Said, 'digits'>): void {
        const digits = readDigits(command.digits);
        const { session, media } = this;
        if (digits === null || !session || !media || media.sendDigits(digits)) return;
        for (const digit of digits) session.info('application/dtmf-relay', `Signal=${digit}\r\nDuration=160\r\n`);
        this.keep();
    }

    /**
     * The connection is gone. A call out that rings ends: its answer would go the way of the INVITE, over that connection only
     * (Kamailio drops it). One that rings here goes on: our answer finds its way over the next.
     */
    connectionLost(): void {
        if (this.direction === 'outgoing' && this.is('ringing')) this.quit('connection-lost');
        this.recovery?.tell('lost');
        this.session?.giveUp();
        this.succession.connectionLost();
    }

    /** We are registered again, over a new connection. */
    reconnected(): void {
        this.recovery?.tell('reconnected');
    }

    private is(phase: Phase): boolean {
        return this.phase === phase;
    }

    /** Whether it came in and is not answered. */
    private get isUnanswered(): boolean {
        return this.direction === 'incoming' && !this.is('answered');
    }

    event(event: CallEvent): void {
        if (this.phase === 'ended') return;
        this.state = nextState(this.state, event);
        this.host.emit({ type: 'call', callId: this.callId, event });
        this.keep();
    }

    private get dialog(): DialogRecord | undefined {
        return this.session?.record ?? this.restored;
    }

    /** Keeps for the next page what it needs. */
    private keep(): void {
        const { callId, direction, session, state, host, replaceable: replaces, proven: fingerprints } = this;
        if (!session || (state.name !== 'active' && state.name !== 'interrupted')) return;
        const { media, hold, answeredAt } = state;
        const { instanceId } = host.config;
        const dialog = session.record;
        const record = { callId, direction, dialog, replaces, instanceId, fingerprints, media, hold, answeredAt };
        host.record?.(callId, { ...record, leftAt: null });
    }

    local(sdp: string, sipCallId?: string): void {
        const { callId, host } = this;
        host.emit({ type: 'local', callId, fingerprints: readFingerprints(sdp), ...(sipCallId && { sipCallId }) });
    }

    private remote(message: IncomingMessage, sdp: string | undefined): void {
        // Whoever sends a later one proves nothing by it.
        if (this.theirs.length === 0) this.theirs = readFingerprints(sdp);
        this.host.remote(this.callId, message, sdp);
        this.keep();
    }

    readonly listener: MediaSessionListener = {
        connected: () => {
            this.mediaConnected = true;
            if (this.is('answered')) this.connected();
        },
        interrupted: (silentSince) => {
            this.mediaConnected = false;
            this.event({ type: 'interrupted' });
            this.recovery?.tell({ silentSince });
        },
        quality: (quality) => {
            this.host.emit({ type: 'quality', callId: this.callId, quality });
        },
        renegotiate: () => {
            this.change({});
        },
        failed: (repairable) => {
            if (repairable) this.recovery?.tell('broken');
            else if (this.is('answered')) this.quit('media-failed');
        },
        media: (media) => {
            this.event({ type: 'media', media });
        },
        streams: () => {
            if (!this.is('ended')) this.host.emit({ type: 'streams', callId: this.callId });
        },
        heldByThem: (on) => {
            this.heldByThem = on;
            this.event({ type: 'hold', by: 'them', on });
        },
        problem: (problem) => {
            this.event({ type: 'problem', problem });
        },
    };

    /**
     * A media session for this call.
     * @throws where nobody waits for it any more, and where it cannot be made
     */
    async take(make: (engine: MediaEngine) => Promise<MediaSession>, wanted: () => boolean): Promise<MediaSession> {
        const engine = (this.engine = await this.host.media());
        const media = wanted() && (await make(engine));
        if (media && wanted()) {
            if (this.muted) media.mute(true);
            return media;
        }
        if (media) media.close();
        throw new Error('over');
    }

    /** The one of a leg that was not answered yet. */
    private async first(make: (engine: MediaEngine) => Promise<MediaSession>): Promise<MediaSession> {
        return (this.media = await this.take(make, () => !this.is('ended')));
    }

    /** Opens the devices. @throws DeviceError */
    private open({ video, listenOnly }: Pick<Said, 'video' | 'listenOnly'>): Promise<MediaSession> {
        return this.first((engine) => engine.open(this.callId, { video, listenOnly }, this.listener));
    }

    private async dial(target: string, { video, headers }: Pick<Said, 'video' | 'headers'>): Promise<void> {
        const { callId, host } = this;
        try {
            let media = await this.open({ video, listenOnly: false });
            const address = parseSipAddress(target);
            const urgent = address !== null && isEmergencyNumber(address);
            const offer = await media.createOffer({ urgent });
            if (this.is('ended')) return;
            this.local(offer);
            if (this.is('ended')) return;
            const answered = (session: Session, answer: string | undefined, message: IncomingMessage): boolean => {
                this.leg = session;
                if (this.is('ended')) {
                    session.leave();
                    return false;
                }
                this.replaceable = names(message, 'supported', 'replaces');
                this.remote(message, answer);
                return true;
            };
            const leg = new OutgoingInvite(
                host.core,
                { target, callId, headers: headerLines(headers), offer },
                this.sessionHost(() => media),
                {
                    accepted: (session, answer, message) => {
                        if (!answered(session, answer, message)) return;
                        void session.begin(answer).then((usable) => {
                            if (usable) this.established(session);
                        });
                    },
                    ringing: () => {
                        this.event({ type: 'ringing' });
                    },
                    early: () => {
                        this.event({ type: 'ringing', early: true });
                    },
                    // A peer connection in the place of the one that heard somebody else.
                    forked: (session, answer, message) => {
                        if (!answered(session, answer, message)) return;
                        this.first((engine) => engine.renew(callId, this.shown, this.listener)).then(
                            (renewed) => {
                                media = renewed;
                                media.succeed();
                                this.mediaConnected = false;
                                this.established(session);
                                this.change({});
                            },
                            () => {
                                this.quit('media-failed');
                            },
                        );
                    },
                    rejected: (response) => {
                        const { statusCode: status = 0 } = response;
                        if (isOurs(response)) this.end('connection-lost');
                        else if (status >= 400) this.end(endReasonFromStatus(status), { status });
                        else this.redirect(leg, response.getHeaders('contact'), status);
                    },
                },
            );
            this.leg = leg;
            this.phase = 'ringing';
            this.startTimer();
        } catch (error) {
            if (error instanceof DeviceError) {
                const { problem } = error;
                const missing = problem.problem === 'missing' || problem.problem === 'in-use';
                this.end(missing ? 'no-device' : 'no-permission', { problem });
            } else this.end(this.media ? 'media-failed' : 'failed');
        }
    }

    /** Asks the person whether to call where a 3xx sends us. */
    private redirect(leg: OutgoingInvite, contacts: readonly string[], status: number): void {
        const to = this.redirects < MAX_REDIRECTS ? bestContact(contacts) : null;
        const target = to && this.host.target(to);
        if (!target) {
            this.end(endReasonFromStatus(status), { status });
            return;
        }
        this.redirects += 1;
        this.decide = (accept) => {
            this.decide = undefined;
            this.event({ type: 'question', question: null });
            if (accept) leg.redirect(target);
            else this.end('unavailable', { status });
        };
        this.event({ type: 'question', question: { kind: 'redirect', to } });
    }

    sessionHost(current: () => MediaSession): SessionHost {
        return {
            ...this.host,
            get media() {
                return current();
            },
            remote: (message, sdp) => {
                this.remote(message, sdp);
                this.recovery?.tell('heard');
            },
            refresh: () => {
                this.change({});
            },
            ended: (reason) => {
                if (this.media === current() && !this.succession.outlives(reason)) this.end(reason);
            },
        };
    }

    private established(session: Session): void {
        if (this.is('ended')) return;
        this.phase = 'answered';
        this.event({ type: 'answered', at: this.host.clock.now() });
        this.attend(session, this.direction === 'outgoing');
        if (this.mediaConnected) this.connected();
        if (this.undescribed) this.change(this.undescribed);
    }

    /** Another leg, whose media is up, stands for the call from now on. */
    succeed(session: Session, media: MediaSession, { ours, held, theirs, replaceable }: Attempt): void {
        const { leg } = this;
        this.recovery?.dispose();
        this.theirs = theirs;
        this.replaceable = replaceable;
        this.media = media;
        media.succeed();
        media.mute(this.muted);
        this.mediaConnected = true;
        this.attend(session, ours !== null);
        leg?.leave(0);
        this.heldByThem = false;
        this.connected();
        this.listener.streams();
        if (held === this.onHold) return;
        // It was pressed while this leg came up.
        media.hold(this.onHold);
        this.change({});
    }

    /** Looks after a dialog that is up. */
    private attend(session: Session, ownsCallId: boolean): void {
        this.leg = this.session = session;
        this.stopTimer();
        const { callId, localTag, remoteTag } = session.record;
        this.dialogs.add(dialogKey(callId, localTag, remoteTag));
        this.recovery = new Recovery(
            {
                ...this.host,
                session,
                ownsCallId,
                replace: () => this.replaceLeg(),
                end: () => {
                    this.quit(this.state.name === 'connecting' ? 'media-failed' : 'connection-lost');
                },
            },
            this.mediaConnected,
        );
    }

    private connected(): void {
        this.proven = this.theirs;
        this.recovery?.tell('connected');
        this.event({ type: 'connected', at: this.host.clock.now() });
        this.event({ type: 'hold', by: 'them', on: this.heldByThem });
        this.event({ type: 'hold', by: 'us', on: this.onHold });
    }

    private startTimer(): void {
        const { clock, config } = this.host;
        const { ringTimeout } = config;
        const seconds = Math.min(ringTimeout, this.invite?.expires ?? ringTimeout);
        this.stopTimer = clock.after(seconds * 1000, () => {
            // The browser asks for the microphone: the person is there.
            if (this.is('answering')) this.startTimer();
            // 487 where they let it ring no longer (RFC 3261 section 13.3.1).
            else if (this.invite) this.quit('missed', seconds < ringTimeout ? 487 : declineStatus.refused);
            else this.quit('no-answer');
        });
    }

    /** Ends it, with a word to the other side. */
    private quit(reason: EndReason, status = 0): void {
        if (this.is('ended')) return;
        this.host.farewell(() => this.leg?.leave(status));
        this.end(reason);
    }

    end(reason: EndReason, more: { problem?: DeviceProblem; status?: number } = {}): void {
        if (this.phase === 'ended') return;
        const { callId, host } = this;
        this.stopTimer();
        this.phase = 'ended';
        this.recovery?.dispose();
        this.succession.dispose();
        this.engine?.close(callId);
        host.emit({ type: 'call', callId, event: { type: 'ended', reason, at: host.clock.now(), ...more } });
        host.ended(callId);
    }
}
