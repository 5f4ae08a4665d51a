import type { Call, Identity, LoggedCall } from '../../src/plugin/phone.js';
import type { ConverseApi } from '../../src/plugin/converse.js';
import { eventually } from '../support/eventually.js';
import { accept, invite, OTHER_PRINT, over, PRINT, question, verified } from './support/call-events.js';
import { NO_REMOTE } from './support/fake-sidecar.js';
import { House, MERCUTIO, ROMEO, type HouseOptions } from './support/house.js';
import { settled, until } from './support/until.js';
import { text as raw } from './support/xml.js';

const JULIET = 'juliet@capulet.lit';
const MALLORY = 'mallory@example.com';
const PHONE = `${MERCUTIO}/phone`;
const SIP = 'sip:mercutio@sip.montague.lit';
const OWN = 'sip:romeo@sip.montague.lit';
const VERIFY = 'urn:uuid:a46d613b-a581-4bc2-b511-f2dc6ba15d6b';
const FROM_MERCUTIO = { ...NO_REMOTE, fingerprints: [PRINT] };

/** A stanza as text, without the namespaces that its children repeat. */
const text = (element: Element): string => {
    const again = / xmlns="(?:urn:ietf:params:xml:ns:dialog-info|jabber:client|urn:xmpp:jingle:1)"(?=[^<]*>)/gu;
    const tops = /<(?:message|iq|dialog|reason) /u;
    return raw(element).replace(/<[^>]*>/gu, (tag) => (tops.test(tag) ? tag : tag.replace(again, '')));
};

describe('calls and chat', () => {
    let error: jasmine.Spy;
    beforeEach(() => {
        error = spyOn(console, 'error');
    });
    afterEach(() => {
        const failed = error.calls.allArgs().filter(([line]) => String(line).includes('SIP-005'));
        expect(failed).withContext('no listener failed').toEqual([]);
    });

    let house: House;
    const open = async (options: HouseOptions = {}): Promise<House> => (house = await House.registered(options));
    const calls = (): readonly Call[] => house.phone.calls.get();
    const call = (id?: string): Call => {
        const found = id === undefined ? calls().at(-1) : calls().find((each) => each.id === id);
        if (!found) throw new Error('no call');
        return found;
    };
    const identity = (): Identity => call().identity;
    const place = async (target = MERCUTIO, video = false): Promise<string> => {
        const placed = await house.phone.call(target, { video });
        if (!placed.ok) throw new Error(placed.problem);
        return placed.callId;
    };
    const ends = (
        id: string,
        reason: 'hung-up' | 'declined' | 'busy' | 'cancelled' | 'no-answer' | 'not-found' | 'unavailable',
        status?: number,
    ) => house.sidecar.call(id, { type: 'ended', reason, at: house.wheel.now(), status: status ?? null });
    const answered = (id: string) =>
        house.sidecar.call(id, { type: 'answering' }, { type: 'answered', at: house.wheel.now() });
    const only = (type: string): Element => {
        const said = house.said(type);
        expect(said.length).withContext(type).toBe(1);
        return said[0]!;
    };

    describe('a call out', () => {
        it('is announced to the contact just before SIP rings, in the conversation, with what binds the media', async () => {
            await open();
            house.reachable();
            const id = await place(MERCUTIO, true);
            const [command] = house.sidecar.sent('call');
            expect(house.said('invite')).withContext('not before the INVITE is made').toEqual([]);
            house.sidecar.local(id, PRINT);
            const message = only('invite');
            const thread = message.getElementsByTagName('thread')[0]!.textContent;
            const announcement = message.getAttribute('id')!;
            expect(thread).toBe(call().thread!);
            expect(command!.headers).toEqual([
                [
                    'Call-Info',
                    `<xmpp:${ROMEO}>;purpose=impp, ` +
                        `<xmpp:${ROMEO}/orchard?message;thread=${thread};id=${announcement}>;purpose=impp`,
                ],
            ]);
            expect(text(message)).toBe(
                `<message xmlns="jabber:client" to="${MERCUTIO}" type="chat" id="${announcement}">` +
                    `<thread>${thread}</thread>` +
                    `<invite xmlns="urn:xmpp:call-invites:0" audio="true" video="true">` +
                    `<dialog xmlns="urn:ietf:params:xml:ns:dialog-info" id="${announcement}" call-id="${id}" direction="initiator">` +
                    `<state>trying</state><local><identity>${OWN}</identity><target uri="${OWN}"/>` +
                    `<fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256" setup="actpass">${PRINT.slice(8)}</fingerprint>` +
                    `</local><remote><identity>${SIP}</identity></remote></dialog></invite>` +
                    `<origin-id xmlns="urn:xmpp:sid:0" id="${announcement}"/><store xmlns="urn:xmpp:hints"/></message>`,
            );
            expect(announcement).toMatch(/^ci-[0-9a-f-]{36}$/u);
            house.sidecar.local(id, PRINT);
            only('invite');
        });

        it('is verified by the answer of the one who was called, and left with a word', async () => {
            await open();
            house.reachable();
            const id = await place();
            house.sidecar.local(id, OTHER_PRINT);
            const announcement = only('invite').getAttribute('id')!;
            expect(identity()).toEqual(
                jasmine.objectContaining({ level: 'listed', trusted: true, reasons: ['dialled'] }),
            );
            house.message(PHONE, accept({ id: announcement, callId: 'changed', prints: [PRINT], seen: [OTHER_PRINT] }));
            expect(identity().level).toBe('announced');
            house.sidecar.remote(id, { fingerprints: [PRINT] });
            answered(id);
            expect(identity()).toEqual(jasmine.objectContaining({ level: 'media-bound', jid: MERCUTIO }));
            expect(call().sipCallIds).toEqual([id, 'changed']);
            house.sidecar.remote(id, { fingerprints: [OTHER_PRINT] });
            expect(identity()).toEqual(
                jasmine.objectContaining({ level: 'announced', reasons: ['media-relayed', 'announced'] }),
            );
            ends(id, 'hung-up');
            const left = only('left');
            expect(left.getAttribute('to')).toBe(PHONE);
            expect(text(left)).toContain('<success/>');
            expect(text(left)).toContain(`id="${announcement}"`);
            expect(house.said('retract')).toEqual([]);
        });

        for (const [reason, status, condition] of [
            ['cancelled', null, 'cancel'],
            ['no-answer', null, 'timeout'],
            ['unavailable', 480, 'timeout'],
            ['unavailable', 503, 'connectivity-error'],
            ['not-found', 404, 'gone'],
        ] as const) {
            it(`that ends unanswered (${reason}${status === null ? '' : ` ${String(status)}`}) is withdrawn: ${condition}`, async () => {
                await open();
                house.reachable();
                const id = await place();
                house.sidecar.local(id, PRINT);
                ends(id, reason, status ?? undefined);
                const retract = only('retract');
                expect(retract.getAttribute('to')).toBe(MERCUTIO);
                expect(text(retract)).toContain(`<${condition}/>`);
                expect(retract.getElementsByTagName('store').length).toBe(1);
            });
        }

        it('that the callee ends is for the callee to tell', async () => {
            await open();
            house.reachable();
            for (const reason of ['busy', 'declined'] as const) {
                const id = await place();
                house.sidecar.local(id, PRINT);
                ends(id, reason);
            }
            expect(house.said('invite').length).toBe(2);
            expect(house.said('retract')).toEqual([]);
        });

        it('that rings one device is announced to that device', async () => {
            await open();
            house.reachable();
            house.message(
                PHONE,
                `<body>hi</body><reach xmlns='urn:xmpp:reach:0'><addr uri='${SIP};gr=urn:uuid:1'/></reach>`,
            );
            const id = await place();
            expect(house.sidecar.sent('call')[0]!.to).toBe(`${SIP};gr=urn:uuid:1`);
            house.sidecar.local(id, PRINT);
            const message = only('invite');
            expect(message.getAttribute('to')).toBe(PHONE);
            expect(text(message)).toContain(`<remote><identity>${SIP}</identity></remote>`);
        });

        it('that somebody else has taken over is no word to the one who was called any more', async () => {
            await open();
            house.reachable();
            const id = await place();
            house.sidecar.local(id, OTHER_PRINT);
            house.sidecar.remote(id, { fingerprints: [PRINT] });
            answered(id);
            expect(house.said('invite').length).toBe(1);
            const caller = { from: 'sip:mallory@example.com', asserted: false, displayName: '' };
            const remote = { ...NO_REMOTE, fingerprints: [PRINT] };
            house.sidecar.emit({ type: 'remote', callId: id, sipCallId: 'THEIRS', remote, caller });
            expect(call(id)).toEqual(jasmine.objectContaining({ address: 'sip:mallory@example.com' }));
            expect(identity().level).toBe('none');
            house.sidecar.emit({ type: 'local', callId: id, fingerprints: [OTHER_PRINT], sipCallId: 'OURS' });
            expect(identity().level).toBe('none');
            expect(house.said('invite').length).toBe(1);
            ends(id, 'hung-up');
            expect(only('left').getAttribute('to')).toBe(MERCUTIO);
        });

        it('that never left is not spoken of', async () => {
            await open();
            house.reachable();
            ends(await place(), 'cancelled');
            expect([...house.said('invite'), ...house.said('retract')]).toEqual([]);
        });

        it('to an address alone is announced to nobody, and names no device', async () => {
            await open();
            const confirm = spyOn(house._converse.api as Required<ConverseApi>, 'confirm').and.resolveTo(true);
            const id = await place('sip:dave@sip.montague.lit');
            house.sidecar.local(id, PRINT);
            expect(confirm).not.toHaveBeenCalled();
            expect(house.said('invite')).toEqual([]);
            expect(house.sidecar.sent('call')[0]!.headers).toEqual([['Call-Info', `<xmpp:${ROMEO}>;purpose=impp`]]);
            expect(call().thread).toBeNull();
        });

        it('to a number names nobody; to an emergency number nothing is done but to call it', async () => {
            await open({
                settings: { sip_phonebook: [{ jid: MERCUTIO, sip: 'tel:112' }] },
            });
            const id = await place();
            house.sidecar.local(id, PRINT);
            expect(house.sidecar.sent('call')[0]).toEqual(jasmine.objectContaining({ headers: [] }));
            expect(house.said('invite')).toEqual([]);
        });

        for (const [setting, contact, stranger] of [
            ['always', 1, 1],
            ['contacts', 1, 0],
            ['never', 0, 0],
        ] as const) {
            it(`names the own JID as sip_send_jid says: ${setting}`, async () => {
                await open({ settings: { sip_send_jid: setting } });
                house.reachable();
                ends(await place(), 'busy');
                ends(await place('sip:dave@sip.montague.lit'), 'busy');
                expect(house.sidecar.sent('call').map(({ headers }) => headers.length)).toEqual([contact, stranger]);
                expect(house.phone.shared.get().jid).toBe(setting);
            });
        }

        it('tells those who may not see our presence the bare JID only', async () => {
            await open({ contacts: { [MERCUTIO]: 'to' } });
            house.reachable();
            const id = await place();
            house.sidecar.local(id, PRINT);
            const [, value] = house.sidecar.sent('call')[0]!.headers[0]!;
            expect(value).not.toContain('orchard');
            expect(value).not.toContain('id=');
            expect(value).toContain(`?message;thread=${call().thread!}`);
        });

        it('repeats JID and thread in the headers that the site names', async () => {
            await open({ settings: { sip_correlation_headers: ['X-XMPP-Contact', 'X-XMPP-Thread'] } });
            expect(house.sidecar.sent('connect')[0]!.config.correlationHeaders).toEqual([
                'X-XMPP-Contact',
                'X-XMPP-Thread',
            ]);
            house.reachable();
            await place();
            expect(house.sidecar.sent('call')[0]!.headers.slice(1)).toEqual([
                ['X-XMPP-Contact', ROMEO],
                ['X-XMPP-Thread', call().thread!],
            ]);
        });

        it('is confirmed to whom it is placed, and to nobody else', async () => {
            await open({ contacts: { [MERCUTIO]: 'both', [JULIET]: 'both', 'benvolio@montague.lit': 'to' } });
            house.reachable();
            const id = await place();
            const answers = (from: string, callId: string): string => {
                house.receive(question(from, callId, `${ROMEO}/orchard`));
                return text(house.connection.sent_stanzas.at(-1)!);
            };
            expect(answers(PHONE, id)).toContain('direction="initiator"><state>early</state>');
            answered(id);
            const answer = answers(PHONE, id);
            expect(answer).toContain('<state>confirmed</state>');
            expect(answer).toContain(`type="result" to="${PHONE}" id="v-${id}"`);
            const not = '<error type="cancel"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>';
            for (const [who, callId] of [
                [`${JULIET}/balcony`, id],
                ['benvolio@montague.lit/x', id],
                [`${MALLORY}/x`, id],
                [PHONE, 'another'],
            ] as const) {
                expect(answers(who, callId)).withContext(who).toContain(not);
            }
            ends(id, 'hung-up');
            expect(answers(PHONE, id)).withContext('over').toContain(not);
        });

        it('is confirmed ten times a minute to each who asks', async () => {
            await open();
            house.reachable();
            const id = await place();
            const ask = (): boolean => {
                house.receive(question(PHONE, id, `${ROMEO}/orchard`));
                return text(house.connection.sent_stanzas.at(-1)!).includes('initiator');
            };
            expect(Array.from({ length: 12 }, ask).filter(Boolean).length).toBe(10);
            house.wheel.turn(60_000);
            expect(ask()).toBeTrue();
        });
    });

    describe('a call in', () => {
        it('is verified by the announcement, whichever comes first, and answered in its conversation', async () => {
            await open();
            house.message(PHONE, invite({ callId: 'K', thread: 'T', prints: [PRINT] }));
            const id = house.sidecar.incoming({
                sipCallId: 'K',
                from: 'sip:anything@elsewhere.example',
                remote: FROM_MERCUTIO,
            });
            expect(identity()).toEqual(
                jasmine.objectContaining({ level: 'media-bound', jid: MERCUTIO, trusted: true }),
            );
            expect(call().thread).toBe('T');
            expect(house.sidecar.sent('ring')).toEqual([{ type: 'ring', callId: id }]);
            house.phone.answer(id, { video: false });
            expect(house.sidecar.sent('answer')[0]!.headers).toEqual([
                ['Call-Info', `<xmpp:${ROMEO}>;purpose=impp, <xmpp:${ROMEO}/orchard?message;thread=T>;purpose=impp`],
            ]);
            house.sidecar.local(id, OTHER_PRINT);
            const message = only('accept');
            expect(message.getAttribute('to')).toBe(PHONE);
            expect(text(message)).toContain(
                `<accept xmlns="urn:xmpp:call-invites:0" id="ci-1">` +
                    `<dialog xmlns="urn:ietf:params:xml:ns:dialog-info" id="ci-1" call-id="K" direction="recipient">` +
                    `<state code="200">confirmed</state><local><identity>${OWN}</identity>` +
                    `<fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256" setup="active">${OTHER_PRINT.slice(8)}</fingerprint></local>` +
                    `<remote><fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256" setup="actpass">${PRINT.slice(8)}</fingerprint></remote>` +
                    `</dialog></accept><store xmlns="urn:xmpp:hints"/>`,
            );
            answered(id);
            ends(id, 'hung-up');
            expect(only('left').getAttribute('to')).toBe(PHONE);
        });

        it('rises while it rings, and is accepted when the announcement comes after the answer', async () => {
            await open();
            const id = house.sidecar.incoming({ remote: FROM_MERCUTIO });
            expect(identity().level).toBe('none');
            house.reachable();
            expect(identity()).toEqual(
                jasmine.objectContaining({ level: 'listed', trusted: true, reasons: ['address-listed'] }),
            );
            house.phone.answer(id, { video: false });
            house.sidecar.local(id, OTHER_PRINT);
            answered(id);
            expect(house.said('accept')).toEqual([]);
            house.message(PHONE, invite({ callId: id, prints: [OTHER_PRINT] }));
            expect(identity()).toEqual(
                jasmine.objectContaining({ level: 'announced', reasons: ['media-relayed', 'announced'] }),
            );
            expect(only('accept').getAttribute('to')).toBe(PHONE);
        });

        it('of a contact is verified by a received carbon, too: the announcement reached another device', async () => {
            await open();
            house.carbon('received', PHONE, ROMEO, invite());
            house.sidecar.incoming({ remote: FROM_MERCUTIO });
            expect(identity()).toEqual(jasmine.objectContaining({ level: 'announced', jid: MERCUTIO }));
        });

        for (const [what, send] of [
            [
                'a carbon that is not from the own account',
                (h: House) => h.carbon('received', PHONE, ROMEO, invite(), MALLORY),
            ],
            ['a carbon of what we are said to have sent', (h: House) => h.carbon('sent', PHONE, ROMEO, invite())],
            [
                'an hour-old message',
                (h: House) =>
                    h.message(PHONE, invite({ more: `<delay xmlns='urn:xmpp:delay' stamp='2026-01-05T11:00:00Z'/>` })),
            ],
            [
                'the archive, which nobody asked',
                (h: House) =>
                    h.receive(
                        `<message xmlns='jabber:client' from='${ROMEO}' to='${ROMEO}/orchard'>` +
                            `<result xmlns='urn:xmpp:mam:2' queryid='q' id='1'><forwarded xmlns='urn:xmpp:forward:0'>` +
                            `<delay xmlns='urn:xmpp:delay' stamp='2026-01-05T11:59:59Z'/>` +
                            `<message xmlns='jabber:client' from='${PHONE}' to='${ROMEO}' type='chat'>${invite()}</message>` +
                            `</forwarded></result></message>`,
                    ),
            ],
            [
                'a room',
                (h: House) =>
                    h.receive(
                        `<message xmlns='jabber:client' from='room@muc.example/Mercutio' to='${ROMEO}/orchard' type='groupchat'>${invite()}</message>`,
                    ),
            ],
            [
                'an error',
                (h: House) =>
                    h.receive(
                        `<message xmlns='jabber:client' from='${PHONE}' to='${ROMEO}/orchard' type='error'>${invite()}</message>`,
                    ),
            ],
            ['the wrong direction', (h: House) => h.message(PHONE, invite({ direction: 'recipient' }))],
            ['an answer instead', (h: House) => h.message(PHONE, accept())],
            ['an answer of the caller', (h: House) => h.message(PHONE, accept({ direction: 'initiator' }))],
            [
                'a chat message with the Call-ID',
                (h: House) =>
                    h.message(
                        PHONE,
                        `<body>hi</body><headers xmlns='http://jabber.org/protocol/shim'><header name='Call-ID'>in-1</header></headers>`,
                    ),
            ],
        ] as const) {
            it(`is not verified by ${what}`, async () => {
                await open();
                send(house);
                house.sidecar.incoming({ from: 'sip:m@elsewhere.example', remote: FROM_MERCUTIO });
                send(house);
                await settled();
                expect(identity().level).toBe('none');
                expect(calls().length).toBe(1);
            });
        }

        it('is never rung, answered or ended by what chat says', async () => {
            await open();
            house.message(PHONE, invite());
            expect(calls()).toEqual([]);
            house.sidecar.incoming();
            house.message(PHONE, over('retract', 'ci-1', 'cancel'));
            house.message(PHONE, over('left', 'ci-1', 'success'));
            house.message(PHONE, over('reject'));
            house.message(PHONE, accept({ direction: 'recipient' }));
            expect(call().state.name).toBe('incoming');
            const harmless = ['connect', 'describe', 'devices', 'ring'];
            expect(house.sidecar.commands.filter(({ type }) => !harmless.includes(type))).toEqual([]);
        });

        it('is a conflict where Call-Info names one and another announces (vector 6)', async () => {
            await open();
            house.message(`${MALLORY}/x`, invite({ callId: 'K' }));
            house.sidecar.incoming({
                sipCallId: 'K',
                from: 'sip:m@elsewhere.example',
                remote: { ...FROM_MERCUTIO, callInfo: [`<xmpp:${MERCUTIO}>;purpose=impp`] },
            });
            expect(identity()).toEqual(jasmine.objectContaining({ level: 'conflict', jid: null, trusted: false }));
        });

        it('from a listed address announced by somebody else is a conflict (vector 9)', async () => {
            await open();
            house.reachable();
            const id = house.sidecar.incoming();
            house.message(`${MALLORY}/x`, invite());
            expect(identity()).toEqual(
                jasmine.objectContaining({ level: 'conflict', reasons: ['someone-else-announced'] }),
            );
            house.phone.decline(id);
            ends(id, 'declined');
            expect(house.said('reject')).withContext('nobody is told').toEqual([]);
        });

        it('announced by the one it is of stays that one’s, whoever else announces it (vector 10)', async () => {
            await open();
            house.reachable();
            house.sidecar.incoming();
            house.message(`${MALLORY}/x`, invite());
            house.message(PHONE, invite());
            house.message('eve@example.com/x', invite());
            expect(identity()).toEqual(jasmine.objectContaining({ level: 'announced', jid: MERCUTIO }));
        });

        it('of a foreign domain with a listed address has neither name nor face (vector 11)', async () => {
            await open({ settings: { sip_trusted_domains: ['sip.example.net'] } });
            house.reachable();
            house.sidecar.incoming();
            expect(identity()).toEqual(
                jasmine.objectContaining({ level: 'listed', jid: MERCUTIO, trusted: false, unconfirmed: false }),
            );
            house.wheel.turn(1_000);
            await house.disco(PHONE, VERIFY);
            house.answer(await house.iq(VERIFY), '', 'error');
            house.wheel.turn(2_000);
            await until('unconfirmed', () => identity().unconfirmed);
            expect(identity().reasons).toEqual(['not-confirmed', 'address-listed', 'domain-not-trusted']);
        });

        it('crossed with another by an attacker is correlated for display, and verified by nobody (vector 8)', async () => {
            await open();
            house.reachable();
            const id = house.sidecar.incoming({
                sipCallId: 'K',
                from: 'sip:m@elsewhere.example',
                remote: { ...NO_REMOTE, callInfo: [`<xmpp:${PHONE}?message;thread=T>;purpose=impp`] },
            });
            expect(identity()).toEqual(jasmine.objectContaining({ level: 'claimed', jid: MERCUTIO }));
            house.message(
                PHONE,
                `<body>hi</body><headers xmlns='http://jabber.org/protocol/shim'><header name='Call-ID'>K</header></headers>`,
            );
            expect(identity().level).toBe('claimed');
            house.receive(question(PHONE, 'K', `${ROMEO}/orchard`));
            expect(text(house.connection.sent_stanzas.at(-1)!)).toContain('item-not-found');
            house.wheel.turn(1_000);
            const asked = await house.iq(VERIFY);
            expect(asked.getAttribute('to')).toBe(PHONE);
            house.answer(asked, '', 'error');
            await settled();
            expect(call(id)).toEqual(jasmine.objectContaining({ thread: null }));
            expect(identity().level).toBe('claimed');
        });

        it('that nobody announced is asked about after a second, and verified by the answer', async () => {
            await open();
            house.reachable();
            house.sidecar.incoming();
            house.wheel.turn(999);
            await settled();
            expect(
                house.iqs('http://jabber.org/protocol/disco#info').some((iq) => iq.getAttribute('to') === PHONE),
            ).toBeFalse();
            house.wheel.turn(1);
            await house.disco(PHONE, VERIFY);
            const asked = await house.iq(VERIFY);
            expect(asked.getAttribute('to')).toBe(PHONE);
            expect(asked.firstElementChild?.getAttribute('call-id')).toBe('in-1');
            house.answer(asked, verified('in-1'));
            await until('verified', () => identity().level === 'announced');
            expect(identity().reasons).toEqual(['verified']);
            house.wheel.turn(3_000);
            expect(identity().unconfirmed).toBeFalse();
        });

        for (const [what, answer] of [
            ['another call', verified('in-2')],
            ['the wrong direction', verified('in-1', 'recipient')],
            ['nothing', ''],
        ] as const) {
            it(`is not verified by an answer that speaks of ${what}`, async () => {
                await open();
                house.reachable();
                house.sidecar.incoming();
                house.wheel.turn(1_000);
                await house.disco(PHONE, VERIFY);
                house.answer(await house.iq(VERIFY), answer);
                await settled();
                expect(identity().level).toBe('listed');
            });
        }

        it('of a stranger asks nobody', async () => {
            await open({ contacts: { [MERCUTIO]: 'both', [JULIET]: 'to' } });
            for (const [index, jid] of [`${MALLORY}/x`, `${JULIET}/balcony`].entries()) {
                const id = house.sidecar.incoming({
                    callId: `in-${String(index)}`,
                    from: 'sip:m@elsewhere.example',
                    remote: { ...NO_REMOTE, callInfo: [`<xmpp:${jid}>;purpose=impp`] },
                });
                house.wheel.turn(4_000);
                await settled();
                ends(id, 'cancelled');
            }
            expect(house.iqs(VERIFY)).toEqual([]);
        });

        it('with the Call-ID of another does not get the other’s answer', async () => {
            await open({ settings: { sip_accept_from: 'anyone' } });
            house.reachable();
            const id = house.sidecar.incoming({ sipCallId: 'K', remote: { ...NO_REMOTE, contact: 'sip:a@192.0.2.1' } });
            ends(id, 'cancelled');
            house.sidecar.incoming({
                callId: 'in-2',
                sipCallId: 'K',
                remote: { ...NO_REMOTE, contact: 'sip:b@192.0.2.2' },
            });
            house.wheel.turn(1_000);
            await settled();
            expect(house.iqs(VERIFY)).toEqual([]);
        });

        it('of somebody whose client announced before is doubted when it does not, also over a login', async () => {
            await open();
            house.reachable();
            const id = house.sidecar.incoming();
            house.message(PHONE, invite());
            ends(id, 'cancelled');
            house.receive(`<presence xmlns='jabber:client' from='${PHONE}' to='${ROMEO}/orchard' type='unavailable'/>`);
            house.reachable(MERCUTIO);
            house.sidecar.incoming({ callId: 'in-2' });
            house.wheel.turn(2_999);
            expect(identity().unconfirmed).toBeFalse();
            house.wheel.turn(1);
            expect(identity()).toEqual(jasmine.objectContaining({ level: 'listed', unconfirmed: true }));
        });

        it('that is declined tells the contact who announced it, and no stranger', async () => {
            await open();
            const id = house.sidecar.incoming();
            house.message(PHONE, invite());
            house.phone.decline(id);
            ends(id, 'declined');
            const reject = only('reject');
            expect(reject.getAttribute('to')).toBe(PHONE);
            expect(text(reject)).toContain('<decline/>');
            const next = house.sidecar.incoming({ callId: 'in-2' });
            house.message(`${MALLORY}/x`, invite({ id: 'ci-2', callId: 'in-2' }));
            expect(identity()).toEqual(jasmine.objectContaining({ level: 'announced', jid: MALLORY, contact: false }));
            house.phone.decline(next);
            ends(next, 'declined');
            only('reject');
        });

        it('while another is up tells the contact that we are busy', async () => {
            await open();
            house.reachable();
            await place('sip:dave@sip.montague.lit');
            house.message(PHONE, invite());
            house.sidecar.incoming();
            expect(house.sidecar.sent('decline')).toEqual([{ type: 'decline', callId: 'in-1', as: 'busy' }]);
            expect(text(only('reject'))).toContain('<busy/>');
        });

        describe('taken on another device', () => {
            it('stops ringing, and is no missed call', async () => {
                await open();
                house.reachable();
                house.sidecar.incoming();
                house.message(PHONE, invite());
                house.carbon('sent', `${ROMEO}/tablet`, PHONE, accept());
                expect(call().state).toEqual(jasmine.objectContaining({ name: 'ended', reason: 'answered-elsewhere' }));
                expect(house.sidecar.sent('decline')).toEqual([{ type: 'decline', callId: 'in-1', as: 'refused' }]);
                expect(house.said('reject')).toEqual([]);
            });

            it('stops ringing where it was declined, but not where that device was busy', async () => {
                await open();
                house.sidecar.incoming();
                house.message(PHONE, invite());
                house.carbon('sent', `${ROMEO}/tablet`, PHONE, over('reject', 'ci-1', 'busy'));
                expect(call().state.name).toBe('incoming');
                house.carbon('sent', `${ROMEO}/tablet`, PHONE, over('reject', 'ci-1', 'decline'));
                expect(call().state.name).toBe('ended');
            });

            it('before it comes in here is not rung', async () => {
                await open();
                house.carbon('received', PHONE, ROMEO, invite());
                house.carbon('sent', `${ROMEO}/tablet`, PHONE, accept());
                house.sidecar.incoming();
                expect(call().state).toEqual(jasmine.objectContaining({ name: 'ended', reason: 'answered-elsewhere' }));
            });

            it('goes on ringing where somebody else says so', async () => {
                await open();
                house.sidecar.incoming();
                house.message(PHONE, invite());
                house.carbon('sent', `${ROMEO}/tablet`, PHONE, accept(), MALLORY);
                house.carbon('sent', `${MALLORY}/x`, PHONE, accept());
                house.message(PHONE, accept());
                house.carbon('sent', `${ROMEO}/tablet`, PHONE, accept({ id: 'ci-2', callId: 'in-2' }));
                expect(call().state.name).toBe('incoming');
            });
        });

        it('does not tell who only claims to be a contact our device', async () => {
            await open();
            const id = house.sidecar.incoming({
                from: 'sip:m@elsewhere.example',
                remote: { ...NO_REMOTE, callInfo: [`<xmpp:${PHONE}?message;thread=T;id=ci-1>;purpose=impp`] },
            });
            house.phone.answer(id, { video: false });
            expect(house.sidecar.sent('answer')[0]!.headers).toEqual([['Call-Info', `<xmpp:${ROMEO}>;purpose=impp`]]);
        });

        it('does not tell our device to who only uses a contact’s address', async () => {
            await open({ settings: { sip_trusted_domains: ['sip.example.net'] } });
            house.reachable();
            const id = house.sidecar.incoming();
            house.phone.answer(id, { video: false });
            expect(identity()).toEqual(jasmine.objectContaining({ level: 'listed', trusted: false }));
            expect(house.sidecar.sent('answer')[0]!.headers).toEqual([['Call-Info', `<xmpp:${ROMEO}>;purpose=impp`]]);
        });

        it('from a number or nobody is told nothing', async () => {
            await open();
            for (const [index, from] of ['', 'sip:+13035551212@sip.montague.lit;user=phone'].entries()) {
                const id = house.sidecar.incoming({ callId: `in-${String(index)}`, from });
                house.phone.answer(id, { video: false });
                ends(id, 'hung-up');
            }
            expect(house.sidecar.sent('answer').map(({ headers }) => headers)).toEqual([[], []]);
        });
    });

    describe('who may ring', () => {
        const refused = (): unknown[] => house.sidecar.sent('decline').map(({ as }) => as);

        it('sip_accept_from contacts: those whose address is listed, and contacts who announce', async () => {
            await open({ settings: { sip_accept_from: 'contacts' } });
            house.sidecar.incoming();
            expect(refused()).toEqual(['refused']);
            expect(calls()).toEqual([]);
            house.message(`${MALLORY}/x`, invite({ id: 'ci-2', callId: 'in-2' }));
            house.sidecar.incoming({ callId: 'in-2' });
            expect(refused()).withContext('a stranger').toEqual(['refused', 'refused']);
            house.message(PHONE, invite({ id: 'ci-3', callId: 'in-3' }));
            house.sidecar.incoming({ callId: 'in-3' });
            expect(call('in-3').state.name).toBe('incoming');
        });

        it('sip_accept_from verified: nobody rings before the confirmation, and three seconds are all there is', async () => {
            await open({ settings: { sip_accept_from: 'verified' } });
            house.reachable();
            house.sidecar.incoming();
            expect([house.sidecar.sent('ring'), calls()]).toEqual([[], []]);
            house.wheel.turn(1_000);
            await house.disco(PHONE, VERIFY);
            house.answer(await house.iq(VERIFY), verified('in-1'));
            await until('rings', () => house.sidecar.sent('ring')[0]);
            expect(identity().level).toBe('announced');
            ends('in-1', 'cancelled');

            house.sidecar.incoming({ callId: 'in-2' });
            house.wheel.turn(3_000);
            expect(refused()).toEqual(['refused']);
            house.message(PHONE, invite({ id: 'ci-2', callId: 'in-2' }));
            expect(house.sidecar.sent('ring').length).toBe(1);
            expect([...house.said('reject'), ...house.said('accept')]).toEqual([]);
        });

        it('strangers who announce open no conversation, unless the person takes their call', async () => {
            await open();
            await house.disco('montague.lit', 'urn:xmpp:blocking');
            house.answer(await house.iq('urn:xmpp:blocking'), `<blocklist xmlns='urn:xmpp:blocking'/>`);
            await until('block list', () => house._converse.state.blocklist);
            await settled();
            for (const taken of [false, true]) {
                const callId = `in-${String(taken)}`;
                house.message(`${MALLORY}/x`, invite({ id: `ci-${callId}`, callId }));
                house.sidecar.incoming({ callId, from: 'sip:mallory@example.com' });
                expect(call(callId).identity.jid).toBe(MALLORY);
                if (taken) answered(callId);
                ends(callId, taken ? 'hung-up' : 'cancelled');
                await settled();
                if (!taken) expect(house._converse.state.chatboxes?.get(MALLORY)).toBeUndefined();
            }
            expect(house.phone.otherCalls.get().map(({ reason }) => reason)).toEqual(['cancelled']);
            expect((await house.chat(MALLORY)).messages.length).toBe(1);
        });

        it('whom the phone book of the site names is shown by that name, and is no contact by it', async () => {
            const dave = { jid: 'dave@example.net', sip: 'sip:dave@sip.montague.lit', name: 'Dave <b>D</b>' };
            await open({ settings: { sip_phonebook: [dave] } });
            expect(house.phone.person(dave.jid)).toEqual({ jid: dave.jid, name: dave.name, model: null });
            house.sidecar.incoming({ from: dave.sip });
            const { identity } = call();
            expect([identity.jid, identity.level, identity.contact]).toEqual([dave.jid, 'listed', false]);
            await house.logout();
            expect(house.phone.person(dave.jid)).toBeNull();
        });

        it('who rings and gives up again and again fills no history', async () => {
            await open();
            house.reachable();
            for (let i = 0; i < 25; i++) {
                house.sidecar.incoming({ callId: `in-${String(i)}` });
                ends(`in-${String(i)}`, 'cancelled');
            }
            const chat = await house.chat(MERCUTIO);
            await until('the entries', () => chat.messages.length === 20);
            expect(house.phone.otherCalls.get().length).toBe(5);
        });

        it('nobody, while Do not ring is on; it is remembered, and contacts are told', async () => {
            await open();
            house.reachable();
            house.phone.login?.setDoNotRing(true);
            house.message(PHONE, invite());
            house.sidecar.incoming();
            expect(refused()).toEqual(['refused']);
            expect(house.said('reject')).toEqual([]);
            const chat = await house.chat(MERCUTIO);
            const entry = await until('a quiet entry', () => chat.messages.get('sip-ci-1'));
            expect(entry.get('sip_call')).toEqual(jasmine.objectContaining({ reason: 'refused' }));
            expect(chat.get('num_unread')).toBe(0);
            house.wheel.turn(30_000);
            await until('closed', () => house.presences.some((each) => text(each).includes('>closed<')));
            house.phone.login?.setDoNotRing(false);
            house.sidecar.incoming({ callId: 'in-2' });
            expect(call('in-2').state.name).toBe('incoming');
        });

        it('rings without a sound while the person’s own status is dnd', async () => {
            await open();
            house._converse.state.profile!.set({ show: 'dnd' });
            house.sidecar.incoming();
            expect(call().silent).toBeTrue();
            expect(house.sidecar.sent('ring').length).toBe(1);
        });

        it('not those who are blocked, of whom nothing is left', async () => {
            await open();
            house.reachable();
            house.sidecar.incoming({ callId: 'before' });
            ends('before', 'cancelled');
            expect(house.phone.reach.get(MERCUTIO).addresses.length).toBe(1);
            await house.disco('montague.lit', 'urn:xmpp:blocking');
            house.answer(
                await house.iq('urn:xmpp:blocking'),
                `<blocklist xmlns='urn:xmpp:blocking'><item jid='${MALLORY}'/></blocklist>`,
            );
            await until('block list', () => house._converse.state.blocklist?.get(MALLORY));
            await settled();
            house.receive(
                `<iq xmlns='jabber:client' type='set' id='p1' to='${ROMEO}/orchard'>` +
                    `<block xmlns='urn:xmpp:blocking'><item jid='${MERCUTIO}'/></block></iq>`,
            );
            await until('blocked', () => house._converse.state.blocklist?.get(MERCUTIO));
            expect(house.phone.reach.get(MERCUTIO).addresses).withContext('claims are dropped').toEqual([]);
            house.reachable();
            expect(house.phone.reach.get(MERCUTIO).addresses).toEqual([]);
            const entries = (await house.chat(MERCUTIO)).messages.length;
            house.sidecar.incoming();
            house.sidecar.incoming({
                callId: 'in-2',
                from: 'sip:x@elsewhere.example',
                remote: { ...NO_REMOTE, callInfo: [`<xmpp:${MALLORY}>;purpose=impp`] },
            });
            await settled();
            expect(refused()).toEqual(['refused', 'refused']);
            expect(calls().map(({ id }) => id)).toEqual(['before']);
            expect((await house.chat(MERCUTIO)).messages.length).toBe(entries);
        });
    });

    describe('when both call at once', () => {
        const crossed = async (theirs: string): Promise<string> => {
            await open();
            house.reachable();
            const mine = await place();
            house.sidecar.local(mine, PRINT);
            house.message(PHONE, invite({ callId: theirs }));
            house.sidecar.incoming({ sipCallId: theirs });
            return mine;
        };

        it('the lower Call-ID survives: theirs is answered in the place of ours, which is withdrawn', async () => {
            const mine = await crossed('0');
            expect(house.sidecar.sent('hang-up')).toEqual([{ type: 'hang-up', callId: mine }]);
            expect(house.sidecar.sent('answer')).toEqual([jasmine.objectContaining({ callId: 'in-1', video: false })]);
            ends(mine, 'cancelled');
            expect(text(only('retract'))).toContain('<cancel/>');
        });

        it('ours goes on where it is the lower one; theirs stays silent', async () => {
            await crossed('z');
            expect(calls().length).toBe(1);
            expect([
                ...house.sidecar.sent('hang-up'),
                ...house.sidecar.sent('decline'),
                ...house.sidecar.sent('ring'),
            ]).toEqual([]);
        });

        it('to call somebody who rings is to answer', async () => {
            await open();
            house.reachable();
            house.sidecar.incoming();
            expect(house.phone.reach.get(MERCUTIO).problem).toBeNull();
            expect(await place()).toBe('in-1');
            expect(house.sidecar.sent('answer').length).toBe(1);
            expect(house.sidecar.sent('call')).toEqual([]);
        });

        it('to call somebody whom a stranger claims to be is not', async () => {
            await open();
            house.sidecar.incoming({
                from: 'sip:m@elsewhere.example',
                remote: { ...NO_REMOTE, callInfo: [`<xmpp:${MERCUTIO}>;purpose=impp`] },
            });
            house.reachable();
            expect(await house.phone.call(MERCUTIO, { video: false })).toEqual({ ok: false, problem: 'in-a-call' });
            expect(house.sidecar.sent('answer')).toEqual([]);
        });
    });

    it('lands in its conversation when it is answered, where it belongs to one', async () => {
        await open();
        const opened = spyOn(house._converse.api.chats, 'open').and.callThrough();
        house.reachable();
        const plain = house.sidecar.incoming();
        house.phone.answer(plain, { video: false });
        ends(plain, 'hung-up');
        expect(opened).not.toHaveBeenCalled();
        house.message(PHONE, invite({ callId: 'in-2', thread: 'T' }));
        const id = house.sidecar.incoming({ callId: 'in-2' });
        expect(opened).not.toHaveBeenCalled();
        house.phone.answer(id, { video: false });
        expect(opened.calls.allArgs().map(([jid]) => jid)).toEqual([MERCUTIO]);
    });

    it('opens the conversation of a call, of a contact or not', async () => {
        await open();
        const opened = spyOn(house._converse.api.chats, 'open').and.resolveTo(null);
        const id = house.sidecar.incoming({
            from: 'sip:m@elsewhere.example',
            remote: { ...NO_REMOTE, callInfo: [`<xmpp:${MALLORY}>;purpose=impp`] },
        });
        house.phone.chat(id);
        expect(opened.calls.mostRecent().args[0]).toBe(MALLORY);
        ends(id, 'cancelled');
        house.reachable();
        house.phone.chat(house.sidecar.incoming({ callId: 'in-2' }));
        expect(opened.calls.mostRecent().args[0]).toBe(MERCUTIO);
        opened.calls.reset();
        ends('in-2', 'cancelled');
        house.phone.chat(house.sidecar.incoming({ callId: 'in-3', from: '' }));
        house.phone.chat('nobody');
        expect(opened).not.toHaveBeenCalled();
    });

    describe('with a Converse that has calls of its own', () => {
        const dials = async (by: string): Promise<jasmine.Spy> => {
            await open({ settings: { sip_calls_by: by } });
            const dial = jasmine.createSpy('dial');
            (house._converse.api as { calls?: unknown }).calls = { dial };
            // In a page it is there from the beginning: what elements of another spec watch is computed anew.
            house.sidecar.emit({ type: 'registration', registration: { state: 'connecting', attempt: 2 } });
            house.sidecar.registered();
            return dial;
        };
        afterEach(() => {
            delete (house._converse.api as { calls?: unknown }).calls;
        });

        it('goes on by SIP as sip_calls_by has it by itself', async () => {
            const dial = await dials('sip');
            house.reachable();
            await place();
            expect(dial).not.toHaveBeenCalled();
        });

        it('hands persons over where it says xmpp, and calls addresses by SIP', async () => {
            const dial = await dials('xmpp');
            expect(house.phone.reach.get(MERCUTIO).problem).withContext('without any SIP address').toBeNull();
            expect(await house.phone.call(MERCUTIO, { video: true })).toEqual({ ok: false, problem: 'cancelled' });
            expect(dial.calls.allArgs()).toEqual([[MERCUTIO, { video: true }]]);
            await place('sip:dave@sip.montague.lit');
            expect(dial).toHaveBeenCalledTimes(1);
        });

        it('asks where it says so, and where there is a choice', async () => {
            const dial = await dials('ask');
            const answers: unknown[] = [false, [{ value: 'on' }], [{ value: null }]];
            const confirm = spyOn(house._converse.api as Required<ConverseApi>, 'confirm').and.callFake(() =>
                Promise.resolve(answers.shift()),
            );
            await house.phone.call(MERCUTIO, { video: false });
            expect([confirm.calls.count(), dial.calls.count()]).withContext('no SIP address').toEqual([0, 1]);
            house.reachable();
            const placed = [];
            for (let round = 0; round < 3; round++)
                placed.push((await house.phone.call(MERCUTIO, { video: false })).ok);
            expect(placed).toEqual([false, false, true]);
            expect(dial).toHaveBeenCalledTimes(2);
            expect(confirm.calls.first().args[0]).toBe(`Call ${MERCUTIO}?`);
        });

        it('leaves Converse’s own button to Converse', async () => {
            await dials('sip');
            house.reachable();
            const chat = await house._converse.api.chats.open(MERCUTIO, {}, true);
            house._converse.api.trigger('callButtonClicked', { model: chat });
            await settled();
            expect(house.sidecar.sent('call')).toEqual([]);
        });
    });

    it('what was learned of a contact who is removed is dropped at once, also for a call that rings', async () => {
        await open();
        house.reachable();
        house.sidecar.incoming();
        expect(identity().level).toBe('listed');
        house.receive(
            `<iq xmlns='jabber:client' type='set' id='r1' to='${ROMEO}/orchard'><query xmlns='jabber:iq:roster'>` +
                `<item jid='${MERCUTIO}' subscription='remove'/></query></iq>`,
        );
        await until('gone', () => identity().level === 'none');
        expect(house.phone.reach.get(MERCUTIO).addresses).toEqual([]);
    });

    describe('a call of another page', () => {
        const described = async (): Promise<{ id: string; about: unknown; entry: Call }> => {
            await open();
            house.reachable();
            const id = await place();
            house.sidecar.local(id, OTHER_PRINT);
            house.sidecar.remote(id, { fingerprints: [PRINT] });
            house.sidecar.call(id, { type: 'answered', at: 1_000 }, { type: 'connected', at: 1_001 });
            house.sidecar.call(id, { type: 'media', media: { microphone: 'muted' } });
            const announcement = only('invite').getAttribute('id')!;
            house.message(PHONE, accept({ id: announcement, callId: id, prints: [PRINT], seen: [OTHER_PRINT] }));
            expect(identity().level).toBe('media-bound');
            const about = structuredClone(house.sidecar.sent('describe').at(-1)!.about);
            return { id, about, entry: call(id) };
        };

        it('goes on: at once to be seen, announced and verified anew, and one entry in the end', async () => {
            const { id, about, entry } = await described();
            await open();
            house.reachable();
            house.sidecar.emit({ type: 'continued', callId: id, about });
            expect(call(id)).toEqual(
                jasmine.objectContaining({
                    startedAt: entry.startedAt,
                    thread: entry.thread,
                    identity: jasmine.objectContaining({ level: 'listed' }),
                    state: jasmine.objectContaining({
                        name: 'interrupted',
                        answeredAt: 1_000,
                        media: jasmine.objectContaining({ microphone: 'muted' }),
                    }),
                }),
            );
            expect(house.said('invite')).toEqual([]);
            house.sidecar.emit({ type: 'local', callId: id, fingerprints: [OTHER_PRINT], sipCallId: 'NEW' });
            const announcement = only('invite');
            expect(text(announcement)).toContain(`<replaces call-id="${id}"/>`);
            house.sidecar.remote(id, { fingerprints: [PRINT] }, 'NEW');
            house.sidecar.call(id, { type: 'connected', at: 9_000 });
            const answer = {
                id: announcement.getAttribute('id')!,
                callId: 'NEW',
                prints: [PRINT],
                seen: [OTHER_PRINT],
            };
            house.message(`${MERCUTIO}/other`, accept(answer));
            expect(call(id).state.name).toBe('active');
            expect(identity().level).toBe('media-bound');
            house.sidecar.call(id, { type: 'ended', reason: 'hung-up', at: 61_000 });
            expect(only('left').getAttribute('to')).toBe(`${MERCUTIO}/other`);
            const entries = async (): Promise<readonly LoggedCall[]> => {
                const chat = await house._converse.api.chats.get(MERCUTIO);
                return (chat?.messages.models ?? []).flatMap(
                    (each) => (each.get('sip_call') as LoggedCall | undefined) ?? [],
                );
            };
            await eventually('the entry', async () => (await entries())[0]);
            expect((await entries()).map(({ answeredAt, endedAt }) => [answeredAt, endedAt])).toEqual([
                [1_000, 61_000],
            ]);
        });

        it('of which nothing can be read ends, for nobody could see it', async () => {
            const { id, about } = await described();
            await open();
            house.sidecar.emit({ type: 'continued', callId: id, about: 'rubbish' });
            house.sidecar.emit({ type: 'continued', callId: 'another', about });
            await settled();
            expect(house.sidecar.sent('hang-up').map(({ callId }) => callId)).toEqual([id, 'another']);
            expect(calls()).toEqual([]);
        });

        it('is shown without a sound while another tab has it, and nothing is said or written of it', async () => {
            const { id, about } = await described();
            const known = (about as { known: string }).known;
            await open();
            house.reachable();
            house.sidecar.emit({ type: 'registration', registration: { state: 'elsewhere' } });
            house.sidecar.emit({
                type: 'mirrored',
                calls: [
                    { callId: id, about },
                    { callId: 'x', about: 'rubbish' },
                ],
            });
            expect(calls()).toEqual([jasmine.objectContaining({ id, elsewhere: true, silent: true })]);
            expect(house.phone.reach.get(MERCUTIO).problem).toBe('in-a-call');
            expect(await house.phone.call(MERCUTIO, { video: false })).toEqual({ ok: false, problem: 'in-a-call' });
            house.phone.mute(id, true);
            house.phone.hangUp(id);
            expect(house.sidecar.commands.slice(-2)).toEqual([
                { type: 'mute', callId: id, on: true },
                { type: 'hang-up', callId: id },
            ]);
            house.carbon('sent', `${ROMEO}/other`, MERCUTIO, invite({ id: known, callId: id }));
            house.message(PHONE, accept({ id: known, callId: id }));
            house.sidecar.emit({ type: 'mirrored', calls: [] });
            expect(calls()).toEqual([]);
            house.carbon('sent', `${ROMEO}/other`, MERCUTIO, over('left', known, 'success'));
            house.wheel.turn(200_000);
            await settled();
            expect(['accept', 'left', 'invite', 'reject'].flatMap((type) => house.said(type))).toEqual([]);
            const chat = await house._converse.api.chats.get(MERCUTIO);
            expect(chat?.messages.models.filter((each) => each.get('sip_call')) ?? []).toEqual([]);
        });

        it('that rings is answered where the registration is', async () => {
            await open();
            house.sidecar.incoming();
            const about = structuredClone(house.sidecar.sent('describe').at(-1)!.about);
            house.sidecar.emit({ type: 'asked', callId: 'in-1', video: false, listenOnly: true });
            const [answered] = house.sidecar.sent('answer');
            expect(answered).toEqual(jasmine.objectContaining({ callId: 'in-1', listenOnly: true }));
            await open();
            house.sidecar.emit({ type: 'mirrored', calls: [{ callId: 'in-1', about }] });
            house.phone.answer('in-1', { video: false });
            house.phone.decline('in-1');
            expect(house.sidecar.commands.slice(-2).map(({ type }) => type)).toEqual(['answer', 'decline']);
        });
    });

    describe('a call from a tab that has not the registration', () => {
        const elsewhere = async (): Promise<{ readonly placed: Promise<unknown> }> => {
            await open();
            house.reachable();
            house.sidecar.emit({ type: 'registration', registration: { state: 'elsewhere' } });
            expect(house.phone.reach.get(MERCUTIO).problem).toBeNull();
            const placed = house.phone.call(MERCUTIO, { video: false });
            await until('it asks for it', () => house.sidecar.sent('take-over')[0]);
            expect(house.sidecar.sent('call')).toEqual([]);
            return { placed };
        };

        it('is placed once it has it', async () => {
            const { placed } = await elsewhere();
            house.sidecar.registered();
            expect(await placed).toEqual(jasmine.objectContaining({ ok: true }));
            expect(house.sidecar.sent('call').length).toBe(1);
        });

        it('is not placed where it does not get it', async () => {
            const { placed } = await elsewhere();
            house.wheel.turn(5_000);
            expect(await placed).toEqual({ ok: false, problem: 'elsewhere' });
        });
    });
});
