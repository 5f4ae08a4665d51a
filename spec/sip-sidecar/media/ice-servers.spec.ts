import { MAX_ICE_SERVERS, usableServers } from '../../../src/sip-sidecar/media/ice-servers.js';

describe('The STUN and TURN servers', () => {
    let notices: string[];
    const usable = (servers: Parameters<typeof usableServers>[0]) =>
        usableServers(servers, (text) => notices.push(text));

    beforeEach(() => {
        notices = [];
    });

    it('are used where they are such', () => {
        const servers = [
            { urls: 'stun:stun.example.net' },
            { urls: ['stun:192.0.2.1:3478', 'stuns:[2001:db8::1]:5349'] },
            { urls: 'turn:turn.example.net:3478?transport=tcp', username: 'u', credential: 'secret' },
            { urls: ['turns:turn.example.net?transport=udp'], username: 'u', credential: 'secret' },
        ];
        const one = { username: 'u', credential: 'secret' };
        expect(usable(servers)).toEqual([
            { urls: 'stun:stun.example.net' },
            { urls: 'stun:192.0.2.1:3478' },
            { urls: 'stuns:[2001:db8::1]:5349' },
            { urls: 'turn:turn.example.net:3478?transport=tcp', ...one },
            { urls: 'turns:turn.example.net?transport=udp', ...one },
        ]);
        expect(notices).toEqual([]);
    });

    for (const urls of [
        '',
        'stun:',
        'http://example.net',
        'stun:a b',
        'stun:a\r\nb',
        'turn:x?transport=sctp',
        'stun://x',
        'stun:x:123456',
        'javascript:alert(1)',
    ]) {
        it(`are left out, and named, where they are not: ${JSON.stringify(urls)}`, () => {
            expect(usable([{ urls, username: 'u', credential: 'secret' }])).toEqual([]);
            expect(notices.length).toBe(1);
            expect(notices.join()).not.toContain('secret');
        });
    }

    it('are left out where a TURN server comes without user name or credential', () => {
        expect(usable([{ urls: 'turn:turn.example.net', username: 'u' }, { urls: 'turn:turn.example.net' }])).toEqual(
            [],
        );
        expect(notices.length).toBe(2);
    });

    it('are left out where there is no address at all', () => {
        expect(usable([{ urls: [] }])).toEqual([]);
    });

    it('are cut to a number that does not slow gathering down', () => {
        expect(usable(Array.from({ length: 50 }, () => ({ urls: 'stun:stun.example.net' }))).length).toBe(
            MAX_ICE_SERVERS,
        );
        expect(notices.length).toBe(1);
    });
});
