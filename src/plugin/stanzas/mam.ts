/** XEP-0313 Message Archive Management, with XEP-0059 paging: asking the own archive. */
import { buildForm } from './data-form.js';
import { identifier } from './identifier.js';
import { childOf, CLIENT, element } from './xml.js';

export const MAM = 'urn:xmpp:mam:2';
const RSM = 'http://jabber.org/protocol/rsm';

/** What is asked for. */
export interface ArchiveQuery {
    /** Comes back with every result: those of no query of ours are not taken. */
    readonly queryId: string;
    /** Times in ms since the epoch. */
    readonly start?: number | null;
    readonly end?: number | null;
    /** Conversations with this JID only. */
    readonly with?: string | null;
    /** The archive id after which the page begins. */
    readonly after?: string | null;
    /** The archive id before which the page ends; empty: the last page. */
    readonly before?: string | null;
    /** The longest page. */
    readonly max: number;
}

/** One page of the own archive. */
export function buildArchiveQuery({ queryId, start, end, with: jid, after, before, max }: ArchiveQuery): Element {
    const time = (ms: number | null | undefined): string | null =>
        typeof ms === 'number' ? new Date(ms).toISOString() : null;
    const limit = (name: string, value: string | null | undefined): Element | null =>
        typeof value === 'string' ? element(RSM, name, {}, value) : null;
    return element(
        CLIENT,
        'iq',
        { type: 'set' },
        element(
            MAM,
            'query',
            { queryid: queryId },
            buildForm(MAM, { start: time(start), end: time(end), with: jid }),
            element(RSM, 'set', {}, limit('max', String(max)), limit('after', after), limit('before', before)),
        ),
    );
}

/** The end of a page. */
export interface ArchivePage {
    /** Nothing is left in this direction. */
    readonly complete: boolean;
    /** Archive ids of the page's first and last message; null: the page is empty. */
    readonly first: string | null;
    readonly last: string | null;
}

/** Reads the answer that follows the results of a page; null where it is none. */
export function parseArchivePage(iq: Element): ArchivePage | null {
    const fin = childOf(iq, MAM, 'fin');
    if (fin === null) return null;
    const set = childOf(fin, RSM, 'set');
    const id = (name: string): string | null => identifier(childOf(set, RSM, name)?.textContent);
    return { complete: /^(?:true|1)$/u.test(fin.getAttribute('complete') ?? ''), first: id('first'), last: id('last') };
}
