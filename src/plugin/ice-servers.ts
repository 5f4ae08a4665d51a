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
export class IceServers {
    private offered: readonly IceServer[] = [];
    private expires: number | null = null;
    private renewal: (() => void) | null = null;
    /** The last question failed, and that was told. */
    private told = false;

    constructor(private readonly needs: IceServersNeeds) {}

    /** The site's first, then the XMPP server's. */
    get all(): readonly IceServer[] {
        return [...this.needs.settings.iceServers, ...this.offered];
    }

    /** Asks the XMPP server; never rejects. */
    async refresh(): Promise<void> {
        const { clock, command, failed, jid, sendIQ, supports } = this.needs;
        const domain = domainOf(jid);
        try {
            if (!(await supports(EXTDISCO, domain))) return;
            const { servers, expires } = parseServices(await sendIQ(buildServicesRequest(domain)));
            this.offered = servers;
            this.expires = expires;
            this.told = false;
            command({ type: 'ice-servers', iceServers: this.all });
        } catch (error) {
            if (!this.told) failed('SIP-202', error);
            this.told = true;
        }
        this.renewal?.();
        if (this.expires === null) return;
        // Those that could not be renewed are asked for again.
        const wait = Math.min(LONGEST, Math.max(MARGIN, this.expires - clock.now() - MARGIN));
        this.renewal = clock.after(wait, () => void this.refresh());
    }
}
