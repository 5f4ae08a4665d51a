/** What a call needs of the agent. */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { CallId, Clock, MediaEngine, ResumeRecord, SidecarConfig, SidecarEvent } from '../contract/index.js';
import type { Core } from './core/core.js';
import type { Random } from './random.js';

/** See above. */
export interface CallHost {
    readonly core: Core;
    readonly clock: Clock;
    readonly random: Random;
    readonly config: SidecarConfig;
    /** @throws where the media chunk cannot be loaded */
    media(): Promise<MediaEngine>;
    emit(event: SidecarEvent): void;
    /** A description of theirs, and the message that brought it. */
    remote(callId: CallId, message: IncomingMessage, sdp: string | undefined): void;
    /** What the next page needs to go on with the call. */
    record?(callId: CallId, record: ResumeRecord): void;
    /** An address as we dial it. */
    target(address: string): string | null;
    /** The call is over and forgotten. */
    ended(callId: CallId): void;
    /** Runs a last word to the other side now, or once the connection is back. */
    farewell(task: () => void): void;
    isConnected(): boolean;
    /** Proves within 2 s that signalling is alive now; where it is not, a new connection is already on its way. */
    readonly alive: () => Promise<boolean>;
}
