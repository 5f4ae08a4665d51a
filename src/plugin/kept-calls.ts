/** Whether the page before this one was left during a call. */
import { KEPT_CALLS } from '../sip-sidecar/contract/index.js';

/** Whether there is a call to go on with. @param owner whose; what somebody else has left in this tab is dropped then */
export function hasKeptCalls(owner = ''): boolean {
    try {
        const keys = Object.keys(sessionStorage).filter((key) => key.startsWith(KEPT_CALLS));
        const own = keys.filter((key) => owner === '' || key.endsWith(` ${owner}`));
        for (const key of keys) if (!own.includes(key)) sessionStorage.removeItem(key);
        return own.length > 0;
    } catch {
        return false;
    }
}
