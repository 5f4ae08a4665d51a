/** Which servers we talk to: encrypted ones, or one on this very machine. Pure. */

const LOOPBACK = /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u;

/** The WebSocket URL in its normal form, or null for what we may not use (see {@link usableServers}). */
export function serverUrl(text: unknown): string | null {
    if (typeof text !== 'string' || text.length > 2048) return null;
    try {
        const url = new URL(text);
        if (url.username !== '' || url.password !== '' || url.hash !== '') return null;
        return url.protocol === 'wss:' || (url.protocol === 'ws:' && LOOPBACK.test(url.hostname)) ? url.href : null;
    } catch {
        return null;
    }
}

/** The servers that may be used, in order: only `wss:`, and `ws:` to loopback, without user name and password in the URL. */
export function usableServers(servers: readonly unknown[]): string[] {
    return servers.map(serverUrl).filter((url) => url !== null);
}

/** Where the server of a WebSocket URL answers HTTP. */
export const httpOrigin = (url: string): string => new URL(url.replace(/^ws/u, 'http')).origin;

/** How a server is named in notices: without path and query, which may hold a token. */
export function serverName(url: string): string {
    return new URL(url).origin.replace(/^null$/u, '') || `${new URL(url).protocol}//${new URL(url).host}`;
}
