/** Tells the sidecar who is known: a flood of strangers' calls must not keep theirs out. */
import type { SidecarCommand } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';

/** How long changes are gathered, in ms: with the roster they come by the thousand. */
const DELAY = 1_000;

/** The most that are told. */
const MAX_KNOWN = 20_000;

/**
 * @param aors the addresses of record of those who are known
 * @returns `changed` is called with every change, `stop` at the end
 */
export function knownAddresses(
    aors: () => Iterable<string>,
    clock: Clock,
    send: (command: SidecarCommand) => void,
): { readonly changed: () => void; readonly stop: () => void } {
    let cancel: (() => void) | null = null;
    const tell = (): void => {
        cancel = null;
        send({ type: 'known', addresses: Array.from(aors()).slice(0, MAX_KNOWN) });
    };
    return {
        changed: () => {
            cancel ??= clock.after(DELAY, tell);
        },
        stop: () => cancel?.(),
    };
}
