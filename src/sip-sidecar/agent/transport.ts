/**
 * SIP over WebSocket (RFC 7118), in place of sip.js' own transport: it can change the server, drops a dead socket at once
 * without waiting for its close frame, and lets nothing that comes in break out of the socket's event handler.
 */
import type { Transport } from 'sip.js/lib/api/transport.js';
import { EmitterImpl } from 'sip.js/lib/api/emitter.js';
import { TransportState } from 'sip.js/lib/api/transport-state.js';
import type { Clock } from './clock.js';
import { ALLOW } from './headers.js';
import { CONNECT_TIMEOUT, MAX_MESSAGE_LENGTH } from './policies.js';

/** What the transport asks and tells. */
export interface TransportHost {
    readonly clock: Clock;
    /** The connection was lost; not called after {@link WebSocketTransport.close}. */
    lost(): void;
    /** A message was dropped, and why. */
    dropped(why: string): void;
    /** Which of several challenges is to be answered, see `Credentials.prefer`. */
    preferChallenge(values: readonly string[]): number;
}

/** Of several challenges in a 401 or 407 only the preferred one stays: sip.js knows only one, the last. */
export function keepOneChallenge(message: string, prefer: (values: readonly string[]) => number): string {
    if (!/^SIP\/2\.0 40[17] /u.test(message)) return message;
    const end = message.indexOf('\r\n\r\n');
    const lines = message.slice(0, end < 0 ? undefined : end).split(/\r\n(?![ \t])/u);
    const challenge = /^(?:www|proxy)-authenticate\s*:\s*/iu;
    const values = lines.filter((line) => challenge.test(line)).map((line) => line.replace(challenge, ''));
    if (values.length < 2) return message;
    const kept = prefer(values);
    let index = -1;
    const rest = lines.filter((line) => !challenge.test(line) || (index += 1) === kept);
    return rest.join('\r\n') + (end < 0 ? '' : message.slice(end));
}

/** The transport of one account. One socket at a time. */
export class WebSocketTransport implements Transport {
    onConnect: (() => void) | undefined;
    onDisconnect: ((error?: Error) => void) | undefined;
    onMessage: ((message: string) => void) | undefined;
    readonly stateChange = new EmitterImpl<TransportState>();
    /** Set once by whoever owns it, before anything is opened. */
    host!: TransportHost;
    state = TransportState.Disconnected;
    private socket: WebSocket | null = null;
    private giveUp: (() => void) | null = null;
    private secure = true;

    /** `WSS` or `WS`, for Via. */
    get protocol(): string {
        return this.secure ? 'WSS' : 'WS';
    }

    /**
     * Opens the connection to a server, in place of any other.
     * @throws Error where it does not open within {@link CONNECT_TIMEOUT}, or is closed meanwhile
     */
    open(server: string): Promise<void> {
        this.close();
        this.secure = server.startsWith('wss:');
        return new Promise((resolve, reject) => {
            const socket = new WebSocket(server, 'sip');
            socket.binaryType = 'arraybuffer';
            this.socket = socket;
            this.change(TransportState.Connecting);
            const fail = (why: string): void => {
                this.close();
                reject(new Error(why));
            };
            const stop = this.host.clock.after(CONNECT_TIMEOUT, () => {
                fail('no answer');
            });
            this.giveUp = () => {
                stop();
                reject(new Error('closed'));
            };
            socket.onopen = () => {
                stop();
                this.giveUp = null;
                this.change(TransportState.Connected);
                resolve();
            };
            socket.onclose = ({ code }) => {
                if (this.state === TransportState.Connecting) {
                    fail(`code ${String(code)}`);
                } else {
                    this.close();
                    this.host.lost();
                }
            };
            socket.onmessage = ({ data }) => {
                this.receive(data);
            };
        });
    }

    /** Closes at once: nothing of this socket is heard any more. What was sent before still goes out. */
    close(): void {
        const { socket, giveUp } = this;
        this.socket = null;
        this.giveUp = null;
        if (socket !== null) {
            socket.onopen = socket.onclose = socket.onmessage = null;
            socket.close();
            this.change(TransportState.Disconnected);
        }
        giveUp?.();
    }

    isConnected(): boolean {
        return this.state === TransportState.Connected;
    }

    send(message: string): Promise<void> {
        if (this.socket?.readyState !== WebSocket.OPEN) return Promise.reject(new Error('not connected'));
        this.socket.send(message.replace(/^Allow: .*$/mu, ALLOW));
        return Promise.resolve();
    }

    /** For sip.js, which has its transport opened by {@link open} instead. */
    connect(): Promise<void> {
        return Promise.resolve();
    }

    disconnect(): Promise<void> {
        this.close();
        return Promise.resolve();
    }

    dispose(): Promise<void> {
        return this.disconnect();
    }

    private receive(data: unknown): void {
        const text = typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBuffer);
        if (/^(?:\r\n)*$/u.test(text)) return;
        if (text.length > MAX_MESSAGE_LENGTH) {
            this.host.dropped(`it is longer than ${String(MAX_MESSAGE_LENGTH)} characters`);
            return;
        }
        try {
            this.onMessage?.(keepOneChallenge(text, (values) => this.host.preferChallenge(values)));
        } catch (error) {
            this.host.dropped(
                error instanceof TypeError ? 'a required field cannot be read' : 'it makes no sense here',
            );
        }
    }

    private change(state: TransportState): void {
        if (this.state === state) return;
        this.state = state;
        this.stateChange.emit(state);
    }
}
