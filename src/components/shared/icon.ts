/** Icons of Font Awesome Free: those that Converse has on every page, and in icons.css those that it lacks. */
import { html, type TemplateResult } from './lit.js';

/** An icon of Converse's, or of icons.css. */
export type Icon =
    | 'angle-down'
    | 'angle-up'
    | 'arrow-down'
    | 'arrow-up'
    | 'arrows-alt'
    | 'bell'
    | 'caret-down'
    | 'check'
    | 'circle-question'
    | 'cog'
    | 'comments'
    | 'copy'
    | 'desktop'
    | 'fair'
    | 'good'
    | 'info-circle'
    | 'microphone'
    | 'minus'
    | 'pause'
    | 'phone'
    | 'play'
    | 'poor'
    | 'shield'
    | 'spinner'
    | 'times'
    | 'trash'
    | 'triangle-exclamation'
    | 'user'
    | 'video';

/** What is done to an icon: struck through, for what is off; with a check mark; a receiver that is put down. */
export type Change = 'struck' | 'checked' | 'down';

/** An icon as decoration, in the colour of the text: what it means is said in words beside it. */
export function icon(name: Icon, change: Change | '' = ''): TemplateResult {
    return html`<svg class="sip-icon ${change}" viewBox="0 0 640 512" aria-hidden="true" focusable="false">
        <g>
            <rect class="sip-icon-${name}"></rect>
            <use href="#icon-${name}"></use>
        </g>
        <rect></rect>
    </svg>`;
}
