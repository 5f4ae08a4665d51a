/**
 * What the person says about a contact's addresses: those typed, which are called first (the own address book is canonical,
 * RFC 7081 section 3.3), and those taken off the contact. Kept on this device.
 */
import { formatSipAddress, lists } from '../sip-sidecar/contract/index.js';
import type { AddressBook } from './address-book/book.js';
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
interface Entry {
    /** The first one is called first; with the time it was typed (ms since the epoch). */
    readonly typed: readonly (readonly [uri: string, at: number])[];
    /** Addresses that are not shown, with the sources that named them then. */
    readonly hidden: readonly (readonly [uri: string, sources: readonly string[]])[];
}

const NOTHING: Entry = { typed: [], hidden: [] };

/** So many contacts, and of one contact so many addresses, are kept. */
const MOST_CONTACTS = 2_000;
const MOST = 16;

/** The person's entries, put into the address book. */
export class ContactAddresses {
    private entries = new Map<string, Entry>();

    constructor(private readonly needs: ContactAddressesNeeds) {}

    async load(): Promise<void> {
        const read = lists(await this.needs.store.get('addresses')).map(([jid, typed, hidden]): [string, Entry] => [
            jid,
            {
                typed: lists(typed).flatMap(([text, at]) => {
                    const uri = clean(text);
                    return uri === null ? [] : [[uri, Number(at) || 0] as const];
                }),
                hidden: lists(hidden).map(([uri, sources]) => [uri, Array.isArray(sources) ? sources.map(String) : []]),
            },
        ]);
        this.entries = new Map([...read.slice(-MOST_CONTACTS), ...this.entries]);
        for (const jid of this.entries.keys()) this.show(jid);
    }

    /** @returns the address as it is kept; null: not an address */
    add(jid: string, text: string): string | null {
        const uri = clean(text);
        const { typed, hidden } = this.of(jid);
        if (uri !== null) {
            const others = without(typed, uri).slice(0, MOST - 1);
            this.set(jid, { typed: [...others, [uri, this.needs.now()]], hidden });
        }
        return uri;
    }

    /** Deletes a typed address; one that was learned is hidden until another source names it. */
    remove(jid: string, uri: string): void {
        const { book } = this.needs;
        const { typed, hidden } = this.of(jid);
        const naming = book.claimsOf(jid).filter(({ source, uris }) => source !== 'typed' && uris.includes(uri));
        const sources = new Set(naming.map(({ source }) => source));
        const others = without(hidden, uri).slice(1 - MOST);
        this.set(jid, {
            typed: without(typed, uri),
            hidden: sources.size === 0 ? others : [...others, [uri, [...sources]]],
        });
        book.remove(jid, 'typed', uri);
        for (const claim of naming) book.put(jid, claim);
    }

    /** Puts an address first, for good. */
    prefer(jid: string, uri: string): void {
        const { typed, hidden } = this.of(jid);
        const at = new Map(typed).get(uri) ?? this.needs.now();
        this.set(jid, { typed: [[uri, at] as const, ...without(typed, uri)].slice(0, MOST), hidden });
    }

    /** Whether the person took an address off the contact that this source named already; a new source brings it back. */
    isHidden(jid: string, source: ClaimSource, uri: string): boolean {
        const { typed, hidden } = this.of(jid);
        const sources = new Map(hidden).get(uri);
        if (!sources || sources.includes(source)) return sources !== undefined;
        this.set(jid, { typed, hidden: without(hidden, uri) });
        return false;
    }

    /** The contact is gone. */
    forget(jid: string): void {
        this.needs.book.forget(['typed'], jid);
        if (this.entries.has(jid)) this.set(jid, NOTHING);
    }

    private of(jid: string): Entry {
        return this.entries.get(jid) ?? NOTHING;
    }

    private set(jid: string, entry: Entry): void {
        this.entries.delete(jid);
        if (entry.typed.length + entry.hidden.length > 0) this.entries.set(jid, entry);
        const kept = [...this.entries].slice(-MOST_CONTACTS).map(([each, { typed, hidden }]) => [each, typed, hidden]);
        void this.needs.store.set('addresses', kept);
        this.show(jid);
    }

    /** One claim each, so that each keeps its time; the order is in their priority. */
    private show(jid: string): void {
        this.of(jid).typed.forEach(([uri, seenAt], index) =>
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
