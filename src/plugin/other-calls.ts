/** Calls with nobody who has a conversation: numbers, strangers, and those that only say who they are. */
import type { LoggedCall } from './phone.js';
import type { Value } from './observable.js';
import type { Store } from './store.js';

/** So many are kept. */
const MOST = 30;

function isLogged(kept: unknown): kept is LoggedCall {
    const { direction, reason, address, startedAt, endedAt, answeredAt } = (kept ?? {}) as Record<string, unknown>;
    return (
        [direction, reason, address].every((text) => typeof text === 'string') &&
        [startedAt, endedAt, answeredAt ?? 0].every((time) => Number.isFinite(time))
    );
}

/** Keeps the list, the latest first. */
export class OtherCalls {
    constructor(
        private readonly store: Store,
        private readonly list: Value<readonly LoggedCall[]>,
    ) {}

    async load(): Promise<void> {
        const kept = await this.store.get('other-calls');
        if (Array.isArray(kept)) this.set([...this.list.get(), ...kept.filter(isLogged)]);
    }

    add(call: LoggedCall): void {
        this.set([call, ...this.list.get()]);
    }

    forget(): void {
        this.set([]);
    }

    private set(calls: readonly LoggedCall[]): void {
        const latest = calls.slice(0, MOST);
        this.list.set(latest);
        void this.store.set('other-calls', latest);
    }
}
