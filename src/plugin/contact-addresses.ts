/**
 * What the person says about a contact's addresses: those typed, which are called first (the own address book is canonical,
 * RFC 7081 section 3.3), and those taken off the contact. Kept on this device.
 */
import { formatSipAddress } from '../sip-sidecar/contract/index.js';
import { lists } from '../sip-sidecar/contract/shape.js';
import type { AddressBook } from './address-book/book.js';
import { KeptLists } from './kept-lists.js';
import type { ClaimSource } from './phone.js';
import type { Store } from './store.js';
import { readAddress } from './target.js';

/** What this needs. JIDs are bare. */
export interface ContactAddressesNeeds {
    readonly store: Store;
    readonly book: AddressBook;
    readonly now: () => number;
}

/** About one contact. */
type Entry = readonly [
    /** The first one is called first; with the time it was typed (ms since the epoch). */
    typed: readonly (readonly [uri: string, at: number])[],
    /** Addresses that are not shown, with the sources that named them then. */
    hidden: readonly (readonly [uri: string, sources: readonly unknown[]])[],
];

/** So many contacts, and of one contact so many addresses, are kept. */
const MOST_CONTACTS = 2_000;
const MOST = 16;

/** The person's entries, put into the address book. */
export class ContactAddresses {
    private readonly entries: KeptLists<Entry>;

    constructor(private readonly needs: ContactAddressesNeeds) {
        this.entries = new KeptLists(needs.store, 'addresses', MOST_CONTACTS, ([typed, hidden]) => [
            lists(typed).flatMap(([text, at]) => {
                const uri = clean(text);
                return uri === null ? [] : [[uri, Number(at) || 0] as const];
            }),
            lists(hidden).map(([uri, sources]) => [uri, Array.isArray(sources) ? sources : []]),
        ]);
    }

    async load(): Promise<void> {
        await this.entries.load();
        for (const [jid] of this.entries.all) this.show(jid);
    }

    /** @returns the address as it is kept; null: not an address */
    add(jid: string, text: string): string | null {
        const uri = clean(text);
        const [typed, hidden] = this.of(jid);
        if (uri !== null) {
            const others = without(typed, uri).slice(0, MOST - 1);
            this.set(jid, [...others, [uri, this.needs.now()]], hidden);
        }
        return uri;
    }

    /** Deletes a typed address; one that was learned is hidden until another source names it. */
    remove(jid: string, uri: string): void {
        const { book } = this.needs;
        const [typed, hidden] = this.of(jid);
        const naming = book.claimsOf(jid).filter(({ source, uris }) => source !== 'typed' && uris.includes(uri));
        const sources = new Set(naming.map(({ source }) => source));
        const others = without(hidden, uri).slice(1 - MOST);
        this.set(jid, without(typed, uri), sources.size === 0 ? others : [...others, [uri, [...sources]]]);
        book.remove(jid, 'typed', uri);
        for (const claim of naming) book.put(jid, claim);
    }

    /** Puts an address first, for good. */
    prefer(jid: string, uri: string): void {
        const [typed, hidden] = this.of(jid);
        const at = new Map(typed).get(uri) ?? this.needs.now();
        this.set(jid, [[uri, at] as const, ...without(typed, uri)].slice(0, MOST), hidden);
    }

    /** Whether the person took an address off the contact that this source named already; a new source brings it back. */
    isHidden(jid: string, source: ClaimSource, uri: string): boolean {
        const [typed, hidden] = this.of(jid);
        const sources = new Map(hidden).get(uri);
        if (!sources || sources.includes(source)) return sources !== undefined;
        this.set(jid, typed, without(hidden, uri));
        return false;
    }

    /** The contact is gone. */
    forget(jid: string): void {
        this.needs.book.forget(['typed'], jid);
        if (this.entries.get(jid)) this.set(jid, [], []);
    }

    private of(jid: string): Entry {
        return this.entries.get(jid) ?? [[], []];
    }

    private set(jid: string, ...entry: Entry): void {
        this.entries.set(jid, entry.flat().length > 0 ? entry : undefined);
        this.show(jid);
    }

    /** One claim each, so that each keeps its time; the order is in their priority. */
    private show(jid: string): void {
        this.of(jid)[0].forEach(([uri, seenAt], index) =>
            this.needs.book.put(jid, { source: 'typed', resource: uri, uris: [uri], priority: -index, seenAt }),
        );
    }
}

/** An address as it is kept, or null. */
function clean(text: string): string | null {
    const address = readAddress(text);
    return address && formatSipAddress(address);
}

const without = <T extends readonly [string, unknown]>(entries: readonly T[], uri: string): T[] =>
    entries.filter(([each]) => each !== uri);
