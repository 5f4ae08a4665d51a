import fc from 'fast-check';
import {
    firstState,
    nextState,
    type CallEvent,
    type CallState,
    type Media,
} from '../../../src/sip-sidecar/contract/index.js';
import { END_REASONS } from '../../../src/sip-sidecar/contract/end-reason.js';

const media: Media = { microphone: 'live', camera: 'off', remoteVideo: false };
const hold = { byUs: false, byThem: false };
const STATES: CallState[] = [
    { name: 'dialling', media },
    { name: 'ringing', media },
    { name: 'incoming', media, problem: null },
    { name: 'connecting', media, answeredAt: null },
    { name: 'connecting', media, answeredAt: 5 },
    { name: 'active', media, hold, answeredAt: 5, problem: null },
    { name: 'interrupted', media, hold, answeredAt: 5 },
    { name: 'ended', reason: 'hung-up', answeredAt: 5, endedAt: 9, problem: null, status: null },
];
const EVENTS: CallEvent[] = [
    { type: 'ringing' },
    { type: 'answering' },
    { type: 'answered', at: 7 },
    { type: 'connected', at: 8 },
    { type: 'interrupted' },
    { type: 'media', media: { camera: 'on' } },
    { type: 'hold', by: 'us', on: true },
    { type: 'hold', by: 'them', on: true },
    { type: 'problem', problem: { device: 'microphone', problem: 'denied' } },
    { type: 'ended', reason: 'failed', at: 10 },
];

/** What each event makes of each state; whatever is not named here changes nothing. */
const LEADS_TO: Record<string, Partial<Record<string, CallState['name']>>> = {
    ringing: { dialling: 'ringing' },
    answering: { incoming: 'connecting' },
    answered: { dialling: 'connecting', ringing: 'connecting', 'connecting null': 'connecting' },
    connected: { 'connecting null': 'active', connecting: 'active', interrupted: 'active' },
    interrupted: { active: 'interrupted' },
    media: {
        dialling: 'dialling',
        ringing: 'ringing',
        incoming: 'incoming',
        'connecting null': 'connecting',
        connecting: 'connecting',
        active: 'active',
        interrupted: 'interrupted',
    },
    hold: { active: 'active', interrupted: 'interrupted' },
    problem: { incoming: 'incoming', active: 'active' },
    ended: {
        dialling: 'ended',
        ringing: 'ended',
        incoming: 'ended',
        'connecting null': 'ended',
        connecting: 'ended',
        active: 'ended',
        interrupted: 'ended',
    },
};

const label = (state: CallState): string =>
    state.name === 'connecting' && state.answeredAt === null ? 'connecting null' : state.name;

const spoken = (event: CallEvent): string => (event.type === 'hold' ? `hold by ${event.by}` : event.type);

describe('The state of a call', () => {
    for (const state of STATES) {
        for (const event of EVENTS) {
            const target = LEADS_TO[event.type]?.[label(state)];
            it(`that is ${label(state)}, on ${spoken(event)}, ${target ? `is ${target}` : 'stays the very same'}`, () => {
                const before = JSON.stringify(state);
                const next = nextState(state, event);
                expect(JSON.stringify(state)).withContext('the old state').toBe(before);
                if (target === undefined) expect(next).toBe(state);
                else {
                    expect(next).not.toBe(state);
                    expect(next.name).toBe(target);
                }
            });
        }
    }

    it('starts with its camera on only where the person called with video', () => {
        expect(firstState('outgoing', true).media.camera).toBe('on');
        expect(firstState('outgoing', false).media.camera).toBe('off');
        expect(firstState('incoming', true).media.camera).toBe('off');
    });

    it('remembers when it was answered, until its end', () => {
        const events: CallEvent[] = [
            { type: 'ringing' },
            { type: 'answered', at: 100 },
            { type: 'connected', at: 120 },
            { type: 'interrupted' },
            { type: 'connected', at: 200 },
            { type: 'ended', reason: 'hung-up', at: 300 },
        ];
        const end = events.reduce<CallState>(nextState, firstState('outgoing', false));
        expect(end).toEqual({
            name: 'ended',
            reason: 'hung-up',
            answeredAt: 100,
            endedAt: 300,
            problem: null,
            status: null,
        });
    });

    it('keeps who holds it while it is interrupted', () => {
        const active = STATES[5]!;
        const held = nextState(nextState(active, { type: 'hold', by: 'us', on: true }), { type: 'interrupted' });
        const back = nextState(nextState(held, { type: 'hold', by: 'them', on: true }), { type: 'connected', at: 9 });
        expect(back).toEqual({ ...active, hold: { byUs: true, byThem: true } } as CallState);
    });

    it('forgets a problem when media works again', () => {
        const active = STATES[5]!;
        const problem = { device: 'camera', problem: 'in-use' } as const;
        const troubled = nextState(active, { type: 'problem', problem });
        expect(nextState(troubled, { type: 'problem', problem: { ...problem } })).toBe(troubled);
        expect(nextState(troubled, { type: 'problem', problem: null })).toEqual(active);
    });

    const anyMedia = fc.record(
        {
            microphone: fc.constantFrom<Media['microphone']>('live', 'muted', 'none'),
            camera: fc.constantFrom<Media['camera']>('on', 'off'),
            remoteVideo: fc.boolean(),
        },
        { requiredKeys: [] },
    );
    const anyProblem = fc.option(
        fc.record({
            device: fc.constantFrom('microphone' as const, 'camera' as const),
            problem: fc.constantFrom('denied' as const, 'missing' as const, 'in-use' as const),
        }),
    );
    const anyEvent: fc.Arbitrary<CallEvent> = fc.oneof(
        fc.constantFrom<CallEvent>({ type: 'ringing' }, { type: 'answering' }, { type: 'interrupted' }),
        fc.record({ type: fc.constantFrom('answered' as const, 'connected' as const), at: fc.nat() }),
        fc.record({ type: fc.constant('media' as const), media: anyMedia }),
        fc.record({
            type: fc.constant('hold' as const),
            by: fc.constantFrom('us' as const, 'them' as const),
            on: fc.boolean(),
        }),
        fc.record({ type: fc.constant('problem' as const), problem: anyProblem }),
        fc.record({
            type: fc.constant('ended' as const),
            reason: fc.constantFrom(...END_REASONS),
            at: fc.nat(),
            problem: anyProblem,
        }),
    );

    it('is plain data after any events, never leaves its end, and never takes its answer back', () => {
        fc.assert(
            fc.property(
                fc.constantFrom('outgoing', 'incoming'),
                fc.boolean(),
                fc.array(anyEvent),
                (way, video, events) => {
                    let state: CallState = firstState(way, video);
                    for (const event of events) {
                        const next = nextState(state, event);
                        if (state.name === 'ended') expect(next).toBe(state);
                        const before = 'answeredAt' in state ? state.answeredAt : null;
                        if (before !== null) expect('answeredAt' in next && next.answeredAt).toBe(before);
                        expect(structuredClone(next)).toEqual(next);
                        // An event that changed something changes nothing when it comes again.
                        expect(nextState(next, event)).toEqual(next);
                        state = next;
                    }
                },
            ),
        );
    });
});
