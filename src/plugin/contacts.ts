/** Who the person knows, and whom they have blocked (XEP-0191), as Converse has it. JIDs are bare. */
import { addressOfRecord } from '../sip-sidecar/contract/index.js';
import type { AddressBook } from './address-book/book.js';
import type { Collection, Converse, Model, RosterContact } from './converse.js';
import { bareJid, domainOf } from './jid.js';
import { KeptLists } from './kept-lists.js';
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
    private readonly addresses: KeptLists<readonly string[]>;

    constructor(private readonly needs: ContactsNeeds) {
        this.addresses = new KeptLists(needs.store, 'blocked', MOST_BLOCKED, (aors) => aors.map(String));
    }

    load(): Promise<void> {
        return this.addresses.load();
    }

    /** Looks at the roster and the block list there are now. */
    watch(): void {
        const { converse, changed, gone } = this.needs;
        this.stop();
        this.roster = converse.state.roster ?? this.roster;
        this.blocklist = converse.state.blocklist ?? this.blocklist;
        for (const event of ['remove', 'change:subscription'])
            this.roster?.on(
                event,
                (contact: RosterContact) => {
                    const jid = bareJid(contact.get('jid'));
                    if (jid !== null && !this.isContact(jid)) gone(jid);
                    changed();
                },
                this,
            );
        const block = (entity: Model): void => this.block(bareJid(entity.get('jid')));
        this.blocklist?.on('add', block, this);
        this.blocklist?.models.forEach(block);
    }

    /** Ends all watching, until it begins anew. */
    stop(): void {
        this.roster?.off(null, null, this);
        this.blocklist?.off(null, null, this);
    }

    /** `both`, `to` (we see their presence), `from` (they see ours); `none` also for one who only asks, or is blocked. */
    subscription(jid: string): 'both' | 'to' | 'from' | 'none' {
        const said = this.roster?.get(jid)?.get('subscription');
        const known = said === 'both' || said === 'to' || said === 'from';
        return known && !this.isBlocked(jid) ? said : 'none';
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
        return (this.roster?.get(jid)?.presence?.resources?.models ?? []).flatMap(({ id }) => (id ? [id] : []));
    }

    isBlocked(jid: string): boolean {
        return [jid, domainOf(jid)].some((each) => this.blocklist?.get(each) !== undefined);
    }

    /** Whether a call is of somebody who is blocked. @param jid whom the caller says to be, or null */
    isBlockedCaller(address: string, jid: string | null): boolean {
        const aor = addressOfRecord(address) ?? '';
        const kept = this.addresses.all.flatMap(([each, aors]) => (aors.includes(aor) ? each : []));
        const listers = [...this.needs.book.listersOf(address).keys()];
        // Whoever is blocked had listed somebody else's address, too: that contact can call all the same.
        const others = listers.some((each) => this.isContact(each)) ? [] : [...kept, ...listers];
        return [jid ?? '', ...others].some((each) => this.isBlocked(each));
    }

    private block(jid: string | null): void {
        if (jid === null) return;
        const { book, changed, gone } = this.needs;
        const uris = [...book.claimsOf(jid).flatMap((claim) => claim.uris), ...(this.addresses.get(jid) ?? [])];
        const aors = [...new Set(uris.flatMap((uri) => addressOfRecord(uri) ?? []))].slice(0, MOST_ADDRESSES);
        gone(jid);
        changed();
        if (aors.length > 0) this.addresses.set(jid, aors);
    }
}
