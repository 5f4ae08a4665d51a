import { readDescribed, type Described } from '../../src/plugin/described.js';
import { NOBODY } from '../../src/plugin/identity.js';
import type { Call } from '../../src/plugin/phone.js';
import type { CallState } from '../../src/sip-sidecar/contract/index.js';

describe('the description of a call', () => {
    const media = { microphone: 'live', camera: 'off', remoteVideo: false } as const;
    const hold = { byUs: false, byThem: false };
    const call: Call = {
        id: '1',
        direction: 'incoming',
        video: false,
        address: 'sip:bob@sip.example.net',
        displayName: 'Bob',
        identity: { ...NOBODY, level: 'listed', jid: 'bob@example.net', reasons: ['address-listed'] },
        state: { name: 'active', media, hold, answeredAt: 7, problem: null },
        startedAt: 5,
        thread: null,
        sipCallIds: ['K'],
        silent: false,
    };
    const described: Described = { call, dialled: null, known: 'ci-1', leg: 'K', source: 'from' };

    it('is read as it was written, in every state of a call that is up', () => {
        const states: readonly CallState[] = [
            { name: 'dialling', media },
            { name: 'ringing', media },
            { name: 'incoming', media, problem: null },
            { name: 'connecting', media, answeredAt: null },
            { name: 'active', media, hold, answeredAt: 7, problem: null },
            { name: 'interrupted', media, hold, answeredAt: 7 },
            { name: 'interrupted', media, hold, answeredAt: 7, question: { kind: 'redirect', to: 'sip:x@y' } },
            {
                name: 'active',
                media,
                hold,
                answeredAt: 7,
                problem: { device: 'camera', problem: 'denied' },
                question: { kind: 'take-over', from: 'sip:x@y', displayName: '' },
            },
        ];
        for (const state of states) {
            const about = { ...described, call: { ...call, state } };
            expect(readDescribed(structuredClone(about))).toEqual(about);
        }
    });

    it('is none where somebody else wrote what cannot be shown', () => {
        const incomplete = { name: 'active', media, hold };
        for (const wrong of [
            null,
            'call',
            {},
            { ...described, call: null },
            { ...described, leg: 7 },
            { ...described, source: null },
            { ...described, known: {} },
            { ...described, dialled: undefined },
            ...[
                { id: 7 },
                { address: 'x'.repeat(5_000) },
                { displayName: 'a\u0000b' },
                { identity: null },
                { identity: { ...NOBODY, jid: 7 } },
                { identity: { ...NOBODY, level: 'conflict', inNameOf: {} } },
                { identity: { ...NOBODY, reasons: 'all' } },
                { state: { name: 'ended', reason: 'hung-up', endedAt: 1, answeredAt: 1 } },
                { state: { name: 'toString', media } },
                { state: { name: 'active' } },
                { state: incomplete },
                { state: { ...call.state, question: 'yes' } },
                { state: { ...call.state, question: { kind: 'toString' } } },
                { state: { ...call.state, question: { kind: 'redirect', to: {} } } },
                { state: { ...call.state, question: { kind: 'take-over', from: 'sip:x@y' } } },
                { state: { ...call.state, problem: { device: 7, problem: 'denied' } } },
                { state: { name: 'dialling', media: null } },
                { sipCallIds: null },
                { thread: {} },
                { startedAt: NaN },
            ].map((part) => ({ ...described, call: { ...call, ...part } })),
        ]) {
            expect(readDescribed(wrong)).withContext(JSON.stringify(wrong)).toBeNull();
        }
    });
});
