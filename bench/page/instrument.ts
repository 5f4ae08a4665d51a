/** What every subject is measured by, whatever it is built on: it looks at what leaves the page and what the browser receives. */

/** Milliseconds since the epoch, the same in all pages of this machine. */
export const now = (): number => performance.timeOrigin + performance.now();

/** When the last INVITE left this page; null: none did since {@link reset}. */
let inviteAt: number | null = null;
const connections = new Set<RTCPeerConnection>();

/** Notes that an INVITE leaves. */
export function invited(): void {
    inviteAt ??= now();
}

/** Forgets what was measured. */
export function reset(): void {
    inviteAt = null;
}

/** When the INVITE left. */
export const invite = (): number | null => inviteAt;

/** The peer connections that are not closed. */
export function open(): readonly RTCPeerConnection[] {
    for (const one of connections) if (one.signalingState === 'closed') connections.delete(one);
    return [...connections];
}

async function packets(): Promise<number> {
    let sum = 0;
    for (const connection of open()) {
        const report = (await connection.getStats()) as unknown as Map<string, RTCInboundRtpStreamStats>;
        for (const entry of report.values()) if (entry.type === 'inbound-rtp') sum += entry.packetsReceived ?? 0;
    }
    return sum;
}

/** Waits for the first packet of media. @returns when it was there, to some 5 ms */
export async function firstMedia(): Promise<number> {
    while ((await packets()) === 0) await new Promise((resolve) => setTimeout(resolve, 4));
    return now();
}

/** Begins to look. To be called before any subject is made. */
export function instrument(): void {
    const Socket = globalThis.WebSocket;
    globalThis.WebSocket = class extends Socket {
        override send(data: Parameters<WebSocket['send']>[0]): void {
            if (typeof data === 'string' && data.startsWith('INVITE ')) invited();
            super.send(data);
        }
    };
    const Connection = globalThis.RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Connection {
        constructor(configuration?: RTCConfiguration) {
            super(configuration);
            connections.add(this);
        }
    };
}
