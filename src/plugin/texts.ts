/** The texts of the page. */
import { loadLocale } from '../i18n/index.js';
import type { ConverseEnv } from './converse.js';
import { notice } from './notices.js';

/** Loads them in Converse's language; in English where they cannot be had. */
export function loadTexts(env: ConverseEnv): Promise<void> {
    const locale = env.i18n?.getLocale() ?? navigator.language;
    return loadLocale(locale).catch(() => {
        notice('SIP-301', `texts for ${locale}`);
        return loadLocale('en');
    });
}
