/** What another device of this person shows during a call is not the person's own. */
import type { Roster } from './converse.js';
import { RPID } from './stanzas/namespaces.js';

/**
 * Keeps Converse from copying show and text from a device that is on the phone (`synchronize_availability`): they would
 * outlast the call.
 */
export function ignoreCallsElsewhere(roster: Roster): void {
    const handle = roster.handleOwnPresence?.bind(roster);
    if (handle === undefined || Object.hasOwn(roster, 'handleOwnPresence')) return;
    roster.handleOwnPresence = (presence) =>
        presence.getElementsByTagNameNS(RPID, 'on-the-phone').length > 0 ? undefined : handle(presence);
}
