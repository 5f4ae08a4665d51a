import { Calls, isAnswered, isUp } from '../../src/plugin/calls.js';
import { NOBODY } from '../../src/plugin/identity.js';
import type { Call, Identity } from '../../src/plugin/phone.js';
import { NO_REMOTE } from './support/fake-sidecar.js';
import type { IncomingCall, SidecarCommand } from '../../src/sip-sidecar/contract/index.js';

const BOB: Identity = { ...NOBODY, level: 'listed', jid: 'bob@example.net', trusted: true };

describe('calls', () => {
    let sent: SidecarCommand[];
    let ended: Call[];
    let lists: number;
    let calls: Calls;
    let ids: number;
    beforeEach(() => {
        sent = [];
        ended = [];
        lists = ids = 0;
        calls = new Calls({
            send: (command) => sent.push(command),
            now: () => 1_000,
            newCallId: () => `out-${String(++ids)}`,
            identifyCaller: ({ from }) => (from === 'sip:bob@sip.example.net' ? BOB : NOBODY),
            ended: (call) => ended.push(call),
        });
        calls.list.subscribe(() => lists++);
    });

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
        const id = calls.place('sip:bob@sip.example.net', true, BOB);
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

    it('are the contact’s whose address comes while they are up', () => {
        let known = false;
        calls = new Calls({
            send: (command) => sent.push(command),
            now: () => 1_000,
            newCallId: () => 'out',
            identifyCaller: () => (known ? BOB : NOBODY),
            ended: (call) => ended.push(call),
        });
        comesIn('in');
        expect(calls.list.get()[0]?.identity).toEqual(NOBODY);
        known = true;
        calls.identify();
        expect(calls.list.get()[0]?.identity).toEqual(BOB);
        known = false;
        calls.identify();
        expect(calls.list.get()[0]?.identity).withContext('nobody becomes unknown in a call').toEqual(BOB);
    });

    it('are missed, cancelled or hung up when the session ends', () => {
        const reasons = (): string[] => ended.map(({ state }) => (state.name === 'ended' ? state.reason : ''));
        comesIn('in');
        calls.endAll();
        calls.place('sip:bob@sip.example.net', false, BOB);
        calls.endAll();
        const id = calls.place('sip:bob@sip.example.net', false, BOB);
        calls.handle({ type: 'call', callId: id, event: { type: 'answered', at: 5 } });
        calls.endAll();
        expect(reasons()).toEqual(['missed', 'cancelled', 'hung-up']);
    });

    it('come in from strangers and nobody without harm', () => {
        comesIn('in', { from: 'javascript:alert(1)', displayName: '' });
        expect(calls.list.get()[0]).toEqual(jasmine.objectContaining({ address: '', identity: NOBODY }));
    });

    it('that come in while one is up are told busy, and are missed ones', () => {
        calls.place('sip:x@y.example', false, NOBODY);
        comesIn('second');
        expect(sent.at(-1)).toEqual({ type: 'decline', callId: 'second', as: 'busy' });
        expect(calls.list.get().length).toBe(1);
        expect(ended.map(({ id, state }) => [id, state.name === 'ended' && state.reason])).toEqual([
            ['second', 'missed'],
        ]);
        calls.handle({ type: 'call', callId: 'second', event: { type: 'ended', reason: 'busy', at: 7 } });
        expect(ended.length).toBe(1);
    });

    it('that come in after one ended ring', () => {
        const id = calls.place('sip:x@y.example', false, NOBODY);
        calls.handle({ type: 'call', callId: id, event: { type: 'ended', reason: 'busy', at: 5 } });
        comesIn('second');
        expect(states()).toEqual(['ended', 'incoming']);
    });

    it('are answered and declined only while they ring here', () => {
        const out = calls.place('sip:x@y.example', false, NOBODY);
        sent.length = 0;
        calls.answer(out, false, false);
        calls.decline(out);
        calls.answer('nobody', false, false);
        expect(sent).toEqual([]);
        calls.handle({ type: 'call', callId: out, event: { type: 'ended', reason: 'busy', at: 5 } });
        comesIn('in');
        calls.answer('in', true, true);
        calls.decline('in');
        expect(sent).toEqual([
            { type: 'answer', callId: 'in', video: true, listenOnly: true, headers: [] },
            { type: 'decline', callId: 'in', as: 'declined' },
        ]);
    });

    it('that are over take no command', () => {
        const id = calls.place('sip:x@y.example', false, NOBODY);
        calls.handle({ type: 'call', callId: id, event: { type: 'ended', reason: 'busy', at: 5 } });
        sent.length = 0;
        for (const name of ['hangUp', 'hold', 'mute', 'camera'] as const) calls[name](id, true);
        calls.sendDigits(id, '1');
        expect(sent).toEqual([]);
    });

    it('send only digits that there are', () => {
        const id = calls.place('sip:x@y.example', false, NOBODY);
        calls.sendDigits(id, '12#a\r\nX' + '9'.repeat(100));
        calls.sendDigits(id, 'xyz');
        const digits = sent.flatMap((command) => (command.type === 'digits' ? [command.digits] : []));
        expect(digits).toEqual([`12#A${'9'.repeat(28)}`]);
    });

    it('stay after their end until they are dismissed, but only the last few', () => {
        for (let index = 0; index < 1_000; index++) {
            const id = calls.place('sip:x@y.example', false, NOBODY);
            calls.dismiss(id);
            calls.handle({ type: 'call', callId: id, event: { type: 'ended', reason: 'busy', at: 5 } });
        }
        expect(calls.list.get().length).toBe(4);
        const last = calls.list.get().at(-1)!;
        calls.dismiss(last.id);
        expect(calls.list.get()).not.toContain(last);
    });

    it('end all at once, each told once', () => {
        const id = calls.place('sip:x@y.example', false, NOBODY);
        calls.endAll();
        calls.endAll();
        expect(ended.map((call) => call.id)).toEqual([id]);
        expect(calls.list.get()).toEqual([]);
    });

    it('tell a change only when there is one', () => {
        const id = calls.place('sip:x@y.example', false, NOBODY);
        const before = lists;
        calls.handle({ type: 'call', callId: id, event: { type: 'interrupted' } });
        calls.handle({ type: 'call', callId: 'nobody', event: { type: 'ringing' } });
        expect(lists).toBe(before);
    });

    it('know when they are up, and when answered', () => {
        const id = calls.place('sip:x@y.example', false, NOBODY);
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
