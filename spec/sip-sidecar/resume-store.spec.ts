import { keepCalls, readCalls, takeCalls } from '../../src/sip-sidecar/resume-store.js';
import { recordOf } from './support/record.js';

describe('Calls kept for the next page', () => {
    const aor = 'sip:alice@kept.example.net';
    const call = (callId: string, more = {}) => ({ callId, about: { any: 'thing' }, record: recordOf(callId, more) });
    afterEach(() => takeCalls(aor));

    it('are taken once, by the same account, with the time at which the page was left', () => {
        keepCalls(aor, [call('1'), { callId: '2', about: null, record: null }], 5_000);
        expect(takeCalls('sip:bob@kept.example.net')).toEqual([]);
        expect(takeCalls(aor)).toEqual([call('1', { leftAt: 5_000 })]);
        expect(takeCalls(aor)).withContext('a duplicated tab has no second one').toEqual([]);
    });

    it('that were not gone on with keep the time at which their own page was left', () => {
        keepCalls(aor, [call('1', { leftAt: 4_000 })], 5_000);
        expect(takeCalls(aor)[0]?.record?.leftAt).toBe(4_000);
    });

    it('are none where the browser keeps nothing', () => {
        spyOn(Storage.prototype, 'setItem').and.throwError('full');
        spyOn(Storage.prototype, 'getItem').and.throwError('forbidden');
        keepCalls(aor, [call('1')], 5_000);
        expect(takeCalls(aor)).toEqual([]);
    });

    it('that somebody else wrote are read as far as they can be used', () => {
        const dialog = recordOf('1').dialog;
        for (const rubbish of [null, 7, 'calls', {}, [null, 7, {}, { callId: 7 }, { callId: 'a\r\nVia: x' }]]) {
            expect(readCalls(rubbish)).toEqual([]);
        }
        for (const wrong of [
            { callId: 'another' },
            { dialog: { ...dialog, target: 'sip:bob@x\r\nRoute: <sip:evil>' } },
            { dialog: { ...dialog, routes: 'sip:x' } },
            { dialog: { ...dialog, routes: Array.from({ length: 1000 }, () => 'sip:x') } },
            { dialog: { ...dialog, localSequence: Infinity } },
            { dialog: null },
            { fingerprints: [7] },
            { media: 'live' },
            { instanceId: 'x'.repeat(10_000) },
            { leftAt: 'now' },
        ]) {
            const found = { callId: '1', about: 1, record: { ...recordOf('1'), ...wrong } };
            expect(readCalls([found]))
                .withContext(JSON.stringify(wrong))
                .toEqual([{ callId: '1', about: 1, record: null }]);
        }
        expect(readCalls(Array.from({ length: 1_000 }, (_, n) => call(String(n)))).length).toBe(16);
        sessionStorage.setItem(`converse-sip-calls ${aor}`, '{');
        expect(takeCalls(aor)).toEqual([]);
    });
});
