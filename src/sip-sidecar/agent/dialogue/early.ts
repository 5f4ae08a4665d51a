/** What is said to requests in a dialog in which nothing is agreed yet (RFC 3311 section 5.2, RFC 3262 section 3). */
import type { Dialog } from '../core/dialog.js';
import type { ServerRequest } from '../core/server-request.js';
import { readDescription } from './session-description.js';
import { retryAfter } from './session.js';

/** UPDATE may say where the other side is; an offer has to wait for the answer to the INVITE. Anything else is refused. */
export function answerEarly(request: ServerRequest, dialog: Dialog): void {
    const { message } = request;
    if (message.method !== 'UPDATE') {
        request.refuse();
    } else if (readDescription(message) === null) {
        dialog.refresh(message);
        request.reply(200, [dialog.core.contact]);
    } else {
        request.reply(500, [`Retry-After: ${retryAfter()}`]);
    }
}
