/** Something computed for each of many keys, kept until it is said to have changed. */
import { Value } from './observable.js';
import type { Keyed } from './phone.js';

/** Computes lazily; tells a listener only what really changed. */
export class KeyedValues<T> implements Keyed<T> {
    /** Only what somebody watches is kept: the others would stay for ever. */
    private readonly watched = new Map<string, Value<T>>();

    /** @param keyOf makes keys that mean the same the same */
    constructor(
        private readonly compute: (key: string) => T,
        private readonly same: (a: T, b: T) => boolean = Object.is,
        private readonly keyOf: (key: string) => string = String,
    ) {}

    get(key: string): T {
        const wanted = this.keyOf(key);
        const value = this.watched.get(wanted);
        return value ? value.get() : this.compute(wanted);
    }

    subscribe(key: string, listener: (value: T) => void): () => void {
        const wanted = this.keyOf(key);
        const value = this.watched.get(wanted) ?? new Value(this.compute(wanted));
        this.watched.set(wanted, value);
        const end = value.subscribe(listener);
        return () => {
            end();
            if (!value.isWatched && this.watched.get(wanted) === value) this.watched.delete(wanted);
        };
    }

    /** What is behind a key has changed, or behind all of them. */
    changed(key?: string): void {
        for (const each of key === undefined ? [...this.watched.keys()] : [this.keyOf(key)]) {
            const value = this.watched.get(each);
            if (!value) continue;
            const after = this.compute(each);
            if (!this.same(value.get(), after)) value.set(after);
        }
    }
}
