/**
 * The calls of an account across the tabs of a browser profile: one of them leads, it holds the registration and the calls;
 * the others show them and say what the person does there. When the one that leads goes, the next one goes on with its
 * calls (PROTOCOL.md 8.13); and so does the next page of the same tab.
 */
import type { AgentCommand } from './agent/index.js';
import {
    RESUME_WITHIN,
    uuid,
    type CallId,
    type ResumeRecord,
    type SidecarCommand,
    type SidecarEvent,
} from './contract/index.js';
import { keepCalls, takeCalls, type TabCall } from './resume-store.js';
import { takeTabLock, type TabLock } from './tab-lock.js';
import { doThat, isRemote, readMessage, type TabMessage } from './tab-messages.js';

/** How long the tab that asked for the registration has to take it, in ms. */
const TAKE_WITHIN = 1_000;

/** What the tabs need of the sidecar. */
export interface TabsHost {
    readonly locks: LockManager | null;
    emit(event: SidecarEvent): void;
    /** To the agent of this tab, which leads. */
    command(command: AgentCommand): void;
    /** Ends the registration, for another tab to have it; null: not now. */
    leave(): Promise<void> | null;
    /** The registration may be taken. */
    take(): void;
    /** Nobody has taken it: the tab that waits longest gets it. */
    pass(): void;
}

/** The tabs of one account, as this one sees them. */
export interface Tabs {
    /** This tab has the registration. */
    lead(): void;
    /** Another one has it. */
    follow(): void;
    /** What the agent tells. */
    onEvent(event: SidecarEvent): void;
    record(callId: CallId, record: ResumeRecord | null): void;
    describe(callId: CallId, about: unknown): void;
    /** Has the tab that leads do it. @returns false: that cannot be done from another tab */
    forward(command: SidecarCommand): boolean;
    /** Asks for the registration. */
    takeOver(): void;
    /** The page is left. */
    leavePage(): void;
    close(): void;
}

/** Joins the other tabs. @param name of the account */
export function joinTabs(name: string, host: TabsHost): Tabs {
    const own = uuid();
    const channel = new BroadcastChannel(`converse-sip ${name}`);
    let say = (message: TabMessage): void => channel.postMessage(message);
    /** What is up: in this tab where it leads; else in the one that does. */
    const calls = new Map<CallId, TabCall>();
    /** By call: that it goes on in this tab, and in no other. */
    const held = new Map<CallId, TabLock>();
    let leads = false;
    let follows = false;
    let passing: ReturnType<typeof setTimeout> | undefined;

    const show = (now: readonly TabCall[]): void => {
        calls.clear();
        for (const call of now) calls.set(call.callId, call);
        host.emit({ type: 'mirrored', calls: now.map(({ callId, about }) => ({ callId, about })) });
    };
    const tell = (): void => {
        if (leads) say({ type: 'calls', calls: [...calls.values()].filter(({ about }) => about !== undefined) });
    };
    const change = (callId: CallId, what: Partial<TabCall>): void => {
        calls.set(callId, { callId, about: undefined, record: null, ...calls.get(callId), ...what });
        tell();
    };
    const over = (callId: CallId): void => {
        held.get(callId)?.release();
        held.delete(callId);
        if (calls.delete(callId)) tell();
    };
    const hold = (callId: CallId, granted: () => void, elsewhere: () => void): void => {
        held.set(callId, takeTabLock(host.locks, `call ${callId}`, granted, elsewhere));
    };
    const resume = ({ callId, about, record }: TabCall): void => {
        if (record === null) {
            calls.delete(callId);
            return;
        }
        const { leftAt } = record;
        hold(
            callId,
            () => {
                if (!calls.has(callId)) return;
                host.emit({ type: 'continued', callId, about });
                // A clock that went back is no better than one that went too far.
                if (leftAt === null || Math.abs(Date.now() - leftAt) < RESUME_WITHIN) {
                    host.command({ type: 'resume', record });
                    return;
                }
                host.emit({ type: 'call', callId, event: { type: 'ended', reason: 'connection-lost', at: leftAt } });
                over(callId);
            },
            () => {
                over(callId);
                // Nothing of it is to be seen here any more.
                host.emit({ type: 'mirrored', calls: [] });
            },
        );
    };

    const hear = (message: TabMessage): void => {
        switch (message.type) {
            case 'ask':
                tell();
                break;
            case 'calls':
                if (follows) show(message.calls);
                break;
            case 'do': {
                const { command } = message;
                if (!leads || !calls.has(command.callId)) break;
                if (command.type === 'answer') host.emit({ ...command, type: 'asked' });
                else host.command(command);
                break;
            }
            case 'give': {
                const left = leads && calls.size === 0 ? host.leave() : null;
                if (left === null) break;
                leads = false;
                void left.then(() => {
                    say({ type: 'given', tab: message.tab });
                    passing = setTimeout(() => host.pass(), TAKE_WITHIN);
                });
                break;
            }
            case 'given':
                if (follows && message.tab === own) host.take();
                break;
        }
    };
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        const message = readMessage(data);
        if (message !== null) hear(message);
    };
    for (const call of takeCalls(name)) calls.set(call.callId, call);

    return {
        lead: () => {
            clearTimeout(passing);
            leads = true;
            const kept = [...calls.values()];
            if (follows) show(kept.filter(({ record }) => record !== null));
            follows = false;
            kept.forEach(resume);
            tell();
        },
        follow: () => {
            clearTimeout(passing);
            leads = false;
            follows = true;
            say({ type: 'ask' });
        },
        onEvent: (event) => {
            if (event.type === 'incoming') change(event.call.callId, {});
            else if (event.type === 'call' && event.event.type === 'ended') over(event.callId);
        },
        record: (callId, record) => {
            if (record === null || !calls.has(callId)) return;
            if (!held.has(callId)) {
                const nothing = (): void => undefined;
                hold(callId, nothing, nothing);
            }
            change(callId, { record });
        },
        describe: (callId, about) => {
            if (leads) change(callId, { about });
        },
        forward: (command) => {
            const can = isRemote(command);
            if (can) say(doThat(command));
            return can;
        },
        takeOver: () => say({ type: 'give', tab: own }),
        leavePage: () => {
            keepCalls(name, calls.values(), Date.now());
            if (!leads) return;
            // Nobody can go on with it: better a word now than one that may never come.
            for (const { callId, record } of calls.values()) {
                if (record?.replaces === false) host.command({ type: 'hang-up', callId });
            }
        },
        close: () => {
            clearTimeout(passing);
            if (follows) show([]);
            say = () => undefined;
            channel.close();
            for (const lock of held.values()) lock.release();
        },
    };
}
