/**
 * Groupchats between MSRP and XMPP (RFC 7702). A room is a conference focus, an occupant an address of it with a `gr`: the rules
 * of RFC 7247 hold for both. Entering is an INVITE with a NICKNAME, leaving a BYE, the list of occupants conference-info.
 */
import { percentDecode } from '../../sip-sidecar/contract/index.js';
import { bareJid, resourceOf } from '../jid.js';
import { jidFromSip, sipFromJid } from './addresses.js';
import type { Condition } from './errors.js';
import { given } from './given.js';
import type { XmppMessage } from './messages.js';

/** What a person does in a room, in XMPP. `to` names the room, with the nickname where one enters, renames or leaves. */
export interface RoomPresence {
    readonly from: string;
    readonly to: string;
    readonly type?: 'unavailable';
    readonly status?: string;
}

/** The same in SIP and MSRP. Addresses are URIs. */
export interface RoomRequest {
    readonly method: 'INVITE' | 'BYE';
    readonly from: string;
    /** The room, without the nickname (table 1). */
    readonly to: string;
    /** The GRUU of the device. */
    readonly contact?: string;
    /** `Use-Nickname` of the MSRP NICKNAME that follows an INVITE (section 5.2). */
    readonly nickname?: string;
}

/** An occupant in conference-info (RFC 4575). */
export interface ConferenceUser {
    /** The occupant: the room with its nickname as `gr`; of the user and of its endpoint. */
    readonly entity: string;
    readonly displayText: string;
    /** The URI of the person behind it, where it is told (`associated-aors`). */
    readonly aor?: string;
}

/** The document that tells who is in a room. */
export interface ConferenceInfo {
    readonly entity: string;
    readonly subject?: string;
    readonly users: readonly ConferenceUser[];
}

/** An occupant as the room's presence tells it. */
export interface Occupant {
    /** The occupant JID. */
    readonly from: string;
    /** SIP knows nothing of either: always these (table 3). */
    readonly role: 'participant';
    readonly affiliation: 'none';
    /** The full JID of the person, where it is told. */
    readonly jid?: string;
}

/** The headers of a CPIM message in a SEND (RFC 3862), and its body. Addresses are URIs. */
export interface CpimMessage {
    readonly from: string;
    readonly to: string;
    readonly body: string;
}

/** The MSRP response for a nickname that is taken, and the condition of the error presence (sections 5.6 and 6.4). */
export const NICKNAME_FAILED: { readonly status: 425; readonly condition: Condition } = {
    status: 425,
    condition: 'conflict',
};

/** The JID in an `xmpp:` URI (RFC 5122), or of a SIP one; null for any other. */
function jidFromUri(uri: string): string | null {
    const [, path] = /^xmpp:([^?#]*)/iu.exec(uri) ?? [];
    if (path === undefined) return jidFromSip(uri);
    const jid = percentDecode(path) ?? '';
    const bare = bareJid(jid);
    const resource = resourceOf(jid);
    return bare === null || resource === '' ? bare : `${bare}/${resource}`;
}

const uriFromJid = (jid: string): string => `xmpp:${jid.replace(/[^\w\-.~@/]/gu, encodeURIComponent)}`;

/** The request for entering or leaving a room (sections 5.1, 5.2, 5.8); null where an address has no counterpart. */
export function requestFromRoomPresence(presence: RoomPresence): RoomRequest | null {
    const from = sipFromJid(bareJid(presence.from) ?? '');
    const to = sipFromJid(bareJid(presence.to) ?? '');
    if (from === null || to === null) return null;
    if (presence.type === 'unavailable') return { method: 'BYE', from, to };
    const contact = presence.from.includes('/') ? sipFromJid(presence.from) : null;
    return { method: 'INVITE', from, to, ...given({ contact, nickname: resourceOf(presence.to) || null }) };
}

/** The presence for entering, renaming (an INVITE's NICKNAME, or a later one), or leaving (sections 6.1, 6.4, 6.6). */
export function roomPresenceFromRequest(request: RoomRequest, nickname: string): RoomPresence | null {
    const from = jidFromSip(request.contact ?? request.from);
    const room = bareJid(jidFromSip(request.to));
    if (from === null || room === null || nickname === '') return null;
    return { from, to: `${room}/${nickname}`, ...(request.method === 'BYE' && { type: 'unavailable' }) };
}

/** The occupants and the subject in a conference-info document (tables 2 and 3). Those without counterpart are left out. */
export function roomFromConference(info: ConferenceInfo): { occupants: Occupant[]; subject?: string } {
    const occupants = info.users.flatMap(({ entity, aor }): Occupant[] => {
        const from = jidFromSip(entity);
        const jid = aor === undefined ? null : jidFromUri(aor);
        return from === null ? [] : [{ from, role: 'participant', affiliation: 'none', ...given({ jid }) }];
    });
    return { occupants, ...given({ subject: info.subject }) };
}

/** The conference-info document for the occupants of a room (section 6.2), read backwards by table 2. */
export function conferenceFromRoom(
    room: string,
    occupants: readonly Pick<Occupant, 'from' | 'jid'>[],
    subject?: string,
): ConferenceInfo | null {
    const entity = sipFromJid(bareJid(room) ?? '');
    if (entity === null) return null;
    const users = occupants.flatMap(({ from, jid }): ConferenceUser[] => {
        const user = sipFromJid(from);
        const aor = jid === undefined || sipFromJid(jid) === null ? null : uriFromJid(jid);
        return user === null ? [] : [{ entity: user, displayText: resourceOf(from), ...given({ aor }) }];
    });
    return { entity, users, ...given({ subject }) };
}

/**
 * The CPIM message for a message to a room or, of type `chat`, to one occupant (table 4, sections 5.5.1 and 5.5.2). Only a
 * private one tells the device.
 */
export function cpimFromMessage(message: XmppMessage): CpimMessage | null {
    const isPrivate = message.type === 'chat';
    const from = sipFromJid(isPrivate ? message.from : (bareJid(message.from) ?? ''));
    const to = sipFromJid(isPrivate ? message.to : (bareJid(message.to) ?? ''));
    if (from === null || to === null || message.body === undefined) return null;
    return { from, to, body: message.body };
}

/** The message stanza for a CPIM message (table 5): private where it is to one occupant, else to the room. */
export function messageFromCpim(cpim: CpimMessage, id: string): XmppMessage | null {
    const from = jidFromSip(cpim.from);
    const to = jidFromSip(cpim.to);
    if (from === null || to === null) return null;
    return { from, to, id, type: to.includes('/') ? 'chat' : 'groupchat', body: cpim.body };
}

/**
 * The message to a room as the room sends it back to who wrote it (example 15): nobody else would tell an XMPP person that it came.
 *
 * @param nickname of the writer
 */
export const reflectionOf = (message: XmppMessage, nickname: string, id: string): XmppMessage => ({
    ...message,
    from: `${message.to}/${nickname}`,
    to: message.from,
    id,
});

/** The REFER for a mediated invitation (section 5.7): who is invited is in Refer-To. */
export function referFromInvite(
    from: string,
    room: string,
    invited: string,
): { method: 'REFER'; from: string; to: string; referTo: string } | null {
    const [inviter, to, referTo] = [from, room, invited].map((jid) => sipFromJid(bareJid(jid) ?? ''));
    return inviter && to && referTo ? { method: 'REFER', from: inviter, to, referTo } : null;
}

/** The JID that a REFER invites to a room (section 6.5). */
export const invitedByRefer = (referTo: string): string | null => bareJid(jidFromSip(referTo));
