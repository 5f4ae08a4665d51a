/** The one translation function. Catalogues are chunks of their own; the language is Converse's. */
import type { Catalogue, TextKey } from './catalogue.js';

export type { Catalogue, TextKey } from './catalogue.js';

const CATALOGUES = {
    en: async () => (await import(/* webpackChunkName: "i18n-en" */ './en.js')).en,
    de: async () => (await import(/* webpackChunkName: "i18n-de" */ './de.js')).de,
    fr: async () => (await import(/* webpackChunkName: "i18n-fr" */ './fr.js')).fr,
    es: async () => (await import(/* webpackChunkName: "i18n-es" */ './es.js')).es,
};

let catalogue: Partial<Catalogue> = {};
let language = 'en';

/**
 * Loads the catalogue for a locale (`de`, `de-AT`, `pt_BR`); English where there is none.
 * @returns a promise that rejects when the catalogue cannot be fetched
 */
export async function loadLocale(locale: string): Promise<void> {
    const [wanted = ''] = locale.toLowerCase().split(/[-_]/u);
    const name = Object.hasOwn(CATALOGUES, wanted) ? (wanted as keyof typeof CATALOGUES) : 'en';
    catalogue = await CATALOGUES[name]();
    language = name;
}

/** The language of the texts, as a BCP 47 tag for `Intl`. */
export function textLanguage(): string {
    return language;
}

/**
 * The text for a key in the language that was loaded. Parameters are put in as they are: show the result as a text node.
 */
export function t(key: TextKey, parameters: Readonly<Record<string, string | number>> = {}): string {
    return (catalogue[key] ?? key).replace(/\{(\w+)\}/gu, (whole, name: string) => String(parameters[name] ?? whole));
}
