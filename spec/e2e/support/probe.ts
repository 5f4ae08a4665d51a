/**
 * What specs see of a page beyond what is on the screen: every peer connection, every track of a microphone or camera and
 * every SIP message, recorded from before the page's first script on.
 */

/** What a peer connection receives and sends, from its statistics. */
export interface Flow {
    /** Which peer connection of the page, counted from 0. */
    readonly connection: number;
    readonly direction: 'in' | 'out';
    readonly kind: 'audio' | 'video';
    readonly packets: number;
    /** `totalAudioEnergy` of what comes in (0 where a browser does not say). */
    readonly energy: number;
    /** Frames that were decoded, or encoded. */
    readonly frames: number;
    readonly width: number;
    readonly codec: string;
}

/** A SIP message that went over a WebSocket of the page. */
export interface SipMessage {
    readonly direction: 'sent' | 'received';
    /** `performance.now()` of the page. */
    readonly at: number;
    /** The method of a request, or of the request that is answered. */
    readonly method: string;
    /** null: a request. */
    readonly status: number | null;
    readonly callId: string;
    readonly text: string;
}

/** What the recorder leaves in the page. */
export interface Recorded {
    readonly connections: RTCPeerConnection[];
    readonly tracks: MediaStreamTrack[];
    readonly sip: SipMessage[];
    /** Calls of getUserMedia. */
    asked: number;
    /** SIP addresses that came in by XMPP (XEP-0152), of others and our own; `at`: `performance.now()` of the page. */
    readonly addresses: { readonly uri: string; readonly at: number }[];
    /** What a content security policy was reported to forbid: the directive, what, and which script. */
    readonly reports: string[];
}

declare global {
    var recorded: Recorded;
}

/* eslint-disable @typescript-eslint/unbound-method -- the originals are called with their object */
function record(): void {
    // esbuild names functions with this helper, and the driver sends functions as text
    Object.assign(globalThis, { __name: (target: unknown) => target });
    const recorded: Recorded = { connections: [], tracks: [], sip: [], asked: 0, addresses: [], reports: [] };
    Object.assign(globalThis, { recorded });

    document.addEventListener('securitypolicyviolation', (event) => {
        recorded.reports.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`);
    });

    if ('RTCPeerConnection' in globalThis) {
        globalThis.RTCPeerConnection = class extends RTCPeerConnection {
            constructor(configuration?: RTCConfiguration) {
                super(configuration);
                recorded.connections.push(this);
            }
        };
    }

    const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
    if (devices) {
        const getUserMedia = devices.getUserMedia;
        devices.getUserMedia = async (constraints) => {
            recorded.asked++;
            const stream = await getUserMedia.call(devices, constraints);
            recorded.tracks.push(...stream.getTracks());
            return stream;
        };
    }

    const note = (direction: SipMessage['direction'], data: unknown): void => {
        if (typeof data !== 'string') return;
        const [first = ''] = data.split('\r\n');
        const status = /^SIP\/2\.0 (\d{3})/u.exec(first)?.[1];
        const method = /^CSeq:\s*\d+\s+(\w+)/imu.exec(data)?.[1];
        if (!method) return; // a keep-alive
        const callId = /^(?:Call-ID|i):\s*(\S+)/imu.exec(data)?.[1] ?? '';
        const at = performance.now();
        recorded.sip.push({ direction, at, method, status: status ? Number(status) : null, callId, text: data });
    };
    globalThis.WebSocket = class extends WebSocket {
        constructor(url: string | URL, protocols?: string | string[]) {
            super(url, protocols);
            const sip = [protocols].flat().includes('sip');
            this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
                if (sip) note('received', data);
                else if (typeof data === 'string' && data.includes('urn:xmpp:reach:0'))
                    for (const [uri] of data.matchAll(/sip:[^'"\s<]+/gu))
                        recorded.addresses.push({ uri, at: performance.now() });
            });
        }

        override send(data: string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBuffer>): void {
            if (this.protocol === 'sip') note('sent', data);
            super.send(data as string);
        }
    };
}
/* eslint-enable @typescript-eslint/unbound-method */

/** The recorder as a script for a page. */
export const RECORDER = `globalThis.__name = (target) => target; (${record.toString()})();`;

/** Runs in the page: the statistics of every connection that is open. */
export async function flows(): Promise<Flow[]> {
    const found: Flow[] = [];
    for (const [connection, peer] of recorded.connections.entries()) {
        if (peer.signalingState === 'closed') continue;
        const report = await peer.getStats();
        report.forEach((entry: Record<string, unknown>) => {
            const direction = entry['type'] === 'inbound-rtp' ? 'in' : entry['type'] === 'outbound-rtp' ? 'out' : null;
            if (!direction) return;
            const number = (key: string) => (typeof entry[key] === 'number' ? entry[key] : 0);
            const codec = report.get(String(entry['codecId'])) as { mimeType?: string } | undefined;
            found.push({
                connection,
                direction,
                kind: entry['kind'] === 'video' ? 'video' : 'audio',
                packets: number(direction === 'in' ? 'packetsReceived' : 'packetsSent'),
                energy: number('totalAudioEnergy'),
                frames: number(direction === 'in' ? 'framesDecoded' : 'framesEncoded'),
                width: number('frameWidth'),
                codec: codec?.mimeType ?? '',
            });
        });
    }
    return found;
}
