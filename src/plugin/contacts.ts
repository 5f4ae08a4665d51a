/** Who the person knows, and whom they have blocked (XEP-0191), as Converse has it. JIDs are bare. */
import { addressOfRecord } from '../sip-sidecar/contract/index.js';
import type { AddressBook } from './address-book/book.js';
import type { Collection, Converse, Model, RosterContact } from './converse.js';
import { bareJid, domainOf } from './jid.js';
import type { Store } from './store.js';

/** What this needs. */
export interface ContactsNeeds {
    readonly converse: Converse;
    readonly store: Store;
    readonly book: Pick<AddressBook, 'claimsOf' | 'listersOf'>;
    /** Somebody became a contact, or is one no more. */
    readonly changed: () => void;
    /** Somebody is a contact no more, or is blocked: nothing they said counts. */
    readonly gone: (jid: string) => void;
}

/** So many addresses of somebody who is blocked are remembered, of so many people. */
const MOST_ADDRESSES = 16;
const MOST_BLOCKED = 200;

/** The roster and the block list. */
export class Contacts {
    private roster: Collection<RosterContact> | null = null;
    private blocklist: Collection<Model> | null = null;
    /** The addresses of those who were blocked: the book forgets them, and nobody tells them again. */
    private addresses = new Map<string, readonly string[]>();

    constructor(private readonly needs: ContactsNeeds) {}

    async load(): Promise<void> {
        const kept = await this.needs.store.get('blocked');
        if (!Array.isArray(kept)) return;
        for (const entry of kept as unknown[]) {
            const [jid, ...aors] = Array.isArray(entry) ? entry.filter((each) => typeof each === 'string') : [];
            if (jid !== undefined) this.addresses.set(jid, aors);
        }
    }

    /** Looks at the roster and the block list there are now. */
    watch(): void {
        const { roster, blocklist } = this.needs.converse.state;
        if (roster !== undefined) {
            this.roster?.off(null, null, this);
            this.roster = roster;
            const check = (contact: RosterContact): void => {
                const jid = bareJid(contact.get('jid'));
                if (jid !== null && !this.isContact(jid)) this.needs.gone(jid);
                this.needs.changed();
            };
            roster.on('remove', check, this);
            roster.on('change:subscription', check, this);
        }
        if (blocklist !== undefined) {
            this.blocklist?.off(null, null, this);
            this.blocklist = blocklist;
            blocklist.on('add', (entity: Model) => this.block(bareJid(entity.get('jid'))), this);
            for (const entity of blocklist.models) this.block(bareJid(entity.get('jid')));
        }
    }

    /** Ends all watching, until it begins anew. */
    stop(): void {
        this.roster?.off(null, null, this);
        this.blocklist?.off(null, null, this);
    }

    /** `both`, `to` (we see their presence), `from` (they see ours); `none` also for one who only asks, or is blocked. */
    subscription(jid: string): 'both' | 'to' | 'from' | 'none' {
        const said = this.roster?.get(jid)?.get('subscription');
        const known = said === 'both' || said === 'to' || said === 'from' ? said : 'none';
        return known !== 'none' && this.isBlocked(jid) ? 'none' : known;
    }

    isContact(jid: string): boolean {
        return this.subscription(jid) !== 'none';
    }

    /** Whether there can be a conversation: for one with a stranger Converse waits until it has a block list, for ever if need be. */
    canTalk(jid: string): boolean {
        return this.roster?.get(jid) !== undefined || this.blocklist !== null;
    }

    /** Whether that person sees the own presence, and by it the own devices. */
    seesUs(jid: string): boolean {
        return ['both', 'from'].includes(this.subscription(jid));
    }

    /** The devices of a contact that are there. */
    resources(jid: string): string[] {
        const { models = [] } = this.roster?.get(jid)?.presence?.resources ?? {};
        return models.map((resource) => resource.id ?? '').filter((id) => id !== '');
    }

    isBlocked(jid: string): boolean {
        return [jid, domainOf(jid)].some((each) => this.blocklist?.get(each) !== undefined);
    }

    /** Whether a call is of somebody who is blocked. @param jid whom the caller says to be, or null */
    isBlockedCaller(address: string, jid: string | null): boolean {
        const aor = addressOfRecord(address) ?? '';
        const kept = [...this.addresses].flatMap(([each, aors]) => (aors.includes(aor) ? each : []));
        const listers = [...this.needs.book.listersOf(address).keys()];
        // Whoever is blocked had listed somebody else's address, too: that contact can call all the same.
        const others = listers.some((each) => this.isContact(each)) ? [] : [...kept, ...listers];
        return [jid ?? '', ...others].some((each) => this.isBlocked(each));
    }

    private block(jid: string | null): void {
        if (jid === null) return;
        const { book, changed, gone, store } = this.needs;
        const uris = book.claimsOf(jid).flatMap((claim) => claim.uris);
        const learned = [...uris, ...(this.addresses.get(jid) ?? [])].flatMap((uri) => addressOfRecord(uri) ?? []);
        const aors = [...new Set(learned)].slice(0, MOST_ADDRESSES);
        gone(jid);
        changed();
        if (aors.length === 0) return;
        this.addresses.set(jid, aors);
        const all = [...this.addresses].filter(([each]) => this.isBlocked(each)).slice(-MOST_BLOCKED);
        this.addresses = new Map(all);
        void store.set(
            'blocked',
            all.map(([each, kept]) => [each, ...kept]),
        );
    }
}
