import fc from 'fast-check';
import { atLeast, identify, NOBODY, worthOf, type Evidence, type Witness } from '../../src/plugin/identity.js';
import type { ClaimSource } from '../../src/plugin/phone.js';

const BOB = 'bob@example.net';
const MALLORY = 'mallory@example.com';
const EVE = 'eve@example.org';
const F1 = `sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`;
const F2 = `sha-256 ${Array.from({ length: 32 }, () => 'CD').join(':')}`;

const announced = (theirs: readonly string[] = [], ours: readonly string[] = []): Witness => ({
    how: 'announced',
    theirs,
    ours,
});
const by = (...jids: string[]): Map<string, Witness> => new Map(jids.map((jid) => [jid, announced()]));
const lists = (...jids: string[]): Map<string, readonly ClaimSource[]> => new Map(jids.map((jid) => [jid, ['pep']]));

function evidence(more: Partial<Evidence> = {}): Evidence {
    return {
        direction: 'incoming',
        dialled: null,
        from: 'trusted',
        named: null,
        listers: new Map(),
        witnesses: new Map(),
        theirs: [F1],
        ours: [F2],
        isContact: (jid) => jid === BOB || jid === EVE,
        overdue: false,
        ...more,
    };
}
const who = (more: Partial<Evidence>) => identify(evidence(more));

describe('identity', () => {
    it('is nobody where nothing is known', () => {
        expect(who({})).toEqual(NOBODY);
    });

    it('is only claimed where Call-Info alone names somebody: no name, no face', () => {
        expect(who({ named: BOB })).toEqual({
            level: 'claimed',
            jid: BOB,
            trusted: false,
            contact: true,
            unconfirmed: false,
            reasons: ['says-so'],
        });
        expect(who({ named: MALLORY }).contact).toBeFalse();
    });

    it('is the contact who lists the address, trusted where the domain authenticates From', () => {
        expect(who({ listers: lists(BOB) })).toEqual({
            level: 'listed',
            jid: BOB,
            trusted: true,
            contact: true,
            unconfirmed: false,
            reasons: ['address-listed'],
        });
        expect(who({ listers: lists(BOB), from: 'untrusted' })).toEqual(
            jasmine.objectContaining({
                level: 'listed',
                trusted: false,
                reasons: ['address-listed', 'domain-not-trusted'],
            }),
        );
        expect(who({ listers: lists(BOB), from: 'asserted' })).toEqual(
            jasmine.objectContaining({ level: 'listed', trusted: false, reasons: ['address-listed', 'asserted-only'] }),
        );
    });

    it('is not what a stranger lists, unless the site or the person does', () => {
        expect(who({ listers: lists(MALLORY) })).toEqual(NOBODY);
        expect(who({ listers: new Map([[MALLORY, ['phonebook']]]) })).toEqual(
            jasmine.objectContaining({ level: 'listed', jid: MALLORY, reasons: ['phonebook', 'not-a-contact'] }),
        );
        expect(who({ listers: new Map([[BOB, ['typed', 'pep']]]) }).reasons).toEqual(['typed']);
    });

    it('is nobody in particular where several list the address, unless one is singled out', () => {
        const two = lists(BOB, EVE);
        expect(who({ listers: two })).toEqual(
            jasmine.objectContaining({
                level: 'claimed',
                jid: null,
                trusted: false,
                reasons: ['several-list-address'],
            }),
        );
        expect(who({ listers: two, named: EVE })).toEqual(jasmine.objectContaining({ level: 'listed', jid: EVE }));
        expect(who({ listers: two, named: MALLORY })).toEqual(
            jasmine.objectContaining({ level: 'claimed', jid: MALLORY, reasons: ['says-so', 'several-list-address'] }),
        );
        const typed = new Map<string, readonly ClaimSource[]>([
            [EVE, ['pep']],
            [BOB, ['typed']],
        ]);
        expect(who({ listers: typed })).toEqual(jasmine.objectContaining({ level: 'listed', jid: BOB }));
        expect(who({ listers: two, witnesses: by(BOB) })).toEqual(
            jasmine.objectContaining({ level: 'announced', jid: BOB }),
        );
    });

    it('is not what somebody else’s Call-Info says, where the address is a contact’s', () => {
        expect(who({ listers: lists(BOB), named: MALLORY })).toEqual(
            jasmine.objectContaining({
                level: 'listed',
                jid: BOB,
                reasons: ['address-listed', 'someone-else-claimed'],
            }),
        );
    });

    it('is verified by an announcement, or by an answer', () => {
        expect(who({ witnesses: by(BOB) })).toEqual({
            level: 'announced',
            jid: BOB,
            trusted: true,
            contact: true,
            unconfirmed: false,
            reasons: ['announced'],
        });
        expect(who({ witnesses: new Map([[BOB, { ...announced(), how: 'verified' }]]) }).reasons).toEqual(['verified']);
    });

    it('of a stranger who announces is a JID, and neither a name nor a face', () => {
        expect(who({ witnesses: by(MALLORY), named: MALLORY })).toEqual({
            level: 'announced',
            jid: MALLORY,
            trusted: false,
            contact: false,
            unconfirmed: false,
            reasons: ['announced', 'not-a-contact'],
        });
    });

    it('is bound to the media where the announced fingerprint is the one that is used', () => {
        const witnesses = new Map([[BOB, announced([F1])]]);
        expect(who({ witnesses })).toEqual(
            jasmine.objectContaining({ level: 'media-bound', reasons: ['media-bound', 'announced'] }),
        );
        for (const theirs of [[F2], [F1, F2]]) {
            expect(who({ witnesses, theirs })).toEqual(
                jasmine.objectContaining({ level: 'announced', reasons: ['media-relayed', 'announced'] }),
            );
        }
        expect(who({ witnesses, theirs: [] }).reasons).toEqual(['announced']);
    });

    it('of a call out is bound only where the other side saw our fingerprint, too (RFC 8844)', () => {
        const call = { direction: 'outgoing', dialled: BOB } as const;
        const accepts = (...ours: string[]) => who({ ...call, witnesses: new Map([[BOB, announced([F1], ours)]]) });
        expect(accepts(F2).level).toBe('media-bound');
        expect(accepts(F1).level).toBe('announced');
        expect(accepts().level).toBe('announced');
    });

    it('of a call out is who was dialled', () => {
        expect(who({ direction: 'outgoing', dialled: BOB })).toEqual(
            jasmine.objectContaining({ level: 'listed', jid: BOB, trusted: true, reasons: ['dialled'] }),
        );
        expect(who({ direction: 'outgoing', listers: lists(BOB), from: 'dialled' })).toEqual(
            jasmine.objectContaining({ level: 'listed', jid: BOB, trusted: true, reasons: ['address-listed'] }),
        );
        expect(who({ direction: 'outgoing', named: EVE })).toEqual(
            jasmine.objectContaining({ level: 'claimed', jid: EVE, trusted: false }),
        );
        expect(who({ direction: 'outgoing', dialled: BOB, from: 'dialled', overdue: true }).unconfirmed).toBeFalse();
    });

    describe('conflicts', () => {
        for (const [what, more] of [
            ['when Call-Info names X and only Y announces', { named: BOB, witnesses: by(MALLORY) }],
            ['when the address is Bob’s and only Mallory announces', { listers: lists(BOB), witnesses: by(MALLORY) }],
            [
                'when Bob was dialled and only Mallory accepts',
                { direction: 'outgoing', dialled: BOB, witnesses: by(EVE) },
            ],
            ['when two announce whom SIP does not name', { witnesses: by(MALLORY, EVE) }],
            [
                'when Bob’s address and Call-Info of Eve are announced by both',
                { listers: lists(BOB), named: EVE, witnesses: by(BOB, EVE) },
            ],
            [
                'when Bob’s address is announced by him, but Call-Info names another',
                { listers: lists(BOB), named: EVE, witnesses: by(BOB) },
            ],
            [
                'when Bob’s address comes with Call-Info and announcement of Eve',
                { listers: lists(BOB), named: EVE, witnesses: by(EVE) },
            ],
        ] as readonly [string, Partial<Evidence>][]) {
            it(what, () => {
                const identity = who(more);
                expect(identity).toEqual(
                    jasmine.objectContaining({ level: 'conflict', jid: null, trusted: false, contact: false }),
                );
                expect(identity.reasons[0]).toMatch(/^someone-else/u);
            });
        }

        it('not, when a stranger announces what the one it is of announced himself', () => {
            for (const more of [{ listers: lists(BOB) }, { named: BOB }, { listers: lists(BOB, EVE) }]) {
                expect(who({ ...more, witnesses: by(MALLORY, BOB) })).toEqual(
                    jasmine.objectContaining({ level: 'announced', jid: BOB }),
                );
            }
        });
    });

    it('is not confirmed where a confirmation was due', () => {
        expect(who({ listers: lists(BOB), overdue: true })).toEqual(
            jasmine.objectContaining({
                level: 'listed',
                unconfirmed: true,
                reasons: ['not-confirmed', 'address-listed'],
            }),
        );
        expect(who({ listers: lists(BOB), overdue: true, witnesses: by(BOB) }).unconfirmed).toBeFalse();
        expect(who({ named: BOB, overdue: true }).unconfirmed).toBeFalse();
    });

    it('knows which is the better level', () => {
        expect(atLeast({ ...NOBODY, level: 'announced' }, 'listed')).toBeTrue();
        expect(atLeast({ ...NOBODY, level: 'listed' }, 'listed')).toBeTrue();
        expect(atLeast({ ...NOBODY, level: 'conflict' }, 'claimed')).toBeFalse();
    });

    it('trusts only what stands in From, and only of domains that authenticate it', () => {
        const domains = ['sip.example.net'];
        expect(worthOf('sip:bob@SIP.example.net.', false, domains)).toBe('trusted');
        expect(worthOf('sip:bob@sip.example.net', true, domains)).toBe('asserted');
        for (const from of [
            'sip:bob@sip.example.com',
            'tel:+13035551212',
            '',
            'javascript:alert(1)',
            'sip:b@x.sip.example.net',
        ]) {
            expect(worthOf(from, false, domains))
                .withContext(from)
                .toBe('untrusted');
        }
    });

    describe('whatever is said', () => {
        const jid = fc.constantFrom(BOB, EVE, MALLORY);
        const prints = fc.subarray([F1, F2]);
        const sources = fc.subarray<ClaimSource>(['typed', 'message', 'presence', 'phonebook', 'pep', 'vcard'], {
            minLength: 1,
        });
        const any: fc.Arbitrary<Evidence> = fc.record({
            direction: fc.constantFrom('incoming' as const, 'outgoing' as const),
            dialled: fc.option(jid),
            from: fc.constantFrom<Evidence['from']>('dialled', 'trusted', 'untrusted', 'asserted'),
            named: fc.option(jid),
            listers: fc.array(fc.tuple(jid, sources)).map((entries) => new Map(entries)),
            witnesses: fc
                .array(
                    fc.tuple(
                        jid,
                        fc.record({
                            how: fc.constantFrom('announced' as const, 'verified' as const),
                            theirs: prints,
                            ours: prints,
                        }),
                    ),
                )
                .map((entries) => new Map(entries)),
            theirs: prints,
            ours: prints,
            isContact: fc.subarray([BOB, EVE, MALLORY]).map((contacts) => (each: string) => contacts.includes(each)),
            overdue: fc.boolean(),
        });
        const turned = <V>(map: ReadonlyMap<string, V>): Map<string, V> => new Map([...map].reverse());

        it('its order means nothing', () => {
            fc.assert(
                fc.property(any, (one) => {
                    const other = {
                        ...one,
                        listers: turned(one.listers),
                        witnesses: turned(one.witnesses),
                        theirs: [...one.theirs].reverse(),
                    };
                    expect(identify(other)).toEqual(identify(one));
                }),
                { numRuns: 2_000 },
            );
        });

        it('nobody is trusted without an announcement, an authenticated From or a call of our own', () => {
            fc.assert(
                fc.property(any, (one) => {
                    const { level, jid: whom, trusted, contact } = identify(one);
                    const listed = level === 'listed' && ['dialled', 'trusted'].includes(one.from);
                    const verified = (level === 'announced' || level === 'media-bound') && contact;
                    expect(trusted).toBe(listed || verified);
                    if (level === 'none' || level === 'conflict') expect(whom).toBeNull();
                    if (level === 'announced' || level === 'media-bound')
                        expect(one.witnesses.has(whom ?? '')).toBeTrue();
                    if (whom !== null) expect(contact).toBe(one.isContact(whom));
                }),
                { numRuns: 2_000 },
            );
        });

        it('a Call-Info that names somebody makes nobody but whom SIP lists or announces better than claimed', () => {
            fc.assert(
                fc.property(any, (one) => {
                    const plain = { ...one, named: MALLORY, listers: new Map(), witnesses: new Map(), dialled: null };
                    expect(identify(plain).level).toBe('claimed');
                }),
            );
        });
    });
});
