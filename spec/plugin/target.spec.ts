import { AddressBook } from '../../src/plugin/address-book/book.js';
import { findTarget } from '../../src/plugin/target.js';

describe('a target', () => {
    const book = new AddressBook(() => undefined);
    book.put('bob@example.net', { source: 'pep', uris: ['sip:bob@sip.example.net'], seenAt: 1, video: false });
    book.put('tel@example.net', { source: 'pep', uris: ['tel:+4930123'], seenAt: 1 });
    const find = (text: string) => findTarget(text, book, 'sip.example.org');

    it('is the best address of a person', () => {
        expect(find('Bob@Example.net/phone')).toEqual({
            ok: true,
            jid: 'bob@example.net',
            uri: 'sip:bob@sip.example.net',
            video: false,
            word: 'published',
        });
    });

    it('is the own word of the person where the person has entered an address', () => {
        book.put('eve@example.net', { source: 'typed', uris: ['tel:112'], seenAt: 1 });
        expect(find('eve@example.net')).toEqual(
            jasmine.objectContaining({ uri: 'sip:112@sip.example.org;user=phone', word: 'own' }),
        );
    });

    it('is the best address of a person, also where the person is said to be whose it is', () => {
        book.put('ann@example.net', { source: 'pep', uris: ['sip:ann@sip.example.net'], seenAt: 1 });
        const whose = findTarget('ann@example.net', book, 'sip.example.org', 'ann@example.net');
        expect(whose).toEqual(find('ann@example.net'));
        expect(whose.ok && whose.jid).toBe('ann@example.net');
    });

    it('is the address that was chosen among those of a person, on the word of who lists it', () => {
        const chosen = findTarget('tel:+49-30-123', book, 'sip.example.org', 'tel@example.net');
        expect(chosen).toEqual(jasmine.objectContaining({ jid: null, word: 'own' }));
        expect(findTarget('tel:+4930123', book, 'sip.example.org', 'tel@example.net')).toEqual({
            ok: true,
            jid: 'tel@example.net',
            uri: 'sip:+4930123@sip.example.org;user=phone',
            video: null,
            word: 'published',
        });
    });

    it('is nothing for a person of whom no address is known, rather than a guess', () => {
        expect(find('carol@example.net')).toEqual({ ok: false, problem: 'no-address' });
    });

    it('is an address, cleaned', () => {
        expect(find(' <SIP:dave@sip.example.net;method=REGISTER?Subject=x> ')).toEqual({
            ok: true,
            jid: null,
            uri: 'sip:dave@sip.example.net',
            video: null,
            word: 'own',
        });
    });

    it('is a number, called at the own domain', () => {
        for (const number of ['tel:+1-303-555-1212', '+1 (303) 555 1212', 'tel:+13035551212;phone-context=x']) {
            expect(find(number)).toEqual(
                jasmine.objectContaining({ uri: 'sip:+13035551212@sip.example.org;user=phone' }),
            );
        }
        expect(find('tel@example.net')).toEqual(
            jasmine.objectContaining({ jid: 'tel@example.net', uri: 'sip:+4930123@sip.example.org;user=phone' }),
        );
    });

    for (const wrong of [
        '',
        ' ',
        'hello',
        'javascript:alert(1)',
        'sip:',
        'sip:@x',
        'sip:x.example',
        'sip:a b@c',
        'a@b@c',
        `sip:${'x'.repeat(999)}@y`,
    ]) {
        it(`is not "${wrong.slice(0, 30)}"`, () => expect(find(wrong)).toEqual({ ok: false, problem: 'bad-address' }));
    }
});
