import { createThreads } from '../../src/plugin/threads.js';
import { isUuid } from '../../src/sip-sidecar/contract/uuid.js';
import { fakeStore } from './support/fake-store.js';

const BOB = 'bob@example.net';

describe('Threads of conversations', () => {
    it('give every conversation one of its own, and the same one each time', () => {
        const threads = createThreads(fakeStore().store, () => undefined);
        expect(threads.current(BOB)).toBeNull();
        const first = threads.of(BOB);
        expect(isUuid(first)).toBeTrue();
        expect(threads.of(BOB)).toBe(first);
        expect(threads.current(BOB)).toBe(first);
        expect(threads.of('carol@example.net')).not.toBe(first);
    });

    it('keep the one that the other side has, and know the one from a moment ago', () => {
        const threads = createThreads(fakeStore().store, () => undefined);
        const ours = threads.of(BOB);
        threads.note(BOB, 'theirs');
        expect(threads.of(BOB)).toBe('theirs');
        expect(threads.knows(BOB, ours)).toBeTrue();
        expect(threads.knows(BOB, 'theirs')).toBeTrue();
        expect(threads.knows('carol@example.net', 'theirs')).toBeFalse();
    });

    it('of strangers are theirs until they are answered, and push out nobody', async () => {
        const { store } = fakeStore();
        const threads = createThreads(store, () => undefined);
        const ours = threads.of(BOB);
        for (let i = 0; i < 1_000; i++) threads.note(`x${String(i)}@elsewhere.example`, `t${String(i)}`, true);
        threads.note('x1@elsewhere.example', 'bad\nthread', true);
        expect(threads.current(BOB)).toBe(ours);
        expect(threads.of('x1@elsewhere.example')).withContext('answered in theirs').toBe('t1');
        expect(threads.current('x999@elsewhere.example')).toBeNull();
        const later = createThreads(store, () => undefined);
        await later.load();
        expect(later.current('x1@elsewhere.example')).toBe('t1');
        expect(later.current('x2@elsewhere.example')).toBeNull();
    });

    it('are there again on the next page', async () => {
        const { store } = fakeStore();
        const thread = createThreads(store, () => undefined).of(BOB);
        const threads = createThreads(store, () => undefined);
        await threads.load();
        expect(threads.of(BOB)).toBe(thread);
    });

    it('that began while the store was read are the newer ones', async () => {
        const { store } = fakeStore();
        createThreads(store, () => undefined).note(BOB, 'old');
        const threads = createThreads(store, () => undefined);
        const loaded = threads.load();
        threads.note(BOB, 'new');
        await loaded;
        expect(threads.of(BOB)).toBe('new');
    });

    it('leave nothing that lasts on a device that is not trusted', () => {
        const { store, kept, session } = fakeStore(false);
        createThreads(store, () => undefined).of(BOB);
        expect(kept.size).toBe(0);
        expect(session.size).toBe(1);
    });

    it('do not grow without end, whoever writes in whatever threads', async () => {
        const { store } = fakeStore();
        const threads = createThreads(store, () => undefined);
        for (let person = 0; person < 1_000; person++) threads.note(`p${String(person)}@x.example`, 'T');
        for (let thread = 0; thread < 1_000; thread++) threads.note(BOB, `T${String(thread)}`);
        expect(threads.current('p100@x.example')).toBeNull();
        expect(threads.current('p999@x.example')).toBe('T');
        expect(threads.knows(BOB, 'T999')).toBeTrue();
        expect(threads.knows(BOB, 'T990')).toBeFalse();
        const again = createThreads(store, () => undefined);
        await again.load();
        expect(again.of(BOB)).toBe('T999');
    });

    it('take nothing that could not stand in a stanza or a header', () => {
        const threads = createThreads(fakeStore().store, () => undefined);
        for (const thread of ['', ' ', 'a\r\nVia: x', 'a\u0000', 'x'.repeat(300), '\u202etxet', '\ud800']) {
            threads.note(BOB, thread);
        }
        expect(threads.current(BOB)).toBeNull();
    });

    it('are made anew where the store holds nonsense', async () => {
        const { store } = fakeStore();
        for (const nonsense of ['x', 7, {}, [null, 7, [], [BOB], [7, 'T'], { 0: BOB, 1: 'T' }]]) {
            await store.set('threads', nonsense);
            const threads = createThreads(store, () => undefined);
            await threads.load();
            expect(isUuid(threads.of(BOB))).toBeTrue();
        }
    });
});
