/**
 * The unit specs in Chromium, by Karma, from the bundle that `webpack --env specs` makes. Prints a line for each suite and
 * the details of what fails. A process of its own, so that it may die.
 */
import path from 'node:path';
import karma from 'karma';
import { forgetResults, keepResults, nameOf, report, root } from './lib.mjs';

const counts = { passed: 0, failed: 0, skipped: 0 };
/** Suites at the top, in order of appearance: name -> counts. */
const suites = new Map();
/** Every spec by its full name; of several with one name the worst outcome. */
const outcomes = new Map();
let complaints = 0;

function Sentences() {
    this.adapters = [];
    this.onSpecComplete = (_browser, { suite, description, success, skipped, log }) => {
        const outcome = skipped ? 'skipped' : success ? 'passed' : 'failed';
        const name = suite[0] ?? description;
        const inSuite = suites.get(name) ?? { passed: 0, failed: 0, skipped: 0 };
        suites.set(name, inSuite);
        counts[outcome] += 1;
        inSuite[outcome] += 1;
        const fullName = nameOf(...suite, description);
        if ((outcomes.get(fullName) ?? 'passed') === 'passed') outcomes.set(fullName, outcome);
        if (outcome === 'failed') console.log(`  ✗ ${[...suite, description].join(' › ')}\n${indent(log.join('\n'))}`);
    };
    // An error outside of specs: a module that does not load, an afterAll that fails.
    this.onBrowserError = (_browser, error) => {
        complaints += 1;
        console.log(`  ✗ outside of specs\n${indent(typeof error === 'string' ? error : JSON.stringify(error))}`);
    };
    this.onBrowserLog = () => {};
}

const indent = (text) => text.replace(/^/gmu, '      ');

forgetResults('unit');
const config = await karma.config.parseConfig(
    path.join(root, 'karma.conf.cjs'),
    {
        singleRun: true,
        autoWatch: false,
        reporters: ['sentences'],
        logLevel: 'WARN',
    },
    { promiseConfig: true, throwErrors: true },
);
config.plugins.push({ 'reporter:sentences': ['type', Sentences] });

const server = new karma.Server(config, (exitCode) => {
    for (const [name, { passed, failed, skipped }] of suites) {
        const mark = failed > 0 ? '✗' : '✓';
        console.log(
            `  ${mark} ${name}: ${passed}${failed ? `, ${failed} failed` : ''}${skipped ? `, ${skipped} skipped` : ''}`,
        );
    }
    // Karma's own verdict counts too: a browser that went away, an error between specs.
    const unsaid = exitCode !== 0 && counts.failed + complaints === 0;
    if (unsaid) console.log(`  ✗ Karma ended with ${exitCode} although no spec failed`);
    counts.failed += complaints + (unsaid ? 1 : 0);
    keepResults('unit', outcomes);
    report(counts);
    process.exit(counts.failed > 0 ? 1 : 0);
});
server.on('run_complete', (_browsers, results) => {
    const told = results.success + results.failed + results.skipped;
    if (told !== counts.passed + counts.failed + counts.skipped) {
        complaints += 1;
        console.log(`  ✗ Karma counts ${told} specs, we count ${counts.passed + counts.failed + counts.skipped}`);
    }
    if (results.disconnected) {
        complaints += 1;
        console.log('  ✗ The browser went away');
    }
});
await server.start();
