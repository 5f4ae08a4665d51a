import { AddressBook } from '../../../src/plugin/address-book/book.js';
import { KEPT_FOR, PepSource } from '../../../src/plugin/address-book/pep.js';
import { addPhonebook, fetchPhonebook, readPhonebook } from '../../../src/plugin/address-book/phonebook.js';
import { onPresence } from '../../../src/plugin/address-book/presence.js';
import { dropBook, restoreBook, saveBook } from '../../../src/plugin/address-book/snapshot.js';
import { settled } from '../support/until.js';
import { Wheel } from '../support/wheel.js';
import { rejectWith, xml } from '../support/xml.js';

const BOB = 'bob@example.net';
const SIP = 'sip:bob@sip.example.net';
const REACH = `<reach xmlns='urn:xmpp:reach:0'><addr uri='${SIP}'/></reach>`;

let changed: string[];
let book: AddressBook;
beforeEach(() => {
    changed = [];
    book = new AddressBook((jid) => changed.push(jid));
});

const uris = (jid = BOB): string[] => book.addressesOf(jid).map(({ uri }) => uri);

describe('presence as a source', () => {
    const hear = (inside: string, resource = 'phone', attributes = ''): void =>
        onPresence(book, BOB, resource, xml(`<presence xmlns='jabber:client'${attributes}>${inside}</presence>`), 1);

    it('learns and forgets, one device at a time', () => {
        hear(REACH, 'a');
        hear(REACH.replace('bob@', 'bob2@'), 'b');
        expect(uris().length).toBe(2);
        hear('', 'a', ` type='unavailable'`);
        expect(uris()).toEqual(['sip:bob2@sip.example.net']);
        hear('<show>away</show>', 'b');
        expect(uris()).toEqual([]);
    });

    it('forgets every device when the whole person is gone', () => {
        hear(REACH, 'a');
        hear(REACH, 'b');
        hear('', '', ` type='unavailable'`);
        expect(book.size).toBe(0);
    });

    it('learns nothing from errors and from subscriptions', () => {
        for (const type of ['error', 'subscribe', 'subscribed', 'unsubscribed', 'probe'])
            hear(REACH, 'a', ` type='${type}'`);
        expect(changed).toEqual([]);
    });

    it('tells nobody when a device says the same again', () => {
        hear(REACH);
        hear(`<show>away</show>${REACH}`);
        expect(changed).toEqual([BOB]);
    });

    it('takes priorities that are out of range, or none at all', () => {
        hear(`<priority>999999</priority>${REACH}`, 'a');
        hear(`<priority>high</priority>${REACH}`, 'b');
        expect(book.claimsOf(BOB).map(({ priority }) => priority)).toEqual([127, 0]);
    });
});

describe('PEP as a source', () => {
    const wheel = new Wheel();
    let asked: Element[];
    let answer: () => Promise<Element>;
    let source: PepSource;
    const event = (inside: string): Element =>
        xml(
            `<message xmlns='jabber:client'><event xmlns='http://jabber.org/protocol/pubsub#event'>` +
                `<items node='urn:xmpp:reach:0'>${inside}</items></event></message>`,
        );
    const result = (inside: string): Element =>
        xml(
            `<iq xmlns='jabber:client' type='result'><pubsub xmlns='http://jabber.org/protocol/pubsub'>` +
                `<items node='urn:xmpp:reach:0'>${inside}</items></pubsub></iq>`,
        );
    beforeEach(() => {
        asked = [];
        answer = () => Promise.resolve(result(`<item>${REACH}</item>`));
        source = new PepSource({
            book,
            now: wheel.now,
            sendIQ: (iq) => {
                asked.push(iq);
                return answer();
            },
        });
    });

    it('learns from an event, and once from the same one twice', () => {
        source.onEvent(BOB, event(`<item id='current'>${REACH}</item>`));
        source.onEvent(BOB, event(`<item id='current'>${REACH}</item>`));
        expect(uris()).toEqual([SIP]);
        expect(changed).toEqual([BOB]);
    });

    for (const [how, inside] of [
        ['an empty list', `<item><reach xmlns='urn:xmpp:reach:0'/></item>`],
        ['a retraction', `<retract id='current'/>`],
        ['something else', `<item><x xmlns='y'/></item>`],
    ] as const) {
        it(`forgets on ${how}`, () => {
            source.onEvent(BOB, event(`<item>${REACH}</item>`));
            source.onEvent(BOB, event(inside));
            expect(uris()).toEqual([]);
        });
    }

    it('asks once for a contact of whom nothing was heard, and again after a day', async () => {
        await source.ask(BOB);
        await source.ask(BOB);
        expect(asked.length).toBe(1);
        expect(asked[0]?.getAttribute('to')).toBe(BOB);
        expect(uris()).toEqual([SIP]);
        wheel.turn(KEPT_FOR);
        await source.ask(BOB);
        expect(asked.length).toBe(2);
    });

    it('does not ask where an event came', async () => {
        source.onEvent(BOB, event(`<retract id='x'/>`));
        await source.ask(BOB);
        expect(asked).toEqual([]);
    });

    it('takes a refusal for a day, and a lost connection for nothing', async () => {
        answer = () => rejectWith(xml(`<iq type='error'/>`));
        await source.ask(BOB);
        await source.ask(BOB);
        expect(asked.length).toBe(1);
        answer = () => {
            throw new Error('not connected');
        };
        await source.ask('eve@example.net');
        await source.ask('eve@example.net');
        expect(asked.length).toBe(3);
    });
});

describe('the phone book as a source', () => {
    it('takes the right lines of a list, and says which are wrong', () => {
        const read = readPhonebook([
            { jid: 'BOB@example.net/x', sip: 'SIP:bob@sip.example.net;method=INVITE', name: 'Bob\u202e' },
            { jid: 'bob@example.net', sip: 'javascript:alert(1)' },
            { jid: 'a b', sip: SIP },
            null,
            'x',
            { jid: 'eve@example.net', sip: 'tel:+1-2' },
        ])!;
        expect(read.entries).toEqual([
            { jid: BOB, sip: SIP, name: 'Bob' },
            { jid: 'eve@example.net', sip: 'tel:+12', name: '' },
        ]);
        expect(read.wrong).toEqual([1, 2, 3, 4]);
        expect(readPhonebook({})).toBeNull();
    });

    it('keeps several addresses of one person in their order', () => {
        const entry = (sip: string) => ({ jid: BOB, sip, name: '' });
        addPhonebook(book, [entry('sip:a@x.example'), entry('sip:b@x.example')], 1);
        expect(uris()).toEqual(['sip:a@x.example', 'sip:b@x.example']);
    });

    for (const [what, response, problem] of [
        ['what is no JSON', new Response('<html>'), 'not JSON'],
        ['what is no list', new Response('{}'), 'not a list'],
        ['a status', new Response('', { status: 500 }), 'status 500'],
        ['wrong lines', new Response('[7]'), '1 lines are wrong'],
    ] as const) {
        it(`names ${what}, and goes on`, async () => {
            spyOn(globalThis, 'fetch').and.resolveTo(response);
            expect(await fetchPhonebook(new URL('https://example.net/book'))).toEqual({ entries: [], problem });
        });
    }

    it('names a server that cannot be reached, and goes on', async () => {
        spyOn(globalThis, 'fetch').and.rejectWith(new TypeError('failed'));
        expect((await fetchPhonebook(new URL('https://example.net/book'))).problem).toBe('no answer');
    });
});

describe('the book over a reload', () => {
    afterEach(() => dropBook());

    it('brings back what contacts said, in this tab and for this login', async () => {
        onPresence(book, BOB, 'phone', xml(`<presence xmlns='jabber:client'>${REACH}</presence>`), 7);
        addPhonebook(book, [{ jid: 'eve@example.net', sip: 'sip:eve@x.example', name: '' }], 1);
        saveBook(book, 'alice@example.net');
        await settled();
        const next = new AddressBook(() => undefined);
        restoreBook(next, 'alice@example.net', () => true);
        expect(next.claimsOf(BOB)).toEqual(book.claimsOf(BOB));
        expect(next.size).toBe(1);
        const other = new AddressBook(() => undefined);
        restoreBook(other, 'carol@example.net', () => true);
        restoreBook(other, 'alice@example.net', () => false);
        expect(other.size).toBe(0);
        dropBook();
        restoreBook(other, 'alice@example.net', () => true);
        expect(other.size).toBe(0);
    });

    for (const broken of [
        'no JSON',
        'null',
        '[]',
        '{"jid":"alice@example.net","people":7}',
        '{"jid":"alice@example.net","people":[7,[1],["a",[{}]],["a",[{"source":"typed","uris":["sip:a@b.example"]}]]]}',
    ]) {
        it(`takes nothing from ${broken}`, () => {
            sessionStorage.setItem('converse-sip-book', broken);
            restoreBook(book, 'alice@example.net', () => true);
            expect(book.size).toBe(0);
        });
    }

    it('cleans what it reads: another script of the page may have written it', () => {
        const claim = {
            source: 'pep',
            resource: '',
            uris: ['javascript:alert(1)', 'sip:a@b.example?x=y'],
            availability: 'x',
        };
        sessionStorage.setItem(
            'converse-sip-book',
            JSON.stringify({ jid: 'alice@example.net', people: [[BOB, [claim]]] }),
        );
        restoreBook(book, 'alice@example.net', () => true);
        expect(uris()).toEqual(['sip:a@b.example']);
        expect(book.availabilityOf(BOB)).toBe('unknown');
    });
});
