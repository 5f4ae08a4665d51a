/** Kamailio: the SIP registrar and proxy. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createDaemon, type Daemon } from './daemon.js';
import type { Guard } from './guard.js';
import { here } from './here.js';
import { DOMAIN, type User } from './users.js';

/** Where the SIP server listens. */
export interface SipEndpoints {
    readonly domain: string;
    /** `ws:` URL (RFC 7118). */
    readonly websocket: string;
    /** Host and port. */
    readonly tcp: string;
    readonly udp: string;
}

/** One place where a user is registered. */
export interface Binding {
    /** The user name. */
    readonly user: string;
    readonly contact: string;
    /** Seconds until it ends. */
    readonly expires: number;
    readonly callId: string;
    readonly userAgent: string;
    /** `+sip.instance` (RFC 5626), without brackets and quotes; empty: none. */
    readonly instance: string;
    readonly regId: number;
}

type Json = null | boolean | number | string | Json[] | JsonObject;
type JsonObject = { [key in string]?: Json };

/** Objects at any depth that stand under this key. */
function* under(value: Json | undefined, key: string): Generator<JsonObject> {
    if (Array.isArray(value)) {
        for (const item of value) yield* under(item, key);
    } else if (typeof value === 'object' && value !== null) {
        for (const [name, item] of Object.entries(value)) {
            if (name === key && typeof item === 'object' && item !== null && !Array.isArray(item)) yield item;
            yield* under(item, key);
        }
    }
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const whole = (value: Json | undefined): number => (typeof value === 'number' ? value : Number(value ?? 0) || 0);

/** Reads the answer to `ul.dump`. */
export const parseBindings = (answer: Json): readonly Binding[] =>
    [...under(answer, 'Info')].flatMap((record) =>
        [...under(record['Contacts'], 'Contact')].map((contact) => ({
            user: text(record['AoR']).replace(/@.*$/u, ''),
            contact: text(contact['Address']),
            expires: whole(contact['Expires']),
            callId: text(contact['Call-ID']),
            userAgent: text(contact['User-Agent']),
            instance: text(contact['Instance']).replace(/^"?<?|>?"?$/gu, ''),
            regId: whole(contact['Reg-Id']),
        })),
    );

/** A Kamailio: its daemon, not started, where it will listen, and a look inside. */
export interface Kamailio {
    readonly daemon: Daemon;
    readonly endpoints: SipEndpoints;
    /** Host and port where everything passes; null: there is none. */
    readonly openRelay: string | null;
    /** Asks it over JSON-RPC. */
    rpc(method: string, params?: readonly (string | number)[]): Promise<Json>;
    /** Everybody who is registered now. */
    bindings(): Promise<readonly Binding[]>;
}

/** Only names and passwords of our own (letters, digits, - and _) come here. */
const userLine = ({ name, password }: User): string => `$sht(users=>${name}) = "${password}";\n`;

export function createKamailio(
    options: {
        readonly directory: string;
        readonly users: readonly User[];
        readonly sipPort: number;
        readonly wsPort: number;
        /** null: none. */
        readonly openRelayPort: number | null;
        readonly masksCallIds: boolean;
        readonly dropsCallInfo: boolean;
        readonly givesNoGruu: boolean;
    },
    guard: Guard,
): Kamailio {
    const { directory, users, sipPort, wsPort, openRelayPort } = options;
    mkdirSync(directory, { recursive: true });
    const config = path.join(directory, 'kamailio.cfg');
    copyFileSync(path.join(here, 'kamailio.cfg'), config);
    writeFileSync(path.join(directory, 'users.cfg'), users.map(userLine).join(''), { mode: 0o600 });

    async function rpc(method: string, params: readonly (string | number)[] = []): Promise<Json> {
        const response = await fetch(`http://127.0.0.1:${String(wsPort)}/RPC`, {
            method: 'POST',
            body: JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 }),
            signal: AbortSignal.timeout(2000),
        });
        const answer = (await response.json()) as { result?: Json; error?: { message?: string } };
        if (answer.error) throw new Error(`Kamailio: ${method}: ${answer.error.message ?? 'error'}`);
        return answer.result ?? null;
    }

    const command: [string, ...string[]] = [
        'kamailio',
        ...['-f', config],
        ...['-A', `SIP_PORT=${String(sipPort)}`, '-A', `WS_PORT=${String(wsPort)}`],
        ...['-A', `FLOW_SECRET="${randomBytes(12).toString('hex')}"`],
        ...(openRelayPort === null ? [] : ['-A', `OPEN_RELAY_PORT=${String(openRelayPort)}`]),
        ...(options.masksCallIds ? ['-A', 'MASK_CALL_IDS'] : []),
        ...(options.dropsCallInfo ? ['-A', 'DROP_CALL_INFO'] : []),
        ...(options.givesNoGruu ? ['-A', 'NO_GRUU'] : []),
        ...['-Y', directory, '-w', directory, '-P', path.join(directory, 'kamailio.pid')],
        ...['-m', '32', '-M', '4'], // MB of shared and private memory
        '-DD', // in the foreground
        '-E', // log to stderr
    ];
    const daemon = createDaemon(
        { name: 'kamailio', command, directory, ready: async () => Boolean(await rpc('core.uptime')) },
        guard,
    );
    return {
        daemon,
        endpoints: {
            domain: DOMAIN,
            websocket: `ws://127.0.0.1:${String(wsPort)}`,
            tcp: `127.0.0.1:${String(sipPort)}`,
            udp: `127.0.0.1:${String(sipPort)}`,
        },
        openRelay: openRelayPort === null ? null : `127.0.0.1:${String(openRelayPort)}`,
        rpc,
        bindings: async () => parseBindings(await rpc('ul.dump')),
    };
}
