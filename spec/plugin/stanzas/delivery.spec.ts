import { classify, type Delivery } from '../../../src/plugin/stanzas/delivery.js';
import { xml } from '../support/xml.js';

const OWN = 'alice@example.org';
const ME = `${OWN}/web-7`;
const BOB = 'bob@example.net/web-2';
const DELAY = `<delay xmlns='urn:xmpp:delay' from='example.org' stamp='2026-03-01T10:00:00Z'/>`;
const STAMP = Date.UTC(2026, 2, 1, 10);

const message = (attributes: string, inner = ''): string =>
    `<message xmlns='jabber:client' ${attributes}>${inner}</message>`;
const chat = (inner = '', from = BOB, to = ME): string => message(`type='chat' from='${from}' to='${to}'`, inner);
const forwarded = (inner: string): string => `<forwarded xmlns='urn:xmpp:forward:0'>${inner}</forwarded>`;
const carbon = (which: 'received' | 'sent', inner: string, from = OWN): string =>
    chat(`<${which} xmlns='urn:xmpp:carbons:2'>${forwarded(inner)}</${which}>`, from);
const result = (inner: string, attributes = `queryid='q1' id='28482-98726-73623'`): string =>
    message(`to='${ME}'`, `<result xmlns='urn:xmpp:mam:2' ${attributes}>${forwarded(inner)}</result>`);
const seen = (stanza: string): Delivery => classify(xml(stanza), OWN);

describe('A message', () => {
    it('to this device is live, with who wrote it', () => {
        expect(seen(chat('<body>x</body>'))).toEqual(
            jasmine.objectContaining({
                kind: 'live',
                live: true,
                jid: 'bob@example.net',
                resource: 'web-2',
                outgoing: false,
                peer: 'bob@example.net',
                stamp: null,
                queryId: null,
            }),
        );
        expect(seen(chat('', 'BOB@Example.NET/Web-2')).jid).toBe('bob@example.net');
        expect(seen(chat('', 'BOB@Example.NET/Web-2')).resource).toBe('Web-2');
    });

    it('is live whether it is to the account, to the device or to nobody, as chat or without a type', () => {
        for (const attributes of [`to='${OWN}' type='chat'`, `to='Alice@Example.org/x' type='normal'`, '']) {
            expect(seen(message(`from='${BOB}' ${attributes}`)).kind)
                .withContext(attributes)
                .toBe('live');
        }
    });

    it('that is late is delayed, and says since when', () => {
        const late = seen(chat(DELAY));
        expect([late.kind, late.live, late.stamp]).toEqual(['delayed', false, STAMP]);
        expect(seen(chat(`<delay xmlns='urn:xmpp:delay' stamp='nonsense'/>`))).toEqual(
            jasmine.objectContaining({ kind: 'delayed', stamp: null }),
        );
        expect(seen(chat(`<delay xmlns='urn:xmpp:delay'/>`)).kind).toBe('delayed');
    });

    it('is as late as the server says, whatever the sender wrote before', () => {
        expect(seen(chat(`<delay xmlns='urn:xmpp:delay' stamp='2099-01-01T00:00:00Z'/>${DELAY}`)).stamp).toBe(STAMP);
    });

    it('that holds somebody else’s message is that of its sender alone', () => {
        const quoted = seen(chat(forwarded(chat('', 'carol@example.com/x'))));
        expect([quoted.kind, quoted.jid]).toEqual(['live', 'bob@example.net']);
        expect(quoted.message.getAttribute('from')).toBe(BOB);
    });

    it('of PEP is a headline, from the account too', () => {
        expect(seen(message(`type='headline' from='bob@example.net' to='${ME}'`)).kind).toBe('headline');
        expect(seen(message(`type='headline' from='${OWN}' to='${ME}'`)).kind).toBe('headline');
    });

    it('of a room, an error, or with another type is foreign', () => {
        for (const type of ['groupchat', 'error', 'Chat', 'x', '']) {
            expect(seen(message(`type='${type}' from='${BOB}' to='${ME}'`)).kind)
                .withContext(type)
                .toBe('foreign');
        }
        expect(seen(chat(`<x xmlns='http://jabber.org/protocol/muc#user'/>`)).kind).toBe('foreign');
    });

    it('from nobody, or from what is no JID, is foreign', () => {
        for (const attributes of [
            '',
            `from=''`,
            `from='a b@c/d'`,
            `from='a@b@c'`,
            `from='gro.elpmaxe@\u202ebob'`,
            `from='bob\u200b@example.net'`,
            `from='${'a'.repeat(1_000_000)}@b/c'`,
        ]) {
            const found = seen(message(`type='chat' to='${ME}' ${attributes}`));
            expect([found.kind, found.live, found.jid]).toEqual(['foreign', false, '']);
        }
    });

    it('to somebody else is foreign', () => {
        for (const to of ['mallory@example.org/x', 'alice@example.org.evil.example', 'a b@c', 'alice', '']) {
            expect(seen(chat('', BOB, to)).kind)
                .withContext(to)
                .toBe('foreign');
        }
        expect(seen(message(`type='headline' from='${BOB}' to='mallory@example.org'`)).kind).toBe('foreign');
    });
});

describe('A carbon', () => {
    it('of what another device received is live', () => {
        const found = seen(carbon('received', chat('<body>x</body>', BOB, `${OWN}/other`)));
        expect(found).toEqual(
            jasmine.objectContaining({
                kind: 'carbon-received',
                live: true,
                resource: 'web-2',
                peer: 'bob@example.net',
            }),
        );
        expect(found.message.textContent).toBe('x');
        expect(seen(carbon('received', chat('', BOB, OWN))).kind).toBe('carbon-received');
    });

    it('of what another device sent is not, and says to whom it went', () => {
        expect(seen(carbon('sent', chat('', `${OWN}/other`, 'Carol@example.com/x')))).toEqual(
            jasmine.objectContaining({
                kind: 'carbon-sent',
                live: false,
                outgoing: true,
                jid: OWN,
                resource: 'other',
                peer: 'carol@example.com',
            }),
        );
    });

    it('is live although its wrapper says when the server got it (XEP-0297)', () => {
        const found = seen(carbon('received', DELAY + chat()));
        expect([found.kind, found.stamp]).toEqual(['carbon-received', STAMP]);
    });

    it('of a message that was late, or that is late itself, is delayed', () => {
        expect(seen(carbon('received', chat(DELAY))).kind).toBe('delayed');
        const resent = carbon('received', chat()).replace(/<\/message>$/u, `${DELAY}</message>`);
        expect(seen(resent).kind).toBe('delayed');
    });

    it('in another account’s name is foreign, and nothing in it counts', () => {
        for (const from of ['mallory@example.org', 'mallory@evil.example', `${OWN}/other`, 'example.org', BOB]) {
            expect(seen(carbon('received', chat('', BOB, OWN), from)).kind)
                .withContext(from)
                .toBe('foreign');
            expect(seen(carbon('sent', chat('', ME, BOB), from)).kind)
                .withContext(from)
                .toBe('foreign');
        }
    });

    it('that cannot be is foreign: sent by others, received by others, nested, empty, of a room', () => {
        const wrapped = carbon('received', chat('', BOB, OWN));
        for (const stanza of [
            carbon('sent', chat('', BOB, OWN)),
            carbon('received', chat('', BOB, 'carol@example.com')),
            carbon('received', wrapped),
            carbon('received', result(chat())),
            carbon('received', carbon('sent', chat('', ME, BOB))),
            carbon('received', ''),
            carbon('received', `<message xmlns='other' from='${BOB}' to='${OWN}'/>`),
            carbon('received', message(`type='groupchat' from='${BOB}' to='${OWN}'`)),
            carbon('received', message(`type='headline' from='${BOB}' to='${OWN}'`)),
            carbon('received', message(`type='error' from='${BOB}' to='${OWN}'`)),
            carbon('received', message(`type='chat' to='${OWN}'`)),
            carbon('sent', message(`type='chat' from='${ME}' to='a b'`)),
            carbon('sent', message(`type='chat' from='mallory@example.org/x' to='${OWN}'`)),
            chat(`<received xmlns='urn:xmpp:carbons:2'/>`, OWN),
            chat(`<received xmlns='urn:xmpp:carbons:2'>${chat()}</received>`, OWN),
        ]) {
            expect(seen(stanza).kind).withContext(stanza).toBe('foreign');
        }
    });

    it('in another namespace is only a message of who sent it', () => {
        const other = carbon('received', chat(), BOB).replace('carbons:2', 'carbons:1');
        expect(seen(other)).toEqual(jasmine.objectContaining({ kind: 'live', jid: 'bob@example.net' }));
    });
});

describe('A result of the archive', () => {
    it('is history, with its query and its time', () => {
        expect(seen(result(DELAY + chat()))).toEqual(
            jasmine.objectContaining({
                kind: 'archive',
                live: false,
                peer: 'bob@example.net',
                stamp: STAMP,
                queryId: 'q1',
            }),
        );
        expect(seen(result(chat('', ME, BOB)))).toEqual(
            jasmine.objectContaining({ kind: 'archive', outgoing: true, peer: 'bob@example.net' }),
        );
    });

    it('may come in the account’s own name, and in no other', () => {
        const from = (jid: string): string => result(chat()).replace('<message', `<message from='${jid}'`);
        expect(seen(from(OWN)).kind).toBe('archive');
        for (const jid of [BOB, 'mallory@evil.example', ME, 'example.org']) {
            expect(seen(from(jid)).kind)
                .withContext(jid)
                .toBe('foreign');
        }
    });

    it('of a conversation of others, of a room, or nested is foreign', () => {
        expect(seen(result(chat('', 'carol@example.com/x', BOB))).kind).toBe('foreign');
        expect(seen(result(message(`type='groupchat' from='${BOB}' to='${OWN}'`))).kind).toBe('foreign');
        expect(seen(result(result(chat()))).kind).toBe('foreign');
        expect(seen(result(carbon('received', chat('', BOB, OWN)))).kind).toBe('foreign');
    });

    it('that answers no query, or one of an unfit name, is foreign', () => {
        expect(seen(result(chat(), '')).kind).toBe('foreign');
        expect(seen(result(chat(), `queryid='${'q'.repeat(300)}'`)).kind).toBe('foreign');
    });
});

describe('What Prosody sends', () => {
    const INVITE = `<invite xmlns="urn:xmpp:call-invites:0" /><store xmlns="urn:xmpp:hints" />`;
    const said = (inner: string, to = 'alice@localhost/one', from = 'bob@localhost/x', more = ''): string =>
        `<message xmlns="jabber:client" type="chat" xml:lang="en" from="${from}" id="ci-1" to="${to}">${inner}${more}</message>`;
    const copy = (which: string, inner: string, own: string): string =>
        `<message xmlns="jabber:client" from="${own}" type="chat" to="${own}/two"><${which} xmlns="urn:xmpp:carbons:2">` +
        `<forwarded xmlns="urn:xmpp:forward:0">${inner}</forwarded></${which}></message>`;
    const id = `<stanza-id xmlns="urn:xmpp:sid:0" by="alice@localhost" id="ZNWao-T1XGwg3NZAPEoefMNw" />`;
    const kind = (stanza: string, own = 'alice@localhost'): string => classify(xml(stanza), own).kind;

    it('to a device is live there, and a carbon at the others of both', () => {
        expect(kind(said(INVITE + id))).toBe('live');
        expect(kind(copy('received', said(INVITE + id), 'alice@localhost'))).toBe('carbon-received');
        expect(kind(copy('sent', said(INVITE), 'bob@localhost'), 'bob@localhost')).toBe('carbon-sent');
    });

    it('of a forged carbon is foreign at the device it went to, and in the carbon at the others', () => {
        const forged = `<received xmlns="urn:xmpp:carbons:2"><forwarded xmlns="urn:xmpp:forward:0">${said(
            INVITE,
            'alice@localhost',
            'carol@localhost/x',
        )}</forwarded></received>`;
        expect(kind(said(forged))).toBe('foreign');
        expect(kind(copy('received', said(forged), 'alice@localhost'))).toBe('foreign');
    });

    it('out of the archive has no sender of its own', () => {
        const stanza =
            `<message xmlns="jabber:client" to="alice@localhost/one"><result xmlns="urn:xmpp:mam:2" queryid="q1" id="ZNWao">` +
            `<forwarded xmlns="urn:xmpp:forward:0"><delay xmlns="urn:xmpp:delay" stamp="2026-03-01T10:00:00Z" />${said(INVITE)}` +
            `</forwarded></result></message>`;
        expect(classify(xml(stanza), 'alice@localhost')).toEqual(
            jasmine.objectContaining({ kind: 'archive', queryId: 'q1', stamp: STAMP, peer: 'bob@localhost' }),
        );
    });

    it('out of offline storage is delayed', () => {
        const delay = `<delay xmlns="urn:xmpp:delay" from="localhost" stamp="2026-03-01T10:00:00Z" />`;
        expect(kind(said(INVITE + id, 'alice@localhost', 'bob@localhost/x', delay))).toBe('delayed');
    });
});

describe('What ejabberd sends', () => {
    const said = (more = ''): string =>
        `<message xmlns="jabber:client" xml:lang="en" to="alice@localhost" from="bob@localhost/x" type="chat" id="ci-1">` +
        `<archived xmlns="urn:xmpp:mam:tmp" by="alice@localhost" id="1795175848571030" />` +
        `<stanza-id xmlns="urn:xmpp:sid:0" by="alice@localhost" id="1795175848571030" />` +
        `<invite xmlns="urn:xmpp:call-invites:0" /><store xmlns="urn:xmpp:hints" />${more}</message>`;
    const late = (text = ''): string =>
        `<delay xmlns="urn:xmpp:delay" from="localhost" stamp="2026-03-01T10:00:00.000000Z">${text}</delay>`;

    it('is live, or delayed out of offline storage', () => {
        expect(classify(xml(said()), 'alice@localhost').kind).toBe('live');
        expect(classify(xml(said(late('Offline storage'))), 'alice@localhost')).toEqual(
            jasmine.objectContaining({ kind: 'delayed', stamp: STAMP }),
        );
    });

    it('out of the archive comes in the account’s name, the time after the message', () => {
        const stanza =
            `<message xmlns="jabber:client" to="alice@localhost/one" from="alice@localhost">` +
            `<result xmlns="urn:xmpp:mam:2" id="1795175848571030" queryid="q1"><forwarded xmlns="urn:xmpp:forward:0">` +
            `${said()}${late()}</forwarded></result></message>`;
        expect(classify(xml(stanza), 'alice@localhost')).toEqual(
            jasmine.objectContaining({ kind: 'archive', queryId: 'q1', stamp: STAMP, peer: 'bob@localhost' }),
        );
    });
});
