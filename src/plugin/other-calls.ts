/** Calls with nobody who has a conversation: numbers, strangers, and those that only say who they are. */
import { isLike } from '../sip-sidecar/contract/shape.js';
import type { LoggedCall } from './phone.js';
import type { Value } from './observable.js';
import type { Store } from './store.js';

/** So many are kept. */
const MOST = 30;

const LOGGED = { direction: '', reason: '', address: '', startedAt: 0, endedAt: 0 };

const isLogged = (kept: unknown): kept is LoggedCall =>
    isLike(kept, LOGGED) && Number.isFinite((kept as Partial<LoggedCall>).answeredAt ?? 0);

/** Keeps the list, the latest first. */
export class OtherCalls {
    constructor(
        private readonly store: Store,
        private readonly list: Value<readonly LoggedCall[]>,
    ) {}

    async load(): Promise<void> {
        const kept = await this.store.list('other-calls');
        this.set([...this.list.get(), ...kept.filter(isLogged)]);
    }

    add(call: LoggedCall): void {
        this.set([call, ...this.list.get()]);
    }

    set(calls: readonly LoggedCall[]): void {
        const latest = calls.slice(0, MOST);
        this.list.set(latest);
        void this.store.set('other-calls', latest);
    }
}
