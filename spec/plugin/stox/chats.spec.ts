import {
    CHAT_STATE_OF_COMPOSING,
    COMPOSING_OF_CHAT_STATE,
    messageFromMsrp,
    messageOfBye,
    methodOfChatState,
    msrpFromMessage,
    sessionFromMessage,
    statusOfSize,
    type ChatState,
    type Composing,
} from '../../../src/plugin/stox/chats.js';

const juliet = 'juliet@example.com';
const romeo = 'romeo@example.net';
const toRomeo = '29377446-0CBB-4296-8958-590D79094C50';
const toJuliet = 'F6989A8C-DE8A-4E21-8E07-F0898304796F';

describe('RFC 7573', () => {
    it('examples 1 and 2: a first chat message opens a session with its thread as Call-ID', () => {
        const first = {
            from: `${juliet}/yn0cl4bnw0yr3vym`,
            to: romeo,
            id: 'a786hjs2',
            type: 'chat',
            thread: toRomeo,
            body: 'Art thou not Romeo, and a Montague?',
        } as const;
        expect(sessionFromMessage(first)).toEqual({
            callId: toRomeo,
            from: `sip:${juliet}`,
            to: `sip:${romeo}`,
            contact: `sip:${juliet};gr=yn0cl4bnw0yr3vym`,
        });
        const { thread, ...without } = first;
        expect(thread).toBe(toRomeo);
        expect(sessionFromMessage(without)).toBeNull();
    });

    it('examples 1 and 5: a chat message becomes a SEND with its id as transaction', () => {
        const body = 'Art thou not Romeo, and a Montague?';
        expect(
            msrpFromMessage({ from: juliet, to: romeo, id: 'a786hjs2', type: 'chat', thread: toRomeo, body }),
        ).toEqual({
            method: 'SEND',
            transaction: 'a786hjs2',
            failureReport: 'no',
            contentType: 'text/plain',
            body,
        });
    });

    it('examples 6 and 7: a SEND becomes a chat message with the Call-ID as thread', () => {
        const body = 'Neither, fair saint, if either thee dislike.';
        const chat = { from: `${romeo}/dr4hcr0st3lup4c`, to: `${juliet}/yn0cl4bnw0yr3vym`, callId: toRomeo };
        expect(
            messageFromMsrp(
                { method: 'SEND', transaction: 'di2fs53v', failureReport: 'no', contentType: 'text/plain', body },
                chat,
            ),
        ).toEqual({ from: chat.from, to: chat.to, id: 'di2fs53v', type: 'chat', thread: toRomeo, body });
    });

    it('examples 13 and 14: a SEND of the session that Romeo began becomes a chat message', () => {
        const body = 'I take thee at thy word ...';
        const chat = { from: romeo, to: juliet, callId: toJuliet };
        expect(
            messageFromMsrp({ method: 'SEND', transaction: 'ad49kswow', contentType: 'text/plain', body }, chat),
        ).toEqual({
            from: romeo,
            to: juliet,
            id: 'ad49kswow',
            type: 'chat',
            thread: toJuliet,
            body,
        });
    });

    it('examples 15 and 16: a reply becomes a SEND', () => {
        const body = 'What man art thou ...?';
        expect(
            msrpFromMessage({ from: juliet, to: romeo, id: 'ms53b7z9', type: 'chat', thread: toJuliet, body }),
        ).toEqual({
            method: 'SEND',
            transaction: 'ms53b7z9',
            failureReport: 'no',
            contentType: 'text/plain',
            body,
        });
    });

    const chatStates: [Composing, ChatState][] = [
        ['active', 'composing'],
        ['idle', 'active'],
    ];
    for (const [composing, state] of chatStates) {
        it(`table 3: ${composing} becomes ${state}`, () => {
            expect(CHAT_STATE_OF_COMPOSING[composing]).toBe(state);
        });
    }

    const events: [ChatState, Composing][] = [
        ['active', 'idle'],
        ['inactive', 'idle'],
        ['composing', 'active'],
        ['paused', 'idle'],
    ];
    for (const [state, composing] of events) {
        it(`table 4: ${state} becomes ${composing}`, () => {
            expect(COMPOSING_OF_CHAT_STATE[state]).toBe(composing);
            expect(methodOfChatState(state)).toBeNull();
        });
    }

    it('table 4: gone becomes no event', () => {
        expect(COMPOSING_OF_CHAT_STATE.gone).toBeNull();
    });

    it('examples 19 and 20: gone becomes a BYE of the session', () => {
        expect(methodOfChatState('gone')).toBe('BYE');
        expect(sessionFromMessage({ from: juliet, to: romeo, id: 'nx62f197', type: 'chat', thread: toRomeo })).toEqual({
            callId: toRomeo,
            from: `sip:${juliet}`,
            to: `sip:${romeo}`,
        });
    });

    it('examples 21 and 22: a BYE becomes gone', () => {
        expect(messageOfBye(romeo, juliet, toJuliet, 'hs61v397')).toEqual({
            from: romeo,
            to: juliet,
            id: 'hs61v397',
            type: 'chat',
            thread: toJuliet,
            state: 'gone',
        });
    });

    it('examples 23 and 24: a request for a receipt becomes Success-Report: yes, and back', () => {
        const body = 'What man art thou ...?';
        const message = {
            from: juliet,
            to: romeo,
            id: 'bf9m36d5',
            type: 'chat',
            thread: toRomeo,
            body,
            request: true,
        } as const;
        const send = msrpFromMessage(message);
        expect(send).toEqual({
            method: 'SEND',
            transaction: 'bf9m36d5',
            successReport: 'yes',
            failureReport: 'no',
            contentType: 'text/plain',
            body,
        });
        expect(send && messageFromMsrp(send, { from: juliet, to: romeo, callId: toRomeo })).toEqual(message);
    });

    it('examples 25 and 26: a REPORT becomes a receipt alone, and back', () => {
        const report = { method: 'REPORT', transaction: 'hx74g336', status: 200 } as const;
        const receipt = messageFromMsrp(report, { from: romeo, to: juliet, callId: toRomeo }, '87652491');
        expect(receipt).toEqual({ from: romeo, to: juliet, id: 'hx74g336', received: '87652491' });
        expect(msrpFromMessage(receipt)).toEqual(report);
    });

    it('section 6: a chat state alone is no SEND', () => {
        expect(msrpFromMessage({ from: juliet, to: romeo, type: 'chat', state: 'composing' })).toBeNull();
    });

    it('section 8: a message larger than the XMPP side takes is answered 413', () => {
        expect(statusOfSize(10_000, 10_000)).toBeNull();
        expect(statusOfSize(10_001, 10_000)).toBe(413);
    });
});
