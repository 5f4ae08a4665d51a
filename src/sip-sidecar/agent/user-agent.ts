/**
 * The user agent of one account: it has what comes in parsed by sip.js, checks it, and hands it to its {@link Core}; calls go
 * out to whoever made it.
 */
import { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import { Parser } from 'sip.js/lib/core/messages/parser.js';
import { utf8Length } from 'sip.js/lib/core/messages/utils.js';
import { Grammar } from 'sip.js/lib/grammar/grammar.js';
import { URI } from 'sip.js/lib/grammar/uri.js';
import {
    cleanDisplayName,
    formatSipAddress,
    pageClock,
    type Clock,
    type SipAccount,
    type SipAddress,
} from '../contract/index.js';
import { randomToken } from './random.js';
import { Core, type Contact } from './core/core.js';
import type { Credentials } from './credentials.js';
import { ServerRequest } from './core/server-request.js';
import { FloodGate } from './flood-gate.js';
import type { Refusal } from './dialogue/session-description.js';
import { unsupported } from './headers.js';
import { LoggerFactory } from './sip-js/logger-factory.js';
import { WebSocketTransport } from './transport.js';

/** Without these fields a message is dropped (RFC 3261 section 8.1.1). */
const MANDATORY = ['from', 'to', 'call-id', 'cseq', 'via'];

/** Proxies go by the first From, sip.js by the last: whoever sends two would call in somebody else's name. */
const TWO_SENDERS = /^f(?:rom)?\s*:[^]*^f(?:rom)?\s*:/imu;

/** Nor is it clear what follows such a message (RFC 4475 section 3.3.9). */
const TWO_LENGTHS = /^(?:content-length|l)\s*:[^]*^(?:content-length|l)\s*:/imu;

/** What comes in from the network, before sip.js acts on it. */
export interface UserAgentHost {
    readonly clock: Clock;
    readonly credentials: Credentials;
    /** Whether we take video. */
    readonly video: boolean;
    /** What answers to OPTIONS carry beside what we can do, as `Name: value` lines. */
    options(): readonly string[];
    /** An INVITE outside any dialog. @returns the status to refuse it with, with headers; or null: it is looked after */
    invited(message: IncomingRequestMessage): Refusal | null;
    /** The connection was lost. @param code why, as the WebSocket says */
    lost(code: number): void;
    /** A message was dropped, and why. */
    dropped(why: string): void;
    /** A call was refused before it was looked at: there were too many. */
    flooded(): void;
    /** A message that goes out (`>`), or that came in (`<`) and is looked at. */
    wire(direction: '>' | '<', text: string): void;
    /** Someone asked us to call somebody else (REFER). */
    referred(): void;
}

/** A URI as sip.js has it, or null where the text is none. */
export function readUri(text: string): URI | null {
    return Grammar.URIParse(text) ?? null;
}

/** The address as sip.js has it, or null where its grammar does not take it. */
export function toUri(address: SipAddress): URI | null {
    return readUri(formatSipAddress(address));
}

/** One account at one transport, which is opened by whoever owns it. */
export class UserAgent {
    readonly transport: WebSocketTransport;
    readonly core: Core;
    readonly gate: FloodGate;
    private readonly viaHost = `${randomToken()}.invalid`;
    private readonly loggers = new LoggerFactory();

    constructor(
        account: SipAccount,
        uri: URI,
        /** A UUID, the same for ever for this account in this browser. */
        readonly instanceId: string,
        private readonly host: UserAgentHost,
    ) {
        const transport = (this.transport = new WebSocketTransport({
            clock: host.clock,
            lost: (code) => {
                host.lost(code);
            },
            dropped: (why) => {
                host.dropped(why);
            },
            tooLong: (text) => {
                this.gate.tooLong(text);
            },
            preferChallenge: (values) => host.credentials.prefer(values),
            message: (text) => {
                if (!this.gate.admits(text)) return;
                host.wire('<', text);
                this.receive(text);
            },
        }));
        const contact: Contact = {
            pubGruu: undefined,
            uri: new URI('sip', randomToken(), this.viaHost, undefined, { transport: 'ws' }),
            toString: ({ outbound = false, register = false } = {}): string => {
                const address = (register ? undefined : contact.pubGruu) ?? contact.uri;
                // What we can do (RFC 3840 section 9).
                const features = register ? '' : host.video ? ';audio;video' : ';audio';
                return `<${address.toString()}${outbound ? ';ob' : ''}>${features}`;
            },
        };
        this.core = new Core({
            aor: uri,
            contact,
            displayName: cleanDisplayName(account.displayName),
            viaHost: this.viaHost,
            clock: pageClock,
            transport: {
                get protocol() {
                    return transport.protocol;
                },
                send: (text) => {
                    host.wire('>', text);
                    return transport.send(text);
                },
            },
            credentials: host.credentials,
            invited: (message) => {
                const refusal = host.invited(message);
                if (refusal) new ServerRequest(this.core, message).reply(refusal.statusCode, refusal.extraHeaders);
            },
            options: () => {
                const more = host.options();
                // Which device this is concerns only those who may know whose it is.
                return more.length > 0 ? [`Contact: ${contact.toString()}`, ...more] : [];
            },
            referred: () => {
                host.referred();
            },
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
        const message = Parser.parseMessage(text, this.loggers.getLogger() as never);
        const [head = ''] = text.split('\r\n\r\n', 1);
        if (
            message === undefined ||
            [TWO_SENDERS, TWO_LENGTHS].some((two) => two.test(head)) ||
            !MANDATORY.every((name) => message.hasHeader(name))
        ) {
            host.dropped('it cannot be parsed');
            return;
        }
        const short = utf8Length(message.body) < Number(message.getHeader('content-length') ?? 0);
        // A body of no type (RFC 3261 section 7.4.1) would make sip.js throw.
        if (message.body && !message.hasHeader('content-type'))
            message.setHeader('content-type', 'application/octet-stream');
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
