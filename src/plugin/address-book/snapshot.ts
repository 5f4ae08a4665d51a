/**
 * What contacts said, over a reload of the page. A resumed stream (XEP-0198) brings neither presence nor messages again, so
 * all of it is taken; on a new one only what was published in the last day, because the devices may be gone.
 */
import { cleanSipAddress } from '../../sip-sidecar/contract/index.js';
import { isLike, lists } from '../../sip-sidecar/contract/shape.js';
import { AVAILABILITY_ORDER, LEARNED, type AddressBook, type Claim } from './book.js';
import { KEPT_FOR, type Published } from './published.js';

const KEY = 'converse-sip-book';
/** What a claim has to be like. */
const CLAIM: Omit<Claim, 'video'> = {
    source: 'pep',
    resource: '',
    uris: [''],
    availability: 'open',
    priority: 0,
    seenAt: 0,
    thread: '',
};

/** Does that with the session storage; undefined where the browser has it switched off, where it is full, or holds nonsense. */
export function stored<T>(use: (storage: Storage) => T): T | undefined {
    try {
        return use(sessionStorage);
    } catch {
        return undefined;
    }
}

const isLearned = ({ source }: Claim): boolean => LEARNED.some((each) => each === source);

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
        const claims = book.claimsOf(each).filter(isLearned);
        return claims.length > 0 ? [[each, claims]] : [];
    });
    const heard = [...published.heard];
    if (people.length + heard.length > 0) {
        stored((storage) => storage.setItem(KEY, JSON.stringify({ jid, people, heard })));
    }
}

/** Reads it back; only of those who still are contacts. */
export function restoreBook(
    { book, published, jid }: Saved,
    isContact: (jid: string) => boolean,
    resumed: boolean,
    now: number,
): void {
    const saved = stored((storage) => JSON.parse(storage.getItem(KEY) ?? 'null') as unknown);
    if (!isLike(saved, { jid: '', people: null, heard: null }) || saved.jid !== jid) return;
    const isFresh = (time: unknown): time is number => typeof time === 'number' && time <= now && now - time < KEPT_FOR;
    for (const [key, time] of lists(saved.heard)) if (isFresh(time)) published.heard.set(key, time);
    for (const [each, claims] of lists(saved.people)) {
        if (!Array.isArray(claims) || !isContact(each)) continue;
        for (const claim of claims as Claim[]) {
            if (!isLike(claim, CLAIM) || !isLearned(claim) || !Object.hasOwn(AVAILABILITY_ORDER, claim.availability))
                continue;
            const { source, uris, video, seenAt } = claim;
            if (source === 'pep' || source === 'vcard' ? !isFresh(seenAt) : !resumed) continue;
            book.put(each, {
                ...claim,
                uris: uris.flatMap((uri) => cleanSipAddress(uri) ?? []),
                video: typeof video === 'boolean' ? video : null,
            });
        }
    }
}

/** Forgets it. */
export function dropBook(): void {
    stored((storage) => storage.removeItem(KEY));
}
