/**
 * Whether a security advisory is known about anything that ships (`npm audit`, of the packages in the bundles). Exits with 77
 * where the registry cannot be asked, which says nothing about either.
 */
import { main, run } from './lib.mjs';
import { bundled } from './third-party.mjs';

const UNKNOWN = 77;

await main(async () => {
    const { output } = await run('npm', ['audit', '--json', '--fetch-retries=0', '--fetch-timeout=15000']);
    let answer = {};
    try {
        // What npm warns of stands before and after it.
        answer = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
    } catch {
        // No answer
    }
    if (!answer.vulnerabilities) {
        console.log(
            `The registry answers no audit: ${answer.message ?? (output.trim().split('\n').at(-1) || 'no answer')}`,
        );
        process.exit(UNKNOWN);
    }
    const shipped = bundled().map(({ name }) => name);
    const found = Object.values(answer.vulnerabilities).filter(({ name }) => shipped.includes(name));
    for (const { name, severity, via } of found)
        console.log(`${name}: ${severity}: ${via.map((each) => each.url ?? each).join(', ')}`);
    if (found.length > 0) process.exit(1);
    console.log(`Nothing is known about ${shipped.join(', ')}`);
});
