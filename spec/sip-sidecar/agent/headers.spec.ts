import fc from 'fast-check';
import {
    headerLines,
    offersVideo,
    readCallInfo,
    readCaller,
    readDigits,
    readNameAddress,
    splitValues,
} from '../../../src/sip-sidecar/agent/headers.js';

describe('Headers that are added', () => {
    it('go out as they are', () => {
        expect(headerLines([['Call-Info', ' <xmpp:bob@example.net>;purpose=impp ']])).toEqual([
            'Call-Info: <xmpp:bob@example.net>;purpose=impp',
        ]);
    });

    it('are left out where they would break the message, or forge what belongs to the protocol', () => {
        expect(
            headerLines([
                ['X-A', 'a\r\nX-Evil: 1'],
                ['X-B\r\nX-Evil', '1'],
                ['X C', '1'],
                ['', '1'],
                ['X-D', ''],
                ['X-E', 'x'.repeat(3000)],
                ['From', '<sip:evil@h>'],
                ['cOnTaCt', '<sip:evil@h>'],
                ['f', '<sip:evil@h>'],
                ['Proxy-Authorization', 'x'],
                ['Content-Length', '5'],
            ]),
        ).toEqual([]);
    });

    it('are never more than 16', () => {
        expect(headerLines(Array.from({ length: 99 }, (_, i) => [`X-${String(i)}`, '1'] as const)).length).toBe(16);
    });
});

describe('Whoever calls', () => {
    it('is From, whatever else is asserted', () => {
        expect(readCaller([], '"Bob" <sip:bob@example.net>;tag=1')).toEqual({
            address: 'sip:bob@example.net',
            name: 'Bob',
            asserted: false,
        });
        expect(readCaller(['"Robert" <sip:robert@example.net>'], '<sip:bob@example.net>;tag=1')).toEqual({
            address: 'sip:bob@example.net',
            name: '',
            asserted: false,
        });
    });

    it('is the asserted identity where From hides', () => {
        const hidden = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1';
        expect(readCaller(['"Robert" <sip:robert@example.org>'], hidden)).toEqual({
            address: 'sip:robert@example.org',
            name: 'Robert',
            asserted: true,
        });
        expect(readCaller(['<tel:+15551234>, <sip:bob@example.org>'], hidden).address).toBe('sip:bob@example.org');
        expect(readCaller(['<tel:+1-555-1234>'], hidden).address).toBe('tel:+15551234');
        expect(readCaller(['<sip:anonymous@anonymous.invalid>'], hidden)).toEqual({
            address: '',
            name: '',
            asserted: false,
        });
    });

    it('has no address where it hides', () => {
        for (const from of [
            '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1',
            'sip:c8oqz84zk7z@privacy.invalid',
            '<sip:example.net>',
            '<sip:x@h;gr>',
            '<javascript:alert(1)>',
            '',
        ]) {
            expect(readCaller([], from).address).withContext(from).toBe('');
        }
    });

    it('has no address where it asks that it be kept from us', () => {
        for (const privacy of ['id', 'user;id', 'header; ID ;critical', 'critical,id', 'user']) {
            expect(readCaller(['<sip:bob@example.org>'], '<sip:bob@example.net>', privacy))
                .withContext(privacy)
                .toEqual({ address: '', name: '', asserted: false });
        }
        for (const privacy of ['', 'none', 'header', 'idle', 'session;critical']) {
            expect(readCaller([], '<sip:bob@example.net>', privacy).address)
                .withContext(privacy)
                .toBe('sip:bob@example.net');
        }
    });

    const HOSTILE: [from: string, address: string, name: string][] = [
        ['"Bob\\" <sip:evil@h>" <sip:bob@example.net>;tag=1', 'sip:bob@example.net', 'Bob" <sip:evil@h>'],
        ['"\u202eevil\u0007" <sip:bob@example.net>', 'sip:bob@example.net', 'evil'],
        [`"${'x'.repeat(500)}" <sip:bob@example.net>`, 'sip:bob@example.net', `${'x'.repeat(79)}…`],
        ['<sip:bob@example.net?Replaces=x>;tag=1', 'sip:bob@example.net', ''],
        ['<sip:bob@example.net;method=REGISTER;maddr=10.0.0.1>', 'sip:bob@example.net', ''],
        ['sip:bob@example.net;tag=1', 'sip:bob@example.net', ''],
        ['"unclosed <sip:bob@example.net>', '', ''],
        ['Bob <sip:bob@example.net', '', ''],
    ];
    for (const [from, address, name] of HOSTILE) {
        it(`with ${JSON.stringify(from).slice(0, 60)} is ${address === '' ? 'nobody' : address}`, () => {
            expect(readNameAddress(from)).toEqual({ address, name });
        });
    }

    it('never makes us stumble, and never takes long', () => {
        fc.assert(
            fc.property(fc.array(fc.string({ unit: 'binary' })), fc.string({ unit: 'binary' }), (asserted, from) => {
                const { address } = readCaller(asserted, from);
                expect(address).not.toMatch(/[\s<>"\u0000-\u001f]/u);
            }),
        );
        const start = performance.now();
        for (const part of ['"', '<', '"\\', ' ', ',<', '";']) {
            readCaller([part.repeat(50_000)], part.repeat(50_000));
            readCallInfo([part.repeat(50_000), part.repeat(50_000), part.repeat(50_000), part.repeat(50_000)]);
        }
        expect(performance.now() - start).toBeLessThan(1000);
    });
});

describe('Call-Info', () => {
    it('comes through raw, at most three values of 1 KiB', () => {
        expect(
            readCallInfo(['<xmpp:a@b>;purpose=impp, <http://x/y,z>;purpose=icon', '<xmpp:c@d>', '<xmpp:e@f>']),
        ).toEqual(['<xmpp:a@b>;purpose=impp', '<http://x/y,z>;purpose=icon', '<xmpp:c@d>']);
        expect(readCallInfo([`<xmpp:${'x'.repeat(1100)}>`, '<xmpp:a@b>;x="\u0007"', '<xmpp:c@d>'])).toEqual([
            '<xmpp:c@d>',
        ]);
        expect(readCallInfo(['<xmpp:a@b>;\r\n purpose=impp'])).toEqual(['<xmpp:a@b>; purpose=impp']);
    });

    it('is split at commas outside quotes and brackets only', () => {
        expect(splitValues('a;x="1,\\"2", <b,c>;d , ,e')).toEqual(['a;x="1,\\"2"', '<b,c>;d', 'e']);
    });
});

describe('An offer', () => {
    it('has video where it has a video line that is not switched off', () => {
        const audio = 'v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000\r\n';
        expect(offersVideo(audio)).toBeFalse();
        expect(offersVideo(`${audio}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n`)).toBeTrue();
        expect(offersVideo(`${audio}m=video 0 UDP/TLS/RTP/SAVPF 96\r\n`)).toBeFalse();
        expect(offersVideo(`${audio}m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=bundle-only\r\n`)).toBeTrue();
        expect(offersVideo(`${audio}a=x:m=video 9\r\n`)).toBeFalse();
        expect(offersVideo('')).toBeFalse();
    });
});

describe('Digits', () => {
    it('are those of a telephone, at most 32', () => {
        expect(readDigits('09*#ad')).toBe('09*#AD');
        for (const text of ['', 'E', '1 2', '1\r\nX', '1'.repeat(33), '١']) expect(readDigits(text)).toBeNull();
    });
});
