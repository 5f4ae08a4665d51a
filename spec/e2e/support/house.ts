/**
 * A house: servers of its own for one story, the people who enter it, and the certainty that they leave nothing behind.
 *
 * People sit at a browser (`house.enter`). Others come by their own software and see nothing of a page: an XMPP client
 * (`house.peer`, slixmpp), a SIP device that says what its scenario says (`house.device`, sipp). `mallory` has an account for
 * both protocols and is nobody's contact; the others are each other's. What a story with an attacker looks like:
 *
 *     story('a stranger with the name of a contact …', async (house) => {
 *         const alice = await house.enter('alice');
 *         // From is forged: over the open relay, as a domain that does not check it would pass it on
 *         const attacker = await house.device(
 *             call({ from: '"Bob" <sip:bob@localhost>', to: 'sip:alice@localhost', headers: [callInfo('bob@localhost')] }),
 *             { server: house.servers.openRelay },
 *         );
 *         const mallory = await house.peer('mallory');
 *         mallory.send(`<message to='alice@localhost' type='chat'><invite xmlns='urn:xmpp:call-invites:0' …`);
 *         await alice.seesIncomingCallFrom('bob@localhost');
 *         await attacker.hangUp();
 *     });
 *
 * At the SIP server's own port (the default) a From of the own domain has to be proved by digest (`user` of the scenario,
 * which must be the one in From); a From of any other domain comes in freely, as on every open SIP proxy.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import {
    connectPeer,
    startServers,
    startSipp,
    type Scenario,
    type Servers,
    type ServersOptions,
    type Sipp,
    type SippOptions,
    type XmppPeer,
    type XmppPeerOptions,
} from '../../../servers/index.js';
import { newProfile, type BrowserName } from './browsers.js';
import { Person } from './person.js';
import { RECORDER } from './probe.js';
import { layCable, type Cable } from './network.js';
import { openSite, type PageOptions, type Setting, type Site } from './site.js';
import { until, PATIENCE } from './until.js';

/** How somebody enters: the browser, and how the site embeds Converse. */
export interface Entrance extends Partial<Omit<PageOptions, 'settings'>> {
    readonly browser?: BrowserName | Browser;
    readonly view_mode?: 'fullscreen' | 'overlayed' | 'embedded';
    /** With whom the one conversation of an embedded chat is. */
    readonly with?: string;
    /** Over the usual ones. */
    readonly settings?: Readonly<Record<string, Setting>>;
    readonly size?: { readonly width: number; readonly height: number };
    /** Another host name than `NAME.localhost`. */
    readonly host?: string;
    /** The same browser profile as this person, in another tab. */
    readonly alongside?: Person;
    /** What is waited for; `nothing`: only for the page. Usually `registered`. */
    readonly until?: 'registered' | 'online' | 'nothing';
}

/** What a story happens in. */
export interface House {
    readonly servers: Servers;
    readonly site: Site;
    readonly people: readonly Person[];
    /** Somebody opens the chat in a browser profile of their own and waits until it is registered. */
    enter(name: string, entrance?: Entrance): Promise<Person>;
    /** Somebody in the same profile and origin, on any page. */
    open(name: string, url: string, entrance?: Entrance): Promise<Person>;
    /** Somebody is on line with an XMPP client that is no browser; leaves by themselves when the story is over. */
    peer(name: string, options?: Partial<Omit<XmppPeerOptions, 'user' | 'server'>>): Promise<XmppPeer>;
    /** A Chromium in a network of its own that reaches the site and the servers, see `support/network.ts`. */
    cable(): Promise<Cable>;
    /** A SIP device plays a scenario; by default over UDP at the SIP server's own port. Stops when the story is over. */
    device(scenario: Scenario, options?: Partial<Omit<SippOptions, 'scenario'>>): Promise<Sipp>;
    /** Everybody checks that nothing is left behind. */
    leave(): Promise<void>;
}

/** Waits for what the standard library cannot: the SIP server knows so many places where a user is registered. */
export const bindingsOf = (house: House, user: string, count: number, patience = PATIENCE): Promise<true> =>
    until(
        `the SIP server knows ${String(count)} places of ${user}`,
        async () => {
            const bindings = await house.servers.bindings(user);
            if (bindings.length !== count) throw new Error(JSON.stringify(bindings));
            return true as const;
        },
        patience,
    );

/** JavaScript of a site that hands out credentials by itself. */
export const credentialsOf = (servers: Servers, name: string): string => {
    const { sip, password } = servers.user(name);
    return `async () => (${JSON.stringify({ uri: sip, username: name, password })})`;
};

let site: Promise<Site> | null = null;

/** Ends what all stories share. */
export async function closeSite(): Promise<void> {
    const open = await site;
    site = null;
    await open?.close();
}

/** The settings with which a site embeds Converse and the plugin. */
export const usualSettings = (servers: Servers, name: string): Record<string, Setting> => ({
    assets_path: '/converse/',
    websocket_url: servers.xmpp.websocket,
    discover_connection_methods: false,
    authentication: 'login',
    auto_login: true,
    jid: servers.user(name).jid,
    password: servers.user(name).password,
    reuse_scram_keys: false,
    persistent_store: 'localStorage',
    allow_url_history_change: false,
    show_controlbox_by_default: true,
    muc_domain: `conference.${servers.xmpp.domain}`,
    i18n: 'en',
    play_sounds: false,
    view_mode: 'fullscreen',
    whitelisted_plugins: ['converse-sip', 'spec-window'],
    sip_server: servers.sip.websocket,
});

async function openHouse(
    options: ServersOptions,
): Promise<House & { close(): Promise<void>; report(sentence: string): Promise<string> }> {
    site ??= openSite();
    const [server, servers] = await Promise.all([
        site,
        startServers({ label: 'e2e', strangers: ['mallory'], openRelay: true, ...options }),
    ]);
    const people: Person[] = [];
    const guests: { stop(): Promise<void> }[] = [];
    const profiles = new Set<BrowserContext>();

    async function profile(entrance: Entrance): Promise<BrowserContext> {
        if (entrance.alongside) return entrance.alongside.context;
        const context = await newProfile(entrance.browser ?? 'chromium', {
            viewport: entrance.size ?? { width: 1280, height: 800 },
        });
        context.setDefaultTimeout(PATIENCE);
        await context.addInitScript({ content: RECORDER });
        profiles.add(context);
        return context;
    }

    const open: House['open'] = async (name, url, entrance = {}) => {
        const context = await profile(entrance);
        const person = new Person(name, servers.xmpp.domain, await context.newPage(), context);
        people.push(person);
        const wanted = entrance.until ?? 'registered';
        if (wanted === 'nothing') await person.page.goto(url);
        else await person.opens(url, entrance.frame !== undefined);
        if (wanted === 'registered') await person.isRegistered();
        return person;
    };

    return {
        servers,
        site: server,
        people,
        open,
        enter: (name, entrance = {}) => {
            const {
                view_mode,
                settings,
                expressions,
                host = `${name}.localhost${entrance.frame ? '.localhost' : ''}`,
                ...page
            } = entrance;
            const partner = entrance.with ?? (name === 'bob' ? 'alice' : 'bob');
            const mode = {
                fullscreen: {},
                overlayed: { view_mode: 'overlayed' },
                // As sites embed it: one conversation, no list of contacts
                embedded: {
                    view_mode: 'embedded',
                    singleton: true,
                    auto_join_private_chats: [`${partner}@${servers.xmpp.domain}`],
                },
            }[view_mode ?? 'fullscreen'];
            const path = server.page({
                ...page,
                settings: { ...usualSettings(servers, name), ...mode, ...settings },
                expressions: {
                    ...(settings && 'sip_credentials' in settings
                        ? {}
                        : { sip_credentials: credentialsOf(servers, name) }),
                    ...expressions,
                },
            });
            return open(name, `http://${host}:${String(server.port)}${path}`, entrance);
        },
        peer: async (name, options) => {
            const peer = await connectPeer({ user: servers.user(name), server: servers.xmpp, ...options });
            guests.push(peer);
            return peer;
        },
        cable: async () => {
            const portOf = (url: string): number => Number(new URL(url).port);
            const cable = await layCable([server.port, portOf(servers.xmpp.websocket), portOf(servers.sip.websocket)]);
            guests.push({ stop: () => cable.close() });
            return cable;
        },
        device: async (scenario, options) => {
            const device = await startSipp({ server: servers.sip.udp, scenario, ...options });
            guests.push(device);
            return device;
        },
        leave: async () => {
            await Promise.all(people.map((person) => person.leavesNothing()));
        },
        close: async () => {
            await Promise.allSettled([...profiles].map((context) => context.close()));
            await Promise.allSettled(guests.map((guest) => guest.stop()));
            await servers.stop();
        },
        report: async (sentence) => {
            const lines = [`\n--- ${sentence}`];
            const folder = path.resolve('.cache/e2e', sentence.replace(/[^a-z0-9]+/giu, '-').slice(0, 80));
            for (const [index, person] of people.entries()) {
                const file = path.join(folder, `${String(index)}-${person.name}.png`);
                const picture = await person.picture(file).catch((error: unknown) => String(error));
                lines.push(`${person.name}: ${picture}`);
                const said = person.console.filter(({ type }) => type !== 'debug').slice(-12);
                lines.push(...said.map(({ type, text }) => `    ${type}: ${text.slice(0, 300)}`));
            }
            for (const name of ['sip', 'xmpp', 'turn'] as const) {
                const log = readFileSync(servers.log(name), 'utf8').trimEnd().split('\n').slice(-8);
                lines.push(`log of ${name}:`, ...log.map((line) => `    ${line.slice(0, 300)}`));
            }
            return lines.join('\n');
        },
    };
}

/** What is other than usual in a story. */
export interface StoryOptions {
    /** How long it may take, in ms. */
    readonly patience?: number;
    /** Other servers: `{ xmpp: 'ejabberd' }`, `{ masksCallIds: true }`. */
    readonly servers?: ServersOptions;
}

/**
 * A spec in a house of its own. When it is told to the end, everybody has to leave nothing behind: no error of the plugin on
 * the console, no microphone, no connection. When it fails, it says where the pictures are and what the servers said last.
 */
export function story(
    sentence: string,
    tell: (house: House) => Promise<void>,
    options: number | StoryOptions = {},
): void {
    const { patience = 4 * PATIENCE, servers = {} } = typeof options === 'number' ? { patience: options } : options;
    it(
        sentence,
        async () => {
            const house = await openHouse(servers);
            try {
                await tell(house);
                await house.leave();
            } catch (error) {
                console.log(await house.report(sentence));
                throw error;
            } finally {
                await house.close();
            }
        },
        patience,
    );
}
