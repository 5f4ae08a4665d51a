/** Whether the page before this one was left during a call. */
import { KEPT_CALLS } from '../sip-sidecar/contract/index.js';

/** Whether there is a call to go on with; whose it is, is not looked at. */
export function hasKeptCalls(): boolean {
    try {
        return Object.keys(sessionStorage).some((key) => key.startsWith(KEPT_CALLS));
    } catch {
        return false;
    }
}
