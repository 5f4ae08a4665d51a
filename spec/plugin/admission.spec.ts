import { admit, type Arrival } from '../../src/plugin/admission.js';
import { NOBODY } from '../../src/plugin/identity.js';
import type { Identity, IdentityLevel } from '../../src/plugin/phone.js';

const LEVELS: readonly IdentityLevel[] = ['conflict', 'none', 'claimed', 'listed', 'announced', 'media-bound'];
const by = (level: IdentityLevel, contact = true): Identity => ({ ...NOBODY, level, contact });
const verdict = (more: Partial<Arrival> = {}) =>
    admit({
        identity: by('listed'),
        blocked: false,
        busy: false,
        doNotRing: false,
        dnd: false,
        acceptFrom: 'anyone',
        late: false,
        ...more,
    });

describe('the admission of a call', () => {
    it('rings for anyone by default', () => {
        expect(LEVELS.map((level) => verdict({ identity: by(level) }))).toEqual(LEVELS.map(() => 'ring'));
    });

    it('rings for contacts only: listed or better, and no stranger who announces', () => {
        const of = (contact: boolean) =>
            LEVELS.map((level) => verdict({ acceptFrom: 'contacts', identity: by(level, contact) }));
        expect(of(true)).toEqual(['refuse', 'refuse', 'refuse', 'ring', 'ring', 'ring']);
        expect(of(false))
            .withContext('listed by the phone book')
            .toEqual(['refuse', 'refuse', 'refuse', 'ring', 'refuse', 'refuse']);
    });

    it('rings for the verified only, and waits for that', () => {
        const of = (late: boolean) =>
            LEVELS.map((level) => verdict({ acceptFrom: 'verified', late, identity: by(level, false) }));
        expect(of(false)).toEqual(['wait', 'wait', 'wait', 'wait', 'ring', 'ring']);
        expect(of(true)).toEqual(['refuse', 'refuse', 'refuse', 'refuse', 'ring', 'ring']);
    });

    it('is busy, silent, refused or ignored, the strongest first', () => {
        expect(verdict({ dnd: true })).toBe('silent');
        expect(verdict({ dnd: true, busy: true })).toBe('busy');
        expect(verdict({ busy: true, acceptFrom: 'contacts', identity: NOBODY }))
            .withContext('who may not ring learns nothing')
            .toBe('refuse');
        expect(verdict({ busy: true, doNotRing: true })).toBe('refuse');
        expect(verdict({ doNotRing: true, blocked: true, busy: true, dnd: true })).toBe('ignore');
    });
});
