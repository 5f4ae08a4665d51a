/**
 * Before some addresses are dialled the person is asked once, and sees exactly what will be dialled (PROTOCOL.md 8.6): a
 * telephone number may cost money, a domain that was never called may be anybody's, and an address that has changed since
 * the last call may have been put there by somebody else.
 */
import { addressOfRecord, parseSipAddress, type SipAddress } from '../sip-sidecar/contract/index.js';
import type { Store } from './store.js';

/** What has to be asked. */
export type Question = 'number' | 'domain' | 'changed' | 'link';

/** So many addresses are remembered, the latest. */
const MOST = 500;

/** What was dialled with the person's consent: for whom (a bare JID, or empty) and which address of record. */
type Entry = readonly [jid: string, aor: string];

/** The domain of an address of record. */
const domainOf = (aor: string): string => aor.slice(aor.lastIndexOf('@') + 1);

function isEntry(kept: unknown): kept is Entry {
    return Array.isArray(kept) && kept.length === 2 && kept.every((part) => typeof part === 'string');
}

/** What the person has agreed to, kept per JID and address. */
export class Consent {
    /** Latest last. */
    private entries: Entry[] = [];

    constructor(
        private readonly store: Store,
        /** Domains that need no question: the own one and those whose service is trusted. */
        private readonly domains: readonly string[],
    ) {}

    async load(): Promise<void> {
        const kept = await this.store.get('dialled');
        if (Array.isArray(kept)) this.entries = [...kept.filter(isEntry).slice(-MOST), ...this.entries];
    }

    /**
     * What has to be asked before this address is dialled; null: nothing. Numbers of up to three digits are never asked
     * about: emergency calls are among them.
     *
     * @param jid whose published address it is; null for one that was typed or given by a script
     * @param always ask in any case: it is an address out of a message
     */
    question(uri: string, jid: string | null, always = false): Question | null {
        const address = parseSipAddress(uri);
        if (!address || (address.phone && address.user.replace(/\D/gu, '').length <= 3)) return null;
        return this.doubt(address, jid) ?? (always ? 'link' : null);
    }

    private doubt(address: SipAddress, jid: string | null): Question | null {
        const aor = addressOfRecord(address);
        if (!aor) return null;
        const who = jid ?? '';
        if (this.entries.some(([of, at]) => of === who && at === aor)) {
            const last = this.entries.findLast(([of]) => of === who);
            return jid === null || last?.[1] === aor ? null : 'changed';
        }
        if (address.phone) return 'number';
        if (jid !== null && this.entries.some(([of]) => of === who)) return 'changed';
        const domain = domainOf(aor);
        const known = this.domains.includes(domain) || this.entries.some(([, at]) => domainOf(at) === domain);
        return known ? null : 'domain';
    }

    /** The person has agreed, or nothing had to be asked. */
    remember(uri: string, jid: string | null): void {
        const aor = addressOfRecord(uri);
        if (!aor) return;
        const who = jid ?? '';
        const others = this.entries.filter(([of, at]) => of !== who || at !== aor);
        this.entries = [...others, [who, aor] as const].slice(-MOST);
        void this.store.set('dialled', this.entries);
    }
}
