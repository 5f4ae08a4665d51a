/** The types that scripts of a site need: what `api.sip` takes and gives, and what its events carry. */
export type { SipApi, SipEvents } from './api.js';
export type {
    Address,
    Availability,
    Call,
    ClaimSource,
    Identity,
    IdentityLevel,
    IdentityReason,
    NotReachable,
    Placed,
    Reach,
} from './phone.js';
export type { CallState, Direction, EndReason, Registration } from '../sip-sidecar/contract/index.js';
