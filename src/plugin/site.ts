/** What the site itself answers: whose session it is tells it who asks. */

/** How long an endpoint or a function may take (ms). */
export const TIMEOUT = 20_000;

/** Fetches JSON from the site. */
export function fetchFromSite(url: URL | string, cache: RequestCache = 'default'): Promise<Response> {
    return fetch(url, {
        credentials: 'same-origin',
        cache,
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(TIMEOUT),
    });
}
