/** Waiting for what is awaited, never for time to pass. */
import { setTimeout as delay } from 'node:timers/promises';

/** How long anything may take unless a spec says otherwise, in ms: twice what a busy machine with two cores needs. */
export const PATIENCE = 15_000;

/** Pause between two looks, in ms. */
const POLL = 50;

/**
 * Resolves with the first answer that is neither false, null nor undefined.
 *
 * @param what what is awaited, as the end of the sentence "Waited in vain: …"
 * @throws Error that says what was awaited and what was seen last
 */
export async function until<T>(
    what: string,
    look: () => T | Promise<T>,
    patience = PATIENCE,
): Promise<Exclude<T, false | null | undefined>> {
    const end = Date.now() + patience;
    let last: unknown = 'nothing';
    for (;;) {
        try {
            const seen = await look();
            if (seen !== false && seen !== null && seen !== undefined)
                return seen as Exclude<T, false | null | undefined>;
            last = seen;
        } catch (error) {
            last = error;
        }
        if (Date.now() > end) {
            const seen = last instanceof Error ? last.message : String(last);
            throw new Error(`Waited in vain for ${String(patience)} ms: ${what}. Seen last: ${seen}`);
        }
        await delay(POLL);
    }
}
