/**
 * sipp as a SIP peer: a device that says exactly what its scenario says (sipp-scenario.ts) and keeps what it gets.
 *
 *     const sipp = await startSipp({ server: servers.openRelay, scenario: call({ from: '"Bob" <sip:bob@localhost>', … }) });
 *     await sipp.waitFor((message) => /^SIP\/2.0 180/u.test(message));
 *     await sipp.hangUp();
 */
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createAwaited } from './awaited.js';
import { createGuard } from './guard.js';
import { freePort, udpIsFree } from './ports.js';
import { endOfLog, startProgram } from './program.js';
import { HANG_UP, registration, toXml, type Scenario } from './sipp-scenario.js';
import { DOMAIN, type User } from './users.js';

/** How long anything may take, in ms. */
const TIMEOUT = 15_000;
/** Pause between two looks into the file of messages, in ms. */
const POLL = 20;

/** How we know our own signals among what sipp got. */
const SIGNAL_URI = 'sip:signal';
const SIGNAL = new RegExp(String.raw`^[A-Z]+ ${SIGNAL_URI} SIP/2\.0`, 'u');

/** What sipp plays, and where. */
export interface SippOptions {
    /** Host and port it talks to: `servers.sip.udp`, `servers.openRelay`. */
    readonly server: string;
    readonly scenario: Scenario;
    /** Default: UDP. */
    readonly transport?: 'udp' | 'tcp';
    /** So many of it, and so many a second; what they say is not kept. Default: one. */
    readonly flood?: { readonly calls: number; readonly rate: number };
    /** It is registered as this user before the scenario begins, so that it can be called (UDP only). */
    readonly registeredAs?: Pick<User, 'name' | 'sip' | 'password'>;
}

/** A device that plays its scenario, or has played it. */
export interface Sipp {
    /** The SIP messages it got so far, as text, lines ended by CR LF. */
    readonly received: readonly string[];
    /** Those it sent. */
    readonly sent: readonly string[];
    /** Where it listens: host and port. */
    readonly address: string;
    /**
     * Resolves with the first message, past or to come, that is wanted. `since`: the number of messages to pass over.
     * @throws Error with what came, when it does not come in 15 s or the scenario is over
     */
    waitFor(wanted: (message: string) => boolean, options?: { since?: number; timeout?: number }): Promise<string>;
    /** Moves the scenario on that waits for this signal (`untilSignal`). UDP only. */
    signal(name: string): void;
    /** Resolves when it is over: true when everything went as the scenario says. */
    readonly ended: Promise<boolean>;
    /** Ends the call that is up (BYE) or rings (CANCEL), and resolves when the scenario is over. UDP only. */
    hangUp(): Promise<void>;
    /** The path of its log. */
    readonly log: string;
    /** Ends the program without a word to anybody, and removes its directory. Call it in any case. */
    stop(): Promise<void>;
}

/** The value of a header; null: it is not there. */
export const headerOf = (message: string, name: string): string | null =>
    new RegExp(String.raw`^${name}[ \t]*:[ \t]*(.*?)\r?$`, 'imu').exec(message)?.[1] ?? null;

/** The status of a response; null: a request. */
export const statusOf = (message: string): number | null => {
    const status = /^SIP\/2\.0 (\d{3})/u.exec(message)?.[1];
    return status === undefined ? null : Number(status);
};

/** A response to the request that counts: not the challenge to the first one. */
const isAnswer = (message: string): boolean => ![null, 401, 407].includes(statusOf(message));

/** One message in sipp's file of messages begins so: a line of dashes and time, then direction and number of bytes. */
const HEAD = /^-{20,}[^\n]*\n\w+ message (sent|received) [([](\d+)(?: bytes\)|\] bytes)[ :]*\n\n/mu;

/** The messages in what sipp has written so far; one that is incomplete is not among them. */
function messagesIn(text: Buffer): { readonly direction: string; readonly message: string }[] {
    const found = [];
    for (let at = 0; ;) {
        // latin1: a character a byte, as they are counted
        const head = HEAD.exec(text.toString('latin1', at));
        const start = at + (head ? head.index + head[0].length : 0);
        const end = start + Number(head?.[2]);
        if (!head || end > text.length) return found;
        found.push({ direction: head[1] ?? '', message: text.toString('utf8', start, end) });
        at = end;
    }
}

/** How often another port is tried. */
const ATTEMPTS = 3;

/**
 * Starts sipp with a scenario.
 * @throws Error with the end of its log when it does not start or cannot register
 */
export async function startSipp(options: SippOptions): Promise<Sipp> {
    for (let attempt = 1; ; attempt++) {
        try {
            return await startOnce(options);
        } catch (error) {
            // Others took the port between our look and sipp's.
            if (attempt === ATTEMPTS || !/in use/iu.test(String(error))) throw error;
        }
    }
}

async function startOnce(options: SippOptions): Promise<Sipp> {
    const { server, scenario, transport = 'udp', registeredAs, flood } = options;
    const guard = createGuard('sipp');
    const file = (name: string): string => path.join(guard.directory, name);
    const port = await freePort();
    writeFileSync(file('scenario.xml'), toXml(scenario));
    const program = startProgram(
        'sipp',
        [
            'sipp',
            server,
            ...['-sf', file('scenario.xml')],
            ...['-t', transport === 'udp' ? 'u1' : 't1'],
            ...['-i', '127.0.0.1', '-bind_local', '-p', String(port), '-mi', '127.0.0.1'],
            ...['-ci', '127.0.0.1', '-cp', String(await freePort())],
            ...(flood
                ? ['-m', String(flood.calls), '-r', String(flood.rate), '-l', String(flood.calls)]
                : ['-m', '1', '-trace_msg', '-message_file', file('messages.log')]),
            '-nostdin',
            '-aa', // OPTIONS and UPDATE inside of a call are answered
            ...['-trace_err', '-error_file', file('errors.log')],
            ...(scenario.callId === null ? [] : ['-cid_str', scenario.callId.replaceAll('%', '%%')]),
        ],
        () => {
            /* screens for a person */
        },
        guard,
    );

    const received = createAwaited<string>((message) => message.replace(/\r?\n[\s\S]*/u, ''));
    const sent: string[] = [];
    let seen = 0;
    const look = (): void => {
        const text = existsSync(file('messages.log')) ? readFileSync(file('messages.log')) : Buffer.alloc(0);
        for (const { direction, message } of messagesIn(text).slice(seen)) {
            seen++;
            if (direction === 'sent') sent.push(message);
            else if (!SIGNAL.test(message)) received.add(message);
        }
    };
    const timer = setInterval(look, POLL);
    const code = program.ended.then((code) => {
        clearInterval(timer);
        look();
        received.close(`sipp has ended (${String(code)})${said()}`);
        return code;
    });
    const said = (): string => (existsSync(file('errors.log')) ? `\n${endOfLog(file('errors.log'))}` : '');
    const stop = async (): Promise<void> => {
        await program.stop();
        await guard.close();
    };

    try {
        // It listens, or it has spoken
        while (program.running && (scenario.side === 'server' || flood ? await udpIsFree(port) : sent.length === 0))
            await delay(POLL);
        // 1: the call failed, which may be what the spec is about
        if (!program.running && ![0, 1].includes((await code) ?? -1))
            throw new Error(`sipp did not play its scenario. The end of its log:\n${endOfLog(program.log)}${said()}`);
        if (registeredAs) await register(server, registeredAs, port);
    } catch (error) {
        await stop();
        throw error;
    }

    const waitFor: Sipp['waitFor'] = (wanted, { since = 0, timeout = TIMEOUT } = {}) =>
        received.waitFor('a SIP message', wanted, { since, timeout });
    const signal = (name: string): void => {
        if (transport !== 'udp') throw new Error('Only over UDP is sipp told anything');
        const socket = createSocket('udp4');
        socket.send(signalMessage(name, scenario, sent, received.entries), port, '127.0.0.1', () => socket.close());
    };
    return {
        received: received.entries,
        sent,
        address: `127.0.0.1:${String(port)}`,
        waitFor,
        signal,
        ended: code.then((code) => code === 0),
        hangUp: async () => {
            if (program.running) {
                // A request may be taken back once there was a response to it, and not before (RFC 3261, 9.1)
                if (scenario.side === 'client') await waitFor(isAnswer);
                signal(HANG_UP);
            }
            const late = delay(TIMEOUT, 'late' as const, { ref: false });
            if ((await Promise.race([code, late])) === 'late')
                throw new Error('sipp was told to hang up, and is not done');
        },
        log: program.log,
        stop,
    };
}

/**
 * What moves a scenario on: sipp takes any message with the Call-ID of its call. From and To are those of the next request of
 * its own, Via is that of its INVITE.
 */
function signalMessage(name: string, { side }: Scenario, sent: readonly string[], received: readonly string[]): string {
    const own = side === 'client' ? sent : received;
    const others = side === 'client' ? received : sent;
    const invite = own.findLast((message) => message.startsWith('INVITE ')) ?? '';
    const answer = others.findLast((message) => headerOf(message, 'To')?.includes(';tag=')) ?? invite;
    const [from, to] = side === 'client' ? [invite, answer] : [answer, invite];
    const [fromHeader, toHeader] = side === 'client' ? ['From', 'To'] : ['To', 'From'];
    return [
        `${name} ${SIGNAL_URI} SIP/2.0`,
        `Via: ${headerOf(invite, 'Via') ?? ''}`,
        `From: ${headerOf(from, fromHeader) ?? ''}`,
        `To: ${headerOf(to, toHeader) ?? ''}`,
        `Call-ID: ${headerOf(invite, 'Call-ID') ?? ''}`,
        `CSeq: 1 ${name}`,
        'Content-Length: 0',
        '\r\n',
    ].join('\r\n');
}

async function register(server: string, user: Pick<User, 'name' | 'sip' | 'password'>, port: number): Promise<void> {
    const sipp = await startSipp({ server, scenario: registration(user, DOMAIN, port) });
    const good = await sipp.ended;
    await sipp.stop();
    if (!good) throw new Error(`sipp could not register as ${user.sip}: ${sipp.received.join('\n')}`);
}
