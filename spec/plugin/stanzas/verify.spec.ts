import { buildVerify, buildVerifyAnswer, parseVerify, parseVerifyAnswer } from '../../../src/plugin/stanzas/verify.js';
import { meaning, text, xml } from '../support/xml.js';

const CALL_ID = '5b1f6c1e-54a9-4f5b-8d5e-3d0a6f0f9c21';
const NS = 'urn:uuid:a46d613b-a581-4bc2-b511-f2dc6ba15d6b';

/** Question and answer of PROTOCOL.md 8.8. */
const QUESTION = `<iq xmlns='jabber:client' type='get' to='alice@example.org/web-7' from='bob@example.net/web-2' id='v1'>
  <verify xmlns='${NS}' call-id='${CALL_ID}'/>
</iq>`;
const ANSWER = `<iq xmlns='jabber:client' type='result' to='bob@example.net/web-2' id='v1'>
  <verify xmlns='${NS}' call-id='${CALL_ID}'>
    <dialog xmlns='urn:ietf:params:xml:ns:dialog-info' id='1' call-id='${CALL_ID}' direction='initiator'><state>early</state></dialog>
  </verify>
</iq>`;
const NOT_FOUND = `<iq xmlns='jabber:client' type='error' to='bob@example.net/web-2' id='v1'>
  <error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>
</iq>`;

describe('The question whether a call is real', () => {
    it('is asked as PROTOCOL.md 8.8 shows it', () => {
        const asked = buildVerify('alice@example.org/web-7', CALL_ID);
        asked.setAttribute('from', 'bob@example.net/web-2');
        asked.setAttribute('id', 'v1');
        expect(meaning(asked)).toEqual(meaning(xml(QUESTION)));
        expect(text(buildVerify('a@b/c', 'x\ufffe'))).not.toContain('call-id');
    });

    it('is answered as PROTOCOL.md 8.8 shows it', () => {
        expect(meaning(buildVerifyAnswer(xml(QUESTION), { direction: 'initiator', state: 'early' }))).toEqual(
            meaning(xml(ANSWER)),
        );
    });

    it('is answered with one and the same error for "no call" and "not for you"', () => {
        expect(meaning(buildVerifyAnswer(xml(QUESTION), null))).toEqual(meaning(xml(NOT_FOUND)));
    });

    it('is answered for the Call-ID that was asked about, which may be another one here', () => {
        const answer = buildVerifyAnswer(xml(QUESTION), { callId: 'own', direction: 'initiator' });
        expect(parseVerifyAnswer(answer, CALL_ID)?.callId).toBe(CALL_ID);
    });

    it('is read only as a get, with a Call-ID that can be one', () => {
        expect(parseVerify(xml(QUESTION))).toBe(CALL_ID);
        const question = (attributes: string, inner: string): string | null =>
            parseVerify(xml(`<iq xmlns='jabber:client' ${attributes}>${inner}</iq>`));
        expect(question(`type='set'`, `<verify xmlns='${NS}' call-id='c'/>`)).toBeNull();
        expect(question('', `<verify xmlns='${NS}' call-id='c'/>`)).toBeNull();
        expect(question(`type='get'`, `<verify xmlns='other' call-id='c'/>`)).toBeNull();
        expect(question(`type='get'`, `<verify xmlns='${NS}'/>`)).toBeNull();
        expect(question(`type='get'`, `<verify xmlns='${NS}' call-id='${'c'.repeat(1_000_000)}'/>`)).toBeNull();
        expect(question(`type='get'`, `<verify xmlns='${NS}' call-id='a&#13;&#10;b'/>`)).toBeNull();
        expect(question(`type='get'`, `<x><verify xmlns='${NS}' call-id='c'/></x>`)).toBeNull();
    });

    it('from nobody is answered to the own account', () => {
        const answer = buildVerifyAnswer(xml(`<iq type='get' id='x'/>`), null);
        expect(answer.hasAttribute('to')).toBeFalse();
    });

    it('believes only an answer about the very call that was asked about', () => {
        expect(parseVerifyAnswer(xml(ANSWER), CALL_ID)?.direction).toBe('initiator');
        expect(parseVerifyAnswer(xml(ANSWER), 'another')).toBeNull();
        expect(parseVerifyAnswer(xml(NOT_FOUND), CALL_ID)).toBeNull();
        const changed = (from: string | RegExp, to: string): unknown =>
            parseVerifyAnswer(xml(ANSWER.replace(from, to)), CALL_ID);
        expect(changed(`type='result'`, `type='get'`)).toBeNull();
        expect(changed(`id='1' call-id='${CALL_ID}'`, `call-id='another'`)).toBeNull();
        expect(changed(`id='1' call-id='${CALL_ID}'`, '')).toBeNull();
        expect(changed(/<dialog.*<\/dialog>/u, '')).toBeNull();
        expect(changed(NS, 'other')).toBeNull();
        expect(changed(`' call-id='${CALL_ID}'>`, `'>`)).toBeNull();
    });
});
