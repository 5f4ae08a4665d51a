import fc from 'fast-check';
import { jidFromSip, sipFromJid, suggestAddress } from '../../../src/plugin/stox/addresses.js';
import { cleanSipAddress, parseSipAddress } from '../../../src/sip-sidecar/contract/index.js';

/** Table 1, as the RFC prints it, without letters, digits, spaces and control characters. */
const ALLOWED = {
    sip: "!$&'()*+,-./;=?_~",
    im: "!#$%&'*+-/=?^_`{|}~",
    xmpp: '!#$%()*+,-.;=?[\\]^_`{|}~',
};
const ALL = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** The character as a JID writes it: escaped by XEP-0106 where it may not stand there. */
const inJid = (character: string): string =>
    ALLOWED.xmpp.includes(character) ? character : `\\${character.charCodeAt(0).toString(16)}`;
const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

describe('RFC 7247 addresses', () => {
    for (const escaped of [false, true]) {
        const characters = (allowed: string): string[] =>
            Array.from(ALL).filter((each) => allowed.includes(each) !== escaped);
        const happens = escaped ? 'does not allow is escaped' : 'allows stays as it is';

        it(`table 1: what sip ${happens}`, () => {
            for (const each of characters(ALLOWED.sip)) {
                const sip = `sip:a${escaped ? percent(each) : each}b@h.example`;
                expect(sipFromJid(`a${inJid(each)}b@h.example`))
                    .withContext(each)
                    .toBe(sip);
            }
        });

        it(`table 1: what im and pres ${happens}`, () => {
            // A percent sign is allowed there, and escaped all the same: nobody could tell it from an escape.
            for (const each of characters(ALLOWED.im)) {
                const local = `a${escaped || each === '%' ? percent(each) : each}b@h.example`;
                expect(sipFromJid(`a${inJid(each)}b@h.example`, 'im'))
                    .withContext(each)
                    .toBe(`im:${local}`);
                expect(sipFromJid(`a${inJid(each)}b@h.example`, 'pres'))
                    .withContext(each)
                    .toBe(`pres:${local}`);
            }
        });

        it(`table 1: what XMPP ${happens}`, () => {
            for (const each of characters(ALLOWED.xmpp)) {
                expect(jidFromSip(`sip:a${percent(each)}b@h.example`))
                    .withContext(each)
                    .toBe(`a${inJid(each)}b@h.example`);
            }
        });
    }

    const toXmpp: [sip: string, jid: string][] = [
        ['sip:f%C3%BC@sip.example', 'fü@sip.example'],
        ["sip:o'malley@sip.example", 'o\\27malley@sip.example'],
        ['sip:foo@sip.example;gr=bar', 'foo@sip.example/bar'],
    ];
    for (const [sip, jid] of toXmpp) {
        it(`section 6.4: ${sip} becomes ${jid}`, () => {
            expect(jidFromSip(sip)).toBe(jid);
        });
    }

    const toSip: [jid: string, sip: string][] = [
        ['m\\26m@xmpp.example', 'sip:m&m@xmpp.example'],
        ['tschüss@xmpp.example', 'sip:tsch%C3%BCss@xmpp.example'],
        ['baz@xmpp.example/qux', 'sip:baz@xmpp.example;gr=qux'],
    ];
    for (const [jid, sip] of toSip) {
        it(`section 6.5: ${jid} becomes ${sip}`, () => {
            expect(sipFromJid(jid)).toBe(sip);
        });
    }

    it('section 6.3: a temporary GRUU has no resource, and names nobody', () => {
        expect(jidFromSip('sip:tgruu.7hs8jd7vnz@sip.example;gr')).toBeNull();
    });

    it('section 6.3: a resource beyond ASCII is percent-encoded in the GRUU, and comes back', () => {
        const sip = sipFromJid('baz@xmpp.example/Büro ☎');
        expect(sip).toBe('sip:baz@xmpp.example;gr=B%C3%BCro%20%E2%98%8E');
        expect(jidFromSip(sip ?? '')).toBe('baz@xmpp.example/Büro ☎');
    });

    it('section 6.5: im and pres have no place for a resource', () => {
        expect(sipFromJid('baz@xmpp.example/qux', 'im')).toBe('im:baz@xmpp.example');
    });

    it('section 6: an address comes back from the other side as it was', () => {
        const user = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 });
        fc.assert(
            fc.property(user, (typed) => {
                const name = typed.trim().toLowerCase();
                fc.pre(name !== '');
                const sip = cleanSipAddress(`sip:${encodeURIComponent(name)}@h.example`) ?? '';
                const jid = jidFromSip(sip) ?? '';
                expect(sipFromJid(jid)).toBe(sip);
                expect(jidFromSip(sipFromJid(jid, 'im') ?? '')).toBe(jid);
            }),
        );
    });

    for (const [what, sip] of [
        ['a number', 'tel:+13035551212'],
        ['a domain alone', 'sip:h.example'],
        ['another scheme', 'javascript:alert(1)@h'],
        ['a line break in the name', 'sip:a%0D%0Ab@h.example'],
        ['a direction character in the name', 'sip:%E2%80%AEa@h.example'],
        ['a space at the end of the name', 'sip:a%20@h.example'],
        ['a lone surrogate', 'sip:\ud800@h.example'],
        ['a broken escape', 'sip:%zz@h.example'],
        ['nothing', ''],
    ] as const) {
        it(`section 6.4: ${what} has no counterpart in XMPP`, () => {
            expect(jidFromSip(sip)).toBeNull();
        });
    }

    it('section 6.4: an @ that is escaped in a SIP address does not end the name of a JID', () => {
        expect(jidFromSip('sip:alice%40bank.example@evil.example')).toBe('alice\\40bank.example@evil.example');
        expect(jidFromSip('sip:alice%2Fx@evil.example')).toBe('alice\\2fx@evil.example');
        expect(jidFromSip('sip:a%5C40b@h.example')).toBe('a\\5c40b@h.example');
    });

    for (const [what, jid] of [
        ['a server', 'h.example'],
        ['a domain with a parameter', 'bob@evil.example;maddr=1.2.3.4'],
        ['a domain with headers', 'bob@evil.example?Replaces=x'],
        ['a domain beyond ASCII', 'bob@exämple.example'],
        ['two names', 'a@b@c'],
        ['a line break', 'a\r\nX: y@h.example'],
        ['a lone surrogate', '\ud800@h.example'],
        ['a name that is far too long', `${'a'.repeat(1023)}@h.example`],
        ['nothing', ''],
    ] as const) {
        it(`section 6.5: ${what} has no counterpart in SIP`, () => {
            expect(sipFromJid(jid)).toBeNull();
        });
    }

    it('section 6: nothing that a stranger writes breaks the mapping, or gets out of its place', () => {
        fc.assert(
            fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, resource) => {
                jidFromSip(text);
                const sip = sipFromJid(`${text}@h.example/${resource}`);
                if (sip === null) return;
                expect(parseSipAddress(sip)?.host).toBe('h.example');
                expect(cleanSipAddress(sip)).toBe(sip);
            }),
        );
    });
});

describe('A suggested address', () => {
    const cases: [rule: string, jid: string, suggestion: string | null][] = [
        ['sip:{local}@sip.example.org', 'alice@example.org', 'sip:alice@sip.example.org'],
        ['sip:{local}@sip.example.org', 'alice@example.org/web-7', 'sip:alice@sip.example.org'],
        ['sip:{local}@sip.example.org', 'Alice@Example.org', 'sip:alice@sip.example.org'],
        ['sip:{local}@{domain}', 'alice@example.org', 'sip:alice@example.org'],
        ['sip:{local}.{domain}@sip.example.net', 'alice@example.org', 'sip:alice.example.org@sip.example.net'],
        ['sips:{local}@sip.example.org;transport=wss', 'alice@example.org', 'sips:alice@sip.example.org;transport=wss'],
        ['sip:{jid}', 'alice@example.org', 'sip:alice@example.org'],
        ['sip:{jid}@gateway.example.net', 'alice@example.org', 'sip:alice%40example.org@gateway.example.net'],
        ['sip:{local}@sip.example.org', 'o\\27malley@example.org', "sip:o'malley@sip.example.org"],
        ['sip:{local}@sip.example.org', 'tschüss@example.org', 'sip:tsch%C3%BCss@sip.example.org'],
        ['sip:{local}@sip.example.org', 'a#b%c@example.org', 'sip:a%23b%25c@sip.example.org'],
        ['sip:{local}@sip.example.org', 'a\\40evil.example@example.org', 'sip:a%40evil.example@sip.example.org'],
        ['sip:{local}@sip.example.org', 'a$&b$1@example.org', null],
        ['sip:{local}@sip.example.org', '{domain}@example.org', 'sip:%7Bdomain%7D@sip.example.org'],
        ['sip:{local}@sip.example.org', 'example.org', null],
        ['sip:{local}@sip.example.org', 'a@b@c', null],
        ['sip:{local}@sip.example.org', 'a\u202eb@example.org', null],
        ['sip:{local}@sip.example.org', `${'a'.repeat(300)}@example.org`, null],
        ['sip:{local}@{domain}', 'bob@evil.example;method=REGISTER', null],
        ['sip:{local}@{domain}', 'bob@exämple.example', null],
        ['sip:{local}@sip.example.org?Replaces=x', 'alice@example.org', 'sip:alice@sip.example.org'],
        ['javascript:{local}', 'alice@example.org', null],
        ['tel:{local}', 'alice@example.org', null],
        ['sip:{local}@gw.example;user=phone', '+13035551212@example.org', 'sip:+13035551212@gw.example;user=phone'],
        ['', 'alice@example.org', null],
    ];
    for (const [rule, jid, suggestion] of cases) {
        it(`for ${jid.slice(0, 40)} by the rule "${rule}" is ${suggestion ?? 'none'}`, () => {
            expect(suggestAddress(rule, jid)).toBe(suggestion);
        });
    }

    it('stays at the domain of the rule, whatever the JID is', () => {
        fc.assert(
            fc.property(fc.string({ unit: 'binary' }), (jid) => {
                for (const tried of [jid, `${jid}@example.org`, `alice@${jid}`]) {
                    const suggestion = suggestAddress('sip:{local}@sip.example.org', tried);
                    if (suggestion !== null) expect(parseSipAddress(suggestion)?.host).toBe('sip.example.org');
                }
            }),
        );
    });
});
