/** Call events as other clients write them (PROTOCOL.md 8.5, 8.8), as text. */

/** Two fingerprints as the sidecar gives them. */
export const PRINT = `sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`;
export const OTHER_PRINT = `sha-256 ${Array.from({ length: 32 }, () => 'CD').join(':')}`;

interface Said {
    readonly id?: string;
    readonly callId?: string;
    readonly direction?: string;
    /** Addresses of who writes, and of the other side. */
    readonly local?: string;
    readonly remote?: string;
    readonly prints?: readonly string[];
    readonly seen?: readonly string[];
    readonly thread?: string;
    readonly more?: string;
}

const prints = (all: readonly string[], setup: string): string =>
    all
        .map((each) => each.split(' '))
        .map(
            ([hash = '', value = '']) =>
                `<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='${hash}' setup='${setup}'>${value}</fingerprint>`,
        )
        .join('');

const identity = (address?: string): string => (address === undefined ? '' : `<identity>${address}</identity>`);

/** `<dialog/>` of RFC 4235. */
export function dialog({ id = 'ci-1', callId = 'in-1', direction, local, remote, ...more }: Said): string {
    return (
        `<dialog xmlns='urn:ietf:params:xml:ns:dialog-info' id='${id}' call-id='${callId}' direction='${direction ?? ''}'>` +
        `<state>trying</state><local>${identity(local)}${prints(more.prints ?? [], 'actpass')}</local>` +
        `<remote>${identity(remote)}${prints(more.seen ?? [], 'actpass')}</remote></dialog>`
    );
}

/** The children of an announcement. */
export function invite(said: Said = {}): string {
    const { id = 'ci-1', thread, more = '' } = said;
    return (
        (thread === undefined ? '' : `<thread>${thread}</thread>`) +
        `<invite xmlns='urn:xmpp:call-invites:0' audio='true' video='false'>` +
        `${dialog({ direction: 'initiator', ...said })}</invite>` +
        `<origin-id xmlns='urn:xmpp:sid:0' id='${id}'/><store xmlns='urn:xmpp:hints'/>${more}`
    );
}

/** The children of an answer to one. */
export function accept(said: Said = {}): string {
    const { id = 'ci-1', more = '' } = said;
    return (
        `<accept xmlns='urn:xmpp:call-invites:0' id='${id}'>${dialog({ direction: 'recipient', ...said })}</accept>` +
        `<store xmlns='urn:xmpp:hints'/>${more}`
    );
}

/** `<reject/>`, `<retract/>` or `<left/>`. */
export function over(type: string, id = 'ci-1', reason = ''): string {
    const why = reason === '' ? '' : `<reason xmlns='urn:xmpp:jingle:1'><${reason}/></reason>`;
    return `<${type} xmlns='urn:xmpp:call-invites:0' id='${id}'>${why}</${type}>`;
}

/** The question whether a call was placed. */
export function question(from: string, callId: string, to: string): string {
    return (
        `<iq xmlns='jabber:client' type='get' id='v-${callId}' from='${from}' to='${to}'>` +
        `<verify xmlns='urn:uuid:a46d613b-a581-4bc2-b511-f2dc6ba15d6b' call-id='${callId}'/></iq>`
    );
}

/** The payload of the answer to it. */
export function verified(callId: string, direction = 'initiator'): string {
    return (
        `<verify xmlns='urn:uuid:a46d613b-a581-4bc2-b511-f2dc6ba15d6b' call-id='${callId}'>` +
        `${dialog({ id: '1', callId, direction })}</verify>`
    );
}
