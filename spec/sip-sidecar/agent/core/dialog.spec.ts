import type { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import { sendRequest, type ClientRequest } from '../../../../src/sip-sidecar/agent/core/client-request.js';
import { answeredDialog, calledDialog, type Dialog } from '../../../../src/sip-sidecar/agent/core/dialog.js';
import { takeRequest, type ServerRequest } from '../../../../src/sip-sidecar/agent/core/server-request.js';
import { request, response, TestCore } from '../support/core.js';

const CONTACT = 'Contact: <sip:bob@far.invalid;transport=ws>';
const ROUTES = ['<sip:one.example;lr>', '<sip:two.example;lr>'];
const RECORDED = ROUTES.map((route) => `Record-Route: ${route}`);

describe('A dialog', () => {
    let test: TestCore;
    let requests: ServerRequest[];
    let acks: IncomingRequestMessage[];
    let invite: ClientRequest;
    beforeEach(() => {
        test = new TestCore();
        requests = [];
        acks = [];
        invite = sendRequest(test.core, test.make('INVITE', { cseq: 3 }), { response: () => undefined });
    });

    const listen = (dialog: Dialog): Dialog => {
        dialog.host = {
            request: (received) => requests.push(received),
            acknowledged: (ack) => acks.push(ack),
        };
        return dialog;
    };
    /** One that we have opened, as it is after the 2xx. */
    const called = (headers = [CONTACT]): Dialog => {
        const dialog = calledDialog(test.core, invite, response(invite.message, 200, { headers }));
        if (dialog === null) throw new Error('no dialog');
        return listen(dialog);
    };
    /** One that they have opened. */
    const answered = (headers = [CONTACT, ...RECORDED]): [Dialog, ServerRequest] => {
        const theirs = takeRequest(test.core, request('INVITE', { headers, cseq: 10 }));
        return [listen(answeredDialog(test.core, theirs)), theirs];
    };
    const ours = (): string => invite.message.fromTag;
    /** In the dialog that we have opened: Call-ID and tags are those of our INVITE. */
    const inOurs = (method: string, cseq: number, more = {}): IncomingRequestMessage => {
        const message = request(method, { cseq, toTag: ours(), ...more });
        message.callId = 'our-call';
        return message;
    };

    it('that we have opened speaks with their tag, to their Contact, by their routes in reverse', () => {
        called([CONTACT, ...RECORDED]).request('INFO', ['X-One: 1'], { type: 'text/plain', content: 'hi' });
        const info = test.last;
        expect(info.first).toBe('INFO sip:bob@far.invalid;transport=ws SIP/2.0');
        expect(info.headers('Route')).toEqual([...ROUTES].reverse());
        expect(info.header('To')).toBe('<sip:bob@example.org>;tag=far');
        expect(info.header('From')).toBe(`"Alice" <sip:alice@example.net>;tag=${ours()}`);
        expect(info.header('CSeq')).toBe('4 INFO');
        expect(info.header('Call-ID')).toBe('our-call');
        expect(info.header('X-One')).toBe('1');
        expect(info.body).toBe('hi');
    });

    it('that they have opened speaks by their routes as they come', () => {
        const [dialog, theirs] = answered();
        dialog.request('INFO');
        dialog.request('BYE');
        expect(test.last.first).toBe('BYE sip:bob@far.invalid;transport=ws SIP/2.0');
        expect(test.last.headers('Route')).toEqual(ROUTES);
        expect(test.last.header('To')).toBe('<sip:bob@example.org>;tag=far');
        expect(test.last.header('From')).toBe(`"Alice" <sip:alice@example.net>;tag=${theirs.toTag}`);
        expect(test.last.header('CSeq')).toBe('2 BYE');
    });

    it('is not opened by an answer without a Contact or without a tag', () => {
        expect(calledDialog(test.core, invite, response(invite.message, 180))).toBeNull();
        expect(
            calledDialog(test.core, invite, response(invite.message, 180, { tag: '', headers: [CONTACT] })),
        ).toBeNull();
        expect(test.core.dialogs.size).toBe(0);
    });

    it('that is confirmed takes route and target from the 2xx', () => {
        const dialog = called([CONTACT, ...RECORDED]);
        dialog.confirm(response(invite.message, 200, { headers: ['Contact: <sip:bob@new.invalid>'] }));
        dialog.request('INFO');
        expect(test.last.first).toBe('INFO sip:bob@new.invalid SIP/2.0');
        expect(test.last.headers('Route')).toEqual([]);
    });

    it('acknowledges an INVITE with its CSeq, at the target, by the routes', () => {
        const dialog = called([CONTACT, ...RECORDED]);
        dialog.request('INFO');
        dialog.acknowledge(invite);
        expect(test.last.first).toBe('ACK sip:bob@far.invalid;transport=ws SIP/2.0');
        expect(test.last.header('CSeq')).toBe('3 ACK');
        expect(test.last.headers('Route')).toEqual([...ROUTES].reverse());
        expect(test.last.header('Via')).not.toBe(test.sent[0]!.header('Via'));
    });

    it('answers a challenge with a CSeq that no other request has', () => {
        const dialog = called();
        const info = dialog.request('INFO');
        dialog.request('INFO');
        const challenge = { headers: ['WWW-Authenticate: Digest realm="example.net", nonce="1"'] };
        test.core.receiveResponse(response(info.message, 401, challenge));
        dialog.request('BYE');
        expect(test.sent.map((message) => message.header('CSeq'))).toEqual([
            '3 INVITE',
            '4 INFO',
            '5 INFO',
            '6 INFO',
            '7 BYE',
        ]);
    });

    it('hands out what comes in order, and answers 500 to what comes too late', () => {
        called();
        for (const cseq of [5, 5, 4, 6])
            test.core.receiveRequest(inOurs('INFO', cseq, { branch: `z9hG4bK${String(Math.random())}` }));
        expect(requests.map(({ message }) => message.cseq)).toEqual([5, 6]);
        expect(test.said).toEqual(['INVITE', '500', '500']);
    });

    it('takes the ACK to a 2xx, once, by its CSeq', () => {
        const [dialog, theirs] = answered();
        dialog.accept(theirs, [], { type: 'application/sdp', content: 'v=0' });
        dialog.waiting = theirs;
        const ack = (cseq: number): void => {
            test.core.receiveRequest(request('ACK', { cseq, toTag: theirs.toTag }));
        };
        ack(9);
        expect(dialog.waiting).toBe(theirs);
        ack(10);
        ack(10);
        expect(acks.length).toBe(1);
        expect(dialog.waiting).toBeNull();
    });

    it('takes the ACK even where it has the branch of the INVITE', () => {
        const [dialog, theirs] = answered();
        dialog.accept(theirs, [], { type: 'application/sdp', content: 'v=0' });
        const { viaBranch: branch } = theirs.message;
        test.core.receiveRequest(request('ACK', { cseq: 10, toTag: theirs.toTag, branch }));
        expect(acks.length).toBe(1);
    });

    it('that is forgotten says 481, and sends no 2xx again', async () => {
        const [dialog, theirs] = answered();
        dialog.accept(theirs, [], { type: 'application/sdp', content: 'v=0' });
        dialog.dispose();
        await test.clock.advance(10_000);
        test.core.receiveRequest(request('BYE', { cseq: 11, toTag: theirs.toTag }));
        expect(test.said).toEqual(['INVITE', '200', '481']);
    });

    it('that nobody listens to refuses what comes', () => {
        called().host = null;
        test.core.receiveRequest(inOurs('INFO', 1));
        expect(test.said).toEqual(['INVITE', '405']);
    });
});
