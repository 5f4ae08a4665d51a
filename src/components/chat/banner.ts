/** Above the messages of a conversation: the way back to the call with that person, and a connection that is down. */
import { html, nothing } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import type { Call, Phone } from '../../plugin/phone.js';
import { isRegistered } from '../../sip-sidecar/contract/index.js';
import { button } from '../shared/button.js';
import { SipElement } from '../shared/element.js';
import { icon } from '../shared/icon.js';
import { elapsed, stateWords } from '../shared/words.js';

/** `<converse-sip-banner jid>`. */
export class SipBanner extends SipElement {
    static override properties = { jid: {} };
    declare jid: string;

    protected override watch(phone: Phone): readonly (() => void)[] {
        return this.follow(phone.calls, phone.registration, phone.chatConnected);
    }

    private get call(): Call | undefined {
        return this.phone?.calls
            .get()
            .findLast(
                ({ identity: { jid }, state: { name } }) => jid === this.jid && name !== 'ended' && name !== 'incoming',
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

    /** Which of the two connections is down, where the other one is up (RFC 7081 section 2); the way back to the call. */
    protected override draw(phone: Phone): unknown {
        const { call } = this;
        const registration = phone.registration.get();
        const chat = phone.chatConnected.get();
        const words =
            isRegistered(registration) && !chat
                ? t('connection.no-chat')
                : registration.state === 'offline' && chat && phone.reach.get(this.jid).addresses.length > 0
                  ? t('connection.no-voice')
                  : '';
        return html`<div role="status" class=${words ? 'sip-banner' : 'visually-hidden'}>${words}</div>
            ${
                call
                    ? html`<div class="sip-banner">
                          ${icon('phone')}
                          <span
                              >${`${stateWords(call.state, '')} `}<span class="sip-time"
                                  >${elapsed(call.state, Date.now())}</span
                              ></span
                          >
                          ${button(t('banner.return'), this.goBack, { kind: 'sip-plain' })}
                      </div>`
                    : nothing
            }`;
    }
}
