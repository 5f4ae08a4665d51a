/** Something computed for each of many keys, kept until it is said to have changed. */
import type { Keyed } from './phone.js';

/** Computes lazily; tells a listener only what really changed. */
export class KeyedValues<T> implements Keyed<T> {
    private readonly values = new Map<string, T>();
    private readonly listeners = new Map<string, Set<(value: T) => void>>();

    /** @param keyOf makes keys that mean the same the same */
    constructor(
        private readonly compute: (key: string) => T,
        private readonly same: (a: T, b: T) => boolean,
        private readonly keyOf: (key: string) => string,
    ) {}

    get(key: string): T {
        const wanted = this.keyOf(key);
        const known = this.values.get(wanted);
        if (known !== undefined) return known;
        const value = this.compute(wanted);
        // Only what somebody watches is kept: the others would stay for ever.
        if (this.listeners.has(wanted)) this.values.set(wanted, value);
        return value;
    }

    subscribe(key: string, listener: (value: T) => void): () => void {
        const wanted = this.keyOf(key);
        const listeners = this.listeners.get(wanted) ?? new Set();
        this.listeners.set(wanted, listeners.add(listener));
        this.get(wanted);
        return () => {
            listeners.delete(listener);
            if (listeners.size > 0) return;
            this.listeners.delete(wanted);
            this.values.delete(wanted);
        };
    }

    /** What is behind a key has changed, or behind all of them. */
    changed(key?: string): void {
        const keys = key === undefined ? [...this.listeners.keys()] : [this.keyOf(key)];
        for (const each of keys) {
            const listeners = this.listeners.get(each);
            if (listeners === undefined) continue;
            const before = this.values.get(each);
            const after = this.compute(each);
            if (before !== undefined && this.same(before, after)) continue;
            this.values.set(each, after);
            for (const listener of [...listeners]) listener(after);
        }
    }
}
