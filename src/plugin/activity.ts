/**
 * `sip_activity`: "on the phone" for clients that know nothing of this plugin and read XEP-0108. It is published, so it would
 * outlive a crash: a mark on this device makes the next page take it back.
 */
import { publishItem, readItem, type PublicationNeeds } from './publication.js';
import { ACTIVITY, buildActivity } from './stanzas/activity.js';
import { PUBLISH_OPTIONS } from './stanzas/pubsub.js';

/** Publishes what the person does while in a call, and takes it back. */
export class Activity {
    private wanted: 'audio' | 'video' | null = null;
    private running: Promise<void> = Promise.resolve();

    constructor(private readonly needs: Omit<PublicationNeeds, 'clock'>) {}

    /** @returns once it is published, or taken back where this device had published one */
    set(call: 'audio' | 'video' | null): Promise<void> {
        this.wanted = call;
        this.running = this.running.then(() => this.write(call));
        return this.running;
    }

    private async write(call: 'audio' | 'video' | null): Promise<void> {
        if (call !== this.wanted) return;
        const { store, sendIQ, supports, jid, failed } = this.needs;
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
            if (call === null) await store.remove('activity');
        } catch (error) {
            failed('SIP-201', error);
        }
    }
}
