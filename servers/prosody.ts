/** Prosody: the XMPP server. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { acceptsTcp, createDaemon, type Daemon } from './daemon.js';
import type { Guard } from './guard.js';
import { here } from './here.js';
import type { Turn } from './coturn.js';
import { displayName, DOMAIN, type User } from './users.js';

/** Where the XMPP server listens. */
export interface XmppEndpoints {
    readonly domain: string;
    /** `ws:` URL (RFC 7395). */
    readonly websocket: string;
    /** Host and port for TCP without TLS. */
    readonly c2s: string;
}

/** A Lua string; our own names and passwords only, but quoted all the same. */
const lua = (text: string): string => JSON.stringify(text);

const account = (user: User): string => `return {\n\t["password"] = ${lua(user.password)};\n};\n`;

/** Everybody else who has a JID, with subscription both ways. */
const roster = (contacts: readonly User[]): string => {
    const entries = contacts.map(
        (contact) =>
            `\t[${lua(contact.jid ?? '')}] = {\n\t\t["subscription"] = "both";\n\t\t["name"] = ${lua(displayName(contact))};\n` +
            `\t\t["groups"] = { ["Friends"] = true };\n\t};\n`,
    );
    return `return {\n\t[false] = { ["version"] = 1; ["pending"] = {}; };\n${entries.join('')}};\n`;
};

/** Prosody's storage is plain Lua files: accounts and rosters are written before it starts. */
function writeData(directory: string, users: readonly User[], strangers: readonly User[]): void {
    const host = path.join(directory, 'data', DOMAIN);
    for (const store of ['accounts', 'roster']) mkdirSync(path.join(host, store), { recursive: true });
    const members = users.filter((user) => user.jid !== null);
    for (const user of members) {
        writeFileSync(path.join(host, 'accounts', `${user.name}.dat`), account(user));
        const contacts = members.filter((contact) => contact !== user);
        writeFileSync(path.join(host, 'roster', `${user.name}.dat`), roster(contacts));
    }
    for (const user of strangers) writeFileSync(path.join(host, 'accounts', `${user.name}.dat`), account(user));
}

/** Where an XMPP server lies and listens, and whom it knows. */
export interface XmppOptions {
    readonly directory: string;
    /** Who has a JID is everybody else's contact. */
    readonly users: readonly User[];
    /** Accounts without contacts. */
    readonly strangers: readonly User[];
    readonly turn: Turn;
    readonly c2sPort: number;
    readonly httpPort: number;
}

/** An XMPP server: its daemon, not started, and where it will listen. */
export interface XmppServer {
    readonly daemon: Daemon;
    readonly endpoints: XmppEndpoints;
}

/** @returns the daemon, not started */
export function createProsody(options: XmppOptions, guard: Guard): XmppServer {
    const { directory, c2sPort, httpPort, turn } = options;
    mkdirSync(directory, { recursive: true });
    writeData(directory, options.users, options.strangers);
    const config = path.join(directory, 'prosody.cfg.lua');
    copyFileSync(path.join(here, 'prosody.cfg.lua'), config);
    const daemon = createDaemon(
        {
            name: 'prosody',
            command: ['prosody', '--config', config, '-F'],
            directory,
            env: {
                RUN_DIRECTORY: directory,
                C2S_PORT: String(c2sPort),
                HTTP_PORT: String(httpPort),
                TURN_PORT: String(turn.port),
                TURN_SECRET: turn.secret,
            },
            ready: async () => (await acceptsTcp(c2sPort)) && (await acceptsTcp(httpPort)),
        },
        guard,
    );
    const endpoints = {
        domain: DOMAIN,
        websocket: `ws://127.0.0.1:${String(httpPort)}/xmpp-websocket`,
        c2s: `127.0.0.1:${String(c2sPort)}`,
    };
    return { daemon, endpoints };
}
