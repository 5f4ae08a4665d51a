/**
 * Whether a server is there, found out by `fetch` before a WebSocket is tried: browsers make a WebSocket wait after others
 * that failed, Firefox for up to 14 s.
 */
import { PROBE_TIMEOUT } from './policies.js';
import { httpOrigin } from './servers.js';

/** What is known of one page's servers. */
export function makeReachability() {
    /** true: `fetch` is answered; null: it never was; false: it never is, although the server is there. */
    const known = new Map<string, boolean | null>();

    /**
     * Never rejects.
     * @returns null where that cannot be told: `fetch` was never answered. The page's policy (`connect-src`) may forbid it
     */
    async function find(server: string): Promise<boolean | null> {
        if (known.get(server) === false) return true;
        try {
            await fetch(httpOrigin(server), {
                mode: 'no-cors',
                cache: 'no-store',
                credentials: 'omit',
                signal: AbortSignal.timeout(PROBE_TIMEOUT),
            });
            known.set(server, true);
            return true;
        } catch {
            if (known.get(server)) return false;
            known.set(server, null);
            return null;
        }
    }

    return {
        find,
        /** A WebSocket to this server is open: where `fetch` fails even now, it is of no use. */
        async opened(server: string): Promise<void> {
            if (known.get(server) === null && (await find(server)) === null) known.set(server, false);
        },
    };
}
