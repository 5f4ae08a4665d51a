/** What the demo shows: which servers, and whose accounts. */
import { displayName, DOMAIN, type Endpoints } from '../servers/index.js';

/** One person of the demo. */
export interface Person {
    /** The first label of the person's origin, `alice`. */
    readonly name: string;
    readonly displayName: string;
    readonly jid: string;
    readonly sip: string;
    readonly password: string;
}

/** Servers and people. */
export interface DemoSite {
    readonly xmpp: { readonly domain: string; readonly websocket: string };
    readonly sip: { readonly domain: string; readonly websocket: string };
    /** The first two are shown side by side. */
    readonly people: readonly Person[];
}

/** The demo on the servers that it starts itself. */
export const siteOfServers = ({ xmpp, sip, users }: Endpoints): DemoSite => ({
    xmpp,
    sip,
    people: users.flatMap((user) =>
        user.jid === null ? [] : [{ ...user, jid: user.jid, displayName: displayName(user) }],
    ),
});

const isName = (name: string): boolean => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u.test(name);

/**
 * The demo on servers that exist, from the environment: XMPP_WEBSOCKET, SIP_SERVER, XMPP_DOMAIN, SIP_DOMAIN, DEMO_USERS.
 * @returns null when none of the first two is set
 * @throws Error that says what is missing
 */
export function siteOfEnvironment(env: Readonly<Record<string, string | undefined>>): DemoSite | null {
    const { XMPP_WEBSOCKET: xmpp, SIP_SERVER: sip, DEMO_USERS: users } = env;
    if (!xmpp && !sip) return null;
    if (!xmpp || !sip || !users) {
        throw new Error(
            'To use servers that exist, set XMPP_WEBSOCKET, SIP_SERVER and DEMO_USERS (name:password,name:password), ' +
                'and XMPP_DOMAIN and SIP_DOMAIN where they are not localhost.',
        );
    }
    const xmppDomain = env['XMPP_DOMAIN'] ?? DOMAIN;
    const sipDomain = env['SIP_DOMAIN'] ?? xmppDomain;
    const people = users.split(',').map((entry) => {
        const colon = entry.indexOf(':');
        const name = entry.slice(0, colon).trim();
        if (colon < 1 || !isName(name)) {
            throw new Error('DEMO_USERS is name:password,name:password; names are letters, digits and hyphens.');
        }
        return {
            name,
            displayName: displayName({ name }),
            jid: `${name}@${xmppDomain}`,
            sip: `sip:${name}@${sipDomain}`,
            password: entry.slice(colon + 1),
        };
    });
    if (people.length < 2) throw new Error('DEMO_USERS needs two people.');
    return {
        xmpp: { domain: xmppDomain, websocket: xmpp },
        sip: { domain: sipDomain, websocket: sip },
        people,
    };
}
