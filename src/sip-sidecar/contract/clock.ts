/** Time, handed in, so that specs turn the wheel by hand. */
export interface Clock {
    /** Milliseconds since the epoch. */
    now(): number;
    /** Runs `task` once, after `delay` milliseconds. @returns a function that calls it off */
    after(delay: number, task: () => void): () => void;
}

/** The page's own clock. */
export const pageClock: Clock = {
    now: () => Date.now(),
    after: (delay, task) => {
        const timer = setTimeout(task, delay);
        return () => {
            clearTimeout(timer);
        };
    },
};
