/** Waiting in specs for what has no event: looks again and again until it is so, and says what did not come. */
export async function eventually<T>(
    what: string,
    look: () => T | Promise<T>,
    milliseconds = 10_000,
): Promise<NonNullable<T>> {
    const end = performance.now() + milliseconds;
    for (;;) {
        const found = await look();
        if (found) return found;
        if (performance.now() > end) throw new Error(`Not within ${String(milliseconds)} ms: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}
