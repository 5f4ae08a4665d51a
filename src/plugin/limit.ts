/** Bounds on what others can make happen. */

/**
 * @param most so often within a time, for each key
 * @param within that time (ms)
 * @returns says at a moment (ms since the epoch) whether it may happen once more, and counts it then
 */
export function limit(most: number, within: number): (key: string, now: number) => boolean {
    let times: readonly { readonly key: string; readonly at: number }[] = [];
    return (key, now) => {
        times = times.filter(({ at }) => now - at < within);
        const allowed = times.filter((each) => each.key === key).length < most;
        if (allowed) times = [...times, { key, at: now }];
        return allowed;
    };
}
