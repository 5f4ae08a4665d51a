/** A name that one tab of a browser profile holds at a time (Web Locks): the registration of an account, or a call. */

/** What became of asking for the lock. */
export interface TabLock {
    /** Takes it from the tab that holds it, which has said that it may be taken. */
    take(): void;
    /** Hands it to the tab that waits longest, and waits again. */
    pass(): void;
    /** Gives the lock back, or stops waiting for it. */
    release(): void;
}

/**
 * Asks for a lock. Where the browser has no Web Locks (a page that is not secure), every tab gets it.
 *
 * @param granted called when this tab holds the lock; again where it had lost it
 * @param elsewhere called where another tab holds it, or has taken it; `granted` may still come
 */
export function takeTabLock(
    locks: LockManager | null,
    name: string,
    granted: () => void,
    elsewhere: () => void,
): TabLock {
    let over = false;
    let taking = false;
    let held = false;
    let waiting = new AbortController();
    let pass: () => void = () => undefined;
    const hold = (): Promise<void> => {
        held = true;
        return new Promise((resolve) => {
            pass = resolve;
            granted();
        });
    };
    const wait = async (): Promise<void> => {
        for (let options: LockOptions = { ifAvailable: true }; ;) {
            held = false;
            try {
                await locks?.request(`converse-sip ${name}`, options, (lock) => lock && !over && hold());
            } catch (error) {
                // Taken, or called off while waiting; else locks are forbidden here, and then every tab registers.
                if (!(error instanceof DOMException && error.name === 'AbortError')) break;
            }
            if (over || locks === null) break;
            waiting = new AbortController();
            options = taking ? { steal: true } : { signal: waiting.signal };
            if (!taking) elsewhere();
            taking = false;
        }
        if (!over) granted();
    };
    void wait();
    return {
        take: () => {
            if (held) return;
            taking = true;
            waiting.abort();
        },
        pass: () => pass(),
        release: () => {
            over = true;
            waiting.abort();
            pass();
        },
    };
}
