/** Converse as the components see it. Elements are defined once a page, so they look it up each time (see `phone.ts`). */
import type { Host } from '../../plugin/converse.js';

let host: Host | null = null;

/** The Converse of the latest `converse.initialize()`. */
export function currentHost(): Host | null {
    return host;
}

/** Only for the door and specs. */
export function setCurrentHost(to: Host | null): void {
    host = to;
}
