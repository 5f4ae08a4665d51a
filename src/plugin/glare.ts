/** Two who call each other at once (PROTOCOL.md 8.5): decided on the two INVITEs alone, the same way on both sides. */
import { atLeast } from './identity.js';
import type { Call, Identity } from './phone.js';

/** Whether a call may be taken without a question as the one of somebody we are calling ourselves. */
export function isSurely({ jid, level, trusted }: Identity, dialled: string | null): boolean {
    return jid !== null && jid === dialled && (level === 'listed' ? trusted : atLeast({ level }, 'announced'));
}

/** What decides. */
export interface Crossing {
    /** Our call, not answered yet: whom it is for, and whether its INVITE has left. */
    readonly mine: Pick<Call, 'id' | 'video'> & { readonly dialled: string | null; readonly left: boolean };
    /** The one that comes in, and its Call-ID. */
    readonly theirs: Pick<Call, 'identity' | 'video'> & { readonly sipCallId: string };
}

/**
 * - `take`: ours is dropped, theirs is answered
 * - `wait`: ours goes on, and they will withdraw theirs
 * - `ring`: we are not sure enough; the person decides
 */
export function cross({ mine, theirs }: Crossing): 'take' | 'wait' | 'ring' {
    if (!isSurely(theirs.identity, mine.dialled) || (theirs.video && !mine.video)) return 'ring';
    return !mine.left || theirs.sipCallId < mine.id ? 'take' : 'wait';
}
