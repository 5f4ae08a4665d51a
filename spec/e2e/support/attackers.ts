/** What attackers say by XMPP and SIP, and when the page they say it to has taken it in. */
import { call, escapeXml, statusOf, type RequestOptions, type Sipp, type XmppPeer } from '../../../servers/index.js';
import type { House } from './house.js';
import type { Person, SeenCall, ShownParty } from './person.js';
import { until } from './until.js';

export const ALICE = 'sip:alice@localhost';

const CALL_INVITES = 'urn:xmpp:call-invites:0';
const DIALOG_INFO = 'urn:ietf:params:xml:ns:dialog-info';
const DTLS = 'urn:xmpp:jingle:apps:dtls:0';
const REACH = 'urn:xmpp:reach:0';
const VERIFY = 'urn:uuid:a46d613b-a581-4bc2-b511-f2dc6ba15d6b';

/** An announcement, or something like one. */
export interface Announcement {
    readonly callId: string;
    /** Of the announcement; default: the Call-ID. */
    readonly id?: string;
    /** The SIP address that calls. */
    readonly address?: string;
    readonly direction?: 'initiator' | 'recipient';
    /** SHA-256, without the name of the hash. */
    readonly fingerprint?: string;
    /** What else stands in the message. */
    readonly beside?: string;
}

/** What a message that announces a call holds (PROTOCOL.md 8.5). */
export const invite = ({ callId, id = callId, address, direction, fingerprint, beside }: Announcement): string =>
    `<invite xmlns='${CALL_INVITES}' audio='true'>${dialog({ callId, id, address, direction, fingerprint })}</invite>` +
    `<origin-id xmlns='urn:xmpp:sid:0' id='${escapeXml(id)}'/><store xmlns='urn:xmpp:hints'/>${beside ?? ''}`;

const dialog = ({
    callId,
    id,
    address = 'sip:bob@localhost',
    direction = 'initiator',
    fingerprint,
}: { [K in keyof Announcement]: Announcement[K] | undefined } & { id: string }): string =>
    `<dialog xmlns='${DIALOG_INFO}' id='${escapeXml(id)}' call-id='${escapeXml(callId ?? '')}' direction='${direction}'>` +
    `<state>trying</state><local><identity>${escapeXml(address)}</identity>` +
    (fingerprint ? `<fingerprint xmlns='${DTLS}' hash='sha-256'>${fingerprint}</fingerprint>` : '') +
    `</local></dialog>`;

/** What a message that answers an announcement holds. */
export const accept = (announcement: Announcement): string => {
    const id = announcement.id ?? announcement.callId;
    return `<accept xmlns='${CALL_INVITES}' id='${escapeXml(id)}'>${dialog({ ...announcement, id })}</accept>`;
};

/** What a message holds that takes an announcement back. */
export const retract = (id: string): string =>
    `<retract xmlns='${CALL_INVITES}' id='${escapeXml(id)}'/><store xmlns='urn:xmpp:hints'/>`;

/** What presence holds that says where somebody can be called. */
export const reach = (...uris: readonly string[]): string =>
    `<reach xmlns='${REACH}'>${uris.map((uri) => `<addr uri='${escapeXml(uri)}'/>`).join('')}</reach>` +
    `<basic xmlns='urn:ietf:params:xml:ns:pidf'>open</basic>`;

/** A message to Alice. */
export const toAlice = (content: string, attributes = `type='chat'`): string =>
    `<message to='alice@localhost' ${attributes}>${content}</message>`;

/** The question whether somebody placed a call (PROTOCOL.md 8.8). */
export const question = (to: string, callId: string): string =>
    `<iq type='get' to='${to}'><verify xmlns='${VERIFY}' call-id='${escapeXml(callId)}'/></iq>`;

/** What specs use of the connection. */
interface Connection {
    readonly connection: {
        get(): { addHandler(handle: (stanza: Element) => true, ns: null, name: string): void };
    };
}

/** Stanzas that came to a page, each once the plugin has seen it. */
export interface Listening {
    /** Resolves once one holds that text. */
    for(text: string): Promise<string>;
}

/** Keeps what comes to this page from now on. */
export async function listen(who: Person): Promise<Listening> {
    await who.script((api) => {
        const heard: string[] = [];
        Object.assign(window, { heard });
        const { connection } = api as unknown as Connection;
        for (const name of ['message', 'iq']) {
            connection.get().addHandler(
                (stanza) => {
                    heard.push(stanza.outerHTML);
                    return true;
                },
                null,
                name,
            );
        }
    });
    const heard = () => who.script(() => (window as unknown as { readonly heard: readonly string[] }).heard);
    return {
        for: (text) =>
            until(`${who.name} has got ${text}`, async () => (await heard()).find((each) => each.includes(text))),
    };
}

/** Sends it all, and waits until the page has taken it in: a stream keeps the order. */
export async function says(peer: XmppPeer, to: Listening, ...stanzas: readonly string[]): Promise<void> {
    for (const stanza of stanzas) peer.send(stanza);
    const mark = `mark-${crypto.randomUUID()}`;
    peer.send(toAlice('', `type='chat' id='${mark}'`));
    await to.for(mark);
}

/** The plugin knows whose address that is, or that it is nobody's in particular. */
export const knows = (who: Person, jid: string, address: string): Promise<string> =>
    until(`${who.name} knows ${address} of ${jid}`, async () => {
        const known = await who.frame.evaluate(
            (each) => JSON.stringify(window.inside?.api.sip?.lookup(each) ?? null),
            jid,
        );
        return known.includes(`"${address}"`) && known;
    });

/** How somebody calls; default: Alice. */
export type Forgery = Partial<Parameters<typeof call>[0]> & Pick<RequestOptions, 'from'>;

/** Calls with nothing proved: over the relay that believes everything. */
export const forge = (house: House, options: Forgery): Promise<Sipp> =>
    house.device(call({ to: ALICE, ...options }), { server: house.servers.openRelay });

/**
 * Calls Alice, and is shown to her like this, as text, for as long as it rings.
 * @returns why that is so, and the call as scripts see it
 */
export async function isShownTo(
    alice: Person,
    house: House,
    options: Forgery,
    wanted: Partial<ShownParty>,
): Promise<{ readonly why: readonly string[]; readonly call: SeenCall }> {
    const device = await forge(house, options);
    await alice.isShown(wanted);
    const why = await alice.asksWhy();
    const [call, markUp] = await Promise.all([
        alice.lastCall(),
        alice.party.locator('b, i, img, script, style, iframe, a').count(),
    ]);
    if (markUp > 0) throw new Error('There is mark-up in what is shown');
    await device.hangUp();
    await alice.seesNoCall();
    return { why, call };
}

/** A call that is refused without a word: nothing but 100 and this status. */
export async function isRefused(device: Sipp, status: number): Promise<void> {
    await device.waitFor((message) => (statusOf(message) ?? 0) >= 200);
    const statuses = device.received.map(statusOf).filter((each) => each !== 100);
    if (statuses.some((each) => each !== status)) throw new Error(`refused with ${statuses.join()}`);
}

/** What this client got about calls, of anybody. */
export const events = (peer: XmppPeer): string[] =>
    peer.received
        .filter(({ element }) => element.children.some(({ ns }) => ns === CALL_INVITES || ns === VERIFY))
        .map(({ xml }) => xml);
