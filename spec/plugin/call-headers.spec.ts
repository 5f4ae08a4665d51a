import { callHeaders, type Told } from '../../src/plugin/call-headers.js';
import type { ConverseApi } from '../../src/plugin/converse.js';

const JID = 'alice@example.org';
interface More extends Partial<Told> {
    readonly to?: 'always' | 'contacts' | 'never';
    readonly authorised?: boolean;
    readonly resource?: string;
    readonly names?: readonly string[];
}
const headers = ({ to = 'always', authorised = true, resource = 'web-7', names = [], ...told }: More = {}) =>
    callHeaders(
        {
            host: { api: { user: { jid: () => `${JID}/${resource}` } as ConverseApi['user'] } },
            settings: { sendJid: to, correlationHeaders: names },
            contacts: { seesUs: () => authorised },
            jid: JID,
        },
        {
            address: 'sip:bob@sip.example.net',
            contact: true,
            whose: 'bob@example.net',
            thread: 'T',
            id: 'ci-1',
            ...told,
        },
    );
const BARE = `<xmpp:${JID}>;purpose=impp`;

describe('what SIP is told of the chat side', () => {
    it('is device, conversation and announcement for a contact who sees our presence', () => {
        expect(headers()).toEqual([
            ['Call-Info', `${BARE}, <xmpp:${JID}/web-7?message;thread=T;id=ci-1>;purpose=impp`],
        ]);
    });

    it('is the bare JID for others, with the conversation where there is one', () => {
        expect(headers({ authorised: false })).toEqual([
            ['Call-Info', `${BARE}, <xmpp:${JID}?message;thread=T>;purpose=impp`],
        ]);
        expect(headers({ authorised: false, thread: null })).toEqual([['Call-Info', BARE]]);
    });

    it('is nothing for telephone numbers, the anonymous and what is no address', () => {
        for (const address of [
            'tel:+13035551212',
            'sip:+13035551212@sip.example.org;user=phone',
            '',
            'javascript:alert(1)',
        ]) {
            expect(headers({ address })).withContext(address).toEqual([]);
        }
    });

    it('is what sip_send_jid allows', () => {
        expect(headers({ to: 'never' })).toEqual([]);
        expect(headers({ to: 'contacts', contact: false, authorised: false })).toEqual([]);
        expect(headers({ to: 'contacts' }).length).toBe(1);
        expect(headers({ to: 'never', names: ['X-XMPP-Contact'] })).toEqual([]);
    });

    it('stands in the headers that the site names, too', () => {
        expect(headers({ names: ['X-XMPP-Contact', 'X-XMPP-Thread'] }).slice(1)).toEqual([
            ['X-XMPP-Contact', JID],
            ['X-XMPP-Thread', 'T'],
        ]);
    });

    it('holds no line break, whatever a thread or a resource holds', () => {
        const [first] = headers({ resource: 'a\r\nVia: x', thread: 'T\r\nRoute: y', id: 'i\0d' });
        expect(first?.[1]).toBe(BARE);
    });
});
