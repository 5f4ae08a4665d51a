import { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import { makeCore, type Core, type CoreConfiguration } from '../../../../src/sip-sidecar/agent/core/core.js';
import type { OutgoingRequest } from '../../../../src/sip-sidecar/agent/core/outgoing-message.js';
import { readChallenge } from '../../../../src/sip-sidecar/agent/digest.js';
import { parseMessage } from '../../../../src/sip-sidecar/agent/sip-js/parser.js';
import { HandClock } from './clock.js';
import { Message } from './server.js';

/** A message as it comes in. */
export function incoming(lines: readonly string[], body = ''): IncomingRequestMessage | IncomingResponseMessage {
    const length = String(new TextEncoder().encode(body).length);
    const type = body === '' ? [] : ['Content-Type: application/sdp'];
    const text = [...lines, ...type, `Content-Length: ${length}`, '', body].join('\r\n');
    const message = parseMessage(text);
    if (message === null) throw new Error(`cannot be parsed: ${text}`);
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
        const configuration: CoreConfiguration = {
            aor: 'sip:alice@example.net',
            contact: 'sip:device@us.invalid;transport=ws',
            gruu: null,
            displayName: 'Alice',
            viaHost: 'us.invalid',
            clock: this.clock,
            transport: {
                protocol: 'WSS',
                send: (text) => {
                    if (this.connected) this.sent.push(new Message(text));
                    return this.connected;
                },
            },
            credentials: {
                challenged: (_request, proxy, challenge) => {
                    if (this.answer !== null) this.challenges.push({ ...challenge, proxy });
                    return this.answer !== null;
                },
                authorize: () => (this.challenges.length === 0 ? [] : [`Authorization: ${this.answer ?? ''}`]),
                prefer: ([value]) => (value === undefined ? undefined : readChallenge(value)),
                learn: (_request, message) => {
                    const [server = '', proxy = ''] = ['', 'proxy-'].map((kind) =>
                        message.getHeader(`${kind}authentication-info`),
                    );
                    if (server || proxy) this.learned.push({ server, proxy });
                },
            },
            host: {
                video: true,
                invited: (message) => {
                    this.invited.push(message);
                    return null;
                },
                options: () => this.options,
                wire: () => undefined,
                referred: () => {
                    this.referred += 1;
                },
            },
        };
        this.core = makeCore(configuration);
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
