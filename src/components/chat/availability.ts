/** In the roster: who is on the phone, and who can be called. One a contact, so it is drawn only where there is a word. */
import { html, nothing, render } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import { currentPhone, onPhoneChange } from '../../plugin/phone.js';
import { icon } from '../shared/icon.js';

/** `<converse-sip-availability jid>`. */
export class SipAvailability extends HTMLElement {
    static readonly observedAttributes = ['jid'];
    private leave: (() => void)[] = [];

    connectedCallback(): void {
        this.disconnectedCallback();
        const jid = this.getAttribute('jid') ?? '';
        const draw = (): void => this.draw(jid);
        this.leave = [onPhoneChange(() => this.connectedCallback())];
        const phone = currentPhone();
        if (phone) this.leave.push(phone.reach.subscribe(jid, draw));
        draw();
    }

    disconnectedCallback(): void {
        for (const end of this.leave) end();
    }

    attributeChangedCallback(): void {
        if (this.isConnected) this.connectedCallback();
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
