/** The source `sip_phonebook`: addresses the site knows, as a list or from a URL. They need not be of contacts. */
import { cleanSipAddress, cleanText } from '../../sip-sidecar/contract/index.js';
import { bareJid } from '../jid.js';
import { fetchFromSite } from '../site.js';
import type { AddressBook } from './book.js';

/** One line of the phone book. */
export interface PhonebookEntry {
    /** Bare JID. */
    readonly jid: string;
    /** Cleaned SIP address. */
    readonly sip: string;
    readonly name: string;
}

/** The most lines that are read. */
export const MAX_ENTRIES = 20_000;

/**
 * Reads a list `[{ jid, sip, name }]`; a wrong line is left out.
 * @returns null for what is no list; `wrong` holds the places of the lines that were left out
 */
export function readPhonebook(list: unknown): { entries: readonly PhonebookEntry[]; wrong: readonly number[] } | null {
    if (!Array.isArray(list)) return null;
    const entries: PhonebookEntry[] = [];
    const wrong: number[] = [];
    list.slice(0, MAX_ENTRIES).forEach((line: unknown, index) => {
        const { jid, sip, name } = Object(line) as Record<string, unknown>;
        const bare = bareJid(jid);
        const address = cleanSipAddress(sip);
        if (bare === null || address === null) wrong.push(index);
        else entries.push({ jid: bare, sip: address, name: cleanText(name) });
    });
    return { entries, wrong };
}

/**
 * Puts the lines into the book; a person may have several addresses, in the order of the list.
 * @param names gets what people are called, by JID
 */
export function addPhonebook(
    book: AddressBook,
    names: Map<string, string>,
    entries: readonly PhonebookEntry[],
    seenAt: number,
): void {
    const byJid = new Map<string, string[]>();
    for (const { jid, sip, name } of entries) {
        byJid.set(jid, [...(byJid.get(jid) ?? []), sip]);
        if (name !== '') names.set(jid, name);
    }
    for (const [jid, uris] of byJid) book.put(jid, { source: 'phonebook', uris, seenAt });
}

/**
 * Fetches the list from the site. Never rejects.
 * @returns the lines that can be used, and what is wrong for an administrator, or null
 */
export async function fetchPhonebook(
    url: URL,
): Promise<{ entries: readonly PhonebookEntry[]; problem: string | null }> {
    try {
        const response = await fetchFromSite(url);
        if (!response.ok) return { entries: [], problem: `status ${String(response.status)}` };
        const book = readPhonebook(await response.json());
        if (book === null) return { entries: [], problem: 'not a list' };
        const { entries, wrong } = book;
        return { entries, problem: wrong.length > 0 ? `${String(wrong.length)} lines are wrong` : null };
    } catch (error) {
        return { entries: [], problem: error instanceof SyntaxError ? 'not JSON' : 'no answer' };
    }
}
