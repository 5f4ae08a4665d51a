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

    it('is everybody’s where locks are absent, or forbidden to the page', async () => {
        const forbidden = { request: () => Promise.reject(new DOMException('no', 'SecurityError')) };
        for (const locks of [null, forbidden as unknown as LockManager]) {
            await new Promise<void>((resolve) => takeTabLock(locks, aor(), resolve, fail));
        }
        expect().nothing();
    });
});
