/** JsSIP as its documentation shows it, with its own defaults but for the ICE servers. */
import JsSIP from 'jssip';
import type { Make } from './subject.js';

/** What we use of its session. */
interface Session {
    answer(options: object): void;
    terminate(): void;
    on(event: string, listener: () => void): void;
    readonly connection: RTCPeerConnection | null;
    readonly direction: 'incoming' | 'outgoing';
}

export const jsSip: Make = (end, told) => {
    const agent = new JsSIP.UA({
        sockets: [new JsSIP.WebSocketInterface(end.server)],
        uri: `sip:${end.user}@${end.domain}`,
        password: end.password,
    });
    const options = {
        mediaConstraints: { audio: true, video: false },
        pcConfig: { iceServers: [...end.iceServers], iceTransportPolicy: end.icePolicy },
    };
    let current: Session | null = null;
    agent.on('newRTCSession', (event: unknown) => {
        const { session } = event as { readonly session: Session };
        current = session;
        for (const name of ['ended', 'failed']) session.on(name, () => told.ended());
        if (session.direction === 'incoming') told.ring();
    });
    return {
        start: () =>
            new Promise((resolve) => {
                agent.on('registered', () => resolve());
                agent.start();
            }),
        call: (user) => void agent.call(`sip:${user}@${end.domain}`, options),
        answer: () => current?.answer(options),
        hangUp: () => current?.terminate(),
    };
};
