/** Lists by JID, kept between pages: of those that were written last, so many. */
import { lists } from '../sip-sidecar/contract/shape.js';
import type { Kept, Store } from './store.js';

/** In the store each is a list that begins with its JID. */
export class KeptLists<T extends readonly unknown[]> {
    private entries: ReadonlyMap<string, T> = new Map();

    /** @param read makes sense of what somebody else may have written */
    constructor(
        private readonly store: Store,
        private readonly name: Kept,
        private readonly most: number,
        private readonly read: (kept: readonly unknown[]) => T,
    ) {}

    async load(): Promise<void> {
        const kept = lists(await this.store.get(this.name)).slice(-this.most);
        this.entries = new Map([...kept.map(([jid, ...list]) => [jid, this.read(list)] as const), ...this.entries]);
    }

    get all(): readonly (readonly [jid: string, list: T])[] {
        return [...this.entries];
    }

    get(jid: string): T | undefined {
        return this.entries.get(jid);
    }

    /** Undefined: nothing is kept any more. */
    set(jid: string, list: T | undefined): void {
        const others = this.all.filter(([each]) => each !== jid);
        const all = [...others, ...(list ? [[jid, list] as const] : [])].slice(-this.most);
        this.entries = new Map(all);
        const kept = all.map(([each, entries]) => [each, ...entries]);
        void this.store.set(this.name, kept);
    }
}
