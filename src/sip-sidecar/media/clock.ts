/** Time, handed in so that specs can turn the wheel by hand. */
export interface Clock {
    /** Milliseconds; only differences mean something. */
    now(): number;
    /**
     * Calls `action` once, `delay` milliseconds from now.
     * @returns a function that calls it off
     */
    after(delay: number, action: () => void): () => void;
}

/** The browser's own time. */
export const browserClock: Clock = {
    now: () => performance.now(),
    after: (delay, action) => {
        const timer = setTimeout(action, delay);
        return () => clearTimeout(timer);
    },
};
