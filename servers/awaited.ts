/** A list that grows, and waiting for an entry of it. */

/** Entries in the order in which they came. */
export interface Awaited<T> {
    readonly entries: readonly T[];
    add(entry: T): void;
    /** Nothing more will come: who waits is told. */
    close(why: string): void;
    /**
     * Resolves with the first entry, past or to come, that is wanted.
     * @param what what is waited for, as the end of the sentence "Waited in vain for …"
     * @throws Error that says what came, when it does not come in time (ms) or nothing more can come
     */
    waitFor(what: string, wanted: (entry: T) => boolean, options: { since?: number; timeout: number }): Promise<T>;
}

/** @param describe an entry in a few words, for errors */
export function createAwaited<T>(describe: (entry: T) => string): Awaited<T> {
    const entries: T[] = [];
    const waiting = new Set<(entry: T | null) => void>();
    let ending = '';
    return {
        entries,
        add: (entry) => {
            entries.push(entry);
            for (const listener of [...waiting]) listener(entry);
        },
        close: (why) => {
            ending = why;
            for (const listener of [...waiting]) listener(null);
        },
        waitFor: (what, wanted, { since = 0, timeout }) => {
            const past = entries.slice(since).find(wanted);
            if (past !== undefined) return Promise.resolve(past);
            return new Promise((resolve, reject) => {
                const fail = (why: string): void => {
                    settle();
                    const seen = entries.slice(since).map(describe).join('\n  ');
                    reject(new Error(`Waited in vain for ${what}: ${why}. What came:\n  ${seen || 'nothing'}`));
                };
                const listener = (entry: T | null): void => {
                    if (entry === null) fail(ending);
                    else if (wanted(entry)) {
                        settle();
                        resolve(entry);
                    }
                };
                const timer = setTimeout(() => fail(`${String(timeout)} ms passed`), timeout);
                const settle = (): void => {
                    clearTimeout(timer);
                    waiting.delete(listener);
                };
                waiting.add(listener);
                if (ending) fail(ending);
            });
        },
    };
}
