import { judge, read, type Reading } from '../../../src/sip-sidecar/media/quality.js';
import { makeEngine, connect, side } from './pair.js';
import { eventually } from '../../support/eventually.js';

const START: Reading = {
    received: 1000,
    lost: 10,
    heard: { jitter: 5, roundTrip: 40, codecs: ['opus'], relayed: false },
    packets: 1000,
    signs: 0,
};

/** What two seconds are like in which of a hundred packets so many are lost. */
const after = (percent: number, more: Partial<Reading['heard']> = {}): Reading => ({
    ...START,
    received: START.received + 100 - percent,
    lost: START.lost + percent,
    heard: { ...START.heard, ...more },
});

describe('The quality of a call', () => {
    for (const [situation, now, level] of [
        ['without loss', after(0), 'good'],
        ['with 3 % of the packets lost', after(3), 'good'],
        ['with 5 % of the packets lost', after(5), 'fair'],
        ['with 10 % of the packets lost', after(10), 'poor'],
        ['with everything lost', after(100), 'poor'],
        ['with a round trip of 300 ms', after(0, { roundTrip: 300 }), 'good'],
        ['with a round trip of 500 ms', after(0, { roundTrip: 500 }), 'fair'],
        ['with a round trip of 800 ms', after(0, { roundTrip: 800 }), 'poor'],
        ['with a jitter of 120 ms', after(0, { jitter: 120 }), 'fair'],
        ['with a bit of all', after(3, { jitter: 30, roundTrip: 250 }), 'fair'],
        ['with an unknown round trip', after(0, { roundTrip: null }), 'good'],
    ] as const) {
        it(`is ${level} ${situation}`, () => {
            expect(judge(START, now)?.level).toBe(level);
        });
    }

    it('counts what was lost since the reading before, not since the beginning', () => {
        expect(judge({ ...START, lost: 900 }, { ...START, lost: 900, received: 1100 })?.loss).toBe(0);
        expect(judge(START, after(25))?.loss).toBe(0.25);
    });

    it('says nothing where nothing was to come: a call on hold', () => {
        expect(judge(START, START)).toBeNull();
    });

    it('takes a late packet, which is counted as found again, for no negative loss', () => {
        expect(judge(START, { ...START, received: 1100, lost: 5 })?.loss).toBe(0);
    });

    describe('is read from statistics', () => {
        const report = (...stats: ({ id: string } & Record<string, unknown>)[]) =>
            new Map(stats.map((one) => [one.id, one] as const));

        it('of Chromium', () => {
            const found = read(
                report(
                    { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
                    { id: 'O', type: 'candidate-pair', currentRoundTripTime: 9 },
                    {
                        id: 'P',
                        type: 'candidate-pair',
                        currentRoundTripTime: 0.042,
                        localCandidateId: 'L',
                        remoteCandidateId: 'R',
                    },
                    { id: 'L', type: 'local-candidate', candidateType: 'relay' },
                    { id: 'R', type: 'remote-candidate', candidateType: 'prflx' },
                    {
                        id: 'A',
                        type: 'inbound-rtp',
                        kind: 'audio',
                        packetsReceived: 50,
                        packetsLost: 2,
                        jitter: 0.012,
                        codecId: 'C',
                    },
                    {
                        id: 'V',
                        type: 'inbound-rtp',
                        kind: 'video',
                        packetsReceived: 500,
                        packetsLost: 20,
                        codecId: 'D',
                    },
                    { id: 'C', type: 'codec', mimeType: 'audio/opus' },
                    { id: 'D', type: 'codec', mimeType: 'video/VP8' },
                ),
            );
            expect(found).toEqual({
                received: 50,
                lost: 2,
                heard: { jitter: 12, roundTrip: 42, codecs: ['opus', 'VP8'], relayed: true },
                packets: 550,
                signs: 0,
            });
        });

        it('of Firefox, which has no transport', () => {
            const found = read(
                report(
                    { id: 'O', type: 'candidate-pair', selected: false },
                    { id: 'P', type: 'candidate-pair', selected: true, localCandidateId: 'L', remoteCandidateId: 'R' },
                    { id: 'L', type: 'local-candidate', candidateType: 'host' },
                    { id: 'I', type: 'remote-inbound-rtp', roundTripTime: 0.1 },
                ),
            );
            expect([found.heard.relayed, found.heard.roundTrip]).toEqual([false, 100]);
        });

        it('that are not there: nothing is known', () => {
            const heard = { jitter: 0, roundTrip: null, codecs: [], relayed: null };
            expect(read([])).toEqual({ received: 0, lost: 0, heard, packets: 0, signs: 0 });
        });

        it('with values that are none, or are too many', () => {
            const sound = { type: 'inbound-rtp', kind: 'audio' };
            const found = read(
                report(
                    { id: 'A', ...sound, packetsReceived: NaN, packetsLost: -5, jitter: 'x', codecId: 'C1' },
                    { id: 'T', type: 'transport', selectedCandidatePairId: 'gone' },
                    { id: 'I', type: 'remote-inbound-rtp', roundTripTime: Infinity },
                    ...Array.from({ length: 50 }, (_, i) => ({
                        id: `B${String(i)}`,
                        ...sound,
                        codecId: `C${String(i)}`,
                    })),
                    ...Array.from({ length: 50 }, (_, i) => ({
                        id: `C${String(i)}`,
                        type: 'codec',
                        mimeType: `audio/\u202e${String(i)}${'x'.repeat(500)}`,
                    })),
                    { id: 'C99', type: 'codec', mimeType: 7 },
                ),
            );
            const { heard } = found;
            expect([found.received, found.lost, heard.jitter, heard.roundTrip, heard.relayed]).toEqual([
                0,
                0,
                0,
                null,
                null,
            ]);
            expect(heard.codecs.length).toBe(4);
            for (const name of heard.codecs) expect(name).toMatch(/^\d+x+…$/u);
        });
    });

    it('is told of a real call: good, direct, with its codecs', async () => {
        const { engine } = makeEngine();
        const [alice, bob] = [await side(engine, { video: true }), await side(engine)];
        await connect(alice, bob);
        const quality = await eventually('the quality', () => bob.told.qualities.at(-1), 10_000);
        expect(quality.level).toBe('good');
        expect([quality.relayed, quality.loss]).toEqual([false, 0]);
        expect(quality.codecs).toContain('opus');
        engine.dispose();
    });
});
