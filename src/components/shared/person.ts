/** A person at the other end: picture, name, address, and how sure we are. */
import { html, nothing, type TemplateResult } from './lit.js';
import shield from '@fortawesome/fontawesome-free/svgs/solid/shield-halved.svg';
import user from '@fortawesome/fontawesome-free/svgs/solid/user.svg';
import warning from '@fortawesome/fontawesome-free/svgs/solid/triangle-exclamation.svg';
import { icon } from './icon.js';
import type { IdentityMark, Party } from './words.js';

/** The contact's picture, or a silhouette where none may be shown. Decoration: the name stands beside it. */
export function avatar({ avatar: model, name }: Party, size: number): TemplateResult {
    return html`<span class="sip-avatar" aria-hidden="true"
        >${
            model
                ? html`<converse-avatar
                      class="avatar"
                      .model=${model}
                      name=${name}
                      width=${size}
                      height=${size}
                  ></converse-avatar>`
                : icon(user)
        }</span
    >`;
}

const MARKS: Readonly<Record<IdentityMark, () => unknown>> = {
    none: () => nothing,
    claim: () => nothing,
    shield: () => icon(shield),
    'shield-check': () => icon(shield),
    warning: () => icon(warning),
};

/** Name, address and level in words. `id` is put before the ids of the parts. */
export function who(party: Party, id?: string): TemplateResult {
    const part = (name: string): unknown => (id === undefined ? nothing : `${id}-${name}`);
    return html`<div class="sip-who" data-mark=${party.mark}>
        <div class="sip-name" title=${party.name}><bdi>${party.name}</bdi></div>
        ${
            party.address === ''
                ? nothing
                : html`<div class="sip-address" title=${party.address}><bdi>${party.address}</bdi></div>`
        }
        <div class="sip-level" id=${part('level')} aria-live="polite">
            ${MARKS[party.mark]()}<span>${party.level}</span>
        </div>
        ${party.claim === '' ? nothing : html`<div class="sip-claim"><bdi>${party.claim}</bdi></div>`}
    </div>`;
}
