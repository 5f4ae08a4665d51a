/**
 * `npm run bench`: what is claimed to be fast or small, each beside its peers in the same run. Writes bench/results.json and
 * the tables of docs/performance.md. `npm run bench -- calls` measures only that: calls, presence, endurance, sizes.
 */
import { loadTypeScript, main } from './lib.mjs';
import { browserEnvironment, setup } from './setup.mjs';

await main(async () => {
    await setup('test');
    Object.assign(process.env, await browserEnvironment());
    await loadTypeScript();
    const { run } = await import('../bench/run.ts');
    await run(process.argv.slice(2));
    process.exit(0);
});
