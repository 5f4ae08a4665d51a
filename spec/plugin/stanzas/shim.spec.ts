import { buildCallId, parseCallId } from '../../../src/plugin/stanzas/shim.js';
import { meaning, xml } from '../support/xml.js';

const CALL_ID = '5b1f6c1e-54a9-4f5b-8d5e-3d0a6f0f9c21';

const read = (inner: string): string | null => parseCallId(xml(`<message xmlns='jabber:client'>${inner}</message>`));
const shim = (inner: string): string | null =>
    read(`<headers xmlns='http://jabber.org/protocol/shim'>${inner}</headers>`);

describe('XEP-0131 headers', () => {
    it('are written as PROTOCOL.md 8.3 shows them', () => {
        expect(meaning(buildCallId(CALL_ID)!)).toEqual(
            meaning(
                xml(
                    `<headers xmlns='http://jabber.org/protocol/shim'><header name='Call-ID'>${CALL_ID}</header></headers>`,
                ),
            ),
        );
    });

    it('are read out of the message of PROTOCOL.md 8.3', () => {
        const message =
            xml(`<message xmlns='jabber:client' to='alice@example.org/web-7' from='bob@example.net/web-2' type='chat' id='m9'>
          <body>here is the link I was talking about</body>
          <thread>0c9e5f1e-0d0c-4a7b-9a55-0a7d5a3f8f10</thread>
          <headers xmlns='http://jabber.org/protocol/shim'>
            <header name='Call-ID'>5b1f6c1e-54a9-4f5b-8d5e-3d0a6f0f9c21</header>
          </headers>
        </message>`);
        expect(parseCallId(message)).toBe(CALL_ID);
    });

    it('are not written with a Call-ID that would break the stream', () => {
        for (const bad of ['', '\ufffe', 'a\0', '\ud800', 'x'.repeat(256)]) expect(buildCallId(bad)).toBeNull();
    });

    it('are read among others, in any case of the name', () => {
        expect(shim(`<header name='Keywords'>x</header><header name='Call-ID'>${CALL_ID}</header>`)).toBe(CALL_ID);
        expect(shim(`<header name='call-id'>\n a@b \n</header>`)).toBe('a@b');
    });

    it('say nothing where there is no Call-ID that can be used', () => {
        for (const inner of [
            '',
            '<header>x</header>',
            `<header name='Call-ID'/>`,
            `<header name='Call-ID'>${'x'.repeat(1_000_000)}</header>`,
            `<header name='Call-ID'>a\nb</header>`,
            `<header xmlns='other' name='Call-ID'>x</header>`,
            `<x><header name='Call-ID'>x</header></x>`,
            `<header name='In-Reply-To'>x</header>`,
        ]) {
            expect(shim(inner)).withContext(inner.slice(0, 60)).toBeNull();
        }
        expect(read('')).toBeNull();
        expect(
            read(`<x><headers xmlns='http://jabber.org/protocol/shim'><header name='Call-ID'>x</header></headers></x>`),
        ).toBeNull();
    });

    it('count by the first of several', () => {
        expect(shim(`<header name='Call-ID'>a</header><header name='Call-ID'>b</header>`)).toBe('a');
    });
});

describe('sip-correlation of the drafts', () => {
    it('is read in both of its namespaces', () => {
        for (const xmlns of ['urn:xmpp:sip-correlation', 'http://jabber.org/protocol/sip-correlation']) {
            expect(read(`<sip-correlation xmlns='${xmlns}' value='a84b4c76e66710@ua-991.domain.example'/>`)).toBe(
                'a84b4c76e66710@ua-991.domain.example',
            );
        }
    });

    it('says nothing without a value, or beside a header', () => {
        expect(read(`<sip-correlation xmlns='urn:xmpp:sip-correlation'/>`)).toBeNull();
        expect(
            read(
                `<sip-correlation xmlns='urn:xmpp:sip-correlation' value='a'/>` +
                    `<headers xmlns='http://jabber.org/protocol/shim'><header name='Call-ID'>b</header></headers>`,
            ),
        ).toBe('b');
    });
});
