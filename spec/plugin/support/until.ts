/** Resolves with the first answer that is something; rejects with what was awaited after two seconds. */
export async function until<T>(what: string, look: () => T | null | undefined | false): Promise<T> {
    const end = performance.now() + 2_000;
    for (;;) {
        const found = look();
        if (found !== null && found !== undefined && found !== false) return found;
        if (performance.now() > end) throw new Error(`in vain: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
}

/** Lets everything run that is already on its way: promises, storage, and what they lead to. */
export async function settled(): Promise<void> {
    for (let round = 0; round < 5; round++) await new Promise((resolve) => setTimeout(resolve, 4));
}
