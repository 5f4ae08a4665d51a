import { sendRequest } from '../../../../src/sip-sidecar/agent/core/client-request.js';
import { answeredDialog } from '../../../../src/sip-sidecar/agent/core/dialog.js';
import { takeRequest } from '../../../../src/sip-sidecar/agent/core/server-request.js';
import { request, TestCore } from '../support/core.js';

describe('The core of a user agent', () => {
    let test: TestCore;
    beforeEach(() => {
        test = new TestCore();
    });

    const ANSWERS: readonly (readonly [what: string, more: Parameters<typeof request>[1], status: string])[] = [
        ['for another scheme', { uri: 'sips:alice@example.net' }, '416'],
        ['for somebody else', { uri: 'sip:mallory@example.net' }, '404'],
        ['for nobody', { uri: 'sip:example.net' }, '404'],
        ['without a Contact', { headers: [] }, '400'],
        ['in a dialog that is not known', { toTag: 'gone' }, '481'],
    ];
    for (const [what, more, status] of ANSWERS) {
        it(`answers an INVITE ${what} with ${status}`, () => {
            test.core.receiveRequest(request('INVITE', more));
            expect(test.said).toEqual([status]);
            expect(test.invited).toEqual([]);
        });
    }

    it('hands out an INVITE to the account or to this device', () => {
        test.core.receiveRequest(request('INVITE'));
        test.core.receiveRequest(request('INVITE', { uri: 'sip:device@us.invalid', cseq: 2 }));
        expect(test.invited.length).toBe(2);
        expect(test.said).toEqual([]);
    });

    it('answers an INVITE that came two ways with 482 the second time', () => {
        takeRequest(test.core, request('INVITE'));
        test.core.receiveRequest(request('INVITE', { branch: 'z9hG4bKother' }));
        expect(test.said).toEqual(['482']);
    });

    const REFUSED: readonly (readonly [method: string, status: string])[] = [
        ['BYE', '481'],
        ['PRACK', '481'],
        ['SUBSCRIBE', '489'],
        ['REFER', '603'],
        ['MESSAGE', '405'],
        ['UPDATE', '481'],
        ['__proto__', '405'],
        ['constructor', '405'],
        ['toString', '405'],
        ['CANCEL', '481'],
    ];
    for (const [method, status] of REFUSED) {
        it(`answers ${method} that belongs to nothing with ${status}`, () => {
            test.core.receiveRequest(request(method));
            expect(test.said).toEqual([status]);
            expect(test.referred).toBe(method === 'REFER' ? 1 : 0);
        });
    }

    it('answers a NOTIFY of something with 481, and one of nothing with 489', () => {
        test.core.receiveRequest(request('NOTIFY', { headers: ['Event: refer'] }));
        test.core.receiveRequest(request('NOTIFY', { cseq: 2 }));
        expect(test.said).toEqual(['481', '489']);
    });

    it('never answers an ACK', () => {
        test.core.receiveRequest(request('ACK'));
        test.core.receiveRequest(request('ACK', { toTag: 'gone' }));
        test.core.receiveRequest(request('ACK', { uri: 'sip:mallory@example.net' }));
        expect(test.said).toEqual([]);
    });

    it('answers OPTIONS with what it can do, outside a dialog with what it was told to add', () => {
        test.options = ['X-More: 1'];
        const dialog = answeredDialog(test.core, takeRequest(test.core, request('INVITE', { cseq: 9 })));
        const { localTag: toTag } = dialog.record;
        test.core.receiveRequest(request('OPTIONS', { cseq: 10, toTag }));
        test.core.receiveRequest(request('OPTIONS', { cseq: 11 }));
        expect(test.said).toEqual(['200', '200']);
        expect(test.sent.map((message) => message.header('X-More'))).toEqual(['', '1']);
        expect(test.last.header('Allow')).toContain('INVITE');
        expect(test.last.header('Accept')).toBe('application/sdp');
    });

    it('forgets everything when it is disposed of, and sends nothing more', async () => {
        sendRequest(test.core, test.make('INVITE'), { response: () => undefined });
        const invite = takeRequest(test.core, request('INVITE'));
        answeredDialog(test.core, invite);
        invite.reply(200);
        test.core.dispose();
        test.sent.length = 0;
        await test.clock.advance(100_000);
        expect(test.said).toEqual([]);
        expect(test.clock.pending).toBe(0);
        expect([test.core.clients.size, test.core.servers.size, test.core.dialogs.size]).toEqual([0, 0, 0]);
    });

    it('is reached at this connection, or where the registrar says', () => {
        expect(test.core.contact).toBe('Contact: <sip:device@us.invalid;transport=ws;ob>;audio;video');
        test.core.configuration.gruu = 'sip:alice@example.net;gr=1';
        expect(test.core.contact).toBe('Contact: <sip:alice@example.net;gr=1>;audio;video');
    });
});
