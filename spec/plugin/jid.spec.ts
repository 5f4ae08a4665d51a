import { bareJid, domainOf, localPartOf, resourceOf } from '../../src/plugin/jid.js';

describe('a JID', () => {
    it('is compared bare and in lower case', () => {
        expect(bareJid('Bob@Example.NET/Phone')).toBe('bob@example.net');
        expect(bareJid('example.net')).toBe('example.net');
        expect(bareJid('bob@[2001:db8::1]/x')).toBe('bob@[2001:db8::1]');
        expect(bareJid('bob@BÜCHER.example')).toBe('bob@bücher.example');
    });

    for (const wrong of [
        '',
        'a b@c',
        '@example.net',
        'a@',
        'a@b@c',
        'sip:bob@example.net',
        'ten.elpmaxe@\u202ebob',
        'bob\u200b@example.net',
        'bob\u0085@example.net',
        'bob@example\ufffe.net',
        '<b>bob<',
        'Bob,verified',
        'bob@example.net:5222',
        'bob@localhost<b>',
        '\ud800@example.net',
        `a@${'b'.repeat(4000)}`,
        7,
        null,
    ]) {
        it(`is not ${JSON.stringify(wrong).slice(0, 30)}`, () => expect(bareJid(wrong)).toBeNull());
    }

    it('has parts', () => {
        expect(resourceOf('bob@example.net/a/b')).toBe('a/b');
        expect(resourceOf('bob@example.net')).toBe('');
        expect(domainOf('bob@example.net')).toBe('example.net');
        expect(domainOf('example.net')).toBe('example.net');
        expect(localPartOf('bob@example.net')).toBe('bob');
        expect(localPartOf('example.net')).toBe('');
    });
});
