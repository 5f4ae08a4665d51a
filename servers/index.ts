/** Servers for the demo and the end-to-end specs: what is exported here is meant to be used from outside. */
export { startServers, type Endpoints, type ServerName, type Servers, type ServersOptions } from './servers.js';
export type { Binding } from './kamailio.js';
export { displayName, DOMAIN, type User } from './users.js';
export { freePort } from './ports.js';
export { untilStopped } from './until-stopped.js';
export { startBaresip, type Baresip, type BaresipEvent, type BaresipOptions } from './baresip.js';
export {
    connectPeer,
    escapeXml,
    findAll,
    type Stanza,
    type XmlElement,
    type XmppPeer,
    type XmppPeerOptions,
} from './slixmpp.js';
export { headerOf, startSipp, statusOf, type Sipp, type SippOptions } from './sipp.js';
export {
    answering,
    call,
    callInfo,
    expectRequest,
    expectResponse,
    HANG_UP,
    inDialog,
    pause,
    request,
    respond,
    respondInDialog,
    sdp,
    send,
    untilSignal,
    type RequestOptions,
    type Scenario,
    type Step,
} from './sipp-scenario.js';
