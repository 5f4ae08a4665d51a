/**
 * The user agent of one account: it has what comes in parsed by sip.js, checks it, and hands it to its {@link Core}; calls go
 * out to whoever made it.
 */
import { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import { cleanDisplayName, pageClock, type SipAccount } from '../contract/index.js';
import { randomToken } from './random.js';
import { Core, type CoreHost } from './core/core.js';
import type { Credentials } from './credentials.js';
import { FloodGate } from './flood-gate.js';
import { unsupported } from './headers.js';
import { parseMessage } from './sip-js/parser.js';
import { WebSocketTransport, type TransportHost } from './transport.js';

/** What comes in from the network. */
export interface UserAgentHost extends CoreHost, TransportHost {
    readonly credentials: Credentials;
    /** A call was refused before it was looked at: there were too many. */
    flooded(): void;
}

/** One account at one transport, which is opened by whoever owns it. */
export class UserAgent {
    readonly transport: WebSocketTransport;
    readonly core: Core;
    readonly gate: FloodGate;
    private readonly viaHost = `${randomToken()}.invalid`;

    constructor(
        account: SipAccount,
        uri: string,
        /** A UUID, the same for ever for this account in this browser. */
        readonly instanceId: string,
        private readonly host: UserAgentHost,
    ) {
        const transport = (this.transport = new WebSocketTransport(
            host,
            (text) => {
                if (!this.gate.admits(text)) return;
                host.wire('<', text);
                this.receive(text);
            },
            (text) => {
                this.gate.tooLong(text);
            },
        ));
        this.core = new Core({
            aor: uri,
            contact: `sip:${randomToken()}@${this.viaHost};transport=ws`,
            gruu: null,
            displayName: cleanDisplayName(account.displayName),
            viaHost: this.viaHost,
            clock: pageClock,
            transport,
            credentials: host.credentials,
            host,
        });
        this.gate = new FloodGate({
            clock: host.clock,
            core: this.core,
            send: (text) => {
                transport.send(text).catch(() => undefined);
            },
            refused: () => {
                host.flooded();
            },
        });
    }

    /** Closes the transport and ends every transaction. */
    dispose(): void {
        this.transport.close();
        this.core.dispose();
    }

    private receive(text: string): void {
        const { core, host } = this;
        const message = parseMessage(text);
        if (message === null) {
            host.dropped('it cannot be parsed');
            return;
        }
        const short = new TextEncoder().encode(message.body).length < Number(message.getHeader('content-length') ?? 0);
        if (message instanceof IncomingRequestMessage) {
            const { method, toTag } = message;
            // RFC 4475 section 3.1.2.17
            const unclear = !message.getHeader('cseq')?.endsWith(` ${method}`);
            // Of a call it is asked where all else is.
            const required =
                toTag || ['INVITE', 'ACK', 'CANCEL'].includes(method)
                    ? ''
                    : unsupported(message.getHeaders('require').join());
            if (short || unclear) core.reply(message, 400);
            else if (required !== '') core.reply(message, 420, [`Unsupported: ${required}`]);
            else core.receiveRequest(message);
            return;
        }
        const via = message.via;
        // RFC 3261 sections 8.1.3.3 and 18.1.2
        const ours = message.getHeaders('via').length === 1 && via.host === this.viaHost && !via.port;
        if (!ours || short) return;
        core.receiveResponse(message);
    }
}
