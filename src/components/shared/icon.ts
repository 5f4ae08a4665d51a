/** Icons of Font Awesome Free, taken apart at build time. */
import { html, nothing, type TemplateResult } from './lit.js';

/** What the icon loader makes of an SVG file. */
export interface Icon {
    readonly viewBox: string;
    readonly path: string;
}

/** What is done to an icon: struck through, for what is off; with a check mark; a receiver that is put down. */
export type Change = 'struck' | 'checked' | 'down';

/** The lines for that, from the middle of the upper edge. */
const LINES: Readonly<Record<Change, unknown>> = {
    struck: 'M-216 40 216 472',
    checked: 'm-104 252 72 76 136-152',
    down: nothing,
};

/** An icon as decoration, in the colour of the text: what it means is said in words beside it. */
export function icon({ viewBox, path }: Icon, change: Change | '' = ''): TemplateResult {
    return html`<svg class="sip-icon ${change}" viewBox=${viewBox} aria-hidden="true" focusable="false">
        <path d=${path}></path>
        <svg x="50%" overflow="visible"><path d=${change ? LINES[change] : nothing}></path></svg>
    </svg>`;
}
