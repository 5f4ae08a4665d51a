import {
    checkRemoteSdp,
    MAX_SDP_LENGTH,
    MAX_SDP_LINES,
    readSdp,
    refuseOthers,
    saysHold,
    section,
    settleRole,
} from '../../../src/sip-sidecar/media/sdp.js';

const lines = (...text: string[]): string => `${text.join('\r\n')}\r\n`;
const SESSION = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0'];

describe('A session description', () => {
    it('is read m-line by m-line: a direction belongs to its own stream', () => {
        const { sections } = readSdp(
            lines(
                ...SESSION,
                'm=audio 4000 UDP/TLS/RTP/SAVPF 111',
                'a=mid:0',
                'a=sendonly',
                'm=video 4002 UDP/TLS/RTP/SAVPF 96',
                'a=mid:1',
                'a=recvonly',
            ),
        );
        expect(sections.map((one) => [one.kind, one.mid, one.direction])).toEqual([
            ['audio', '0', 'sendonly'],
            ['video', '1', 'recvonly'],
        ]);
    });

    it('gives the direction of the session to a stream without one, and sendrecv where neither says', () => {
        const held = readSdp(lines(...SESSION, 'a=inactive', 'm=audio 1 X 0', 'm=video 1 X 0', 'a=recvonly'));
        expect(held.sections.map((one) => one.direction)).toEqual(['inactive', 'recvonly']);
        expect(readSdp(lines(...SESSION, 'm=audio 1 X 0')).sections[0]?.direction).toBe('sendrecv');
    });

    it('tells a refused stream (port 0) from one that is only bundled', () => {
        const description = readSdp(
            lines(...SESSION, 'm=video 0 X 96', 'm=video 0 X 96', 'a=bundle-only', 'm=audio 4000 X 0'),
        );
        expect(description.sections.map((one) => one.rejected)).toEqual([true, false, false]);
        expect(section(description, 'video')).toBe(description.sections[1]);
    });

    it('lists the candidates that somebody can send to', () => {
        const [audio] = readSdp(
            lines(
                ...SESSION,
                'm=audio 4000 X 0',
                'a=candidate:1 1 udp 2122194687 127.0.0.1 36202 typ host generation 0',
                'a=candidate:2 1 tcp 1518214911 127.0.0.1 9 typ host tcptype active',
                'a=candidate:3 1 TCP 1518214911 192.0.2.1 4000 typ host tcptype passive',
                'a=candidate:4 1 UDP 1686052607 192.0.2.9 50000 typ srflx raddr 10.0.0.1 rport 9',
                'a=candidate:5 1 udp 41885695 192.0.2.7 60000 typ relay raddr 0.0.0.0 rport 0',
                'a=candidate:nonsense',
            ),
        ).sections;
        expect(audio?.candidates).toEqual(['host', 'host', 'srflx', 'relay']);
    });

    it('holds by the address 0.0.0.0 with a real port (RFC 2543), but not where it only has no candidate yet', () => {
        const held = (port: number, where: 'session' | 'stream'): boolean | undefined => {
            const c = 'c=IN IP4 0.0.0.0';
            const m = `m=audio ${String(port)} X 0`;
            return readSdp(lines(...SESSION, ...(where === 'session' ? [c, m] : [m, c]))).sections[0]?.heldByAddress;
        };
        expect(held(4000, 'stream')).toBeTrue();
        expect(held(4000, 'session')).toBeTrue();
        expect(held(9, 'stream')).toBeFalse();
        expect(held(0, 'stream')).toBeFalse();
    });

    describe('says that its writer holds the call', () => {
        const audio = (direction: string) =>
            readSdp(lines(...SESSION, 'm=audio 4000 X 0', `a=${direction}`)).sections[0]!;

        it('in an offer, where it does not want to receive', () => {
            expect(saysHold(audio('sendonly'), 'offer', undefined)).toBeTrue();
            expect(saysHold(audio('inactive'), 'offer', 'recvonly')).toBeTrue();
            expect(saysHold(audio('recvonly'), 'offer', 'sendrecv')).toBeFalse();
            expect(saysHold(audio('sendrecv'), 'offer', 'sendrecv')).toBeFalse();
        });

        it('in an answer, only where we offered to send', () => {
            expect(saysHold(audio('sendonly'), 'answer', 'sendrecv')).toBeTrue();
            expect(saysHold(audio('inactive'), 'answer', 'sendonly')).toBeTrue();
            expect(saysHold(audio('recvonly'), 'answer', 'sendonly')).toBeFalse();
            expect(saysHold(audio('sendonly'), 'answer', 'recvonly')).toBeUndefined();
            expect(saysHold(audio('inactive'), 'answer', 'inactive')).toBeUndefined();
        });
    });
});

describe('A session description from a stranger', () => {
    const good = lines(...SESSION, 'm=audio 4000 UDP/TLS/RTP/SAVPF 111');

    it('passes where it is one', () => {
        expect(checkRemoteSdp(`${good}a=fingerprint:SHA-256 ${'aB:'.repeat(31)}00\r\n`).sections.length).toBe(1);
        expect(checkRemoteSdp(good).sections.length).toBe(1);
    });

    for (const [what, sdp] of Object.entries({
        'is empty': '',
        'is garbage': 'hello',
        'is a web page': '<!doctype html><script>alert(1)</script>',
        'does not start with its version': `\r\n${good}`,
        'has no m-line': lines(...SESSION),
        'has no audio': lines(...SESSION, 'm=video 4000 X 96'),
        'refuses the audio': lines(...SESSION, 'm=audio 0 X 0'),
        'hides a NUL': good.replace('s=-', 's=\0'),
        'has a fingerprint that is too short': `${good}a=fingerprint:sha-256 00\r\n`,
        'has a fingerprint that is no hash': `${good}a=fingerprint:sha-256 ${'zz:'.repeat(31)}zz\r\n`,
        'has a fingerprint of an unknown kind': `${good}a=fingerprint:constructor ${'00:'.repeat(31)}00\r\n`,
        'is longer than 64 KiB': good + 'a=x'.padEnd(MAX_SDP_LENGTH, 'x'),
        'has too many lines': good + 'a=x\r\n'.repeat(MAX_SDP_LINES),
        'has too many lines, ended by CR alone': good + 'a=x\r'.repeat(MAX_SDP_LINES),
        'has too many streams': good + 'm=audio 4000 X 0\r\n'.repeat(10),
    })) {
        it(`is refused with an Error where it ${what}`, () => {
            expect(() => checkRemoteSdp(sdp)).toThrowError();
        });
    }

    it('cannot hide a stream behind another line end', () => {
        expect(readSdp(good.replaceAll('\r\n', '\n')).sections.length).toBe(1);
        expect(readSdp(good.replaceAll('\r\n', '\r')).sections.length).toBe(1);
        expect(readSdp(`${good}a=note:\rm=video 1 X 96\r\n`).sections.length).toBe(2);
    });

    it('is read in no time, however it is made', () => {
        const start = performance.now();
        for (const nasty of [' '.repeat(60_000), 'a=candidate:'.repeat(5_000), `a=group:BUNDLE ${' 0'.repeat(30_000)}`])
            readSdp(`${good}${nasty}`);
        expect(performance.now() - start).toBeLessThan(500);
    });
});

describe('An offer of more than we use', () => {
    const offer = lines(
        ...SESSION,
        'a=group:BUNDLE a v d',
        'm=audio 4000 X 0',
        'a=mid:a',
        'm=video 0 X 96',
        'a=mid:v',
        'a=bundle-only',
        'm=application 4002/2 UDP/DTLS/SCTP webrtc-datachannel',
        'a=mid:d',
    );

    it('is left with its first audio and its first video', () => {
        const read = readSdp(refuseOthers(readSdp(offer), true));
        expect(read.sections.map((one) => one.rejected)).toEqual([false, false, true]);
        expect(read.bundle).toEqual(['a', 'v']);
    });

    it('is left with its audio where the site allows no video', () => {
        const read = readSdp(refuseOthers(readSdp(offer), false));
        expect(read.sections.map((one) => one.rejected)).toEqual([false, true, true]);
        expect(read.bundle).toEqual(['a']);
    });

    it('is not touched where all of it is used', () => {
        const plain = lines(...SESSION, 'm=audio 4000 X 0');
        expect(refuseOthers(readSdp(plain), false)).toBe(plain);
    });
});

describe('An answer that leaves open who opens DTLS', () => {
    const answer = (role: string): string => lines(...SESSION, 'm=audio 9 UDP/TLS/RTP/SAVPF 0', `a=setup:${role}`);

    it('keeps the roles that are in force', () => {
        expect(settleRole(answer('actpass'), answer('active'), answer('actpass'))).toBe(answer('passive'));
        expect(settleRole(answer('actpass'), answer('passive'), answer('actpass'))).toBe(answer('active'));
        expect(settleRole(answer('actpass'), answer('actpass'), answer('passive'))).toBe(answer('passive'));
    });

    it('makes the other side open it where none are', () => {
        expect(settleRole(answer('actpass'), undefined, undefined)).toBe(answer('active'));
    });

    it('is left alone where it says who', () => {
        for (const role of ['active', 'passive', 'holdconn', 'actpassive'])
            expect(settleRole(answer(role), answer('active'), answer('actpass'))).toBe(answer(role));
    });
});
