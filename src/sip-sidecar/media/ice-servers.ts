/** STUN and TURN servers out of settings and stanzas, before they meet a browser that throws at one bad character. */
import type { IceServer } from '../contract/index.js';

/** More servers than this slow gathering down and help nobody. */
export const MAX_ICE_SERVERS = 8;

const URL = /^(stuns?|turns?):(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:\?transport=(?:udp|tcp))?$/iu;

/**
 * The servers that can be used (RFC 7064, RFC 7065); a TURN server needs user name and credential.
 *
 * @param notice told about each one that is left out, without its credential
 */
export function usableServers(servers: readonly IceServer[], notice: (detail: string) => void): readonly IceServer[] {
    const usable = servers.filter((server) => {
        const urls = typeof server.urls === 'string' ? [server.urls] : server.urls;
        const wrong = urls.find((url) => !URL.test(url));
        const bare = typeof server.username !== 'string' || typeof server.credential !== 'string';
        const turn = urls.find((url) => /^turn/iu.test(url));
        if (wrong !== undefined) notice(`not a STUN or TURN address: ${wrong.replace(/:.*@/su, ':…@').slice(0, 100)}`);
        else if (turn !== undefined && bare) notice(`no user name or credential for ${turn}`);
        else return urls.length > 0;
        return false;
    });
    if (usable.length > MAX_ICE_SERVERS)
        notice(`only the first ${String(MAX_ICE_SERVERS)} STUN and TURN servers are used`);
    return usable.slice(0, MAX_ICE_SERVERS);
}
