/** In the conversation with the person one is in a call with: the way back to the call. */
import { html, nothing } from '../shared/lit.js';
import phoneIcon from '@fortawesome/fontawesome-free/svgs/solid/phone.svg';
import { t } from '../../i18n/index.js';
import type { Call, Phone } from '../../plugin/phone.js';
import { SipElement } from '../shared/element.js';
import { icon } from '../shared/icon.js';
import { elapsed, stateWords } from '../shared/words.js';

/** `<converse-sip-banner jid>`. */
export class SipBanner extends SipElement {
    static override properties = { jid: { type: String } };
    declare jid: string;

    protected watch(phone: Phone): readonly (() => void)[] {
        return [phone.calls.subscribe(this.changed)];
    }

    private get call(): Call | undefined {
        return this.phone?.calls
            .get()
            .findLast(
                ({ identity, state }) =>
                    identity.jid === this.jid && state.name !== 'ended' && state.name !== 'incoming',
            );
    }

    protected override willUpdate(): void {
        this.ticking = this.call !== undefined;
    }

    private readonly goBack = (): void => {
        const calls: (HTMLElement & { takeFocus?: (id?: string) => Promise<void> }) | null =
            document.querySelector('converse-sip-calls');
        void calls?.takeFocus?.(this.call?.id);
    };

    protected override render(): unknown {
        const { call } = this;
        if (!call) return nothing;
        return html`<div class="sip-banner">
            ${icon(phoneIcon)}
            <span>${stateWords(call.state, '')} <span class="sip-time">${elapsed(call.state, Date.now())}</span></span>
            <button type="button" class="btn sip-plain" @click=${this.goBack}>${t('banner.return')}</button>
        </div>`;
    }
}
