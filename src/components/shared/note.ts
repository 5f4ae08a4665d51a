/** What went wrong, said at once. */
import { html, nothing } from './lit.js';

/** A note that a screen reader says when it comes. @param words empty: there is none */
export function problemNote(words?: string | null): unknown {
    return words ? html`<p class="sip-note sip-problem" role="alert">${words}</p>` : nothing;
}
