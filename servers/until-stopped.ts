/** How a command that stays ends: by Ctrl-C, by SIGTERM, or with the npm that started it. */

/** How often we look whether npm still lives, in ms. */
const LOOK = 500;

/**
 * Resolves when this process should end: SIGINT, SIGTERM, SIGHUP, or the npm that started it is gone (killed hard, it
 * passes nothing on).
 */
export function untilStopped(): Promise<void> {
    return new Promise((resolve) => {
        const parent = process.ppid;
        const timer = setInterval(() => {
            if (process.env['npm_lifecycle_event'] !== undefined && process.ppid !== parent) done();
        }, LOOK);
        const done = () => {
            clearInterval(timer);
            resolve();
        };
        // Signals that come again while we stop must not end us half-way, so the listeners stay.
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, done);
    });
}
