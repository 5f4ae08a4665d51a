/** The sidecar of this project, as the plugin uses it, without Converse. */
import { createSidecar } from '../../src/sip-sidecar/index.js';
import * as agent from '../../src/sip-sidecar/agent/index.js';
import { BUDGETS } from '../../src/sip-sidecar/agent/policies.js';
import * as media from '../../src/sip-sidecar/media/index.js';
import type { Make } from './subject.js';

// One caller who calls again and again is a flood, of which the gate lets one call in every 2 s; here they are measured.
Object.assign(BUDGETS.call, { burst: Infinity });

export const ours: Make = (end, told) => {
    const sidecar = createSidecar({
        loadAgent: () => Promise.resolve(agent),
        loadMedia: () => Promise.resolve(media),
    });
    let current = '';
    return {
        start: () =>
            new Promise((resolve) => {
                sidecar.subscribe((event) => {
                    if (event.type === 'registration' && event.registration.state === 'registered') resolve();
                    if (event.type === 'incoming') {
                        current = event.call.callId;
                        told.ring();
                        sidecar.send({ type: 'ring', callId: current });
                    }
                    if (event.type === 'call' && event.event.type === 'ended') told.ended();
                });
                sidecar.send({
                    type: 'connect',
                    config: {
                        servers: [end.server],
                        instanceId: crypto.randomUUID(),
                        iceServers: end.iceServers,
                        icePolicy: end.icePolicy,
                        ringTimeout: 45,
                        video: true,
                        correlationHeaders: [],
                        optionsHeaders: [],
                    },
                    account: {
                        uri: `sip:${end.user}@${end.domain}`,
                        username: end.user,
                        displayName: '',
                        password: end.password,
                    },
                });
            }),
        call: (user) => {
            current = crypto.randomUUID();
            const to = `sip:${user}@${end.domain}`;
            sidecar.send({ type: 'call', callId: current, to, video: false, headers: [] });
        },
        answer: () => sidecar.send({ type: 'answer', callId: current, video: false, listenOnly: false, headers: [] }),
        hangUp: () => sidecar.send({ type: 'hang-up', callId: current }),
    };
};
