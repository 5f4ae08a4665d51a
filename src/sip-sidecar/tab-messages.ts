/**
 * What the tabs of one account tell each other: the one that holds the registration which calls are up, the others what the
 * person does there. Any script of the site can write here, and none of another site: what cannot be read is dropped. No
 * secret is ever written.
 */
import type { SidecarCommand } from './contract/index.js';
import { isLike } from './contract/shape.js';
import { readCalls, type TabCall } from './resume-store.js';

/** What can be done from another tab with a call that is up. */
export type RemoteCommand = Extract<
    SidecarCommand,
    { readonly type: 'answer' | 'camera' | 'decline' | 'digits' | 'hang-up' | 'hold' | 'mute' | 'reply' }
>;

const REMOTE = /^(?:answer|camera|decline|digits|hang-up|hold|mute|reply)$/u;

/** Whether a command is one of those. */
export const isRemote = (command: SidecarCommand): command is RemoteCommand => REMOTE.test(command.type);

/** One tab to all others. */
export type TabMessage =
    /** A tab that has come: what is up? */
    | { readonly type: 'ask' }
    /** All that is up in the tab that holds the registration, each time that it changes. */
    | { readonly type: 'calls'; readonly calls: readonly TabCall[] }
    | { readonly type: 'do'; readonly command: RemoteCommand }
    /** The person acts in this tab: may it have the registration? */
    | { readonly type: 'give'; readonly tab: string }
    /** That tab may take it. */
    | { readonly type: 'given'; readonly tab: string };

/** What a command may say; what it does not say is off or empty. */
const NOTHING = { type: '', callId: '', on: false, video: false, listenOnly: false, accept: false, digits: '' };

/** What each message has at least. */
const LIKE: Readonly<Record<string, unknown>> = {
    ask: {},
    calls: { calls: null },
    do: { command: NOTHING },
    give: { tab: '' },
    given: { tab: '' },
};

/** A command as another tab is told it. */
export const doThat = (command: RemoteCommand): TabMessage => ({ type: 'do', command: { ...NOTHING, ...command } });

/** What another tab says; null: nothing that can be read. */
export function readMessage(data: unknown): TabMessage | null {
    if (!isLike(data, { type: '' }) || !isLike(data, LIKE[data.type])) return null;
    const message = data as TabMessage;
    if (message.type === 'calls') return { ...message, calls: readCalls(message.calls) };
    if (message.type !== 'do') return message;
    const command: unknown = { ...message.command, as: 'declined', headers: [] };
    return isRemote(message.command) ? { type: 'do', command: command as RemoteCommand } : null;
}
