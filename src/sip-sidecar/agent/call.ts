/** One call: its leg on the wire and its media session, and what both say, as {@link CallEvent}s. */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { URI } from 'sip.js/lib/grammar/uri.js';
import {
    DeviceError,
    firstState,
    isEmergencyNumber,
    nextState,
    type CallEvent,
    type CallId,
    type CallState,
    type Clock,
    type DeviceProblem,
    type DialogRecord,
    type Direction,
    type EndReason,
    type Header,
    type Media,
    type MediaEngine,
    type MediaSession,
    type MediaSessionListener,
    type Quality,
    type Question,
    type ResumeRecord,
} from '../contract/index.js';
import { endReasonFromStatus } from '../contract/end-reason.js';
import { isOurs } from './core/client-request.js';
import type { Core } from './core/core.js';
import type { Random } from './random.js';
import { IncomingInvite } from './dialogue/incoming-invite.js';
import { OutgoingInvite } from './dialogue/outgoing-invite.js';
import { names } from './dialogue/session-timer.js';
import { respond } from './dialogue/session-description.js';
import type { Leg, Reinvited, Session, SessionHost } from './dialogue/session.js';
import { bestContact, headerLines, readDigits } from './headers.js';
import { Negotiation, type Change } from './negotiation.js';
import { MAX_REDIRECTS, MEDIA_TIMEOUT, REPAIR_PATIENCE, RESUME_AGAIN, TRANSACTION_TIMEOUT } from './policies.js';
import { Recovery } from './recovery.js';
import { readFingerprints } from './remote-party.js';
import { peerOf, writeReplaces, type Named, type Replaces } from './replaces.js';
import { restoredLeg } from './resumption.js';
import { Succession } from './succession.js';
import { readUri } from './user-agent.js';

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
    /** A description of ours, just before it is sent. @param sipCallId of an INVITE that goes on with the call */
    local(callId: CallId, sdp: string, sipCallId?: string): void;
    /** A description of theirs, and the message that brought it. */
    remote(callId: CallId, message: IncomingMessage, sdp: string | undefined): void;
    /** What the next page needs to go on with the call. */
    record(callId: CallId, record: ResumeRecord): void;
    /** Of this device (RFC 5626). */
    readonly instanceId: string;
    /** An address as we dial it. */
    target(address: string): URI | null;
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

const NO_MEDIA: Media = { microphone: 'none', camera: 'off', remoteVideo: false };

/** By which a dialog is found. */
const dialogKey = (...names: readonly [callId: string, localTag: string, remoteTag: string]): string => names.join(' ');

const declineStatus = { declined: 603, busy: 486, refused: 480 } as const;

/** One call, from its first word to its last. */
export class Call {
    private phase: Phase;
    private leg: Leg | null = null;
    private session: Session | null = null;
    private invite: IncomingInvite | null = null;
    private media: MediaSession | null = null;
    private negotiation: Negotiation | null = null;
    private recovery: Recovery | null = null;
    private stopTimer: () => void = () => undefined;
    private closeMedia: () => void = () => undefined;
    /** Whether it is up now, and whether it ever was. */
    private mediaConnected = false;
    private everConnected = false;
    private heldByThem = false;
    private onHold = false;
    /** What a re-INVITE will say once the call is answered. */
    private undescribed: { readonly device: 'camera' | 'screen' | null } | null = null;
    private muted = false;
    private state: CallState;
    /** What the person's answer to a {@link Question} about an address does; and how many there were. */
    private decide: ((accept: boolean) => void) | null = null;
    private redirects = 0;
    /** The one that another page had. */
    private restored: DialogRecord | null = null;
    /** The dialogs that it had, see {@link dialogKey}. */
    private readonly dialogs = new Set<string>();
    /** The other side takes an INVITE with Replaces. */
    private replaceable = false;
    /** The fingerprints of ours, of theirs as first described, and of theirs once media was set up with them. */
    private ours: readonly string[] = [];
    private theirs: readonly string[] = [];
    private proven: readonly string[] = [];
    private readonly succession: Succession;

    private constructor(
        readonly callId: CallId,
        private readonly direction: Direction,
        private readonly host: CallHost,
    ) {
        this.phase = direction === 'outgoing' ? 'opening' : 'ringing';
        this.state = firstState(direction, false);
        // Of the leg on its way, until it is up
        let theirs: readonly string[] = [];
        let replaceable = false;
        this.succession = new Succession({
            callId,
            core: host.core,
            clock: host.clock,
            listener: this.listener,
            engine: () => this.engine(),
            media: () => ({ media: this.shown, held: this.onHold, muted: this.muted }),
            sessionHost: (media) => this.sessionHost(() => media),
            local: (sdp, sipCallId) => {
                this.local(sdp, sipCallId);
            },
            remote: (message, sdp) => {
                theirs = readFingerprints(sdp);
                replaceable = names(message, 'supported', 'replaces');
                host.remote(callId, message, sdp);
            },
            ask: (question) => {
                this.event({ type: 'question', question });
            },
            succeed: (...leg) => {
                this.theirs = theirs;
                this.replaceable = replaceable;
                this.succeed(...leg);
            },
            end: (reason) => {
                this.end(reason);
            },
        });
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
        call.theirs = readFingerprints(invite.offer);
        call.replaceable = names(message, 'supported', 'replaces');
        call.startTimer('missed');
        return call;
    }

    /** Takes a call that another page had; {@link goOn} goes on with it. */
    static restore(record: ResumeRecord, host: CallHost): Call {
        const { callId, direction, dialog, media, hold, answeredAt, fingerprints, replaces } = record;
        const call = new Call(callId, direction, host);
        call.phase = 'answered';
        call.state = { name: 'interrupted', media, hold, answeredAt };
        call.everConnected = true;
        call.muted = media.microphone === 'muted';
        call.onHold = hold.byUs;
        call.proven = fingerprints.theirs;
        call.replaceable = replaces;
        call.dialogs.add(dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag));
        call.restored = dialog;
        call.leg = restoredLeg(host.core, dialog, (reason) => {
            if (call.session === null && !call.succession.outlives(reason)) call.end(reason);
        });
        return call;
    }

    /**
     * Goes on with a call that another page had, once we are registered; the other side may be on its way back itself. Ends it
     * where that takes too long.
     */
    goOn(): void {
        const { host } = this;
        const lost = (): void => {
            if (this.session === null) this.hangUp('connection-lost');
        };
        const call = async (): Promise<void> => {
            if (this.session !== null || this.is('ended')) return;
            const outcome = await this.replaceLeg();
            if (outcome === 'gone' || outcome === 'refused') lost();
            else host.clock.after(RESUME_AGAIN, next);
        };
        const next = (): void => {
            host.farewell(() => void call());
        };
        this.event({ type: 'interrupted' });
        if (!this.replaceable) {
            lost();
            return;
        }
        this.stopTimer = host.clock.after(MEDIA_TIMEOUT, lost);
        next();
    }

    /** What is sent and received. */
    private get shown(): Media {
        return this.state.name === 'ended' ? NO_MEDIA : this.state.media;
    }

    /** What a Replaces names, where it is this call. */
    named({ callId, toTag, fromTag }: Replaces): Named | null {
        if (this.phase !== 'answered' || !this.dialogs.has(dialogKey(callId, toTag, fromTag))) return null;
        const { dialog } = this;
        const peers = dialog === null ? [] : [dialog.remoteUri, dialog.target];
        return { peers, fingerprints: this.proven, ours: this.succession.pending };
    }

    /** Somebody calls to go on with it. @param question what the person is asked first; null: nothing */
    takeOver(message: IncomingRequestMessage, question: Question | null): void {
        this.succession.receive(message, question);
    }

    /** Whether the person is asked about somebody who wants to take it over. */
    get isAsking(): boolean {
        return this.succession.isAsking;
    }

    /** The person's answer to a question. */
    reply(accept: boolean): void {
        const { decide } = this;
        if (decide === null) this.succession.reply(accept);
        else decide(accept);
    }

    /** Calls the other side anew to go on with the call (Replaces), where it takes that. Never rejects. */
    replaceLeg(): Promise<Reinvited> {
        const { dialog } = this;
        const line = dialog && this.replaceable ? writeReplaces(dialog) : null;
        const target = dialog && readUri(peerOf(dialog));
        return line && target ? this.succession.call(target, line) : Promise.resolve('refused');
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
        const { invite } = this;
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
            this.local(sdp);
            this.established(
                invite.accept(
                    sdp,
                    headerLines(options.headers),
                    this.sessionHost(() => media),
                ),
            );
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

    /**
     * Puts it on hold, or takes it back. Where the other side does not accept that, all is as before; without a connection
     * hold is in force all the same, and told with the offer that follows when it is back.
     */
    hold(on: boolean): void {
        const { media } = this;
        if (this.phase !== 'answered' || on === this.onHold) return;
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

    mute(on: boolean): void {
        this.muted = on;
        if (this.media) this.media.mute(on);
        else if (this.shown.microphone !== 'none')
            this.event({ type: 'media', media: { microphone: on ? 'muted' : 'live' } });
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
        this.change({
            undo: () => {
                if (device === null || !this.host.isConnected()) return;
                void this.media?.[device](false).catch(() => undefined);
                this.event({ type: 'problem', problem: { device, problem: 'refused' } });
            },
        });
    }

    private change(change: Change): void {
        void this.negotiation?.run(change).then((outcome) => this.recovery?.note(outcome));
    }

    /** Digits to the other side: as telephone-event, else as INFO. */
    digits(text: string): void {
        const digits = readDigits(text);
        const { session } = this;
        if (digits === null || this.phase !== 'answered' || session === null || this.media === null) return;
        if (this.media.sendDigits(digits)) return;
        for (const digit of digits) session.info('application/dtmf-relay', `Signal=${digit}\r\nDuration=160\r\n`);
        this.keep();
    }

    /**
     * The connection is gone. A call out that rings ends: its answer would go the way of the INVITE, over that connection only
     * (Kamailio drops it). One that rings here goes on: our answer finds its way over the next.
     */
    connectionLost(): void {
        if (this.direction === 'outgoing' && this.phase === 'ringing') this.hangUp('connection-lost');
        this.recovery?.tell('lost');
        this.session?.giveUp();
        this.succession.connectionLost();
    }

    /** We are registered again, over a new connection. */
    reconnected(): void {
        this.recovery?.tell('reconnected');
        this.negotiation?.wake();
    }

    private is(phase: Phase): boolean {
        return this.phase === phase;
    }

    private event(event: CallEvent): void {
        if (this.phase === 'ended') return;
        this.state = nextState(this.state, event);
        this.host.event(this.callId, event);
        this.keep();
    }

    /** The dialog that is up, or was on the page before. */
    private get dialog(): DialogRecord | null {
        return this.session?.record ?? this.restored;
    }

    /** Keeps for the next page what it needs. */
    private keep(): void {
        const { callId, direction, session, state, host, replaceable: replaces, ours, proven: theirs } = this;
        if (session === null || (state.name !== 'active' && state.name !== 'interrupted')) return;
        const { media, hold, answeredAt } = state;
        const fingerprints = { ours, theirs };
        const { instanceId } = host;
        const dialog = session.record;
        const record = { callId, direction, dialog, replaces, instanceId, fingerprints, media, hold, answeredAt };
        host.record(callId, { ...record, leftAt: null });
    }

    private local(sdp: string, sipCallId?: string): void {
        this.ours = readFingerprints(sdp);
        this.host.local(this.callId, sdp, sipCallId);
    }

    private remote(message: IncomingMessage, sdp: string | undefined): void {
        // Whoever sends a later one proves nothing by it.
        if (this.theirs.length === 0) this.theirs = readFingerprints(sdp);
        this.host.remote(this.callId, message, sdp);
        this.keep();
    }

    private async engine(): Promise<MediaEngine> {
        const engine = await this.host.media();
        this.closeMedia = () => {
            engine.close(this.callId);
        };
        return engine;
    }

    private readonly listener: MediaSessionListener = {
        connected: () => {
            this.mediaConnected = this.everConnected = true;
            if (this.phase === 'answered') this.connected(this.host.clock.now());
        },
        interrupted: (silentSince) => {
            this.mediaConnected = false;
            this.event({ type: 'interrupted' });
            this.recovery?.tell({ silentSince });
        },
        quality: (quality) => {
            this.host.quality(this.callId, quality);
        },
        renegotiate: () => {
            this.describe(null);
        },
        failed: (repairable) => {
            if (repairable) this.recovery?.tell('broken');
            else if (this.phase === 'answered') this.hangUp('media-failed');
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
    };

    /** Opens the devices. @returns null, the device that is wanting, or `failed` */
    private async open(wanted: { video: boolean; listenOnly: boolean }): Promise<DeviceProblem | 'failed' | null> {
        try {
            const engine = await this.engine();
            if (this.is('ended')) return null;
            const media = await engine.open(this.callId, wanted, this.listener);
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
            this.local(offer);
            if (!this.is('opening')) return;
            let { media } = this;
            const answered = (session: Session, answer: string | undefined, message: IncomingMessage): boolean => {
                this.leg = session;
                if (this.is('ended')) session.leave();
                if (this.is('ended')) return false;
                this.replaceable = names(message, 'supported', 'replaces');
                this.remote(message, answer);
                return true;
            };
            const leg = new OutgoingInvite(
                this.host.core,
                { target, callId: this.callId, headers: headerLines(headers), offer },
                this.sessionHost(() => media),
                {
                    accepted: (session, answer, message) => {
                        if (!answered(session, answer, message)) return;
                        void session.begin(answer).then((usable) => {
                            if (usable) this.established(session);
                        });
                    },
                    early: () => {
                        this.event({ type: 'ringing', early: true });
                    },
                    forked: (session, answer, message) => {
                        if (!answered(session, answer, message)) return;
                        void this.renew().then((renewed) => {
                            if (renewed === null) return;
                            media = renewed;
                            this.established(session);
                            this.change({});
                        });
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
            this.startTimer('no-answer');
        } catch {
            this.end('media-failed');
        }
    }

    /** A peer connection in the place of the one that heard somebody else; null where it is over. */
    private async renew(): Promise<MediaSession | null> {
        try {
            const media = await (await this.engine()).renew(this.callId, this.shown, this.listener);
            if (this.is('ended')) {
                media.close();
                return null;
            }
            this.media = media;
            this.mediaConnected = this.everConnected = false;
            media.succeed();
            if (this.muted) media.mute(true);
            return media;
        } catch {
            this.hangUp('media-failed');
            return null;
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
            this.decide = null;
            this.event({ type: 'question', question: null });
            if (accept) leg.redirect(target);
            else this.end('unavailable', { status });
        };
        this.event({ type: 'question', question: { kind: 'redirect', to } });
    }

    private sessionHost(current: () => MediaSession): SessionHost {
        const { host } = this;
        return {
            get media() {
                return current();
            },
            clock: host.clock,
            isConnected: () => host.isConnected(),
            farewell: (task) => {
                host.farewell(task);
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
        if (this.phase === 'ended') return;
        this.phase = 'answered';
        const at = this.host.clock.now();
        this.event({ type: 'answered', at });
        this.attend(session, this.direction === 'outgoing');
        if (this.mediaConnected) this.connected(at);
        if (this.undescribed) this.describe(this.undescribed.device);
    }

    /** Another leg, whose media is up, stands for the call from now on. */
    private succeed(session: Session, media: MediaSession, ours: boolean, held: boolean): void {
        const { leg } = this;
        this.negotiation?.dispose();
        this.recovery?.dispose();
        this.media = media;
        media.succeed();
        media.mute(this.muted);
        this.mediaConnected = this.everConnected = true;
        this.attend(session, ours);
        leg?.leave(0);
        this.heldByThem = false;
        this.connected(this.host.clock.now());
        this.host.streams(this.callId);
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
        const { clock, random } = this.host;
        const negotiation: Negotiation = new Negotiation({
            session,
            ownsCallId,
            clock,
            random,
            offering: () => {
                const { broken: iceRestart, wanting } = recovery;
                return { iceRestart, patience: wanting ? REPAIR_PATIENCE : TRANSACTION_TIMEOUT };
            },
        });
        const recovery: Recovery = new Recovery(
            {
                ownsCallId,
                clock,
                alive: () => this.host.alive(),
                reinvite: () => {
                    const until = clock.now() + REPAIR_PATIENCE;
                    return negotiation.run({ wanted: () => recovery.wanting && clock.now() < until });
                },
                replace: () => this.replaceLeg(),
                end: () => {
                    this.hangUp(this.everConnected ? 'connection-lost' : 'media-failed');
                },
            },
            this.mediaConnected,
        );
        this.negotiation = negotiation;
        this.recovery = recovery;
    }

    private connected(at: number): void {
        this.proven = this.theirs;
        this.recovery?.tell('connected');
        this.event({ type: 'connected', at });
        this.event({ type: 'hold', by: 'them', on: this.heldByThem });
        this.event({ type: 'hold', by: 'us', on: this.onHold });
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
        this.recovery?.dispose();
        this.succession.dispose();
        this.closeMedia();
        this.host.event(this.callId, event);
        this.host.ended(this.callId);
    }
}
