import { createConsent, type Consent } from '../../src/plugin/consent.js';
import type { Store } from '../../src/plugin/store.js';

/** A store that keeps one thing. */
class Shelf implements Pick<Store, 'list' | 'set'> {
    constructor(public kept: unknown = null) {}
    list(): Promise<readonly unknown[]> {
        return Promise.resolve(Array.isArray(this.kept) ? this.kept : []);
    }
    set(_name: string, value: unknown): Promise<void> {
        this.kept = value;
        return Promise.resolve();
    }
}

describe('Before an address is dialled', () => {
    const BOB = 'bob@example.net';
    let shelf: Shelf;
    const consent = async (): Promise<Consent> => {
        const made = createConsent(shelf as unknown as Store, ['sip.example.net']);
        await made.load();
        return made;
    };
    beforeEach(() => {
        shelf = new Shelf();
    });

    it('nothing is asked at the own domain', async () => {
        expect((await consent()).question('sip:bob@sip.example.net', BOB)).toBeNull();
        expect((await consent()).question('sip:dave@sip.example.net', null)).toBeNull();
    });

    it('a domain that was never called is asked about once, also by another page', async () => {
        const first = await consent();
        expect(first.question('sip:bob@elsewhere.example', BOB)).toBe('domain');
        first.remember('sip:bob@elsewhere.example', BOB);
        const second = await consent();
        expect(second.question('sip:bob@elsewhere.example;transport=tcp', BOB)).toBeNull();
        expect(second.question('sip:carol@elsewhere.example', 'carol@example.net')).toBeNull();
    });

    it('a telephone number is asked about for each who publishes it', async () => {
        const number = 'sip:+13035551212@sip.example.net;user=phone';
        const asked = await consent();
        expect(asked.question(number, BOB)).toBe('number');
        asked.remember(number, BOB);
        expect(asked.question(number, BOB)).toBeNull();
        expect(asked.question(number, 'carol@example.net')).toBe('number');
        expect(asked.question(number, null)).toBe('number');
    });

    it('a number in the user part is asked about, called one or not; an extension is not', async () => {
        for (const user of ['+19005551212', '+1-900-555-1212', '0900123456', '%2B19005551212', '*21*0900123']) {
            expect((await consent()).question(`sip:${user}@sip.example.net`, BOB))
                .withContext(user)
                .toBe('number');
        }
        expect((await consent()).question('sip:1001@sip.example.net', BOB)).toBeNull();
    });

    it('an emergency call is never delayed', async () => {
        for (const number of ['112', '911', '999', '08', '10111']) {
            const uri = `sip:${number}@sip.example.net;user=phone`;
            expect((await consent()).question(uri, null)).toBeNull();
            expect((await consent()).question(uri, BOB, 'own')).toBeNull();
        }
    });

    it('other short numbers are asked about, and an emergency number that somebody published as the own one', async () => {
        expect((await consent()).question('sip:200@sip.example.net;user=phone', null)).toBe('number');
        expect((await consent()).question('sip:112@sip.example.net;user=phone', BOB)).toBe('number');
        expect((await consent()).question('sip:112@sip.example.net;user=phone', null, 'message')).toBe('number');
    });

    it('what the person entered for a contact has not changed unless the person changed it', async () => {
        const asked = await consent();
        asked.remember('sip:bob@sip.example.net', BOB);
        expect(asked.question('sip:robert@sip.example.net', BOB, 'own')).toBeNull();
        expect(asked.question('sip:robert@sip.example.net', BOB)).toBe('changed');
        expect(asked.question('sip:+1303@sip.example.net;user=phone', BOB, 'own')).toBe('number');
    });

    it('an address that has changed since the last call is asked about, also when it changes back', async () => {
        const asked = await consent();
        asked.remember('sip:bob@sip.example.net', BOB);
        expect(asked.question('sip:robert@sip.example.net', BOB)).toBe('changed');
        asked.remember('sip:robert@sip.example.net', BOB);
        expect(asked.question('sip:robert@sip.example.net', BOB)).toBeNull();
        expect(asked.question('sip:bob@sip.example.net', BOB)).toBe('changed');
    });

    it('what was kept is believed only where it looks like what we keep', async () => {
        for (const kept of [null, 'x', 7, {}, [1, ['a'], [null, null], ['a', 'b', 'c'], { 0: 'a', 1: 'b' }]]) {
            shelf = new Shelf(kept);
            expect((await consent()).question('sip:bob@elsewhere.example', BOB)).toBe('domain');
        }
    });

    it('no more than 500 are remembered', async () => {
        const asked = await consent();
        for (let i = 0; i < 600; i++) asked.remember(`sip:u${String(i)}@elsewhere.example`, null);
        expect((shelf.kept as unknown[]).length).toBe(500);
    });
});
