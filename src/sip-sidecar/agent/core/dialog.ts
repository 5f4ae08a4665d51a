/** A dialog (RFC 3261 section 12): who talks to whom, by which way, and in which order. In place of sip.js' SessionDialog. */
import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import type { DialogRecord } from '../../contract/index.js';
import { readAddress } from '../sip-js/parser.js';
import { sendRequest, type ClientRequest } from './client-request.js';
import type { Core } from './core.js';
import type { Body, OutgoingRequest } from './outgoing-message.js';
import { takeRequest, type ServerRequest } from './server-request.js';

/** Whoever takes what comes in a dialog. */
export interface DialogHost {
    request(request: ServerRequest): void;
    /** The ACK to a 2xx of ours. */
    acknowledged?(ack: IncomingRequestMessage): void;
}

/** What may have been sent after a dialog was recorded. */
const SEQUENCE_GAP = 10;

/** One dialog; early until it is confirmed. */
export type Dialog = ReturnType<typeof makeDialog>;

function makeDialog(
    core: Core,
    state: { -readonly [Key in keyof DialogRecord]: DialogRecord[Key] },
    remoteSequence = 0,
) {
    const accepted = new Map<number, ServerRequest>();
    const { callId, localTag, remoteTag, localUri, remoteUri } = state;
    const id = callId + localTag + remoteTag;

    const make = (method: string, cseq: number, headers: readonly string[], body: Body | null): OutgoingRequest =>
        core.makeRequest(method, {
            target: state.target,
            fromUri: localUri,
            fromTag: localTag,
            to: `<${remoteUri}>;tag=${remoteTag}`,
            callId,
            cseq,
            routes: state.routes,
            headers,
            body,
        });

    const dialog = {
        core,
        host: null as DialogHost | null,
        /** Their INVITE, while our 2xx to it waits for its ACK: until then no BYE may be sent (RFC 3261 section 15). */
        waiting: null as ServerRequest | null,

        get record(): DialogRecord {
            return { ...state };
        },

        /** Takes route and target from a 2xx that confirms it (RFC 3261 section 13.2.2.4). */
        confirm(response: IncomingResponseMessage): void {
            state.routes = routesOf(response);
            dialog.refresh(response);
        },

        /** The Contact is where the dialog goes from now on (RFC 3261 sections 12.2.1.2 and 12.2.2). */
        refresh(message: IncomingMessage): void {
            state.target = addressIn(message, 'contact') || state.target;
        },

        /** Sends a request; `told` hears the responses. */
        request(
            method: string,
            headers: readonly string[] = [],
            body: Body | null = null,
            told: (response: IncomingResponseMessage) => void = () => undefined,
        ): ClientRequest {
            const nextSequence = (): number => (state.localSequence += 1);
            return sendRequest(core, make(method, nextSequence(), headers, body), { response: told, nextSequence });
        },

        /** Acknowledges a 2xx to an INVITE. */
        acknowledge(invite: ClientRequest): void {
            invite.acknowledge(remoteTag, make('ACK', invite.message.cseq, [], null));
        },

        /** Accepts an INVITE of theirs in this dialog. @throws where it has its answer already */
        accept(request: ServerRequest, headers: readonly string[], body: Body): void {
            request.reply(200, headers, body);
            accepted.set(request.message.cseq, request);
        },

        receive(message: IncomingRequestMessage): void {
            const { method, cseq } = message;
            const { host } = dialog;
            if (method === 'ACK') {
                const request = accepted.get(cseq);
                if (!accepted.delete(cseq)) return;
                request?.acknowledged();
                if (request === dialog.waiting) dialog.waiting = null;
                host?.acknowledged?.(message);
            } else if (cseq <= remoteSequence) {
                core.reply(message, 500);
            } else {
                remoteSequence = cseq;
                if (host === null) core.refuse(message);
                else host.request(takeRequest(core, message));
            }
        },

        /** Forgets it: what comes in it is answered 481, and what waits for its ACK waits no more. */
        dispose(): void {
            core.dialogs.delete(id);
            for (const request of accepted.values()) request.acknowledged();
        },
    };
    core.dialogs.set(id, dialog);
    return dialog;
}

/** As whoever called has it (RFC 3261 section 12.1.2), or null where the response opens none. */
export function calledDialog(core: Core, { message }: ClientRequest, response: IncomingResponseMessage): Dialog | null {
    const target = addressIn(response, 'contact');
    const { toTag: remoteTag } = response;
    if (!target || !remoteTag) return null;
    const { callId, fromTag: localTag, fromUri: localUri, cseq: localSequence } = message;
    const remoteUri = addressIn(response, 'to');
    const routes = routesOf(response);
    return makeDialog(core, { callId, localTag, remoteTag, localUri, remoteUri, target, routes, localSequence });
}

/** As whoever was called has it (RFC 3261 section 12.1.1). */
export function answeredDialog(core: Core, { message, toTag: localTag }: ServerRequest): Dialog {
    const { callId, fromTag: remoteTag, cseq } = message;
    const localUri = addressIn(message, 'to');
    const remoteUri = addressIn(message, 'from');
    const target = addressIn(message, 'contact');
    const routes = message.getHeaders('record-route');
    return makeDialog(
        core,
        { callId, localTag, remoteTag, localUri, remoteUri, target, routes, localSequence: 0 },
        cseq,
    );
}

/** As it was recorded. */
export const restoredDialog = (core: Core, record: DialogRecord): Dialog =>
    makeDialog(core, { ...record, localSequence: record.localSequence + SEQUENCE_GAP });

const addressIn = (message: IncomingMessage, name: string): string => readAddress(message.getHeader(name))?.uri ?? '';

const routesOf = (response: IncomingResponseMessage): string[] => response.getHeaders('record-route').reverse();
