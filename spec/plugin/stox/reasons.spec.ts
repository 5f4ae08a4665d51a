import { endReasonOfJingle, JINGLE_REASON_OF_END } from '../../../src/plugin/stox/reasons.js';
import { END_REASONS } from '../../../src/sip-sidecar/contract/end-reason.js';

/** XEP-0166 section 7.4. */
const REASONS = [
    'alternative-session',
    'busy',
    'cancel',
    'connectivity-error',
    'decline',
    'expired',
    'failed-application',
    'failed-transport',
    'general-error',
    'gone',
    'incompatible-parameters',
    'media-error',
    'security-error',
    'success',
    'timeout',
    'unsupported-applications',
    'unsupported-transports',
];

describe('The end of a call and the reasons of Jingle', () => {
    it('have a reason of XEP-0166 for every end', () => {
        for (const end of END_REASONS) expect(REASONS).withContext(end).toContain(JINGLE_REASON_OF_END[end]);
    });

    it('give one end for every reason, which is told as it again where we have it', () => {
        for (const reason of REASONS) {
            const end = endReasonOfJingle(reason);
            expect(END_REASONS).withContext(reason).toContain(end);
            if (end !== 'failed')
                expect(JINGLE_REASON_OF_END[end])
                    .withContext(reason)
                    .toBe(reason as 'success');
        }
    });

    it('take what is no reason for a failure', () => {
        for (const reason of ['', 'constructor', '__proto__', 'x'.repeat(10_000)]) {
            expect(endReasonOfJingle(reason)).toBe('failed');
        }
    });
});
