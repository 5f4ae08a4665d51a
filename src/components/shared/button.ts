/** A button with words on it. */
import { html, nothing, type TemplateResult } from './lit.js';
import { icon, type Change, type Icon } from './icon.js';

/** What a button may have besides its words. */
export interface ButtonLooks {
    /** Classes. */
    readonly kind?: string;
    readonly image?: Icon | null;
    readonly change?: Change | '';
    /** Whether it is pressed, of one that stays so. */
    readonly pressed?: boolean;
    /** Said on hover, beside the words. */
    readonly tip?: string;
}

/** A button with words on it, and perhaps an icon before them. */
export function button(
    words: string,
    press: () => void,
    { kind = 'sip-plain sip-text', image, change, pressed, tip }: ButtonLooks = {},
): TemplateResult {
    return html`<button
        type="button"
        class="btn ${kind}"
        title=${tip ?? nothing}
        aria-pressed=${pressed === undefined ? nothing : String(pressed)}
        @click=${press}
    >
        ${image ? icon(image, change) : nothing}<span>${words}</span>
    </button>`;
}
