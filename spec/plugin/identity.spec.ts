import { AddressBook } from '../../src/plugin/address-book/book.js';
import { identifyCalled, identifyCaller, NOBODY } from '../../src/plugin/identity.js';

describe('identity', () => {
    const book = new AddressBook(() => undefined);
    const TRUSTED = ['sip.example.net'];
    book.put('bob@example.net', {
        source: 'pep',
        uris: ['sip:bob@sip.example.net', 'sip:bob@elsewhere.example'],
        seenAt: 1,
    });
    book.put('eve@example.net', { source: 'pep', uris: ['sip:both@sip.example.net'], seenAt: 1 });
    book.put('mallory@example.net', { source: 'pep', uris: ['sip:both@sip.example.net'], seenAt: 1 });

    it('is the contact who lists the address, trusted where the domain authenticates From', () => {
        expect(identifyCaller(book, { from: 'sip:bob@SIP.example.net.', asserted: false }, TRUSTED)).toEqual(
            jasmine.objectContaining({
                level: 'listed',
                jid: 'bob@example.net',
                trusted: true,
            }),
        );
        expect(identifyCaller(book, { from: 'sip:bob@elsewhere.example', asserted: false }, TRUSTED)).toEqual(
            jasmine.objectContaining({
                level: 'listed',
                jid: 'bob@example.net',
                trusted: false,
            }),
        );
    });

    it('is not trusted where the address stands in P-Asserted-Identity only', () => {
        expect(identifyCaller(book, { from: 'sip:bob@sip.example.net', asserted: true }, TRUSTED)).toEqual(
            jasmine.objectContaining({
                level: 'listed',
                jid: 'bob@example.net',
                trusted: false,
            }),
        );
    });

    it('is only claimed, and nobody, where several list the address', () => {
        expect(identifyCaller(book, { from: 'sip:both@sip.example.net', asserted: false }, TRUSTED)).toEqual(
            jasmine.objectContaining({
                level: 'claimed',
                jid: null,
                trusted: false,
            }),
        );
    });

    it('is nobody for a stranger, an anonymous caller and what is no address', () => {
        for (const from of ['sip:eve@sip.example.net', 'sip:anonymous@anonymous.invalid', '', 'tel:+1', '\u0000']) {
            expect(identifyCaller(book, { from, asserted: false }, TRUSTED)).toEqual(NOBODY);
        }
    });

    it('of a call out is who was dialled', () => {
        expect(identifyCalled(book, 'carol@example.net', 'sip:both@sip.example.net')).toEqual(
            jasmine.objectContaining({
                level: 'listed',
                jid: 'carol@example.net',
                trusted: true,
            }),
        );
        expect(identifyCalled(book, null, 'sip:bob@sip.example.net').jid).toBe('bob@example.net');
        expect(identifyCalled(book, null, 'sip:dave@sip.example.net')).toEqual(NOBODY);
    });
});
