/**
 * Before some addresses are dialled the person is asked once, and sees exactly what will be dialled (PROTOCOL.md 8.6): a
 * telephone number may cost money, a domain that was never called may be anybody's, and an address that has changed since
 * the last call may have been put there by somebody else.
 */
import {
    addressOfRecord,
    isEmergencyNumber,
    parseSipAddress,
    telephoneNumber,
    type SipAddress,
} from '../sip-sidecar/contract/index.js';
import { isLike } from '../sip-sidecar/contract/shape.js';
import type { Store } from './store.js';

/** What has to be asked. */
export type Question = 'number' | 'domain' | 'changed' | 'link';

/** Who says that this is the address. */
export type Word = 'own' | 'published' | 'message';

/** So many addresses are remembered, the latest. */
const MOST = 500;

/** What was dialled with the person's consent: for whom (a bare JID, or empty) and which address of record. */
type Entry = readonly [jid: string, aor: string];

/** The domain of an address of record. */
const domainOf = (aor: string): string | undefined => aor.split('@').pop();

const isEntry = (kept: unknown): kept is Entry => isLike(kept, ['']) && kept.length === 2;

/** What the person has agreed to, kept per JID and address. */
export function createConsent(
    store: Store,
    /** Domains that need no question: the own one and those whose service is trusted. */
    domains: readonly string[],
) {
    /** Latest last. */
    let entries: Entry[] = [];

    async function load(): Promise<void> {
        const kept = await store.list('dialled');
        entries = [...kept.filter(isEntry).slice(-MOST), ...entries];
    }

    /**
     * What has to be asked before this address is dialled; null: nothing. An emergency number that the person dials is never
     * asked about; one that a contact lists as the own address, or that stands in a message, is.
     *
     * @param jid whose address it is; null for one that was typed or given by a script
     * @param word whose word it is: the person's (or the site's), a contact's, or a message's, which is asked about always
     */
    function question(
        uri: string,
        jid: string | null,
        word: Word = jid === null ? 'own' : 'published',
    ): Question | null {
        const address = parseSipAddress(uri);
        if (!address || (word === 'own' && isEmergencyNumber(address))) return null;
        return doubt(uri, address, jid ?? '', word) ?? (word === 'message' ? 'link' : null);
    }

    function doubt(uri: string, address: SipAddress, who: string, word: Word): Question | null {
        const aor = addressOfRecord(uri);
        if (!aor) return null;
        const last = word === 'published' ? entries.findLast(([of]) => of === who)?.[1] : undefined;
        const changed = (last ?? aor) === aor ? null : 'changed';
        if (entries.some(([of, at]) => of === who && at === aor)) return changed;
        // Many a SIP service dials what looks like a number whether or not it is called one; an extension is short.
        if (address.phone || (telephoneNumber(address.user) ?? '').length > 5) return 'number';
        const trusted: readonly unknown[] = [...domains, ...entries.map(([, at]) => domainOf(at))];
        return changed ?? (trusted.includes(domainOf(aor)) ? null : 'domain');
    }

    /** The person has agreed, or nothing had to be asked. */
    function remember(uri: string, jid: string | null): void {
        const aor = addressOfRecord(uri);
        if (!aor) return;
        const entry = [jid ?? '', aor] as const;
        const others = entries.filter((each) => String(each) !== String(entry));
        entries = [...others, entry].slice(-MOST);
        void store.set('dialled', entries);
    }

    return {
        load,
        question,
        remember,
    };
}

export type Consent = ReturnType<typeof createConsent>;
