import { settled } from './support/clock.js';
import { SDP } from './support/media.js';
import { TestPhone } from './support/phone.js';

describe('What the agent does without the parts of sip.js that are left out', () => {
    let phone: TestPhone;

    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register();
    });

    afterEach(() => {
        phone.end();
    });

    it('answers what it has no part for, outside of a call', async () => {
        const answers: readonly (readonly [string, number, readonly string[]])[] = [
            ['PUBLISH', 405, ['Event: presence']],
            ['SUBSCRIBE', 489, ['Event: presence']],
            ['NOTIFY', 481, ['Event: dialog', 'Subscription-State: active']],
            ['MESSAGE', 405, []],
            ['REFER', 603, ['Refer-To: <sip:carol@example.net>']],
            ['REGISTER', 405, []],
            ['UNHEARD-OF', 405, []],
            ['UPDATE', 481, []],
            ['PRACK', 481, ['RAck: 1 1 INVITE']],
            ['INFO', 405, []],
            ['BYE', 481, []],
            ['OPTIONS', 200, []],
        ];
        for (const [method, status, headers] of answers) {
            phone.server.sendRequest({ method, headers });
            const answer = await phone.server.response(method, status);
            expect(answer.first).toMatch(/^SIP\/2\.0 \d{3} ./u);
            if (status === 405)
                expect(answer.header('Allow')).toBe('INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK');
            expect(answer.text).not.toMatch(/xmpp|Contact|Alice/u);
        }
        expect(phone.incoming).toEqual([]);
        const told = new Set(phone.events.map(({ type }) => type));
        expect(told).toEqual(new Set(['registration', 'notice']));
    });

    it('answers a SUBSCRIBE and a NOTIFY within a call, and the call goes on', async () => {
        const dialog = await phone.talk();
        dialog.request('NOTIFY', { headers: ['Event: refer', 'Subscription-State: active'] });
        await phone.server.response('NOTIFY', 481);
        dialog.request('NOTIFY', { headers: ['Subscription-State: active'] });
        await phone.server.response('NOTIFY', 489);
        expect(phone.state(dialog.callId).name).toBe('active');
    });

    it('answers a call to a telephone number with 416, and one to somebody else with 404', async () => {
        phone.server.sendRequest({ method: 'INVITE', uri: 'tel:+1-201-555-0123', body: SDP });
        await phone.server.response('INVITE', 416);
        phone.server.sendRequest({ method: 'INVITE', uri: 'sip:mallory@example.net', body: SDP });
        await phone.server.response('INVITE', 404);
        expect(phone.incoming).toEqual([]);
    });

    it('answers a request whose body is shorter than it says with 400', async () => {
        const head = ['OPTIONS sip:alice@example.net SIP/2.0', 'Via: SIP/2.0/WS server.invalid;branch=z9hG4bKshort'];
        const fields = ['From: <sip:a@b>;tag=1', 'To: <sip:alice@example.net>', 'Call-ID: 1', 'CSeq: 1 OPTIONS'];
        phone.server.send([...head, ...fields, 'Content-Length: 20', '', 'too short'].join('\r\n'));
        await phone.server.response('OPTIONS', 400);
    });

    it('says when a message cannot be parsed, or lacks what every message has', () => {
        phone.server.send('OPTIONS sip:alice@example.net SIP/2.0\r\nFrom: nonsense\r\n\r\n');
        phone.server.send('OPTIONS sip:alice@example.net SIP/2.0\r\nFrom: <sip:bob@example.net>\r\n\r\n');
        expect(phone.notices.filter((code) => code === 'SIP-106').length).toBe(2);
    });

    it('drops what comes in two names: the server has looked at one of them', async () => {
        for (const second of ['From', 'f', 'FROM ']) {
            const headers = [`${second}: "Bob" <sip:bob@example.net>;tag=2`];
            phone.server.sendRequest({ method: 'INVITE', headers, body: SDP });
        }
        await settled();
        expect(phone.incoming).toEqual([]);
        expect(phone.notices).toEqual(['SIP-106', 'SIP-106', 'SIP-106']);
        phone.server.sendRequest({ method: 'INVITE', headers: ['X-Test: f: g'], body: SDP });
        await settled();
        expect(phone.incoming.length).toBe(1);
    });

    it('drops answers that are not to what it has sent', async () => {
        const via = 'Via: SIP/2.0/WS elsewhere.invalid;branch=z9hG4bK1';
        const fields = ['From: <sip:a@b>', 'To: <sip:a@b>', 'Call-ID: 1', 'CSeq: 1 INVITE', '', ''];
        phone.server.send(['SIP/2.0 200 OK', via, ...fields].join('\r\n'));
        phone.server.sendRequest({ method: 'OPTIONS' });
        await phone.server.response('OPTIONS', 200);
        expect(phone.notices).toEqual([]);
    });
});
