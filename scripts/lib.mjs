/** What the scripts of this folder share. Plain Node, no package: it runs before there are any. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** A failure that needs no stack trace: the message says what to do. */
export class Problem extends Error {}

/** Where everything but results is said: stdout belongs to results (`npm run servers` prints one line there). */
export const say = (text) => process.stderr.write(`${text}\n`);

const seconds = (ms) => (ms < 10_000 ? (ms / 1000).toFixed(1) : String(Math.round(ms / 1000)));

/**
 * One slow step, with a line that says what it is and, when it is over, how long it took.
 * @template T
 * @param {string} title `Installing npm packages`
 * @param {string} estimate `about 30 s`; empty: unknown
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function step(title, estimate, action) {
    const started = Date.now();
    process.stderr.write(`${title}${estimate ? ` (${estimate})` : ''} … `);
    try {
        const result = await action();
        process.stderr.write(`done in ${seconds(Date.now() - started)} s\n`);
        return result;
    } catch (error) {
        process.stderr.write(`failed after ${seconds(Date.now() - started)} s\n`);
        throw error;
    }
}

/**
 * Runs a program to its end, asks nothing and prints nothing; its output is in the answer.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, input?: string }} [options]
 * @returns {Promise<{ code: number, output: string }>} code -1 when there is no such program
 */
export function run(program, args, options = {}) {
    return new Promise((resolve) => {
        const child = spawn(program, args, {
            cwd: options.cwd ?? root,
            env: options.env ?? process.env,
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        let output = '';
        child.stdout.setEncoding('utf8').on('data', (data) => (output += data));
        child.stderr.setEncoding('utf8').on('data', (data) => (output += data));
        child.on('error', (error) => resolve({ code: -1, output: `${output}${error.message}\n` }));
        child.on('close', (code, signal) =>
            resolve({ code: code ?? 1, output: signal ? `${output}(ended by ${signal})\n` : output }),
        );
    });
}

/** As {@link run}, and anything but success is a {@link Problem} with the end of the output. */
export async function must(program, args, options) {
    const result = await run(program, args, options);
    if (result.code !== 0) {
        const end = result.output.trimEnd().split('\n').slice(-40).join('\n');
        throw new Problem(`${[program, ...args].join(' ')} failed:\n${end}`);
    }
    return result.output;
}

/** From here on `import()` takes TypeScript files. Needs the npm packages. */
export async function loadTypeScript() {
    const { register } = await import('tsx/esm/api');
    register();
}

/** Tells `npm test` what came out, where it asked for it; by a pipe of its own, so that no output can be taken for it. */
export function report(counts) {
    if (process.env.CONVERSE_SIP_REPORT === 'fd3') writeSync(3, JSON.stringify(counts));
}

/** The full name of a spec: the titles of its suites and its own sentence. */
export const nameOf = (...titles) => titles.join(' > ');

const resultsOf = (part) => path.join(root, '.cache/results', `${part}.json`);

/** What an earlier run of a part (`unit`, `e2e`) proved is not proved by this one. */
export const forgetResults = (part) => rmSync(resultsOf(part), { force: true });

/**
 * Keeps the full names of the specs that passed, for `check-conformance.mjs`.
 * @param {string} part
 * @param {ReadonlyMap<string, string>} outcomes full name -> outcome; of several specs of one name the worst
 */
export function keepResults(part, outcomes) {
    const passed = [...outcomes].filter(([, outcome]) => outcome === 'passed').map(([name]) => name);
    mkdirSync(path.dirname(resultsOf(part)), { recursive: true });
    writeFileSync(resultsOf(part), `${JSON.stringify(passed, null, 1)}\n`);
}

/** The full names of the specs that passed in the last run of a part; none where it did not come to its end. */
export function readResults(part) {
    try {
        return JSON.parse(readFileSync(resultsOf(part), 'utf8'));
    } catch {
        return [];
    }
}

/** Runs the main function of a script; a {@link Problem} is said without a stack trace. */
export async function main(action) {
    try {
        await action();
    } catch (error) {
        say(error instanceof Problem ? `\n${error.message}` : String(error?.stack ?? error));
        process.exit(1);
    }
}
