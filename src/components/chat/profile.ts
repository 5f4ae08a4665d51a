/** The second line of the own profile: how voice and video are, and the way to their settings. */
import { html, nothing } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import type { Phone } from '../../plugin/phone.js';
import type { Registration } from '../../sip-sidecar/contract/index.js';
import { currentHost } from '../shared/host.js';
import { SipElement } from '../shared/element.js';

/** Converse's status colours by the state of the registration. */
const DOTS: Readonly<Record<Registration['state'], string>> = {
    off: 'offline',
    'needs-credentials': 'offline',
    elsewhere: 'away',
    connecting: 'away',
    offline: 'offline',
    registered: 'online',
    refused: 'busy',
};

/** Opens `Voice & video settings`. */
export function showSettings(event?: Event): void {
    currentHost()?.api.modal?.show('converse-sip-settings-modal', {}, event);
}

/** `<converse-sip-profile>`. */
export class SipProfile extends SipElement {
    protected watch(phone: Phone): readonly (() => void)[] {
        return [phone.registration.subscribe(this.changed)];
    }

    protected override render(): unknown {
        const state = this.phone?.registration.get().state;
        if (!state) return nothing;
        return html`<button type="button" class="btn sip-profile" title=${t('settings.title')} @click=${showSettings}>
            <span class="sip-dot" data-status=${DOTS[state]}></span>
            <span class="sip-profile__words">${t('account.line', { state: t(`account.${state}`) })}</span>
        </button>`;
    }
}
