import { buildMessageReach, parseMessageReach } from '../../../src/plugin/stanzas/message-reach.js';
import { element } from '../../../src/plugin/stanzas/xml.js';
import { meaning, text, xml } from '../support/xml.js';

const GRUU = 'sip:alice@sip.example.org;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';

const read = (inner: string): ReturnType<typeof parseMessageReach> =>
    parseMessageReach(xml(`<message xmlns='jabber:client'><body>Hi</body>${inner}</message>`));
const draft = (target: string, xmlns = 'urn:xmpp:sip-contact'): ReturnType<typeof parseMessageReach> =>
    read(`<sip-contact xmlns='${xmlns}' target='${target}'/>`);

describe('The address in a message', () => {
    it('is written as PROTOCOL.md 8.1 shows it', () => {
        expect(buildMessageReach(GRUU, true).map(meaning)).toEqual(
            [
                `<reach xmlns='urn:xmpp:reach:0'><addr uri='${GRUU}'/></reach>`,
                `<servcaps xmlns='urn:ietf:params:xml:ns:pidf:caps'><audio>true</audio><video>true</video></servcaps>`,
            ].map((each) => meaning(xml(each))),
        );
    });

    it('is read out of the message of PROTOCOL.md 8.1', () => {
        const message =
            xml(`<message xmlns='jabber:client' to='bob@example.net' from='alice@example.org/web-7' type='chat' id='m1'>
          <body>Hi Bob</body>
          <thread>0c9e5f1e-0d0c-4a7b-9a55-0a7d5a3f8f10</thread>
          <reach xmlns='urn:xmpp:reach:0'>
            <addr uri='sip:alice@sip.example.org;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6'/>
          </reach>
          <servcaps xmlns='urn:ietf:params:xml:ns:pidf:caps'><audio>true</audio><video>true</video></servcaps>
          <origin-id xmlns='urn:xmpp:sid:0' id='m1'/>
        </message>`);
        expect(parseMessageReach(message)).toEqual({ uris: [GRUU], video: true });
    });

    it('comes back as it was written', () => {
        for (const video of [true, false]) {
            const message = element('jabber:client', 'message', {}, ...buildMessageReach(GRUU, video));
            expect(parseMessageReach(xml(text(message)))).toEqual({ uris: [GRUU], video });
        }
    });

    it('says nothing about video where it is not said', () => {
        expect(read(`<reach xmlns='urn:xmpp:reach:0'><addr uri='sip:a@b.example'/></reach>`)).toEqual({
            uris: ['sip:a@b.example'],
            video: null,
        });
    });

    it('is no address where there is none, and nothing where nothing is said', () => {
        expect(read(`<reach xmlns='urn:xmpp:reach:0'/>`)).toEqual({ uris: [], video: null });
        expect(read('')).toBeNull();
        expect(read(`<servcaps xmlns='urn:ietf:params:xml:ns:pidf:caps'><video>true</video></servcaps>`)).toBeNull();
        expect(read(`<x><reach xmlns='urn:xmpp:reach:0'><addr uri='sip:a@b.example'/></reach></x>`)).toBeNull();
    });
});

describe('sip-contact of the drafts', () => {
    it('is read in each of its namespaces and ways of writing', () => {
        const found = { uris: ['sip:bob@domain.example;gr=urn:uuid:1'], video: true };
        for (const xmlns of [
            'urn:xmpp:sip-contact',
            'http://jabber.org/protocol/sip-contact',
            'http//jabber.org/protocol/contact',
        ]) {
            expect(draft('&lt;sip:bob@domain.example;gr=urn:uuid:1&gt;;audio;video', xmlns)).toEqual(found);
        }
        expect(draft('&lt;sip:bob@domain.example;gr=urn:uuid:1;audio;video&gt;')).toEqual(found);
        expect(draft('sip:bob@domain.example;gr=urn:uuid:1;audio;video=&quot;TRUE&quot;')).toEqual(found);
    });

    it('tells what is said about video', () => {
        expect(draft('&lt;sip:bob@domain.example&gt;;audio')?.video).toBeNull();
        expect(draft('&lt;sip:bob@domain.example&gt;;audio;video=&quot;FALSE&quot;')?.video).toBeFalse();
        expect(draft('&lt;sip:video@video.example&gt;')?.video).toBeNull();
    });

    it('gives way to the standard form', () => {
        expect(
            read(
                `<sip-contact xmlns='urn:xmpp:sip-contact' target='sip:a@b.example'/>` +
                    `<reach xmlns='urn:xmpp:reach:0'><addr uri='sip:c@d.example'/></reach>`,
            )?.uris,
        ).toEqual(['sip:c@d.example']);
    });

    it('is nothing where it names no SIP address', () => {
        for (const target of [
            '',
            'x',
            'xmpp:a@b',
            'bob@domain.example',
            'javascript:alert(1)',
            '&lt;sip:a@b',
            'sip:a&#10;@b',
            '&lt;sip:a@b&gt;&lt;sip:c@d&gt;',
            `sip:${'a'.repeat(100_000)}@b`,
            `sip:a@b;${'video;'.repeat(100_000)}`,
        ]) {
            const said = draft(target);
            if (target === '&lt;sip:a@b') expect(said?.uris).toEqual(['sip:a@b']);
            else expect(said).withContext(target.slice(0, 40)).toBeNull();
        }
        const started = performance.now();
        expect(draft(`sip:${'a'.repeat(200_000)}&lt;`)).toBeNull();
        expect(performance.now() - started).toBeLessThan(1_000);
    });
});
