/** Servers for the demo and the end-to-end specs: what is exported here is meant to be used from outside. */
export { startServers, type Endpoints, type ServerName, type Servers } from './servers.js';
export type { Binding } from './kamailio.js';
export { displayName, DOMAIN, type User } from './users.js';
export { freePort } from './ports.js';
export { untilStopped } from './until-stopped.js';
export { startBaresip, type Baresip, type BaresipEvent, type BaresipOptions } from './baresip.js';
