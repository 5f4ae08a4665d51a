/**
 * slixmpp as an XMPP peer: a client that is no Converse and knows nothing of us. It sends what it is told, byte for byte,
 * and keeps what it gets. slixmpp-peer.py is its other half.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createAwaited } from './awaited.js';
import { createGuard } from './guard.js';
import { here } from './here.js';
import { endOfLog, startProgram } from './program.js';
import type { XmppEndpoints } from './prosody.js';
import type { User } from './users.js';

/** How long anything may take, in ms. */
const TIMEOUT = 15_000;

/** An element of XML as slixmpp has read it. */
export interface XmlElement {
    readonly name: string;
    readonly ns: string;
    /** Without prefixes: `lang` is xml:lang. */
    readonly attributes: Readonly<Record<string, string>>;
    /** Its own text, without its children's. */
    readonly text: string;
    readonly children: readonly XmlElement[];
}

/** A message, presence or iq that came in. */
export interface Stanza {
    readonly name: 'message' | 'presence' | 'iq';
    /** Empty: not there. */
    readonly type: string;
    readonly id: string;
    readonly from: string;
    readonly to: string;
    readonly element: XmlElement;
    /** As text; namespaces as slixmpp writes them. */
    readonly xml: string;
    /** The addresses that slixmpp's own XEP-0152 reads in it: in presence, in a message, in an event or the items of PEP. */
    readonly reach: readonly string[];
}

/** Who the peer is. */
export interface XmppPeerOptions {
    /** Somebody with a JID. */
    readonly user: Pick<User, 'jid' | 'password'>;
    readonly server: Pick<XmppEndpoints, 'c2s'>;
    /** Default: `slixmpp`. A second peer of the same user needs another one. */
    readonly resource?: string;
    /** Features of service discovery beside slixmpp's own. */
    readonly features?: readonly string[];
    /** Whether it takes copies of what other resources of the account send and get (XEP-0280). Default: no. */
    readonly carbons?: boolean;
    /** Whether it sends a first presence. Default: yes. */
    readonly available?: boolean;
}

/** A peer that is on line. */
export interface XmppPeer {
    /** The full JID that the server gave. */
    readonly jid: string;
    readonly bareJid: string;
    /** Everything that came in so far. */
    readonly received: readonly Stanza[];
    /**
     * Resolves with the first stanza, past or to come, that is wanted. `since`: the number of stanzas to pass over.
     * @throws Error with what came in when it does not come in 15 s
     */
    waitFor(wanted: (stanza: Stanza) => boolean, options?: { since?: number; timeout?: number }): Promise<Stanza>;
    /** Sends bytes as they are: a stanza with everything one may want to forge in it. */
    send(xml: string): void;
    /**
     * Sends a request and resolves with the answer. `<iq …>` gets an id where it has none.
     * @throws Error that names the condition when the answer is an error, or when there is none in 15 s
     */
    iq(xml: string): Promise<Stanza>;
    /**
     * Sends presence with this inside, which slixmpp completes with entity capabilities; to all contacts, or with these
     * attributes: `to='bob@localhost'`.
     */
    presence(content?: string, attributes?: string): void;
    /** Asks for a subscription, approves one; both wait until the own server has written it down in the roster. */
    subscribe(jid: string): Promise<void>;
    approve(jid: string): Promise<void>;
    /** Publishes one item (XEP-0163). `access`: only where it is given are there publish-options. */
    publish(node: string, payload: string, options?: { id?: string; access?: 'presence' | 'open' }): Promise<void>;
    /** The payloads of a node. */
    items(jid: string, node: string): Promise<readonly XmlElement[]>;
    /** From now on, requests with a payload of this namespace are answered by the spec, not refused by slixmpp. */
    hear(namespace: string): void;
    /** The path of its log. */
    readonly log: string;
    /** Ends the session in good order. */
    stop(): Promise<void>;
}

/** Text for an attribute in quotes of any kind, or for content. */
export const escapeXml = (text: string): string =>
    text.replace(/[<>&'"]/gu, (character) => `&#${String(character.charCodeAt(0))};`);

/** Every element in here, at any depth, with this name and, where given, this namespace. */
export const findAll = (element: XmlElement, name: string, ns?: string): XmlElement[] =>
    element.children.flatMap((child) => [
        ...(child.name === name && (ns === undefined || child.ns === ns) ? [child] : []),
        ...findAll(child, name, ns),
    ]);

interface Line {
    readonly online?: string;
    readonly ended?: string;
    readonly stanza?: Pick<Stanza, 'xml' | 'element' | 'reach'>;
}

const toStanza = ({ element, xml, reach }: Pick<Stanza, 'xml' | 'element' | 'reach'>): Stanza => {
    const { type = '', id = '', from = '', to = '' } = element.attributes;
    return { name: element.name as Stanza['name'], type, id, from, to, element, xml, reach };
};

const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const PUBSUB = 'http://jabber.org/protocol/pubsub';

const publishOptions = (access: string): string => {
    const field = (name: string, value: string): string =>
        `<field var='pubsub#${name}'><value>${value}</value></field>`;
    return (
        `<publish-options><x xmlns='jabber:x:data' type='submit'>` +
        `<field var='FORM_TYPE' type='hidden'><value>${PUBSUB}#publish-options</value></field>` +
        `${field('persist_items', 'true')}${field('access_model', access)}</x></publish-options>`
    );
};

/**
 * Starts a peer and logs it in.
 * @throws Error with the end of its log when it cannot log in
 */
export async function connectPeer(options: XmppPeerOptions): Promise<XmppPeer> {
    const bareJid = options.user.jid;
    if (bareJid === null) throw new Error('This user has no JID');
    const guard = createGuard(`slixmpp-${bareJid.replace(/@.*/u, '')}`);
    const stanzas = createAwaited<Stanza>(({ xml }) => xml);
    let online: (jid: string) => void;
    const jidGiven = new Promise<string>((resolve) => (online = resolve));
    const program = startProgram(
        'slixmpp',
        ['/usr/bin/python3', path.join(here, 'slixmpp-peer.py')],
        (text) => {
            const line = JSON.parse(text) as Line;
            if (line.online !== undefined) online(line.online);
            if (line.stanza) stanzas.add(toStanza(line.stanza));
            if (line.ended !== undefined) stanzas.close(`the session ended (${line.ended})`);
        },
        guard,
    );
    const tell = (line: object): void => program.write(JSON.stringify(line));
    const [host = '', port = ''] = options.server.c2s.split(':');
    tell({
        jid: `${bareJid}/${options.resource ?? 'slixmpp'}`,
        password: options.user.password,
        host,
        port: Number(port),
        features: options.features ?? [],
    });
    const stop = async (): Promise<void> => {
        await program.finish();
        await guard.close();
    };
    const over = program.ended.then(() => {
        stanzas.close('slixmpp has ended');
        return null;
    });
    const jid = await Promise.race([jidGiven, over, delay(TIMEOUT, null, { ref: false })]);
    if (jid === null) {
        const said = endOfLog(program.log);
        await program.stop();
        await guard.close();
        throw new Error(`${bareJid} could not log in. The end of slixmpp's log:\n${said}`);
    }

    const waitFor: XmppPeer['waitFor'] = (wanted, { since = 0, timeout = TIMEOUT } = {}) =>
        stanzas.waitFor(`a stanza to ${jid}`, wanted, { since, timeout });
    const send = (xml: string): void => tell({ send: xml });
    let requests = 0;
    const iq = async (xml: string): Promise<Stanza> => {
        const given = /^<iq[^>]*\sid=['"]([^'"]*)['"]/u.exec(xml)?.[1];
        const id = given ?? `slixmpp-${String(++requests)}`;
        const since = stanzas.entries.length;
        send(given === undefined ? xml.replace(/^<iq/u, `<iq id='${id}'`) : xml);
        const answer = await waitFor(
            (stanza) => stanza.name === 'iq' && stanza.id === id && /^(?:result|error)$/u.test(stanza.type),
            { since },
        );
        if (answer.type === 'error') {
            const condition = findAll(answer.element, 'error')[0]?.children.find(({ ns }) => ns === STANZAS)?.name;
            throw new Error(`${condition ?? 'error'}: ${answer.xml}`);
        }
        return answer;
    };
    const presence: XmppPeer['presence'] = (content = '', attributes = '') =>
        tell({ presence: `<presence ${attributes}>${content}</presence>` });
    /** Sends presence about a subscription and waits until the roster says so. */
    const subscription = async (type: string, other: string, states: RegExp): Promise<void> => {
        const since = stanzas.entries.length;
        presence('', `to='${escapeXml(other)}' type='${type}'`);
        await waitFor(
            ({ element }) =>
                findAll(element, 'item', 'jabber:iq:roster').some(
                    ({ attributes }) =>
                        attributes['jid'] === other &&
                        states.test(`${attributes['subscription'] ?? ''} ${attributes['ask'] ?? ''}`),
                ),
            { since },
        );
    };
    // A roster that was asked for is pushed when it changes (RFC 6121, 2.1.6).
    await iq(`<iq type='get'><query xmlns='jabber:iq:roster'/></iq>`);
    if (options.available ?? true) {
        presence();
        // ejabberd forgets carbons now and then that are asked for before the presence is dealt with
        await waitFor((stanza) => stanza.name === 'presence' && stanza.from === jid);
    }
    if (options.carbons) await iq(`<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>`);
    return {
        jid,
        bareJid,
        received: stanzas.entries,
        waitFor,
        send,
        iq,
        presence,
        subscribe: (other) => subscription('subscribe', other, /subscribe|to|both/u),
        approve: (other) => subscription('subscribed', other, /from|both/u),
        publish: async (node, payload, { id = 'current', access } = {}) => {
            const item = `<publish node='${escapeXml(node)}'><item id='${escapeXml(id)}'>${payload}</item></publish>`;
            await iq(
                `<iq type='set'><pubsub xmlns='${PUBSUB}'>${item}${access ? publishOptions(access) : ''}</pubsub></iq>`,
            );
        },
        items: async (owner, node) => {
            const answer = await iq(
                `<iq type='get' to='${escapeXml(owner)}'><pubsub xmlns='${PUBSUB}'><items node='${escapeXml(node)}'/></pubsub></iq>`,
            );
            return findAll(answer.element, 'item', PUBSUB).flatMap(({ children }) => children);
        },
        hear: (namespace) => tell({ hear: namespace }),
        log: program.log,
        stop,
    };
}
