/**
 * The other end of a cable (network.ts), in its namespace: what is asked of its loopback goes over the cable.
 * Arguments: the address at our end, and the ports, with commas.
 */
import { execFileSync } from 'node:child_process';
import { connect, createServer } from 'node:net';

const [host, ports] = process.argv.slice(2);

execFileSync('ip', ['link', 'set', 'lo', 'up']);
for (const port of ports.split(',').map(Number)) {
    createServer((from) => {
        const to = connect({ port, host });
        from.pipe(to).pipe(from);
        from.on('error', () => to.destroy()).on('close', () => to.destroy());
        to.on('error', () => from.destroy()).on('close', () => from.destroy());
    }).listen(port, '127.0.0.1');
}
console.log('ready');
