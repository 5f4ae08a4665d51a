/**
 * The core of a user agent: what comes in goes to the transaction, the dialog or the application it belongs to (RFC 3261
 * sections 8.2, 12.2.2, 17.1.3 and 17.2.3), and what goes out says whose it is. In place of sip.js' UserAgentCore, whose
 * methods and roles are far more than a telephone's.
 */
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import type { Transport } from 'sip.js/lib/core/transport.js';
import { percentDecode, type Clock } from '../../contract/index.js';
import type { Credentials } from '../credentials.js';
import { ALLOW } from '../headers.js';
import { randomToken } from '../random.js';
import { writeResponse, type Body, type OutgoingRequest } from './outgoing-message.js';

/** Our Contact. */
export interface Contact {
    readonly uri: string;
    /** What the registrar gave us (RFC 5627). */
    pubGruu: string | null;
    /** As a header field has it; `outbound`: with `ob` (RFC 5626 section 4.3). */
    toString(options?: { readonly outbound?: boolean; readonly register?: boolean }): string;
}

/** Whose core it is, and what it needs. */
export interface CoreConfiguration {
    readonly aor: string;
    readonly contact: Contact;
    displayName: string;
    readonly viaHost: string;
    readonly clock: Clock;
    readonly transport: Pick<Transport, 'protocol' | 'send'>;
    readonly credentials: Pick<Credentials, 'prefer' | 'challenged' | 'authorize' | 'learn'>;
    /** An INVITE outside any dialog. */
    invited(message: IncomingRequestMessage): void;
    /** What answers to OPTIONS outside any dialog carry beside what we can do, as `Name: value` lines. */
    options(): readonly string[];
    /** Someone asked us to call somebody else (REFER). */
    referred(): void;
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
export class Core {
    /** By branch and method. */
    readonly clients = new Map<string, ClientTransaction>();
    /** By branch. */
    readonly servers = new Map<string, ServerTransaction>();
    /** By Call-ID, local tag and remote tag. */
    readonly dialogs = new Map<string, Receiver<IncomingRequestMessage>>();

    constructor(readonly configuration: CoreConfiguration) {}

    /** Ends every transaction and dialog; nothing more is sent. */
    dispose(): void {
        for (const all of [this.clients, this.servers, this.dialogs])
            for (const one of [...all.values()]) one.dispose();
    }

    /** The connection is gone, and what was on its way with it. */
    lost(): void {
        for (const client of [...this.clients.values()]) client.lost();
    }

    /** We are registered over a new connection. */
    reconnected(): void {
        for (const client of this.clients.values()) client.reconnected();
    }

    /** The address of record without its user: whoever is responsible for it (RFC 3261 section 10.2). */
    get registrar(): string {
        return this.configuration.aor.replace(/[^:]*@/u, '');
    }

    /** A request of this account; what is not given is made up. */
    makeRequest(
        method: string,
        given: Partial<OutgoingRequest> & Pick<OutgoingRequest, 'target' | 'to'>,
    ): OutgoingRequest {
        const { aor, contact, displayName } = this.configuration;
        const invite = method === 'INVITE' ? `, replaces, timer, 100rel${contact.pubGruu ? ', gruu' : ''}` : '';
        const more = method === 'REGISTER' ? ', path, gruu' : invite;
        return {
            method,
            via: '',
            routes: [],
            fromName: displayName,
            fromUri: aor,
            fromTag: randomToken(),
            callId: randomToken(),
            cseq: 1,
            authorization: [],
            body: null,
            ...given,
            headers: [...(given.headers ?? []), `Supported: outbound${more}`],
        };
    }

    /** Via for a branch of its own (RFC 3261 section 8.1.1.7). */
    via(branch: string): string {
        const { transport, viaHost } = this.configuration;
        return `SIP/2.0/${transport.protocol} ${viaHost};branch=${branch}`;
    }

    /** Sends a message. @throws where there is no connection */
    send(text: string): Promise<void> {
        return this.configuration.transport.send(text);
    }

    /** Answers a request; an ACK has no answer. @returns the answer */
    reply(
        message: IncomingRequestMessage,
        status: number,
        headers: readonly string[] = [],
        body: Body | null = null,
        toTag = randomToken(),
    ): string {
        if (message.method === 'ACK') return '';
        const lines = ['Supported: gruu, outbound, replaces, timer, 100rel', ...headers];
        const text = writeResponse(message, { status, headers: lines, body, toTag });
        this.send(text).catch(() => undefined);
        return text;
    }

    /** Refuses a request that we have no part for. */
    refuse(message: IncomingRequestMessage): void {
        const { method } = message;
        if (method === 'REFER') this.configuration.referred();
        const unknown = method === 'NOTIFY' && !message.hasHeader('event');
        const status = unknown ? 489 : REFUSALS.get(method);
        this.reply(message, status ?? 405, [ALLOW]);
    }

    receiveRequest(message: IncomingRequestMessage): void {
        const { method, data, callId, fromTag, toTag, cseq } = message;
        const { configuration } = this;
        const { aor, contact } = configuration;
        const [, uri = ''] = data.split(' ', 2);
        const server = this.servers.get(message.viaBranch);
        const dialog = this.dialogs.get(callId + toTag + fromTag);
        const isMerged = ({ message: other }: ServerTransaction): boolean =>
            other.fromTag === fromTag && other.callId === callId && other.cseq === cseq;
        if (server !== undefined && !(method === 'ACK' && server.accepted)) server.receive(message);
        else if (method === 'CANCEL') this.reply(message, 481);
        else if (!/^sip:/iu.test(uri)) this.reply(message, 416);
        else if (![aor, contact.uri].some((ours) => userOf(ours) === userOf(uri))) this.reply(message, 404);
        else if (method === 'INVITE' && !message.hasHeader('contact')) this.reply(message, 400);
        else if (!toTag && [...this.servers.values()].some(isMerged)) this.reply(message, 482);
        else if (toTag && dialog === undefined) this.reply(message, 481);
        else if (method === 'OPTIONS') {
            const more = toTag ? [] : configuration.options();
            this.reply(message, 200, [ALLOW, 'Accept: application/sdp', ...more]);
        } else if (dialog !== undefined) dialog.receive(message);
        else if (method === 'INVITE') configuration.invited(message);
        else this.refuse(message);
    }

    receiveResponse(message: IncomingResponseMessage): void {
        this.clients.get(message.viaBranch + message.method)?.receive(message);
    }
}

/** Whom a URI names at its host; null: nobody. */
const userOf = (uri: string): string | null => percentDecode(/^sip:([^@]*)@/iu.exec(uri)?.[1] ?? '');
