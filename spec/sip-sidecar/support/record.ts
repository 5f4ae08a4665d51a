import type { ResumeRecord } from '../../../src/sip-sidecar/contract/index.js';

/** What is kept of an answered call. */
export const recordOf = (callId: string, more: Partial<ResumeRecord> = {}): ResumeRecord => ({
    callId,
    direction: 'outgoing',
    dialog: {
        callId,
        localTag: 'l',
        remoteTag: 'r',
        localUri: 'sip:alice@example.net',
        remoteUri: 'sip:bob@example.net',
        target: 'sip:bob@192.0.2.1;transport=ws',
        routes: ['<sip:192.0.2.2;lr>'],
        localSequence: 3,
    },
    replaces: true,
    instanceId: '00000000-0000-4000-8000-000000000000',
    fingerprints: ['sha-256 BB'],
    media: { microphone: 'muted', camera: 'off', remoteVideo: false },
    hold: { byUs: false, byThem: true },
    answeredAt: 1_000,
    leftAt: null,
    ...more,
});
