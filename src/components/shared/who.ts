/** A person at the other end, in words: name, address, how sure we are, and on request why. */
import { html, nothing, type TemplateResult } from './lit.js';
import { t } from '../../i18n/index.js';
import type { LoggedCall, Phone } from '../../plugin/phone.js';
import { button, disclosure } from './button.js';
import { SipElement } from './element.js';
import { icon } from './icon.js';
import { partyOf, type IdentityMark, type Party } from './words.js';

const MARKS: Readonly<Record<IdentityMark, () => unknown>> = {
    none: () => nothing,
    claim: () => nothing,
    doubt: () => icon('circle-question'),
    shield: () => icon('shield'),
    'shield-check': () => icon('shield', 'checked'),
    warning: () => icon('triangle-exclamation'),
};

/** `<converse-sip-who>`: of the whole party, or (`brief`) only how sure we are. */
export class SipWho extends SipElement {
    static override properties = {
        party: {},
        levelId: {},
        brief: {},
        address: {},
        open: {},
        found: {},
    };
    declare party: Party;
    /** Id that the words about the level get, for a description. */
    declare levelId?: string;
    declare brief?: boolean;
    /** SIP address that may be asked who is behind it; empty: it is known, or nothing can be asked. */
    declare address?: string;
    /** Whether the reasons are shown. */
    declare open?: boolean;
    /** The chat account that the address named when it was asked; empty: none, null: the question is on its way. */
    declare private found?: string | null;

    private readonly ask = async (address: string): Promise<void> => {
        this.found = null;
        this.found = (await this.phone?.probe(address))?.jid ?? '';
    };

    protected override render(): unknown {
        const { party, brief } = this;
        const why = party.reasons.length === 0 ? nothing : disclosure(t('identity.why'), icon('info-circle'), this);
        const row = brief === true || party.address === '';
        return html`<div class="sip-who" data-mark=${party.mark}>
            ${brief ? nothing : html`<div class="sip-name" title=${party.name}><bdi>${party.name}</bdi></div>`}
            ${
                row
                    ? nothing
                    : html`<div class="sip-line">
                          <span class="sip-address" title=${party.address}><bdi>${party.address}</bdi></span
                          >${why}
                      </div>`
            }
            <div class="sip-line sip-level">
                ${MARKS[party.mark]()}<span id=${this.levelId ?? nothing} aria-live="polite">${party.level}</span>${
                    row ? why : nothing
                }
            </div>
            ${brief || party.claim === '' ? nothing : html`<div class="sip-claim"><bdi>${party.claim}</bdi></div>`}
            ${this.open ? this.reasons() : nothing}
        </div>`;
    }

    private reasons(): TemplateResult {
        const { found, address } = this;
        const asking = found === null ? t('probe.asking') : '';
        const answer = found ? t('identity.claimed', { jid: found }) : found === '' ? t('probe.nobody') : asking;
        return html`<div class="sip-reasons" id=${this.partId}>
            <ul>
                ${this.party.reasons.map((reason) => html`<li>${reason}</li>`)}
            </ul>
            ${
                address
                    ? html`${button(t('probe.ask'), () => void this.ask(address), { disabled: asking })}
                          <p role="status">${answer}</p>`
                    : nothing
            }
            ${found ? button(t('writeMessage'), () => this.phone?.openChat(found)) : nothing}
        </div>`;
    }
}

/** How sure it was who that was, of a call in the past; nothing where there is nothing to say about it. */
export function whoWas({ identity, address }: LoggedCall, phone: Phone | null): unknown {
    if (!phone || !Array.isArray(identity?.reasons) || identity.level === 'none') return nothing;
    const party = partyOf({ identity, address, displayName: '' }, phone);
    return party.level === ''
        ? nothing
        : html`<converse-sip-who class="sip-history__who" .party=${party} .brief=${true}></converse-sip-who>`;
}
