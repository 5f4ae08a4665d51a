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
import { takeInvite, type IncomingInvite } from './dialogue/incoming-invite.js';
import { sendInvite, type OutgoingInvite } from './dialogue/outgoing-invite.js';
import { names } from './dialogue/session-timer.js';
import { respond } from './dialogue/session-description.js';
import type { Leg, Reinvited, Session, SessionHost } from './dialogue/session.js';
import { bestContact, headerLines, readDigits } from './headers.js';
import { MAX_REDIRECTS, MEDIA_TIMEOUT, RESUME_AGAIN } from './policies.js';
import { watchOver, type Change, type Recovery } from './recovery.js';
import { readFingerprints } from './remote-party.js';
import { peerOf, writeReplaces, type Named, type Replaces } from './replaces.js';
import { restoredLeg } from './resumption.js';
import { makeSuccession } from './succession.js';

/** How far a call is, on the wire. */
type Phase = 'opening' | 'ringing' | 'answering' | 'answered' | 'ended';

const NO_MEDIA: Media = { microphone: 'none', camera: 'off', remoteVideo: false };

/** By which a dialog is found. */
const keyOf = ({ callId, localTag, remoteTag }: Pick<DialogRecord, 'callId' | 'localTag' | 'remoteTag'>): string =>
    [callId, localTag, remoteTag].join(' ');

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
export type Call = ReturnType<typeof makeCall>;

/** Makes one; it begins with `place`, `receive` or `goOn`. @param who calls, where that is known; else empty */
export function makeCall(callId: CallId, direction: Direction, host: CallHost, who = '') {
    const { clock, core } = host;
    const outgoing = direction === 'outgoing';
    let phase: Phase = outgoing ? 'opening' : 'ringing';
    let state: CallState = firstState(direction, false);
    let leg: Leg | undefined;
    let session: Session | undefined;
    let invite: IncomingInvite | undefined;
    let media: MediaSession | undefined;
    let engine: MediaEngine | undefined;
    let recovery: Recovery | undefined;
    let stopTimer = (): void => undefined;
    let mediaConnected = false;
    let heldByThem = false;
    let onHold = false;
    let muted = false;
    /** What a re-INVITE will say once the call is answered. */
    let undescribed: Change | undefined;
    /** What the person's answer to a question about an address does; and how many there were. */
    let decide: ((accept: boolean) => void) | undefined;
    let redirects = 0;
    /** The dialog that was on the page before; and the names of all that it had, see {@link keyOf}. */
    let restored: DialogRecord | undefined;
    const dialogs = new Set<string>();
    /** The other side takes an INVITE with Replaces. */
    let replaceable = false;
    /** Their fingerprints as first described, and once media was set up with them. */
    let theirs: readonly string[] = [];
    let proven: readonly string[] = [];

    const is = (wanted: Phase): boolean => phase === wanted;
    /** Whether it came in and is not answered. */
    const isUnanswered = (): boolean => !outgoing && !is('answered');
    /** What is sent and received. */
    const shown = (): Media => (state.name === 'ended' ? NO_MEDIA : state.media);
    /** The one that is up, or was on the page before. */
    const dialog = (): DialogRecord | undefined => session?.record ?? restored;

    const emit = (event: CallEvent): void => {
        host.emit({ type: 'call', callId, event });
    };

    function tell(event: CallEvent): void {
        if (is('ended')) return;
        state = nextState(state, event);
        emit(event);
        keep();
    }

    /** Keeps for the next page what it needs. */
    function keep(): void {
        if (!session || (state.name !== 'active' && state.name !== 'interrupted')) return;
        const { media, hold, answeredAt } = state;
        host.record?.(callId, {
            callId,
            direction,
            dialog: session.record,
            replaces: replaceable,
            instanceId: host.config.instanceId,
            fingerprints: proven,
            media,
            hold,
            answeredAt,
            leftAt: null,
        });
    }

    function local(sdp: string, sipCallId?: string): void {
        host.emit({ type: 'local', callId, fingerprints: readFingerprints(sdp), ...(sipCallId && { sipCallId }) });
    }

    function remote(message: IncomingMessage, sdp: string | undefined): void {
        // Whoever sends a later one proves nothing by it.
        if (theirs.length === 0) theirs = readFingerprints(sdp);
        host.remote(callId, message, sdp);
        keep();
    }

    /** Sends a re-INVITE, now or once it is answered. */
    function change(what: Change): void {
        if (recovery) recovery.run(what);
        else undescribed = what;
    }

    const listener: MediaSessionListener = {
        connected: () => {
            mediaConnected = true;
            if (is('answered')) connected();
        },
        interrupted: (silentSince) => {
            mediaConnected = false;
            tell({ type: 'interrupted' });
            recovery?.tell({ silentSince });
        },
        quality: (quality) => {
            host.emit({ type: 'quality', callId, quality });
        },
        renegotiate: () => {
            change({});
        },
        failed: (repairable) => {
            if (repairable) recovery?.tell('broken');
            else if (is('answered')) quit('media-failed');
        },
        media: (what) => {
            tell({ type: 'media', media: what });
        },
        streams: () => {
            if (!is('ended')) host.emit({ type: 'streams', callId });
        },
        heldByThem: (on) => {
            heldByThem = on;
            tell({ type: 'hold', by: 'them', on });
        },
        problem: (problem) => {
            tell({ type: 'problem', problem });
        },
    };

    /**
     * A media session for this call.
     * @throws where nobody waits for it any more, and where it cannot be made
     */
    async function take(
        make: (engine: MediaEngine) => Promise<MediaSession>,
        wanted: () => boolean,
    ): Promise<MediaSession> {
        engine = await host.media();
        const made = wanted() && (await make(engine));
        if (made && wanted()) {
            if (muted) made.mute(true);
            return made;
        }
        if (made) made.close();
        throw new Error('over');
    }

    /** The one of a leg that was not answered yet. */
    async function first(make: (engine: MediaEngine) => Promise<MediaSession>): Promise<MediaSession> {
        return (media = await take(make, () => !is('ended')));
    }

    /** Opens the devices. @throws DeviceError */
    const open = (video: boolean, listenOnly: boolean): Promise<MediaSession> =>
        first((from) => from.open(callId, { video, listenOnly }, listener));

    const sessionHost = (current: () => MediaSession): SessionHost => ({
        ...host,
        get media() {
            return current();
        },
        remote: (message, sdp) => {
            remote(message, sdp);
            recovery?.tell('heard');
        },
        refresh: () => {
            change({});
        },
        ended: (reason) => {
            if (media === current() && !succession.outlives(reason)) end(reason);
        },
    });

    function established(answered: Session): void {
        if (is('ended')) return;
        phase = 'answered';
        tell({ type: 'answered', at: clock.now() });
        attend(answered, outgoing);
        if (mediaConnected) connected();
        if (undescribed) change(undescribed);
    }

    /** Looks after a dialog that is up. */
    function attend(next: Session, ownsCallId: boolean): void {
        leg = session = next;
        stopTimer();
        dialogs.add(keyOf(next.record));
        const end = (): void => {
            quit(state.name === 'connecting' ? 'media-failed' : 'connection-lost');
        };
        recovery = watchOver({ ...host, session: next, ownsCallId, replace: replaceLeg, end }, mediaConnected);
    }

    function connected(): void {
        proven = theirs;
        recovery?.tell('connected');
        tell({ type: 'connected', at: clock.now() });
        tell({ type: 'hold', by: 'them', on: heldByThem });
        tell({ type: 'hold', by: 'us', on: onHold });
    }

    /** Calls the other side anew to go on with the call (Replaces), where it takes that. Never rejects. */
    async function replaceLeg(): Promise<Reinvited> {
        const record = dialog();
        const line = record && replaceable && writeReplaces(record);
        const target = line && peerOf(record);
        return target ? succession.invite(target, line) : 'refused';
    }

    function startTimer(): void {
        const { ringTimeout } = host.config;
        const seconds = Math.min(ringTimeout, invite?.expires ?? ringTimeout);
        stopTimer = clock.after(seconds * 1000, () => {
            // The browser asks for the microphone: the person is there.
            if (is('answering')) startTimer();
            else if (outgoing) quit('no-answer');
            // 487 where they let it ring no longer (RFC 3261 section 13.3.1).
            else quit('missed', seconds < ringTimeout ? 487 : declineStatus.refused);
        });
    }

    /** Asks the person whether to call where a 3xx sends us. */
    function redirect(sent: OutgoingInvite, contacts: readonly string[], status: number): void {
        const to = redirects < MAX_REDIRECTS ? bestContact(contacts) : null;
        const target = to && host.target(to);
        if (!target) {
            end(endReasonFromStatus(status), { status });
            return;
        }
        redirects += 1;
        decide = (accept) => {
            decide = undefined;
            tell({ type: 'question', question: null });
            if (accept) sent.redirect(target);
            else end('unavailable', { status });
        };
        tell({ type: 'question', question: { kind: 'redirect', to } });
    }

    async function show(device: 'camera' | 'screen', wanted: boolean): Promise<void> {
        if (!media) return;
        const on = wanted && host.config.video;
        try {
            if (!(await media[device](on))) return;
            change({
                undo: () => {
                    if (!on || !host.isConnected()) return;
                    // They refuse it: it is taken back.
                    void media?.[device](false).catch(() => undefined);
                    tell({ type: 'problem', problem: { device, problem: 'refused' } });
                },
            });
        } catch (error) {
            if (error instanceof DeviceError) tell({ type: 'problem', problem: error.problem });
        }
    }

    /** Ends it, with a word to the other side. */
    function quit(reason: EndReason, status = 0): void {
        if (is('ended')) return;
        host.farewell(() => leg?.leave(status));
        end(reason);
    }

    function end(reason: EndReason, more: { problem?: DeviceProblem; status?: number } = {}): void {
        if (is('ended')) return;
        stopTimer();
        phase = 'ended';
        recovery?.dispose();
        succession.dispose();
        engine?.close(callId);
        emit({ type: 'ended', reason, at: clock.now(), ...more });
        host.ended(callId);
    }

    const succession = makeSuccession({
        callId,
        host,
        listener,
        shown,
        isOnHold: () => onHold,
        take,
        sessionHost,
        local,
        tell,
        end,
        succeed: (next) => {
            const before = leg;
            recovery?.dispose();
            ({ theirs, replaceable, media } = next);
            next.media.succeed();
            next.media.mute(muted);
            mediaConnected = true;
            attend(next.session, next.ours !== null);
            before?.leave(0);
            heldByThem = false;
            connected();
            listener.streams();
            if (next.held === onHold) return;
            // It was pressed while this leg came up.
            next.media.hold(onHold);
            change({});
        },
    });

    return {
        who,
        succession,
        end,

        /** Places a call. Nothing is sent before the devices are there. */
        async place(target: string, { video, headers }: Pick<Said, 'video' | 'headers'>): Promise<void> {
            try {
                let current = await open(video, false);
                const address = parseSipAddress(target);
                const urgent = address !== null && isEmergencyNumber(address);
                const offer = await current.createOffer({ urgent });
                if (is('ended')) return;
                local(offer);
                if (is('ended')) return;
                const answered = (by: Session, answer: string | undefined, message: IncomingMessage): boolean => {
                    leg = by;
                    if (is('ended')) {
                        by.leave();
                        return false;
                    }
                    replaceable = names(message, 'supported', 'replaces');
                    remote(message, answer);
                    return true;
                };
                const sent = sendInvite(
                    core,
                    { target, callId, headers: headerLines(headers), offer },
                    sessionHost(() => current),
                    {
                        accepted: (by, answer, message) => {
                            if (!answered(by, answer, message)) return;
                            void by.begin(answer).then((usable) => {
                                if (usable) established(by);
                            });
                        },
                        ringing: () => {
                            tell({ type: 'ringing' });
                        },
                        early: () => {
                            tell({ type: 'ringing', early: true });
                        },
                        // A peer connection in the place of the one that heard somebody else.
                        forked: (by, answer, message) => {
                            if (!answered(by, answer, message)) return;
                            first((from) => from.renew(callId, shown(), listener)).then(
                                (renewed) => {
                                    current = renewed;
                                    current.succeed();
                                    mediaConnected = false;
                                    established(by);
                                    change({});
                                },
                                () => {
                                    quit('media-failed');
                                },
                            );
                        },
                        rejected: (response) => {
                            const { statusCode: status = 0 } = response;
                            if (isOurs(response)) end('connection-lost');
                            else if (status >= 400) end(endReasonFromStatus(status), { status });
                            else redirect(sent, response.getHeaders('contact'), status);
                        },
                    },
                );
                leg = sent;
                phase = 'ringing';
                startTimer();
            } catch (error) {
                if (error instanceof DeviceError) {
                    const { problem } = error;
                    const missing = problem.problem === 'missing' || problem.problem === 'in-use';
                    end(missing ? 'no-device' : 'no-permission', { problem });
                } else end(media ? 'media-failed' : 'failed');
            }
        },

        /** Takes a call that came in; no device is touched, and it does not ring yet. */
        receive(message: IncomingRequestMessage): void {
            leg = invite = takeInvite(core, message, end);
            theirs = readFingerprints(invite.offer);
            replaceable = names(message, 'supported', 'replaces');
            startTimer();
        },

        /**
         * Goes on with a call that another page had, once we are registered; the other side may be on its way back itself. Ends
         * it where that takes too long.
         */
        goOn({ dialog: was, media, hold, answeredAt, fingerprints, replaces }: ResumeRecord): void {
            phase = 'answered';
            state = { name: 'interrupted', media, hold, answeredAt };
            muted = media.microphone === 'muted';
            onHold = hold.byUs;
            proven = fingerprints;
            replaceable = replaces;
            dialogs.add(keyOf(was));
            restored = was;
            leg = restoredLeg(core, was, (reason) => {
                if (!session && !succession.outlives(reason)) end(reason);
            });
            const lost = (): void => {
                if (!session) quit('connection-lost');
            };
            const call = async (): Promise<void> => {
                if (session || is('ended')) return;
                const outcome = await replaceLeg();
                if (outcome === 'gone' || outcome === 'refused') lost();
                else clock.after(RESUME_AGAIN, next);
            };
            const next = (): void => {
                host.farewell(() => void call());
            };
            tell({ type: 'interrupted' });
            stopTimer = clock.after(MEDIA_TIMEOUT, lost);
            next();
        },

        /** What a Replaces names, where it is this call. */
        named({ callId: id, toTag, fromTag }: Replaces): Named | null {
            const record = dialog();
            const key = keyOf({ callId: id, localTag: toTag, remoteTag: fromTag });
            if (!is('answered') || !record || !dialogs.has(key)) return null;
            return { peers: [record.remoteUri, record.target], fingerprints: proven, ours: succession.pending() };
        },

        /** Whether it is an incoming call that nobody has answered yet. */
        isRinging: (): boolean => !outgoing && is('ringing'),

        /** The person's answer to a question. */
        reply({ accept }: Pick<Said, 'accept'>): void {
            if (decide) decide(accept);
            else succession.reply(accept);
        },

        /** It rings here (180): the time that it may ring begins. */
        ring(): void {
            if (!is('ringing') || !invite?.ring()) return;
            stopTimer();
            startTimer();
        },

        /** Answers. Where a device is wanting it says so and goes on ringing. */
        async answer({ video, listenOnly, headers }: Pick<Said, 'video' | 'listenOnly' | 'headers'>): Promise<void> {
            if (!is('ringing') || !invite) return;
            phase = 'answering';
            try {
                const current = await open(video, listenOnly);
                stopTimer();
                tell({ type: 'answering' });
                const sdp = await respond(current, invite.offer);
                if (is('ended')) return;
                local(sdp);
                established(
                    invite.accept(
                        sdp,
                        headerLines(headers),
                        sessionHost(() => current),
                    ),
                );
            } catch (error) {
                if (is('ended')) return;
                if (error instanceof DeviceError) {
                    phase = 'ringing';
                    tell({ type: 'problem', problem: error.problem });
                } else if (media) quit('media-failed', 488);
                else quit('failed', declineStatus.refused);
            }
        },

        /** Refuses a call that rings. */
        decline({ as }: Pick<Said, 'as'>): void {
            if (isUnanswered()) quit(as, declineStatus[as]);
        },

        /** Ends it, in any phase. */
        hangUp(): void {
            if (isUnanswered()) quit('declined', declineStatus.declined);
            else quit(is('answered') ? 'hung-up' : 'cancelled');
        },

        /** Ends it because the agent stops: other devices may go on ringing. */
        abandon(): void {
            if (isUnanswered()) quit('missed', declineStatus.refused);
            else this.hangUp();
        },

        /**
         * Puts it on hold, or takes it back. Where the other side does not accept that, all is as before; without a connection
         * hold is in force all the same, and told with the offer that follows when it is back.
         */
        hold({ on }: Pick<Said, 'on'>): void {
            if (!is('answered') || on === onHold) return;
            const current = media;
            onHold = on;
            const hold = (now: boolean): void => {
                current?.hold(now);
                tell({ type: 'hold', by: 'us', on: now });
            };
            change({
                before: () => {
                    hold(on);
                },
                undo: () => {
                    if (on && !host.isConnected()) return;
                    onHold = !on;
                    hold(!on);
                },
            });
        },

        mute({ on }: Pick<Said, 'on'>): void {
            muted = on;
            if (media) media.mute(on);
            else if (shown().microphone !== 'none')
                tell({ type: 'media', media: { microphone: on ? 'muted' : 'live' } });
        },

        /** Sends the camera, or does not, with a re-INVITE where the call has no video that sends. */
        camera: ({ on }: Pick<Said, 'on'>): Promise<void> => show('camera', on),

        /** A screen in the place of the camera. */
        screen: ({ on }: Pick<Said, 'on'>): Promise<void> => show('screen', on),

        /** Digits to the other side: as telephone-event, else as INFO. */
        digits(said: Pick<Said, 'digits'>): void {
            const digits = readDigits(said.digits);
            if (digits === null || !session || !media || media.sendDigits(digits)) return;
            for (const digit of digits) session.info('application/dtmf-relay', `Signal=${digit}\r\nDuration=160\r\n`);
            keep();
        },

        /**
         * The connection is gone. A call out that rings ends: its answer would go the way of the INVITE, over that connection
         * only (Kamailio drops it). One that rings here goes on: our answer finds its way over the next.
         */
        connectionLost(): void {
            if (outgoing && is('ringing')) quit('connection-lost');
            recovery?.tell('lost');
            session?.giveUp();
            succession.connectionLost();
        },

        /** We are registered again, over a new connection. */
        reconnected(): void {
            recovery?.tell('reconnected');
        },
    };
}
