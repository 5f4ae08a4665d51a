/** `npm start`: set-up, then servers and demo in this very process. See demo/main.ts. */
import { loadTypeScript, main } from './lib.mjs';
import { setup } from './setup.mjs';

await main(async () => {
    await setup('start');
    await loadTypeScript();
    await import('../demo/main.ts');
});
