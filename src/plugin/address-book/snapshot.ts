/**
 * What contacts said, over a reload of the page. A resumed stream (XEP-0198) brings neither presence nor published addresses
 * again; on a new one everything comes by itself, and nothing old is taken.
 */
import { cleanSipAddress } from '../../sip-sidecar/contract/index.js';
import type { Availability, ClaimSource } from '../phone.js';
import type { AddressBook } from './book.js';

const KEY = 'converse-sip-book';
const SOURCES: ReadonlySet<ClaimSource> = new Set(['presence', 'pep']);
const AVAILABILITIES: ReadonlySet<unknown> = new Set<Availability>(['unknown', 'closed', 'open', 'on-the-phone']);

/** Session storage, or null where the browser has it switched off. */
function storage(): Storage | null {
    try {
        return globalThis.sessionStorage;
    } catch {
        return null;
    }
}

/** Writes what contacts said; of this tab and this login only. Called when the page goes. */
export function saveBook(book: AddressBook, jid: string): void {
    const people = [...book.people()].flatMap((each) => {
        const claims = book.claimsOf(each).filter(({ source }) => SOURCES.has(source));
        return claims.length > 0 ? [[each, claims]] : [];
    });
    try {
        if (people.length > 0) storage()?.setItem(KEY, JSON.stringify({ jid, people }));
    } catch {
        // Full: it is asked for again.
    }
}

/** Reads it back into the book; only of those who still are contacts. */
export function restoreBook(book: AddressBook, jid: string, isContact: (jid: string) => boolean): void {
    let saved: unknown;
    try {
        saved = JSON.parse(storage()?.getItem(KEY) ?? 'null');
    } catch {
        return;
    }
    const { jid: owner, people } = (saved ?? {}) as Record<string, unknown>;
    if (owner !== jid || !Array.isArray(people)) return;
    for (const person of people as readonly unknown[]) {
        const [each, claims] = (Array.isArray(person) ? person : []) as readonly unknown[];
        if (typeof each !== 'string' || !Array.isArray(claims) || !isContact(each)) continue;
        for (const claim of claims as readonly Record<string, unknown>[]) {
            const { source, resource, uris, video, availability, priority, seenAt } = claim;
            if (!SOURCES.has(source as ClaimSource) || !Array.isArray(uris)) continue;
            book.put(each, {
                source: source as ClaimSource,
                resource: String(resource),
                uris: uris.flatMap((uri) => cleanSipAddress(uri) ?? []),
                video: typeof video === 'boolean' ? video : null,
                availability: AVAILABILITIES.has(availability) ? (availability as Availability) : 'unknown',
                priority: Number(priority) || 0,
                seenAt: Number(seenAt) || 0,
            });
        }
    }
}

/** Forgets it. */
export function dropBook(): void {
    storage()?.removeItem(KEY);
}
