/**
 * The user agent of one account: it has what comes in parsed by sip.js, checks it, and hands it to its {@link Core}; calls go
 * out to whoever made it.
 */
import { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import { cleanDisplayName, pageClock, type SipAccount } from '../contract/index.js';
import { randomToken } from './random.js';
import { makeCore, type Core, type CoreHost } from './core/core.js';
import type { Credentials } from './credentials.js';
import { makeFloodGate } from './flood-gate.js';
import { unsupported } from './headers.js';
import { parseMessage } from './sip-js/parser.js';
import { makeTransport, type TransportHost } from './transport.js';

/** What comes in from the network. */
export interface UserAgentHost extends CoreHost, TransportHost {
    readonly credentials: Credentials;
    /** A call was refused before it was looked at: there were too many. */
    flooded(): void;
}

/** One account at one transport, which is opened by whoever owns it. */
export type UserAgent = ReturnType<typeof makeUserAgent>;

/** Makes one. @param instanceId a UUID, the same for ever for this account in this browser */
export function makeUserAgent(account: SipAccount, aor: string, instanceId: string, host: UserAgentHost) {
    const viaHost = `${randomToken()}.invalid`;
    const transport = makeTransport(
        host,
        (text) => {
            if (!gate.admits(text)) return;
            host.wire('<', text);
            receive(text);
        },
        (text) => {
            gate.tooLong(text);
        },
    );
    const core: Core = makeCore({
        aor,
        contact: `sip:${randomToken()}@${viaHost};transport=ws`,
        gruu: null,
        displayName: cleanDisplayName(account.displayName),
        viaHost,
        clock: pageClock,
        transport,
        credentials: host.credentials,
        host,
    });
    const gate = makeFloodGate({
        clock: host.clock,
        core,
        send: (text) => {
            transport.send(text);
        },
        refused: () => {
            host.flooded();
        },
    });

    function receive(text: string): void {
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
        const { via } = message;
        // RFC 3261 sections 8.1.3.3 and 18.1.2
        const ours = message.getHeaders('via').length === 1 && via.host === viaHost && !via.port;
        if (ours && !short) core.receiveResponse(message);
    }

    return {
        instanceId,
        transport,
        core,
        gate,

        /** Closes the transport and ends every transaction. */
        dispose(): void {
            transport.close();
            core.dispose();
        },
    };
}
