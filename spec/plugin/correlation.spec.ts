import fc from 'fast-check';
import { AddressBook } from '../../src/plugin/address-book/book.js';
import { Correlation, type Reference } from '../../src/plugin/correlation.js';
import type { IncomingCall } from '../../src/sip-sidecar/contract/index.js';
import type { Call } from '../../src/plugin/phone.js';
import type { Dialog } from '../../src/plugin/stanzas/dialog.js';
import { OTHER_PRINT, PRINT } from './support/call-events.js';
import { NO_REMOTE } from './support/fake-sidecar.js';
import { Wheel } from './support/wheel.js';

const BOB = 'bob@example.net';
const EVE = 'eve@example.org';
const MALLORY = 'mallory@example.com';
const BOB_SIP = 'sip:bob@sip.example.net';
const ALICE_SIP = 'sip:alice@sip.example.org';
const NO_SIDE = { identity: null, fingerprints: [] };
const NAMES_BOB = ['<xmpp:bob@example.net/web-2?message;thread=T;id=ci-1>;purpose=impp'];

describe('correlation', () => {
    let wheel: Wheel;
    let book: AddressBook;
    let contacts: Set<string>;
    let threads: Map<string, string>;
    let changed: string[];
    let correlation: Correlation;
    beforeEach(() => {
        wheel = new Wheel();
        book = new AddressBook(() => undefined);
        contacts = new Set([BOB, EVE]);
        threads = new Map();
        changed = [];
        correlation = new Correlation({
            book,
            clock: wheel,
            trustedDomains: ['sip.example.net'],
            isContact: (jid) => contacts.has(jid),
            isOwn: (aor) => aor === ALICE_SIP,
            threads: {
                current: (jid) => threads.get(jid) ?? null,
                knows: (jid, thread) => threads.get(jid) === thread,
            },
            changed: (id) => changed.push(id),
        });
    });

    const rings = (more: Partial<IncomingCall> & { info?: readonly string[]; contact?: string } = {}): string => {
        const { info = [], contact = '', callId = 'in-1', ...rest } = more;
        correlation.incoming({
            callId,
            sipCallId: 'K',
            from: BOB_SIP,
            asserted: false,
            displayName: '',
            video: false,
            to: ALICE_SIP,
            remote: { ...NO_REMOTE, callInfo: info, contact, fingerprints: [PRINT] },
            ...rest,
        });
        return callId;
    };
    const places = (more: Partial<Parameters<Correlation['placed']>[0]> = {}): string => {
        const id = more.id ?? 'out-1';
        const call = { address: BOB_SIP, dialled: BOB, device: '', video: false, announcementId: 'ci-9', thread: null };
        correlation.placed({ id, ...call, ...more });
        return id;
    };
    const says = (jid: string, dialog: Partial<Dialog> = {}, more: Partial<Reference> = {}): Reference => ({
        jid,
        resource: 'web',
        id: 'ci-1',
        thread: null,
        ...more,
        dialog: {
            callId: 'K',
            direction: 'initiator',
            local: { identity: BOB_SIP, fingerprints: [PRINT] },
            remote: { identity: ALICE_SIP, fingerprints: [] },
            replaces: null,
            ...dialog,
        },
    });
    const level = (id = 'in-1'): string => correlation.look(id).identity.level;
    const jid = (id = 'in-1'): string | null => correlation.look(id).identity.jid;

    it('joins an announcement with its call by the Call-ID, whichever comes first', () => {
        rings();
        expect(level()).toBe('none');
        expect(correlation.refer(says(BOB))?.id).toBe('in-1');
        expect(changed).toEqual(['in-1']);
        expect([level(), jid()]).toEqual(['media-bound', BOB]);

        correlation.refer(says(EVE, { callId: 'K2' }, { id: 'ci-2' }));
        rings({ callId: 'in-2', sipCallId: 'K2' });
        expect([level('in-2'), jid('in-2')]).toEqual(['media-bound', EVE]);
    });

    it('joins them by the announcement that Call-Info names, where something changed the Call-ID', () => {
        correlation.refer(says(BOB, { callId: 'what Bob sent' }));
        rings({ info: NAMES_BOB });
        expect([level(), jid()]).toEqual(['media-bound', BOB]);
        expect(correlation.look('in-1').sipCallIds).toEqual(['K', 'what Bob sent']);
        expect(correlation.byCallId(BOB, 'what Bob sent')).toEqual({ callId: 'in-1' });
    });

    it('takes a Call-ID that one person says from that person only', () => {
        rings({ info: NAMES_BOB });
        correlation.refer(says(MALLORY, { callId: 'stolen' }));
        expect(level()).toBe('conflict');
        correlation.refer(says(BOB, { callId: 'stolen' }, { id: 'ci-other' }));
        expect(level()).withContext('Bob speaks of another call').toBe('conflict');
    });

    it('takes nothing that was written in the wrong direction', () => {
        rings();
        places({ id: 'K3' });
        correlation.refer(says(BOB, { direction: 'recipient' }));
        correlation.refer(says(BOB, { direction: null }));
        correlation.refer(says(BOB, { callId: 'K3', direction: 'initiator', local: NO_SIDE }));
        expect([level(), level('K3')]).toEqual(['none', 'listed']);
    });

    it('gives one announcement to one INVITE, the first', () => {
        correlation.refer(says(BOB));
        rings();
        rings({ callId: 'in-2', from: 'sip:mallory@sip.example.com' });
        rings({ callId: 'in-3', contact: 'sip:other@192.0.2.1' });
        expect([level(), level('in-2'), level('in-3')]).toEqual(['media-bound', 'none', 'none']);
        rings({ callId: 'in-4' });
        expect(level('in-4')).withContext('the same INVITE again').toBe('media-bound');
        expect(correlation.refer(says(BOB)))
            .withContext('said again')
            .toBeNull();
    });

    it('forgets announcements after two minutes, and calls a minute after their end', () => {
        correlation.refer(says(BOB));
        wheel.turn(120_000);
        rings();
        expect(level()).toBe('none');
        correlation.ended('in-1');
        wheel.turn(59_999);
        correlation.refer(says(BOB));
        expect(level()).toBe('media-bound');
        wheel.turn(1);
        expect(correlation.byCallId(BOB, 'K')).toBeNull();
        expect(correlation.tie('in-1')).toBeUndefined();
    });

    it('keeps the last few calls only, however many there were', () => {
        for (let index = 0; index < 1_000; index++) correlation.ended(rings({ callId: `in-${String(index)}` }));
        rings({ callId: 'last' });
        const kept = Array.from({ length: 1_000 }, (_, index) => correlation.tie(`in-${String(index)}`));
        expect(kept.filter((tie) => tie !== undefined).length).toBe(20);
        expect(kept.at(-1)).toBeDefined();
    });

    describe('of what only the addresses join', () => {
        const far = { callId: 'elsewhere' };

        it('makes the caller listed, and no more', () => {
            correlation.refer(says(BOB, far));
            rings();
            expect(correlation.look('in-1').identity).toEqual(
                jasmine.objectContaining({ level: 'listed', jid: BOB, reasons: ['address-listed'] }),
            );
            expect(correlation.look('in-1').sipCallIds).toContain('elsewhere');
        });

        it('raises no doubt about who announced one, and leaves it about everybody else', () => {
            correlation.refer(says(BOB, far));
            rings();
            correlation.overdue('in-1');
            expect(correlation.look('in-1').identity.unconfirmed).toBeFalse();
            const from = 'sip:eve@sip.example.net';
            book.put(EVE, { source: 'presence', resource: 'r', uris: [from], seenAt: 0 });
            correlation.refer(says(BOB, { ...far, local: { identity: from, fingerprints: [] } }));
            rings({ callId: 'in-2', sipCallId: 'K2', from, info: ['<xmpp:eve@example.org>;purpose=impp'] });
            correlation.overdue('in-2');
            expect(correlation.look('in-2').identity).toEqual(
                jasmine.objectContaining({ level: 'listed', jid: EVE, unconfirmed: true }),
            );
        });

        it('takes the announcement after the call, too', () => {
            rings();
            correlation.refer(says(BOB, far));
            expect(level()).toBe('listed');
            expect(changed).toEqual(['in-1']);
        });

        for (const [what, dialog] of [
            ['of another caller', { local: { identity: 'sip:eve@sip.example.net', fingerprints: [] } }],
            ['without a caller', { local: { identity: null, fingerprints: [] } }],
            ['to somebody else', { remote: { identity: 'sip:carol@sip.example.org', fingerprints: [] } }],
            ['to nobody', { remote: { identity: null, fingerprints: [] } }],
        ] as const) {
            it(`takes none ${what}`, () => {
                correlation.refer(says(BOB, { ...far, ...dialog }));
                rings();
                expect(level()).toBe('none');
            });
        }

        it('takes none that is half a minute older, none of a stranger, and none where two calls may be meant', () => {
            correlation.refer(says(BOB, far));
            wheel.turn(30_000);
            rings();
            expect(level()).toBe('none');
            wheel.turn(30_000);
            contacts.delete(EVE);
            rings({ callId: 'in-2', sipCallId: 'K2' });
            correlation.refer(says(EVE, far, { id: 'ci-2' }));
            expect(level('in-2')).toBe('none');
            rings({ callId: 'in-3', sipCallId: 'K3' });
            correlation.refer(says(BOB, far, { id: 'ci-3' }));
            expect([level('in-2'), level('in-3')]).toEqual(['none', 'none']);
        });
    });

    it('keeps five announcements of one person and fifty in all, and contacts’ before strangers’', () => {
        for (let index = 0; index < 7; index++) {
            const dialog = { callId: `K${String(index)}`, local: { ...NO_SIDE, fingerprints: [PRINT] } };
            correlation.refer(says(BOB, dialog, { id: `ci-${String(index)}` }));
        }
        rings({ callId: 'first', sipCallId: 'K1' });
        rings({ callId: 'last', sipCallId: 'K6' });
        expect([level('first'), level('last')]).toEqual(['none', 'media-bound']);
        for (let index = 0; index < 200; index++) {
            correlation.refer(says(`s${String(index)}@example.com`, { callId: `S${String(index)}` }));
        }
        rings({ callId: 'good', sipCallId: 'K5' });
        rings({ callId: 'old', sipCallId: 'S0' });
        rings({ callId: 'new', sipCallId: 'S199' });
        expect([level('good'), level('old'), level('new')]).toEqual(['media-bound', 'none', 'media-bound']);
    });

    it('hears the one a call is of, however many strangers announce it', () => {
        book.put(BOB, { source: 'pep', uris: [BOB_SIP], seenAt: 1 });
        rings();
        for (let index = 0; index < 40; index++) correlation.refer(says(`s${String(index)}@example.com`));
        expect(level()).toBe('conflict');
        correlation.refer(says(BOB));
        expect([level(), jid()]).toEqual(['media-bound', BOB]);
    });

    it('looks at every fingerprint the other side ever had', () => {
        correlation.refer(says(BOB));
        rings();
        correlation.remote('in-1', 'K', { ...NO_REMOTE, fingerprints: [PRINT] });
        expect(level()).toBe('media-bound');
        correlation.remote('in-1', 'K', { ...NO_REMOTE, fingerprints: [OTHER_PRINT] });
        expect(correlation.look('in-1').identity.reasons).toEqual(['media-relayed', 'announced']);
        correlation.remote('in-1', 'K', { ...NO_REMOTE, fingerprints: [PRINT] });
        expect(level()).withContext('it does not come back').toBe('announced');
    });

    it('of a call out takes the answer by the announcement’s id, and with it the other Call-ID', () => {
        places();
        correlation.local('out-1', [OTHER_PRINT]);
        const seen = { identity: null, fingerprints: [OTHER_PRINT] };
        const answer = says(BOB, { direction: 'recipient', callId: 'B2BUA', remote: seen }, { id: 'ci-9' });
        expect(correlation.refer(answer)?.id).toBe('out-1');
        expect(level('out-1')).toBe('announced');
        correlation.remote('out-1', 'out-1', { ...NO_REMOTE, fingerprints: [PRINT] });
        expect(level('out-1')).toBe('media-bound');
        expect(correlation.look('out-1').sipCallIds).toEqual(['out-1', 'B2BUA']);
        expect(correlation.refer(says(BOB, { direction: 'recipient', callId: 'x' }, { id: 'ci-8' }))).toBeNull();
    });

    it('keeps so many names and fingerprints of a call and no more, however often it is answered', () => {
        places();
        for (let n = 0; n < 1_000; n++) {
            const side = { identity: null, fingerprints: [`sha-256 ${String(n)}`] };
            const dialog = { direction: 'recipient', callId: `K${String(n)}`, local: side, remote: side } as const;
            correlation.refer(says(BOB, dialog, { id: 'ci-9' }));
        }
        expect(correlation.look('out-1').sipCallIds.length).toBe(8);
        const { theirs, ours } = correlation.tie('out-1')!.announcers.get(BOB)!;
        expect(Math.max(theirs.length, ours.length)).toBe(50);
    });

    it('learns whom Call-Info of the answer names, as a claim', () => {
        places({ address: 'sip:desk@sip.example.net', dialled: null });
        expect(level('out-1')).toBe('none');
        correlation.remote('out-1', 'out-1', { ...NO_REMOTE, callInfo: NAMES_BOB });
        expect([level('out-1'), jid('out-1')]).toEqual(['claimed', BOB]);
        expect(changed).toEqual(['out-1']);
    });

    it('reads the headers of the draft where there is no Call-Info', () => {
        const remote = {
            ...NO_REMOTE,
            headers: [
                ['XMPP-Contact', '<xmpp:bob@example.net>;K'],
                ['XMPP-Thread', 'T'],
            ] as const,
        };
        book.put(BOB, { source: 'pep', uris: [BOB_SIP], seenAt: 1 });
        threads.set(BOB, 'T');
        rings({ remote });
        expect(correlation.look('in-1')).toEqual(
            jasmine.objectContaining({ thread: 'T', identity: jasmine.objectContaining({ jid: BOB }) as never }),
        );
        // The name that its messages give the call, of that person's only
        expect(correlation.byCallId(BOB, 'K')).toEqual({ callId: 'in-1' });
        expect(correlation.byCallId(EVE, 'K')).toBeNull();
    });

    describe('of conversations', () => {
        it('links a call only where the address or the announcement is that person’s', () => {
            threads.set(BOB, 'T');
            rings({ info: NAMES_BOB });
            expect(correlation.look('in-1').thread).withContext('a claim').toBeNull();
            correlation.refer(says(BOB));
            expect(correlation.look('in-1').thread).toBe('T');
        });

        it('links by the Contact address, too', () => {
            threads.set(BOB, 'T');
            book.put(BOB, { source: 'message', uris: ['sip:bob@192.0.2.7'], seenAt: 1 });
            rings({ info: NAMES_BOB, from: 'sip:gateway@sip.example.com', contact: 'sip:bob@192.0.2.7' });
            expect(correlation.look('in-1').thread).toBe('T');
            expect(level()).toBe('claimed');
        });

        it('links none to the thread of a conversation with somebody else, nor to one that is past', () => {
            book.put(EVE, { source: 'pep', uris: [BOB_SIP], seenAt: 1 });
            threads.set(EVE, 'T');
            rings({ info: NAMES_BOB });
            expect(jid()).toBe(EVE);
            expect(correlation.look('in-1').thread).toBeNull();
            book.put(BOB, { source: 'pep', uris: ['sip:b@sip.example.net'], seenAt: 1 });
            threads.set(BOB, 'another');
            rings({ callId: 'in-2', from: 'sip:b@sip.example.net', info: NAMES_BOB });
            expect(correlation.look('in-2').thread).toBeNull();
        });

        it('takes the thread of the announcement, and one that begins the conversation', () => {
            rings();
            correlation.refer(says(BOB, {}, { thread: 'new' }));
            expect(correlation.look('in-1').thread).toBe('new');
        });

        it('is the one we called from', () => {
            places({ thread: 'T9' });
            expect(correlation.look('out-1').thread).toBe('T9');
        });
    });

    it('finds the live call with exactly that JID', () => {
        places({ thread: 'T' });
        expect(correlation.liveCall(BOB)).toEqual({ callId: 'out-1', sipCallId: 'out-1', thread: 'T' });
        expect(correlation.liveCall(EVE)).toBeNull();
        expect(correlation.byCallId(BOB, 'out-1')).toEqual({ callId: 'out-1' });
        expect(correlation.byCallId(EVE, 'out-1')).toBeNull();
        correlation.ended('out-1');
        expect(correlation.liveCall(BOB)).toBeNull();
        expect(correlation.byCallId(BOB, 'out-1')).toEqual({ callId: 'out-1' });
    });

    it('does not raise the level of crossed calls: the attacker calls both with one Call-ID, each in the other’s name', () => {
        rings({ from: 'sip:mallory@sip.example.com', info: NAMES_BOB });
        expect(correlation.byCallId(BOB, 'K')).withContext('correlated for display').toEqual({ callId: 'in-1' });
        correlation.refer(says(BOB, { direction: 'recipient' }));
        expect(level()).toBe('claimed');
        expect(correlation.placedAs('K')).withContext('nobody confirms it').toBeUndefined();
    });

    it('keeps who was known when a device goes off line, and drops who is a contact no more', () => {
        book.put(BOB, { source: 'presence', uris: [BOB_SIP], seenAt: 1 });
        rings();
        expect(level()).toBe('listed');
        book.remove(BOB, 'presence');
        expect(level()).toBe('listed');
        contacts.delete(BOB);
        expect(level()).toBe('none');
    });

    it('knows by which announcement chat knows a call', () => {
        places();
        expect(correlation.announcementOf('out-1')).withContext('not made yet').toBeNull();
        correlation.local('out-1', [PRINT]);
        expect(correlation.announcementOf('out-1')).toBe('ci-9');
        rings();
        expect(correlation.announcementOf('in-1')).toBeNull();
        correlation.refer(says(BOB));
        expect(correlation.announcementOf('in-1')).toBe('ci-1');
        correlation.refer(says(EVE));
        expect(correlation.announcementOf('in-1')).withContext('a conflict').toBeNull();
        expect(correlation.announcementOf('nobody')).toBeNull();
    });

    describe('of a call that goes on by another INVITE', () => {
        const REPLACING = { callId: 'NEW', replaces: 'K' } as const;
        const prints = { fingerprints: [PRINT] };
        const local = (fingerprints: readonly string[]): Dialog['local'] => ({ ...NO_SIDE, fingerprints });

        it('knows nothing of who is there until they say it of the new one', () => {
            rings();
            correlation.refer(says(BOB, { local: local([PRINT]) }));
            expect(correlation.look('in-1').identity.level).toBe('media-bound');
            expect(correlation.remote('in-1', 'K', { ...NO_REMOTE, ...prints }))
                .withContext('a re-INVITE')
                .toBeFalse();
            expect(correlation.look('in-1').identity.level).toBe('media-bound');
            expect(correlation.remote('in-1', 'NEW', { ...NO_REMOTE, ...prints })).toBeTrue();
            expect(correlation.look('in-1').identity).toEqual(jasmine.objectContaining({ level: 'none', jid: null }));
            correlation.refer(says(BOB, { ...REPLACING, local: local([PRINT]) }, { id: 'ci-2' }));
            expect(correlation.look('in-1')).toEqual(
                jasmine.objectContaining({
                    identity: jasmine.objectContaining({ level: 'media-bound', jid: BOB }),
                    sipCallIds: ['K', 'NEW'],
                }),
            );
            expect(correlation.announcementOf('in-1')).withContext('chat knows it by the first').toBe('ci-1');
            expect(correlation.isOurs('ci-1', null) && correlation.isOurs('ci-2', null)).toBeTrue();
        });

        it('takes what was said before the INVITE came, and of no other call', () => {
            rings();
            places();
            correlation.refer(says(BOB, { ...REPLACING, local: local([PRINT]) }, { id: 'ci-2' }));
            expect(correlation.look('in-1').identity.level).withContext('not by the addresses alone').toBe('none');
            correlation.remote('in-1', 'NEW', { ...NO_REMOTE, ...prints });
            expect(correlation.look('in-1').identity.level).toBe('media-bound');
            expect(correlation.look('out-1').identity.level).toBe('listed');
        });

        it('of the other side counts as one that comes in, though we placed the call', () => {
            places();
            correlation.local('out-1', [OTHER_PRINT]);
            correlation.remote('out-1', 'out-1', { ...NO_REMOTE, ...prints });
            expect(correlation.placedAs('out-1')?.id).toBe('out-1');
            correlation.remote('out-1', 'NEW', { ...NO_REMOTE, ...prints });
            expect(correlation.placedAs('out-1')).withContext('what was placed is over').toBeUndefined();
            expect(correlation.placedAs('NEW')).withContext('that one is theirs').toBeUndefined();
            correlation.refer(says(BOB, { ...REPLACING, local: local([PRINT]) }, { id: 'ci-2' }));
            expect(correlation.look('out-1').identity.level).toBe('media-bound');
            expect(correlation.announcementOf('out-1')).toBe('ci-9');
        });

        it('of our own is verified by the answer to it', () => {
            rings();
            correlation.refer(says(BOB, { local: local([PRINT]) }));
            correlation.local('in-1', [OTHER_PRINT], 'NEW');
            expect(correlation.look('in-1').identity.level).toBe('none');
            expect(correlation.placedAs('NEW')?.id).toBe('in-1');
            correlation.remote('in-1', 'NEW', { ...NO_REMOTE, ...prints });
            const answer = { callId: 'NEW', local: local([PRINT]), remote: local([OTHER_PRINT]) };
            correlation.refer(says(BOB, { ...answer, direction: 'recipient' }));
            expect(correlation.look('in-1').identity.level).toBe('media-bound');
            expect(correlation.liveCall(BOB)?.sipCallId).toBe('NEW');
        });

        it('of our own proves nothing of an address that the other side wrote', () => {
            book.put(BOB, { source: 'pep', uris: ['sip:bob@elsewhere.example', BOB_SIP], seenAt: 0 });
            rings({ from: 'sip:bob@elsewhere.example' });
            const before = correlation.look('in-1').identity;
            expect(before).toEqual(jasmine.objectContaining({ level: 'listed', trusted: false }));
            correlation.local('in-1', [OTHER_PRINT], 'NEW');
            expect(correlation.look('in-1').identity).toEqual(before);
            rings({ callId: 'in-2', sipCallId: 'L', asserted: true });
            expect(correlation.look('in-2').identity.trusted).toBeFalse();
            correlation.local('in-2', [OTHER_PRINT], 'NEW-2');
            expect(correlation.look('in-2').identity.trusted).toBeFalse();
        });

        it('shows who has taken it over, and nothing of who was there', () => {
            book.put(BOB, { source: 'pep', uris: [BOB_SIP], seenAt: 0 });
            for (const id of [rings(), places()]) {
                correlation.local(id, [OTHER_PRINT]);
                correlation.remote(id, id === 'in-1' ? 'K' : id, { ...NO_REMOTE, ...prints });
                expect(jid(id)).toBe(BOB);
                const again = { from: BOB_SIP, asserted: false, displayName: 'Bob' };
                correlation.remote(id, `${id} again`, { ...NO_REMOTE, ...prints }, again);
                expect(correlation.look(id).identity).toEqual(jasmine.objectContaining({ jid: BOB, trusted: true }));
                const mallory = { from: 'sip:mallory@example.com', asserted: false, displayName: 'Bob' };
                correlation.remote(id, `${id} other`, { ...NO_REMOTE, ...prints }, mallory);
                expect(correlation.look(id)).toEqual(
                    jasmine.objectContaining({
                        identity: jasmine.objectContaining({ level: 'none', jid: null, trusted: false }),
                        address: 'sip:mallory@example.com',
                        displayName: 'Bob',
                    }),
                );
                correlation.local(id, [OTHER_PRINT], `${id} ours`);
                expect(jid(id)).withContext('whom we called before').toBeNull();
            }
        });
    });

    it('goes on with a call of another page, of which nothing is proved', () => {
        rings();
        correlation.refer(says(BOB, { local: { ...NO_SIDE, fingerprints: [PRINT] } }));
        const call = { id: 'in-1', address: BOB_SIP, video: false, ...correlation.look('in-1') } as Call;
        const described = structuredClone(correlation.describe(call));
        expect(described).toEqual(jasmine.objectContaining({ leg: 'K', known: 'ci-1', dialled: null }));
        const next = new Correlation({
            book,
            clock: wheel,
            trustedDomains: [],
            isContact: () => true,
            isOwn: () => true,
            threads: { current: () => null, knows: () => false },
            changed: () => undefined,
        });
        next.restored(described);
        expect(next.look('in-1')).toEqual(
            jasmine.objectContaining({
                identity: jasmine.objectContaining({ level: 'none', jid: null }),
                sipCallIds: ['K'],
            }),
        );
        expect(next.announcementOf('in-1')).toBe('ci-1');
        expect(next.isOurs('ci-1', null)).toBeTrue();
    });

    it('goes on with a call of another page no surer of who it is than that was', () => {
        book.put(BOB, { source: 'pep', uris: [BOB_SIP], seenAt: 0 });
        rings({ asserted: true });
        const call = { id: 'in-1', address: BOB_SIP, video: false, ...correlation.look('in-1') } as Call;
        expect(call.identity).toEqual(jasmine.objectContaining({ level: 'listed', trusted: false }));
        const described = structuredClone(correlation.describe(call));
        correlation.ended('in-1');
        wheel.turn(61_000);
        correlation.restored(described);
        correlation.local('in-1', [OTHER_PRINT], 'NEW');
        expect(correlation.look('in-1').identity).toEqual(call.identity);
    });

    it('leaves the calls of another tab to that tab', () => {
        const call = { sipCallIds: ['X', 'Y'] } as unknown as Call;
        correlation.elsewhere({ call, known: 'ci-x', dialled: null, leg: 'Y', source: 'from' });
        correlation.elsewhere({ call, known: null, dialled: null, leg: 'Y', source: 'from' });
        expect(correlation.isOurs('ci-x', null)).toBeTrue();
        expect(correlation.isOurs('?', 'Y')).toBeTrue();
        expect(correlation.isOurs('?', 'Z')).toBeFalse();
    });

    it('knows which announcements and Call-IDs are of calls of ours', () => {
        places();
        rings({ info: NAMES_BOB });
        expect(correlation.isOurs('ci-9', null)).toBeTrue();
        expect(correlation.isOurs('ci-1', null)).toBeTrue();
        expect(correlation.isOurs('?', 'K')).toBeTrue();
        expect(correlation.isOurs('?', 'L')).toBeFalse();
        expect(correlation.announcedBy('?', 'K')?.id).toBe('in-1');
        expect(correlation.announcedBy('?', 'out-1')).toBeUndefined();
    });

    it('comes to the same whatever comes first', () => {
        const steps = {
            rings: () => rings({ info: NAMES_BOB }),
            bob: () => correlation.refer(says(BOB)),
            mallory: () => correlation.refer(says(MALLORY)),
            verified: () => correlation.verified('in-1', BOB, 'web', says(BOB).dialog),
            listed: () => book.put(BOB, { source: 'pep', uris: [BOB_SIP], seenAt: 1 }),
            relayed: () => correlation.remote('in-1', 'K', { ...NO_REMOTE, fingerprints: [OTHER_PRINT] }),
            overdue: () => correlation.overdue('in-1'),
        };
        // What needs the call to be there comes after it, as it does.
        const after = ['verified', 'relayed', 'overdue'] as const;
        const names = Object.keys(steps) as (keyof typeof steps)[];
        const play = (order: readonly (keyof typeof steps)[]) => {
            book = new AddressBook(() => undefined);
            correlation = new Correlation({
                book: { listersOf: (address) => book.listersOf(address) },
                clock: wheel,
                trustedDomains: ['sip.example.net'],
                isContact: (each) => contacts.has(each),
                isOwn: () => true,
                threads: { current: () => null, knows: () => false },
                changed: () => undefined,
            });
            for (const name of order) steps[name]();
            return correlation.look('in-1');
        };
        fc.assert(
            fc.property(
                fc.subarray(names.filter((name) => name !== 'rings')).chain((some) =>
                    fc.record({
                        one: fc.shuffledSubarray(['rings' as const, ...some], { minLength: some.length + 1 }),
                        other: fc.shuffledSubarray(['rings' as const, ...some], { minLength: some.length + 1 }),
                    }),
                ),
                ({ one, other }) => {
                    const possible = (order: readonly (keyof typeof steps)[]) => {
                        const late = order.filter((name) => after.includes(name as 'relayed'));
                        const early = order.filter((name) => !late.includes(name));
                        const at = early.indexOf('rings') + 1;
                        return [...early.slice(0, at), ...late, ...early.slice(at)];
                    };
                    expect(play(possible(one))).toEqual(play(possible(other)));
                },
            ),
            { numRuns: 500 },
        );
    });

    it('survives what strangers write', () => {
        fc.assert(
            fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, other) => {
                rings({ callId: text, from: other, sipCallId: other, info: [text], contact: text });
                correlation.refer(says(MALLORY, { callId: other }, { id: text }));
                expect(['none', 'announced', 'media-bound', 'claimed', 'conflict']).toContain(level(text));
                correlation.ended(text);
                wheel.turn(120_000);
            }),
        );
    });
});
