import type { Converse } from '../../src/plugin/converse.js';
import { Store } from '../../src/plugin/store.js';
import { fakeStore } from './support/fake-store.js';

describe('what is kept', () => {
    it('stays on a trusted device, by account', async () => {
        const { store, kept, session } = fakeStore();
        await store.set('share', false);
        expect(await store.get('share')).toBe(false);
        expect([...kept.keys()]).toEqual(['converse-sip/alice@example.net/share']);
        expect(session.size).toBe(0);
        await store.clear();
        expect(kept.size).toBe(0);
    });

    it('goes with the tab on a device that is not trusted', async () => {
        const { store, kept, session } = fakeStore(false);
        await store.set('instance', 'x');
        expect(kept.size).toBe(0);
        expect(session.size).toBe(1);
    });

    it('is nothing where storage fails', async () => {
        const broken = { getItem: fails, setItem: fails, removeItem: fails, keys: fails };
        const converse = { state: { config: { get: () => true } }, storage: { persistent: broken } };
        const store = new Store(converse as unknown as Converse, 'a@b');
        await store.set('share', true);
        await store.clear();
        expect(await store.get('share')).toBeNull();
    });
});

function fails(): Promise<never> {
    return Promise.reject(new DOMException('full', 'QuotaExceededError'));
}
