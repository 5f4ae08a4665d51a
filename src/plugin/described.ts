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

const CALL: Call = {
    id: '',
    direction: 'incoming',
    video: true,
    address: '',
    displayName: '',
    identity: { ...NOBODY, reasons: ['dialled'] },
    state: { name: 'active' } as CallState,
    startedAt: 0,
    thread: null,
    sipCallIds: [''],
    silent: true,
};

const RINGING = { media: { microphone: 'live', camera: 'off', remoteVideo: false } } as const;
const TALKING = { ...RINGING, hold: { byUs: false, byThem: false }, answeredAt: 0 };

const QUESTIONS: Readonly<Record<Question['kind'], unknown>> = {
    redirect: { to: '' },
    'take-over': { from: '', displayName: '' },
};

/** Whether what may be missing is as it has to be. */
const areExtras = ({ question, problem }: Pick<Partial<Active>, 'question' | 'problem'>): boolean =>
    (!question || isLike(question, QUESTIONS[question.kind])) &&
    (!problem || isLike(problem, { device: '', problem: '' }));

/** Whether it is the state of a call that is up. */
const isState = ({ name, ...rest }: CallState): boolean =>
    areExtras(rest as Partial<Active>) &&
    ((/^(?:dialling|ringing|incoming|connecting)$/u.test(name) && isLike(rest, RINGING)) ||
        (/^(?:active|interrupted)$/u.test(name) && isLike(rest, TALKING)));

const isTextOrNull = (value: unknown): boolean => value === null || isLike(value, '');

/** What a description says; null for what is none. Any script of the site may have written it. */
export function readDescribed(about: unknown): Described | null {
    if (!isLike(about, { call: CALL, leg: '', source: '' })) return null;
    const { call, dialled, known } = about as Described;
    const { jid, inNameOf = null } = call.identity;
    const texts = [call.thread, jid, inNameOf, dialled, known];
    return isState(call.state) && texts.every(isTextOrNull) ? (about as Described) : null;
}
