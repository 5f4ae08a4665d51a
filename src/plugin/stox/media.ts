/**
 * The vocabulary of media sessions between SIP and Jingle (draft-ietf-stox-media-07, which never became an RFC): actions and
 * methods, directions, hold, format parameters.
 */

/** The actions of Jingle (XEP-0166 section 7.2). */
export type JingleAction =
    | 'content-accept'
    | 'content-add'
    | 'content-modify'
    | 'content-reject'
    | 'content-remove'
    | 'description-info'
    | 'security-info'
    | 'session-accept'
    | 'session-info'
    | 'session-initiate'
    | 'session-terminate'
    | 'transport-accept'
    | 'transport-info'
    | 'transport-reject'
    | 'transport-replace';

/** What stands for what (table 1 and section 5.3); null: no mapping. The directions are in {@link directionOf}. */
export const COUNTERPART_IN_SIP = {
    initiator: null,
    responder: null,
    sid: 'the local part of the dialog ID',
    'local part of initiator': 'the username in o=',
    creator: null,
    name: 'a=mid, which is not mandatory',
    'ip of a raw UDP candidate': 'the connection address in c=',
    'port of a raw UDP candidate': 'the port in m=',
} as const;

/** What an action is in SIP. `re-INVITE`: an INVITE within the dialog. */
export type SipAct = 'INVITE' | 're-INVITE' | 'INVITE response' | 'BYE' | 'INFO' | '180';

/** Table 2; null: unused in this mapping. `session-info` is in {@link ACT_OF_INFO}; an INFO only where the peer trickles. */
export const ACT_OF_ACTION: Readonly<Record<Exclude<JingleAction, 'session-info'>, SipAct | null>> = {
    'content-accept': 'INVITE response',
    'content-add': 'INVITE',
    'content-modify': 're-INVITE',
    'content-reject': null,
    'content-remove': 'INVITE',
    'description-info': null,
    'security-info': null,
    'session-accept': 'INVITE response',
    'session-initiate': 'INVITE',
    'session-terminate': 'BYE',
    'transport-accept': null,
    'transport-info': 'INFO',
    'transport-reject': null,
    'transport-replace': null,
};

/** What a `session-info` with this payload (XEP-0167) is: note 1 of table 2, and the hold of section 7. */
export const ACT_OF_INFO: Readonly<Record<'ringing' | 'hold', SipAct>> = { ringing: '180', hold: 're-INVITE' };

/** What Jingle is told of SIP (section 12: examples 8, 11 and 14). */
export const ACTION_OF_SIP = {
    INVITE: { action: 'session-initiate' },
    '180': { action: 'session-info', info: 'ringing' },
    '200': { action: 'session-accept' },
    BYE: { action: 'session-terminate', reason: 'success' },
} as const satisfies Readonly<Record<string, { action: JingleAction; info?: string; reason?: string }>>;

/** Who sends a content; absent it is `both`. */
export type Senders = 'both' | 'initiator' | 'responder' | 'none';

/** A direction in SDP. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** Table 1, in the SDP of the responder; in that of the initiator the two one-way directions are the other way round. */
const DIRECTION_OF_SENDERS: Readonly<Record<Senders, Direction>> = {
    both: 'sendrecv',
    initiator: 'recvonly',
    responder: 'sendonly',
    none: 'inactive',
};

const TURNED: Readonly<Record<Senders, Senders>> = {
    both: 'both',
    initiator: 'responder',
    responder: 'initiator',
    none: 'none',
};

/** Who writes the description. */
export type Side = 'initiator' | 'responder';

/** The direction in the SDP of that side. */
export const directionOf = (senders: Senders = 'both', side: Side = 'responder'): Direction =>
    DIRECTION_OF_SENDERS[side === 'responder' ? senders : TURNED[senders]];

/** Who sends, by the SDP of that side. */
export function sendersOf(direction: Direction, side: Side = 'responder'): Senders {
    const all = Object.keys(DIRECTION_OF_SENDERS) as Senders[];
    return all.find((senders) => directionOf(senders, side) === direction) ?? 'both';
}

/** Who sends once that side holds (section 7): it alone; nobody where the other side holds as well. */
export const heldBy = (side: Side, senders: Senders = 'both'): Senders =>
    senders === 'both' || senders === side ? side : 'none';

/** A parameter of a payload type; the name is empty where the text has none. */
export interface FormatParameter {
    readonly name: string;
    readonly value: string;
}

/** The value of `a=fmtp` for parameters of a format that is not known (section 10, recommendation 2). */
export const fmtpOf = (parameters: readonly FormatParameter[]): string =>
    parameters.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ');

/** The parameters in a value of `a=fmtp` of a format that is not known (section 10, recommendation 3). */
export function parametersOf(fmtp: string): FormatParameter[] {
    const tokens = fmtp.split(fmtp.includes(';') ? ';' : ',').map((token) => token.trim());
    const pairs = tokens.map((token) => /^([^=\s]+)=(.*)$/u.exec(token));
    // No pair at all: the text as a whole, which may hold commas of its own.
    if (pairs.every((pair) => pair === null)) return [{ name: '', value: fmtp.trim() }];
    return tokens
        .map((token, index) => ({ name: pairs[index]?.[1] ?? '', value: pairs[index]?.[2] ?? token }))
        .filter(({ name, value }) => name !== '' || value !== '');
}

/** The parameters of `telephone-event`: DTMF events where the description names none (section 10, RFC 4733). */
export const telephoneEvents = (fmtp: string): FormatParameter[] => [{ name: 'events', value: fmtp.trim() || '0-15' }];

/** The parameters of `red` (section 10, RFC 3555): the payload types in one, with commas. */
export const redundantAudio = (fmtp: string): FormatParameter[] => [
    { name: 'pt', value: fmtp.trim().replaceAll('/', ',') },
];
