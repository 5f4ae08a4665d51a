import { takeTabLock } from '../../src/sip-sidecar/tab-lock.js';

describe('The lock of a tab', () => {
    const aor = (): string => `sip:${crypto.randomUUID()}@example.net`;
    const heldNames = async (): Promise<string[]> =>
        ((await navigator.locks.query()).held ?? []).map(({ name }) => name ?? '');

    it('that is given back before it came is never told, and is free for others', async () => {
        const name = aor();
        const granted = jasmine.createSpy('granted');
        takeTabLock(navigator.locks, name, granted, granted).release();
        await new Promise<void>((resolve) => takeTabLock(navigator.locks, name, resolve, () => undefined));
        expect(granted).not.toHaveBeenCalled();
    });

    it('holds the address of record in its name, and is gone when it is given back', async () => {
        const name = aor();
        const lock = await new Promise<{ release(): void }>((resolve) => {
            const taken = takeTabLock(
                navigator.locks,
                name,
                () => queueMicrotask(() => resolve(taken)),
                () => undefined,
            );
        });
        expect(await heldNames()).toContain(`converse-sip ${name}`);
        lock.release();
        await navigator.locks.request(`converse-sip ${name}`, () => undefined);
        expect(await heldNames()).not.toContain(`converse-sip ${name}`);
    });

    it('goes round: handed on, and taken where that was agreed', async () => {
        const name = aor();
        const log: string[] = [];
        let heard: () => void = () => undefined;
        const note = (what: string) => () => {
            log.push(what);
            heard();
        };
        const until = async (what: string, times = 1): Promise<void> => {
            while (log.filter((each) => each === what).length < times) {
                await new Promise<void>((resolve) => (heard = resolve));
            }
        };
        const join = (who: string) => takeTabLock(navigator.locks, name, note(`${who} has it`), note(`${who} waits`));
        const first = join('first');
        await until('first has it');
        const second = join('second');
        await until('second waits');
        const third = join('third');
        await until('third waits');
        third.take();
        await until('third has it');
        await until('first waits');
        third.pass();
        await until('second has it');
        await until('third waits', 2);
        second.release();
        await until('first has it', 2);
        third.release();
        first.release();
        await navigator.locks.request(`converse-sip ${name}`, () => undefined);
        expect(log.length).toBe(8);
    });

    it('is everybody’s where locks are absent, or forbidden to the page', async () => {
        const forbidden = { request: () => Promise.reject(new DOMException('no', 'SecurityError')) };
        for (const locks of [null, forbidden as unknown as LockManager]) {
            await new Promise<void>((resolve) => takeTabLock(locks, aor(), resolve, fail));
        }
        expect().nothing();
    });
});
