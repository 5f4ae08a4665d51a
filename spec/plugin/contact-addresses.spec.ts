import { AddressBook } from '../../src/plugin/address-book/book.js';
import { ContactAddresses } from '../../src/plugin/contact-addresses.js';
import type { Store } from '../../src/plugin/store.js';
import { fakeStore } from './support/fake-store.js';
import { Wheel } from './support/wheel.js';

const BOB = 'bob@example.net';
const SIP = 'sip:bob@sip.example.net';

describe('the addresses a person enters for a contact', () => {
    let store: Store;
    let kept: Map<string, unknown>;
    let wheel: Wheel;
    let book: AddressBook;
    let addresses: ContactAddresses;
    const begin = async (): Promise<void> => {
        book = new AddressBook(() => undefined, { isHidden: (...asked) => addresses.isHidden(...asked) });
        addresses = new ContactAddresses({ store, book, now: wheel.now });
        await addresses.load();
    };
    const uris = (): string[] => book.addressesOf(BOB).map(({ uri }) => uri);
    beforeEach(async () => {
        ({ store, kept } = fakeStore());
        wheel = new Wheel();
        await begin();
    });

    it('are called first, count as the person’s own word, and are there on the next page', async () => {
        book.put(BOB, { source: 'presence', resource: 'web', uris: [SIP], seenAt: 1 });
        expect(addresses.add(BOB, ' <SIP:robert@x.example;method=BYE> ')).toBe('sip:robert@x.example');
        wheel.turn(60_000);
        expect(addresses.add(BOB, '+1 (303) 555-1212')).toBe('tel:+13035551212');
        expect(uris()).toEqual(['sip:robert@x.example', 'tel:+13035551212', SIP]);
        const [first, second] = book.addressesOf(BOB);
        expect(first?.source).toBe('typed');
        expect((second?.seenAt ?? 0) - (first?.seenAt ?? 0)).toBe(60_000);
        await begin();
        expect(uris()).toEqual(['sip:robert@x.example', 'tel:+13035551212']);
        expect(book.whoIs('sips:robert@X.example')).toEqual({ jid: BOB, listed: true });
    });

    for (const wrong of [
        '',
        'bob',
        'javascript:alert(1)',
        'sip:',
        'sip:x.example',
        'a b@c',
        `sip:${'x'.repeat(999)}@y`,
    ]) {
        it(`are none with "${wrong.slice(0, 30)}"`, () => {
            expect(addresses.add(BOB, wrong)).toBeNull();
            expect(uris()).toEqual([]);
            expect(kept.size).toBe(0);
        });
    }

    it('are put first on request, learned ones too, and stay there', async () => {
        addresses.add(BOB, 'sip:a@x.example');
        addresses.add(BOB, 'sip:b@x.example');
        addresses.prefer(BOB, 'sip:b@x.example');
        expect(uris()).toEqual(['sip:b@x.example', 'sip:a@x.example']);
        book.put(BOB, { source: 'pep', uris: [SIP], seenAt: 1 });
        addresses.prefer(BOB, SIP);
        expect(uris()).toEqual([SIP, 'sip:b@x.example', 'sip:a@x.example']);
        await begin();
        expect(uris()).toEqual([SIP, 'sip:b@x.example', 'sip:a@x.example']);
    });

    it('are gone when they are removed', async () => {
        addresses.add(BOB, SIP);
        addresses.remove(BOB, SIP);
        expect(uris()).toEqual([]);
        await begin();
        expect(uris()).toEqual([]);
    });

    it('do not come back from a source that named them when they were removed', async () => {
        const presence = { source: 'presence', resource: 'web', uris: [SIP, 'sip:c@x.example'], seenAt: 1 } as const;
        book.put(BOB, presence);
        addresses.add(BOB, SIP);
        addresses.remove(BOB, SIP);
        expect(uris()).toEqual(['sip:c@x.example']);
        book.put(BOB, { ...presence, resource: 'phone' });
        expect(uris()).toEqual(['sip:c@x.example']);
        await begin();
        book.put(BOB, presence);
        expect(uris()).toEqual(['sip:c@x.example']);
        expect(book.whoIs(SIP).jid).toBeNull();
    });

    it('come back when another source names them, or the person types them again', () => {
        book.put(BOB, { source: 'presence', resource: 'web', uris: [SIP], seenAt: 1 });
        addresses.remove(BOB, SIP);
        book.put(BOB, { source: 'message', resource: 'web', uris: [SIP], seenAt: 2 });
        expect(uris()).toEqual([SIP]);
        addresses.remove(BOB, SIP);
        expect(uris()).toEqual([]);
        addresses.add(BOB, SIP);
        expect(uris()).toEqual([SIP]);
    });

    it('are forgotten with the contact', async () => {
        addresses.add(BOB, SIP);
        addresses.add('carol@example.net', 'sip:carol@x.example');
        addresses.forget(BOB);
        expect(uris()).toEqual([]);
        await begin();
        expect(uris()).toEqual([]);
        expect(book.size).toBe(1);
    });

    it('do not grow without end', () => {
        for (let index = 0; index < 100; index++) {
            addresses.add(BOB, `sip:typed${String(index)}@x.example`);
            book.put(BOB, { source: 'pep', uris: [`sip:pep${String(index)}@x.example`], seenAt: 1 });
            addresses.remove(BOB, `sip:pep${String(index)}@x.example`);
        }
        expect(uris().length).toBe(16);
        expect(JSON.stringify([...kept]).length).toBeLessThan(4_000);
    });

    it('are read as far as they make sense', async () => {
        for (const nonsense of [
            'x',
            7,
            {},
            [7, [BOB], [BOB, 7, 7], [BOB, [['javascript:alert(1)', 1], 7], [['x', 7], 7]]],
        ]) {
            await store.set('addresses', nonsense);
            await begin();
            expect(book.size).toBe(0);
        }
        await store.set('addresses', [[BOB, [[SIP, 'yesterday']], 7]]);
        await begin();
        expect(uris()).toEqual([SIP]);
    });

    it('leave nothing that lasts on a device that is not trusted', async () => {
        const untrusted = fakeStore(false);
        ({ store } = untrusted);
        await begin();
        addresses.add(BOB, SIP);
        expect(untrusted.kept.size).toBe(0);
    });
});
