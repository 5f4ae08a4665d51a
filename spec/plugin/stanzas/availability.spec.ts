import fc from 'fast-check';
import {
    buildAvailability,
    parseAvailability,
    type DeviceAvailability,
} from '../../../src/plugin/stanzas/availability.js';
import { text, xml } from '../support/xml.js';

const presence = (inside: string): Element => xml(`<presence xmlns='jabber:client'>${inside}</presence>`);
const stanza = (availability: DeviceAvailability): Element =>
    presence(buildAvailability(availability).map(text).join(''));

const BASIC = `<basic xmlns='urn:ietf:params:xml:ns:pidf'>open</basic>`;

describe('availability in presence', () => {
    const uris = ['sip:alice@sip.example.org'];

    it('is written as PROTOCOL.md 8.4 shows it', () => {
        const written = buildAvailability({ availability: 'on-the-phone', uris, video: true }).map((each) => [
            each.localName,
            each.namespaceURI,
            each.textContent,
        ]);
        expect(written).toEqual([
            ['reach', 'urn:xmpp:reach:0', ''],
            ['basic', 'urn:ietf:params:xml:ns:pidf', 'open'],
            ['servcaps', 'urn:ietf:params:xml:ns:pidf:caps', 'truetrue'],
            ['activities', 'urn:ietf:params:xml:ns:pidf:rpid', ''],
        ]);
    });

    it('says only that it is closed where it is closed', () => {
        expect(buildAvailability({ availability: 'closed', uris, video: true }).map(text)).toEqual([
            '<basic xmlns="urn:ietf:params:xml:ns:pidf">closed</basic>',
        ]);
    });

    it('has no descendant that Converse would take for the status of the person', () => {
        for (const availability of ['open', 'closed', 'on-the-phone', 'unknown'] as const) {
            expect(stanza({ availability, uris, video: true }).querySelector('status, show, priority')).toBeNull();
        }
    });

    it('comes back as it was written', () => {
        const any = fc.record<DeviceAvailability>({
            availability: fc.constantFrom('open', 'on-the-phone'),
            uris: fc.constantFrom(uris, ['sip:a@b.example', 'tel:+4930123']),
            video: fc.boolean(),
        });
        fc.assert(
            fc.property(any, (given) => {
                expect(parseAvailability(stanza(given))).toEqual(given);
            }),
        );
    });

    it('is nothing where nothing is said', () => {
        expect(parseAvailability(presence(`<show>away</show><c xmlns='http://jabber.org/protocol/caps'/>`))).toBeNull();
    });

    it('is unknown for an address alone, which is an address all the same', () => {
        expect(
            parseAvailability(presence(`<reach xmlns='urn:xmpp:reach:0'><addr uri='sip:a@b.example'/></reach>`)),
        ).toEqual({
            availability: 'unknown',
            uris: ['sip:a@b.example'],
            video: null,
        });
    });

    it('is read from a PIDF tuple, should someone send one', () => {
        const tuple = `<tuple xmlns='urn:ietf:params:xml:ns:pidf' id='a'><status><basic>open</basic></status>
            <contact>sip:a@b.example</contact></tuple>`;
        expect(parseAvailability(presence(tuple))).toEqual({
            availability: 'open',
            uris: ['sip:a@b.example'],
            video: null,
        });
    });

    const tuple = (status: string, more = ''): Element =>
        presence(
            `<tuple xmlns='urn:ietf:params:xml:ns:pidf' id='a'><status><basic>${status}</basic></status>${more}</tuple>`,
        );

    it('is read with all that RFC 4480 and RFC 5196 put into a tuple', () => {
        const more = `<servcaps xmlns='urn:ietf:params:xml:ns:pidf:caps'><audio>true</audio><video>1</video></servcaps>
            <activities xmlns='urn:ietf:params:xml:ns:pidf:rpid'><on-the-phone/></activities>
            <contact priority='0.8'> tel:+49-30-123 </contact>`;
        const uris = ['tel:+4930123'];
        expect(parseAvailability(tuple('open', more))).toEqual({ availability: 'on-the-phone', uris, video: true });
        expect(parseAvailability(tuple('closed', more))).toEqual({ availability: 'closed', uris, video: true });
    });

    it('is what stands in the presence itself, rather than in a tuple', () => {
        const said = presence(`<tuple xmlns='urn:ietf:params:xml:ns:pidf' id='a'><status><basic>closed</basic></status>
            <contact>sip:a@b.example</contact></tuple>${BASIC}<reach xmlns='urn:xmpp:reach:0'><addr uri='sip:c@d.example'/></reach>`);
        expect(parseAvailability(said)).toEqual({ availability: 'open', uris: ['sip:c@d.example'], video: null });
    });

    it('takes no contact of a tuple that is no address to call', () => {
        const contacts = [
            'javascript:alert(1)',
            'im:a@b.example',
            'a@b.example',
            '',
            `sip:${'a'.repeat(300)}@b.example`,
        ];
        for (const contact of contacts) {
            const said = parseAvailability(tuple('open', `<contact>${contact}</contact>`));
            expect(said?.uris).withContext(contact).toEqual([]);
        }
    });

    it('takes closed for closed, whatever else is said', () => {
        const said = `${BASIC.replace('open', ' CLOSED ')}<activities xmlns='urn:ietf:params:xml:ns:pidf:rpid'><on-the-phone/></activities>`;
        expect(parseAvailability(presence(said))?.availability).toBe('closed');
    });

    it('ignores what is hidden deeper, in other namespaces, or senseless', () => {
        expect(parseAvailability(presence(`<x xmlns='y'>${BASIC}</x>`))).toBeNull();
        expect(parseAvailability(presence('<basic>open</basic>'))).toBeNull();
        expect(parseAvailability(presence(BASIC.replace('open', 'x'.repeat(100_000))))?.availability).toBe('unknown');
        const caps = `<servcaps xmlns='urn:ietf:params:xml:ns:pidf:caps'><video>perhaps</video></servcaps>`;
        expect(parseAvailability(presence(caps))?.video).toBeNull();
    });
});
