import { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import { Parser } from 'sip.js/lib/core/messages/parser.js';
import { Core, type CoreConfiguration } from '../../../../src/sip-sidecar/agent/core/core.js';
import type { OutgoingRequest } from '../../../../src/sip-sidecar/agent/core/outgoing-message.js';
import { readUri } from '../../../../src/sip-sidecar/agent/user-agent.js';
import { HandClock } from './clock.js';
import { Message } from './server.js';

const silent = { debug: () => undefined, log: () => undefined, warn: () => undefined, error: () => undefined };

/** A message as it comes in. */
export function incoming(lines: readonly string[], body = ''): IncomingRequestMessage | IncomingResponseMessage {
    const length = String(new TextEncoder().encode(body).length);
    const type = body === '' ? [] : ['Content-Type: application/sdp'];
    const text = [...lines, ...type, `Content-Length: ${length}`, '', body].join('\r\n');
    const message = Parser.parseMessage(text, silent as never);
    if (message === undefined) throw new Error(`cannot be parsed: ${text}`);
    return message;
}

/** A request of theirs. */
export function request(
    method: string,
    {
        cseq = 1,
        branch = `z9hG4bK${method}${String(cseq)}`,
        toTag = '',
        uri = 'sip:alice@example.net',
        from = '"Bob" <sip:bob@example.org>;tag=far',
        headers = ['Contact: <sip:bob@far.invalid;transport=ws>'] as readonly string[],
        body = '',
    } = {},
): IncomingRequestMessage {
    const message = incoming(
        [
            `${method} ${uri} SIP/2.0`,
            `Via: SIP/2.0/WSS far.invalid;branch=${branch}`,
            `From: ${from}`,
            `To: <sip:alice@example.net>${toTag && `;tag=${toTag}`}`,
            'Call-ID: their-call',
            `CSeq: ${String(cseq)} ${method}`,
            ...headers,
        ],
        body,
    );
    if (!(message instanceof IncomingRequestMessage)) throw new Error('no request');
    return message;
}

/** What they say to a request of ours. */
export function response(
    { via, fromUri, fromTag, to, callId, cseq, method }: OutgoingRequest,
    status: number,
    { tag = 'far', headers = [] as readonly string[], body = '' } = {},
): IncomingResponseMessage {
    const message = incoming(
        [
            `SIP/2.0 ${String(status)} Reason`,
            `Via: ${via}`,
            `From: <${fromUri}>;tag=${fromTag}`,
            `To: ${to}${tag && !to.includes(';tag=') ? `;tag=${tag}` : ''}`,
            `Call-ID: ${callId}`,
            `CSeq: ${String(cseq)} ${method}`,
            ...headers,
        ],
        body,
    );
    if (!(message instanceof IncomingResponseMessage)) throw new Error('no response');
    return message;
}

/** A core whose transport only writes down. */
export class TestCore {
    readonly clock = new HandClock();
    readonly sent: Message[] = [];
    readonly invited: IncomingRequestMessage[] = [];
    /** How often somebody was to be called for others. */
    referred = 0;
    options: readonly string[] = [];
    /** What is said to a challenge. */
    answer: string | null = 'Digest an answer';
    /** The challenges that have an answer. */
    readonly challenges: { readonly proxy: boolean; readonly realm?: string }[] = [];
    readonly learned: { readonly server: string; readonly proxy: string }[] = [];
    connected = true;
    readonly core: Core;

    constructor() {
        const uri = readUri('sip:alice@example.net')!;
        const contact = readUri('sip:device@us.invalid;transport=ws')!;
        const configuration: CoreConfiguration = {
            aor: uri,
            contact: { uri: contact, pubGruu: undefined, toString: () => `<${contact.toString()}>` },
            displayName: 'Alice',
            viaHost: 'us.invalid',
            clock: this.clock,
            transport: {
                protocol: 'WSS',
                send: (text) => {
                    if (!this.connected) return Promise.reject(new Error('not connected'));
                    this.sent.push(new Message(text));
                    return Promise.resolve();
                },
            },
            credentials: {
                challenged: (_request, proxy, challenge) => {
                    if (this.answer !== null) this.challenges.push({ ...challenge, proxy });
                    return this.answer !== null;
                },
                authorize: () => (this.challenges.length === 0 ? [] : [`Authorization: ${this.answer ?? ''}`]),
                learn: (_request, info) => this.learned.push(info),
            },
            invited: (message) => this.invited.push(message),
            options: () => this.options,
            referred: () => {
                this.referred += 1;
            },
        };
        this.core = new Core(configuration);
    }

    /** The first lines of what was sent, cut to what matters: `INVITE`, `200`. */
    get said(): string[] {
        return this.sent.map((message) => (message.isRequest ? message.method : String(message.status)));
    }

    get last(): Message {
        const last = this.sent.at(-1);
        if (last === undefined) throw new Error('nothing was sent');
        return last;
    }

    /** A request of ours, not sent yet. */
    make(method: string, given: Partial<OutgoingRequest> = {}): OutgoingRequest {
        return this.core.makeRequest(method, {
            target: 'sip:bob@example.org',
            to: '<sip:bob@example.org>',
            callId: 'our-call',
            ...given,
        });
    }
}
