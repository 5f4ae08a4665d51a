/** A person at the other end: the picture. */
import { html, type TemplateResult } from './lit.js';
import { icon } from './icon.js';
import type { Party } from './words.js';

/** The contact's picture, or a silhouette where none may be shown. Decoration: the name stands beside it. */
export function avatar({ avatar: model, name, mark }: Party, size: number): TemplateResult {
    return html`<span class="sip-avatar" data-mark=${mark} aria-hidden="true"
        >${
            model
                ? html`<converse-avatar
                      class="avatar"
                      .model=${model}
                      name=${name}
                      width=${size}
                      height=${size}
                  ></converse-avatar>`
                : icon('user')
        }</span
    >`;
}
