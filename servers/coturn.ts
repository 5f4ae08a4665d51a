/** coturn: STUN and TURN, with the passwords that Prosody hands out (XEP-0215, "TURN REST API"). */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { acceptsTcp, createDaemon, type Daemon } from './daemon.js';
import type { Guard } from './guard.js';
import { DOMAIN } from './users.js';

/** Where the TURN server listens, and the secret it shares with the XMPP server. */
export interface Turn {
    readonly port: number;
    readonly secret: string;
}

/** @returns the daemon, not started */
export function createCoturn(options: { readonly directory: string; readonly turn: Turn }, guard: Guard): Daemon {
    const { directory, turn } = options;
    mkdirSync(directory, { recursive: true });
    return createDaemon(
        {
            name: 'coturn',
            command: [
                'turnserver',
                '-n', // no configuration file
                '--listening-ip=127.0.0.1',
                '--relay-ip=127.0.0.1',
                `--listening-port=${String(turn.port)}`,
                '--allow-loopback-peers',
                '--use-auth-secret',
                `--static-auth-secret=${turn.secret}`,
                `--realm=${DOMAIN}`,
                '--no-tls',
                '--no-dtls',
                '--no-cli',
                '--no-multicast-peers',
                '--no-rfc5780',
                '--no-stun-backward-compatibility',
                '--log-file=stdout',
                '--simple-log',
                `--pidfile=${path.join(directory, 'coturn.pid')}`,
                `--userdb=${path.join(directory, 'users.db')}`,
            ],
            directory,
            ready: () => acceptsTcp(turn.port),
        },
        guard,
    );
}
