/**
 * In place of `sip.js/lib/api/user-agent.js`: the user agent as far as this agent uses it. It parses and checks what comes in,
 * holds the core and the sessions, and hands calls out. Left out: reconnecting (the supervisor does that), graceful
 * shutdown, a log, registerers, subscriptions, publishers, the default options, and Replaces in an INVITE.
 */
import type { Session } from 'sip.js/lib/api/session.js';
import type { Transport } from 'sip.js/lib/api/transport.js';
import type { UserAgentOptions } from 'sip.js/lib/api/user-agent-options.js';
import type { UserAgent as SipJsUserAgent } from 'sip.js/lib/api/user-agent.js';
import type { IncomingInviteRequest } from 'sip.js/lib/core/messages/methods/invite.js';
import type { URI as Uri } from 'sip.js/lib/grammar/uri.js';
import { Invitation } from 'sip.js/lib/api/invitation.js';
import { Message } from 'sip.js/lib/api/message.js';
import { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import { Parser } from 'sip.js/lib/core/messages/parser.js';
import { utf8Length } from 'sip.js/lib/core/messages/utils.js';
import { UserAgentCore } from 'sip.js/lib/core/user-agent-core/user-agent-core.js';
import { Grammar } from 'sip.js/lib/grammar/grammar.js';
import { URI } from 'sip.js/lib/grammar/uri.js';
import { LoggerFactory } from './logger-factory.js';

type Given =
    | 'contactName'
    | 'delegate'
    | 'displayName'
    | 'instanceId'
    | 'logConnector'
    | 'sipjsId'
    | 'transportConstructor'
    | 'uri'
    | 'userAgentString'
    | 'viaHost';

/** What must be given; everything else is as sip.js' sessions look it up in `configuration`. */
export type Options = UserAgentOptions & Required<Pick<UserAgentOptions, Given>>;

/** Without these fields a message is dropped (RFC 3261 section 8.1.1). */
const MANDATORY = ['from', 'to', 'call-id', 'cseq', 'via'];

/** One account at one transport. */
export class UserAgent {
    /** The calls that are up, for sip.js' sessions. */
    _sessions: Record<string, Session> = {};
    readonly delegate: Options['delegate'];
    readonly configuration: Options;
    readonly instanceId: string;
    readonly transport: Transport;
    readonly contact;
    readonly userAgentCore: UserAgentCore;
    private started = false;
    private readonly loggers = new LoggerFactory();

    constructor(options: Options) {
        const { contactName, delegate, displayName, instanceId, sipjsId, uri, userAgentString, viaHost } = options;
        this.delegate = delegate;
        this.configuration = options;
        this.instanceId = instanceId;
        this.transport = new options.transportConstructor(this.loggers.getLogger() as never, {});
        this.transport.onMessage = (text) => {
            this.receive(text);
        };
        const contact = {
            pubGruu: undefined as Uri | undefined,
            tempGruu: undefined as Uri | undefined,
            uri: new URI('sip', contactName, viaHost, undefined, { transport: 'ws' }),
            toString({ anonymous = false, outbound = false, register = false } = {}): string {
                const gruu = register ? undefined : contact.pubGruu;
                // RFC 5627 section 3.3
                const address = anonymous
                    ? (contact.tempGruu ?? 'sip:anonymous@anonymous.invalid;transport=ws')
                    : (gruu ?? contact.uri);
                return `<${address.toString()}${outbound ? ';ob' : ''}>`;
            },
        };
        this.contact = contact;
        this.userAgentCore = new UserAgentCore(
            {
                aor: uri,
                contact,
                displayName,
                loggerFactory: this.loggers as never,
                hackViaTcp: false,
                routeSet: [],
                supportedOptionTags: ['outbound'],
                supportedOptionTagsResponse: ['outbound'],
                sipjsId,
                userAgentHeaderFieldValue: userAgentString,
                viaForceRport: false,
                viaHost,
                // The agent puts its own in place.
                authenticationFactory: () => undefined,
                transportAccessor: () => this.transport,
            },
            {
                onInvite: (request) => {
                    this.invited(request);
                },
                onMessage: (request) => {
                    delegate.onMessage?.(new Message(request));
                },
                // Of a subscription that nobody has made (RFC 6665 section 4.1.3).
                onNotify: (request) => {
                    request.reject({ statusCode: 481 });
                },
                onRefer: (request) => {
                    delegate.onReferRequest?.(request);
                },
                onRegister: (request) => {
                    request.reject({ statusCode: 405 });
                },
                onSubscribe: (request) => {
                    delegate.onSubscribeRequest?.(request);
                },
            },
        );
    }

    /** The address that a text names; undefined where it is no SIP URI. */
    static makeURI(text: string): Uri | undefined {
        return Grammar.URIParse(text);
    }

    /** For sip.js' sessions. */
    getLogger(): unknown {
        return this.loggers.getLogger();
    }

    /** Takes requests from now on. The transport is opened by whoever owns it. */
    start(): Promise<void> {
        this.started = true;
        return Promise.resolve();
    }

    /** Takes no more requests, closes the transport, ends every transaction. */
    async stop(): Promise<void> {
        if (!this.started) return;
        this.started = false;
        this._sessions = {};
        const closed = this.transport.dispose();
        this.userAgentCore.dispose();
        await closed;
    }

    private invited(request: IncomingInviteRequest): void {
        const invitation = new Invitation(this as unknown as SipJsUserAgent, request);
        request.delegate = {
            onCancel: (cancel) => {
                (invitation as unknown as { _onCancel(cancel: unknown): void })._onCancel(cancel);
            },
        };
        request.trying();
        this.delegate.onInvite?.(invitation);
    }

    private receive(text: string): void {
        const message = Parser.parseMessage(text, this.loggers.getLogger() as never);
        if (message === undefined || !MANDATORY.every((name) => message.hasHeader(name))) {
            this.configuration.logConnector('warn', 'sip.UserAgent', undefined, 'Failed to parse');
            return;
        }
        const { userAgentCore: core, configuration } = this;
        const short = utf8Length(message.body) < Number(message.getHeader('content-length') ?? 0);
        if (message instanceof IncomingRequestMessage) {
            if (!this.started) return;
            if (short) core.replyStateless(message, { statusCode: 400 });
            else core.receiveIncomingRequestFromTransport(message);
            return;
        }
        const { host, port } = message.via;
        // RFC 3261 sections 8.1.3.3 and 18.1.2
        const ours = message.getHeaders('via').length === 1 && host === configuration.viaHost && !port;
        if (ours && !short) core.receiveIncomingResponseFromTransport(message);
    }
}
