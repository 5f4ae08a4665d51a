/** `npm run servers`: set-up, then the servers in this very process. See servers/main.ts. */
import { loadTypeScript, main } from './lib.mjs';
import { setup } from './setup.mjs';

await main(async () => {
    await setup('servers');
    await loadTypeScript();
    await import('../servers/main.ts');
});
