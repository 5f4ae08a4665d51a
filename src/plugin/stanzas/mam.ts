/** XEP-0313 Message Archive Management, with XEP-0059 paging: asking the own archive. */
import { buildForm } from './data-form.js';
import { identifier } from './identifier.js';
import { childOf, element, iq } from './xml.js';

export const MAM = 'urn:xmpp:mam:2';
const RSM = 'http://jabber.org/protocol/rsm';

/** What is asked for. */
export interface ArchiveQuery {
    /** Comes back with every result: those of no query of ours are not taken. */
    readonly queryId: string;
    /** In ms since the epoch. */
    readonly start: number;
    /** The archive id before which the page ends; empty: the last page. */
    readonly before: string;
    /** The longest page. */
    readonly max: number;
}

/** One page of the own archive. */
export function buildArchiveQuery({ queryId, start, before, max }: ArchiveQuery): Element {
    const form = buildForm(MAM, { start: new Date(start).toISOString() });
    const page = element(RSM, 'set', {}, element(RSM, 'max', {}, String(max)), element(RSM, 'before', {}, before));
    return iq('set', null, element(MAM, 'query', { queryid: queryId }, form, page));
}

/** The end of a page. */
export interface ArchivePage {
    /** Nothing is left in this direction. */
    readonly complete: boolean;
    /** Archive id of the page's first message; null: the page is empty. */
    readonly first: string | null;
}

/** Reads the answer that follows the results of a page; null where it is none. */
export function parseArchivePage(answer: Element): ArchivePage | null {
    const fin = childOf(answer, MAM, 'fin');
    return (
        fin && {
            complete: /^(?:true|1)$/u.test(fin.getAttribute('complete') ?? ''),
            first: identifier(childOf(childOf(fin, RSM, 'set'), RSM, 'first')?.textContent),
        }
    );
}
