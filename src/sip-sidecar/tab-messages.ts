/**
 * What the tabs of one account tell each other: the one that holds the registration which calls are up, the others what the
 * person does there. Any script of the site can write here, and none of another site: what cannot be read is dropped. No
 * secret is ever written.
 */
import type { CallId, SidecarCommand } from './contract/index.js';
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

/** What another tab says; null: nothing that can be read. */
export function readMessage(data: unknown): TabMessage | null {
    if (!isLike(data, { type: '' })) return null;
    const { type } = data;
    if (type === 'ask') return { type };
    if (type === 'calls' && 'calls' in data) return { type, calls: readCalls(data.calls) };
    if ((type === 'give' || type === 'given') && isLike(data, { tab: '' })) return { type, tab: data.tab };
    if (type === 'do' && isLike(data, { command: { type: '', callId: '' } }) && REMOTE.test(data.command.type)) {
        return { type, command: readCommand(data.command) };
    }
    return null;
}

/** With every member that any of them has; what is not as it has to be is off or empty. */
function readCommand(command: { readonly type: string; readonly callId: CallId }): RemoteCommand {
    const { type, callId, ...rest } = command as Readonly<Record<string, unknown>> & typeof command;
    const isOn = (name: string): boolean => rest[name] === true;
    return {
        type,
        callId,
        on: isOn('on'),
        video: isOn('video'),
        listenOnly: isOn('listenOnly'),
        accept: isOn('accept'),
        digits: isLike(rest['digits'], '') ? rest['digits'] : '',
        as: 'declined',
        headers: [],
    } as RemoteCommand;
}
