/** The key that leads to a call, also out of a half-typed message. */
import { html, nothing } from '../shared/lit.js';
import { t } from '../../i18n/index.js';

export const CALL_KEY = 'F8';

/** Says which key it is. @param needed whether the focus stays where the person types */
export function keyHint(needed: boolean): unknown {
    return needed ? html`<p class="sip-note" aria-live="polite">${t('incoming.key', { key: CALL_KEY })}</p>` : nothing;
}
