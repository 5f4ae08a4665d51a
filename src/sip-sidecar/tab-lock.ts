/** One tab of a browser profile holds an account's registration; the others take over when it goes. */

/** What became of asking for the lock. */
export interface TabLock {
    /** Gives the lock back, or stops waiting for it. */
    release(): void;
}

/**
 * Asks for the lock of an account. Where the browser has no Web Locks (a page that is not secure), every tab gets it.
 *
 * @param granted called once, when this tab holds the lock
 * @param elsewhere called at most once, where another tab holds it; `granted` may still come
 */
export function takeTabLock(
    locks: LockManager | null,
    aor: string,
    granted: () => void,
    elsewhere: () => void,
): TabLock {
    const name = `converse-sip ${aor}`;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
        release = resolve;
    });
    const waiting = new AbortController();
    let over = false;
    void released.then(() => {
        over = true;
        waiting.abort();
    });
    const hold = (): Promise<void> => {
        if (!over) granted();
        return released;
    };
    const wait = async (): Promise<void> => {
        if (locks === null) return hold();
        const taken = await locks.request(name, { ifAvailable: true }, async (lock) => {
            if (lock !== null) await hold();
            return lock !== null;
        });
        if (taken || over) return;
        elsewhere();
        await locks.request(name, { signal: waiting.signal }, hold);
    };
    void wait().catch(() => {
        // Called off while waiting; or locks are forbidden here, and then every tab registers.
        if (!over) granted();
    });
    return { release };
}
