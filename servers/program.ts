/** A program that works for one spec: it is spoken to in lines, in a process group of its own, and gone when we are gone. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Guard } from './guard.js';

/** How long a program may take to end by itself when it is asked to, in ms; then its group is killed. */
const STOP_TIMEOUT = 3_000;

/** A program that runs, or ran. */
export interface Program {
    /** The path of what it said on stderr. */
    readonly log: string;
    /** Resolves when it has ended: with its exit code, null where a signal ended it or it could not be started. */
    readonly ended: Promise<number | null>;
    /** Whether it has not ended. */
    readonly running: boolean;
    /** A line to its stdin; nothing where it has ended. */
    write(line: string): void;
    /** Asks it to end, by closing its stdin or with SIGTERM; kills its group after 3 s. Resolves when it has ended. */
    finish(): Promise<void>;
    stop(): Promise<void>;
}

/**
 * @param listener what takes each line of its stdout
 * @param guard ends the process group should this process die without a word, and removes the working directory
 */
export function startProgram(
    name: string,
    command: readonly [program: string, ...args: string[]],
    listener: (line: string) => void,
    guard: Guard,
): Program {
    const log = path.join(guard.directory, `${name}.log`);
    const errors = openSync(log, 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...command], {
        cwd: guard.directory,
        stdio: ['pipe', 'pipe', errors],
        detached: true,
    }) as ChildProcessByStdio<Writable, Readable, null>;
    closeSync(errors);
    const group = child.pid;
    if (group) guard.watch(group);
    child.stdin.on('error', () => {
        /* it has ended: `ended` says so */
    });
    const lines = createInterface({ input: child.stdout });
    lines.on('line', listener);
    let running = true;
    const ended = new Promise<number | null>((resolve) => {
        child.once('error', () => resolve(null));
        // `close`, not `exit`: every line was taken
        child.once('close', (code) => resolve(code));
    }).finally(() => {
        running = false;
        if (group) guard.forget(group);
    });
    const signal = (name: NodeJS.Signals): void => {
        try {
            if (group && running) process.kill(-group, name);
        } catch {
            /* it is gone */
        }
    };
    const gone = async (): Promise<void> => {
        const timer = setTimeout(() => signal('SIGKILL'), STOP_TIMEOUT);
        await ended;
        clearTimeout(timer);
    };
    return {
        log,
        ended,
        get running() {
            return running;
        },
        write: (line) => void child.stdin.write(`${line}\n`),
        finish: () => {
            child.stdin.end();
            return gone();
        },
        stop: () => {
            signal('SIGTERM');
            return gone();
        },
    };
}

/** The last lines of a log, for an error message. */
export const endOfLog = (log: string, lines = 25): string =>
    readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
