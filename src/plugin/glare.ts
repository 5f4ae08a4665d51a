/** Two who call each other at once (PROTOCOL.md 8.5): decided on the two INVITEs alone, the same way on both sides. */
import { atLeast } from './identity.js';
import type { Call, Identity } from './phone.js';

/** Whether a call may be taken without a question as the one of somebody we are calling ourselves. */
export function isSurely({ jid, level, trusted }: Identity, dialled: string | null): boolean {
    return jid !== null && jid === dialled && (level === 'listed' ? trusted : atLeast({ level }, 'announced'));
}

/**
 * - `take`: ours is dropped, theirs is answered
 * - `wait`: ours goes on, and they will withdraw theirs
 * - `ring`: we are not sure enough; the person decides
 *
 * @param mine our call, not answered yet @param theirs the one that comes in
 * @param dialled whom ours is for @param left whether its INVITE has left
 */
export function cross(
    mine: Pick<Call, 'id' | 'video'>,
    theirs: Pick<Call, 'identity' | 'video' | 'sipCallIds'>,
    dialled: string | null,
    left: boolean,
): 'take' | 'wait' | 'ring' {
    const [sipCallId = ''] = theirs.sipCallIds;
    if (!isSurely(theirs.identity, dialled) || (theirs.video && !mine.video)) return 'ring';
    return !left || sipCallId < mine.id ? 'take' : 'wait';
}
