/** How often we look whether npm still lives, in ms. */
const LOOK = 500;

/**
 * How a command that stays ends. Resolves at SIGINT (Ctrl-C), SIGTERM, SIGHUP, or when the npm that started it is gone
 * (killed hard, it passes nothing on; package.json says `exec node …` so that no shell stands between).
 */
export function untilStopped(): Promise<void> {
    return new Promise((resolve) => {
        const parent = process.ppid;
        const byNpm = process.env['npm_lifecycle_event'] !== undefined;
        const timer = setInterval(() => {
            if (byNpm && process.ppid !== parent) done();
        }, LOOK);
        const done = () => {
            clearInterval(timer);
            resolve();
        };
        // Signals that come again while we stop must not end us half-way, so the listeners stay.
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, done);
    });
}
