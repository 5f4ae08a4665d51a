/** A part of a dialog, with its heading. */
import { html, type TemplateResult } from './lit.js';

/** @param name unique on the page */
export function section(name: string, title: string, content: TemplateResult): TemplateResult {
    const id = `sip-${name}`;
    return html`<section class="sip-section" aria-labelledby=${id}>
        <h6 id=${id}>${title}</h6>
        ${content}
    </section>`;
}
