import type { Call, Identity } from '../../src/plugin/phone.js';
import type { Correlation, Tie } from '../../src/plugin/correlation.js';
import { NOBODY } from '../../src/plugin/identity.js';
import { Verification } from '../../src/plugin/verification.js';
import type { Store } from '../../src/plugin/store.js';
import { question, verified } from './support/call-events.js';
import { fakeStore } from './support/fake-store.js';
import { settled } from './support/until.js';
import { Wheel } from './support/wheel.js';
import { rejectWith, text, xml } from './support/xml.js';

const BOB = 'bob@example.net';
const ALICE = 'alice@example.org/web';

describe('verification', () => {
    let wheel: Wheel;
    let store: Store;
    let identity: Identity;
    let tie: Partial<Tie> & { endedAt: number | null };
    let subscription: string;
    let resources: string[];
    let able: Set<string>;
    let alone: boolean;
    let answer: (to: string) => Promise<Element>;
    let asked: string[];
    let sent: string[];
    let heard: string[];
    let verification: Verification;
    beforeEach(() => {
        wheel = new Wheel();
        ({ store } = fakeStore());
        identity = { ...NOBODY, level: 'listed', jid: BOB, contact: true };
        tie = { id: 'in', leg: 'K', endedAt: null, info: null };
        subscription = 'both';
        resources = ['web'];
        able = new Set(['web']);
        alone = true;
        asked = [];
        sent = [];
        heard = [];
        answer = (to) =>
            Promise.resolve(xml(`<iq xmlns='jabber:client' type='result' from='${to}'>${verified('K')}</iq>`));
        begin();
    });
    const begin = (): void => {
        const correlation: Partial<Correlation> = {
            tie: (id) => (id === 'in' ? (tie as Tie) : undefined),
            look: () => ({ identity, thread: null, sipCallIds: ['K'] }),
            isAlone: () => alone,
            placedAs: (callId) =>
                callId === 'OUT' ? ({ id: 'out', dialled: BOB, address: 'sip:b@x' } as Tie) : undefined,
            verified: (id, jid, resource) => heard.push(`${id} ${jid}/${resource}`),
            overdue: (id) => heard.push(`${id} overdue`),
        };
        verification = new Verification({
            clock: wheel,
            store,
            book: { listersOf: () => new Map([['carol@example.net', []]]) },
            correlation: correlation as Correlation,
            call: () => ({ state: { name: 'dialling' } }) as Call,
            subscription: () => subscription,
            resources: () => resources,
            supports: (_feature, jid) => Promise.resolve(able.has(jid.split('/')[1] ?? '')),
            sendIQ: (iq) => {
                const to = iq.getAttribute('to') ?? '';
                asked.push(`${to} ${iq.firstElementChild?.getAttribute('call-id') ?? ''}`);
                return answer(to);
            },
            send: (stanza) => sent.push(text(stanza)),
        });
    };
    const rings = async (turn = 1_000): Promise<void> => {
        verification.watch('in');
        wheel.turn(turn);
        await settled();
    };

    it('asks the devices that can answer, five at most', async () => {
        resources = ['a', 'b', 'web', 'd', 'e', 'f'];
        able = new Set(['b', 'web', 'e', 'f']);
        await rings();
        expect(asked).toEqual([`${BOB}/b K`, `${BOB}/web K`, `${BOB}/e K`]);
        expect(heard).toEqual([`in ${BOB}/b`, `in ${BOB}/web`, `in ${BOB}/e`]);
    });

    it('asks the device that Call-Info names instead, where it names the same contact', async () => {
        resources = ['web', 'tablet'];
        able = new Set(resources);
        tie.info = { jid: BOB, resource: 'named', thread: null, id: null };
        await rings();
        expect(asked).toEqual([`${BOB}/named K`]);
        asked.length = 0;
        tie.info = { jid: 'eve@example.org', resource: 'named', thread: null, id: null };
        await rings();
        expect(asked).toEqual([`${BOB}/web K`, `${BOB}/tablet K`]);
    });

    it('asks nobody about a call that is verified, in conflict, of nobody, over, or not alone with its Call-ID', async () => {
        const cases: (() => void)[] = [
            () => (identity = { ...identity, level: 'announced' }),
            () => (identity = { ...NOBODY, level: 'conflict' }),
            () => (identity = NOBODY),
            () => (tie.endedAt = 5),
            () => (alone = false),
            () => (subscription = 'to'),
            () => (subscription = 'from'),
            () => (subscription = 'none'),
        ];
        for (const change of cases) {
            change();
            await rings();
            identity = { ...NOBODY, level: 'listed', jid: BOB, contact: true };
            tie.endedAt = null;
            alone = true;
            subscription = 'both';
        }
        expect(asked).toEqual([]);
    });

    it('takes an answer only from whom it asked', async () => {
        answer = () =>
            Promise.resolve(
                xml(`<iq xmlns='jabber:client' type='result' from='mallory@example.com/x'>${verified('K')}</iq>`),
            );
        await rings();
        expect(asked.length).toBe(1);
        expect(heard).toEqual([]);
    });

    it('bears no answer, a no, and a connection that is gone', async () => {
        for (const failing of [
            () => rejectWith(xml(`<iq xmlns='jabber:client' type='error'/>`)),
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
            () => Promise.reject(null),
            () => {
                throw new Error('not connected');
            },
        ]) {
            answer = failing;
            await rings();
        }
        expect(asked.length).toBe(3);
        expect(new Set(heard)).toEqual(new Set(['in overdue']));
    });

    describe('is late', () => {
        it('after three seconds, where somebody is there who could have answered', async () => {
            answer = () => new Promise(() => undefined);
            await rings();
            wheel.turn(1_999);
            expect(heard).toEqual([]);
            wheel.turn(1);
            expect(heard).toEqual(['in overdue']);
        });

        it('also where it took longer to find out that there is', async () => {
            answer = () => new Promise(() => undefined);
            await rings(3_000);
            expect(heard).toEqual(['in overdue']);
        });

        it('not, where nobody is there who could', async () => {
            able.clear();
            await rings(3_000);
            expect(heard).toEqual([]);
        });

        it('also where nobody is there, but announced a call before; which is remembered', async () => {
            verification.announced(BOB);
            verification.announced(BOB);
            await settled();
            expect(await store.get('announcers')).toEqual([[BOB]]);
            begin();
            await verification.load();
            able.clear();
            await rings(3_000);
            expect(heard).toEqual(['in overdue']);
        });

        it('is not expected of strangers', async () => {
            subscription = 'none';
            verification.announced(BOB);
            await settled();
            expect(await store.get('announcers')).toBeNull();
        });
    });

    it('survives whatever was kept', async () => {
        for (const kept of [5, 'x', {}, [1, null, {}, BOB, [BOB, 5]]]) {
            await store.set('announcers', kept);
            await verification.load();
        }
        able.clear();
        await rings(3_000);
        expect(heard).toEqual(['in overdue']);
    });

    it('answers to whom we call or whose address it is, ten times a minute, and to all others the same', () => {
        const ask = (from: string, callId = 'OUT'): boolean => {
            verification.onQuestion(xml(question(from, callId, ALICE)));
            const [last = ''] = sent.slice(-1);
            expect(last.includes('item-not-found')).toBe(!last.includes('initiator'));
            return last.includes('initiator');
        };
        expect(ask(`${BOB}/web`)).toBeTrue();
        expect(ask('carol@example.net/x')).toBeTrue();
        expect(ask('dave@example.net/x')).toBeFalse();
        expect(ask(`${BOB}/web`, 'K')).toBeFalse();
        expect(ask(`${BOB}/web`, '')).toBeFalse();
        expect(ask('')).toBeFalse();
        expect(ask('a b@x/')).toBeFalse();
        for (const other of ['to', 'from', 'none']) {
            subscription = other;
            expect(ask(`${BOB}/web`))
                .withContext(other)
                .toBeFalse();
        }
        subscription = 'both';
        expect(Array.from({ length: 10 }, () => ask(`${BOB}/web`)).filter(Boolean).length).toBe(7);
        expect(ask('carol@example.net/x')).withContext('each their own').toBeTrue();
        wheel.turn(60_000);
        expect(ask(`${BOB}/phone`)).toBeTrue();
    });
});
