import { serverName, usableServers } from '../../../src/sip-sidecar/agent/servers.js';

describe('A SIP server', () => {
    const ALLOWED = [
        'wss://sip.example.org/',
        'wss://sip.example.org:8443/ws?x=1',
        'ws://localhost:5066/',
        'ws://sip.localhost/',
        'ws://127.0.0.1:5066/',
        'ws://127.8.9.10/',
        'ws://[::1]:5066/',
    ];
    const REFUSED = [
        'ws://sip.example.org/',
        'ws://localhost.example.org/',
        'ws://127.0.0.1.example.org/',
        'ws://10.0.0.1/',
        'https://sip.example.org/',
        'http://localhost/',
        'javascript:alert(1)',
        'wss://alice:secret@sip.example.org/',
        'wss://sip.example.org/#x',
        'sip.example.org',
        `wss://sip.example.org/${'x'.repeat(3000)}`,
        '',
        null,
        42,
    ];
    for (const url of ALLOWED) {
        it(`may be ${url}`, () => {
            expect(usableServers([url])).toEqual([url]);
        });
    }
    for (const url of REFUSED) {
        it(`may not be ${String(url).slice(0, 60)}`, () => {
            expect(usableServers([url])).toEqual([]);
        });
    }

    it('is taken in order, without those that may not be used', () => {
        expect(usableServers(['wss://b.example/', 'ws://b.example/', 'wss://a.example'])).toEqual([
            'wss://b.example/',
            'wss://a.example/',
        ]);
    });

    it('is named without its path and query, which may hold a token', () => {
        expect(serverName('wss://sip.example.org:8443/ws?token=secret')).toBe('wss://sip.example.org:8443');
    });
});
