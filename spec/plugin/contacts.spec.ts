import { AddressBook } from '../../src/plugin/address-book/book.js';
import { Contacts } from '../../src/plugin/contacts.js';
import type { Converse } from '../../src/plugin/converse.js';
import { fakeStore } from './support/fake-store.js';
import type { Store } from '../../src/plugin/store.js';
import { settled } from './support/until.js';

const BOB = 'bob@example.net';
const SIP = 'sip:bob@sip.example.net';

/** A collection as Skeletor has them. */
class Models {
    private readonly listeners = new Map<string, ((model: unknown) => void)[]>();
    constructor(public models: { id: string; get: (name: string) => unknown; presence?: unknown }[] = []) {}
    get(id: string): unknown {
        return this.models.find((model) => model.id === id);
    }
    on(event: string, listener: (model: unknown) => void): void {
        this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    }
    off(): void {
        this.listeners.clear();
    }
    tell(event: string, model: unknown): void {
        for (const listener of this.listeners.get(event) ?? []) listener(model);
    }
}
const contact = (jid: string, subscription?: string, resources: readonly string[] = []) => ({
    id: jid,
    get: (name: string) => (name === 'jid' ? jid : subscription),
    presence: { resources: { models: resources.map((id) => ({ id })) } },
});
const blocked = (jid: string) => ({ id: jid, get: () => jid });

describe('contacts', () => {
    let book: AddressBook;
    let gone: string[];
    let changes: number;
    let store: Store;
    beforeEach(() => {
        book = new AddressBook(() => undefined);
        gone = [];
        changes = 0;
        ({ store } = fakeStore());
    });
    const open = async (roster: Models, blocklist?: Models): Promise<Contacts> => {
        const contacts = new Contacts({
            converse: { state: { roster, blocklist } } as unknown as Converse,
            store,
            book,
            gone: (jid) => {
                gone.push(jid);
                book.forget(['pep'], jid);
            },
            changed: () => changes++,
        });
        await contacts.load();
        contacts.watch();
        return contacts;
    };

    it('are those with a subscription; who only asks is none', async () => {
        const contacts = await open(
            new Models([
                contact('a@x', 'both'),
                contact('b@x', 'to'),
                contact('c@x', 'from'),
                contact('d@x', 'none'),
                contact('e@x'),
            ]),
        );
        const all = ['a@x', 'b@x', 'c@x', 'd@x', 'e@x', 'f@x'];
        expect(all.map((jid) => contacts.subscription(jid))).toEqual(['both', 'to', 'from', 'none', 'none', 'none']);
        expect(all.filter((jid) => contacts.isContact(jid))).toEqual(['a@x', 'b@x', 'c@x']);
        expect(all.filter((jid) => contacts.seesUs(jid))).toEqual(['a@x', 'c@x']);
    });

    it('have the devices that are there', async () => {
        const contacts = await open(new Models([contact(BOB, 'both', ['web', '', 'phone'])]));
        expect(contacts.resources(BOB)).toEqual(['web', 'phone']);
        expect(contacts.resources('x@y')).toEqual([]);
    });

    it('that go are told', async () => {
        const roster = new Models([contact(BOB, 'both')]);
        const contacts = await open(roster);
        roster.tell('change:subscription', roster.models[0]);
        expect([gone, changes]).toEqual([[], 1]);
        const [bob] = roster.models;
        roster.models = [];
        roster.tell('remove', bob);
        expect([gone, changes]).toEqual([[BOB], 2]);
        contacts.stop();
        roster.tell('remove', bob);
        expect(changes).toBe(2);
    });

    it('that are blocked are none, and their calls are known by what they said before', async () => {
        const blocklist = new Models();
        const contacts = await open(new Models([contact(BOB, 'both')]), blocklist);
        book.put(BOB, { source: 'pep', uris: [SIP], seenAt: 1 });
        expect(contacts.isBlockedCaller(SIP, null)).toBeFalse();
        blocklist.models.push(blocked(BOB));
        blocklist.tell('add', blocked(BOB));
        expect(gone).toEqual([BOB]);
        expect(contacts.isContact(BOB)).toBeFalse();
        expect(book.claimsOf(BOB)).toEqual([]);
        expect(contacts.isBlockedCaller(SIP, null)).toBeTrue();
        expect(contacts.isBlockedCaller('sip:bob@sip.example.net;gr=urn:uuid:1', null)).toBeTrue();
        expect(contacts.isBlockedCaller('sip:x@y.example', BOB)).toBeTrue();
        expect(contacts.isBlockedCaller('sip:x@y.example', 'x@y.example')).toBeFalse();
        await settled();
        const again = await open(new Models([contact(BOB, 'both')]), blocklist);
        expect(again.isBlockedCaller(SIP, null)).withContext('at the next login').toBeTrue();
        blocklist.models = [];
        expect(again.isBlockedCaller(SIP, null)).withContext('no more').toBeFalse();
    });

    it('can call, though somebody who is blocked had listed their address as well', async () => {
        const mallory = 'mallory@example.com';
        const blocklist = new Models();
        const contacts = await open(new Models([contact(BOB, 'both'), contact(mallory, 'both')]), blocklist);
        for (const jid of [BOB, mallory]) book.put(jid, { source: 'pep', uris: [SIP], seenAt: 1 });
        blocklist.models.push(blocked(mallory));
        expect(contacts.isBlockedCaller(SIP, null)).withContext('while it is listed').toBeFalse();
        blocklist.tell('add', blocked(mallory));
        expect(contacts.isBlockedCaller(SIP, BOB)).toBeFalse();
        expect(contacts.isBlockedCaller(SIP, mallory)).withContext('who says so').toBeTrue();
        book.forget(['pep'], BOB);
        expect(contacts.isBlockedCaller(SIP, null)).withContext('nobody else lists it').toBeTrue();
    });

    it('of a blocked domain are blocked', async () => {
        const contacts = await open(new Models([contact(BOB, 'both')]), new Models([blocked('example.net')]));
        expect(contacts.isBlocked(BOB)).toBeTrue();
        expect(contacts.isBlocked('bob@other.example.net')).toBeFalse();
    });

    it('survive whatever was kept', async () => {
        for (const kept of [null, 5, 'x', {}, [1, null, [], [7], [BOB, 5, SIP], { length: 2 }]]) {
            await store.set('blocked', kept);
            const contacts = await open(new Models());
            expect(contacts.isBlockedCaller(SIP, BOB)).toBeFalse();
        }
    });

    it('can be talked with; strangers only where there is a block list, for which Converse would wait', async () => {
        expect((await open(new Models([contact(BOB)]))).canTalk(BOB)).toBeTrue();
        expect((await open(new Models())).canTalk(BOB)).toBeFalse();
        expect((await open(new Models(), new Models())).canTalk(BOB)).toBeTrue();
    });
});
