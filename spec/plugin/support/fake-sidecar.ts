import type {
    CallEvent,
    CallId,
    CallStreams,
    IncomingCall,
    RemoteParty,
    SidecarCommand,
    SidecarEvent,
    SidecarPort,
} from '../../../src/sip-sidecar/contract/index.js';

/** Says nothing. */
export const NO_REMOTE: RemoteParty = { contact: '', callInfo: [], headers: [], fingerprints: [] };

/** Stands in for the SIP half: remembers what it is told, and tells what a spec wants. */
export class FakeSidecar implements SidecarPort {
    readonly commands: SidecarCommand[] = [];
    disposed = false;
    private readonly listeners = new Set<(event: SidecarEvent) => void>();

    send(command: SidecarCommand): void {
        this.commands.push(command);
    }

    subscribe(listener: (event: SidecarEvent) => void): () => void {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    }

    media(): CallStreams {
        return { local: null, remote: null };
    }

    dispose(): void {
        this.disposed = true;
    }

    emit(event: SidecarEvent): void {
        for (const listener of [...this.listeners]) listener(event);
    }

    /** The commands of one type. */
    sent<T extends SidecarCommand['type']>(type: T): Extract<SidecarCommand, { type: T }>[] {
        return this.commands.filter(
            (command): command is Extract<SidecarCommand, { type: T }> => command.type === type,
        );
    }

    registered(aor = 'sip:romeo@sip.montague.lit'): void {
        this.emit({ type: 'registration', registration: { state: 'registered', aor, gruu: null } });
    }

    call(callId: CallId, ...events: CallEvent[]): void {
        for (const event of events) this.emit({ type: 'call', callId, event });
    }

    /** Our session description is made. */
    local(callId: CallId, ...fingerprints: string[]): void {
        this.emit({ type: 'local', callId, fingerprints });
    }

    /** The other side's SIP says something. */
    remote(callId: CallId, remote: Partial<RemoteParty> = {}, sipCallId = callId): void {
        this.emit({ type: 'remote', callId, sipCallId, remote: { ...NO_REMOTE, ...remote } });
    }

    incoming(call: Partial<IncomingCall> = {}): CallId {
        const callId = call.callId ?? 'in-1';
        this.emit({
            type: 'incoming',
            call: {
                callId,
                sipCallId: callId,
                from: 'sip:mercutio@sip.montague.lit',
                displayName: 'Mercutio',
                video: false,
                asserted: false,
                to: 'sip:romeo@sip.montague.lit',
                remote: NO_REMOTE,
                ...call,
            },
        });
        return callId;
    }
}
