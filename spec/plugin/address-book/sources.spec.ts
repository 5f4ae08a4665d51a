import { AddressBook } from '../../../src/plugin/address-book/book.js';
import { addPhonebook, fetchPhonebook, readPhonebook } from '../../../src/plugin/address-book/phonebook.js';
import { onPresence } from '../../../src/plugin/address-book/presence.js';
import { KEPT_FOR, Published } from '../../../src/plugin/address-book/published.js';
import { dropBook, restoreBook, saveBook } from '../../../src/plugin/address-book/snapshot.js';
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

    it('forgets with a device the address of that device that came in a message', () => {
        const message = { source: 'message', uris: [`${SIP};gr=1`], seenAt: 1 } as const;
        for (const resource of ['a', 'b']) book.put(BOB, { ...message, resource });
        hear('', 'a');
        expect(uris()).toEqual([`${SIP};gr=1`]);
        hear('', 'a', ` type='unavailable'`);
        expect(book.claimsOf(BOB).map(({ resource }) => resource)).toEqual(['b']);
        hear('', '', ` type='unavailable'`);
        expect(book.size).toBe(0);
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

describe('what contacts publish as a source', () => {
    const wheel = new Wheel();
    const PUBSUB = 'http://jabber.org/protocol/pubsub';
    const VCARD4 = 'urn:ietf:params:xml:ns:vcard-4.0';
    let asked: string[];
    let answers: Readonly<Record<string, () => Promise<Element>>>;
    let source: Published;
    const event = (inside: string): Element =>
        xml(
            `<message xmlns='jabber:client'><event xmlns='${PUBSUB}#event'>` +
                `<items node='urn:xmpp:reach:0'>${inside}</items></event></message>`,
        );
    const item = (node: string, inside: string) => () =>
        Promise.resolve(
            xml(
                `<iq xmlns='jabber:client' type='result'><pubsub xmlns='${PUBSUB}'>` +
                    `<items node='${node}'><item>${inside}</item></items></pubsub></iq>`,
            ),
        );
    const refuse = () => rejectWith(xml(`<iq type='error'/>`));
    const vcardTemp = (inside: string) => () =>
        Promise.resolve(xml(`<iq xmlns='jabber:client'><vCard xmlns='vcard-temp'>${inside}</vCard></iq>`));
    const reach = item('urn:xmpp:reach:0', REACH);
    beforeEach(() => {
        asked = [];
        answers = { 'urn:xmpp:reach:0': reach };
        source = new Published({
            book,
            now: wheel.now,
            sendIQ: (iq) => {
                const [items] = iq.getElementsByTagNameNS(PUBSUB, 'items');
                const what = items?.getAttribute('node') ?? 'vcard-temp';
                asked.push(`${what} ${iq.getAttribute('to') ?? ''}`);
                return (answers[what] ?? refuse)();
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
        const all = ['urn:xmpp:reach:0', 'urn:xmpp:vcard4', 'vcard-temp'].map((what) => `${what} ${BOB}`);
        expect(asked.sort()).toEqual(all);
        expect(uris()).toEqual([SIP]);
        wheel.turn(KEPT_FOR);
        await source.ask(BOB);
        expect(asked.length).toBe(6);
    });

    it('does not ask for the address where an event came', async () => {
        source.onEvent(BOB, event(`<retract id='x'/>`));
        await source.ask(BOB);
        expect(asked).not.toContain(`urn:xmpp:reach:0 ${BOB}`);
        expect(uris()).toEqual([]);
    });

    it('lets an event count that comes while the answer is under way', async () => {
        const answered = source.ask(BOB);
        wheel.turn(1);
        source.onEvent(BOB, event(`<item>${REACH.replace('bob@', 'new@')}</item>`));
        await answered;
        expect(uris()).toEqual(['sip:new@sip.example.net']);
    });

    it('learns nothing from the answer about a contact that was removed meanwhile', async () => {
        const answered = source.ask(BOB);
        source.forget(BOB);
        await answered;
        expect(book.size).toBe(0);
    });

    it('reads the numbers and addresses of a vCard4, after everything else', async () => {
        answers = {
            ...answers,
            'urn:xmpp:vcard4': item(
                'urn:xmpp:vcard4',
                `<vcard xmlns='${VCARD4}'><tel><uri>tel:+1-303-555-1212</uri></tel>` +
                    `<impp><uri>sip:bob@old.example</uri></impp><impp><uri>javascript:alert(1)</uri></impp></vcard>`,
            ),
        };
        await source.ask(BOB);
        expect(uris()).toEqual([SIP, 'tel:+13035551212', 'sip:bob@old.example']);
        expect(asked).not.toContain(`vcard-temp ${BOB}`);
    });

    it('reads a vcard-temp where there is no vCard4, or none with an address', async () => {
        answers = {
            'urn:xmpp:vcard4': item('urn:xmpp:vcard4', `<vcard xmlns='${VCARD4}'/>`),
            'vcard-temp': vcardTemp(
                '<TEL><NUMBER>+1 303 555 1212</NUMBER></TEL><TEL><NUMBER>sip:b@x.example</NUMBER></TEL>',
            ),
        };
        await source.ask(BOB);
        expect(uris()).toEqual(['tel:+13035551212', 'sip:b@x.example']);
    });

    it('takes a refusal for a day, and a lost connection for nothing', async () => {
        answers = {};
        await source.ask(BOB);
        await source.ask(BOB);
        expect(asked.length).toBe(3);
        answers = { 'urn:xmpp:reach:0': () => Promise.reject(new Error('not connected')) };
        await source.ask('eve@example.net');
        await source.ask('eve@example.net');
        expect(asked.filter((each) => each === 'urn:xmpp:reach:0 eve@example.net').length).toBe(2);
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
        addPhonebook(book, new Map(), [entry('sip:a@x.example'), entry('sip:b@x.example')], 1);
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

    const NOW = Date.UTC(2026, 0, 5);
    const saved = (which = book, jid = 'alice@example.net', heard = new Map<string, number>()) => ({
        book: which,
        jid,
        published: { heard },
    });
    const restored = (resumed: boolean, now = NOW, isContact = true, jid?: string): AddressBook => {
        const next = new AddressBook(() => undefined);
        restoreBook(saved(next, jid), () => isContact, resumed, now);
        return next;
    };

    beforeEach(() => {
        onPresence(book, BOB, 'phone', xml(`<presence xmlns='jabber:client'>${REACH}</presence>`), NOW);
        book.put(BOB, { source: 'message', resource: 'phone', uris: [`${SIP};gr=1`], thread: 'T', seenAt: NOW });
        book.put(BOB, { source: 'pep', uris: [SIP], seenAt: NOW });
        book.put(BOB, { source: 'vcard', uris: ['tel:+1'], seenAt: NOW });
        addPhonebook(book, new Map(), [{ jid: 'eve@example.net', sip: 'sip:eve@x.example', name: '' }], 1);
    });

    it('brings back what contacts said, in this tab and for this login', () => {
        saveBook(saved());
        const next = restored(true);
        expect(next.claimsOf(BOB)).toEqual(book.claimsOf(BOB));
        expect(next.size).toBe(1);
        expect(restored(true, NOW, true, 'carol@example.net').size).toBe(0);
        expect(restored(true, NOW, false).size).toBe(0);
        dropBook();
        expect(restored(true).size).toBe(0);
    });

    it('brings back on a new stream only what was published, and that for a day', () => {
        saveBook(saved());
        expect(
            restored(false)
                .claimsOf(BOB)
                .map(({ source }) => source),
        ).toEqual(['pep', 'vcard']);
        expect(restored(false, NOW + KEPT_FOR).size).toBe(0);
        expect(restored(true, NOW + KEPT_FOR).claimsOf(BOB).length).toBe(2);
    });

    it('knows for a day that it was asked, so that a reload asks nobody again', () => {
        saveBook(saved(book, undefined, new Map([[`vcard ${BOB}`, NOW]])));
        const heard = new Map<string, number>();
        restoreBook(saved(new AddressBook(() => undefined), undefined, heard), () => true, false, NOW + 1);
        expect([...heard]).toEqual([[`vcard ${BOB}`, NOW]]);
        heard.clear();
        restoreBook(saved(new AddressBook(() => undefined), undefined, heard), () => true, false, NOW + KEPT_FOR);
        expect(heard.size).toBe(0);
    });

    for (const broken of [
        'no JSON',
        'null',
        '[]',
        '{"jid":"alice@example.net","people":7,"heard":[7,[1,2],["a"]]}',
        '{"jid":"alice@example.net","people":[7,[1],["a",[{}]],["a",[{"source":"typed","uris":["sip:a@b.example"]}]]]}',
    ]) {
        it(`takes nothing from ${broken}`, () => {
            sessionStorage.setItem('converse-sip-book', broken);
            expect(restored(true).size).toBe(0);
        });
    }

    it('cleans what it reads: another script of the page may have written it', () => {
        const claim = {
            source: 'pep',
            resource: '',
            uris: ['javascript:alert(1)', 'sip:a@b.example?x=y'],
            availability: 'open',
            priority: 0,
            seenAt: NOW,
            thread: '',
        };
        const bad = [
            { thread: 'a\r\nb' },
            { availability: 'x' },
            { source: 'typed' },
            { uris: ['sip:a@b', 1] },
            { priority: 'x' },
        ];
        sessionStorage.setItem(
            'converse-sip-book',
            JSON.stringify({
                jid: 'alice@example.net',
                people: [[BOB, [claim, null, ...bad.map((wrong) => ({ ...claim, resource: 'web', ...wrong }))]]],
            }),
        );
        const next = restored(true);
        expect(next.addressesOf(BOB).map(({ uri }) => uri)).toEqual(['sip:a@b.example']);
        expect(next.availabilityOf(BOB)).toBe('open');
        expect(next.claimsOf(BOB).length).toBe(1);
    });
});
