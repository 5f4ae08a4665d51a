/** A dialog (RFC 3261 section 12): who talks to whom, by which way, and in which order. In place of sip.js' SessionDialog. */
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import type { DialogRecord } from '../../contract/index.js';
import { readAddress } from '../sip-js/parser.js';
import { ClientRequest } from './client-request.js';
import type { Core } from './core.js';
import type { Body, OutgoingRequest } from './outgoing-message.js';
import { ServerRequest } from './server-request.js';

/** Whoever takes what comes in a dialog. */
export interface DialogHost {
    request(request: ServerRequest): void;
    /** The ACK to a 2xx of ours. */
    acknowledged?(ack: IncomingRequestMessage): void;
}

/** What may have been sent after a dialog was recorded. */
const SEQUENCE_GAP = 10;

/** One dialog; early until it is confirmed. */
export class Dialog {
    host: DialogHost | null = null;
    /** Their INVITE, while our 2xx to it waits for its ACK: until then no BYE may be sent (RFC 3261 section 15). */
    waiting: ServerRequest | null = null;
    private readonly accepted = new Map<number, ServerRequest>();

    private constructor(
        readonly core: Core,
        private readonly state: { -readonly [Key in keyof DialogRecord]: DialogRecord[Key] },
        private remoteSequence: number,
    ) {
        core.dialogs.set(this.id, this);
    }

    /** As whoever called has it (RFC 3261 section 12.1.2), or null where the response opens none. */
    static called(core: Core, { message }: ClientRequest, response: IncomingResponseMessage): Dialog | null {
        const target = addressIn(response, 'contact');
        const { toTag: remoteTag } = response;
        if (!target || !remoteTag) return null;
        const { callId, fromTag: localTag, fromUri: localUri, cseq: localSequence } = message;
        const remoteUri = addressIn(response, 'to');
        const routes = routesOf(response);
        return new Dialog(core, { callId, localTag, remoteTag, localUri, remoteUri, target, routes, localSequence }, 0);
    }

    /** As whoever was called has it (RFC 3261 section 12.1.1). */
    static answered(core: Core, { message, toTag: localTag }: ServerRequest): Dialog {
        const { callId, fromTag: remoteTag, cseq } = message;
        const localUri = addressIn(message, 'to');
        const remoteUri = addressIn(message, 'from');
        const target = addressIn(message, 'contact');
        const routes = message.getHeaders('record-route');
        return new Dialog(
            core,
            { callId, localTag, remoteTag, localUri, remoteUri, target, routes, localSequence: 0 },
            cseq,
        );
    }

    /** As it was recorded. */
    static restored(core: Core, record: DialogRecord): Dialog {
        return new Dialog(core, { ...record, localSequence: record.localSequence + SEQUENCE_GAP }, 0);
    }

    get record(): DialogRecord {
        return { ...this.state };
    }

    get id(): string {
        const { callId, localTag, remoteTag } = this.state;
        return callId + localTag + remoteTag;
    }

    /** Takes route and target from a 2xx that confirms it (RFC 3261 section 13.2.2.4). */
    confirm(response: IncomingResponseMessage): void {
        this.state.routes = routesOf(response);
        this.refresh(response);
    }

    /** The Contact is where the dialog goes from now on (RFC 3261 sections 12.2.1.2 and 12.2.2). */
    refresh(message: IncomingMessage): void {
        this.state.target = addressIn(message, 'contact') || this.state.target;
    }

    /** Sends a request; `told` hears the responses. */
    request(
        method: string,
        headers: readonly string[] = [],
        body: Body | null = null,
        told: (response: IncomingResponseMessage) => void = () => undefined,
    ): ClientRequest {
        const nextSequence = (): number => (this.state.localSequence += 1);
        const message = this.make(method, nextSequence(), headers, body);
        return new ClientRequest(this.core, message, { response: told, nextSequence });
    }

    /** Acknowledges a 2xx to an INVITE. */
    acknowledge(invite: ClientRequest): void {
        invite.acknowledge(this.state.remoteTag, this.make('ACK', invite.message.cseq, [], null));
    }

    /** Accepts an INVITE of theirs in this dialog. @throws where it has its answer already */
    accept(request: ServerRequest, headers: readonly string[], body: Body): void {
        request.reply(200, headers, body);
        this.accepted.set(request.message.cseq, request);
    }

    receive(message: IncomingRequestMessage): void {
        const { method, cseq } = message;
        if (method === 'ACK') {
            const request = this.accepted.get(cseq);
            if (!this.accepted.delete(cseq)) return;
            request?.acknowledged();
            if (request === this.waiting) this.waiting = null;
            this.host?.acknowledged?.(message);
        } else if (cseq <= this.remoteSequence) {
            this.core.reply(message, 500);
        } else {
            this.remoteSequence = cseq;
            if (this.host === null) this.core.refuse(message);
            else this.host.request(new ServerRequest(this.core, message));
        }
    }

    /** Forgets it: what comes in it is answered 481, and what waits for its ACK waits no more. */
    dispose(): void {
        this.core.dialogs.delete(this.id);
        for (const request of this.accepted.values()) request.acknowledged();
    }

    private make(method: string, cseq: number, headers: readonly string[], body: Body | null): OutgoingRequest {
        const { localUri: fromUri, remoteUri, localTag: fromTag, remoteTag, callId, target, routes } = this.state;
        const to = `<${remoteUri}>;tag=${remoteTag}`;
        return this.core.makeRequest(method, { target, fromUri, fromTag, to, callId, cseq, routes, headers, body });
    }
}

const addressIn = (message: IncomingMessage, name: string): string => readAddress(message.getHeader(name))?.uri ?? '';

const routesOf = (response: IncomingResponseMessage): string[] => response.getHeaders('record-route').reverse();
