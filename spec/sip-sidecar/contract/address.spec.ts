import { addressOfRecord, cleanSipAddress, sameAddressOfRecord } from '../../../src/sip-sidecar/contract/index.js';

describe('A SIP address', () => {
    const cleaned: [given: string, expected: string | null][] = [
        ['sip:bob@h;gr=urn:uuid:1?Replaces=x', 'sip:bob@h;gr=urn:uuid:1'],
        ['sip:bob@h;method=REGISTER', 'sip:bob@h'],
        ['<sips:Bob@EXAMPLE.org:5061;transport=WSS>', 'sips:Bob@example.org:5061;transport=wss'],
        ['bob@example.net', 'sip:bob@example.net'],
        ['sip:+13035551212@example.net;user=phone', 'sip:+13035551212@example.net;user=phone'],
        ['tel:+1-303-555-1212', 'tel:+13035551212'],
        ['sip:#31#123@h', 'sip:%2331%23123@h'],
        ['sip:bob:secret@h', 'sip:bob@h'],
        ['sip:bob@[::1]:5060', 'sip:bob@[::1]:5060'],
        ['javascript:alert(1)', null],
        ['xmpp:bob@example.net', null],
        ['sip:a b@h', null],
        ['sip:a%0d%0aX-Evil:1@h', null],
        ['sip:%E2%80%AEevil@h', null],
        ['sip:a@h\r\nX: y', null],
        ['sip:a@b@c', null],
        ['sip:%zz@h', null],
        ['sip:\ud800@h', null],
        ['sip:b@h;gr=\udc00', null],
        ['sip:😀@h', 'sip:%F0%9F%98%80@h'],
        ['sip:b@h..x', null],
        ['sip:b@h:99999', null],
        [`sip:${'a'.repeat(300)}@h`, null],
        ['', null],
    ];
    for (const [given, expected] of cleaned) {
        it(`reads ${JSON.stringify(given).slice(0, 60)} as ${String(expected)}`, () => {
            expect(cleanSipAddress(given)).toBe(expected);
        });
    }

    it('comes out the same when it is cleaned again', () => {
        for (const [, expected] of cleaned) if (expected !== null) expect(cleanSipAddress(expected)).toBe(expected);
    });

    it('is the same person whatever the scheme, the host’s case, port and parameters', () => {
        expect(sameAddressOfRecord('sip:Bob@EXAMPLE.org;gr=1', 'sips:Bob@example.org:5061')).toBeTrue();
        expect(sameAddressOfRecord('tel:+1-303-555-1212', 'tel:+13035551212')).toBeTrue();
        expect(sameAddressOfRecord('tel:+13035551212', 'sip:+1(303)5551212@gw.example.org;user=phone')).toBeTrue();
    });

    it('is that of the person where it is a GRUU, whatever else it carries', () => {
        expect(addressOfRecord('sip:bob@h;gr=urn:uuid:1?Replaces=x')).toBe('sip:bob@h');
    });

    it('is another one when it only looks like a number, or is one of somewhere', () => {
        expect(sameAddressOfRecord('tel:+13035551212', 'sip:+13035551212@gw.example.org')).toBeFalse();
        expect(sameAddressOfRecord('tel:1212', 'sip:1212@gw.example.org;user=phone')).toBeFalse();
    });

    it('is another person when the user differs in case', () => {
        expect(sameAddressOfRecord('sip:bob@example.org', 'sip:Bob@example.org')).toBeFalse();
    });

    it('names nobody when it is a temporary GRUU or a bare domain', () => {
        expect(addressOfRecord('sip:x@example.org;gr')).toBeNull();
        expect(addressOfRecord('sip:example.org')).toBeNull();
    });
});
