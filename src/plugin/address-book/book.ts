/**
 * The address book: who can be called where, and who is behind an address. It holds claims, whatever their source; a source
 * is a small object that listens somewhere and calls {@link AddressBook.put}. Both look-ups cost the same with ten contacts
 * and with ten thousand.
 */
import { addressOfRecord } from '../../sip-sidecar/contract/index.js';
import type { Address, Availability, ClaimSource } from '../phone.js';

/** What one source says about one person: "this JID can be called at these addresses". */
export interface Claim {
    readonly source: ClaimSource;
    /** The device that says so, for sources that speak for a device; empty for those that speak for the person. */
    readonly resource: string;
    /** Cleaned addresses, the best first. Empty: nothing but the availability is said. */
    readonly uris: readonly string[];
    /** Whether video calls are taken there; null: not said. */
    readonly video: boolean | null;
    readonly availability: Availability;
    /** XMPP priority of the device. */
    readonly priority: number;
    /** When it was learned (ms since the epoch). */
    readonly seenAt: number;
    /** The conversation it was said in; empty for sources that are no message, and where the message had no thread. */
    readonly thread: string;
}

/** A claim as a source hands it in; what is left out is not said. */
export type NewClaim = Pick<Claim, 'source' | 'uris' | 'seenAt'> & Partial<Claim>;

/** A claim in the book, with the addresses of record it lists: they are compared often and cost a parser. */
interface Kept extends Claim {
    readonly keys: readonly string[];
}

/** The order of PROTOCOL.md 8.6. */
const SOURCE_ORDER: Readonly<Record<ClaimSource, number>> = {
    typed: 0,
    message: 1,
    presence: 2,
    phonebook: 3,
    pep: 4,
    vcard: 5,
};

/** Of several devices, the one to call first. */
export const AVAILABILITY_ORDER: Readonly<Record<Availability, number>> = {
    open: 0,
    unknown: 1,
    'on-the-phone': 2,
    closed: 3,
};

/** Sources that are the person's or the site's own word: it counts against several contacts that list the same address. */
export const OWN_WORD = ['typed', 'phonebook'] as const satisfies readonly ClaimSource[];

/** The most claims of one source about one person that are kept, so that a contact cannot fill the memory. */
const MAX_CLAIMS = 16;

/** The sources that speak for the person behind the JID; what is left is the word of the site and of the own user. */
export const LEARNED = ['message', 'presence', 'pep', 'vcard'] as const satisfies readonly ClaimSource[];

/** What the book asks others. */
export interface BookNeeds {
    /** Whether the user took an address that this source names off the contact. Asked for every address that is put in. */
    readonly isHidden?: (jid: string, source: ClaimSource, uri: string) => boolean;
    /** The thread of the conversation with that person, or null. */
    readonly threadOf?: (jid: string) => string | null;
    /** An address of record is listed now, or no more. */
    readonly listed?: () => void;
}

const before = (a: Claim, b: Claim): number =>
    SOURCE_ORDER[a.source] - SOURCE_ORDER[b.source] ||
    AVAILABILITY_ORDER[a.availability] - AVAILABILITY_ORDER[b.availability] ||
    b.priority - a.priority ||
    b.seenAt - a.seenAt;

/** What a claim says, whenever it said it. */
const textOf = ({ uris, video, availability, priority, thread }: Claim): string =>
    JSON.stringify([uris, video, availability, priority, thread]);

/** All claims, looked up by JID and by address of record. JIDs are bare and in the form of `bareJid()`. */
export class AddressBook {
    /** By JID; the claims of a person in the order of {@link before}. */
    private readonly claims = new Map<string, readonly Kept[]>();
    /** Who lists an address of record: one JID nearly always. */
    private readonly listers = new Map<string, readonly string[]>();

    /** @param changed is told the JID whose addresses or availability have changed */
    constructor(
        private readonly changed: (jid: string) => void,
        private readonly needs: BookNeeds = {},
    ) {}

    /** How many people are in the book. */
    get size(): number {
        return this.claims.size;
    }

    /** Replaces what that source (and that device) said about the person. */
    put(jid: string, claim: NewClaim): void {
        const defaults = { resource: '', video: null, availability: 'unknown', priority: 0, thread: '' } as const;
        const shown = (uri: string): boolean => this.needs.isHidden?.(jid, claim.source, uri) !== true;
        const uris = claim.uris.every(shown) ? claim.uris : claim.uris.filter(shown);
        const full: Claim = { ...defaults, ...claim, uris };
        const all = this.claims.get(jid) ?? [];
        const old = all.find(({ source, resource }) => source === full.source && resource === full.resource);
        if (!old && all.filter(({ source }) => source === full.source).length >= MAX_CLAIMS) return;
        const known = old && textOf(old) === textOf(full);
        const keys = known ? old.keys : [...new Set(uris.flatMap((uri) => addressOfRecord(uri) ?? []))];
        const claims = [...all.filter((each) => each !== old), { ...full, keys }].sort(before);
        // Nothing to tell anybody, but it is fresh again.
        if (known) this.claims.set(jid, claims);
        else this.replace(jid, claims);
    }

    /** Forgets what that source (and that device) said about the person. */
    remove(jid: string, source: ClaimSource, resource = ''): void {
        this.keep(jid, (claim) => claim.source !== source || claim.resource !== resource);
    }

    /** Forgets what these sources said about everybody, or about one person. */
    forget(sources: readonly ClaimSource[], jid?: string): void {
        for (const each of jid === undefined ? [...this.claims.keys()] : [jid]) {
            this.keep(each, ({ source }) => !sources.includes(source));
        }
    }

    /** What is said about a person, the best first. */
    claimsOf(jid: string): readonly Claim[] {
        return this.claims.get(jid) ?? [];
    }

    /** Everybody in the book. */
    people(): Iterable<string> {
        return this.claims.keys();
    }

    /** Where a person can be called, the best first, each address once. */
    addressesOf(jid: string): Address[] {
        const addresses = new Map<string, Address>();
        for (const { uris, source, resource, video, seenAt } of this.inOrder(jid)) {
            const device = source === 'message' && resource !== '' ? { resource } : {};
            for (const uri of uris) {
                const known = addresses.get(uri);
                if (known === undefined) addresses.set(uri, { uri, source, video, seenAt, ...device });
                else if (known.video === null) addresses.set(uri, { ...known, video });
            }
        }
        return [...addresses.values()];
    }

    /**
     * The claims in the order in which they are called: a device named in a message comes first while that conversation goes
     * on and the device has not said since that it cannot be called, and last otherwise.
     */
    private inOrder(jid: string): readonly Claim[] {
        const all = this.claimsOf(jid);
        const thread = this.needs.threadOf?.(jid) ?? null;
        const isPast = (claim: Claim): boolean =>
            claim.source === 'message' &&
            ((claim.thread !== '' && thread !== null && claim.thread !== thread) ||
                all.some((each) => each.availability === 'closed' && each.resource === claim.resource));
        const past = all.filter(isPast);
        return past.length === 0 ? all : [...all.filter((claim) => !past.includes(claim)), ...past];
    }

    /** The availability of the device that would be called first. */
    availabilityOf(jid: string): Availability {
        const [best = 'unknown'] = this.claimsOf(jid)
            .flatMap(({ availability }) => (availability === 'unknown' ? [] : availability))
            .sort((a, b) => AVAILABILITY_ORDER[a] - AVAILABILITY_ORDER[b]);
        return best;
    }

    /**
     * Who is behind an address. Several who list it identify nobody, unless exactly one of them is named by the person's own
     * entry or the phone book (PROTOCOL.md 8.6).
     */
    whoIs(address: string): { readonly jid: string | null; readonly listed: boolean } {
        const listers = [...this.listersOf(address)];
        const isOwn = ([, sources]: (typeof listers)[0]): boolean => OWN_WORD.some((own) => sources.includes(own));
        const [only, another] = listers.length > 1 ? listers.filter(isOwn) : listers;
        return { jid: (another ? null : only?.[0]) ?? null, listed: listers.length > 0 };
    }

    /** Every address of record that somebody lists. */
    get aors(): Iterable<string> {
        return this.listers.keys();
    }

    /** Who lists an address, and which of their sources do. */
    listersOf(address: string): ReadonlyMap<string, readonly ClaimSource[]> {
        const key = addressOfRecord(address) ?? '';
        const jids = this.listers.get(key) ?? [];
        const naming = (jid: string) => (this.claims.get(jid) ?? []).filter(({ keys }) => keys.includes(key));
        return new Map(jids.map((jid) => [jid, naming(jid).map(({ source }) => source)]));
    }

    private keep(jid: string, stays: (claim: Kept) => boolean): void {
        const all = this.claims.get(jid) ?? [];
        const rest = all.filter(stays);
        if (rest.length !== all.length) this.replace(jid, rest);
    }

    private replace(jid: string, claims: readonly Kept[]): void {
        const keysOf = (all: readonly Kept[] = []) => new Set(all.flatMap(({ keys }) => keys));
        const before = keysOf(this.claims.get(jid));
        const after = keysOf(claims);
        if (claims.length === 0) this.claims.delete(jid);
        else this.claims.set(jid, claims);
        for (const key of before) if (!after.has(key)) this.list(key, jid, []);
        for (const key of after) if (!before.has(key)) this.list(key, jid, [jid]);
        this.changed(jid);
    }

    private list(key: string, jid: string, added: readonly string[]): void {
        const known = this.listers.get(key) ?? [];
        const listers = [...known.filter((each) => each !== jid), ...added];
        if (listers.length === 0) this.listers.delete(key);
        else this.listers.set(key, listers);
        if (known.length === 0 || listers.length === 0) this.needs.listed?.();
    }
}
