/**
 * Whether a server is there, found out by `fetch` before a WebSocket is tried: browsers make a WebSocket wait after others
 * that failed, Firefox for up to 14 s.
 */
import { PROBE_TIMEOUT } from './policies.js';
import { httpOrigin } from './servers.js';

/** What is known of one page's servers. */
export class Reachability {
    /** true: `fetch` is answered; null: it never was; false: it never is, although the server is there. */
    private readonly known = new Map<string, boolean | null>();

    /**
     * Never rejects.
     * @returns null where that cannot be told: `fetch` was never answered. The page's policy (`connect-src`) may forbid it
     */
    async find(server: string): Promise<boolean | null> {
        if (this.known.get(server) === false) return true;
        try {
            await fetch(httpOrigin(server), {
                mode: 'no-cors',
                cache: 'no-store',
                credentials: 'omit',
                signal: AbortSignal.timeout(PROBE_TIMEOUT),
            });
            this.known.set(server, true);
            return true;
        } catch {
            if (this.known.get(server)) return false;
            this.known.set(server, null);
            return null;
        }
    }

    /** A WebSocket to this server is open: where `fetch` fails even now, it is of no use. */
    async opened(server: string): Promise<void> {
        if (this.known.get(server) !== null) return;
        if ((await this.find(server)) === null) this.known.set(server, false);
    }
}
