import { ago, elapsed, partyOf, problemWords, shortAddress, stateWords } from '../../../src/components/shared/words.js';
import { loadLocale } from '../../../src/i18n/index.js';
import type { Call, Identity, IdentityLevel, IdentityReason } from '../../../src/plugin/phone.js';
import { END_REASONS } from '../../../src/sip-sidecar/contract/end-reason.js';
import { active, call, NOBODY, over, VOICE } from '../../support/fake-phone.js';

const BOB = { jid: 'bob@example.net', name: 'Bob', model: {} };
const by = (level: IdentityLevel, trusted = false): Identity => ({
    ...NOBODY,
    level,
    jid: BOB.jid,
    trusted,
    contact: true,
});
const people = { person: (jid: string) => (jid === BOB.jid ? BOB : null) };
const nobody = { person: () => null };
const from = (identity: Identity, more: Partial<Call> = {}): Call =>
    call({ identity, address: 'sip:bob@sip.example', displayName: 'Bobby', ...more });

describe('who is at the other end', () => {
    beforeAll(() => loadLocale('en'));

    it('is the address alone where nobody is known; what the caller calls itself is small print', () => {
        expect(partyOf(from(NOBODY), nobody)).toEqual({
            name: 'bob@sip.example',
            address: '',
            level: 'Not in your contacts',
            mark: 'none',
            claim: 'Calls itself “Bobby”',
            avatar: null,
            reasons: ['None of your contacts has this address.'],
        });
    });

    it('is the contact, with the address beside it, where the address is listed and confirmed', () => {
        expect(partyOf(from(by('listed', true)), people)).toEqual({
            name: 'Bob',
            address: 'bob@sip.example',
            level: '',
            mark: 'none',
            claim: '',
            avatar: BOB.model,
            reasons: ['None of your contacts has this address.'],
        });
    });

    it('is the address, without a picture, where the address is listed but the caller not confirmed', () => {
        const party = partyOf(from(by('listed')), people);
        expect(party.name).toBe('bob@sip.example');
        expect(party.level).toBe("Bob's address, caller not confirmed");
        expect(party.avatar).toBeNull();
    });

    it('is the address and what it says to be, where it is only claimed', () => {
        const party = partyOf(from(by('claimed', true)), people);
        expect([party.name, party.level, party.mark, party.avatar]).toEqual([
            'bob@sip.example',
            'Says to be bob@example.net. Not verified',
            'claim',
            null,
        ]);
    });

    it('is the contact with a shield where the chat account says so', () => {
        const announced = partyOf(from(by('announced')), people);
        expect([announced.name, announced.level, announced.mark]).toEqual([
            'Bob',
            'Verified by chat account',
            'shield',
        ]);
        const bound = partyOf(from(by('media-bound')), people);
        expect([bound.level, bound.mark]).toEqual(['Verified by chat account, media end to end', 'shield-check']);
    });

    it('is the full JID without a shield where the chat account is no contact', () => {
        const party = partyOf(from({ ...by('announced'), contact: false }), nobody);
        expect([party.name, party.level, party.mark, party.avatar]).toEqual([
            'bob@example.net',
            'not in your contacts',
            'none',
            null,
        ]);
    });

    it('is a warning, never the contact, where two say different things', () => {
        const party = partyOf(from(by('conflict')), people);
        expect([party.name, party.mark, party.avatar]).toEqual(['bob@sip.example', 'warning', null]);
        expect(party.level).toBe("Someone else may be calling in Bob's name");
    });

    it('is unknown where there is no address at all', () => {
        expect(partyOf(from(NOBODY, { address: '', displayName: '' }), nobody).name).toBe('Unknown caller');
    });

    it('is the contact, but in doubt, where their chat does not confirm it', () => {
        const doubtful = { ...by('listed', true), unconfirmed: true };
        const party = partyOf(from(doubtful), people);
        expect([party.name, party.level, party.mark]).toEqual([
            'Bob',
            "Bob's chat does not confirm this call",
            'doubt',
        ]);
        const stray = partyOf(from({ ...doubtful, trusted: false }), people);
        expect([stray.name, stray.level, stray.avatar]).toEqual([
            'bob@sip.example',
            "Bob's chat does not confirm this call",
            null,
        ]);
    });

    it('loses nothing but the end-to-end where media pass a relay', () => {
        const party = partyOf(from({ ...by('announced'), reasons: ['media-relayed', 'announced'] }), people);
        expect([party.level, party.mark]).toEqual(['Verified by chat account, media passes a relay', 'shield']);
        expect(party.reasons[0]).toBe('Sound and picture pass a relay, which could listen.');
    });

    it('warns in the name of whom somebody else may be calling, and shows nothing else of them', () => {
        const conflict: Identity = { ...NOBODY, level: 'conflict', inNameOf: BOB.jid };
        const party = partyOf(from(conflict), people);
        expect(party.level).toBe("Someone else may be calling in Bob's name");
        expect([party.name, party.avatar]).toEqual(['bob@sip.example', null]);
        expect(partyOf(from({ ...conflict, inNameOf: null }), people).level).toBe(
            'Someone else may be calling in a false name',
        );
    });

    const REASONS: readonly IdentityReason[] = [
        'address-unknown',
        'says-so',
        'several-list-address',
        'address-listed',
        'domain-not-trusted',
        'asserted-only',
        'typed',
        'phonebook',
        'dialled',
        'announced',
        'verified',
        'media-bound',
        'media-relayed',
        'not-a-contact',
        'not-confirmed',
        'someone-else-announced',
        'someone-else-claimed',
    ];
    it('never has the name or the face of a contact at a claim, whatever the reasons', () => {
        for (const level of ['claimed', 'none'] as const) {
            const party = partyOf(from({ ...by(level, true), contact: true, reasons: REASONS }), people);
            expect(party.avatar).toBeNull();
            expect(JSON.stringify({ ...party, claim: '' })).not.toMatch(/\bBob\b/u);
        }
    });

    it('has a sentence for every reason, in every language', async () => {
        for (const language of ['de', 'fr', 'es', 'en']) {
            await loadLocale(language);
            const { reasons } = partyOf(from({ ...by('listed'), reasons: REASONS }), people);
            expect(new Set(reasons).size).toBe(REASONS.length);
            for (const sentence of reasons) expect(sentence).toMatch(/^[^{}]+\.$/u);
        }
    });
});

describe('the words about a call', () => {
    beforeAll(() => loadLocale('en'));

    it('are there for every state', () => {
        expect(stateWords({ name: 'dialling', media: VOICE }, 'Bob')).toBe('Calling…');
        expect(stateWords({ name: 'ringing', media: VOICE }, 'Bob')).toBe('Ringing…');
        expect(stateWords({ name: 'connecting', media: VOICE, answeredAt: null }, 'Bob')).toBe('Connecting…');
        expect(stateWords(active(), 'Bob')).toBe('In call');
        expect(stateWords(active({ hold: { byUs: false, byThem: true } }), 'Bob')).toBe('On hold');
        expect(stateWords(over('busy'), 'Bob')).toBe('Bob is busy');
    });

    it('are there for every end', () => {
        for (const reason of END_REASONS) expect(stateWords(over(reason), 'Bob')).not.toMatch(/[{}]|end\./u);
    });

    it('say what to do about every device that is wanting', () => {
        for (const device of ['microphone', 'camera'] as const) {
            for (const problem of [
                'insecure-page',
                'unsupported',
                'blocked-by-site',
                'denied',
                'missing',
                'in-use',
            ] as const) {
                expect(problemWords({ device, problem })).toMatch(/\. \w.+\.$|: .+\.$/u);
            }
        }
    });

    it('count the time from the answer, and stop with the end', () => {
        expect(elapsed(active({ answeredAt: 1_000 }), 84_999)).toBe('1:23');
        expect(elapsed(over('hung-up', { answeredAt: 1_000, endedAt: 6_000 }), 99_000)).toBe('0:05');
        expect(elapsed(over('busy'), 99_000)).toBe('');
        expect(elapsed({ name: 'ringing', media: VOICE }, 99_000)).toBe('');
    });

    it('say how long ago something was', () => {
        const now = 1_000_000_000;
        const words = [0, -5, 59, 60, 3_599, 7_200, 86_400, 260_000].map((seconds) => ago(now - seconds * 1000, now));
        expect(words).toEqual([
            'now',
            'now',
            'now',
            '1 minute ago',
            '59 minutes ago',
            '2 hours ago',
            'yesterday',
            '3 days ago',
        ]);
    });

    it('leave out what only machines need of an address', () => {
        expect(shortAddress('sip:bob@sip.example;gr=urn:uuid:1;transport=ws')).toBe('bob@sip.example');
        expect(shortAddress('tel:+493012345')).toBe('+493012345');
    });
});
