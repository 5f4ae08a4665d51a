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
export function createOtherCalls(store: Store, list: Value<readonly LoggedCall[]>) {
    async function load(): Promise<void> {
        const kept = await store.list('other-calls');
        set([...list.get(), ...kept.filter(isLogged)]);
    }

    function add(call: LoggedCall): void {
        set([call, ...list.get()]);
    }

    function set(calls: readonly LoggedCall[]): void {
        const latest = calls.slice(0, MOST);
        list.set(latest);
        void store.set('other-calls', latest);
    }

    return {
        load,
        add,
        set,
    };
}

export type OtherCalls = ReturnType<typeof createOtherCalls>;
