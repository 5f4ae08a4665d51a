/** A request of ours outside any dialog, and its final answer (RFC 3261 section 17.1.2). */
import { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import type { Clock } from '../contract/index.js';
import { sendRequest } from './core/client-request.js';
import type { Core } from './core/core.js';
import type { OutgoingRequest } from './core/outgoing-message.js';

/**
 * Sends a request that is no INVITE, with the answer to a challenge. Never rejects.
 *
 * @param timeout in ms
 * @returns where no answer came in time one that is `isOurs`, without a status
 */
export function ask(
    core: Core,
    message: OutgoingRequest,
    clock: Clock,
    timeout: number,
): Promise<IncomingResponseMessage> {
    return new Promise((resolve) => {
        const stop = clock.after(timeout, () => {
            resolve(new IncomingResponseMessage());
            request.dispose();
        });
        const request = sendRequest(core, message, {
            response: (response) => {
                stop();
                resolve(response);
            },
        });
    });
}
