/** XEP-0215 External Service Discovery: the STUN and TURN servers that the XMPP server offers. */
import type { IceServer } from '../../sip-sidecar/contract/index.js';
import { childOf, childrenOf, CLIENT, element } from './xml.js';

export const EXTDISCO = 'urn:xmpp:extdisco:2';

/** The most services that are used: every one costs time when a call is set up. */
const MAX_SERVICES = 8;

/** The longest host, user name and password. */
const MAX_LENGTH = 255;

/** What the server offers. */
export interface ExternalServices {
    readonly servers: readonly IceServer[];
    /** When the first of the credentials expires (ms since the epoch); null: none does. */
    readonly expires: number | null;
}

/** Asks a server for its services. */
export function buildServicesRequest(domain: string): Element {
    return element(CLIENT, 'iq', { type: 'get', to: domain }, element(EXTDISCO, 'services'));
}

/**
 * Reads the answer. Only what RTCPeerConnection takes gets through: it throws at one wrong URL and at a TURN server without
 * credentials, and every call with it.
 */
export function parseServices(result: Element): ExternalServices {
    const services = childOf(result, EXTDISCO, 'services');
    const servers: IceServer[] = [];
    let expires: number | null = null;
    for (const service of services === null ? [] : childrenOf(services, EXTDISCO, 'service')) {
        if (servers.length === MAX_SERVICES) break;
        const server = iceServer(service);
        if (server === null) continue;
        servers.push(server);
        const until = Date.parse(service.getAttribute('expires') ?? '');
        if (!Number.isNaN(until)) expires = Math.min(until, expires ?? until);
    }
    return { servers, expires };
}

function iceServer(service: Element): IceServer | null {
    const attribute = (name: string): string => service.getAttribute(name) ?? '';
    const type = attribute('type').toLowerCase();
    const host = hostOf(attribute('host'));
    const port = attribute('port');
    const transport = attribute('transport').toLowerCase();
    if (!/^(?:stun|turn)s?$/u.test(type) || host === null || attribute('action') === 'delete') return null;
    if (port !== '' && (!/^\d{1,5}$/u.test(port) || Number(port) < 1 || Number(port) > 65535)) return null;
    if (transport !== '' && transport !== 'udp' && transport !== 'tcp') return null;
    const url = `${type}:${host}${port === '' ? '' : `:${port}`}`;
    if (type.startsWith('stun')) return transport === 'tcp' ? null : { urls: url };
    const username = attribute('username');
    const credential = attribute('password');
    if (username === '' || credential === '' || username.length > MAX_LENGTH || credential.length > MAX_LENGTH) {
        return null;
    }
    return { urls: transport === '' ? url : `${url}?transport=${transport}`, username, credential };
}

function hostOf(text: string): string | null {
    if (text.length > MAX_LENGTH) return null;
    if (/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/iu.test(text)) return text;
    const ip = text.replace(/^\[|\]$/gu, '');
    return /^[0-9a-f:.]{2,45}$/iu.test(ip) && ip.includes(':') ? `[${ip}]` : null;
}
