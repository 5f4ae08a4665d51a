/** Tells the sidecar who is known: a flood of strangers' calls must not keep theirs out. */
import type { SidecarCommand } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';

/** How long changes are gathered, in ms: with the roster they come by the thousand. */
const DELAY = 1_000;

/** The most that are told. */
const MAX_KNOWN = 20_000;

/** @returns is called with every change of the address book */
export function knownAddresses(
    aors: () => Iterable<string>,
    clock: Pick<Clock, 'after'>,
    command: (command: SidecarCommand) => void,
): () => void {
    let waiting: unknown = null;
    return () => {
        waiting ??= clock.after(DELAY, () => {
            waiting = null;
            command({ type: 'known', addresses: [...aors()].slice(0, MAX_KNOWN) });
        });
    };
}
