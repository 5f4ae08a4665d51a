/** Whether everything that the bundles hold of others is free, and goes along with its licence. Prints what it found. */
import { existsSync, readFileSync } from 'node:fs';
import { main } from './lib.mjs';
import { bundled, isFree, NOTICES, notices } from './third-party.mjs';

await main(() => {
    const problems = [];
    for (const { name, version, license, text } of bundled()) {
        console.log(`${name} ${version}: ${license}`);
        if (!isFree(license)) problems.push(`${name}: ${license} is not among the licences we take`);
        if (!/copyright/iu.test(text)) problems.push(`${name} has no licence file with its copyright`);
    }
    if (!existsSync(NOTICES) || readFileSync(NOTICES, 'utf8') !== notices())
        problems.push('dist/THIRD-PARTY.txt does not hold the licences: npm run build');
    for (const problem of problems) console.log(problem);
    if (problems.length > 0) process.exit(1);
});
