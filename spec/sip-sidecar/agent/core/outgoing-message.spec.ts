import { OutgoingRequestMessage } from 'sip.js/lib/core/messages/outgoing-request-message.js';
import { constructOutgoingResponse } from 'sip.js/lib/core/messages/outgoing-response.js';
import {
    USER_AGENT,
    writeRequest,
    writeResponse,
    type OutgoingRequest,
} from '../../../../src/sip-sidecar/agent/core/outgoing-message.js';
import { NameAddrHeader } from 'sip.js/lib/grammar/name-addr-header.js';
import { URI } from 'sip.js/lib/grammar/uri.js';
import { request } from '../support/core.js';

/** First line, of most refusals without their texts, the other lines in any order, body. */
function parts(text: string): [first: string, fields: string[], body: string] {
    const [head = '', ...body] = text.split('\r\n\r\n');
    const [first = '', ...fields] = head.split('\r\n');
    return [first.replace(/^(SIP\S+ 4(?!80|86)\d\d) .*/u, '$1'), fields.sort(), body.join('\r\n\r\n')];
}

const BOB = new URI('sip', 'bob', 'example.org');
const ALICE = new URI('sip', 'alice', 'example.net');
const ROUTES = ['<sip:one.example;lr>', '<sip:two.example;lr;x=y>'];
const OPTIONS = ['gruu', 'outbound', 'path', 'replaces', 'timer', '100rel'];
const BODY = { type: 'application/sdp', content: 'v=0\r\ns=é€😀\r\n' };

function ours(more: Partial<OutgoingRequest> = {}): string {
    return writeRequest({
        method: 'INVITE',
        target: BOB.toRaw(),
        via: 'SIP/2.0/WSS us.invalid;branch=z9hG4bK1',
        routes: [],
        fromName: 'Alice',
        fromUri: ALICE.toString(),
        fromTag: 'near',
        to: '<sip:bob@example.org>',
        callId: 'a call',
        cseq: 7,
        headers: ['X-One: 1'],
        authorization: [],
        body: null,
        ...more,
    });
}

function theirs(routeSet: string[], toTag: string, displayName: string, body?: typeof BODY): string {
    const message = new OutgoingRequestMessage(
        'INVITE',
        BOB,
        ALICE,
        BOB,
        {
            callId: 'a call',
            cseq: 7,
            fromTag: 'near',
            toTag,
            fromDisplayName: displayName,
            routeSet,
            optionTags: OPTIONS,
            userAgentString: USER_AGENT,
            viaHost: 'us.invalid',
        },
        ['X-One: 1'],
        body && { contentDisposition: 'session', contentType: body.type, content: body.content },
    );
    message.setViaHeader('z9hG4bK1', 'WSS');
    return message.toString();
}

describe('A request as text', () => {
    it('says what sip.js would', () => {
        expect(parts(ours())).toEqual(parts(theirs([], '', 'Alice')));
        expect(parts(ours({ fromName: '' }))).toEqual(parts(theirs([], '', '')));
        expect(parts(ours({ routes: ROUTES }))).toEqual(parts(theirs(ROUTES, '', 'Alice')));
        expect(parts(ours({ to: '<sip:bob@example.org>;tag=far', body: BODY }))).toEqual(
            parts(theirs([], 'far', 'Alice', BODY)),
        );
    });

    it('has its routes in their order, and the answer to a challenge as a line', () => {
        const text = ours({ routes: ROUTES, authorization: ['Authorization: Digest x'] });
        expect(text).toContain(`\r\nRoute: ${ROUTES.join('\r\nRoute: ')}\r\n`);
        expect(text).toContain('\r\nAuthorization: Digest x\r\n');
    });

    it('counts the bytes of its body, not the characters', () => {
        expect(ours({ body: { type: 'text/plain', content: 'é€😀' } })).toContain('\r\nContent-Length: 9\r\n\r\né€😀');
    });
});

describe('A response as text', () => {
    for (const status of [100, 180, 200, 400, 404, 405, 415, 416, 420, 480, 481, 482, 486, 487, 488, 489, 491, 603]) {
        it(`${String(status)} says what sip.js would`, () => {
            for (const toTag of ['', 'near']) {
                const message = request('INVITE', { toTag, headers: ['Contact: <sip:b@far.invalid>'] });
                const body = status === 200 ? BODY : null;
                const text = writeResponse(message, {
                    status,
                    headers: ['X-One: 1'],
                    toTag: 'made',
                    body,
                });
                // Of sip.js it would be sip.js' parser that says so.
                message.parseHeader = () => new NameAddrHeader(ALICE, '', toTag === '' ? {} : { tag: toTag });
                const expected = constructOutgoingResponse(message, {
                    statusCode: status,
                    toTag: 'made',
                    userAgent: USER_AGENT,
                    supported: OPTIONS,
                    extraHeaders: ['X-One: 1'],
                    ...(body && {
                        body: { contentDisposition: 'session', contentType: body.type, content: body.content },
                    }),
                });
                expect(parts(text)).toEqual(parts(expected.message));
            }
        });
    }

    it('goes back through every Via, in their order', () => {
        const message = request('OPTIONS', { headers: ['Via: SIP/2.0/UDP second.example;branch=z9hG4bK2'] });
        const text = writeResponse(message, { status: 200, headers: [], toTag: 'made', body: null });
        expect(text).toMatch(/\r\nVia: SIP\/2\.0\/WSS far[^\r]*\r\nVia: SIP\/2\.0\/UDP second/u);
    });
});
