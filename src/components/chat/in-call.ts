/** Beside a message that was written during a call: that it belongs to one. */
import { html, render } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import { icon } from '../shared/icon.js';

/** `<converse-sip-in-call>`. */
export class SipInCall extends HTMLElement {
    connectedCallback(): void {
        const words = t('history.in-call');
        render(html`<span role="img" aria-label=${words} title=${words}>${icon('phone')}</span>`, this);
    }
}
