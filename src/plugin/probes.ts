/** Who is behind a SIP address? An OPTIONS request asks it (PROTOCOL.md 8.6), only when the person wants to know. */
import type { SidecarCommand, SidecarEvent } from '../sip-sidecar/contract/index.js';
import { parseCallInfo } from './stanzas/call-info.js';
import { dialled, readAddress } from './target.js';
import { uuid } from '../sip-sidecar/contract/uuid.js';

/** What came of it: the JID that the answer names. Nothing proves it. */
export type Probed = { readonly jid: string } | null;

/** The questions that are under way. */
export function createProbes(send: (command: SidecarCommand) => void, sipDomain: string) {
    const waiting = new Map<string, (probed: Probed) => void>();

    /** @returns null where there is no answer, none that names a JID, and where that is no address */
    function ask(address: string): Promise<Probed> {
        const read = readAddress(address);
        if (read === null) return Promise.resolve(null);
        return new Promise((resolve) => {
            const probeId = uuid();
            waiting.set(probeId, resolve);
            send({ type: 'probe', probeId, to: dialled(read, sipDomain) });
        });
    }

    function onProbed({ probeId, ok, remote }: SidecarEvent & { readonly type: 'probed' }): void {
        const info = ok ? parseCallInfo(remote.callInfo) : null;
        waiting.get(probeId)?.(info && { jid: info.jid });
        waiting.delete(probeId);
    }

    /** Nobody will answer any more. */
    function stop(): void {
        for (const resolve of waiting.values()) resolve(null);
        waiting.clear();
    }

    return {
        ask,
        onProbed,
        stop,
    };
}

export type Probes = ReturnType<typeof createProbes>;
