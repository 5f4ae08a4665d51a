/** Call and Video call in the heading of a conversation. */
import { html, nothing, type TemplateResult } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import type { Address, NotReachable, Phone } from '../../plugin/phone.js';
import { iconButton, type ButtonLooks } from '../shared/button.js';
import { on, SipElement } from '../shared/element.js';
import { icon, type Icon } from '../shared/icon.js';
import { showSettings } from './profile.js';
import { isOneDevice, placeWords, registrationWords, shortAddress } from '../shared/words.js';

/** Milliseconds that a reason stays beside the buttons. */
const HINT = 6000;

/** `<converse-sip-heading jid>`. Buttons that cannot be used keep the focus and say why when pressed. */
export class SipHeading extends SipElement {
    static override properties = { jid: {}, hint: {}, menuOpen: {} };
    declare jid: string;
    /** What is said after a press. */
    declare private hint?: string;
    declare private menuOpen?: boolean;
    private forget: ReturnType<typeof setTimeout> | undefined;

    protected override watch(phone: Phone): readonly (() => void)[] {
        return [
            phone.reach.subscribe(this.jid, this.changed),
            on(this, 'keydown', this.onKey),
            on(this, 'focusout', this.onLeave),
        ];
    }

    private say(words: string): void {
        clearTimeout(this.forget);
        this.hint = words;
        this.forget = setTimeout(() => {
            this.hint = '';
        }, HINT);
    }

    /** Says why not; where the person has to sign in, the form comes at once: there may be no other way to it. */
    private refuse(words: string): void {
        const problem = this.phone?.reach.get(this.jid).problem;
        this.say(words);
        if (this.phone?.asksForCredentials && (problem === 'needs-credentials' || problem === 'refused'))
            showSettings();
    }

    private async place(target: string, withVideo: boolean): Promise<void> {
        this.menuOpen = false;
        this.say(placeWords(await this.phone?.call(target, { video: withVideo, jid: this.jid })));
    }

    private readonly onLeave = (event: FocusEvent): void => {
        if (!(event.relatedTarget instanceof Node && this.contains(event.relatedTarget))) this.menuOpen = false;
    };

    /** The menu of addresses: arrow keys, Home, End, Escape (ARIA Authoring Practices, menu button). */
    private readonly onKey = (event: KeyboardEvent): void => {
        if (!this.menuOpen) return;
        const items = [...this.querySelectorAll<HTMLElement>('[role=menuitem]')];
        const now = items.indexOf(document.activeElement as HTMLElement);
        const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key];
        if (event.key === 'Escape') {
            this.menuOpen = false;
            this.querySelector<HTMLElement>('.sip-caret')?.focus();
        } else if (next !== undefined) {
            items.at(next % items.length)?.focus();
        } else return;
        event.preventDefault();
        event.stopPropagation();
    };

    private readonly onCaret = (): void => {
        this.menuOpen = !this.menuOpen;
        void this.updateComplete.then(() => this.querySelector<HTMLElement>('[role=menuitem]')?.focus());
    };

    private why(phone: Phone, problem: NotReachable): string {
        return problem === 'refused' ? registrationWords(phone.registration.get()) : t(`reach.${problem}`);
    }

    protected override draw(phone: Phone): unknown {
        const { jid } = this;
        if (!jid) return nothing;
        const reach = phone.reach.get(jid);
        const problem = reach.problem === null ? '' : this.why(phone, reach.problem);
        const talking = reach.availability === 'on-the-phone';
        const said = talking ? t('onThePhone') : reach.availability === 'closed' ? t('cannotBeCalled') : '';
        /** @param why it cannot be used now */
        const button = (key: string, image: Icon, name: string, why: string, withVideo: boolean): TemplateResult => {
            const id = `${this.partId}-${key}`;
            const more = why || said;
            const looks: ButtonLooks = {
                kind: `chatbox-btn sip-${key} ${talking ? 'sip-talking' : ''}`,
                tip: said ? `${name} (${said})` : name,
                described: more ? id : undefined,
                disabled: why,
                refuse: () => this.refuse(why),
            };
            return html`${iconButton(name, icon(image), () => void this.place(jid, withVideo), looks)}
            ${more ? html`<span class="visually-hidden" id=${id}>${more}</span>` : nothing}`;
        };
        return html`${button('call', 'phone', t('call'), problem, false)}
            ${
                phone.video
                    ? button(
                          'video',
                          'video',
                          t('videoCall'),
                          problem || (reach.video ? '' : t('reach.no-video')),
                          true,
                      )
                    : nothing
            }
            ${reach.addresses.length > 1 && !problem ? this.menu(reach.addresses, phone.video) : nothing}
            <span class=${this.hint ? 'sip-hint' : 'visually-hidden'} role="status">${this.hint}</span>`;
    }

    private menu(addresses: readonly Address[], videoAllowed: boolean): TemplateResult {
        const item = (uri: string, withVideo: boolean): TemplateResult => {
            const where = isOneDevice(uri) ? `${shortAddress(uri)} (${t('addresses.device')})` : shortAddress(uri);
            const words = t(withVideo ? 'videoCall.at' : 'call.at', { address: where });
            return html`<button
                type="button"
                class="dropdown-item"
                role="menuitem"
                tabindex="-1"
                @click=${(): void => void this.place(uri, withVideo)}
            >
                ${icon(withVideo ? 'video' : 'phone')} <bdi>${words}</bdi>
            </button>`;
        };
        const expanded = this.menuOpen === true;
        const looks: ButtonLooks = { kind: 'chatbox-btn sip-caret', popup: 'menu', expanded };
        return html`${iconButton(t('otherAddresses'), icon('caret-down'), this.onCaret, looks)}
        ${
            expanded
                ? html`<div class="dropdown-menu show sip-menu" role="menu" aria-label=${t('otherAddresses')}>
                      ${addresses.map(({ uri }) => item(uri, false))}
                      ${videoAllowed ? addresses.map((each) => (each.video === false ? nothing : item(each.uri, true))) : nothing}
                  </div>`
                : nothing
        }`;
    }
}
