import { keepUnwritten, loggedCall, takeUnwritten, type Entry } from '../../src/plugin/call-log.js';
import { loadLocale } from '../../src/i18n/index.js';
import { NOBODY } from '../../src/plugin/identity.js';
import { describeCall, isMissed, type LoggedCall } from '../../src/plugin/logged-call.js';
import { END_REASONS } from '../../src/sip-sidecar/contract/end-reason.js';
import { firstState } from '../../src/sip-sidecar/contract/index.js';

const call = (more: Partial<LoggedCall>): LoggedCall => ({
    direction: 'outgoing',
    reason: 'hung-up',
    video: false,
    startedAt: 0,
    answeredAt: null,
    endedAt: 10_000,
    address: 'sip:bob@sip.example.net',
    ...more,
});

describe('an entry of the call log', () => {
    beforeAll(() => loadLocale('en'));

    const cases: readonly (readonly [Partial<LoggedCall>, string])[] = [
        [{ answeredAt: 1_000, endedAt: 84_000 }, 'Outgoing call, 1:23'],
        [{ answeredAt: 0, endedAt: 3_723_000, video: true }, 'Outgoing video call, 1:02:03'],
        [{ answeredAt: 0, endedAt: 5_999, direction: 'incoming' }, 'Incoming call, 0:05'],
        [{ answeredAt: 0, endedAt: 0, direction: 'incoming', video: true }, 'Incoming video call, 0:00'],
        [{ answeredAt: 0, endedAt: 9_000, reason: 'connection-lost' }, 'Outgoing call, 0:09'],
        [{ direction: 'incoming', reason: 'missed' }, 'Missed call'],
        [{ direction: 'incoming', reason: 'cancelled', video: true }, 'Missed video call'],
        [{ direction: 'incoming', reason: 'declined' }, 'Incoming call: The call was declined'],
        [{ direction: 'incoming', reason: 'answered-elsewhere' }, 'Incoming call: Answered on another device'],
        [{ reason: 'busy' }, 'Outgoing call: Bob is busy'],
        [{ reason: 'no-answer' }, 'Outgoing call: No answer'],
        [{ reason: 'no-device' }, 'Outgoing call: No microphone or camera was found'],
    ];
    for (const [given, text] of cases) {
        it(`says "${text}"`, () => expect(describeCall(call(given), 'Bob')).toBe(text));
    }

    it('has words for every reason in both directions', () => {
        for (const reason of END_REASONS) {
            for (const direction of ['incoming', 'outgoing'] as const) {
                expect(describeCall(call({ reason, direction }), 'Bob')).not.toMatch(/[{}]|end\.|history\./u);
            }
        }
    });

    it('takes a name with placeholders as it is', () => {
        expect(describeCall(call({ reason: 'busy' }), '{reason}$&<b>')).toBe('Outgoing call: {reason}$&<b> is busy');
    });

    it('is missed only where nobody here took it', () => {
        expect(isMissed(call({ direction: 'incoming', reason: 'missed' }))).toBeTrue();
        expect(isMissed(call({ direction: 'incoming', reason: 'declined' }))).toBeFalse();
        expect(isMissed(call({ direction: 'incoming', reason: 'connection-lost', answeredAt: 1 }))).toBeFalse();
        expect(isMissed(call({ reason: 'cancelled' }))).toBeFalse();
    });

    it('is made of a call that is over', () => {
        const up = {
            id: '1',
            direction: 'outgoing' as const,
            video: true,
            address: 'sip:a@b.example',
            displayName: '',
            identity: NOBODY,
            state: firstState('outgoing', true),
            startedAt: 5,
            thread: null,
            sipCallIds: ['1'],
            silent: false,
        };
        const ended = {
            name: 'ended',
            reason: 'busy',
            answeredAt: null,
            endedAt: 9,
            problem: null,
            status: 486,
        } as const;
        expect(loggedCall({ ...up, state: ended }, 'ci-1')).toEqual({
            direction: 'outgoing',
            reason: 'busy',
            video: true,
            startedAt: 5,
            answeredAt: null,
            endedAt: 9,
            address: 'sip:a@b.example',
            identity: up.identity,
            announcement: 'ci-1',
            sipCallIds: ['1', '1'],
        });
    });
});

describe('calls that could not be written before the page went', () => {
    const JID = 'alice@example.org';
    const ended: Entry = { jid: 'bob@example.net', call: call({}) };

    it('come back once, and only to their owner', () => {
        keepUnwritten(JID, [ended]);
        expect(takeUnwritten(JID)).toEqual([ended]);
        expect(takeUnwritten(JID)).toEqual([]);
        keepUnwritten(JID, [ended]);
        expect(takeUnwritten('bob@example.net')).toEqual([]);
        expect(takeUnwritten(JID)).withContext('forgotten by then').toEqual([]);
    });

    it('are none where something else is kept', () => {
        for (const kept of ['', 'x', '7', '[]', '{}', `{"own":"${JID}","entries":7}`]) {
            sessionStorage.setItem('converse-sip-unwritten', kept);
            expect(takeUnwritten(JID)).withContext(kept).toEqual([]);
        }
    });
});
