import fc from 'fast-check';
import { AddressBook, type NewClaim } from '../../../src/plugin/address-book/book.js';
import { addressOfRecord } from '../../../src/sip-sidecar/contract/index.js';

const BOB = 'bob@example.net';
const SIP = 'sip:bob@sip.example.net';

const claim = (source: NewClaim['source'], uris: readonly string[], more: Partial<NewClaim> = {}): NewClaim => ({
    source,
    uris,
    seenAt: 1,
    ...more,
});

describe('the address book', () => {
    let changed: string[];
    let book: AddressBook;
    beforeEach(() => {
        changed = [];
        book = new AddressBook((jid) => changed.push(jid));
    });

    it('gives the addresses of a person in the order of PROTOCOL.md 8.6', () => {
        const sources = ['vcard', 'pep', 'phonebook', 'presence', 'message', 'typed'] as const;
        for (const source of sources) book.put(BOB, claim(source, [`sip:${source}@x.example`]));
        expect(book.addressesOf(BOB).map(({ source }) => source)).toEqual([...sources].reverse());
    });

    it('calls the device that is open before one on the phone, and then the one of highest priority', () => {
        const devices = [
            ['closed', 50, 'sip:c@x.example'],
            ['on-the-phone', 40, 'sip:p@x.example'],
            ['open', 2, 'sip:o2@x.example'],
            ['open', 10, 'sip:o10@x.example'],
            ['open', -3, 'sip:o-3@x.example'],
        ] as const;
        for (const [availability, priority, uri] of devices) {
            book.put(BOB, claim('presence', [uri], { resource: uri, availability, priority }));
        }
        expect(book.addressesOf(BOB).map(({ uri }) => uri)).toEqual([
            'sip:o10@x.example',
            'sip:o2@x.example',
            'sip:o-3@x.example',
            'sip:p@x.example',
            'sip:c@x.example',
        ]);
        expect(book.availabilityOf(BOB)).toBe('open');
    });

    it('lists an address once, by its best source, and knows about video from whoever says it', () => {
        book.put(BOB, claim('pep', [SIP]));
        book.put(BOB, claim('presence', [SIP], { resource: 'a', video: false, seenAt: 2 }));
        expect(book.addressesOf(BOB)).toEqual([{ uri: SIP, source: 'presence', video: false, seenAt: 2 }]);
        book.remove(BOB, 'presence', 'a');
        expect(book.addressesOf(BOB)).toEqual([{ uri: SIP, source: 'pep', video: null, seenAt: 1 }]);
    });

    describe('with an address of one device that came in a message', () => {
        const GRUU = `${SIP};gr=urn:uuid:1`;
        let thread: string | null;
        const first = (): string | undefined => book.addressesOf(BOB)[0]?.uri;
        beforeEach(() => {
            thread = 'T1';
            book = new AddressBook(() => undefined, { threadOf: () => thread });
            book.put(BOB, claim('presence', [SIP], { resource: 'web', availability: 'open' }));
            book.put(BOB, claim('message', [GRUU], { resource: 'web', thread: 'T1' }));
        });

        it('calls that device while the conversation goes on, and says which it is', () => {
            expect(book.addressesOf(BOB)[0]).toEqual(jasmine.objectContaining({ uri: GRUU, resource: 'web' }));
            thread = null;
            expect(first()).toBe(GRUU);
        });

        it('calls all devices first once the conversation is another one', () => {
            thread = 'T2';
            expect(book.addressesOf(BOB).map(({ uri }) => uri)).toEqual([SIP, GRUU]);
            book.put(BOB, claim('message', [GRUU], { resource: 'web', thread: 'T2' }));
            expect(first()).toBe(GRUU);
        });

        it('takes a message without a thread for one of the conversation that is open', () => {
            book.put(BOB, claim('message', [GRUU], { resource: 'web' }));
            thread = 'T2';
            expect(first()).toBe(GRUU);
        });

        it('does not call first a device that has said since that it cannot be called', () => {
            book.put(BOB, claim('presence', [], { resource: 'web', availability: 'closed' }));
            book.put(BOB, claim('pep', [SIP]));
            expect(first()).toBe(SIP);
        });

        it('falls back to the address of the person when the device is gone', () => {
            book.remove(BOB, 'message', 'web');
            expect(first()).toBe(SIP);
        });
    });

    it('leaves out, for calls and for who is calling, what the user took off the contact', () => {
        book = new AddressBook(() => undefined, { isHidden: (jid, source, uri) => source === 'pep' && uri === SIP });
        book.put(BOB, claim('pep', [SIP, 'sip:b@x.example']));
        expect(book.addressesOf(BOB).map(({ uri }) => uri)).toEqual(['sip:b@x.example']);
        expect(book.whoIs(SIP)).toEqual({ jid: null, listed: false });
        book.put(BOB, claim('vcard', [SIP]));
        expect(book.whoIs(SIP).jid).toBe(BOB);
    });

    it('tells a change once, and nothing where nothing changed', () => {
        book.put(BOB, claim('pep', [SIP]));
        book.put(BOB, claim('pep', [SIP], { seenAt: 5 }));
        expect(changed).toEqual([BOB]);
        expect(book.addressesOf(BOB)[0]?.seenAt).toBe(5);
        book.remove(BOB, 'presence', 'nowhere');
        book.forget(['vcard']);
        expect(changed).toEqual([BOB]);
        book.forget(['pep'], BOB);
        expect(changed).toEqual([BOB, BOB]);
        expect(book.size).toBe(0);
    });

    it('knows who is behind an address, however it is written', () => {
        book.put(BOB, claim('pep', ['sip:Bob%20B@SIP.example.net']));
        for (const same of ['sips:Bob%20B@sip.example.net:5061;gr=urn:uuid:1', '<sip:Bob%20B@sip.EXAMPLE.net;x=y>']) {
            expect(book.whoIs(same)).toEqual({ jid: BOB, listed: true });
        }
        for (const other of [
            'sip:bob%20b@sip.example.net',
            'sip:Bob%20B@example.net',
            '',
            'x',
            'sip:sip.example.net',
        ]) {
            expect(book.whoIs(other)).toEqual({ jid: null, listed: false });
        }
    });

    it('names nobody for an address that several list', () => {
        book.put(BOB, claim('pep', [SIP]));
        book.put('mallory@example.net', claim('presence', [SIP], { resource: 'x' }));
        book.put('eve@example.net', claim('pep', [SIP]));
        expect(book.whoIs(SIP)).toEqual({ jid: null, listed: true });
        book.forget(['pep', 'presence'], 'mallory@example.net');
        book.forget(['pep', 'presence'], 'eve@example.net');
        expect(book.whoIs(SIP)).toEqual({ jid: BOB, listed: true });
    });

    it('counts a person once who lists one address in two ways', () => {
        book.put('eve@example.net', claim('pep', [SIP]));
        book.put(BOB, claim('pep', [SIP, `${SIP};gr=urn:uuid:1`]));
        book.forget(['pep'], BOB);
        expect(book.whoIs(SIP).jid).toBe('eve@example.net');
    });

    it('names the one of several whom the phone book or the person names', () => {
        book.put('mallory@example.net', claim('pep', [SIP]));
        book.put(BOB, claim('phonebook', [SIP]));
        expect(book.whoIs(SIP).jid).toBe(BOB);
        book.put('mallory@example.net', claim('typed', [SIP]));
        expect(book.whoIs(SIP).jid).toBeNull();
    });

    it('keeps no more of one person than is reasonable', () => {
        for (let device = 0; device < 1_000; device++) {
            book.put(BOB, claim('presence', [`sip:d${String(device)}@x.example`], { resource: String(device) }));
        }
        expect(book.claimsOf(BOB).length).toBe(16);
        // What others say has its own room.
        book.put(BOB, claim('typed', [SIP]));
        expect(book.addressesOf(BOB)[0]?.uri).toBe(SIP);
    });

    it('agrees with a plain list of everything that was said, after any history', () => {
        const jids = fc.constantFrom('a@x', 'b@x', 'c@x');
        const uris = fc.subarray(['sip:1@x.example', 'sips:1@X.example;gr=2', 'sip:2@x.example', 'tel:+1']);
        const source = fc.constantFrom('presence', 'pep', 'phonebook');
        const resource = fc.constantFrom('', 'r');
        const step = fc.oneof(
            fc.record({ what: fc.constant('put' as const), jid: jids, source, resource, uris }),
            fc.record({ what: fc.constant('remove' as const), jid: jids, source, resource }),
            fc.record({ what: fc.constant('forget' as const), jid: jids, source }),
        );
        fc.assert(
            fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
                const book = new AddressBook(() => undefined);
                const said = new Map<string, { jid: string; source: string; uris: readonly string[] }>();
                for (const each of steps) {
                    const { jid, source } = each;
                    if (each.what === 'put') {
                        book.put(jid, claim(source, each.uris, { resource: each.resource }));
                        said.set(`${jid} ${source} ${each.resource}`, { jid, source, uris: each.uris });
                    } else if (each.what === 'remove') {
                        book.remove(jid, source, each.resource);
                        said.delete(`${jid} ${source} ${each.resource}`);
                    } else {
                        book.forget([source], jid);
                        for (const key of said.keys()) if (key.startsWith(`${jid} ${source} `)) said.delete(key);
                    }
                }
                for (const jid of ['a@x', 'b@x', 'c@x']) {
                    const all = [...said.values()].filter((one) => one.jid === jid).flatMap((one) => one.uris);
                    expect(new Set(book.addressesOf(jid).map(({ uri }) => uri))).toEqual(new Set(all));
                }
                for (const address of ['sip:1@x.example', 'sip:2@x.example', 'tel:+1']) {
                    const key = addressOfRecord(address);
                    const by = (wanted: (source: string) => boolean): string[] => [
                        ...new Set(
                            [...said.values()]
                                .filter(
                                    (one) => wanted(one.source) && one.uris.some((uri) => addressOfRecord(uri) === key),
                                )
                                .map(({ jid }) => jid),
                        ),
                    ];
                    const listers = by(() => true);
                    const named = by((source) => source === 'phonebook');
                    const expected = listers.length === 1 ? listers[0]! : named.length === 1 ? named[0]! : null;
                    expect(book.whoIs(address)).toEqual({ jid: expected, listed: listers.length > 0 });
                }
            }),
        );
    });

    it('looks up as quickly with 10,000 people as with 100', () => {
        const timeOf = (people: number): number => {
            const big = new AddressBook(() => undefined);
            for (let person = 0; person < people; person++) {
                big.put(`p${String(person)}@x`, claim('pep', [`sip:p${String(person)}@x.example`]));
            }
            let best = Infinity;
            for (let round = 0; round < 5; round++) {
                const start = performance.now();
                for (let index = 0; index < 2_000; index++) {
                    big.whoIs(`sip:p${String(index % people)}@x.example`);
                    big.addressesOf(`p${String(index % people)}@x`);
                }
                best = Math.min(best, performance.now() - start);
            }
            return best;
        };
        const [few, many] = [timeOf(100), timeOf(10_000)];
        // Ten thousand contacts are a hundred times as many: a search through them would show.
        expect(many).toBeLessThan(few * 10 + 5);
    });
});
