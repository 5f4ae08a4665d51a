/** A real Converse on its mock connection, with the plugin and a fake sidecar: Romeo is logged in. */
import type { ChatBox, Converse, ConverseGlobal, ConversePlugin } from '../../../src/plugin/converse.js';
import { createPlugin } from '../../../src/plugin/index.js';
import { currentPhone, type Phone } from '../../../src/plugin/phone.js';
import type { SipApi } from '../../../src/plugin/api.js';
import type { View } from '../../../src/plugin/view.js';
import { FakeSidecar } from './fake-sidecar.js';
import { settled, until } from './until.js';
import { Wheel } from './wheel.js';
import { xml } from './xml.js';

export const ROMEO = 'romeo@montague.lit';
export const MERCUTIO = 'mercutio@montague.lit';

/** What specs use of the mock connection. */
interface MockConnection {
    readonly sent_stanzas: Element[];
    readonly IQ_stanzas: Element[];
    _dataRecv(request: unknown): void;
    do_bind?: boolean;
}

interface Env {
    readonly Strophe: { Request: new (stanza: Element, callback: () => void) => { getResponse: () => Element } };
}

let inner: ConversePlugin | null = null;
let added = false;

function addOnce(converse: ConverseGlobal): void {
    if (added) return;
    added = true;
    converse.plugins.add('converse-sip-spec', {
        initialize() {
            if (!inner || !this._converse) return;
            inner._converse = this._converse;
            inner.initialize();
        },
    });
}

/** The page's Converse. */
export function theConverse(): ConverseGlobal {
    return (globalThis as unknown as { converse: ConverseGlobal }).converse;
}

export interface HouseOptions {
    readonly settings?: Readonly<Record<string, unknown>>;
    /** Bare JIDs by subscription. */
    readonly contacts?: Readonly<Record<string, string>>;
    readonly view?: View | null;
    readonly login?: boolean;
    readonly version?: string;
    /** Before the session is there; a rejection is a chunk that could not be loaded. */
    readonly load?: () => Promise<void>;
}

/** Everything a spec needs. */
export class House {
    readonly sidecars: FakeSidecar[] = [];
    readonly wheel = new Wheel();
    _converse!: Converse;

    /** Starts Converse and logs in; every other one in the page is gone then. */
    static async open(options: HouseOptions = {}): Promise<House> {
        const house = new House();
        const converse = theConverse();
        addOnce(converse);
        await leave();
        for (const storage of [localStorage, sessionStorage]) {
            for (const key of Object.keys(storage)) if (key.startsWith('converse-')) storage.removeItem(key);
        }
        const env = { ...converse.env, VERSION_NAME: options.version ?? converse.env.VERSION_NAME };
        const load = async (): Promise<typeof import('../../../src/plugin/logged-in.js')> => {
            await options.load?.();
            return import('../../../src/plugin/logged-in.js');
        };
        inner = createPlugin({ view: options.view ?? null, load }, env, {
            clock: house.wheel,
            createSidecar: () => {
                const sidecar = new FakeSidecar();
                house.sidecars.push(sidecar);
                return sidecar;
            },
        });
        house._converse = (await converse.initialize({
            bosh_service_url: 'montague.lit/http-bind',
            discover_connection_methods: false,
            enable_smacks: false,
            i18n: 'en',
            loglevel: 'fatal',
            persistent_store: 'localStorage',
            play_sounds: false,
            show_desktop_notifications: false,
            view_mode: 'fullscreen',
            whitelisted_plugins: ['converse-sip-spec'],
            sip_server: 'wss://sip.montague.lit/',
            sip_domain: 'sip.montague.lit',
            ...options.settings,
        })) as Converse;
        last = house;
        if (options.login !== false) await house.login(options.contacts ?? { [MERCUTIO]: 'both' });
        return house;
    }

    async logout(): Promise<void> {
        const { user } = this._converse.api as unknown as { user: { logout: () => Promise<void> } };
        await user.logout();
        // Converse ends the connection twice.
        await settled();
    }

    /** The stream breaks off and begins anew. */
    async reconnect(): Promise<void> {
        const { connection } = this._converse.api as unknown as { connection: { reconnect: () => Promise<unknown> } };
        await connection.reconnect();
        await settled();
    }

    async login(contacts: Readonly<Record<string, string>>): Promise<void> {
        const { connection, user } = this._converse.api as unknown as {
            connection: { get: () => unknown; init: (jid: string) => void };
            user: { login: (jid: string, password: string) => unknown };
        };
        // After a logout there is none, and the mock connection's own restore wants one.
        if (!connection.get()) connection.init(ROMEO);
        await user.login(`${ROMEO}/orchard`, 'secret');
        await this.roster(contacts);
        await this._converse.api.waitUntil('rosterContactsFetched');
        if (currentPhone()) await until('session', () => this.sidecars.at(-1));
        await settled();
    }

    private async roster(contacts: Readonly<Record<string, string>>): Promise<void> {
        const items = Object.entries(contacts)
            .map(([jid, subscription]) => `<item jid='${jid}' subscription='${subscription}'/>`)
            .join('');
        const iq = await this.iq('jabber:iq:roster');
        this.answer(iq, `<query xmlns='jabber:iq:roster'>${items}</query>`);
        await settled();
    }

    /** As `login`, registered with the SIP server. */
    static async registered(options: HouseOptions = {}): Promise<House> {
        const house = await House.open(options);
        house.phone.login?.signIn({ username: 'romeo', password: 'secret' });
        house.sidecar.registered();
        return house;
    }

    get sidecar(): FakeSidecar {
        const sidecar = this.sidecars.at(-1);
        if (!sidecar) throw new Error('no sidecar');
        return sidecar;
    }

    get phone(): Phone {
        const phone = currentPhone();
        if (!phone) throw new Error('no telephone');
        return phone;
    }

    get sip(): SipApi {
        return this._converse.api.sip as SipApi;
    }

    get connection(): MockConnection {
        return this._converse.api.connection.get() as unknown as MockConnection;
    }

    /** Own broadcast presences that were sent. */
    get presences(): Element[] {
        return this.connection.sent_stanzas.filter(
            (each) => each.localName === 'presence' && !each.hasAttribute('to') && !each.hasAttribute('type'),
        );
    }

    /** The newest IQ request with a payload in that namespace (or for that node), once it was sent. */
    async iq(xmlns: string, skip = 0): Promise<Element> {
        return until(`iq ${xmlns}`, () => this.iqs(xmlns)[skip]);
    }

    iqs(xmlns: string): Element[] {
        return this.connection.IQ_stanzas.filter(
            (each) =>
                each.getElementsByTagNameNS(xmlns, '*').length > 0 || each.querySelector(`[node="${xmlns}"]`) !== null,
        );
    }

    receive(stanza: string): void {
        const { Strophe } = theConverse().env as unknown as Env;
        const element = xml(stanza);
        const request = new Strophe.Request(element, () => undefined);
        const envelope = xml('<env/>');
        envelope.append(envelope.ownerDocument.importNode(element, true));
        request.getResponse = () => envelope;
        this.connection._dataRecv(request);
    }

    /** A message comes. @param from a full JID */
    message(from: string, payload: string, more = ''): void {
        this.receive(
            `<message xmlns='jabber:client' from='${from}' to='${ROMEO}/orchard' type='chat' ${more}>${payload}</message>`,
        );
    }

    /** A carbon comes, of what another own device received or sent. */
    carbon(kind: 'received' | 'sent', from: string, to: string, payload: string, outer = ROMEO): void {
        this.receive(
            `<message xmlns='jabber:client' from='${outer}' to='${ROMEO}/orchard' type='chat'>` +
                `<${kind} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>` +
                `<message xmlns='jabber:client' from='${from}' to='${to}' type='chat'>${payload}</message>` +
                `</forwarded></${kind}></message>`,
        );
    }

    /** What was sent of one call event (`invite`, `accept`, …) of XEP-0482. */
    said(type: string): Element[] {
        return this.connection.sent_stanzas.filter(
            (each) =>
                each.localName === 'message' && each.getElementsByTagNameNS('urn:xmpp:call-invites:0', type).length > 0,
        );
    }

    answer(iq: Element, payload: string, type = 'result'): void {
        const id = iq.getAttribute('id') ?? '';
        const to = iq.getAttribute('to');
        const from = to === null ? '' : ` from='${to}'`;
        this.receive(
            `<iq xmlns='jabber:client' type='${type}' id='${id}'${from} to='${ROMEO}/orchard'>${payload}</iq>`,
        );
    }

    /** The conversation with somebody, once there is one. */
    async chat(jid: string): Promise<ChatBox> {
        return until(`chat with ${jid}`, () => this._converse.state.chatboxes?.get(jid));
    }

    /** Answers the disco#info question about an entity. */
    async disco(jid: string, ...features: string[]): Promise<void> {
        const ask = (kind: string): Element | undefined =>
            this.iqs(`http://jabber.org/protocol/disco#${kind}`).find((each) => each.getAttribute('to') === jid);
        const info = await until(`disco#info of ${jid}`, () => ask('info'));
        this.answer(
            info,
            `<query xmlns='http://jabber.org/protocol/disco#info'><identity category='server' type='im'/>${features
                .map((feature) => `<feature var='${feature}'/>`)
                .join('')}</query>`,
        );
        const items = await until(`disco#items of ${jid}`, () => ask('items')).catch(() => null);
        if (items) this.answer(items, `<query xmlns='http://jabber.org/protocol/disco#items'/>`);
    }

    /** Mercutio (or who it is) says in presence where he can be called. */
    reachable(jid = MERCUTIO, uri = 'sip:mercutio@sip.montague.lit', more = ''): void {
        this.receive(
            `<presence xmlns='jabber:client' from='${jid}/phone' to='${ROMEO}/orchard'>` +
                `<reach xmlns='urn:xmpp:reach:0'><addr uri='${uri}'/></reach>${more}</presence>`,
        );
    }
}

let last: House | null = null;

/** Logs out of the last house. */
async function leave(): Promise<void> {
    const house = last;
    last = null;
    if (house?._converse.api.connection.connected()) {
        const { user } = house._converse.api as unknown as { user: { logout: () => Promise<void> } };
        await user.logout();
    }
    document.querySelector('converse-root')?.remove();
}
