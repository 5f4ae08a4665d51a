/** STUN and TURN servers out of settings and stanzas, before they meet a browser that throws at one bad character. */
import type { IceServer } from '../contract/index.js';

/** More addresses than this slow gathering down and help nobody. */
export const MAX_ICE_SERVERS = 12;

/** One address of a server. */
export interface UsableServer extends IceServer {
    readonly urls: string;
}

const URL = /^(stuns?|turns?):(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:\?transport=(?:udp|tcp))?$/iu;

/**
 * The addresses that can be used (RFC 7064, RFC 7065); a TURN server needs user name and credential.
 *
 * @param notice told about each one that is left out, without its credential
 */
export function usableServers(
    servers: readonly IceServer[],
    notice: (detail: string) => void,
): readonly UsableServer[] {
    const usable = servers
        .flatMap((server) => [server.urls].flat().map((urls) => ({ ...server, urls })))
        .filter(({ urls, username, credential }) => {
            const bare = /^turn/iu.test(urls) && !(username && credential);
            if (!URL.test(urls)) notice(`not a STUN or TURN address: ${urls.replace(/:.*@/su, ':…@').slice(0, 100)}`);
            else if (bare) notice(`no user name or credential for ${urls}`);
            else return true;
            return false;
        });
    if (usable.length > MAX_ICE_SERVERS)
        notice(`only the first ${String(MAX_ICE_SERVERS)} addresses of STUN and TURN servers are used`);
    return usable.slice(0, MAX_ICE_SERVERS);
}
