/** A value that can be watched: the plugin's models are made of these, and components read them. */

/** What others may do with a {@link Value}. */
export interface Readable<T> {
    get(): T;
    /**
     * Calls `listener` after every change, not now.
     * @returns a function that ends the subscription
     */
    subscribe(listener: (value: T) => void): () => void;
}

/** A watched value. `set` with the same value (`Object.is`) tells nobody. */
export class Value<T> implements Readable<T> {
    private readonly listeners = new Set<(value: T) => void>();
    private value: T;

    constructor(private readonly first: T) {
        this.value = first;
    }

    get isWatched(): boolean {
        return this.listeners.size > 0;
    }

    get(): T {
        return this.value;
    }

    set(value: T): void {
        if (Object.is(value, this.value)) return;
        this.value = value;
        for (const listener of [...this.listeners]) listener(value);
    }

    /** As it was at first. */
    reset(): void {
        this.set(this.first);
    }

    subscribe(listener: (value: T) => void): () => void {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    }
}
