import type { Catalogue } from '../../src/i18n/catalogue.js';
import { de } from '../../src/i18n/de.js';
import { en } from '../../src/i18n/en.js';
import { es } from '../../src/i18n/es.js';
import { fr } from '../../src/i18n/fr.js';
import { loadLocale, t, textLanguage } from '../../src/i18n/index.js';

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name!).sort();

describe('the catalogues', () => {
    const others: Record<string, Catalogue> = { de, es, fr };
    afterAll(() => loadLocale('en'));

    for (const [name, catalogue] of Object.entries(others)) {
        it(`${name} has a text for every key and no other`, () => {
            expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort());
            expect(Object.values(catalogue).filter((text) => text.trim() === '')).toEqual([]);
        });

        it(`${name} has the same placeholders as English`, () => {
            for (const key of Object.keys(en) as (keyof typeof en)[]) {
                expect(placeholders(catalogue[key])).withContext(key).toEqual(placeholders(en[key]));
            }
        });

        it(`${name} is loaded for its own region`, async () => {
            await loadLocale(`${name}_XX`);
            expect(textLanguage()).toBe(name);
            expect(t('hangUp')).toBe(catalogue.hangUp);
        });
    }

    it('fall back to English for a language without one', async () => {
        await loadLocale('tlh');
        expect(textLanguage()).toBe('en');
        expect(t('hangUp')).toBe('Hang up');
    });

    it('take what stands in for a placeholder as it is', async () => {
        await loadLocale('en');
        expect(t('end.busy', { name: '<b>{name}</b> $& $1' })).toBe('<b>{name}</b> $& $1 is busy');
    });

    it('are not searched beyond their own keys', async () => {
        await loadLocale('constructor');
        expect(textLanguage()).toBe('en');
    });
});
