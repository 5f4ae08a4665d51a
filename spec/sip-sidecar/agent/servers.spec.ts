import { httpOrigin, serverName } from '../../../src/sip-sidecar/agent/servers.js';

describe('A SIP server', () => {
    it('is named without its path and query, which may hold a token', () => {
        expect(serverName('wss://sip.example.org:8443/ws?token=secret')).toBe('wss://sip.example.org:8443');
    });

    it('is looked for where it answers HTTP', () => {
        expect(httpOrigin('wss://sip.example.org:8443/ws?x=1')).toBe('https://sip.example.org:8443');
        expect(httpOrigin('ws://127.0.0.1:5066/')).toBe('http://127.0.0.1:5066');
    });
});
