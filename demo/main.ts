/** `npm start`, after set-up: the servers, then the page. Stays until it is told to end. */
import { startServers, untilStopped, type Servers } from '../servers/index.js';
import { startDemo, type Demo } from './server.js';
import { siteOfEnvironment, siteOfServers } from './site.js';

const port = Number(process.env['PORT'] ?? 0);
if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('PORT is a number from 1 to 65535.');

const stopped = untilStopped();
let servers: Servers | null = null;
let demo: Demo | null = null;
try {
    const own = siteOfEnvironment(process.env);
    const site = own ?? siteOfServers((servers = await startServers({ label: 'demo' })));
    demo = await startDemo(site, port);
    process.stderr.write(
        servers
            ? `Prosody, Kamailio and coturn run; their logs: ${servers.directory}\n`
            : `Using ${site.xmpp.websocket} and ${site.sip.websocket}\n`,
    );
    process.stdout.write(`Open ${demo.url}\n`);
    process.stderr.write('Ctrl-C stops everything.\n');
    await stopped;
} catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    process.stderr.write(
        `${inUse ? `Port ${String(port)} is in use: choose another, PORT=8080 npm start` : String(error)}\n`,
    );
    process.exitCode = 1;
} finally {
    await demo?.close();
    await servers?.stop();
}
process.exit();
