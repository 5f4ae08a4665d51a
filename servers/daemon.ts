/**
 * A server as a child process: in a process group of its own, its output in a file, started and stopped with certainty,
 * and gone when we are gone, even when we are killed hard.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Guard } from './guard.js';

/** How long a server may take until it answers, in ms. */
const START_TIMEOUT = 20_000;
/** How long a server may take to end by itself after SIGTERM, in ms; then its group is killed. */
const STOP_TIMEOUT = 3_000;
/** Pause between two looks whether it answers, in ms. */
const POLL = 20;

/** What to run. */
export interface DaemonSpec {
    /** What it is called in messages and for its log file. */
    readonly name: string;
    readonly command: readonly [program: string, ...args: string[]];
    /** Its own directory: working directory, and where its log goes. */
    readonly directory: string;
    readonly env?: Readonly<Record<string, string>>;
    /** Whether it is ready. May be asked often; an error counts as no. */
    readonly ready: () => Promise<boolean>;
}

/** A server that can be started again. Every method may be called in any state. */
export interface Daemon {
    readonly name: string;
    /** The path of its log. */
    readonly log: string;
    readonly running: boolean;
    /** Its process id, which is also the id of its process group; null when it does not run. */
    readonly pid: number | null;
    /**
     * Resolves as soon as it answers.
     * @throws Error with the end of its log when it ends before that, or does not answer in 20 s
     */
    start(): Promise<void>;
    /** Asks it to end (SIGTERM), kills it after 3 s, and resolves when the whole process group is gone. */
    stop(): Promise<void>;
    /** Ends it as a power cut would (SIGKILL to the whole group). */
    kill(): Promise<void>;
    /** Stops it in its tracks: sockets stay open, nothing answers (SIGSTOP). */
    freeze(): void;
    /** Undoes {@link freeze}. */
    thaw(): void;
}

/** Whether something accepts TCP connections at this port of loopback. */
export const acceptsTcp = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
        const socket = connect({ port, host: '127.0.0.1' });
        const done = (result: boolean) => {
            socket.destroy();
            resolve(result);
        };
        socket.once('connect', () => done(true));
        socket.once('error', () => done(false));
        socket.setTimeout(1000, () => done(false));
    });

/** The last lines of a log, for an error message. */
function tail(log: string, lines = 25): string {
    try {
        return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
    } catch {
        return '(no log)';
    }
}

/** @returns false when there is no such group (any more) */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
    try {
        process.kill(-group, signal);
        return true;
    } catch {
        return false;
    }
}

/**
 * Whether a process of this group still runs. Zombies do not count: in many containers nobody collects them.
 * A group can outlive its leader: Kamailio's workers do.
 */
function groupRuns(group: number): boolean {
    if (!signalGroup(group, 0)) return false;
    return readdirSync('/proc').some((entry) => {
        if (!/^\d+$/u.test(entry)) return false;
        try {
            // pid (comm) state ppid pgrp …; comm may hold anything, a parenthesis too
            const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
            const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
            return Number(pgrp) === group && state !== 'Z' && state !== 'X';
        } catch {
            return false;
        }
    });
}

async function groupIsGone(group: number, timeout: number): Promise<boolean> {
    const end = Date.now() + timeout;
    while (groupRuns(group)) {
        if (Date.now() > end) return false;
        await delay(POLL);
    }
    return true;
}

/** @param guard ends the process group should this process die without a word */
export function createDaemon(spec: DaemonSpec, guard: Guard): Daemon {
    const log = path.join(spec.directory, `${spec.name}.log`);
    let child: ChildProcess | null = null;
    let starting: Promise<void> | null = null;

    function launch(): ChildProcess {
        const output = openSync(log, 'a');
        try {
            // Its own group, so that all of it can be signalled. --pdeathsig: it ends when we do.
            const launched = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...spec.command], {
                cwd: spec.directory,
                env: { ...process.env, ...spec.env },
                stdio: ['ignore', output, output],
                detached: true,
            });
            launched.on('error', () => {
                /* said by start(), which sees that there is no process */
            });
            launched.on('exit', () => {
                if (child === launched) child = null;
            });
            if (launched.pid) guard.watch(launched.pid);
            return launched;
        } finally {
            closeSync(output);
        }
    }

    async function start(): Promise<void> {
        if (child) return;
        const launched = launch();
        child = launched;
        const end = Date.now() + START_TIMEOUT;
        for (;;) {
            const ready = await spec.ready().catch(() => false);
            if (!launched.pid || launched.exitCode !== null || launched.signalCode !== null) {
                throw new Error(`${spec.name} did not start (${spec.command[0]}). The end of ${log}:\n${tail(log)}`);
            }
            if (ready) return;
            if (Date.now() > end) {
                await kill();
                throw new Error(`${spec.name} does not answer. The end of ${log}:\n${tail(log)}`);
            }
            await delay(POLL);
        }
    }

    async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
        const group = child?.pid;
        if (!group) return;
        signalGroup(group, signal);
        signalGroup(group, 'SIGCONT');
        if (!(await groupIsGone(group, STOP_TIMEOUT))) {
            signalGroup(group, 'SIGKILL');
            await groupIsGone(group, STOP_TIMEOUT);
        }
        guard.forget(group);
        if (child?.pid === group) child = null;
    }

    const kill = () => end('SIGKILL');

    return {
        name: spec.name,
        log,
        get running() {
            return child !== null;
        },
        get pid() {
            return child?.pid ?? null;
        },
        start: () =>
            (starting ??= start().finally(() => {
                starting = null;
            })),
        stop: () => end('SIGTERM'),
        kill,
        freeze: () => {
            if (child?.pid) signalGroup(child.pid, 'SIGSTOP');
        },
        thaw: () => {
            if (child?.pid) signalGroup(child.pid, 'SIGCONT');
        },
    };
}
