/** ejabberd: another XMPP server, for the specs that are to hold on more than one. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { acceptsTcp, createDaemon } from './daemon.js';
import type { Guard } from './guard.js';
import { here } from './here.js';
import type { XmppOptions, XmppServer } from './prosody.js';
import { displayName, DOMAIN, type User } from './users.js';

/** The distribution's own script, which says where the programs lie. It is not called: it would leave epmd running. */
const EJABBERDCTL = '/usr/sbin/ejabberdctl';

const librariesOf = (script: string): string => /^ERL_LIBS='([^']*)'/mu.exec(script)?.[1] ?? '/usr/lib';

/** A binary of Erlang; our own names and passwords only, but quoted all the same. */
const binary = (text: string): string => `<<${JSON.stringify(text)}/utf8>>`;

const list = (items: readonly string[]): string => `[${items.join(', ')}]`;

/**
 * Erlang that waits until ejabberd runs, and registers the accounts with their rosters when there are none: what one does
 * by `ejabberdctl register` and `ejabberdctl add_rosteritem`. The file `ready` says that it is done.
 */
function seed(directory: string, users: readonly User[], strangers: readonly User[]): string {
    const members = users.filter(({ jid }) => jid !== null);
    const accounts = [...members, ...strangers].map(({ name, password }) => `{${binary(name)}, ${binary(password)}}`);
    const contacts = members.flatMap((user) =>
        members
            .filter((contact) => contact !== user)
            .map((contact) => `{${[user.name, contact.name, displayName(contact)].map(binary).join(', ')}}`),
    );
    const host = binary(DOMAIN);
    return [
        '{ok, _} = application:ensure_all_started(ejabberd)',
        `New = [ok || {U, P} <- ${list(accounts)}, ejabberd_auth:try_register(U, ${host}, P) =:= ok]`,
        `[ok = mod_admin_extra:add_rosteritem(U, ${host}, C, ${host}, N, <<"Friends">>, <<"both">>) ` +
            `|| New =/= [], {U, C, N} <- ${list(contacts)}]`,
        `ok = file:write_file(${JSON.stringify(path.join(directory, 'ready'))}, <<>>).`,
    ].join(', ');
}

/** @returns the daemon, not started */
export function createEjabberd(options: XmppOptions, guard: Guard): XmppServer {
    const { directory, c2sPort, httpPort, turn, users, strangers } = options;
    mkdirSync(directory, { recursive: true });
    const values: Readonly<Record<string, string>> = {
        C2S_PORT: String(c2sPort),
        HTTP_PORT: String(httpPort),
        TURN_PORT: String(turn.port),
        TURN_SECRET: turn.secret,
    };
    const template = readFileSync(path.join(here, 'ejabberd.yml'), 'utf8');
    const config = path.join(directory, 'ejabberd.yml');
    writeFileSync(
        config,
        template.replace(/\b[A-Z\d]+_[A-Z]+\b/gu, (name) => values[name] ?? name),
    );
    const database = path.join(directory, 'database');
    const daemon = createDaemon(
        {
            name: 'ejabberd',
            command: [
                'erl',
                '-noinput',
                ...['-start_epmd', 'false'], // no port mapper, no distribution
                ...['-mnesia', 'dir', JSON.stringify(database)],
                ...['-s', 'ejabberd'],
                ...['-eval', seed(directory, users, strangers)],
            ],
            directory,
            env: {
                EJABBERD_CONFIG_PATH: config,
                EJABBERD_LOG_PATH: path.join(directory, 'log', 'ejabberd.log'),
                ERL_LIBS: librariesOf(existsSync(EJABBERDCTL) ? readFileSync(EJABBERDCTL, 'utf8') : ''),
                ERL_CRASH_DUMP: '/dev/null',
                HOME: directory, // its cookie
            },
            ready: async () =>
                existsSync(path.join(directory, 'ready')) &&
                (await acceptsTcp(c2sPort)) &&
                (await acceptsTcp(httpPort)),
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
