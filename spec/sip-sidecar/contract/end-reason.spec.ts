import fc from 'fast-check';
import { END_REASONS, endReasonFromHeader, endReasonFromStatus } from '../../../src/sip-sidecar/contract/end-reason.js';

describe('The reason why a call ended', () => {
    const STATUS: [status: number, reason: string][] = [
        [486, 'busy'],
        [600, 'busy'],
        [603, 'declined'],
        [404, 'not-found'],
        [604, 'not-found'],
        [410, 'not-found'],
        [484, 'not-found'],
        [480, 'unavailable'],
        [503, 'unavailable'],
        [408, 'no-answer'],
        [487, 'cancelled'],
        [415, 'not-accepted'],
        [488, 'not-accepted'],
        [606, 'not-accepted'],
        [401, 'forbidden'],
        [403, 'forbidden'],
        [407, 'forbidden'],
        [500, 'failed'],
        [302, 'failed'],
        [699, 'failed'],
    ];
    for (const [status, reason] of STATUS) {
        it(`is ${reason} for ${String(status)}`, () => {
            expect(endReasonFromStatus(status)).toBe(reason as 'failed');
        });
    }

    const HEADERS: [header: string, reason: string | null][] = [
        ['SIP;cause=200;text="Call completed elsewhere"', 'answered-elsewhere'],
        ['SIP ;cause=200', 'answered-elsewhere'],
        ['sip;text="a, b; cause=404";cause=603', 'declined'],
        ['Q.850;cause=16;text="Terminated", SIP;cause=486', 'busy'],
        ['Q.850;cause=200', null],
        ['SIP;cause=2000', null],
        ['SIP;cause=199', null],
        ['', null],
        ['SIP;cause=', null],
        [`SIP;text="${'x'.repeat(2000)}";cause=200`, null],
    ];
    for (const [header, reason] of HEADERS) {
        it(`is ${String(reason)} for Reason: ${header.slice(0, 60)}`, () => {
            expect(endReasonFromHeader(header)).toBe(reason as null);
        });
    }

    it('is always one of the list, whatever comes', () => {
        fc.assert(
            fc.property(fc.integer(), fc.string({ unit: 'binary' }), (status, header) => {
                expect(END_REASONS).toContain(endReasonFromStatus(status));
                const reason = endReasonFromHeader(header);
                if (reason !== null) expect(END_REASONS).toContain(reason);
            }),
        );
    });

    it('is read in no time from a header made to be slow', () => {
        const start = performance.now();
        for (const part of ['SIP;', 'SIP;"', ',SIP;a="', ' ;cause=', ',"']) endReasonFromHeader(part.repeat(100_000));
        expect(performance.now() - start).toBeLessThan(500);
    });
});
