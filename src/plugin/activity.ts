/**
 * `sip_activity`: "on the phone" for clients that know nothing of this plugin and read XEP-0108. It is published, so it would
 * outlive a crash: a mark on this device makes the next page take it back.
 */
import { publishItem, readItem, type PublicationNeeds } from './publication.js';
import { ACTIVITY, buildActivity } from './stanzas/activity.js';
import { PUBLISH_OPTIONS } from './stanzas/pubsub.js';

type Talk = 'audio' | 'video' | null;

/**
 * Publishes what the person does while in a call, and takes it back.
 * @returns resolves once it is published, or taken back where this device had published one
 */
export function createActivity(needs: Omit<PublicationNeeds, 'clock'>): (call: Talk) => Promise<void> {
    const { store, sendIQ, supports, jid, failed } = needs;
    let wanted: Talk = null;
    let running = Promise.resolve();

    const write = async (call: Talk): Promise<void> => {
        if (call !== wanted) return;
        try {
            const mark = await store.get('activity');
            if (mark === call) return;
            if (call !== null && mark === null) {
                // The person's own activity, set with another client, is left alone.
                const mayPublish = await supports(PUBLISH_OPTIONS, jid);
                if (!mayPublish || (await readItem(sendIQ, ACTIVITY, jid))?.firstElementChild) return;
            }
            if (call !== null) await store.set('activity', call);
            await publishItem(sendIQ, ACTIVITY, buildActivity(call));
            if (call === null) await store.set('activity', null);
        } catch (error) {
            failed('SIP-201', error);
        }
    };

    return (call) => {
        wanted = call;
        return (running = running.then(() => write(call)));
    };
}
