/** In the details of a person: every address at which they can be called, where it is from, and which one Call uses. */
import { html, nothing, type PropertyValues, type TemplateResult } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import type { Address, Phone } from '../../plugin/phone.js';
import { button, iconButton } from '../shared/button.js';
import { SipElement } from '../shared/element.js';
import { icon } from '../shared/icon.js';
import { section } from '../shared/section.js';
import { ago, isOneDevice, shortAddress } from '../shared/words.js';

/** `<converse-sip-addresses jid>`. */
export class SipAddresses extends SipElement {
    static override properties = { jid: {}, problem: {} };
    declare jid: string;
    /** What is wrong with what was typed. */
    declare private problem?: string;
    /** Addresses in the order in which they are shown: choosing one does not move it away from under the keyboard. */
    private order: readonly string[] = [];

    protected override watch(phone: Phone): readonly (() => void)[] {
        return [phone.reach.subscribe(this.jid, this.changed)];
    }

    protected override willUpdate(changed: PropertyValues<this>): void {
        if (changed.has('jid')) this.order = [];
    }

    protected override updated(): void {
        // The button that was pressed is gone
        if (this.lostFocus) this.querySelector('input')?.focus();
        const first = this.phone?.reach.get(this.jid).addresses[0]?.uri;
        for (const choice of this.querySelectorAll<HTMLInputElement>('[type=radio]'))
            choice.checked = choice.value === first;
    }

    private async add(text: string): Promise<void> {
        const added = await this.phone?.login?.addAddress(this.jid, text);
        this.problem = added ? '' : t('addresses.bad');
        if (added) this.querySelector('form')?.reset();
        else this.field?.focus();
    }

    private get field(): HTMLInputElement | null {
        return this.querySelector('form input');
    }

    private readonly onSubmit = (event: SubmitEvent): void => {
        event.preventDefault();
        void this.add(this.field?.value.trim() ?? '');
    };

    protected override draw(phone: Phone): unknown {
        const { jid } = this;
        if (!jid) return nothing;
        const { addresses } = phone.reach.get(jid);
        const uris = addresses.map(({ uri }) => uri);
        this.order = [...new Set([...this.order.filter((uri) => uris.includes(uri)), ...uris])];
        const suggestion = phone.login?.suggestion(jid);
        return section(
            'addresses',
            t('addresses.title'),
            html`${addresses.length === 0 ? html`<p>${t('addresses.none')}</p>` : this.list(phone, addresses)}
                ${
                    suggestion && !uris.includes(suggestion)
                        ? html`<div class="sip-note sip-suggestion">
                              <span>${t('addresses.suggestion', { address: shortAddress(suggestion) })}</span>
                              ${button(t('addresses.use'), () => void this.add(suggestion))}
                          </div>`
                        : nothing
                }
                <form class="sip-form" novalidate @submit=${this.onSubmit}>
                    <label class="form-label" for="sip-addresses-new">${t('addresses.new')}</label>
                    <div id="sip-addresses-problem" role="alert">
                        ${this.problem ? html`<div class="sip-note sip-problem">${this.problem}</div>` : nothing}
                    </div>
                    <div class="sip-add">
                        <input
                            id="sip-addresses-new"
                            class="form-control"
                            autocapitalize="none"
                            autocomplete="off"
                            spellcheck="false"
                            maxlength="255"
                            dir="ltr"
                            aria-invalid=${this.problem ? 'true' : nothing}
                            aria-describedby="sip-addresses-problem"
                        />
                        <button type="submit" class="btn sip-plain sip-text">${t('addresses.add')}</button>
                    </div>
                </form>`,
        );
    }

    private list(phone: Phone, addresses: readonly Address[]): TemplateResult {
        return html`<p class="sip-hushed" id="sip-addresses-hint">${t('addresses.hint')}</p>
            <div
                class="sip-addresses"
                role="radiogroup"
                aria-labelledby="sip-addresses"
                aria-describedby="sip-addresses-hint"
            >
                ${this.order.map((uri, index) => {
                    const address = addresses.find((each) => each.uri === uri);
                    return address ? this.row(phone, address, `sip-addresses-${String(index)}`) : nothing;
                })}
            </div>`;
    }

    private row(phone: Phone, { uri, source, seenAt, video }: Address, id: string): TemplateResult {
        const words = [
            t(`source.${source}`),
            ago(seenAt, Date.now()),
            isOneDevice(uri) ? t('addresses.device') : '',
            video === false ? t('addresses.no-video') : '',
        ];
        const remove = t('addresses.remove', { address: shortAddress(uri) });
        return html`<div class="sip-choose">
            <input
                type="radio"
                class="form-check-input"
                name="sip-addresses"
                id=${id}
                aria-describedby="${id}-source"
                .value=${uri}
                @change=${(): void => phone.login?.preferAddress(this.jid, uri)}
            />
            <div>
                <label for=${id} title=${uri}><bdi>${shortAddress(uri)}</bdi></label>
                <div class="sip-hushed" id="${id}-source">${words.filter(Boolean).join(', ')}</div>
            </div>
            ${iconButton(remove, icon('trash'), () => phone.login?.removeAddress(this.jid, uri), { kind: 'sip-plain sip-remove' })}
        </div>`;
    }
}
