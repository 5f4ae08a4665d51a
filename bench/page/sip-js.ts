/** sip.js as its guide shows it: `SimpleUser`, with its own defaults but for the ICE servers. */
import { SimpleUser } from 'sip.js/lib/platform/web/index.js';
import type { Make } from './subject.js';

export const sipJs: Make = (end, told) => {
    const audio = document.body.appendChild(document.createElement('audio'));
    const user = new SimpleUser(end.server, {
        aor: `sip:${end.user}@${end.domain}`,
        media: { constraints: { audio: true, video: false }, remote: { audio } },
        delegate: { onCallReceived: () => told.ring(), onCallHangup: () => told.ended() },
        userAgentOptions: {
            authorizationUsername: end.user,
            authorizationPassword: end.password,
            logBuiltinEnabled: false,
            sessionDescriptionHandlerFactoryOptions: {
                peerConnectionConfiguration: { iceServers: [...end.iceServers], iceTransportPolicy: end.icePolicy },
            },
        },
    });
    return {
        start: async () => {
            await user.connect();
            await user.register();
        },
        call: (name) => void user.call(`sip:${name}@${end.domain}`),
        answer: () => void user.answer(),
        hangUp: () => void user.hangup(),
    };
};
