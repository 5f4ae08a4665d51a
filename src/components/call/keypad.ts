/** The keypad: digits for whoever listens at the other end (RFC 4733). */
import { html, type TemplateResult } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import { iconButton } from '../shared/button.js';
import { isAlone } from './key.js';

/** How a screen reader says the keys that are no digits. */
const SPOKEN: Readonly<Record<string, 'keypad.star' | 'keypad.pound'>> = { '*': 'keypad.star', '#': 'keypad.pound' };

/** The digit that a key of the keyboard stands for, or null. */
export function digitOf(event: KeyboardEvent): string | null {
    return isAlone(event) && !event.repeat && /^[0-9*#a-d]$/iu.test(event.key) ? event.key.toUpperCase() : null;
}

/** @param sent what was pressed so far */
export function keypad(sent: string, press: (digit: string) => void): TemplateResult {
    return html`<div class="sip-keypad" role="group" aria-label=${t('keypad')}>
        <output class="sip-digits" aria-label=${t('keypad.sent')}>${sent}</output>
        <div class="sip-keys" dir="ltr">
            ${Array.from('123456789*0#', (key) =>
                iconButton(SPOKEN[key] ? t(SPOKEN[key]) : key, key, () => press(key), { kind: 'sip-key', tip: '' }),
            )}
        </div>
    </div>`;
}
