/** All servers of the demo and the end-to-end specs together. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { createCoturn } from './coturn.js';
import type { Daemon } from './daemon.js';
import { createGuard } from './guard.js';
import { createKamailio, type Binding, type SipEndpoints } from './kamailio.js';
import { freePort } from './ports.js';
import { createEjabberd } from './ejabberd.js';
import { createProsody, type XmppEndpoints } from './prosody.js';
import { createStrangers, createUsers, type User } from './users.js';

/** The servers that can be stopped, frozen and restarted by themselves. */
export type ServerName = 'xmpp' | 'sip' | 'turn';

/** What others need to know to use the servers: plain data, the line that `npm run servers` prints. */
export interface Endpoints {
    readonly xmpp: XmppEndpoints;
    readonly sip: SipEndpoints;
    readonly turn: { readonly url: string };
    readonly users: readonly User[];
}

/** What is other than usual. */
export interface ServersOptions {
    /** What the name of the temporary directory says. */
    readonly label?: string;
    /** Names of people with a JID and a SIP address who are nobody's contact. {@link Servers.user} knows them, no list does. */
    readonly strangers?: readonly string[];
    /** Which XMPP server. Default: Prosody. */
    readonly xmpp?: 'prosody' | 'ejabberd';
    /** A port more of the SIP server, where nobody has to prove who they are: {@link Servers.openRelay}. */
    readonly openRelay?: boolean;
    /** The two sides of a call see different Call-IDs, Contacts and routes, as through a B2BUA. */
    readonly masksCallIds?: boolean;
    /** No Call-Info gets through. */
    readonly dropsCallInfo?: boolean;
    /** Nobody gets a GRUU: whoever comes back over a new connection is reached by none of their dialogs. */
    readonly givesNoGruu?: boolean;
}

/** Servers that run. Ports, accounts and stored data stay the same over {@link Servers.restart}. */
export interface Servers extends Endpoints {
    /** Where everything of this run lies; each server's log is in its own folder there. */
    readonly directory: string;
    /** Only what {@link Endpoints} says. */
    endpoints(): Endpoints;
    user(name: string): User;
    /**
     * Host and port, for UDP and TCP, of a way into the SIP domain where every From and P-Asserted-Identity is passed on as it
     * comes, as from a gateway or a partner that is trusted by its IP address.
     * @throws Error where the options did not ask for it
     */
    readonly openRelay: string;
    /** Who is registered at the SIP server now; of one user, or of all. */
    bindings(user?: string): Promise<readonly Binding[]>;
    /** Stops in good order and starts again. */
    restart(server: ServerName): Promise<void>;
    /** Stops in good order, connections are closed. Undone by {@link start}. */
    halt(server: ServerName): Promise<void>;
    /** Ends it hard. Undone by {@link start}. */
    kill(server: ServerName): Promise<void>;
    start(server: ServerName): Promise<void>;
    /** Sockets stay open, nothing answers. */
    freeze(server: ServerName): void;
    thaw(server: ServerName): void;
    isRunning(server: ServerName): boolean;
    /** The path of its log. */
    log(server: ServerName): string;
    /** Stops everything and removes the directory. */
    stop(): Promise<void>;
}

/** Other programs may take a port between our look and the server's: how often we try again. */
const ATTEMPTS = 3;

/**
 * Starts Prosody (or ejabberd), Kamailio and coturn on free ports of 127.0.0.1 in a temporary directory.
 * @throws Error with the end of the log of the server that did not start; nothing is left behind
 */
export async function startServers(options: ServersOptions = {}): Promise<Servers> {
    for (let attempt = 1; ; attempt++) {
        try {
            return await startOnce(options);
        } catch (error) {
            if (attempt === ATTEMPTS || !/in use|bind/iu.test(String(error))) throw error;
        }
    }
}

async function startOnce(options: ServersOptions): Promise<Servers> {
    const guard = createGuard(options.label ?? 'servers');
    const { directory } = guard;
    const users = createUsers();
    const strangers = createStrangers(options.strangers ?? []);
    const everybody = [...users, ...strangers];
    const turn = { port: await freePort(), secret: randomBytes(16).toString('hex') };
    const name = options.xmpp ?? 'prosody';
    const xmpp = { prosody: createProsody, ejabberd: createEjabberd }[name](
        {
            directory: path.join(directory, name),
            users,
            strangers,
            turn,
            c2sPort: await freePort(),
            httpPort: await freePort(),
        },
        guard,
    );
    const kamailio = createKamailio(
        {
            directory: path.join(directory, 'kamailio'),
            users: everybody,
            sipPort: await freePort(),
            wsPort: await freePort(),
            openRelayPort: options.openRelay ? await freePort() : null,
            masksCallIds: options.masksCallIds ?? false,
            dropsCallInfo: options.dropsCallInfo ?? false,
            givesNoGruu: options.givesNoGruu ?? false,
        },
        guard,
    );
    const daemons: Readonly<Record<ServerName, Daemon>> = {
        xmpp: xmpp.daemon,
        sip: kamailio.daemon,
        turn: createCoturn({ directory: path.join(directory, 'coturn'), turn }, guard),
    };
    const stop = async () => {
        await Promise.all(Object.values(daemons).map((daemon) => daemon.stop()));
        await guard.close();
    };
    const started = await Promise.allSettled(Object.values(daemons).map((daemon) => daemon.start()));
    const failed = started.find((result) => result.status === 'rejected');
    if (failed) {
        await stop();
        throw failed.reason;
    }
    const endpoints: Endpoints = {
        xmpp: xmpp.endpoints,
        sip: kamailio.endpoints,
        turn: { url: `turn:127.0.0.1:${String(turn.port)}` },
        users,
    };
    return {
        ...endpoints,
        directory,
        endpoints: () => endpoints,
        user: (name) => {
            const user = everybody.find((candidate) => candidate.name === name);
            if (!user) throw new Error(`There is no user ${name}`);
            return user;
        },
        get openRelay() {
            if (kamailio.openRelay === null) throw new Error('startServers() was not asked for an open relay');
            return kamailio.openRelay;
        },
        bindings: async (user) =>
            (await kamailio.bindings()).filter((binding) => user === undefined || binding.user === user),
        restart: async (server) => {
            await daemons[server].stop();
            await daemons[server].start();
        },
        halt: (server) => daemons[server].stop(),
        kill: (server) => daemons[server].kill(),
        start: (server) => daemons[server].start(),
        freeze: (server) => daemons[server].freeze(),
        thaw: (server) => daemons[server].thaw(),
        isRunning: (server) => daemons[server].running,
        log: (server) => daemons[server].log,
        stop,
    };
}
