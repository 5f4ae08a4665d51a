import { createCalls, type Calls } from '../../src/plugin/calls.js';
import { NOBODY } from '../../src/plugin/identity.js';
import { isAnswered, isUp, type Call, type Identity } from '../../src/plugin/phone.js';
import type { Verdict } from '../../src/plugin/admission.js';
import { NO_REMOTE } from './support/fake-sidecar.js';
import { Wheel } from './support/wheel.js';
import type { EndReason, IncomingCall, SidecarCommand } from '../../src/sip-sidecar/contract/index.js';

const BOB: Identity = { ...NOBODY, level: 'listed', jid: 'bob@example.net', trusted: true };

describe('calls', () => {
    let sent: SidecarCommand[];
    let ended: (Call & { readonly said: EndReason })[];
    let lists: number;
    let calls: Calls;
    let ids: number;
    let known: Identity;
    let verdict: Verdict | null;
    let wheel: Wheel;
    let heard: string[];
    let crossing: 'take' | 'wait' | 'ring';
    beforeEach(() => {
        sent = [];
        ended = [];
        heard = [];
        lists = ids = 0;
        known = BOB;
        verdict = null;
        crossing = 'ring';
        wheel = new Wheel();
        calls = createCalls({
            send: (command) => {
                sent.push(command);
                // As the agent does, at once
                if (command.type === 'decline')
                    calls.handle({
                        type: 'call',
                        callId: command.callId,
                        event: { type: 'ended', reason: command.as, at: wheel.now() },
                    });
            },
            clock: wheel,
            correlation: {
                incoming: ({ callId }) => heard.push(callId),
                look: (id) => ({ identity: known, thread: null, sipCallIds: [id] }),
                ended: (id) => heard.push(`${id} ended`),
            },
            admit: (_call, busy, late) =>
                verdict === 'wait' && late ? 'refuse' : (verdict ?? (busy ? 'busy' : 'ring')),
            cross: () => crossing,
            take: (id, video) => heard.push(`${id} taken ${String(video)}`),
            ended: (call, said) => ended.push({ ...call, said }),
        });
        calls.list.subscribe(() => lists++);
    });

    const place = (video = false): string => {
        const id = `out-${String(++ids)}`;
        calls.place(id, 'sip:bob@sip.example.net', video, []);
        return id;
    };
    const comesIn = (callId: string, more: Partial<IncomingCall> = {}): void =>
        calls.handle({
            type: 'incoming',
            call: {
                callId,
                sipCallId: callId,
                from: 'sip:bob@sip.example.net',
                displayName: 'Bob',
                video: true,
                asserted: false,
                to: '',
                remote: NO_REMOTE,
                ...more,
            },
        });
    const states = (): string[] => calls.list.get().map(({ state }) => state.name);

    it('are placed, and follow what the sidecar tells', () => {
        const id = place(true);
        expect(sent).toEqual([{ type: 'call', callId: id, to: 'sip:bob@sip.example.net', video: true, headers: [] }]);
        const [first] = calls.list.get();
        calls.handle({ type: 'call', callId: id, event: { type: 'ringing' } });
        expect(states()).toEqual(['ringing']);
        expect(calls.list.get()[0]).not.toBe(first);
        expect(first?.state.name).toBe('dialling');
        calls.handle({ type: 'call', callId: id, event: { type: 'ended', reason: 'busy', at: 5, status: 486 } });
        expect(states()).toEqual(['ended']);
        expect(ended.map((call) => call.id)).toEqual([id]);
        calls.handle({ type: 'call', callId: id, event: { type: 'ended', reason: 'failed', at: 6 } });
        expect(ended.length).toBe(1);
    });

    it('come in with who it is, and cleaned', () => {
        comesIn('in', { displayName: 'B\u202eo\r\nb' });
        expect(calls.list.get()[0]).toEqual(
            jasmine.objectContaining({
                id: 'in',
                direction: 'incoming',
                video: true,
                address: 'sip:bob@sip.example.net',
                displayName: 'Bo b',
                identity: BOB,
            }),
        );
        comesIn('in');
        expect(calls.list.get().length).toBe(1);
    });

    it('are somebody’s as soon as more is known, and tell only what is new', () => {
        known = NOBODY;
        comesIn('in');
        const before = lists;
        calls.identify();
        expect(lists).toBe(before);
        known = BOB;
        calls.identify();
        expect(calls.list.get()[0]?.identity).toEqual(BOB);
        calls.handle({ type: 'call', callId: 'in', event: { type: 'ended', reason: 'missed', at: 5 } });
        known = NOBODY;
        calls.identify();
        expect(calls.list.get()[0]?.identity).withContext('over').toEqual(BOB);
    });

    it('ring, with or without a sound', () => {
        comesIn('in');
        expect(sent).toEqual([{ type: 'ring', callId: 'in' }]);
        expect(calls.list.get()[0]?.silent).toBeFalse();
        calls.endAll();
        verdict = 'silent';
        comesIn('quiet');
        expect(sent.at(-1)).toEqual({ type: 'ring', callId: 'quiet' });
        expect(calls.list.get()[0]?.silent).toBeTrue();
    });

    it('that are refused leave a quiet entry, those of the blocked none', () => {
        verdict = 'refuse';
        comesIn('in');
        expect(sent).toEqual([{ type: 'decline', callId: 'in', as: 'refused' }]);
        expect(calls.list.get()).toEqual([]);
        expect(ended.map(({ id, state }) => [id, state.name === 'ended' && state.reason])).toEqual([['in', 'refused']]);
        verdict = 'ignore';
        comesIn('blocked');
        expect(sent.at(-1)).toEqual({ type: 'decline', callId: 'blocked', as: 'refused' });
        expect(ended.length).toBe(1);
        expect(lists).toBe(0);
        expect(heard).toEqual(['in', 'in ended', 'blocked', 'blocked ended']);
    });

    describe('that wait for a confirmation', () => {
        beforeEach(() => {
            verdict = 'wait';
            comesIn('in');
        });

        it('are not shown, and ring once it is there', () => {
            expect(sent).toEqual([]);
            expect(calls.list.get()).toEqual([]);
            calls.identify();
            comesIn('in');
            expect(sent).toEqual([]);
            verdict = null;
            calls.identify();
            expect(sent).toEqual([{ type: 'ring', callId: 'in' }]);
            expect(states()).toEqual(['incoming']);
            wheel.turn(10_000);
            expect(states()).toEqual(['incoming']);
        });

        it('are refused after three seconds', () => {
            wheel.turn(2_999);
            expect(sent).toEqual([]);
            wheel.turn(1);
            expect(sent).toEqual([{ type: 'decline', callId: 'in', as: 'refused' }]);
            expect(ended.map(({ said }) => said)).toEqual(['refused']);
        });

        it('leave a quiet entry when the caller gives up, or the session ends', () => {
            calls.handle({ type: 'call', callId: 'in', event: { type: 'ended', reason: 'missed', at: 5 } });
            comesIn('next');
            calls.endAll();
            wheel.turn(10_000);
            expect(ended.map(({ id, said }) => [id, said])).toEqual([
                ['in', 'refused'],
                ['next', 'refused'],
            ]);
            expect(sent).toEqual([]);
        });
    });

    describe('that cross one of ours to the same person', () => {
        let mine: string;
        beforeEach(() => {
            mine = place();
            sent.length = 0;
        });
        const ends = (id: string): void =>
            calls.handle({ type: 'call', callId: id, event: { type: 'ended', reason: 'cancelled', at: 5 } });
        const answered = (id: string): void =>
            calls.handle({ type: 'call', callId: id, event: { type: 'answered', at: 5 } });

        it('are taken in its place where that is decided, without a sound', () => {
            crossing = 'take';
            comesIn('in');
            expect(heard).toContain('in taken false');
            expect(sent).toEqual([]);
            expect(calls.find('in')?.silent).toBeTrue();
            calls.answer('in', false, false, []);
            expect(sent.map((command) => [command.type, 'callId' in command && command.callId])).toEqual([
                ['hang-up', mine],
                ['answer', 'in'],
            ]);
        });

        it('wait where ours goes on, and leave nothing when they are withdrawn', () => {
            crossing = 'wait';
            comesIn('in');
            wheel.turn(10_000);
            expect([sent, states()]).toEqual([[], ['dialling']]);
            ends('in');
            answered(mine);
            expect(sent).toEqual([]);
            expect(ended).toEqual([]);
        });

        it('wait, and are told busy when ours was answered', () => {
            crossing = 'wait';
            comesIn('in');
            answered(mine);
            expect(sent).toEqual([{ type: 'decline', callId: 'in', as: 'busy' }]);
            expect(ended).toEqual([]);
        });

        it('wait, and ring when ours came to nothing', () => {
            crossing = 'wait';
            comesIn('in');
            ends(mine);
            expect(sent).toEqual([{ type: 'ring', callId: 'in' }]);
            ends('in');
            expect(ended.map(({ id }) => id)).toEqual([mine, 'in']);
        });

        it('ring beside it where nothing is sure; the first that is answered ends the other', () => {
            comesIn('in');
            expect(states()).toEqual(['dialling', 'incoming']);
            calls.answer('in', false, false, []);
            expect(sent.at(-2)).toEqual({ type: 'hang-up', callId: mine });
            ends(mine);
            ends('in');
            const other = place();
            comesIn('next');
            answered(other);
            expect(sent.at(-1)).toEqual({ type: 'decline', callId: 'next', as: 'busy' });
            expect(ended.at(-1)).toEqual(jasmine.objectContaining({ id: 'next', said: 'missed' }));
        });

        it('of somebody else are told busy', () => {
            known = { ...BOB, jid: 'eve@example.org' };
            comesIn('in');
            expect(sent).toEqual([{ type: 'decline', callId: 'in', as: 'busy' }]);
        });
    });

    it('that were taken on another device stop here, and only while they ring', () => {
        comesIn('in');
        calls.takenElsewhere('in', 'answered-elsewhere');
        expect(sent.at(-1)).toEqual({ type: 'decline', callId: 'in', as: 'refused' });
        expect(ended.map(({ said }) => said)).toEqual(['answered-elsewhere']);
        calls.takenElsewhere('in', 'declined');
        const out = place();
        calls.takenElsewhere(out, 'declined');
        verdict = 'wait';
        calls.endAll();
        comesIn('waits');
        calls.takenElsewhere('waits', 'declined');
        expect(ended.map(({ said }) => said)).toEqual(['answered-elsewhere', 'cancelled', 'declined']);
    });

    it('are missed, cancelled or hung up when the session ends', () => {
        const reasons = (): string[] => ended.map(({ state }) => (state.name === 'ended' ? state.reason : ''));
        comesIn('in');
        calls.endAll();
        place();
        calls.endAll();
        const id = place();
        calls.handle({ type: 'call', callId: id, event: { type: 'answered', at: 5 } });
        calls.endAll();
        expect(reasons()).toEqual(['missed', 'cancelled', 'hung-up']);
    });

    it('come in from strangers and nobody without harm', () => {
        known = NOBODY;
        comesIn('in', { from: 'javascript:alert(1)', displayName: '' });
        expect(calls.list.get()[0]).toEqual(jasmine.objectContaining({ address: '', identity: NOBODY }));
    });

    it('that come in while one is up are told busy, and are missed ones', () => {
        calls.handle({ type: 'call', callId: place(), event: { type: 'answered', at: 5 } });
        comesIn('second');
        expect(sent.at(-1)).toEqual({ type: 'decline', callId: 'second', as: 'busy' });
        expect(calls.list.get().length).toBe(1);
        expect(ended.map(({ id, state, said }) => [id, state.name === 'ended' && state.reason, said])).toEqual([
            ['second', 'missed', 'busy'],
        ]);
        calls.handle({ type: 'call', callId: 'second', event: { type: 'ended', reason: 'busy', at: 7 } });
        expect(ended.length).toBe(1);
    });

    describe('that come in while others ring', () => {
        const FRIEND: Identity = { ...BOB, contact: true };
        const CAROL: Identity = { ...FRIEND, jid: 'carol@montague.lit' };

        beforeEach(() => (known = FRIEND));

        it('ring in the place of a stranger, who is told busy, when they are of a contact', () => {
            known = NOBODY;
            comesIn('stranger');
            known = FRIEND;
            comesIn('bob');
            expect(states()).toEqual(['ended', 'incoming']);
            expect(sent.slice(1)).toEqual([
                { type: 'decline', callId: 'stranger', as: 'busy' },
                { type: 'ring', callId: 'bob' },
            ]);
            expect(ended.map(({ id, said }) => [id, said])).toEqual([['stranger', 'missed']]);
        });

        it("ring beside another contact, whose address may be a forger's, and one of each", () => {
            comesIn('bob');
            known = CAROL;
            comesIn('carol');
            comesIn('carol again');
            known = FRIEND;
            comesIn('bob again');
            expect(states()).toEqual(['incoming', 'incoming']);
            expect(sent.map((command) => command.type)).toEqual(['ring', 'ring', 'decline', 'decline']);
        });

        it('are told busy when they are of strangers, or only claim to be of a contact', () => {
            comesIn('bob');
            for (const identity of [NOBODY, { ...CAROL, level: 'claimed' as const }]) {
                known = identity;
                comesIn('other');
                expect(sent.at(-1)).toEqual({ type: 'decline', callId: 'other', as: 'busy' });
            }
            expect(states()).toEqual(['incoming']);
        });

        it('are told busy when the person has taken the one that rings', () => {
            known = NOBODY;
            comesIn('stranger');
            calls.answer('stranger', false, false, []);
            known = FRIEND;
            comesIn('bob');
            expect(sent.at(-1)).toEqual({ type: 'decline', callId: 'bob', as: 'busy' });
            expect(states()).toEqual(['incoming']);
        });
    });

    it('that come in after one ended ring', () => {
        const id = place();
        calls.handle({ type: 'call', callId: id, event: { type: 'ended', reason: 'busy', at: 5 } });
        comesIn('second');
        expect(states()).toEqual(['ended', 'incoming']);
    });

    it('are answered and declined only while they ring here', () => {
        const out = place();
        sent.length = 0;
        calls.answer(out, false, false, []);
        calls.decline(out);
        calls.answer('nobody', false, false, []);
        expect(sent).toEqual([]);
        calls.handle({ type: 'call', callId: out, event: { type: 'ended', reason: 'busy', at: 5 } });
        comesIn('in');
        sent.length = 0;
        calls.answer('in', true, true, []);
        calls.decline('in');
        expect(sent).toEqual([
            { type: 'answer', callId: 'in', video: true, listenOnly: true, headers: [] },
            { type: 'decline', callId: 'in', as: 'declined' },
        ]);
    });

    it('that are over take no command', () => {
        const id = place();
        calls.handle({ type: 'call', callId: id, event: { type: 'ended', reason: 'busy', at: 5 } });
        sent.length = 0;
        for (const type of ['hold', 'mute', 'camera'] as const) calls.command({ type, callId: id, on: true });
        calls.command({ type: 'hang-up', callId: id });
        calls.sendDigits(id, '1');
        expect(sent).toEqual([]);
    });

    it('send only digits that there are', () => {
        const id = place();
        calls.sendDigits(id, '12#a\r\nX' + '9'.repeat(100));
        calls.sendDigits(id, 'xyz');
        const digits = sent.flatMap((command) => (command.type === 'digits' ? [command.digits] : []));
        expect(digits).toEqual([`12#A${'9'.repeat(28)}`]);
    });

    it('stay after their end until they are dismissed, but only the last few', () => {
        for (let index = 0; index < 1_000; index++) {
            const id = place();
            calls.dismiss(id);
            calls.handle({ type: 'call', callId: id, event: { type: 'ended', reason: 'busy', at: 5 } });
        }
        expect(calls.list.get().length).toBe(4);
        const last = calls.list.get().at(-1)!;
        calls.dismiss(last.id);
        expect(calls.list.get()).not.toContain(last);
    });

    it('end all at once, each told once', () => {
        const id = place();
        calls.endAll();
        calls.endAll();
        expect(ended.map((call) => call.id)).toEqual([id]);
        expect(calls.list.get()).toEqual([]);
    });

    it('tell a change only when there is one', () => {
        const id = place();
        const before = lists;
        calls.handle({ type: 'call', callId: id, event: { type: 'interrupted' } });
        calls.handle({ type: 'call', callId: 'nobody', event: { type: 'ringing' } });
        expect(lists).toBe(before);
    });

    it('know when they are up, and when answered', () => {
        const id = place();
        const call = (): Call => calls.list.get()[0]!;
        expect([isUp(call()), isAnswered(call())]).toEqual([true, false]);
        calls.handle({ type: 'call', callId: id, event: { type: 'ringing' } });
        expect(isAnswered(call())).toBeFalse();
        calls.handle({ type: 'call', callId: id, event: { type: 'answered', at: 2 } });
        expect(isAnswered(call())).toBeTrue();
        calls.handle({ type: 'call', callId: id, event: { type: 'ended', reason: 'hung-up', at: 3 } });
        expect([isUp(call()), isAnswered(call())]).toEqual([false, false]);
    });
});
