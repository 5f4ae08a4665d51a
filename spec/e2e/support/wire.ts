/** Elements that another client writes, as text, and what to look for in those that it gets. */
import { findAll, type Stanza, type XmlElement } from '../../../servers/index.js';

export const REACH = 'urn:xmpp:reach:0';
export const PIDF = 'urn:ietf:params:xml:ns:pidf';
export const RPID = `${PIDF}:rpid`;
export const CALL_INVITES = 'urn:xmpp:call-invites:0';
export const DIALOG_INFO = 'urn:ietf:params:xml:ns:dialog-info';
export const SHIM = 'http://jabber.org/protocol/shim';
const DTLS = 'urn:xmpp:jingle:apps:dtls:0';

/** SIP addresses (XEP-0152). */
export const reach = (...uris: string[]): string =>
    `<reach xmlns='${REACH}'>${uris.map((uri) => `<addr uri='${uri}'/>`).join('')}</reach>`;

/** Presence content of somebody who can be called there. */
export const open = (uri: string): string => `${reach(uri)}<basic xmlns='${PIDF}'>open</basic>`;

/** A call that is announced. */
export interface Announced {
    readonly to: string;
    readonly id: string;
    readonly callId: string;
    readonly thread?: string;
    /** The addresses of caller and callee. */
    readonly from: string;
    readonly called: string;
    /** SHA-256, as in a session description. */
    readonly fingerprint?: string;
}

const called = (
    type: 'invite' | 'accept',
    direction: 'initiator' | 'recipient',
    { to, id, callId, thread, from, called: remote, fingerprint }: Announced,
): string => {
    const media = fingerprint
        ? `<fingerprint xmlns='${DTLS}' hash='sha-256' setup='actpass'>${fingerprint}</fingerprint>`
        : '';
    return (
        `<message to='${to}' type='chat' id='${id}'>${thread ? `<thread>${thread}</thread>` : ''}` +
        `<${type} xmlns='${CALL_INVITES}' ${type === 'invite' ? `audio='true'` : `id='${id}'`}>` +
        `<dialog xmlns='${DIALOG_INFO}' id='${id}' call-id='${callId}' direction='${direction}'><state>trying</state>` +
        `<local><identity>${from}</identity>${media}</local><remote><identity>${remote}</identity></remote>` +
        `</dialog></${type}><store xmlns='urn:xmpp:hints'/></message>`
    );
};

/** An announcement (PROTOCOL.md 8.5). */
export const announcement = (call: Announced): string => called('invite', 'initiator', call);

/** The answer to one, of who was called: `from` is theirs. */
export const acceptance = (call: Announced): string => called('accept', 'recipient', call);

/** What became of an announced call. */
export const callEvent = (to: string, type: 'retract' | 'reject' | 'left', id: string): string =>
    `<message to='${to}' type='chat'><${type} xmlns='${CALL_INVITES}' id='${id}'/><store xmlns='urn:xmpp:hints'/></message>`;

/** The Call-ID as a header of a message (XEP-0131). */
export const callIdHeader = (callId: string): string =>
    `<headers xmlns='${SHIM}'><header name='Call-ID'>${callId}</header></headers>`;

/** A message with text. */
export const chat = (to: string, text: string, { thread = '', more = '' } = {}): string =>
    `<message to='${to}' type='chat'><body>${text}</body>${thread && `<thread>${thread}</thread>`}${more}</message>`;

/** Whether a stanza is a message with that text. */
export const says =
    (text: string) =>
    ({ name, element }: Stanza): boolean =>
        name === 'message' && element.children.some((child) => child.name === 'body' && child.text === text);

/** Whether a stanza is a call event of that type. */
export const isCallEvent =
    (type: 'invite' | 'accept' | 'reject' | 'retract' | 'left') =>
    ({ element }: Stanza): boolean =>
        element.children.some(({ name, ns }) => name === type && ns === CALL_INVITES);

/** The text of the first element of that name; null: there is none. */
export const textOf = ({ element }: Pick<Stanza, 'element'>, name: string, ns?: string): string | null =>
    findAll(element, name, ns)[0]?.text ?? null;

/** The dialog in a call event. */
export const dialogOf = ({ element }: Stanza): XmlElement => {
    const [dialog] = findAll(element, 'dialog', DIALOG_INFO);
    if (!dialog) throw new Error('There is no dialog.');
    return dialog;
};

/** The Call-ID that a message names; null: none. */
export const callIdOf = ({ element }: Stanza): string | null =>
    findAll(element, 'header', SHIM).find(({ attributes }) => attributes['name'] === 'Call-ID')?.text ?? null;
