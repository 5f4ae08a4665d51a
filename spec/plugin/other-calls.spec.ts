import { Value } from '../../src/plugin/observable.js';
import { createOtherCalls } from '../../src/plugin/other-calls.js';
import type { LoggedCall } from '../../src/plugin/phone.js';
import { fakeStore } from './support/fake-store.js';

const call = (address: string): LoggedCall => ({
    direction: 'incoming',
    reason: 'missed',
    video: false,
    startedAt: 1,
    answeredAt: null,
    endedAt: 2,
    address,
});

async function open(store = fakeStore().store) {
    const list = new Value<readonly LoggedCall[]>([]);
    const others = createOtherCalls(store, list);
    await others.load();
    return { list, others, addresses: () => list.get().map(({ address }) => address) };
}

describe('calls with nobody who has a conversation', () => {
    it('are kept, the latest first, until the person forgets them', async () => {
        const { store } = fakeStore();
        const { others, addresses } = await open(store);
        others.add(call('sip:+4930123@sip.example;user=phone'));
        others.add(call(''));
        expect(addresses()).toEqual(['', 'sip:+4930123@sip.example;user=phone']);
        const later = await open(store);
        expect(later.addresses()).toEqual(addresses());
        later.others.set([]);
        expect(later.addresses()).toEqual([]);
        expect((await open(store)).addresses()).toEqual([]);
    });

    it('are the last thirty, whoever calls how often', async () => {
        const { store } = fakeStore();
        const { others, addresses } = await open(store);
        for (let i = 0; i < 200; i++) others.add(call(`sip:${String(i)}@sip.example`));
        expect(addresses().length).toBe(30);
        expect(addresses()[0]).toBe('sip:199@sip.example');
        expect((await open(store)).addresses().length).toBe(30);
    });

    it('are none where something else is kept', async () => {
        for (const kept of [7, 'x', {}, [null, 7, {}, { ...call('a'), startedAt: 'x' }, { ...call('a'), reason: 1 }]]) {
            const { store } = fakeStore();
            await store.set('other-calls', kept);
            expect((await open(store)).addresses()).toEqual([]);
        }
    });
});
