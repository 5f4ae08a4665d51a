/**
 * SIP over WebSocket (RFC 7118), in place of sip.js' own transport: it can change the server, drops a dead socket at once
 * without waiting for its close frame, and lets nothing that comes in break out of the socket's event handler.
 */
import type { Clock } from '../contract/index.js';
import { CONNECT_TIMEOUT, MAX_MESSAGE_LENGTH, MAX_MESSAGE_LINES } from './policies.js';

/** What the transport asks and tells. */
export interface TransportHost {
    readonly clock: Clock;
    /**
     * The connection was lost; not called after {@link WebSocketTransport.close}.
     * @param code why, as the WebSocket says (RFC 6455 section 7.4)
     */
    lost(code: number): void;
    /** A message was dropped, and why. */
    dropped(why: string): void;
}

/** Closes a socket of which nothing is to be heard any more. What was sent before still goes out. */
function discard(socket: WebSocket): void {
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
}

/** The transport of one account. One socket at a time, and one that opens. */
export class WebSocketTransport {
    private socket: WebSocket | null = null;
    /** Gives up the one that opens. */
    private giveUp: (() => void) | null = null;

    /**
     * @param message something came in; what is thrown here is {@link TransportHost.dropped}
     * @param tooLong it was dropped for its length
     */
    constructor(
        private readonly host: TransportHost,
        private readonly message: (text: string) => void,
        private readonly tooLong: (text: string) => void,
    ) {}

    /** `WSS` or `WS`, for Via. */
    get protocol(): string {
        return this.socket?.url.startsWith('ws:') ? 'WS' : 'WSS';
    }

    /**
     * Opens a connection to a server. If it is still wanted by then, it takes the place of any other.
     * @returns whether it does
     * @throws Error where it does not open within {@link CONNECT_TIMEOUT}, or {@link close} is called meanwhile
     */
    open(server: string, wanted: () => boolean): Promise<boolean> {
        this.giveUp?.();
        return new Promise((resolve, reject) => {
            const socket = new WebSocket(server, 'sip');
            socket.binaryType = 'arraybuffer';
            const settle = (): void => {
                stop();
                this.giveUp = null;
            };
            const fail = (why: string): void => {
                settle();
                discard(socket);
                reject(new Error(why));
            };
            const stop = this.host.clock.after(CONNECT_TIMEOUT, () => {
                fail('no answer');
            });
            this.giveUp = () => {
                fail('closed');
            };
            socket.onclose = ({ code }) => {
                fail(`code ${String(code)}`);
            };
            socket.onopen = () => {
                settle();
                const use = wanted();
                if (use) this.use(socket);
                else discard(socket);
                resolve(use);
            };
        });
    }

    /** Closes at once: nothing of this socket is heard any more. What was sent before still goes out. */
    close(): void {
        this.giveUp?.();
        if (this.socket !== null) discard(this.socket);
        this.socket = null;
    }

    isConnected(): boolean {
        return this.socket !== null;
    }

    private use(socket: WebSocket): void {
        this.close();
        this.socket = socket;
        socket.onclose = ({ code }) => {
            this.close();
            this.host.lost(code);
        };
        socket.onmessage = ({ data }) => {
            this.receive(data);
        };
    }

    send(message: string): Promise<void> {
        if (this.socket?.readyState !== WebSocket.OPEN) return Promise.reject(new Error('not connected'));
        this.socket.send(message);
        return Promise.resolve();
    }

    private receive(data: unknown): void {
        const text = typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBuffer);
        if (/^(?:\r\n)*$/u.test(text)) return;
        const lines = text.split('\n', MAX_MESSAGE_LINES + 1).length;
        if (text.length > MAX_MESSAGE_LENGTH || lines > MAX_MESSAGE_LINES) {
            this.host.dropped('it is too long');
            this.tooLong(text);
            return;
        }
        try {
            this.message(text);
        } catch {
            this.host.dropped('it makes no sense here');
        }
    }
}
