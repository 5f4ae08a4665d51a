import fc from 'fast-check';
import { AddressBook } from '../../src/plugin/address-book/book.js';
import type { Message } from '../../src/plugin/converse.js';
import { Messages, type TalkedAbout } from '../../src/plugin/messages.js';
import { cleanSipAddress } from '../../src/sip-sidecar/contract/index.js';
import { identifier } from '../../src/plugin/stanzas/identifier.js';
import { classify } from '../../src/plugin/stanzas/delivery.js';
import { createThreads, type Threads } from '../../src/plugin/threads.js';
import { fakeStore } from './support/fake-store.js';
import { builder, text, xml } from './support/xml.js';

const ALICE = 'alice@example.org';
const BOB = 'bob@example.net';
const GRUU = 'sip:alice@sip.example.org;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
const BOBS = 'sip:bob@sip.example.net;gr=urn:uuid:1';
const REACH = `<reach xmlns='urn:xmpp:reach:0'><addr uri='${BOBS}'/></reach>`;
const CALL: TalkedAbout = { callId: 'call-1', sipCallId: '5b1f6c1e-54a9-4f5b-8d5e-3d0a6f0f9c21', thread: null };

const shim = (callId: string): string =>
    `<headers xmlns='http://jabber.org/protocol/shim'><header name='Call-ID'>${callId}</header></headers>`;

describe('chat messages', () => {
    let own: { uri: string; video: boolean } | null;
    let mayTell: boolean;
    let shares: boolean;
    let isContact: boolean;
    let devices: string[];
    let live: TalkedAbout | null;
    /** The Call-IDs that name the call, live or a moment ago. */
    let aliases: string[];
    let threads: Threads;
    let book: AddressBook;
    let messages: Messages;
    beforeEach(() => {
        own = { uri: GRUU, video: true };
        mayTell = shares = isContact = true;
        devices = ['web-2'];
        live = null;
        aliases = [];
        threads = createThreads(fakeStore().store, () => undefined);
        book = new AddressBook(() => undefined);
        messages = new Messages({
            threads,
            book,
            now: () => 7,
            own: () => own,
            shares: () => shares,
            mayTell: () => mayTell,
            isContact: () => isContact,
            resources: () => devices,
            liveCall: (jid) => (jid === BOB ? live : null),
            byCallId: (jid, id) => (jid === BOB && aliases.includes(id) ? { callId: CALL.callId } : null),
        });
    });

    /** Sends a message as Converse does, and gives its stanza. */
    function send(attributes: Readonly<Record<string, unknown>> = {}, jid = BOB): string {
        const stored = { ...messages.outgoing(jid), ...attributes } as Readonly<Record<string, unknown>>;
        const stanza = xml(`<message xmlns='jabber:client' to='${jid}' type='chat'><body>Hi</body></message>`);
        messages.complete(jid, { get: (name: string) => stored[name] } as unknown as Message, builder(stanza));
        return text(stanza).replace(/ xmlns="[^"]*"/gu, '');
    }
    const message = (inside: string, from = `${BOB}/web-2`, to = `${ALICE}/web-7`): string =>
        `<message xmlns='jabber:client' from='${from}' to='${to}' type='chat'><body>Hi</body>${inside}</message>`;
    const hear = (stanza: string): void => messages.onMessage(classify(xml(stanza), ALICE));
    const addresses = (jid = BOB): string[] => book.addressesOf(jid).map(({ uri }) => uri);

    describe('that are sent', () => {
        it('carry the thread of the conversation, the address and the media in the first one, and then the thread', () => {
            const first = send();
            const thread = threads.current(BOB) ?? '';
            expect(first).toContain(`<thread>${thread}</thread>`);
            expect(first).toContain(`<addr uri="${GRUU}"/>`);
            expect(first).toContain('<audio>true</audio><video>true</video>');
            const second = send();
            expect(second).toContain(`${thread}</thread>`);
            expect(second).not.toContain('reach');
            expect(second).not.toContain('servcaps');
        });

        it('carry the address again when it or the media has changed', () => {
            send();
            own = { uri: GRUU, video: false };
            expect(send()).toContain('<video>false</video>');
            own = { uri: 'sip:alice@sip.example.org', video: false };
            expect(send()).toContain('<addr uri="sip:alice@sip.example.org"/>');
            expect(send()).not.toContain('reach');
        });

        it('carry it again in another thread, and on another stream', () => {
            send();
            threads.note(BOB, 'T2');
            expect(send()).toContain('reach');
            messages.onStream();
            expect(send()).toContain('reach');
            expect(send()).not.toContain('reach');
        });

        it('carry it again when the other side answers from a device that has not seen it, and only then', () => {
            send();
            hear(message('', `${BOB}/web-2`));
            expect(send()).not.toContain('reach');
            hear(message('', `${BOB}/phone`));
            expect(send()).toContain('reach');
            hear(message('', `${BOB}/phone`));
            hear(message('', `${BOB}/web-2`));
            expect(send()).not.toContain('reach');
        });

        it('carry it once to somebody whose devices are not known, whichever of them writes first', () => {
            devices = [];
            hear(message('', `${BOB}/web-2`));
            expect(send()).toContain('reach');
            hear(message('', `${BOB}/web-2`));
            expect(send()).not.toContain('reach');
        });

        it('carry no address without a registration, nor to somebody who may not know it', () => {
            own = null;
            expect(send()).not.toContain('reach');
            own = { uri: GRUU, video: true };
            mayTell = false;
            expect(send()).not.toContain('reach');
            mayTell = true;
            expect(send()).toContain('reach');
        });

        it('take the address back once from those who were told when it is shared no more', () => {
            shares = false;
            expect(send()).not.toContain('reach');
            shares = true;
            send();
            shares = false;
            expect(send()).toContain('<reach/>');
            expect(send()).not.toContain('reach');
            hear(message(''));
            expect(send()).not.toContain('reach');
        });

        it('carry nothing but the thread beside an encrypted body, and in a correction', () => {
            live = CALL;
            for (const attributes of [{ is_encrypted: true }, { edited: '2026-01-05T12:00:00Z' }]) {
                const sent = send(attributes);
                expect(sent).toContain('</thread>');
                expect(sent).not.toContain('reach');
                expect(sent).not.toContain('Call-ID');
            }
        });

        it('keep a thread that is in the stanza already, and the one that the message was stored with', () => {
            expect(send({ thread: 'T-stored' })).toContain('>T-stored<');
            expect(send({ thread: 'a\u0000b' })).toContain(`>${threads.of(BOB)}<`);
        });

        it('carry the Call-ID of a live call once, and once in each further thread', () => {
            expect(send()).not.toContain('Call-ID');
            live = CALL;
            expect(send()).toContain(`<header name="Call-ID">${CALL.sipCallId}</header>`);
            expect(send()).not.toContain('Call-ID');
            threads.note(BOB, 'T2');
            expect(send()).toContain('Call-ID');
            expect(send()).not.toContain('Call-ID');
            live = { ...CALL, callId: 'call-2', sipCallId: 'other' };
            expect(send()).toContain('other');
            live = null;
            expect(send()).not.toContain('Call-ID');
        });

        it('never carry a Call-ID to anybody but the one in that call, nor one that the other side made up', () => {
            live = CALL;
            expect(send({}, 'carol@example.net')).not.toContain('Call-ID');
            live = null;
            hear(message(shim('made-up')));
            expect(send()).not.toContain('made-up');
        });

        it('carry it once although something between changed the Call-ID', () => {
            live = CALL;
            aliases = ['alias', CALL.sipCallId];
            send();
            expect(messages.callOf(BOB, xml(message(shim('alias'))))).toBe(CALL.callId);
            expect(send()).not.toContain('Call-ID');
        });

        it('belong to the call while it is up, and in its thread for a moment longer', () => {
            live = CALL;
            aliases = [CALL.sipCallId];
            expect(messages.outgoing(BOB).sip_call_id).toBe(CALL.callId);
            live = null;
            expect(messages.outgoing(BOB).sip_call_id).toBe(CALL.callId);
            threads.note(BOB, 'T2');
            expect(messages.outgoing(BOB).sip_call_id).toBeUndefined();
            threads.note(BOB, threads.current(BOB) ?? '');
            aliases = [];
            expect(messages.outgoing(BOB).sip_call_id).toBeUndefined();
        });
    });

    describe('that come', () => {
        it('bring the address of the device that wrote, with its media and the thread', () => {
            hear(
                message(
                    `<thread>T1</thread>${REACH}<servcaps xmlns='urn:ietf:params:xml:ns:pidf:caps'><video>true</video></servcaps>`,
                ),
            );
            expect(book.claimsOf(BOB)).toEqual([
                jasmine.objectContaining({
                    source: 'message',
                    resource: 'web-2',
                    uris: [BOBS],
                    video: true,
                    thread: 'T1',
                    seenAt: 7,
                }),
            ]);
            expect(threads.of(BOB)).toBe('T1');
            hear(message(`<reach xmlns='urn:xmpp:reach:0'/>`));
            expect(book.size).toBe(0);
        });

        it('bring it in the form of the draft, too', () => {
            hear(message(`<sip-contact xmlns='urn:xmpp:sip-contact' target='&lt;${BOBS}&gt;'/>`));
            expect(addresses()).toEqual([BOBS]);
        });

        const carbon = (how: string, inner: string, from = ALICE): string =>
            `<message xmlns='jabber:client' from='${from}' to='${ALICE}/web-7'><${how} xmlns='urn:xmpp:carbons:2'>` +
            `<forwarded xmlns='urn:xmpp:forward:0'>${inner}</forwarded></${how}></message>`;

        it('bring it as a carbon of what another own device got', () => {
            hear(carbon('received', message(`<thread>T1</thread>${REACH}`, undefined, `${ALICE}/phone`)));
            expect(addresses()).toEqual([BOBS]);
            expect(threads.of(BOB)).toBe('T1');
        });

        it('bring nothing in a carbon that somebody else made up', () => {
            hear(carbon('received', message(`<thread>T1</thread>${REACH}`), 'mallory@example.net/x'));
            expect(book.size).toBe(0);
            expect(threads.current(BOB)).toBeNull();
        });

        it('bring the thread, and no address, when another own device wrote, or when they come late', () => {
            hear(carbon('sent', message(`<thread>T1</thread>${REACH}`, `${ALICE}/phone`, BOB)));
            expect(threads.of(BOB)).toBe('T1');
            const delay = `<delay xmlns='urn:xmpp:delay' stamp='2026-01-05T11:00:00Z'/>`;
            hear(message(`<thread>T2</thread>${REACH}${delay}`));
            expect(threads.of(BOB)).toBe('T2');
            expect(book.size).toBe(0);
        });

        it('bring nothing at all out of the archive, from rooms and in errors', () => {
            const inner = message(`<thread>T1</thread>${REACH}`);
            hear(
                `<message xmlns='jabber:client' to='${ALICE}/web-7'><result xmlns='urn:xmpp:mam:2' queryid='q' id='1'>` +
                    `<forwarded xmlns='urn:xmpp:forward:0'>${inner}</forwarded></result></message>`,
            );
            hear(inner.replace(`type='chat'`, `type='groupchat'`));
            hear(inner.replace(`type='chat'`, `type='error'`));
            hear(message(`<thread>T1</thread>${REACH}<x xmlns='http://jabber.org/protocol/muc#user'/>`));
            expect(threads.current(BOB)).toBeNull();
            expect(book.size).toBe(0);
        });

        it('bring no address from a stranger', () => {
            isContact = false;
            hear(message(REACH));
            expect(book.size).toBe(0);
        });

        it('bring no address that cannot be dialled safely', () => {
            hear(
                message(
                    `<reach xmlns='urn:xmpp:reach:0'><addr uri='javascript:alert(1)'/><addr uri='sip:b@x.example?Replaces=1'/></reach>`,
                ),
            );
            expect(addresses()).toEqual(['sip:b@x.example']);
        });

        it('belong to the call whose Call-ID they name, and so do later ones in that thread until a moment after it', () => {
            aliases = [CALL.sipCallId];
            const later = xml(message('<thread>T1</thread>'));
            expect(messages.callOf(BOB, later)).toBeNull();
            expect(messages.callOf(BOB, xml(message(`<thread>T1</thread>${shim(CALL.sipCallId)}`)))).toBe(CALL.callId);
            expect(messages.callOf(BOB, later)).toBe(CALL.callId);
            expect(messages.callOf(BOB, xml(message('<thread>T2</thread>')))).toBeNull();
            expect(messages.callOf(BOB, xml(message('')))).toBeNull();
            aliases = [];
            expect(messages.callOf(BOB, later)).toBeNull();
        });

        it('belong to a call that began out of their thread', () => {
            live = { ...CALL, thread: 'T1' };
            expect(messages.callOf(BOB, xml(message('<thread>T1</thread>')))).toBe(CALL.callId);
        });

        it('belong to no call with somebody else, whatever Call-ID they name', () => {
            aliases = [CALL.sipCallId];
            live = CALL;
            const forged = xml(message(shim(CALL.sipCallId), 'mallory@example.net/x'));
            expect(messages.callOf('mallory@example.net', forged)).toBeNull();
        });

        it('bring nothing unfit and break nothing, whatever stands in them', () => {
            const anything = fc.oneof(
                fc.string({ maxLength: 300 }),
                fc.constantFrom(`${BOBS}?Replaces=1`, 'sip:a@b\r\nVia: x', 'tel:+1', 'T1', '\u202ex'),
            );
            fc.assert(
                fc.property(anything, anything, anything, fc.boolean(), (uri, thread, callId, isDraft) => {
                    const stanza = xml(
                        message(isDraft ? `<sip-contact xmlns='urn:xmpp:sip-contact'/>` : `${REACH}${shim('')}`),
                    );
                    const add = (name: string): Element => {
                        const made = stanza.ownerDocument.createElementNS('jabber:client', name);
                        stanza.append(made);
                        return made;
                    };
                    add('thread').textContent = thread;
                    stanza.querySelector('addr')?.setAttribute('uri', uri);
                    stanza.querySelector('sip-contact')?.setAttribute('target', uri);
                    for (const header of stanza.querySelectorAll('header')) header.textContent = callId;
                    messages.onMessage(classify(stanza, ALICE));
                    expect(messages.callOf(BOB, stanza)).toBeNull();
                    for (const claim of book.claimsOf(BOB)) {
                        expect(claim.uris.map((each) => cleanSipAddress(each))).toEqual([...claim.uris]);
                        expect(claim.thread).toBe(identifier(claim.thread) ?? '');
                    }
                    const noted = threads.current(BOB);
                    expect(noted).toBe(identifier(noted));
                }),
            );
        });

        it('keep nothing of somebody without end', () => {
            for (let device = 0; device < 1_000; device++) hear(message(REACH, `${BOB}/${String(device)}`));
            expect(book.claimsOf(BOB).length).toBe(16);
        });
    });

    it('forget what a person was told with that person', () => {
        send();
        messages.forget(BOB);
        expect(send()).toContain('reach');
    });
});
