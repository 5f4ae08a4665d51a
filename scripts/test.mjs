/**
 * `npm test`: set-up, static checks, unit specs, end-to-end specs. The last line is `N passed, N failed` and, when there
 * are any, `, N skipped`. `npm test -- --help` says how to run a part.
 *
 * With `--long` (`npm run test:long`): what takes too long for every change. All mutations and stories of the unit specs, and the
 * end-to-end specs of `*.long.spec.ts`. What came of it is kept in docs/results/long.txt.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { forgetResults, must, Problem, readResults, root, run, say } from './lib.mjs';
import { browserEnvironment, build, setup } from './setup.mjs';

const HELP = `Usage: npm test [-- PART … [OPTION …]]

Parts: checks, unit, e2e (default: all)
  --long           npm run test:long: the long ones of unit and e2e
Options for e2e:
  --filter=TEXT    only the specs whose sentence holds TEXT
  FILE.spec.ts …   only these files
`;

const PARTS = ['checks', 'unit', 'e2e'];

/** How long a runner may take, in ms: far more than it needs, so that one that hangs is told from a slow machine. */
const LIMITS = { unit: 5 * 60_000, e2e: 25 * 60_000 };
const LONG_LIMITS = { unit: 30 * 60_000, e2e: 120 * 60_000 };

/** How many mutated messages, and how many calls in which anything happens in any order. */
const LONG_RUN = { CONVERSE_SIP_MUTATIONS: '100000', CONVERSE_SIP_STORIES: '5000' };

const bin = (name) => path.join(root, 'node_modules/.bin', name);

/** What a check exits with that could not be made; it says why. */
const SKIPPED = 77;

/** Each is one passed, failed or skipped. */
const CHECKS = [
    { name: 'types', command: [bin('tsc'), '-p', 'tsconfig.json', '--noEmit'] },
    { name: 'lint', command: [bin('eslint'), '.', '--max-warnings', '0'] },
    { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
    { name: 'import rules', command: [bin('depcruise'), '--config', '.dependency-cruiser.cjs', 'src'] },
    { name: 'documents', command: [process.execPath, 'scripts/check-docs.mjs'] },
    { name: 'short names', command: [process.execPath, 'scripts/check-names.mjs'] },
    { name: 'bundle budget', command: [process.execPath, 'scripts/check-budget.mjs'], always: true },
    { name: 'package (publint)', command: [bin('publint'), 'run', '.', '--strict'] },
    { name: 'licences', command: [process.execPath, 'scripts/check-third-party.mjs'], always: true },
    { name: 'advisories', command: [process.execPath, 'scripts/check-audit.mjs'], always: true },
    { name: 'types of the package (arethetypeswrong)', command: [bin('attw'), '--pack', '.', '--profile', 'esm-only'] },
];

const CONFORMANCE = {
    name: 'conformance',
    command: [process.execPath, 'scripts/check-conformance.mjs'],
    always: true,
};

const total = { passed: 0, failed: 0, skipped: 0 };

function count(result) {
    for (const outcome of Object.keys(total)) total[outcome] += result[outcome] ?? 0;
}

const indent = (text) => text.trimEnd().replace(/^/gmu, '      ');

async function check({ name, command, always }) {
    const started = Date.now();
    const [program, ...args] = command;
    const { code, output } = await run(program, args, { env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' } });
    const passed = code === 0;
    const outcome = passed ? 'passed' : code === SKIPPED ? 'skipped' : 'failed';
    count({ [outcome]: 1 });
    console.log(
        `  ${{ passed: '✓', failed: '✗', skipped: '-' }[outcome]} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
    );
    if (!passed || always) console.log(indent(output));
}

/** Two at a time: two cores is what we count on. */
async function checks() {
    console.log('Checks');
    const left = [...CHECKS];
    const worker = async () => {
        for (let next = left.shift(); next; next = left.shift()) await check(next);
    };
    await Promise.all([worker(), worker()]);
}

async function buildCheck() {
    try {
        await build();
        count({ passed: 1 });
    } catch (error) {
        count({ failed: 1 });
        console.log(`✗ build\n${indent(String(error?.message ?? error))}`);
    }
}

/** Runs specs in a process of its own, which ends with us; its counts come by a pipe, so that nothing is guessed. */
async function specs(title, script, args, limit, env) {
    console.log(title);
    const command = [process.execPath, path.join(root, 'scripts', script), ...args];
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...command], {
        cwd: root,
        env: { ...process.env, ...env, CONVERSE_SIP_REPORT: 'fd3' },
        stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
    let reported = '';
    child.stdio[3].setEncoding('utf8').on('data', (data) => (reported += data));
    const timer = setTimeout(() => {
        console.log(`  ✗ ${title} took more than ${limit / 60_000} minutes`);
        child.kill('SIGKILL');
    }, limit);
    const ending = await new Promise((resolve) => {
        child.on('error', (error) => resolve(error.message));
        child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    clearTimeout(timer);
    let result = null;
    try {
        result = JSON.parse(reported);
    } catch {
        console.log(`  ✗ The runner of "${title}" died: ${ending}`);
    }
    if (result && result.passed + result.failed === 0) {
        console.log(`  ✗ "${title}" ran no spec at all`);
        result = null;
    }
    count(result ?? { failed: 1 });
}

async function unit(env, limit) {
    const { code, output } = await run(bin('webpack'), ['--env', 'specs', '--stats', 'errors-only']);
    if (code !== 0) {
        console.log(`Unit specs\n  ✗ they cannot be bundled\n${indent(output)}`);
        count({ failed: 1 });
        return;
    }
    await specs('Unit specs', 'run-unit.mjs', [], limit, env);
}

/** What a whole long run proved, and of what. */
async function keepLongResults() {
    const commit = (await must('git', ['describe', '--always', '--dirty'])).trim();
    const folder = path.join(root, 'docs/results');
    mkdirSync(folder, { recursive: true });
    const head = [`Date: ${new Date().toISOString().slice(0, 10)}`, `Commit: ${commit}`, `Result: ${lastLine()}`];
    writeFileSync(
        path.join(folder, 'long.txt'),
        `${[...head, '', 'End to end, passed:', ...readResults('e2e')].join('\n')}\n`,
    );
}

async function test(args) {
    const long = args.includes('--long');
    const limits = long ? LONG_LIMITS : LIMITS;
    const parts = args.filter((arg) => PARTS.includes(arg));
    const options = args.filter((arg) => !PARTS.includes(arg));
    const unknown = options.filter(
        (arg) => !arg.startsWith('--filter=') && !arg.endsWith('.spec.ts') && arg !== '--long',
    );
    if (unknown.length > 0) throw new Problem(`Unknown: ${unknown.join(' ')}\n${HELP}`);
    const wanted = (part) => (parts.length === 0 ? !long || part !== 'checks' : parts.includes(part));
    // A part that does not even start proves nothing either.
    for (const part of PARTS.filter(wanted)) forgetResults(part);

    await setup(wanted('unit') || wanted('e2e') ? 'test' : 'checks', { build: false });
    if (wanted('checks') || wanted('e2e')) await buildCheck();
    if (wanted('checks')) await checks();
    const browsers = wanted('unit') || wanted('e2e') ? await browserEnvironment() : {};
    const env = { ...browsers, ...(long && LONG_RUN) };
    if (wanted('unit')) await unit(env, limits.unit);
    if (wanted('e2e')) await specs('End-to-end specs', 'run-e2e.mjs', options, limits.e2e, env);
    if (long && args.length === 1) await keepLongResults();
    // It asks what ran: only a whole run can answer.
    if (args.length === 0) {
        console.log('Requirements');
        await check(CONFORMANCE);
    }
}

const lastLine = () =>
    `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`;

const args = process.argv.slice(2);
if (args.includes('--help')) {
    say(HELP);
} else {
    try {
        await test(args);
    } catch (error) {
        count({ failed: 1 });
        say(error instanceof Problem ? `\n${error.message}` : String(error?.stack ?? error));
    }
    console.log(`\n${lastLine()}`);
    process.exitCode = total.failed > 0 ? 1 : 0;
}
