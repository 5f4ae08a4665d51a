/** A call of a page that is gone (PROTOCOL.md 8.13): its dialog, and the way to a leg that follows. */
import type { Clock, DialogRecord, EndReason } from '../contract/index.js';
import type { Core } from './core/core.js';
import { Dialog } from './core/dialog.js';
import { reasonOf, type Leg, type Reinvited } from './dialogue/session.js';
import { RESUME_AGAIN } from './policies.js';

/** All that can be done in a dialog without its media is to end it. @param ended the other side did so */
export function restoredLeg(core: Core, record: DialogRecord, ended: (reason: EndReason) => void): Leg {
    const dialog = Dialog.restored(core, record);
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
        acknowledged: () => undefined,
    };
    return {
        leave: () => {
            dialog.request('BYE');
            dialog.dispose();
        },
    };
}

/** What a call is gone on with by. */
export interface ResumptionHost {
    readonly clock: Clock;
    /** Resolves once there is a connection. */
    readonly ready: () => Promise<void>;
    /** INVITE with Replaces. Never rejects. */
    readonly call: () => Promise<Reinvited>;
    /** Another leg is up, or the call is over. */
    readonly isOver: () => boolean;
    /** It cannot be gone on with. */
    readonly lost: () => void;
}

/** Calls until the other side, which may be on its way back itself, takes the call. */
export async function resume({ clock, ready, call, isOver, lost }: ResumptionHost): Promise<void> {
    for (;;) {
        await ready();
        if (isOver()) return;
        const outcome = await call();
        if (isOver()) return;
        if (outcome === 'gone' || outcome === 'refused') lost();
        else await new Promise<void>((resolve) => clock.after(RESUME_AGAIN, resolve));
    }
}
