/** Icons of Font Awesome Free: by name those that Converse has on every page, taken apart at build time those that it lacks. */
import { html, nothing, type TemplateResult } from './lit.js';

/** What the icon loader makes of an SVG file. */
interface Drawn {
    readonly viewBox: string;
    readonly path: string;
}

/** An icon. */
export type Icon =
    | Drawn
    | 'angle-down'
    | 'angle-up'
    | 'arrow-down'
    | 'arrow-up'
    | 'arrows-alt'
    | 'bell'
    | 'caret-down'
    | 'check'
    | 'cog'
    | 'comments'
    | 'copy'
    | 'info-circle'
    | 'minus'
    | 'pause'
    | 'phone'
    | 'play'
    | 'spinner'
    | 'times'
    | 'trash'
    | 'user';

/** What is done to an icon: struck through, for what is off; with a check mark; a receiver that is put down. */
export type Change = 'struck' | 'checked' | 'down';

/** The lines for that, from the middle of the upper edge. */
const LINES: Readonly<Record<Change, unknown>> = {
    struck: 'M-216 40 216 472',
    checked: 'm-104 252 72 76 136-152',
    down: nothing,
};

/** An icon as decoration, in the colour of the text: what it means is said in words beside it. */
export function icon(image: Icon, change: Change | '' = ''): TemplateResult {
    const { viewBox, path, name } =
        typeof image === 'string'
            ? { viewBox: '0 0 512 512', path: nothing, name: `#icon-${image}` }
            : { ...image, name: nothing };
    return html`<svg class="sip-icon ${change}" viewBox=${viewBox} aria-hidden="true" focusable="false">
        <path d=${path}></path>
        <use href=${name}></use>
        <svg x="50%" overflow="visible"><path d=${change ? LINES[change] : nothing}></path></svg>
    </svg>`;
}
