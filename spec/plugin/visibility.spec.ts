import { addressVisible, type VisibilityNeeds } from '../../src/plugin/visibility.js';
import { rejectWith, xml } from './support/xml.js';

const AOR = 'sip:alice@sip.example.net';
const items = (...uris: string[]): Element =>
    xml(
        `<iq xmlns='jabber:client' type='result'><pubsub xmlns='http://jabber.org/protocol/pubsub'>
         <items node='urn:xmpp:reach:0'><item id='current'><reach xmlns='urn:xmpp:reach:0'>
         ${uris.map((uri) => `<addr uri='${uri}'/>`).join('')}</reach></item></items></pubsub></iq>`,
    );
const refused = (condition: string): Promise<never> =>
    rejectWith(
        xml(
            `<iq xmlns='jabber:client' type='error'><error type='cancel'>
             <${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
        ),
    );

describe('whether contacts see the own address', () => {
    const check = (needs: Partial<VisibilityNeeds> = {}): Promise<string> =>
        addressVisible({
            jid: 'alice@example.net',
            aor: AOR,
            shared: { presence: true, pep: true, message: true, jid: 'always', noticed: true },
            sendIQ: () => Promise.resolve(items(AOR)),
            supports: () => Promise.resolve(true),
            ...needs,
        }).then(({ name, result, reason }) => `${name} ${result} ${reason}`.trim());
    const shares = (...ways: string[]): VisibilityNeeds['shared'] => ({
        presence: ways.includes('presence'),
        pep: ways.includes('pep'),
        message: ways.includes('message'),
        jid: 'always',
        noticed: true,
    });

    it('passes where the own server has it published, in whatever form', async () => {
        expect(await check()).toBe('address-visible passed');
        expect(await check({ sendIQ: () => Promise.resolve(items('sip:x@y', 'SIP:alice@SIP.example.net')) })).toBe(
            'address-visible passed',
        );
    });

    it('fails where another address is published, or none', async () => {
        expect(await check({ sendIQ: () => Promise.resolve(items('sip:eve@sip.example.net')) })).toBe(
            'address-visible failed refused',
        );
        expect(await check({ sendIQ: () => refused('item-not-found') })).toBe('address-visible failed refused');
    });

    it('fails where the server does not answer, refuses, or cannot publish it', async () => {
        expect(await check({ sendIQ: () => Promise.reject(new Error('timeout')) })).toBe(
            'address-visible failed no-answer',
        );
        expect(await check({ sendIQ: () => refused('forbidden') })).toBe('address-visible failed no-answer');
        expect(await check({ supports: () => Promise.reject(new Error('timeout')) })).toBe(
            'address-visible failed no-answer',
        );
        expect(await check({ supports: () => Promise.resolve(false) })).toBe('address-visible failed not-offered');
    });

    it('asks nobody where it is not to be published, and is skipped where nothing is shared or nobody is registered', async () => {
        const sendIQ = jasmine.createSpy('sendIQ');
        expect(await check({ sendIQ, shared: shares('presence') })).toBe('address-visible passed');
        expect(await check({ sendIQ, shared: shares() })).toBe('address-visible skipped not-shared');
        expect(await check({ sendIQ, aor: null })).toBe('address-visible skipped not-tried');
        expect(sendIQ).not.toHaveBeenCalled();
    });

    it('survives an answer that is none', async () => {
        expect(await check({ sendIQ: () => Promise.resolve(xml('<iq/>')) })).toBe('address-visible failed refused');
    });
});
