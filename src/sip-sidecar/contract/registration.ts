/** How we stand with the SIP server. Plain, structured-cloneable data. */

/** Why the server, or we, will not try again without the person. */
export type Refusal =
    /** The user name or password was not accepted (401, 407 again after an answer). */
    | 'credentials'
    /** 403, or another final answer. */
    | 'forbidden'
    /** No address of a server that we may use (only `wss:`, and `ws:` to loopback). */
    | 'bad-server'
    /** The browser has no WebRTC, or the page is not allowed to use it. */
    | 'unsupported';

/** The registration (RFC 3261 section 10, RFC 7118). */
export type Registration =
    /** Not wanted: no server configured, logged out, or not yet connected to chat. */
    | { readonly state: 'off' }
    /** Wanted, and the person has to give a user name and password first. */
    | { readonly state: 'needs-credentials' }
    /** Another tab of this browser profile holds the registration. */
    | { readonly state: 'elsewhere' }
    /** On the way. `attempt` counts from 1 since the last success. */
    | { readonly state: 'connecting'; readonly attempt: number }
    /** The server could not be reached; the next try comes at `retryAt` (ms since the epoch) or earlier. */
    | { readonly state: 'offline'; readonly attempt: number; readonly retryAt: number }
    | {
          readonly state: 'registered';
          /** The own address of record, `sip:alice@sip.example.net`. */
          readonly aor: string;
          /** The public GRUU (RFC 5627), null where the registrar gives none. */
          readonly gruu: string | null;
      }
    /**
     * Registered, and something is amiss: the server answers late or refuses a refresh for the moment, or another server
     * than the first of the list is in use. Calls can be made.
     */
    | { readonly state: 'degraded'; readonly aor: string; readonly gruu: string | null }
    | { readonly state: 'refused'; readonly refusal: Refusal; readonly status: number | null };

/** Whether calls can be placed and come in. */
export function isRegistered<R extends Registration>(
    registration: R,
): registration is Extract<R, { readonly state: 'registered' | 'degraded' }> {
    return registration.state === 'registered' || registration.state === 'degraded';
}
