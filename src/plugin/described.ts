/** A call as plain data: for the page that goes on with it after a reload, and for the other tabs of the site. */
import type { Active, CallState, Question } from '../sip-sidecar/contract/index.js';
import { isLike } from '../sip-sidecar/contract/shape.js';
import { NOBODY, type AddressSource } from './identity.js';
import type { Call } from './phone.js';

/** What one page knows of a call. */
export interface Described {
    readonly call: Call;
    /** The JID that was dialled. */
    readonly dialled: string | null;
    /** By which announcement chat knows the call. */
    readonly known: string | null;
    /** The SIP Call-ID by which it is up. */
    readonly leg: string;
    /** How its address is known. */
    readonly source: AddressSource;
}

/** What has at least to be there, by the kinds of its values. */
const SAMPLE = {
    leg: '',
    source: '',
    call: {
        id: '',
        direction: '',
        video: true,
        address: '',
        displayName: '',
        identity: NOBODY,
        state: { name: '' },
        startedAt: 0,
        thread: null,
        sipCallIds: [''],
        silent: true,
    },
};
const BEGUN = { media: { microphone: '', camera: '', remoteVideo: true } };
const ANSWERED = { ...BEGUN, hold: { byUs: true, byThem: true }, answeredAt: 0 };
const UP = /^(?:dialling|ringing|incoming|connecting|(active|interrupted))$/u;
const QUESTIONS: Readonly<Record<Question['kind'], unknown>> = {
    redirect: { to: '' },
    'take-over': { from: '', displayName: '' },
};

/** Whether it is the state of a call that is up. */
function isState(state: CallState): boolean {
    const up = UP.exec(state.name);
    const { question, problem } = state as Partial<Active>;
    return (
        isLike(state, up?.[1] ? ANSWERED : BEGUN) &&
        up !== null &&
        (!question || isLike(question, QUESTIONS[question.kind])) &&
        (!problem || isLike(problem, { device: '', problem: '' }))
    );
}

/** What a description says; null for what is none. Any script of the site may have written it. */
export function readDescribed(about: unknown): Described | null {
    if (!isLike(about, SAMPLE)) return null;
    const described = about as unknown as Described;
    const { call, dialled, known } = described;
    const { jid, inNameOf = null } = call.identity;
    const texts = [call.thread, jid, inNameOf, dialled, known];
    return isState(call.state) && texts.every((text) => text === null || isLike(text, '')) ? described : null;
}
