/** XEP-0215 External Service Discovery: the STUN and TURN servers that the XMPP server offers. */
import type { IceServer } from '../../sip-sidecar/contract/index.js';
import { childOf, childrenOf, element, iq } from './xml.js';

export const EXTDISCO = 'urn:xmpp:extdisco:2';

/** The most services that are used: every one costs time when a call is set up. */
const MAX_SERVICES = 8;

/** The longest user name and password. */
const MAX_LENGTH = 255;

/** What RTCPeerConnection takes: at a wrong URL it throws. */
const URL =
    /^(?:stuns?(?!.*=tcp$)|turns?):(?:[a-z\d](?:[a-z\d.-]{0,253}[a-z\d])?|\[[\da-f:.]{2,45}\])(?::(?!0)\d{1,5})?(?:\?transport=(?:udp|tcp))?$/u;

/** What the server offers. */
export interface ExternalServices {
    readonly servers: readonly IceServer[];
    /** When the first of the credentials expires (ms since the epoch); null: none does. */
    readonly expires: number | null;
}

/** Asks a server for its services. */
export function buildServicesRequest(domain: string): Element {
    return iq('get', domain, element(EXTDISCO, 'services'));
}

/**
 * Reads the answer. Only what RTCPeerConnection takes gets through: it throws at one wrong URL and at a TURN server without
 * credentials, and every call with it.
 */
export function parseServices(result: Element): ExternalServices {
    const found = childrenOf(childOf(result, EXTDISCO, 'services'), EXTDISCO, 'service')
        .map((service) => [iceServer(service), Date.parse(service.getAttribute('expires') ?? '')] as const)
        .filter(([server]) => server !== null)
        .slice(0, MAX_SERVICES);
    const times = found.map(([, expires]) => expires).filter((time) => time > 0);
    return {
        servers: found.flatMap(([server]) => server ?? []),
        expires: times.length > 0 ? Math.min(...times) : null,
    };
}

function iceServer(service: Element): IceServer | null {
    const attribute = (name: string): string => service.getAttribute(name) ?? '';
    const host = attribute('host').replace(/^[\da-f.]*:[\da-f:.]*$/iu, '[$&]');
    const port = attribute('port');
    const transport = attribute('transport');
    const urls =
        `${attribute('type')}:${host}${port && `:${port}`}${transport && `?transport=${transport}`}`.toLowerCase();
    if (!URL.test(urls) || Number(port) > 65535 || attribute('action') === 'delete') return null;
    if (urls.startsWith('stun')) return { urls: urls.replace(/\?.*/u, '') };
    const username = attribute('username');
    const credential = attribute('password');
    const fit = [username, credential].every(({ length }) => length > 0 && length <= MAX_LENGTH);
    return fit ? { urls, username, credential } : null;
}
