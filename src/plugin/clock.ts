/** Time and chance, handed in so that specs can turn the wheel by hand. */

/** What waits, and what throws dice. */
export interface Clock {
    /** Milliseconds since the epoch. */
    readonly now: () => number;
    /** @returns a function that calls it off */
    readonly after: (milliseconds: number, run: () => void) => () => void;
    /** At least 0, less than 1. */
    readonly random: () => number;
}

/** The browser's. */
export const systemClock: Clock = {
    now: () => Date.now(),
    after: (milliseconds, run) => {
        const timer = setTimeout(run, milliseconds);
        return () => clearTimeout(timer);
    },
    random: () => Math.random(),
};
