/**
 * The end-to-end specs of some files, one after another, by Jasmine in Node. Prints each sentence. A process of its own, so
 * that it may die; {@link file://./run-e2e.mjs} runs one for each file.
 *
 * Arguments: the files, and `--filter=TEXT` for only the specs whose sentence holds it. What came out goes by file
 * descriptor 3, where there is one.
 */
import path from 'node:path';
import Jasmine from 'jasmine';
import { loadTypeScript, nameOf, report, root } from './lib.mjs';

const args = process.argv.slice(2);
const filter = args.find((arg) => arg.startsWith('--filter='))?.slice('--filter='.length);
const files = args.filter((arg) => arg.endsWith('.spec.ts')).map((file) => path.resolve(root, file));
const counts = { passed: 0, failed: 0, skipped: 0 };

/** Every spec that ran by its full name; of several with one name the worst outcome. */
const outcomes = new Map();

/** Suites that are open, and how many of their titles are said: one without specs that run stays unsaid. */
const titles = [];
let said = 0;

function line(text) {
    while (said < titles.length) console.log(`${'  '.repeat(said + 1)}${titles[said++]}`);
    console.log(`${'  '.repeat(titles.length + 1)}${text}`);
}

function complain(failures) {
    for (const { message, stack } of failures) {
        const where = (stack ?? '').split('\n').filter((at) => at.includes(root) && !at.includes('node_modules'));
        line(`      ${message.replace(/\n/gu, `\n${'  '.repeat(titles.length + 1)}      `)}`);
        for (const at of where.slice(0, 6)) line(`        ${at.trim()}`);
    }
}

const reporter = {
    suiteStarted({ description }) {
        titles.push(description);
    },
    suiteDone({ description, failedExpectations }) {
        if (failedExpectations.length > 0) {
            counts.failed += 1;
            line(`✗ after "${description}"`);
            complain(failedExpectations);
        }
        titles.pop();
        said = Math.min(said, titles.length);
    },
    specDone({ description, status, failedExpectations, pendingReason, duration }) {
        if (status === 'excluded') return;
        const fullName = nameOf(...titles, description);
        if ((outcomes.get(fullName) ?? 'passed') === 'passed') outcomes.set(fullName, status);
        const time = duration > 1000 ? ` (${(duration / 1000).toFixed(1)} s)` : '';
        if (status === 'passed') {
            counts.passed += 1;
            line(`✓ ${description}${time}`);
        } else if (status === 'pending') {
            counts.skipped += 1;
            line(`- ${description}${pendingReason ? `: ${pendingReason}` : ''}`);
        } else {
            counts.failed += 1;
            line(`✗ ${description}${time}`);
            complain(failedExpectations);
        }
    },
    jasmineDone({ overallStatus, incompleteReason, failedExpectations }) {
        if (failedExpectations.length > 0) {
            counts.failed += 1;
            line('✗ outside of specs');
            complain(failedExpectations);
        }
        // `fit` or `fdescribe` left behind, or a file that does not load; a filter leaves specs out on purpose.
        if (overallStatus === 'incomplete' && filter === undefined && counts.failed === 0) {
            counts.failed += 1;
            line(`✗ incomplete: ${incompleteReason}`);
        }
    },
};

await loadTypeScript();
const jasmine = new Jasmine({ projectBaseDir: root });
await jasmine.loadConfigFile(path.join(root, 'spec/e2e/jasmine.json'));
jasmine.exitOnCompletion = false;
jasmine.clearReporters();
jasmine.addReporter(reporter);
try {
    await jasmine.execute(files, filter);
} catch (error) {
    counts.failed += 1;
    line(`✗ the specs could not be loaded\n${error?.stack ?? error}`);
}
report({ ...counts, outcomes: [...outcomes] });
process.exit(counts.failed > 0 ? 1 : 0);
