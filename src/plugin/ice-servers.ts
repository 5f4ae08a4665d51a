/** STUN and TURN: those of the site (`sip_ice_servers`) and those the XMPP server offers (XEP-0215), renewed in time. */
import type { IceServer } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';
import { buildServicesRequest, EXTDISCO, parseServices } from './stanzas/extdisco.js';
import { errorConditions } from './stanzas/pubsub.js';

/** How long before they expire credentials are renewed, and the least time between two questions (ms). */
const MARGIN = 60_000;
/** Timers take no more than 31 bits (ms). */
const LONGEST = 24 * 60 * 60 * 1000;

/** What this needs. */
export interface IceServersNeeds {
    readonly domain: string;
    readonly own: readonly IceServer[];
    readonly clock: Clock;
    readonly sendIQ: (iq: Element) => Promise<Element>;
    readonly supports: (feature: string, jid: string) => Promise<boolean>;
    readonly changed: (servers: readonly IceServer[]) => void;
    /** They could not be read; the reason, for an administrator. */
    readonly failed: (detail: string) => void;
}

/** The servers that are in use. */
export class IceServers {
    private offered: readonly IceServer[] = [];
    private expires: number | null = null;
    private renewal: (() => void) | null = null;
    /** The last question failed, and that was told. */
    private told = false;
    private stopped = false;

    constructor(private readonly needs: IceServersNeeds) {}

    /** The site's first, then the XMPP server's. */
    get all(): readonly IceServer[] {
        return [...this.needs.own, ...this.offered];
    }

    /** Asks the XMPP server; never rejects. */
    async refresh(): Promise<void> {
        const { clock, domain, failed, sendIQ, supports } = this.needs;
        try {
            if (!(await supports(EXTDISCO, domain)) || this.isStopped()) return;
            const { servers, expires } = parseServices(await sendIQ(buildServicesRequest(domain)));
            if (this.isStopped()) return;
            this.offered = servers;
            this.expires = expires;
            this.told = false;
            this.needs.changed(this.all);
        } catch (error) {
            if (this.isStopped()) return;
            if (!this.told) failed(errorConditions(error).join(', ') || 'no answer');
            this.told = true;
        }
        this.renewal?.();
        if (this.expires === null) return;
        // Those that could not be renewed are asked for again.
        const wait = Math.min(LONGEST, Math.max(MARGIN, this.expires - clock.now() - MARGIN));
        this.renewal = clock.after(wait, () => void this.refresh());
    }

    /** Ends the timer. */
    stop(): void {
        this.stopped = true;
        this.renewal?.();
    }

    private isStopped(): boolean {
        return this.stopped;
    }
}
