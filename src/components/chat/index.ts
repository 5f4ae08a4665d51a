/** What is defined once somebody is logged in: what stands in Converse's own places, and the calls. */
import type { Phone } from '../../plugin/phone.js';
import { defineCallElements } from '../call/index.js';
import { define } from '../shared/element.js';
import { SipAddresses } from './addresses.js';
import { SipAvailability } from './availability.js';
import { SipBanner } from './banner.js';
import { SipConnectionTest } from './connection-test.js';
import { SipHeading } from './heading.js';
import { SipHistory } from './history.js';
import { SipInCall } from './in-call.js';
import { SipOtherCalls } from './other-calls.js';
import { SipProfile } from './profile.js';
import { SipSettings } from './settings.js';
import { SipWho } from '../shared/who.js';

export { loadStyle } from '../shared/style.js';
export { linkAddresses } from './links.js';
export { defineSettingsModal } from './settings.js';

/** Defines all elements: those in Converse's own places, and those of calls. */
export function defineElements(): void {
    defineCallElements();
    define('converse-sip-who', SipWho);
    define('converse-sip-heading', SipHeading);
    define('converse-sip-banner', SipBanner);
    define('converse-sip-availability', SipAvailability);
    define('converse-sip-profile', SipProfile);
    define('converse-sip-history', SipHistory);
    define('converse-sip-in-call', SipInCall);
    define('converse-sip-addresses', SipAddresses);
    define('converse-sip-other-calls', SipOtherCalls);
    define('converse-sip-connection-test', SipConnectionTest);
    define('converse-sip-settings', SipSettings);
}

/** An element that may not be defined yet. */
type Drawn = HTMLElement & { requestUpdate?: () => void; readonly updateComplete?: Promise<unknown> };

/** Keeps `<converse-sip-calls>` on `converse-root` while there are calls. */
export function showCalls(phone: Phone): void {
    const mount = (): void => {
        const there = document.querySelector<Drawn>('converse-sip-calls');
        if (phone.calls.get().length === 0) {
            // Once it is drawn without a call: it then gives the focus back
            there?.requestUpdate?.();
            void Promise.resolve(there?.updateComplete).then(() => {
                if (phone.calls.get().length === 0) there?.remove();
            });
            return;
        }
        if (!there) document.querySelector('converse-root')?.append(document.createElement('converse-sip-calls'));
    };
    phone.calls.subscribe(mount);
    mount();
}
