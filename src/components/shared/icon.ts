/** Icons of Font Awesome Free, taken apart at build time. */
import { html, type TemplateResult } from './lit.js';

/** What the icon loader makes of an SVG file. */
export interface Icon {
    readonly viewBox: string;
    readonly path: string;
}

/** An icon as decoration, in the colour of the text: what it means is said in words beside it. */
export function icon({ viewBox, path }: Icon): TemplateResult {
    return html`<svg class="sip-icon" viewBox=${viewBox} aria-hidden="true" focusable="false">
        <path d=${path}></path>
    </svg>`;
}
