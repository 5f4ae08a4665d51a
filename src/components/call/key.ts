/** The key that leads to a call, also out of a half-typed message. */
import { html, nothing } from '../shared/lit.js';
import { t } from '../../i18n/index.js';

export const CALL_KEY = 'F8';

/** Whether a key is pressed alone: with others it means something to the browser. */
export const isAlone = ({ ctrlKey, altKey, metaKey }: KeyboardEvent): boolean => !(ctrlKey || altKey || metaKey);

/** Says which key it is. @param needed whether the focus stays where the person types */
export function keyHint(needed: boolean): unknown {
    return needed ? html`<p class="sip-note" aria-live="polite">${t('incoming.key', { key: CALL_KEY })}</p>` : nothing;
}
