import { buildArchiveQuery, parseArchivePage } from '../../../src/plugin/stanzas/mam.js';
import { meaning, xml } from '../support/xml.js';

const query = (form: string, set: string): unknown =>
    meaning(
        xml(
            `<iq xmlns='jabber:client' type='set'><query xmlns='urn:xmpp:mam:2' queryid='q1'>
               <x xmlns='jabber:x:data' type='submit'>
                 <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>${form}
               </x>
               <set xmlns='http://jabber.org/protocol/rsm'>${set}</set>
             </query></iq>`,
        ),
    );
const field = (name: string, value: string): string => `<field var='${name}'><value>${value}</value></field>`;

describe('XEP-0313: asking the own archive', () => {
    it('asks from a time on, page by page', () => {
        const start = Date.UTC(2026, 2, 1, 10);
        expect(meaning(buildArchiveQuery({ queryId: 'q1', start, max: 50, before: 'id-7' }))).toEqual(
            query(field('start', '2026-03-01T10:00:00.000Z'), '<max>50</max><before>id-7</before>'),
        );
    });

    it('asks for the last page', () => {
        expect(meaning(buildArchiveQuery({ queryId: 'q1', start: 0, before: '', max: 9 }))).toEqual(
            query(field('start', '1970-01-01T00:00:00.000Z'), '<max>9</max><before/>'),
        );
    });
});

describe('XEP-0313: the end of a page', () => {
    const page = (inner: string): unknown =>
        parseArchivePage(xml(`<iq xmlns='jabber:client' type='result'>${inner}</iq>`));
    const rsm = (inner: string): string => `<set xmlns='http://jabber.org/protocol/rsm'>${inner}</set>`;
    const fin = (inner: string, attributes = ''): unknown =>
        page(`<fin xmlns='urn:xmpp:mam:2' ${attributes}>${inner}</fin>`);

    it('says where it ended and whether there is more', () => {
        expect(fin(rsm('<first index="0">a</first><last>b</last><count>16</count>'))).toEqual({
            complete: false,
            first: 'a',
        });
        expect(fin(rsm('<last>b</last>'), `complete='true'`)).toEqual({ complete: true, first: null });
        expect(fin('', `complete='1'`)).toEqual({ complete: true, first: null });
    });

    it('says nothing that it does not hold', () => {
        expect(page('')).toBeNull();
        expect(page(`<fin xmlns='urn:xmpp:mam:1'/>`)).toBeNull();
        expect(fin(rsm(`<first>${'x'.repeat(1_000_000)}</first>`), `complete='yes'`)).toEqual({
            complete: false,
            first: null,
        });
        expect(fin(`<set xmlns='other'><first>b</first></set>`)).toEqual({ complete: false, first: null });
    });
});
