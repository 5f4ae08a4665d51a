/** The second line of the own profile: how voice and video are, and the way to their settings. */
import { html, nothing, type TemplateResult } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import type { Phone } from '../../plugin/phone.js';
import { isRegistered, type Registration } from '../../sip-sidecar/contract/index.js';
import { currentHost } from '../shared/host.js';
import { iconButton, plain } from '../shared/button.js';
import { SipElement } from '../shared/element.js';
import { icon } from '../shared/icon.js';

/** Converse's status colours by the state of the registration. */
const DOTS: Readonly<Record<Registration['state'], string>> = {
    off: 'offline',
    'needs-credentials': 'offline',
    elsewhere: 'away',
    connecting: 'away',
    offline: 'offline',
    registered: 'online',
    degraded: 'away',
    refused: 'busy',
};

/** Opens `Voice & video settings`. */
export function showSettings(event?: Event): void {
    currentHost()?.api.modal?.show('converse-sip-settings-modal', {}, event);
}

/** `<converse-sip-profile>`. */
export class SipProfile extends SipElement {
    protected override watch(phone: Phone): readonly (() => void)[] {
        return this.follow(phone.registration, phone.doNotRing, phone.chatConnected);
    }

    protected override draw(phone: Phone): unknown {
        const { state } = phone.registration.get();
        const quiet = phone.doNotRing.get();
        const silenced = quiet && isRegistered(phone.registration.get());
        const words = t('account.line', { state: t(silenced ? 'account.do-not-ring' : `account.${state}`) });
        return html`<div class="sip-lines">
            ${plain(
                html`${line(silenced ? 'busy' : DOTS[state], words)}
                ${phone.chatConnected.get() ? nothing : line('offline', t('account.no-chat'))}`,
                showSettings,
                { kind: 'sip-profile', tip: t('settings.title') },
            )}
            ${iconButton(t('doNotRing'), icon('bell', quiet ? 'struck' : ''), () => phone.login?.setDoNotRing(!quiet), {
                kind: 'sip-ringing',
                pressed: quiet,
            })}
        </div>`;
    }
}

function line(status: string, words: string): TemplateResult {
    return html`<span class="sip-profile__line"><span class="sip-dot" data-status=${status}></span>${words}</span>`;
}
