/** STUN and TURN: those of the site (`sip_ice_servers`) and those the XMPP server offers (XEP-0215), renewed in time. */
import type { IceServer, SidecarCommand } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';
import { domainOf } from './jid.js';
import type { Settings } from './settings.js';
import { buildServicesRequest, EXTDISCO, parseServices } from './stanzas/extdisco.js';

/** How long before they expire credentials are renewed, and the least time between two questions (ms). */
const MARGIN = 60_000;
/** Timers take no more than 31 bits (ms). */
const LONGEST = 24 * 60 * 60 * 1000;

/** What this needs. */
export interface IceServersNeeds {
    /** The own bare JID. */
    readonly jid: string;
    readonly settings: Pick<Settings, 'iceServers'>;
    readonly clock: Clock;
    readonly sendIQ: (iq: Element) => Promise<Element>;
    readonly supports: (feature: string, jid: string) => Promise<boolean>;
    readonly command: (command: SidecarCommand) => void;
    /** They could not be read; why, for an administrator. */
    readonly failed: (code: 'SIP-202', why: unknown) => void;
}

/** The servers that are in use. */
export interface IceServers {
    /** The site's first, then the XMPP server's. */
    readonly all: readonly IceServer[];
    /** Asks the XMPP server; never rejects. */
    refresh(): Promise<void>;
}

/** Begins with the site's. */
export function createIceServers(needs: IceServersNeeds): IceServers {
    const { clock, command, failed, jid, sendIQ, settings, supports } = needs;
    const domain = domainOf(jid);
    let all = settings.iceServers;
    let expires: number | null = null;
    let callOff: (() => void) | undefined;
    /** The last question failed, and that was told. */
    let told = false;

    const refresh = async (): Promise<void> => {
        try {
            if (!(await supports(EXTDISCO, domain))) return;
            const services = parseServices(await sendIQ(buildServicesRequest(domain)));
            all = [...settings.iceServers, ...services.servers];
            ({ expires } = services);
            told = false;
            command({ type: 'ice-servers', iceServers: all });
        } catch (error) {
            if (!told) failed('SIP-202', error);
            told = true;
        }
        callOff?.();
        if (expires === null) return;
        // Those that could not be renewed are asked for again.
        const wait = Math.min(LONGEST, Math.max(MARGIN, expires - clock.now() - MARGIN));
        callOff = clock.after(wait, () => void refresh());
    };

    return {
        get all() {
            return all;
        },
        refresh,
    };
}
