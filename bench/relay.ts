/**
 * Delaying relays for TCP and UDP: what a slow line does, on machines whose kernel has no `netem`. One stands in front of the
 * SIP server, one in front of the TURN server, and media goes by TURN only, so that everything passes through them.
 */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, connect, type AddressInfo } from 'node:net';

/** What the line is like. */
export interface Line {
    /** How long a packet takes each way, in ms: half of the round trip. */
    readonly delay: number;
    /** How many UDP packets are lost each way, 0 to 1; always the same ones. */
    readonly loss: number;
}

/** A relay that runs. */
export interface Relay {
    readonly port: number;
    close(): void;
}

/** A random number generator that begins the same way in each run (mulberry32). */
export function seeded(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    };
}

/** Relays TCP to a port of loopback. */
export async function relayTcp(target: number, { delay }: Line): Promise<Relay> {
    const server = createServer((near) => {
        const far = connect(target, '127.0.0.1');
        for (const [from, to] of [
            [near, far],
            [far, near],
        ] as const) {
            from.setNoDelay(true);
            from.on('data', (data) => setTimeout(() => to.writable && to.write(data), delay));
            from.on('close', () => setTimeout(() => to.destroy(), delay));
            from.on('error', () => to.destroy());
        }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

/** Relays UDP to a port of loopback; each sender has a socket of its own there. */
export async function relayUdp(target: number, { delay, loss }: Line): Promise<Relay> {
    const random = seeded(1);
    const near = createSocket('udp4');
    const far = new Map<number, Socket>();
    const later = (send: () => void) => {
        if (random() >= loss) setTimeout(send, delay);
    };
    let closed = false;
    near.on('message', (data, { port }) => {
        let socket = far.get(port);
        if (socket === undefined) {
            socket = createSocket('udp4');
            socket.on('message', (answer) => later(() => !closed && near.send(answer, port, '127.0.0.1')));
            far.set(port, socket);
        }
        const to = socket;
        later(() => !closed && to.send(data, target, '127.0.0.1'));
    });
    await new Promise<void>((resolve) => near.bind(0, '127.0.0.1', resolve));
    return {
        port: near.address().port,
        close: () => {
            closed = true;
            for (const socket of [near, ...far.values()]) socket.close();
        },
    };
}
