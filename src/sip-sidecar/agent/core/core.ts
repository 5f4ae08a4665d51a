/**
 * The core of a user agent: what comes in goes to the transaction, the dialog or the application it belongs to (RFC 3261
 * sections 8.2, 12.2.2, 17.1.3 and 17.2.3), and what goes out says whose it is. In place of sip.js' UserAgentCore, whose
 * methods and roles are far more than a telephone's.
 */
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import type { Transport } from '../transport.js';
import { percentDecode, type Clock } from '../../contract/index.js';
import type { Credentials } from '../credentials.js';
import { ALLOW } from '../headers.js';
import { randomToken } from '../random.js';
import type { Refusal } from '../dialogue/session-description.js';
import { writeResponse, type Body, type OutgoingRequest } from './outgoing-message.js';

/** Who decides what becomes of what comes in. */
export interface CoreHost {
    /** Whether we take video. */
    readonly video: boolean;
    /** What answers to OPTIONS carry beside what we can do, as `Name: value` lines. */
    options(): readonly string[];
    /** An INVITE outside any dialog. @returns how to refuse it; or null: it is looked after */
    invited(message: IncomingRequestMessage): Refusal | null;
    /** Someone asked us to call somebody else (REFER). */
    referred(): void;
    /** A message that goes out (`>`), or that came in (`<`) and is looked at. */
    wire(direction: '>' | '<', text: string): void;
}

/** Whose core it is, and what it needs. */
export interface CoreConfiguration {
    readonly aor: string;
    /** Where we are, at this connection. */
    readonly contact: string;
    /** Where we are at the registrar (RFC 5627), once it has said so. */
    gruu: string | null;
    displayName: string;
    readonly viaHost: string;
    readonly clock: Clock;
    readonly transport: Pick<Transport, 'protocol' | 'send'>;
    readonly host: CoreHost;
    readonly credentials: Pick<Credentials, 'prefer' | 'challenged' | 'authorize' | 'learn'>;
}

/** A transaction or a dialog. */
interface Receiver<Message> {
    receive(message: Message): void;
    dispose(): void;
}

/** A transaction of a request of ours. */
interface ClientTransaction extends Receiver<IncomingResponseMessage> {
    lost(): void;
    reconnected(): void;
}

/** A transaction of a request of theirs. */
interface ServerTransaction extends Receiver<IncomingRequestMessage> {
    readonly message: IncomingRequestMessage;
    /** It was answered with a 2xx: its ACK belongs to the dialog (RFC 3261 section 13.3.1.4). */
    readonly accepted: boolean;
}

/**
 * What is answered to requests that we have no part for, any other gets 405: we have sent no reliable response (RFC 3262
 * section 3) and made no subscription (RFC 6665 section 4.1.3), we know no event and call nobody for others.
 */
const REFUSALS = new Map([
    ['BYE', 481],
    ['PRACK', 481],
    ['UPDATE', 481],
    ['NOTIFY', 481],
    ['SUBSCRIBE', 489],
    ['REFER', 603],
]);

/** What belongs together at one transport. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- declarations of others can name an interface only
export interface Core extends ReturnType<typeof makeCore> {}

/** Makes one. */
export function makeCore(configuration: CoreConfiguration) {
    const { aor, contact, host, transport, viaHost } = configuration;
    /** By branch and method. */
    const clients = new Map<string, ClientTransaction>();
    /** By branch. */
    const servers = new Map<string, ServerTransaction>();
    /** By Call-ID, local tag and remote tag. */
    const dialogs = new Map<string, Receiver<IncomingRequestMessage>>();

    const core = {
        configuration,
        clients,
        servers,
        dialogs,

        /** Ends every transaction and dialog; nothing more is sent. */
        dispose(): void {
            for (const all of [clients, servers, dialogs]) for (const one of [...all.values()]) one.dispose();
        },

        /** The connection is gone, and what was on its way with it. */
        lost(): void {
            for (const client of [...clients.values()]) client.lost();
        },

        /** We are registered over a new connection. */
        reconnected(): void {
            for (const client of clients.values()) client.reconnected();
        },

        /** The address of record without its user: whoever is responsible for it (RFC 3261 section 10.2). */
        registrar: aor.replace(/[^:]*@/u, ''),

        /** Our Contact, as a line: how we are reached (RFC 5626 section 4.3), and what we can do (RFC 3840 section 9). */
        get contact(): string {
            return `Contact: <${configuration.gruu ?? `${contact};ob`}>;audio${host.video ? ';video' : ''}`;
        },

        /** A request of this account; what is not given is made up. */
        makeRequest(
            method: string,
            given: Partial<OutgoingRequest> & Pick<OutgoingRequest, 'target' | 'to'>,
        ): OutgoingRequest {
            return {
                method,
                via: '',
                routes: [],
                fromName: configuration.displayName,
                fromUri: aor,
                fromTag: randomToken(),
                callId: randomToken(),
                cseq: 1,
                authorization: [],
                headers: [],
                body: null,
                ...given,
            };
        },

        /** Via for a branch of its own (RFC 3261 section 8.1.1.7). */
        via: (branch: string): string => `SIP/2.0/${transport.protocol} ${viaHost};branch=${branch}`,

        /** Sends a message. @param failed there is no connection */
        send(text: string, failed = (): void => undefined): void {
            host.wire('>', text);
            if (!transport.send(text)) queueMicrotask(failed);
        },

        /** Answers a request; an ACK has no answer. @returns the answer */
        reply(
            message: IncomingRequestMessage,
            status: number,
            headers: readonly string[] = [],
            body: Body | null = null,
            toTag = randomToken(),
        ): string {
            if (message.method === 'ACK') return '';
            const text = writeResponse(message, { status, headers, body, toTag });
            core.send(text);
            return text;
        },

        /** Refuses a request that we have no part for. */
        refuse(message: IncomingRequestMessage): void {
            const { method } = message;
            if (method === 'REFER') host.referred();
            const unknown = method === 'NOTIFY' && !message.hasHeader('event');
            const status = unknown ? 489 : REFUSALS.get(method);
            core.reply(message, status ?? 405, [ALLOW]);
        },

        receiveRequest(message: IncomingRequestMessage): void {
            const { method, data, callId, fromTag, toTag, cseq } = message;
            const [, uri = ''] = data.split(' ', 2);
            const server = servers.get(message.viaBranch);
            const dialog = dialogs.get(callId + toTag + fromTag);
            const isMerged = ({ message: other }: ServerTransaction): boolean =>
                other.fromTag === fromTag && other.callId === callId && other.cseq === cseq;
            if (server !== undefined && !(method === 'ACK' && server.accepted)) server.receive(message);
            else if (method === 'CANCEL') core.reply(message, 481);
            else if (!/^sip:/iu.test(uri)) core.reply(message, 416);
            else if (![aor, contact].some((ours) => userOf(ours) === userOf(uri))) core.reply(message, 404);
            else if (method === 'INVITE' && !message.hasHeader('contact')) core.reply(message, 400);
            else if (!toTag && [...servers.values()].some(isMerged)) core.reply(message, 482);
            else if (toTag && dialog === undefined) core.reply(message, 481);
            else if (method === 'OPTIONS') {
                const more = toTag ? [] : host.options();
                // Which device this is concerns only those who may know whose it is.
                const whose = more.length > 0 ? [core.contact] : [];
                core.reply(message, 200, [ALLOW, 'Accept: application/sdp', ...whose, ...more]);
            } else if (dialog !== undefined) dialog.receive(message);
            else if (method !== 'INVITE') core.refuse(message);
            else {
                const refusal = host.invited(message);
                if (refusal) core.reply(message, refusal.statusCode, refusal.extraHeaders);
            }
        },

        receiveResponse(message: IncomingResponseMessage): void {
            clients.get(message.viaBranch + message.method)?.receive(message);
        },
    };
    return core;
}

/** Whom a URI names at its host; null: nobody. */
const userOf = (uri: string): string | null => percentDecode(/^sip:([^@]*)@/iu.exec(uri)?.[1] ?? '');
