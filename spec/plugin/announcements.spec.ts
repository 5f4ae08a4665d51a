import fc from 'fast-check';
import { AddressBook } from '../../src/plugin/address-book/book.js';
import { announcementId, Announcements } from '../../src/plugin/announcements.js';
import { Correlation } from '../../src/plugin/correlation.js';
import type { Call } from '../../src/plugin/phone.js';
import { classify } from '../../src/plugin/stanzas/delivery.js';
import type { EndReason } from '../../src/sip-sidecar/contract/index.js';
import { accept, invite, over, PRINT } from './support/call-events.js';
import { NO_REMOTE } from './support/fake-sidecar.js';
import { Wheel } from './support/wheel.js';
import { text, xml } from './support/xml.js';

const ALICE = 'alice@example.org';
const BOB = 'bob@example.net';
const OWN = { aor: 'sip:alice@sip.example.org', target: 'sip:alice@sip.example.org;gr=urn:uuid:1' };

describe('announcements', () => {
    let wheel: Wheel;
    let correlation: Correlation;
    let sent: Element[];
    let taken: string[];
    let contacts: Set<string>;
    let own: typeof OWN | null;
    let announcements: Announcements;
    beforeEach(() => {
        wheel = new Wheel();
        sent = [];
        taken = [];
        contacts = new Set([BOB]);
        own = OWN;
        correlation = new Correlation({
            book: new AddressBook(() => undefined),
            clock: wheel,
            trustedDomains: [],
            isContact: (jid) => contacts.has(jid),
            isOwn: () => false,
            threads: { current: () => null, knows: () => false },
            changed: () => undefined,
        });
        announcements = new Announcements({
            clock: wheel,
            correlation,
            send: (stanza) => sent.push(stanza),
            own: () => own,
            takenElsewhere: (id, as) => taken.push(as === 'declined' ? `${id} ${as}` : id),
            announced: () => undefined,
        });
    });
    const hears = (payload: string, from = `${BOB}/web`): void =>
        announcements.onMessage(
            classify(
                xml(`<message xmlns='jabber:client' type='chat' from='${from}' to='${ALICE}/x'>${payload}</message>`),
                ALICE,
            ),
        );
    const rings = (callId = 'in-1'): void =>
        correlation.incoming({
            callId,
            sipCallId: callId,
            from: 'sip:bob@sip.example.net',
            asserted: false,
            displayName: '',
            video: false,
            to: '',
            remote: NO_REMOTE,
        });
    const places = (id = 'out-1', announcement: string | null = 'ci-9', dialled: string | null = BOB): void =>
        correlation.placed({
            id,
            address: 'sip:bob@sip.example.net',
            dialled,
            device: '',
            video: false,
            announcementId: announcement,
            thread: null,
        });
    const local = (id: string): void => {
        correlation.local(id, [PRINT]);
        announcements.onLocal(id);
    };
    const ends = (
        id: string,
        reason: EndReason,
        answeredAt: number | null = null,
        status: number | null = null,
    ): void => {
        const { direction } = correlation.tie(id) ?? { direction: 'incoming' };
        const state = { name: 'ended', reason, answeredAt, endedAt: 9, problem: null, status } as const;
        announcements.ended({ id, direction, state, ...correlation.look(id) } as unknown as Call, reason);
        correlation.ended(id);
    };
    const said = (): string[] => sent.map((each) => each.firstElementChild?.localName ?? '');

    it('have an id of their own each, and none for emergency numbers', () => {
        expect(announcementId('sip:bob@sip.example.net')).not.toBe(announcementId('sip:bob@sip.example.net'));
        expect(announcementId('sip:112@sip.example.net;user=phone')).toBeNull();
        expect(announcementId('tel:911')).toBeNull();
        expect(announcementId('tel:+13035551212')).toMatch(/^ci-/u);
        expect(announcementId('')).toBeNull();
    });

    it('are made once a call, with a JID and a registration', () => {
        places('a', null);
        places('b', 'ci-1', null);
        for (const id of ['a', 'b', 'nobody']) local(id);
        own = null;
        places('c');
        local('c');
        own = OWN;
        expect(said()).toEqual([]);
        local('c');
        local('c');
        expect(said()).toEqual(['invite']);
        expect(text(sent[0]!)).toContain(OWN.target);
    });

    it('are made again where the call goes on by another INVITE, and answered again', () => {
        places();
        local('out-1');
        hears(accept({ id: 'ci-9', callId: 'out-1' }));
        correlation.local('out-1', [PRINT], 'NEW');
        announcements.onLocal('out-1');
        announcements.onLocal('out-1');
        expect(said()).toEqual(['invite', 'invite']);
        const again = text(sent[1]!);
        expect(sent[1]!.getAttribute('to')).withContext('whichever device it is on').toBe(BOB);
        expect(sent[1]!.getAttribute('id')).toMatch(/^ci-/u);
        expect(again).toContain('call-id="NEW"');
        expect(again).toMatch(/<replaces[^>]* call-id="out-1"\/>/u);
        expect(again).not.toMatch(/-tag/u);
        // Then they go on with it
        correlation.remote('out-1', 'THEIRS', NO_REMOTE);
        hears(invite({ id: 'ci-b', callId: 'THEIRS' }), `${BOB}/phone`);
        announcements.onLocal('out-1');
        expect(said()).toEqual(['invite', 'invite', 'accept']);
        expect(sent[2]!.getAttribute('to')).toBe(`${BOB}/phone`);
        expect(text(sent[2]!)).toContain('call-id="THEIRS"');
        ends('out-1', 'hung-up', 5);
        expect(text(sent[3]!))
            .withContext('by what every device knows it')
            .toContain('<left xmlns="urn:xmpp:call-invites:0" id="ci-9"');
    });

    it('are made again by the page that goes on with a call, where the one before had made or heard any', () => {
        const call = { address: 'sip:bob@sip.example.net', video: false, thread: null, sipCallIds: ['K'] };
        const identity = { jid: BOB, level: 'announced' };
        for (const [id, known] of [
            ['one', 'ci-1'],
            ['two', null],
        ] as const) {
            const tie = correlation.restored({
                call: { ...call, id, identity } as unknown as Call,
                dialled: null,
                known,
                source: 'dialled',
                leg: 'K',
            });
            announcements.restored(tie, BOB);
            correlation.local(id, [PRINT], `NEW-${id}`);
            announcements.onLocal(id);
        }
        expect(said()).toEqual(['invite']);
        expect(text(sent[0]!)).toContain('call-id="NEW-one"');
        ends('one', 'hung-up', 5);
        ends('two', 'hung-up', 5);
        expect(said()).toEqual(['invite', 'left']);
        expect(sent[1]!.getAttribute('to')).toBe(BOB);
    });

    it('never hold tags, with which a call could be taken over', () => {
        places();
        local('out-1');
        hears(invite({ callId: 'in-1' }));
        rings();
        local('in-1');
        expect(said()).toEqual(['invite', 'accept']);
        for (const each of sent) expect(text(each)).not.toMatch(/-tag/u);
    });

    for (const [reason, event, condition] of [
        ['hung-up', 'left', 'success'],
        ['media-failed', 'left', 'media-error'],
        ['connection-lost', 'left', 'connectivity-error'],
    ] as const) {
        it(`of an answered call end with ${event} and ${condition} (${reason}), on both sides, once`, () => {
            places();
            local('out-1');
            hears(invite());
            rings();
            local('in-1');
            sent.length = 0;
            ends('out-1', reason, 5);
            ends('in-1', reason, 5);
            ends('out-1', reason, 5);
            expect(said()).toEqual([event, event]);
            for (const each of sent) expect(text(each)).toContain(`<${condition} `);
        });
    }

    for (const [reason, condition] of [
        ['cancelled', 'cancel'],
        ['no-answer', 'timeout'],
        ['unavailable', 'timeout'],
        ['not-accepted', 'incompatible-parameters'],
        ['forbidden', 'security-error'],
        ['not-found', 'gone'],
        ['connection-lost', 'connectivity-error'],
        ['failed', 'general-error'],
        ['busy', null],
        ['declined', null],
        ['answered-elsewhere', null],
    ] as const) {
        it(`of an unanswered call that ends as ${reason} are ${condition ? `withdrawn: ${condition}` : 'left to the callee'}`, () => {
            places();
            local('out-1');
            sent.length = 0;
            ends('out-1', reason);
            expect(said()).toEqual(condition ? ['retract'] : []);
            if (condition) expect(text(sent[0]!)).toContain(`<${condition} `);
        });
    }

    for (const reason of ['missed', 'cancelled', 'refused', 'answered-elsewhere', 'no-answer'] as const) {
        it(`of a call that nobody took (${reason}) are not rejected`, () => {
            hears(invite());
            rings();
            ends('in-1', reason);
            expect(said()).toEqual([]);
        });
    }

    it('are answered to the one JID that the call is of, and to nobody in a conflict', () => {
        rings();
        hears(invite(), 'mallory@example.com/x');
        hears(invite(), 'eve@example.org/x');
        local('in-1');
        ends('in-1', 'hung-up', 5);
        expect(said()).toEqual([]);
    });

    /** Another own device says so to Bob: a carbon. */
    const ownSays = (payload: string): void =>
        announcements.onMessage(
            classify(
                xml(
                    `<message xmlns='jabber:client' from='${ALICE}' to='${ALICE}/x'><sent xmlns='urn:xmpp:carbons:2'>` +
                        `<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' ` +
                        `from='${ALICE}/y' to='${BOB}'>${payload}</message></forwarded></sent></message>`,
                ),
                ALICE,
            ),
        );

    it('of calls that another own device answers or declines are answered elsewhere or declined here', () => {
        rings();
        hears(invite());
        ownSays(over('reject'));
        ownSays(accept());
        expect(taken).toEqual(['in-1 declined', 'in-1']);
    });

    it('of calls that were taken on another device are remembered for a minute, twenty at most', () => {
        for (let index = 0; index < 30; index++)
            ownSays(accept({ id: `in-${String(index)}`, callId: `in-${String(index)}` }));
        for (const id of ['in-0', 'in-29']) {
            rings(id);
            announcements.onIncoming(id);
        }
        expect(taken).toEqual(['in-29']);
        wheel.turn(60_000);
        rings('in-20');
        announcements.onIncoming('in-20');
        expect(taken).toEqual(['in-29']);
    });

    it('survive whatever is said, and say nothing to it', () => {
        rings();
        const payload = fc.oneof(
            fc.constantFrom(invite(), accept(), over('reject'), over('retract'), over('left'), over('invite')),
            fc.constantFrom(
                `<invite xmlns='urn:xmpp:call-invites:0'/>`,
                `<accept xmlns='urn:xmpp:call-invites:0'/>`,
                '',
            ),
            fc.string().map((id) => invite({ id: id.replace(/[^\w ]/gu, ''), callId: 'in-1' })),
        );
        const from = fc.constantFrom(`${BOB}/web`, BOB, `${ALICE}/x`, 'mallory@example.com/x', '', 'a@b@c', '/');
        fc.assert(
            fc.property(payload, from, (said_, by) => {
                hears(said_, by);
            }),
            { numRuns: 300 },
        );
        expect(sent).toEqual([]);
        expect(taken).toEqual([]);
    });
});
