/**
 * The user agent, on sip.js' core: it parses and checks what comes in, answers what is no call, and hands calls out. In place
 * of sip.js' own, which also reconnects, logs, registers, subscribes and acts by itself.
 */
import { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import type { IncomingInviteRequest } from 'sip.js/lib/core/messages/methods/invite.js';
import { Parser } from 'sip.js/lib/core/messages/parser.js';
import { utf8Length } from 'sip.js/lib/core/messages/utils.js';
import { UserAgentCore } from 'sip.js/lib/core/user-agent-core/user-agent-core.js';
import { Grammar } from 'sip.js/lib/grammar/grammar.js';
import { URI } from 'sip.js/lib/grammar/uri.js';
import { cleanDisplayName, formatSipAddress, type Clock, type SipAccount, type SipAddress } from '../contract/index.js';
import { randomToken } from './random.js';
import type { Credentials } from './credentials.js';
import { ALLOW } from './headers.js';
import { LoggerFactory } from './sip-js/logger-factory.js';
import { WebSocketTransport } from './transport.js';

/** Without these fields a message is dropped (RFC 3261 section 8.1.1). */
const MANDATORY = ['from', 'to', 'call-id', 'cseq', 'via'];

/** What comes in from the network, before sip.js acts on it. */
export interface UserAgentHost {
    readonly clock: Clock;
    readonly credentials: Credentials;
    /** Whether we take video. */
    readonly video: boolean;
    /** What answers to OPTIONS carry beside what we can do, as `Name: value` lines. */
    options(): readonly string[];
    /** An INVITE outside any dialog. @returns the status to refuse it with, with headers; or null: it may ring */
    screen(request: IncomingInviteRequest): { statusCode: number; extraHeaders?: string[] } | null;
    /** One that may ring. */
    invited(request: IncomingInviteRequest): void;
    /** Every response, first of all. */
    response(message: IncomingResponseMessage): void;
    /** The connection was lost. */
    lost(): void;
    /** A message was dropped, and why. */
    dropped(why: string): void;
    /** Someone asked us to call somebody else (REFER). */
    referred(): void;
}

/** The version that stands in User-Agent. */
export const USER_AGENT = 'converse-sip/0.1.0';

/** The methods of calls; what else comes outside a dialog is answered and forgotten. */
const OF_CALLS = new Set(['INVITE', 'ACK', 'CANCEL', 'BYE']);

/**
 * What is answered to requests outside any dialog that we have no part for, any other gets 405: we have sent no reliable
 * response (RFC 3262 section 3) and made no subscription (RFC 6665 section 4.1.3), we know no event and call nobody for
 * others.
 */
const REFUSALS: Readonly<Partial<Record<string, number>>> = { PRACK: 481, NOTIFY: 481, SUBSCRIBE: 489, REFER: 603 };

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
    readonly core: UserAgentCore;
    private readonly viaHost = `${randomToken()}.invalid`;
    private readonly loggers = new LoggerFactory();

    constructor(
        account: SipAccount,
        uri: URI,
        /** A UUID, the same for ever for this account in this browser. */
        readonly instanceId: string,
        private readonly host: UserAgentHost,
    ) {
        this.transport = new WebSocketTransport({
            clock: host.clock,
            lost: () => {
                host.lost();
            },
            dropped: (why) => {
                host.dropped(why);
            },
            preferChallenge: (values) => host.credentials.prefer(values),
            message: (text) => {
                this.receive(text);
            },
        });
        const contact = {
            pubGruu: undefined as URI | undefined,
            tempGruu: undefined,
            uri: new URI('sip', randomToken(), this.viaHost, undefined, { transport: 'ws' }),
            toString: ({ outbound = false, register = false } = {}): string => {
                const address = (register ? undefined : contact.pubGruu) ?? contact.uri;
                // What we can do (RFC 3840 section 9).
                const features = register ? '' : host.video ? ';audio;video' : ';audio';
                return `<${address.toString()}${outbound ? ';ob' : ''}>${features}`;
            },
        };
        this.core = new UserAgentCore(
            {
                aor: uri,
                contact,
                displayName: cleanDisplayName(account.displayName),
                loggerFactory: this.loggers as never,
                hackViaTcp: false,
                routeSet: [],
                supportedOptionTags: ['outbound'],
                supportedOptionTagsResponse: ['gruu', 'outbound'],
                sipjsId: randomToken(),
                userAgentHeaderFieldValue: USER_AGENT,
                viaForceRport: false,
                viaHost: this.viaHost,
                authenticationFactory: () => host.credentials.answerer(),
                transportAccessor: () => this.transport,
            },
            {
                onInvite: (request) => {
                    Object.assign(request, { toTag: randomToken() });
                    const refusal = host.screen(request);
                    if (refusal === null) host.invited(request);
                    else request.reject(refusal);
                },
            },
        );
    }

    /** Closes the transport and ends every transaction. */
    dispose(): void {
        this.transport.close();
        this.core.dispose();
    }

    private receive(text: string): void {
        const { core, host } = this;
        const message = Parser.parseMessage(text, this.loggers.getLogger() as never);
        if (message === undefined || !MANDATORY.every((name) => message.hasHeader(name))) {
            host.dropped('it cannot be parsed');
            return;
        }
        const short = utf8Length(message.body) < Number(message.getHeader('content-length') ?? 0);
        // A body of no type (RFC 3261 section 7.4.1) would make sip.js throw.
        if (message.body && !message.hasHeader('content-type'))
            message.setHeader('content-type', 'application/octet-stream');
        if (message instanceof IncomingRequestMessage) {
            const { aor, contact } = core.configuration;
            const { ruri, method } = message;
            const mine = ruri?.scheme === 'sip' && [aor, contact.uri].some(({ user }) => user === ruri.user);
            if (short) core.replyStateless(message, { statusCode: 400 });
            else if (mine && !message.toTag && !OF_CALLS.has(method)) this.answer(message);
            else core.receiveIncomingRequestFromTransport(message);
            return;
        }
        const via = message.via;
        // RFC 3261 sections 8.1.3.3 and 18.1.2
        const ours = message.getHeaders('via').length === 1 && via.host === this.viaHost && !via.port;
        if (!ours || short) return;
        host.response(message);
        core.receiveIncomingResponseFromTransport(message);
    }

    /** Answers a request that is no call. */
    private answer(message: IncomingRequestMessage): void {
        const { core, host } = this;
        const { method } = message;
        if (method === 'REFER') host.referred();
        const isOptions = method === 'OPTIONS';
        const more = isOptions ? host.options() : [];
        core.replyStateless(message, {
            statusCode: isOptions ? 200 : (REFUSALS[method] ?? 405),
            extraHeaders: [
                ALLOW,
                ...(isOptions ? ['Accept: application/sdp'] : []),
                // Which device this is concerns only those who may know whose it is.
                ...(more.length > 0 ? [`Contact: ${core.configuration.contact.toString()}`] : []),
                ...more,
            ],
        });
    }
}
