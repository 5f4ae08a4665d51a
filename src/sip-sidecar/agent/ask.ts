/** A request of ours outside any dialog, and its final answer (RFC 3261 section 17.1.2). */
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import type { OutgoingRequestMessage } from 'sip.js/lib/core/messages/outgoing-request-message.js';
import type { UserAgentCore } from 'sip.js/lib/core/user-agent-core/user-agent-core.js';
import type { Clock } from '../contract/index.js';

/**
 * Sends a request that is no INVITE, with the answer to a challenge. Never rejects.
 *
 * @param timeout in ms
 * @returns null where no answer came in time
 */
export function ask(
    core: UserAgentCore,
    message: OutgoingRequestMessage,
    clock: Clock,
    timeout: number,
): Promise<IncomingResponseMessage | null> {
    return new Promise((resolve) => {
        const stop = clock.after(timeout, () => {
            resolve(null);
            request.dispose();
        });
        const done = ({ message: response }: { message: IncomingResponseMessage }): void => {
            stop();
            resolve(response);
        };
        const request = core.request(message, { onAccept: done, onRedirect: done, onReject: done });
    });
}
