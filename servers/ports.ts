/** Free ports on loopback. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * Where we look: below the range from which the system takes the local ports of clients (32768 and up on Linux), so that
 * no connection takes a server's port while that server restarts.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;

const taken = new Set<number>();

const tcpIsFree = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
        const server = createServer();
        server.once('error', () => resolve(false));
        server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
    });

/** Whether nothing is bound to this UDP port of loopback. */
export const udpIsFree = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
        const socket = createSocket('udp4');
        socket.once('error', () => resolve(false));
        socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => socket.close(() => resolve(true)));
    });

/**
 * A port of 127.0.0.1 that is free for TCP and for UDP, and was not given out before by this process.
 * @throws Error when no free port was found in a thousand tries
 */
export async function freePort(): Promise<number> {
    for (let tries = 0; tries < 1000; tries++) {
        const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
        if (taken.has(port)) continue;
        if ((await tcpIsFree(port)) && (await udpIsFree(port))) {
            taken.add(port);
            return port;
        }
    }
    throw new Error(`No free port between ${String(LOWEST)} and ${String(HIGHEST)} on 127.0.0.1`);
}
