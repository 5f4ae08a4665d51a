/** A call of a page that is gone (PROTOCOL.md 8.13): its dialog. */
import type { DialogRecord, EndReason } from '../contract/index.js';
import type { Core } from './core/core.js';
import { restoredDialog } from './core/dialog.js';
import { reasonOf, type Leg } from './dialogue/session.js';

/** All that can be done in a dialog without its media is to end it. @param ended the other side did so */
export function restoredLeg(core: Core, record: DialogRecord, ended: (reason: EndReason) => void): Leg {
    const dialog = restoredDialog(core, record);
    dialog.host = {
        request: (request) => {
            if (request.message.method !== 'BYE') {
                request.reply(491);
                return;
            }
            dialog.dispose();
            request.reply(200);
            ended(reasonOf(request.message) ?? 'hung-up');
        },
    };
    return {
        leave: () => {
            dialog.request('BYE');
            dialog.dispose();
        },
    };
}
