import fc from 'fast-check';
import {
    errorOfSize,
    messageFromSip,
    sipFromMessage,
    type SipMessage,
    type XmppMessage,
} from '../../../src/plugin/stox/messages.js';

const juliet = 'juliet@example.com/yn0cl4bnw0yr3vym';
const romeo = 'romeo@example.net';

const message = (more: Partial<XmppMessage>): XmppMessage => ({ from: juliet, to: romeo, body: 'Hi', ...more });
const toSip = (more: Partial<XmppMessage>): SipMessage | null => sipFromMessage(message(more), 'new');
const request = (more: Partial<SipMessage>): SipMessage => ({
    method: 'MESSAGE',
    from: 'sip:romeo@example.net',
    to: 'sip:juliet@example.com',
    callId: '9E97FB43-85F4-4A00-8751-1124FD4C7B2E',
    contentType: 'text/plain',
    body: 'Hi',
    ...more,
});
const toXmpp = (more: Partial<SipMessage>): XmppMessage | null => messageFromSip(request(more));

describe('RFC 7572', () => {
    it('examples 1 and 2: a message stanza becomes a MESSAGE', () => {
        const body = 'Art thou not Romeo, and a Montague?';
        expect(sipFromMessage({ from: juliet, to: romeo, body }, 'D9AA95FD-2BD5-46E2-AF0F-6CFAA96BDDFA')).toEqual({
            method: 'MESSAGE',
            to: 'sip:romeo@example.net',
            from: 'sip:juliet@example.com;gr=yn0cl4bnw0yr3vym',
            callId: 'D9AA95FD-2BD5-46E2-AF0F-6CFAA96BDDFA',
            contentType: 'text/plain',
            body,
        });
    });

    it('examples 4 and 5: a MESSAGE becomes a message stanza without a type', () => {
        const body = 'Neither, fair saint, if either thee dislike.';
        expect(toXmpp({ from: 'sip:romeo@example.net;gr=dr4hcr0st3lup4c', body })).toEqual({
            from: 'romeo@example.net/dr4hcr0st3lup4c',
            to: 'juliet@example.com',
            thread: '9E97FB43-85F4-4A00-8751-1124FD4C7B2E',
            body,
        });
    });

    it('examples 6 and 7: a MESSAGE with a language becomes a stanza with it', () => {
        const body = 'Nic z obého, má děvo spanilá,\nnenavidíš-li jedno nebo druhé.';
        expect(toXmpp({ language: 'cs', body })).toEqual(
            jasmine.objectContaining({ from: romeo, to: 'juliet@example.com', lang: 'cs', body }),
        );
    });

    it('table 1: body becomes the body of the MESSAGE', () => {
        expect(toSip({ body: 'Hi\n<b>you</b>' })?.body).toBe('Hi\n<b>you</b>');
        expect(sipFromMessage({ from: juliet, to: romeo }, 'new')).toBeNull();
    });

    it('table 1: subject becomes Subject', () => {
        expect(toSip({ subject: 'Balcony' })?.subject).toBe('Balcony');
    });

    it('table 1: thread becomes Call-ID', () => {
        expect(toSip({ thread: '29377446' })?.callId).toBe('29377446');
        expect(toSip({})?.callId).toBe('new');
    });

    it('table 1: from becomes From, with the resource as GRUU', () => {
        expect(toSip({})?.from).toBe('sip:juliet@example.com;gr=yn0cl4bnw0yr3vym');
        expect(toSip({ from: 'juliet@example.com' })?.from).toBe('sip:juliet@example.com');
    });

    it('table 1: id becomes the transaction identifier', () => {
        expect(toSip({ id: 'a786hjs2' })?.transaction).toBe('a786hjs2');
    });

    it('table 1: to becomes To and Request-URI', () => {
        expect(toSip({ to: `${romeo}/orchard` })?.to).toBe('sip:romeo@example.net');
    });

    it('table 1: type has no mapping', () => {
        expect(toSip({ type: 'chat' })).toEqual(toSip({}));
    });

    it('table 1: xml:lang becomes Content-Language', () => {
        expect(toSip({ lang: 'cs' })?.language).toBe('cs');
    });

    it('table 2: Call-ID becomes thread', () => {
        expect(toXmpp({ callId: '5A37A65D' })?.thread).toBe('5A37A65D');
    });

    it('table 2: Content-Language becomes xml:lang', () => {
        expect(toXmpp({ language: 'cs' })?.lang).toBe('cs');
    });

    it('table 2: CSeq has no mapping, and there is no type', () => {
        expect(Object.keys(toXmpp({}) ?? {}).sort()).toEqual(['body', 'from', 'thread', 'to']);
    });

    it('table 2: From becomes from, with the GRUU as resource', () => {
        expect(toXmpp({ from: 'sip:romeo@example.net;gr=dr4hcr0st3lup4c' })?.from).toBe(
            'romeo@example.net/dr4hcr0st3lup4c',
        );
        expect(toXmpp({})?.from).toBe(romeo);
    });

    it('table 2: Subject becomes subject', () => {
        expect(toXmpp({ subject: 'Balcony' })?.subject).toBe('Balcony');
    });

    it('table 2: Request-URI or To becomes to', () => {
        expect(toXmpp({})?.to).toBe('juliet@example.com');
    });

    it('table 2: the body of the MESSAGE becomes body', () => {
        expect(toXmpp({ body: 'Hi' })?.body).toBe('Hi');
    });

    it('table 2: the transaction identifier becomes id', () => {
        expect(toXmpp({ transaction: 'z9hG4bKna998sk' })?.id).toBe('z9hG4bKna998sk');
    });

    it('section 6: a MESSAGE of more than 1300 bytes is a policy-violation', () => {
        expect(errorOfSize(1300)).toBeNull();
        expect(errorOfSize(1301)).toBe('policy-violation');
    });

    it('section 7: plain text is taken, what needs a program to be read is not', () => {
        expect(toXmpp({ contentType: 'TEXT/plain; charset=utf-8' })).not.toBeNull();
        for (const contentType of ['text/html', 'application/sdp', 'text/plainly', '']) {
            expect(toXmpp({ contentType })).withContext(contentType).toBeNull();
        }
    });

    it('sections 4 and 5: a message comes back from the other side as it was, whatever is in it', () => {
        const text = fc.string({ unit: 'binary' });
        const any = fc.record(
            { id: text, lang: text, subject: text, thread: text, body: text },
            { requiredKeys: ['thread', 'body'] },
        );
        fc.assert(
            fc.property(any, (said) => {
                const written: XmppMessage = { from: juliet, to: romeo, ...said };
                const sip = sipFromMessage(written, 'new');
                expect(sip && messageFromSip(sip)).toEqual(written);
            }),
        );
    });

    it('sections 4 and 5: addresses without a counterpart become nothing', () => {
        expect(toSip({ to: 'example.net' })).toBeNull();
        expect(toSip({ from: 'a\r\nVia: x@example.com' })).toBeNull();
        expect(toXmpp({ from: 'tel:+13035551212' })).toBeNull();
        expect(toXmpp({ to: 'sip:example.com' })).toBeNull();
    });
});
