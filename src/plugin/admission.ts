/** Which calls may ring (PROTOCOL.md 8.8, 8.9): pure, from what is known of one that comes in. */
import { atLeast } from './identity.js';
import type { Identity } from './phone.js';

/** What decides. */
export interface Arrival {
    readonly identity: Identity;
    /** Somebody the person has blocked. */
    readonly blocked: boolean;
    /** Another call is up. */
    readonly busy: boolean;
    /** The person switched ringing off. */
    readonly doNotRing: boolean;
    /** The person's own status is dnd, set by hand. */
    readonly dnd: boolean;
    readonly acceptFrom: 'anyone' | 'contacts' | 'verified';
    /** There was time for a confirmation. */
    readonly late: boolean;
}

/**
 * - `ring`; `silent`, the same without a sound
 * - `wait` for a confirmation, while the caller hears only that the call has arrived
 * - `busy`: another call is up
 * - `refuse`: a quiet entry is all that is left
 * - `ignore`: nothing is left, and nobody is told
 */
export type Verdict = 'ring' | 'silent' | 'wait' | 'busy' | 'refuse' | 'ignore';

/** Decides. */
export function admit({ identity, blocked, busy, doNotRing, dnd, acceptFrom, late }: Arrival): Verdict {
    if (blocked) return 'ignore';
    if (doNotRing) return 'refuse';
    // A stranger who announces is verified, but no contact.
    const known = atLeast(identity, 'listed') && (identity.contact || identity.level === 'listed');
    if (acceptFrom === 'contacts' && !known) return 'refuse';
    if (acceptFrom === 'verified' && !atLeast(identity, 'announced')) return late ? 'refuse' : 'wait';
    if (busy) return 'busy';
    return dnd ? 'silent' : 'ring';
}
