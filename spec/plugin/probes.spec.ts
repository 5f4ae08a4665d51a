import { createProbes, type Probes } from '../../src/plugin/probes.js';
import type { SidecarCommand } from '../../src/sip-sidecar/contract/index.js';

describe('a probe', () => {
    let sent: (SidecarCommand & { readonly type: 'probe' })[];
    let probes: Probes;
    const answer = (index: number, callInfo: readonly string[], ok = true): void =>
        probes.onProbed({
            type: 'probed',
            probeId: sent[index]!.probeId,
            ok,
            remote: { contact: '', callInfo, headers: [], fingerprints: [] },
            video: null,
        });
    beforeEach(() => {
        sent = [];
        probes = createProbes((command) => {
            if (command.type === 'probe') sent.push(command);
        }, 'sip.example.net');
    });

    it('asks an address, cleaned, and gives the JID that the answer names', async () => {
        const asked = probes.ask('<SIP:bob@sip.example.net;method=REGISTER>');
        expect(sent[0]?.to).toBe('sip:bob@sip.example.net');
        answer(0, ['<xmpp:Bob@example.net>;purpose=impp']);
        expect(await asked).toEqual({ jid: 'bob@example.net' });
    });

    it('gives nothing where nobody answers, or nothing of use', async () => {
        const asked = [1, 2, 3, 4].map(() => probes.ask('sip:bob@sip.example.net'));
        answer(0, []);
        answer(1, ['<xmpp:a@x>;purpose=impp', '<xmpp:b@x>;purpose=impp']);
        answer(2, ['<xmpp:bob@example.net>;purpose=impp'], false);
        probes.stop();
        expect(await Promise.all(asked)).toEqual([null, null, null, null]);
    });

    it('takes no answer twice, nor one to nothing', async () => {
        const asked = probes.ask('sip:bob@sip.example.net');
        answer(0, ['<xmpp:bob@example.net>;purpose=impp']);
        answer(0, ['<xmpp:eve@example.net>;purpose=impp']);
        expect(await asked).toEqual({ jid: 'bob@example.net' });
    });

    it('asks nobody where that is no address', async () => {
        expect(await probes.ask('javascript:alert(1)')).toBeNull();
        expect(sent).toEqual([]);
    });
});
