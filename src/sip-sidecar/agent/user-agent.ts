/** sip.js' UserAgent, set up so that it is quiet, unpredictable where it must be, and never acts on its own. */
import { UserAgent } from 'sip.js/lib/api/user-agent.js';
import { SIPExtension } from 'sip.js/lib/api/user-agent-options.js';
import type { Session } from 'sip.js/lib/api/session.js';
import type { SessionDescriptionHandler } from 'sip.js/lib/api/session-description-handler.js';
import type { URI } from 'sip.js/lib/grammar/uri.js';
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import type { IncomingInviteRequest } from 'sip.js/lib/core/messages/methods/invite.js';
import type { OutgoingRequestMessage } from 'sip.js/lib/core/messages/outgoing-request-message.js';
import { ClientTransaction } from 'sip.js/lib/core/transactions/client-transaction.js';
import { cleanDisplayName, formatSipAddress, type SipAddress, type SipAccount } from '../contract/index.js';
import { randomToken, type Clock } from './clock.js';
import type { Credentials } from './credentials.js';
import { ALLOW } from './headers.js';
import { WebSocketTransport } from './transport.js';

/** What comes in from the network, before sip.js acts on it. */
export interface UserAgentHost {
    readonly clock: Clock;
    readonly credentials: Credentials;
    /** An INVITE outside any dialog. @returns the status to refuse it with, with headers; or null: it may ring */
    screen(request: IncomingInviteRequest): { statusCode: number; extraHeaders?: string[] } | null;
    invitation: NonNullable<NonNullable<UserAgent['delegate']>['onInvite']>;
    /** Every response, first of all. */
    response(message: IncomingResponseMessage): void;
    descriptionHandler(session: Session): SessionDescriptionHandler;
    /** The connection was lost. */
    lost(): void;
    /** A message was dropped, and why. */
    dropped(why: string): void;
    /** Someone asked us to call somebody else (REFER). */
    referred(): void;
}

/** The version that stands in User-Agent. */
export const USER_AGENT = 'converse-sip/0.1.0';

// sip.js takes branches from Math.random, out of ten million: they can be guessed, and they collide.
Object.assign(ClientTransaction, {
    makeId: (request: OutgoingRequestMessage) =>
        request.method === 'CANCEL' ? request.branch : `z9hG4bK${randomToken()}`,
});

/** The address as sip.js has it, or null where its grammar does not take it. */
export function toUri(address: SipAddress): URI | null {
    return UserAgent.makeURI(formatSipAddress(address)) ?? null;
}

/** Makes the user agent of one account, with its transport not yet open. */
export function createUserAgent(
    account: SipAccount,
    uri: URI,
    instanceId: string,
    host: UserAgentHost,
): { userAgent: UserAgent; transport: WebSocketTransport } {
    let transport!: WebSocketTransport;
    const userAgent = new UserAgent({
        uri,
        displayName: cleanDisplayName(account.displayName),
        instanceId,
        contactName: randomToken(),
        viaHost: `${randomToken()}.invalid`,
        sipjsId: randomToken(),
        userAgentString: USER_AGENT,
        transportConstructor: class extends WebSocketTransport {
            constructor() {
                super();
                // eslint-disable-next-line @typescript-eslint/no-this-alias
                transport = this;
                this.host = {
                    clock: host.clock,
                    lost: () => {
                        host.lost();
                    },
                    dropped: (why) => {
                        host.dropped(why);
                    },
                    preferChallenge: (values) => host.credentials.prefer(values),
                };
            }
        },
        sessionDescriptionHandlerFactory: (session) => host.descriptionHandler(session),
        sipExtension100rel: SIPExtension.Unsupported,
        sipExtensionReplaces: SIPExtension.Unsupported,
        sendInitialProvisionalResponse: false,
        // Ours comes first; this one is only a net.
        noAnswerTimeout: 600,
        gracefulShutdown: false,
        logBuiltinEnabled: false,
        logConfiguration: false,
        logLevel: 'warn',
        // Not a log: the only place where sip.js says that it has dropped a message.
        logConnector: (_level, category, _label, content) => {
            if (category === 'sip.UserAgent' && content.startsWith('Failed to parse'))
                host.dropped('it cannot be parsed');
        },
        delegate: {
            onInvite: (invitation) => {
                host.invitation(invitation);
            },
            onMessage: (message) => void message.reject({ statusCode: 405, extraHeaders: [ALLOW] }),
            onReferRequest: (request) => {
                host.referred();
                request.reject({ statusCode: 603 });
            },
            onSubscribeRequest: (request) => {
                request.reject({ statusCode: 489 });
            },
        },
    });
    harden(userAgent, host);
    void userAgent.start();
    return { userAgent, transport };
}

/** What sip.js offers no option for. */
function harden(userAgent: UserAgent, host: UserAgentHost): void {
    const core = userAgent.userAgentCore;
    core.configuration.authenticationFactory = () => host.credentials.answerer();
    const receive = core.receiveIncomingResponseFromTransport.bind(core);
    core.receiveIncomingResponseFromTransport = (message) => {
        host.response(message);
        receive(message);
    };
    const make = core.makeOutgoingRequestMessage.bind(core);
    core.makeOutgoingRequestMessage = (method, requestUri, fromUri, to, options, headers, body) => {
        const initial = method === 'INVITE' && !options.toTag;
        return make(
            method,
            requestUri,
            fromUri,
            to,
            initial ? { ...options, fromTag: randomToken() } : options,
            headers,
            body,
        );
    };
    const invited = core.delegate.onInvite?.bind(core.delegate);
    core.delegate.onInvite = (request) => {
        Object.assign(request, { toTag: randomToken() });
        const refusal = host.screen(request);
        if (refusal !== null) request.reject(refusal);
        else invited?.(request);
    };
}
