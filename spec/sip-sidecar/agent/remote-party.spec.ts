import * as fc from 'fast-check';
import { readFingerprints, readRemote, readVideo } from '../../../src/sip-sidecar/agent/remote-party.js';

const hash = (byte: string, length = 32): string => Array.from({ length }, () => byte).join(':');

function message(headers: Record<string, string[]>): Parameters<typeof readRemote>[0] {
    return {
        getHeader: (name) => headers[name.toLowerCase()]?.[0],
        getHeaders: (name) => headers[name.toLowerCase()] ?? [],
    };
}

describe('The fingerprints of a session description', () => {
    it('are each distinct one, in one spelling', () => {
        const sdp = [
            'v=0',
            `a=fingerprint:SHA-256 ${hash('ab')}`,
            'm=audio 9 UDP/TLS/RTP/SAVPF 111',
            `a=fingerprint:sha-256 ${hash('AB')}`,
            'm=video 9 UDP/TLS/RTP/SAVPF 96',
            `a=fingerprint: sha-1  ${hash('0C', 20)}`,
            `a=ice-ufrag:a=fingerprint:sha-256 ${hash('DD')}`,
        ].join('\r\n');
        expect(readFingerprints(sdp)).toEqual([`sha-256 ${hash('AB')}`, `sha-1 ${hash('0C', 20)}`]);
    });

    it('are none where there is no description, or none in it', () => {
        for (const sdp of [null, undefined, '', 'v=0\r\ns=a=fingerprint:sha-256 AB\r\n']) {
            expect(readFingerprints(sdp)).toEqual([]);
        }
    });

    it('are all found, however many there are: none hides behind others', () => {
        const hashes = Array.from({ length: 500 }, (_, i) =>
            hash((i % 256).toString(16).padStart(2, '0'), 20 + (i >> 8)),
        );
        const sdp = hashes.map((value) => `a=fingerprint:sha-1 ${value}`).join('\n');
        expect(readFingerprints(sdp).length).toBe(500);
    });
});

describe('The other side of a call', () => {
    it('is known by its Contact, its Call-Info and the headers of the drafts', () => {
        const remote = readRemote(
            message({
                contact: ['"Bob" <sip:bob@example.net;gr=urn:uuid:1;maddr=10.0.0.1>;audio;video'],
                'call-info': [
                    '<xmpp:bob@example.net>;purpose=impp, <xmpp:bob@example.net/pc?message;thread=T>;purpose=impp',
                ],
                'xmpp-thread': ['T1'],
                'xmpp-contact': ['<xmpp:bob@example.net>;CORR'],
                'x-thread': ['T2'],
            }),
            `a=fingerprint:sha-256 ${hash('AB')}`,
            [],
        );
        expect(remote).toEqual({
            contact: 'sip:bob@example.net;gr=urn:uuid:1',
            callInfo: [
                '<xmpp:bob@example.net>;purpose=impp',
                '<xmpp:bob@example.net/pc?message;thread=T>;purpose=impp',
            ],
            headers: [
                ['XMPP-Contact', '<xmpp:bob@example.net>;CORR'],
                ['XMPP-Thread', 'T1'],
            ],
            fingerprints: [`sha-256 ${hash('AB')}`],
        });
    });

    it('is known by the headers that were configured, except those that belong to the protocol', () => {
        const names = ['X-XMPP-Thread', 'Authorization', 'From', 'Via', 'v', 'X-Bad\r\nX', 'X-Absent'];
        const all = Object.fromEntries(names.map((name) => [name.toLowerCase(), ['value']]));
        delete all['x-absent'];
        expect(readRemote(message(all), null, names).headers).toEqual([['X-XMPP-Thread', 'value']]);
    });

    it('says nothing where what it says is too much, or would break something', () => {
        const remote = readRemote(
            message({
                contact: ['<javascript:alert(1)>'],
                'call-info': ['<xmpp:a@b>\u0007', `<xmpp:${'x'.repeat(2000)}>`],
                'xmpp-thread': ['a\u0000b', 'x'.repeat(1025), 'folded\r\n text', 'the fourth'],
                'xmpp-contact': Array.from({ length: 10_000 }, () => 'x'),
            }),
            null,
            [],
        );
        expect(remote.contact).toBe('');
        expect(remote.callInfo).toEqual([]);
        expect(remote.headers.filter(([name]) => name === 'XMPP-Thread')).toEqual([['XMPP-Thread', 'folded text']]);
        expect(remote.headers.filter(([name]) => name === 'XMPP-Contact').length).toBe(3);
    });

    it('is nobody for any bytes that mean nothing, and never a forged line', () => {
        const values = fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 4 });
        fc.assert(
            fc.property(values, values, values, fc.string({ unit: 'binary' }), (contact, info, thread, sdp) => {
                const headers = { contact, 'call-info': info, 'xmpp-thread': thread };
                const remote = readRemote(message(headers), sdp, ['XMPP-Thread']);
                expect(remote.contact).toMatch(/^(?:|(?:sips?|tel):[!-~]*)$/u);
                const texts = [...remote.callInfo, ...remote.headers.map(([, value]) => value), ...remote.fingerprints];
                for (const text of texts) expect(text).not.toMatch(/[\r\n\0]/u);
            }),
        );
    });
});

describe('Whether the other side takes video', () => {
    const AUDIO = 'v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n';
    const CASES: [contact: string, description: string | null, video: boolean | null][] = [
        ['<sip:bob@h>;audio', `${AUDIO}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n`, true],
        ['<sip:bob@h>;audio;video', AUDIO, false],
        ['<sip:bob@h>;audio;video', null, true],
        ['<sip:bob@h>; Video="TRUE"', null, true],
        ['<sip:bob@h>;audio;video="FALSE"', null, false],
        ['<sip:bob@h>;audio', null, false],
        ['<sip:bob@h;video>', null, null],
        ['<sip:bob@h>;videos;audios', null, null],
        ['sip:bob@h', null, null],
        ['', null, null],
    ];
    for (const [contact, description, video] of CASES) {
        it(`is ${String(video)} for Contact ${contact} ${description === null ? 'alone' : 'and a description'}`, () => {
            expect(readVideo(message(contact === '' ? {} : { contact: [contact] }), description)).toBe(video);
        });
    }
});
