import { cross, isSurely } from '../../src/plugin/glare.js';
import { NOBODY } from '../../src/plugin/identity.js';
import type { Identity } from '../../src/plugin/phone.js';

const BOB = 'bob@example.net';
const by = (level: Identity['level'], more: Partial<Identity> = {}): Identity => ({
    ...NOBODY,
    level,
    jid: BOB,
    ...more,
});

interface Mine {
    readonly id?: string;
    readonly video?: boolean;
    readonly dialled?: string | null;
    readonly left?: boolean;
}

describe('two who call each other at once', () => {
    const crossing = (
        { id = 'm', video = false, dialled = BOB, left = true }: Mine = {},
        { identity = by('announced'), video: theirs = false, sipCallId = 'x' } = {},
    ) => cross({ id, video }, { identity, video: theirs, sipCallIds: [sipCallId] }, dialled, left);

    it('keep the call with the lower Call-ID, and come to the same on both sides', () => {
        for (const [alice, bob] of [
            ['a', 'b'],
            ['b', 'a'],
        ] as const) {
            const atAlice = crossing({ id: alice }, { sipCallId: bob });
            const atBob = crossing({ id: bob }, { sipCallId: alice });
            expect([atAlice, atBob].sort()).toEqual(['take', 'wait']);
            expect(atAlice === 'wait').toBe(alice < bob);
        }
    });

    it('take theirs where ours has not left', () => {
        expect(crossing({ id: 'a', left: false }, { sipCallId: 'b' })).toBe('take');
    });

    it('both ring on where it is not surely the one we called, or theirs wants more', () => {
        expect(crossing({}, { identity: by('listed') })).toBe('ring');
        expect(crossing({}, { identity: by('claimed', { trusted: true }) })).toBe('ring');
        expect(crossing({ dialled: null })).toBe('ring');
        expect(crossing({ dialled: 'eve@example.org' })).toBe('ring');
        expect(crossing({}, { video: true })).toBe('ring');
        expect(crossing({ video: true }, { video: true })).not.toBe('ring');
    });

    it('are sure by an announcement, or by the listed address in a From that is authenticated', () => {
        expect(isSurely(by('media-bound'), BOB)).toBeTrue();
        expect(isSurely(by('listed', { trusted: true }), BOB)).toBeTrue();
        for (const identity of [by('listed'), by('claimed'), by('conflict'), { ...NOBODY, trusted: true }]) {
            expect(isSurely(identity, BOB)).toBeFalse();
        }
        expect(isSurely(NOBODY, null)).toBeFalse();
    });
});
