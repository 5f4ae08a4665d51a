/** Tells the sidecar who is known: a flood of strangers' calls must not keep theirs out. */
import type { SidecarCommand } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';

/** How long changes are gathered, in ms: with the roster they come by the thousand. */
const DELAY = 1_000;

/** The most that are told. */
const MAX_KNOWN = 20_000;

/** What this needs. */
export interface KnownAddressesNeeds {
    readonly book: { readonly aors: Iterable<string> };
    readonly clock: Pick<Clock, 'after'>;
    readonly command: (command: SidecarCommand) => void;
}

/** @returns is called with every change of the address book */
export function knownAddresses(needs: KnownAddressesNeeds): () => void {
    let waiting: unknown = null;
    return () => {
        waiting ??= needs.clock.after(DELAY, () => {
            waiting = null;
            needs.command({ type: 'known', addresses: [...needs.book.aors].slice(0, MAX_KNOWN) });
        });
    };
}
