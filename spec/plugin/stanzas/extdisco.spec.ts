import fc from 'fast-check';
import { parseServices } from '../../../src/plugin/stanzas/extdisco.js';
import { xml } from '../support/xml.js';

const services = (inside: string): Element =>
    xml(`<iq xmlns='jabber:client' type='result'><services xmlns='urn:xmpp:extdisco:2'>${inside}</services></iq>`);

describe('XEP-0215 services', () => {
    it('are STUN and TURN servers as RTCPeerConnection takes them', () => {
        const { servers, expires } = parseServices(
            services(`
                <service type='stun' host='stun.example.net' port='3478' transport='udp'/>
                <service type='turn' host='2001:db8::1' port='3478' transport='tcp' username='1:u' password='p'
                    expires='2026-01-05T13:00:00Z'/>
                <service type='turns' host='t.example.net' username='u' password='q' expires='2026-01-05T12:30:00Z'/>`),
        );
        expect(servers).toEqual([
            { urls: 'stun:stun.example.net:3478' },
            { urls: 'turn:[2001:db8::1]:3478?transport=tcp', username: '1:u', credential: 'p' },
            { urls: 'turns:t.example.net', username: 'u', credential: 'q' },
        ]);
        expect(expires).toBe(Date.UTC(2026, 0, 5, 12, 30));
        expect(() => new RTCPeerConnection({ iceServers: servers as RTCIceServer[] }).close()).not.toThrow();
    });

    for (const wrong of [
        `<service type='turn' host='t.example.net'/>`,
        `<service type='turn' host='t.example.net' username='u'/>`,
        `<service type='http' host='t.example.net'/>`,
        `<service type='stun' host='a b'/>`,
        `<service type='stun' host='evil.example/?x=y'/>`,
        `<service type='stun' host='x' port='0'/>`,
        `<service type='stun' host='x' port='99999'/>`,
        `<service type='stun' host='x' port='1;2'/>`,
        `<service type='turn' host='x' transport='sctp' username='u' password='p'/>`,
        `<service type='stun'/>`,
        `<service xmlns='other' type='stun' host='x'/>`,
        `<x><service type='stun' host='x'/></x>`,
    ]) {
        it(`leave out ${wrong}`, () => expect(parseServices(services(wrong)).servers).toEqual([]));
    }

    it('are few, and take senseless times for none', () => {
        const flood = `<service type='stun' host='x' expires='soon'/>`.repeat(100);
        const { servers, expires } = parseServices(services(flood));
        expect(servers.length).toBe(8);
        expect(expires).toBeNull();
    });

    it('never break RTCPeerConnection, whatever is in them', () => {
        const attribute = fc.oneof(fc.string(), fc.constantFrom('stun', 'turn', 'turns', 'udp', 'x.example', '3478'));
        fc.assert(
            fc.property(fc.array(attribute, { minLength: 6, maxLength: 6 }), (values) => {
                const iq = services('<service/>');
                const service = iq.querySelector('service')!;
                ['type', 'host', 'port', 'transport', 'username', 'password'].forEach((name, index) => {
                    service.setAttribute(name, values[index]!);
                });
                const iceServers = parseServices(iq).servers as RTCIceServer[];
                expect(() => new RTCPeerConnection({ iceServers }).close()).not.toThrow();
            }),
            { numRuns: 200 },
        );
    });
});
