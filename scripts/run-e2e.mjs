/**
 * The end-to-end specs: each file in a process of its own, two at a time, for most of a story is waiting. What a file says
 * is printed when it is done.
 *
 * Arguments: `--filter=TEXT` runs the specs whose sentence holds it, `FILE.spec.ts` only that file, `--long` those of
 * `npm run test:long` (`*.long.spec.ts`) instead.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { forgetResults, keepResults, report, root } from './lib.mjs';

const args = process.argv.slice(2);
const long = args.includes('--long');
const filter = args.filter((arg) => arg.startsWith('--filter='));
const named = args.filter((arg) => arg.endsWith('.spec.ts'));
const files = named.length > 0 ? named : allFiles();
const counts = { passed: 0, failed: 0, skipped: 0 };
const outcomes = new Map();

/** The longest first, so that no core is idle at the end. */
function allFiles() {
    const stories = (file) => readFileSync(path.join(root, file), 'utf8').match(/\b(?:story|it)\(/gu)?.length ?? 0;
    return readdirSync(path.join(root, 'spec/e2e'), { recursive: true })
        .filter((file) => file.endsWith('.spec.ts') && file.endsWith('.long.spec.ts') === long)
        .map((file) => `spec/e2e/${file}`)
        .map((file) => ({ file, length: stories(file) }))
        .sort((a, b) => b.length - a.length || a.file.localeCompare(b.file))
        .map(({ file }) => file);
}

/** Runs one file; alone it prints as it goes. */
async function runFile(file) {
    const alone = files.length === 1;
    const command = [process.execPath, path.join(root, 'scripts/e2e-file.mjs'), file, ...filter];
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...command], {
        cwd: root,
        env: { ...process.env, CONVERSE_SIP_REPORT: 'fd3' },
        stdio: ['ignore', alone ? 'inherit' : 'pipe', alone ? 'inherit' : 'pipe', 'pipe'],
    });
    let output = '';
    let result = '';
    for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (data) => (output += data));
    child.stdio[3].setEncoding('utf8').on('data', (data) => (result += data));
    const ending = await new Promise((resolve) => {
        child.on('error', (error) => resolve(error.message));
        child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    process.stdout.write(output);
    try {
        const told = JSON.parse(result);
        for (const [name, outcome] of told.outcomes)
            if ((outcomes.get(name) ?? 'passed') === 'passed') outcomes.set(name, outcome);
        for (const outcome of Object.keys(counts)) counts[outcome] += told[outcome];
    } catch {
        counts.failed += 1;
        console.log(`  ✗ ${file} died: ${ending}`);
    }
}

/** A cable that is laid or pulled is a change of network for every browser of this machine, and breaks what they load. */
const laysCables = (file) => readFileSync(path.resolve(root, file), 'utf8').includes('.cable(');

forgetResults('e2e');
const left = files.filter((file) => !laysCables(file));
const worker = async () => {
    for (let file = left.shift(); file; file = left.shift()) await runFile(file);
};
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
left.push(...files.filter(laysCables));
await worker();
keepResults('e2e', outcomes);
report(counts);
process.exit(counts.failed > 0 ? 1 : 0);
