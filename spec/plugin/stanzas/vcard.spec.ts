import { buildVCardRequest, parseVCard, vCardOf } from '../../../src/plugin/stanzas/vcard.js';
import { meaning, xml } from '../support/xml.js';

const vcard4 = (inner: string): ReturnType<typeof parseVCard> =>
    parseVCard(xml(`<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'>${inner}</vcard>`));
const temp = (inner: string): ReturnType<typeof parseVCard> =>
    parseVCard(xml(`<vCard xmlns='vcard-temp'>${inner}</vCard>`));
const none = { uris: [], video: null };

describe('vCard4 (XEP-0292, RFC 6351)', () => {
    it('names SIP addresses and numbers in tel and impp', () => {
        expect(
            vcard4(
                `<fn><text>Bob</text></fn>
                 <tel><parameters><type><text>voice</text><text>video</text></type></parameters><uri>sip:bob@sip.example.net</uri></tel>
                 <tel><uri> tel:+1-303-555-1212;ext=1 </uri></tel>
                 <tel><text>+1 (303) 555 1213</text></tel>
                 <impp><uri>xmpp:bob@example.net</uri></impp>
                 <impp><uri>sips:bob@work.example.net</uri></impp>
                 <impp><uri>sip:bob@sip.example.net</uri></impp>`,
            ),
        ).toEqual({
            uris: ['sip:bob@sip.example.net', 'tel:+13035551212', 'tel:+13035551213', 'sips:bob@work.example.net'],
            video: true,
        });
    });

    it('as Prosody makes it of a vcard-temp is understood', () => {
        expect(
            vcard4('<tel><uri>tel:sip:bob@sip.example.net</uri></tel><tel><uri>tel:+13035551212</uri></tel>').uris,
        ).toEqual(['sip:bob@sip.example.net', 'tel:+13035551212']);
    });

    it('names no fax and no pager', () => {
        const typed = (type: string): unknown =>
            vcard4(
                `<tel><parameters><type><text>work</text><text>${type}</text></type></parameters><uri>tel:+1</uri></tel>`,
            );
        for (const type of ['fax', 'FAX', 'pager']) expect(typed(type)).toEqual(none);
    });

    it('names nothing else, nothing deeper, nothing of another namespace', () => {
        for (const inner of [
            '',
            '<tel/>',
            '<tel><uri/></tel>',
            '<tel><uri>javascript:alert(1)</uri></tel>',
            '<tel><uri>mailto:bob@example.net</uri></tel>',
            '<tel><uri>bob@example.net</uri></tel>',
            '<tel><text>call me</text></tel>',
            '<tel><uri>sip:a&#10;b@c.example</uri></tel>',
            `<tel><uri>sip:${'a'.repeat(1_000_000)}@c.example</uri></tel>`,
            '<x><tel><uri>sip:a@b.example</uri></tel></x>',
            `<tel xmlns='other'><uri>sip:a@b.example</uri></tel>`,
            `<tel><uri xmlns='other'>sip:a@b.example</uri></tel>`,
            '<url><uri>sip:a@b.example</uri></url>',
        ]) {
            expect(vcard4(inner)).withContext(inner.slice(0, 60)).toEqual(none);
        }
    });
});

describe('vcard-temp (XEP-0054)', () => {
    it('is asked for', () => {
        expect(meaning(buildVCardRequest('bob@example.net'))).toEqual(
            meaning(xml(`<iq xmlns='jabber:client' type='get' to='bob@example.net'><vCard xmlns='vcard-temp'/></iq>`)),
        );
    });

    it('is found in the answer', () => {
        const answer = (inner: string): Element | null =>
            vCardOf(xml(`<iq xmlns='jabber:client' type='result'>${inner}</iq>`));
        expect(answer(`<vCard xmlns='vcard-temp'/>`)?.localName).toBe('vCard');
        expect(answer(`<vCard xmlns='other'/>`)).toBeNull();
        expect(parseVCard(null)).toEqual(none);
    });

    it('names SIP addresses and numbers', () => {
        expect(
            temp(
                `<FN>Bob</FN>
                 <TEL><VOICE/><VIDEO/><NUMBER>sip:bob@sip.example.net</NUMBER></TEL>
                 <TEL><WORK/><NUMBER>+1 303 555 1212</NUMBER></TEL>
                 <TEL><FAX/><NUMBER>+1 303 555 1213</NUMBER></TEL>
                 <TEL><PAGER/><NUMBER>+1 303 555 1214</NUMBER></TEL>
                 <TEL/>
                 <TEL><NUMBER>none</NUMBER></TEL>
                 <JABBERID>bob@example.net</JABBERID>`,
            ),
        ).toEqual({ uris: ['sip:bob@sip.example.net', 'tel:+13035551212'], video: true });
    });

    it('says nothing about video where it is not said of an address that is taken', () => {
        expect(
            temp('<TEL><NUMBER>sip:b@x.example</NUMBER></TEL><TEL><VIDEO/><NUMBER>x</NUMBER></TEL>').video,
        ).toBeNull();
    });

    it('is read no further than it needs to be', () => {
        const flood = Array.from({ length: 5_000 }, (_, index) => `<TEL><NUMBER>${String(index)}</NUMBER></TEL>`);
        expect(temp(flood.join('')).uris.length).toBe(8);
    });
});
