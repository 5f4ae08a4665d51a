/** In the roster: who is on the phone, and who can be called. One a contact, so it is drawn only where there is a word. */
import { html, nothing, render } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import { currentPhone, onPhoneChange } from '../../plugin/phone.js';
import { icon } from '../shared/icon.js';

/** `<converse-sip-availability jid>`. */
export class SipAvailability extends HTMLElement {
    static readonly observedAttributes = ['jid'];
    private leave: readonly (() => void)[] = [];

    connectedCallback(): void {
        this.watch();
    }

    disconnectedCallback(): void {
        this.unwatch();
    }

    attributeChangedCallback(): void {
        if (this.isConnected) this.watch();
    }

    private unwatch(): void {
        for (const end of this.leave) end();
        this.leave = [];
    }

    private watch(): void {
        this.unwatch();
        const jid = this.getAttribute('jid') ?? '';
        const leavePhone = onPhoneChange(() => this.watch());
        const phone = currentPhone();
        this.leave = phone ? [leavePhone, phone.reach.subscribe(jid, () => this.draw(jid))] : [leavePhone];
        this.draw(jid);
    }

    private draw(jid: string): void {
        const reach = currentPhone()?.reach.get(jid);
        const talking = reach?.availability === 'on-the-phone';
        const callable = reach?.availability === 'open' && reach.problem === null;
        if (!talking && !callable && !this.hasChildNodes()) return;
        const words = t(talking ? 'onThePhone' : 'canBeCalled');
        const symbol = html`<span
            class="sip-availability ${talking ? 'sip-talking' : ''}"
            role="img"
            aria-label=${words}
            title=${words}
            >${icon('phone')}</span
        >`;
        render(talking || callable ? symbol : nothing, this);
    }
}
