import type { AgentCommand } from '../../src/sip-sidecar/agent/index.js';
import type { SidecarCommand, SidecarEvent } from '../../src/sip-sidecar/contract/index.js';
import { keepCalls, takeCalls } from '../../src/sip-sidecar/resume-store.js';
import { takeTabLock } from '../../src/sip-sidecar/tab-lock.js';
import { joinTabs, type Tabs } from '../../src/sip-sidecar/tabs.js';
import { eventually } from '../support/eventually.js';
import { recordOf } from './support/record.js';

/** A tab, with what it was told. */
interface Tab {
    readonly tabs: Tabs;
    readonly events: SidecarEvent[];
    readonly commands: AgentCommand[];
    readonly log: string[];
}

describe('The tabs of an account', () => {
    let aor: string;
    let open: Tabs[];
    beforeEach(() => {
        aor = `sip:${crypto.randomUUID()}@example.net`;
        open = [];
    });
    afterEach(() => {
        for (const tabs of open) tabs.close();
        takeCalls(aor);
    });

    const join = (locks: LockManager | null = null): Tab => {
        const events: SidecarEvent[] = [];
        const commands: AgentCommand[] = [];
        const log: string[] = [];
        const tabs = joinTabs(aor, {
            locks,
            emit: (event) => events.push(event),
            command: (command) => commands.push(command),
            leave: () => {
                log.push('leave');
                return Promise.resolve();
            },
            take: () => log.push('take'),
            pass: () => log.push('pass'),
        });
        open.push(tabs);
        return { tabs, events, commands, log };
    };
    const leader = (): Tab => {
        const tab = join();
        tab.tabs.lead();
        return tab;
    };
    const follower = (): Tab => {
        const tab = join();
        tab.tabs.follow();
        return tab;
    };
    const shown = ({ events }: Tab): unknown =>
        events.findLast((event) => event.type === 'mirrored')?.calls.map(({ about }) => about);
    const shows = async (tab: Tab, about: unknown): Promise<void> => {
        await eventually(
            `it shows ${JSON.stringify(about)}`,
            () => JSON.stringify(shown(tab)) === JSON.stringify(about),
        );
    };
    /** Everything that was said so far has arrived. */
    const delivered = async (): Promise<void> => {
        const [one, two] = [new BroadcastChannel('end'), new BroadcastChannel('end')];
        await new Promise((resolve) => {
            two.onmessage = resolve;
            one.postMessage(null);
        });
        one.close();
        two.close();
    };
    const over = (tab: Tab, callId: string): void =>
        tab.tabs.onEvent({ type: 'call', callId, event: { type: 'ended', reason: 'hung-up', at: 1 } });

    it('are told what is up when they come, and whenever it changes', async () => {
        const first = leader();
        first.tabs.describe('1', 'one');
        const second = follower();
        await shows(second, ['one']);
        first.tabs.describe('2', 'two');
        first.tabs.describe('1', 'another one');
        await shows(second, ['another one', 'two']);
        over(first, '1');
        await shows(second, ['two']);
        expect(first.events).withContext('the tab that has the calls').toEqual([]);
    });

    it('have the one with the call do what the person wants', async () => {
        const first = leader();
        first.tabs.describe('1', 'one');
        const second = follower();
        await shows(second, ['one']);
        const commands: readonly SidecarCommand[] = [
            { type: 'mute', callId: '1', on: true },
            { type: 'hold', callId: '1', on: false },
            { type: 'digits', callId: '1', digits: '12#' },
            { type: 'reply', callId: '1', accept: true },
            { type: 'hang-up', callId: '1' },
            { type: 'mute', callId: 'unknown', on: true },
            { type: 'answer', callId: '1', video: true, listenOnly: false, headers: [['Call-Info', 'x']] },
        ];
        for (const command of commands) expect(second.tabs.forward(command)).withContext(command.type).toBeTrue();
        await eventually('it was answered', () => first.events.length > 0);
        const done: readonly object[] = first.commands;
        expect(done).toEqual(commands.slice(0, 5).map((command) => jasmine.objectContaining<object>(command)));
        const asked: readonly object[] = first.events;
        expect(asked).toEqual([
            jasmine.objectContaining<object>({ type: 'asked', callId: '1', video: true, listenOnly: false }),
        ]);
        for (const command of [
            { type: 'call', callId: '2', to: 'sip:x@y', video: false, headers: [] },
            { type: 'screen', callId: '1', on: true },
            { type: 'report' },
        ] as const) {
            expect(second.tabs.forward(command)).withContext(command.type).toBeFalse();
        }
    });

    it('drop what cannot be read, and what is not for them', async () => {
        const first = leader();
        first.tabs.describe('1', 'one');
        const second = follower();
        await shows(second, ['one']);
        const before = second.events.length;
        const evil = new BroadcastChannel(`converse-sip ${aor}`);
        for (const rubbish of [
            null,
            7,
            'ask',
            [],
            {},
            { type: 7 },
            { type: 'calls' },
            { type: 'calls', calls: 'all' },
            { type: 'do' },
            { type: 'do', command: null },
            { type: 'do', command: { type: 'connect', callId: '1' } },
            { type: 'do', command: { type: 'call', callId: '1', to: 'sip:+1900@x' } },
            { type: 'do', command: { type: 'resume', callId: '1', record: recordOf('1') } },
            { type: 'do', command: { type: 'mute' } },
            { type: 'do', command: { type: 'toString', callId: '1' } },
            { type: 'give', tab: {} },
            { type: 'give', tab: 'mine' },
            { type: 'given', tab: 'nobody' },
            new Map([['type', 'ask']]),
        ]) {
            evil.postMessage(rubbish);
        }
        evil.close();
        await delivered();
        expect(first.commands).toEqual([]);
        expect(first.events).toEqual([]);
        expect(first.log).withContext('a call is up').toEqual([]);
        expect(second.log).toEqual([]);
        // What has the form of a list is shown as one; what is in it, the plugin reads
        const mirrored = second.events.slice(before).filter(({ type }) => type === 'mirrored').length;
        expect(mirrored).toBeLessThanOrEqual(2);
        first.tabs.describe('1', 'again');
        await shows(second, ['again']);
    });

    it('get the registration where the person acts, while no call is up', async () => {
        const first = leader();
        first.tabs.describe('1', 'one');
        const second = follower();
        const third = follower();
        second.tabs.takeOver();
        await delivered();
        await delivered();
        expect(first.log).withContext('a call is up').toEqual([]);
        over(first, '1');
        second.tabs.takeOver();
        await eventually('it may take it', () => second.log.length > 0);
        expect([first.log, second.log, third.log]).toEqual([['leave'], ['take'], []]);
        second.tabs.takeOver();
        await delivered();
        expect(first.log).withContext('it has none to give').toEqual(['leave']);
        await eventually('nobody took it', () => first.log.includes('pass'));
    });

    it('go on with the calls of the one that went, and forget those that nobody had answered', async () => {
        const first = leader();
        first.tabs.describe('1', 'one');
        first.tabs.record('1', recordOf('1'));
        first.tabs.describe('2', 'ringing');
        first.tabs.record('unknown', recordOf('unknown'));
        const second = follower();
        await shows(second, ['one', 'ringing']);
        first.tabs.close();
        second.tabs.lead();
        expect(shown(second)).toEqual(['one']);
        await eventually('it goes on', () => second.commands.length > 0);
        expect(second.commands).toEqual([{ type: 'resume', record: recordOf('1') }]);
        expect(second.events.at(-1)).toEqual({ type: 'continued', callId: '1', about: 'one' });
        const third = follower();
        await shows(third, ['one']);
    });

    describe('whose page is left', () => {
        it('leave their calls to the next page of the tab', async () => {
            const before = leader();
            before.tabs.describe('1', 'one');
            before.tabs.record('1', recordOf('1'));
            before.tabs.describe('2', 'ringing');
            before.tabs.leavePage();
            before.tabs.close();
            expect(before.commands).toEqual([]);
            const after = leader();
            await eventually('it goes on', () => after.commands.length > 0);
            const [command] = after.commands;
            expect(command?.type === 'resume' && Date.now() - (command.record.leftAt ?? 0)).toBeLessThan(10_000);
            expect(after.events).toEqual([{ type: 'continued', callId: '1', about: 'one' }]);
            const duplicate = leader();
            await delivered();
            expect(duplicate.events).toEqual([]);
        });

        it('end a call of too long ago, when it was left', async () => {
            const leftAt = Date.now() - 61_000;
            keepCalls(aor, [{ callId: '1', about: 'one', record: recordOf('1') }], leftAt);
            const tab = leader();
            await eventually('it is over', () => tab.events.length === 2);
            expect(tab.events).toEqual([
                { type: 'continued', callId: '1', about: 'one' },
                { type: 'call', callId: '1', event: { type: 'ended', reason: 'connection-lost', at: leftAt } },
            ]);
            expect(tab.commands).toEqual([]);
        });

        it('say good-bye at once to who cannot be called back', () => {
            const tab = leader();
            tab.tabs.describe('1', 'one');
            tab.tabs.record('1', recordOf('1', { replaces: false }));
            tab.tabs.leavePage();
            expect(tab.commands).toEqual([{ type: 'hang-up', callId: '1' }]);
        });

        it('leave it also where they had not come to go on with it', () => {
            const leftAt = Date.now() - 1_000;
            keepCalls(aor, [{ callId: '1', about: 'one', record: recordOf('1') }], leftAt);
            const tab = join();
            expect(takeCalls(aor)).withContext('taken').toEqual([]);
            tab.tabs.leavePage();
            expect(takeCalls(aor)[0]?.record?.leftAt).toBe(leftAt);
        });
    });

    it('show nothing any more once they are closed, and say nothing', async () => {
        const first = leader();
        first.tabs.describe('1', 'one');
        const second = follower();
        await shows(second, ['one']);
        second.tabs.close();
        expect(shown(second)).toEqual([]);
        over(first, '1');
        second.tabs.takeOver();
        await delivered();
        expect(first.log).toEqual([]);
    });

    it('never have one call in two', async () => {
        const { locks } = navigator;
        const original = join(locks);
        original.tabs.lead();
        original.tabs.describe('1', 'one');
        original.tabs.record('1', recordOf('1'));
        const name = 'converse-sip call 1';
        await eventually('the call is held', async () =>
            ((await locks.query()).held ?? []).some((lock) => lock.name === name),
        );
        // A duplicated tab comes with the session storage of the other one
        keepCalls(aor, [{ callId: '1', about: 'one', record: recordOf('1') }], Date.now());
        const duplicate = join(locks);
        duplicate.tabs.lead();
        await locks.request('converse-sip call 2', () => undefined);
        await new Promise<void>((resolve) => {
            const late = takeTabLock(locks, 'call 1', fail, () => {
                late.release();
                resolve();
            });
        });
        expect(duplicate.events).toEqual([{ type: 'mirrored', calls: [] }]);
        expect(duplicate.commands).toEqual([]);
        over(original, '1');
        await locks.request(name, () => undefined);
        expect().nothing();
    });
});
