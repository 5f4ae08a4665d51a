/** `npm run servers`: one line of JSON on stdout, everything else on stderr; stays until it is told to end. */
import { startServers } from './servers.js';
import { untilStopped } from './until-stopped.js';

const stopped = untilStopped();
const servers = await startServers();
process.stdout.write(`${JSON.stringify(servers.endpoints())}\n`);
process.stderr.write(`Servers run. Logs: ${servers.directory}\n`);
await stopped;
await servers.stop();
process.exit(0);
