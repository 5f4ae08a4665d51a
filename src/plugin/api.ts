/**
 * `api.sip` and Converse's events for scripts. Everything that goes out is plain data and a copy: a script can keep it, and
 * cannot change what is shown.
 */
import type { Registration } from '../sip-sidecar/contract/index.js';
import { isUp, type Call, type Placed, type Reach } from './phone.js';
import type { Telephone } from './telephone.js';

/** `_converse.api.sip`. */
export interface SipApi {
    /**
     * Places a call.
     * @param target a bare JID (its best address is dialled), a SIP address, or a telephone number
     * @returns the id of the call, or why there is none; never rejects
     */
    call(target: string, options?: { readonly video?: boolean }): Promise<Placed>;
    /** Answers an incoming call; `listenOnly` even without a microphone. */
    answer(callId: string, options?: { readonly video?: boolean; readonly listenOnly?: boolean }): void;
    decline(callId: string): void;
    /** Ends a call in any state. */
    hangUp(callId: string): void;
    hold(callId: string): void;
    resume(callId: string): void;
    mute(callId: string, on?: boolean): void;
    /** @param digits `0-9 * # A-D`; anything else is left out */
    sendDigits(callId: string, digits: string): void;
    /** The calls that are up or ended a moment ago, newest last. */
    calls(): readonly Call[];
    registration(): Registration;
    /** Registers now, where `sip_auto_register` is off. */
    register(): void;
    /** Whether and where a person can be called. */
    lookup(jid: string): Reach;
    /** The bare JID of the one person who lists a SIP address, or null. */
    whoIs(address: string): string | null;
}

/** Converse events of the plugin, with what they carry: `api.listen.on('sipCallStarted', ({ call }) => …)`. */
export interface SipEvents {
    sipRegistrationChanged: { readonly registration: Registration };
    /** A call was dialled or came in. */
    sipCallStarted: { readonly call: Call };
    /** Its state or what is known of the other side has changed. */
    sipCallChanged: { readonly call: Call };
    sipCallEnded: { readonly call: Call };
}

/** Scripts may hand in anything. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The API over a telephone. */
export function createApi(telephone: Telephone): SipApi {
    return {
        call: (target, options) => telephone.call(textOf(target), { video: options?.video === true }),
        answer: (callId, options) =>
            telephone.answer(callId, { video: options?.video === true, listenOnly: options?.listenOnly === true }),
        decline: (callId) => telephone.decline(callId),
        hangUp: (callId) => telephone.hangUp(callId),
        hold: (callId) => telephone.hold(callId, true),
        resume: (callId) => telephone.hold(callId, false),
        mute: (callId, on = true) => telephone.mute(callId, on),
        sendDigits: (callId, digits) => telephone.sendDigits(callId, textOf(digits)),
        calls: () => structuredClone(telephone.calls.get()),
        registration: () => structuredClone(telephone.registration.get()),
        register: () => telephone.login?.register(),
        lookup: (jid) => structuredClone(telephone.reach.get(textOf(jid))),
        whoIs: (address) => telephone.login?.whoIs(textOf(address)) ?? null,
    };
}

/** Triggers the events for as long as the telephone lives. */
export function announce(
    telephone: Telephone,
    trigger: <N extends keyof SipEvents>(name: N, payload: SipEvents[N]) => void,
): () => void {
    let before: readonly Call[] = [];
    const ends = [
        telephone.registration.subscribe((registration) =>
            trigger('sipRegistrationChanged', { registration: structuredClone(registration) }),
        ),
        telephone.calls.subscribe((calls) => {
            const known = before;
            before = calls;
            for (const call of calls) {
                // What happens in another tab is told there.
                if (known.includes(call) || call.elsewhere) continue;
                const old = known.some(({ id }) => id === call.id);
                const name = !old ? 'sipCallStarted' : isUp(call) ? 'sipCallChanged' : 'sipCallEnded';
                trigger(name, { call: structuredClone(call) });
            }
        }),
    ];
    return () => ends.forEach((end) => end());
}
