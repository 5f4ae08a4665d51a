/** A call as plain data: for the page that goes on with it after a reload, and for the other tabs of the site. */
import { isLike, type CallState } from '../sip-sidecar/contract/index.js';
import { NOBODY } from './identity.js';
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

const MEDIA = { microphone: 'live', camera: 'off', remoteVideo: false } as const;
const HOLD = { byUs: false, byThem: false };

/** The states of a call that is up, by what they have beside the name. */
const STATES: Readonly<Record<string, object>> = {
    dialling: { media: MEDIA },
    ringing: { media: MEDIA },
    incoming: { media: MEDIA },
    connecting: { media: MEDIA },
    active: { media: MEDIA, hold: HOLD, answeredAt: 0 },
    interrupted: { media: MEDIA, hold: HOLD, answeredAt: 0 },
};

const isTextOrNull = (value: unknown): boolean => value === null || isLike(value, '');

/** What a description says; null for what is none. Any script of the site may have written it. */
export function readDescribed(about: unknown): Described | null {
    if (!isLike(about, { call: CALL, leg: '' })) return null;
    const { call, dialled, known } = about as Described;
    const shape = Object.hasOwn(STATES, call.state.name) ? STATES[call.state.name] : undefined;
    const texts = [call.thread, call.identity.jid, dialled, known];
    return shape && isLike(call.state, shape) && texts.every(isTextOrNull) ? (about as Described) : null;
}
