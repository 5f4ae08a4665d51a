/**
 * What contacts said, over a reload of the page. A resumed stream (XEP-0198) brings neither presence nor messages again, so
 * all of it is taken; on a new one only what was published in the last day, because the devices may be gone.
 */
import { cleanSipAddress } from '../../sip-sidecar/contract/index.js';
import type { Availability, ClaimSource } from '../phone.js';
import { identifier } from '../stanzas/identifier.js';
import { LEARNED, type AddressBook } from './book.js';
import { KEPT_FOR, type Published } from './published.js';

const KEY = 'converse-sip-book';
const SOURCES: ReadonlySet<unknown> = new Set<ClaimSource>(LEARNED);
const PUBLISHED: ReadonlySet<unknown> = new Set<ClaimSource>(['pep', 'vcard']);
const AVAILABILITIES: ReadonlySet<unknown> = new Set<Availability>(['unknown', 'closed', 'open', 'on-the-phone']);

/** Session storage, or null where the browser has it switched off. */
function storage(): Storage | null {
    try {
        return globalThis.sessionStorage;
    } catch {
        return null;
    }
}

/** What is saved, and of whom. */
export interface Saved {
    readonly book: AddressBook;
    readonly published: Pick<Published, 'heard'>;
    /** The own bare JID. */
    readonly jid: string;
}

/** Writes what contacts said; of this tab and this login only. Called when the page goes. */
export function saveBook({ book, published, jid }: Saved): void {
    const people = [...book.people()].flatMap((each) => {
        const claims = book.claimsOf(each).filter(({ source }) => SOURCES.has(source));
        return claims.length > 0 ? [[each, claims]] : [];
    });
    const heard = [...published.heard];
    try {
        if (people.length + heard.length > 0) storage()?.setItem(KEY, JSON.stringify({ jid, people, heard }));
    } catch {
        // Full: it is asked for again.
    }
}

/** Reads it back; only of those who still are contacts. */
export function restoreBook(
    { book, published, jid }: Saved,
    isContact: (jid: string) => boolean,
    resumed: boolean,
    now: number,
): void {
    let saved: unknown;
    try {
        saved = JSON.parse(storage()?.getItem(KEY) ?? 'null');
    } catch {
        return;
    }
    const { jid: owner, people, heard } = (saved ?? {}) as Record<string, unknown>;
    if (owner !== jid) return;
    const isFresh = (time: unknown): time is number => typeof time === 'number' && time <= now && now - time < KEPT_FOR;
    for (const [key, time] of pairs(heard)) if (isFresh(time)) published.heard.set(key, time);
    for (const [each, claims] of pairs(people)) {
        if (!Array.isArray(claims) || !isContact(each)) continue;
        for (const claim of claims as readonly Record<string, unknown>[]) {
            const { source, resource, uris, video, availability, priority, seenAt, thread } = claim;
            if (!SOURCES.has(source) || !Array.isArray(uris)) continue;
            if (PUBLISHED.has(source) ? !isFresh(seenAt) : !resumed) continue;
            book.put(each, {
                source: source as ClaimSource,
                resource: String(resource),
                uris: uris.flatMap((uri) => cleanSipAddress(uri) ?? []),
                video: typeof video === 'boolean' ? video : null,
                availability: AVAILABILITIES.has(availability) ? (availability as Availability) : 'unknown',
                priority: Number(priority) || 0,
                seenAt: Number(seenAt) || 0,
                thread: typeof thread === 'string' ? (identifier(thread) ?? '') : '',
            });
        }
    }
}

/** The `[text, anything]` in what should be a list of them. */
function pairs(list: unknown): (readonly [string, unknown])[] {
    return Array.isArray(list)
        ? (list as unknown[]).flatMap((pair) =>
              Array.isArray(pair) && typeof pair[0] === 'string' ? [[pair[0], pair[1]] as const] : [],
          )
        : [];
}

/** Forgets it. */
export function dropBook(): void {
    storage()?.removeItem(KEY);
}
