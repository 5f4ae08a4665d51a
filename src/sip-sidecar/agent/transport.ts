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
     * The connection was lost; not called after {@link Transport.close}.
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
export type Transport = ReturnType<typeof makeTransport>;

/**
 * Makes one.
 *
 * @param message something came in; what is thrown here is {@link TransportHost.dropped}
 * @param tooLong it was dropped for its length
 */
export function makeTransport(host: TransportHost, message: (text: string) => void, tooLong: (text: string) => void) {
    let used: WebSocket | null = null;
    /** Gives up the one that opens. */
    let giveUp: (() => void) | null = null;

    /** Closes at once: nothing of this socket is heard any more. What was sent before still goes out. */
    function close(): void {
        giveUp?.();
        if (used !== null) discard(used);
        used = null;
    }

    function receive(data: unknown): void {
        const text = typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBuffer);
        if (/^(?:\r\n)*$/u.test(text)) return;
        const lines = text.split('\n', MAX_MESSAGE_LINES + 1).length;
        if (text.length > MAX_MESSAGE_LENGTH || lines > MAX_MESSAGE_LINES) {
            host.dropped('it is too long');
            tooLong(text);
            return;
        }
        try {
            message(text);
        } catch {
            host.dropped('it makes no sense here');
        }
    }

    return {
        /** `WSS` or `WS`, for Via. */
        get protocol(): string {
            return used?.url.startsWith('ws:') ? 'WS' : 'WSS';
        },

        /**
         * Opens a connection to a server. If it is still wanted by then, it takes the place of any other.
         * @returns whether it does
         * @throws Error where it does not open within {@link CONNECT_TIMEOUT}, or {@link close} is called meanwhile
         */
        open(server: string, wanted: () => boolean): Promise<boolean> {
            giveUp?.();
            return new Promise((resolve, reject) => {
                const socket = new WebSocket(server, 'sip');
                socket.binaryType = 'arraybuffer';
                const settle = (): void => {
                    stop();
                    giveUp = null;
                };
                const fail = (why: string): void => {
                    settle();
                    discard(socket);
                    reject(new Error(why));
                };
                const stop = host.clock.after(CONNECT_TIMEOUT, () => {
                    fail('no answer');
                });
                giveUp = () => {
                    fail('closed');
                };
                socket.onclose = ({ code }) => {
                    fail(`code ${String(code)}`);
                };
                socket.onopen = () => {
                    settle();
                    const use = wanted();
                    if (use) {
                        close();
                        used = socket;
                        socket.onclose = ({ code }) => {
                            close();
                            host.lost(code);
                        };
                        socket.onmessage = ({ data }) => {
                            receive(data);
                        };
                    } else discard(socket);
                    resolve(use);
                };
            });
        },

        close,

        isConnected: (): boolean => used !== null,

        /** @returns whether there is a connection */
        send(text: string): boolean {
            const isOpen = used?.readyState === WebSocket.OPEN;
            if (isOpen) used?.send(text);
            return isOpen;
        },
    };
}
