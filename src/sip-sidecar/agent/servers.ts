/** What the WebSocket URL of a server says beside the way to it. Pure. */

/** How a server is named in notices: without path and query, which may hold a token. */
export const serverName = (url: string): string => new URL(url).origin;

/** Where the server of a WebSocket URL answers HTTP. */
export const httpOrigin = (url: string): string => serverName(url).replace(/^ws/u, 'http');
