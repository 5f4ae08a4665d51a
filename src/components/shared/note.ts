/** What went wrong, said at once. */
import type { DeviceProblem } from '../../sip-sidecar/contract/index.js';
import { html, nothing } from './lit.js';
import { problemWords } from './words.js';

/** A note that a screen reader says when it comes. @param words empty: there is none */
export function problemNote(words?: string | null): unknown {
    return words ? html`<p class="sip-note sip-problem" role="alert">${words}</p>` : nothing;
}

/** What is wrong with a device, if anything. */
export function deviceNote(problem: DeviceProblem | null): unknown {
    return problemNote(problem && problemWords(problem));
}
