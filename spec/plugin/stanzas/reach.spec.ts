import fc from 'fast-check';
import { buildReach, changeReach, MAX_ADDRESSES, parseReach } from '../../../src/plugin/stanzas/reach.js';
import { text, xml } from '../support/xml.js';

const reach = (...addrs: string[]): Element => xml(`<reach xmlns='urn:xmpp:reach:0'>${addrs.join('')}</reach>`);

/** Addresses as they are published. */
const addresses = fc.uniqueArray(
    fc
        .tuple(fc.stringMatching(/^[a-z0-9.]{1,12}$/u), fc.stringMatching(/^[a-z][a-z0-9]{0,9}\.example$/u))
        .map(([user, host]) => `sip:${user}@${host}`),
    { maxLength: MAX_ADDRESSES },
);

describe('XEP-0152 reach', () => {
    it('is written as the specification shows it', () => {
        expect(text(buildReach(['sip:alice@sip.example.org']))).toBe(
            '<reach xmlns="urn:xmpp:reach:0"><addr xmlns="urn:xmpp:reach:0" uri="sip:alice@sip.example.org"/></reach>',
        );
    });

    it('comes back as it was written', () => {
        fc.assert(
            fc.property(addresses, (uris) => {
                expect(parseReach(xml(text(buildReach(uris))))).toEqual(uris);
            }),
        );
    });

    it('reads SIP addresses and numbers only, cleaned, each once', () => {
        const element = reach(
            `<addr uri='xmpp:bob@example.net'/>`,
            `<addr uri='javascript:alert(1)'/>`,
            `<addr uri='bob@example.net'/>`,
            `<addr uri='SIP:bob@EXAMPLE.net;method=REGISTER?Replaces=x'/>`,
            `<addr uri='sip:bob@example.net'/>`,
            `<addr uri='tel:+1-303-555-1212'/>`,
            `<addr uri='sip:evil&#10;@example.net'/>`,
            `<addr/>`,
        );
        expect(parseReach(element)).toEqual(['sip:bob@example.net', 'tel:+13035551212']);
    });

    it('looks at direct children of its namespace only', () => {
        expect(
            parseReach(reach(`<x><addr uri='sip:a@b.example'/></x>`, `<addr xmlns='other' uri='sip:c@d.example'/>`)),
        ).toEqual([]);
    });

    it('reads no more than it needs of a flood', () => {
        const flood = Array.from({ length: 5_000 }, (_, index) => `<addr uri='sip:u${String(index)}@x.example'/>`);
        expect(parseReach(reach(...flood)).length).toBe(MAX_ADDRESSES);
    });
});

describe('the own item', () => {
    const own = 'sip:alice@sip.example.org';

    it('is begun where there is none', () => {
        expect(parseReach(changeReach(null, own, null))).toEqual([own]);
    });

    it('stays where it is right, whatever the writing', () => {
        expect(changeReach(reach(`<addr uri='sips:alice@SIP.example.org;gr=urn:uuid:1'/>`), own, null)).toBeNull();
        expect(changeReach(null, null, own)).toBeNull();
        expect(changeReach(reach(), null, own)).toBeNull();
    });

    it('keeps what other devices and other clients wrote, with other schemes and descriptions', () => {
        const changed = changeReach(
            reach(
                `<addr uri='xmpp:alice@example.org'><desc xml:lang='en'>Chat</desc></addr>`,
                `<addr uri='sip:alice@office.example.org'/>`,
            ),
            own,
            null,
        )!;
        expect(text(changed)).toContain('<desc xml:lang="en">Chat</desc>');
        expect(text(changed)).toContain('uri="xmpp:alice@example.org"');
        expect(parseReach(changed)).toEqual([own, 'sip:alice@office.example.org']);
    });

    it('loses only what this device had added', () => {
        const changed = changeReach(reach(`<addr uri='${own}'/>`, `<addr uri='sip:b@c.example'/>`), null, own)!;
        expect(parseReach(changed)).toEqual(['sip:b@c.example']);
        expect(parseReach(changeReach(reach(`<addr uri='${own}'/>`), null, own))).toEqual([]);
    });

    it('gets the new address for the old one when the account changes', () => {
        const changed = changeReach(reach(`<addr uri='sip:old@x.example'/>`), own, 'sip:old@x.example')!;
        expect(parseReach(changed)).toEqual([own]);
    });

    it('ends up the same in whatever order devices write', () => {
        fc.assert(
            fc.property(addresses, fc.infiniteStream(fc.nat()), (uris, order) => {
                const one = uris.reduce<Element | null>((item, uri) => changeReach(item, uri, null) ?? item, null);
                const [seed = 0] = [...order.take(1)];
                const rotated = [...uris.slice(seed % (uris.length || 1)), ...uris.slice(0, seed % (uris.length || 1))];
                const other = rotated.reduce<Element | null>((item, uri) => changeReach(item, uri, null) ?? item, null);
                const set = (item: Element | null): string[] => (item === null ? [] : parseReach(item).sort());
                expect(set(one)).toEqual(set(other));
            }),
        );
    });
});
