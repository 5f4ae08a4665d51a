import { createArrivals, type Arrivals, type ArrivalNeeds } from '../../src/plugin/arrivals.js';
import { xml } from './support/xml.js';

const ALICE = 'alice@example.org';

describe('arriving stanzas', () => {
    let seen: string[];
    let arrivals: Arrivals;
    const begin = (more: Partial<ArrivalNeeds> = {}): void => {
        seen = [];
        arrivals = createArrivals({
            jid: ALICE,
            onPresence: (jid, resource) => seen.push(`presence ${jid} ${resource}`),
            onPublished: (jid) => seen.push(`event ${jid}`),
            onMessage: ({ kind, peer }) => seen.push(`${kind} ${peer}`),
            onVerify: () => seen.push('verify'),
            ...more,
        });
    };
    const take = (text: string): void => arrivals.take(xml(text));
    beforeEach(() => begin());

    const PRESENCE = `<presence xmlns='jabber:client' from='Bob@Example.net/We/b'/>`;
    const MESSAGE = `<message xmlns='jabber:client' type='chat' from='bob@example.net/web' to='${ALICE}/x'><body>hi</body></message>`;

    it('wait for the roster, in their order, and no more than there is room for', () => {
        expect(arrivals.early()).toBeTrue();
        take(PRESENCE);
        for (let index = 0; index < 6_000; index++) take(`<presence xmlns='jabber:client' from='a@b.example'/>`);
        expect(seen).toEqual([]);
        arrivals.open();
        expect(arrivals.early()).toBeFalse();
        expect(seen[0]).toBe('presence bob@example.net We/b');
        expect(seen.length).toBe(5_000);
        arrivals.open();
        expect(seen.length).toBe(5_000);
    });

    it('go where they belong', () => {
        arrivals.open();
        take(PRESENCE);
        take(MESSAGE);
        take(`<iq xmlns='jabber:client' type='get' from='bob@example.net/web' id='1'/>`);
        take(
            `<message xmlns='jabber:client' type='headline' from='bob@example.net'><event xmlns='http://jabber.org/protocol/pubsub#event'/></message>`,
        );
        take(`<message xmlns='jabber:client'><event xmlns='http://jabber.org/protocol/pubsub#event'/></message>`);
        expect(seen).toEqual([
            'presence bob@example.net We/b',
            'live bob@example.net',
            'verify',
            'event bob@example.net',
            `event ${ALICE}`,
        ]);
    });

    it('of rooms, errors and liars go nowhere', () => {
        arrivals.open();
        for (const from of ['room@muc.example/bob', 'bob@example.net']) {
            for (const type of ['groupchat', 'error']) {
                take(`<message xmlns='jabber:client' type='${type}' from='${from}' to='${ALICE}'/>`);
            }
        }
        take(
            `<message xmlns='jabber:client' from='mallory@example.com' to='${ALICE}'><received xmlns='urn:xmpp:carbons:2'>` +
                `<forwarded xmlns='urn:xmpp:forward:0'>${MESSAGE}</forwarded></received></message>`,
        );
        take(`<message xmlns='jabber:client' from='' to='${ALICE}'/>`);
        expect(seen).toEqual([]);
    });
});
