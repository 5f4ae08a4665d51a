import type { Converse } from '../../../src/plugin/converse.js';
import { Store } from '../../../src/plugin/store.js';

/** A store in memory, of a device that is trusted or not. */
export function fakeStore(trusted = true): { store: Store; kept: Map<string, unknown>; session: Map<string, unknown> } {
    const area = (kept: Map<string, unknown>) => ({
        getItem: (key: string) => Promise.resolve(kept.get(key) ?? null),
        setItem: (key: string, value: unknown) => Promise.resolve(kept.set(key, value)),
        removeItem: (key: string) => Promise.resolve(kept.delete(key)),
        keys: () => Promise.resolve([...kept.keys()]),
    });
    const kept = new Map<string, unknown>();
    const session = new Map<string, unknown>();
    const converse = {
        state: { config: { get: () => trusted } },
        storage: { persistent: area(kept), session: area(session) },
    };
    return { store: new Store(converse as unknown as Converse, 'alice@example.net'), kept, session };
}
