/** XEP-0108 User Activity: what clients that know nothing of this plugin can show. Published on the node of its namespace. */
import { element } from './xml.js';

export const ACTIVITY = 'http://jabber.org/protocol/activity';

/** The activity of somebody on the telephone; null: none (any more). */
export function buildActivity(call: 'audio' | 'video' | null): Element {
    const kind = call === 'video' ? 'on_video_phone' : 'on_the_phone';
    return element(
        ACTIVITY,
        'activity',
        {},
        call === null ? null : element(ACTIVITY, 'talking', {}, element(ACTIVITY, kind)),
    );
}
