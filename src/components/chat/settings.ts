/** `Voice & video settings`: account, devices, what is shared with whom, and the connection test. */
import { html, nothing, type TemplateResult } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import type { Host } from '../../plugin/converse.js';
import type { Phone } from '../../plugin/phone.js';
import { isRegistered, PREVIEW, type DeviceChoice, type Registration } from '../../sip-sidecar/contract/index.js';
import { button } from '../shared/button.js';
import { SipElement, define } from '../shared/element.js';
import { icon, type Icon } from '../shared/icon.js';
import { deviceNote } from '../shared/note.js';
import { section } from '../shared/section.js';
import { Sounds } from '../shared/sounds.js';
import { attach } from '../shared/stream.js';
import { registrationWords, shortAddress } from '../shared/words.js';
import { showLevel } from './level.js';

/** The devices that can be opened for a look. */
type Looked = 'microphone' | 'camera';

const NOTHING_OPEN = { microphone: false, camera: false };

/** `<converse-sip-settings>`: the content of the dialog. */
export class SipSettings extends SipElement {
    static override properties = { signingIn: {} };
    /** What was typed into the form is on its way. */
    declare private signingIn?: boolean;
    /** The devices that are open for a look. */
    private testing = NOTHING_OPEN;
    private readonly sounds = new Sounds();

    protected override watch(phone: Phone): readonly (() => void)[] {
        return [
            ...this.follow(
                phone.registration,
                phone.account,
                phone.devices,
                phone.deviceChoice,
                phone.previewProblem,
                phone.shared,
                phone.doNotRing,
                phone.chatConnected,
            ),
            phone.onStreams(PREVIEW, this.changed),
            phone.registration.subscribe(({ state }) => {
                if (state !== 'connecting') this.signingIn = false;
            }),
        ];
    }

    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.sounds.play(null);
        if (this.testing !== NOTHING_OPEN) this.test(NOTHING_OPEN);
    }

    private test(devices: typeof NOTHING_OPEN): void {
        this.testing = devices;
        this.changed();
        this.phone?.login?.preview(devices);
    }

    protected override updated(): void {
        // The form, or the button that was pressed, is gone
        if (this.lostFocus) this.querySelector<HTMLElement>('.sip-section :is(input, button)')?.focus();
        const look = this.phone?.media(PREVIEW).local ?? null;
        attach(this.querySelector('video'), look);
        const meter = this.querySelector('meter');
        if (meter && look?.getAudioTracks().length) showLevel(look, meter);
    }

    protected override render(): unknown {
        return this.phone ? super.render() : html`<p>${t('settings.off')}</p>`;
    }

    protected override draw(phone: Phone): unknown {
        const others = html`<converse-sip-other-calls></converse-sip-other-calls>`;
        const parts = [this.account(phone), others, this.devices(phone)];
        const sharing = this.sharing(phone);
        // What is new to the person comes first, once
        const all = phone.shared.get().noticed ? [...parts, sharing] : [sharing, ...parts];
        return [...all, html`<converse-sip-connection-test></converse-sip-connection-test>`];
    }

    // --- Account ---

    private account(phone: Phone): TemplateResult {
        const registration = phone.registration.get();
        const account = phone.account.get();
        const { state } = registration;
        const chatConnected = phone.chatConnected.get();
        const wanting =
            state === 'needs-credentials' || state === 'refused' || (this.signingIn && state === 'connecting');
        return section(
            'settings-account',
            t('settings.account'),
            html`${line(chatConnected, t(chatConnected ? 'settings.chat' : 'account.no-chat'))}
                ${line(isRegistered(registration), html`<span role="status">${registrationWords(registration)}</span>`)}
                ${account ? html`<p>${t('settings.signed-in', { address: shortAddress(account.uri) })}</p>` : nothing}
                ${phone.asksForCredentials && wanting ? this.form(registration, account?.username ?? '') : nothing}
                ${
                    phone.asksForCredentials && account && state !== 'needs-credentials'
                        ? button(t('settings.sign-out'), () => phone.login?.signOut())
                        : nothing
                }
                ${onOff('do-not-ring', t('doNotRing'), phone.doNotRing.get(), (on) => phone.login?.setDoNotRing(on))}
                <p class="sip-hushed" id="sip-settings-do-not-ring-hint">${t('settings.do-not-ring')}</p>`,
        );
    }

    private form(registration: Registration, username: string): TemplateResult {
        const wrong = registration.state === 'refused' && registration.refusal === 'credentials';
        const field = (name: 'username' | 'password', type: string, kept: string, value: string): TemplateResult =>
            html`<label class="form-label" for="sip-settings-${name}">${t(`settings.${name}`)}</label>
                <input
                    id="sip-settings-${name}"
                    class="form-control"
                    name=${name}
                    type=${type}
                    autocomplete=${kept}
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    aria-invalid=${wrong ? 'true' : nothing}
                    .value=${value}
                />`;
        return html`<form class="sip-form" @submit=${this.onSignIn}>
            ${field('username', 'text', 'username', username)} ${field('password', 'password', 'current-password', '')}
            <button type="submit" class="btn sip-first sip-text" aria-disabled=${this.signingIn ? 'true' : nothing}>
                ${t('settings.sign-in')}
            </button>
        </form>`;
    }

    private readonly onSignIn = (event: SubmitEvent): void => {
        event.preventDefault();
        const [username, password] = this.querySelectorAll<HTMLInputElement>('form input');
        if (this.signingIn || !username || !password) return;
        this.signingIn = true;
        this.phone?.login?.signIn({ username: username.value.trim(), password: password.value });
        password.value = '';
    };

    // --- Devices ---

    private devices(phone: Phone): TemplateResult {
        const speakers = phone.devices.get().some(({ kind }) => kind === 'speaker');
        return section(
            'settings-devices',
            t('settings.devices'),
            html`${deviceNote(phone.previewProblem.get())}
                ${this.look(phone, 'microphone', 'microphone', html`<meter value="0" aria-label=${t('device.level')}></meter>`)}
                ${
                    phone.video
                        ? this.look(
                              phone,
                              'camera',
                              'video',
                              html`<video
                                  class="sip-preview"
                                  autoplay
                                  playsinline
                                  aria-label=${t('device.preview')}
                                  .muted=${true}
                              ></video>`,
                          )
                        : nothing
                }
                ${
                    speakers
                        ? html`${this.choice(phone, 'speaker')} ${this.choice(phone, 'ringer')}`
                        : html`<p class="sip-hushed">${t('device.no-choice')}</p>`
                }
                <div class="sip-test">${button(t('device.test-speaker'), this.playTone)}</div>`,
        );
    }

    /** Chooses a device, and opens it for a look. @param seen what then shows how it works */
    private look(phone: Phone, device: Looked, image: Icon, seen: TemplateResult): TemplateResult {
        const pressed = this.testing[device];
        const press = (): void => this.test({ ...this.testing, [device]: !pressed });
        return html`${this.choice(phone, device)}
            <div class="sip-test">
                ${button(t(`device.test-${device}`), press, { image: icon(image), pressed })}
                ${pressed ? seen : nothing}
            </div>`;
    }

    private readonly playTone = (): void => {
        this.sounds.play(null);
        this.sounds.play('test', this.phone?.deviceChoice.get().speaker);
    };

    private choice(phone: Phone, purpose: keyof DeviceChoice): TemplateResult {
        const kind = purpose === 'ringer' ? 'speaker' : purpose;
        const id = `sip-settings-${purpose}`;
        const devices = phone.devices.get().filter((device) => device.kind === kind && device.id !== '');
        const chosen = phone.deviceChoice.get()[purpose];
        const there = devices.some((device) => device.id === chosen);
        return html`<label class="form-label" for=${id}>${t(`device.${purpose}`)}</label>
            <select
                class="form-select"
                id=${id}
                @change=${(event: Event): void =>
                    phone.login?.chooseDevices({ [purpose]: (event.target as HTMLSelectElement).value })}
            >
                <option value="" .selected=${!there}>${t('device.default')}</option>
                ${devices.map(
                    (device, index) =>
                        html`<option value=${device.id} .selected=${device.id === chosen}>
                            ${device.label || t('device.numbered', { kind: t(`device.${kind}`), number: index + 1 })}
                        </option>`,
                )}
            </select>`;
    }

    // --- Sharing ---

    private sharing(phone: Phone): TemplateResult {
        const shared = phone.shared.get();
        const on = shared.presence || shared.pep || shared.message;
        const account = phone.account.get();
        const ways = (['presence', 'pep', 'message'] as const).filter((way) => shared[way]);
        return section(
            'settings-sharing',
            t('settings.sharing'),
            html`${
                    shared.noticed
                        ? nothing
                        : html`<div class="sip-note">
                              <p>${t('share.notice')}</p>
                              ${button(t('share.noticed'), () => phone.login?.noticed())}
                          </div>`
                }
                ${onOff('share', t('share.switch'), on, (wanted) => phone.login?.share(wanted))}
                <div class="sip-hushed" id="sip-settings-share-hint">
                    ${on ? account && t('share.on', { address: shortAddress(account.uri) }) : t('share.off')}
                    <ul>
                        ${ways.map((way) => html`<li>${t(`share.${way}`)}</li>`)}
                        <li>${t(`share.jid.${shared.jid}`)}</li>
                    </ul>
                </div>`,
        );
    }
}

/** How one of the two connections is. */
function line(on: boolean, words: unknown): TemplateResult {
    return html`<p class="sip-account">
        <span class="sip-dot" data-status=${on ? 'online' : 'offline'}></span>${words}
    </p>`;
}

/** A switch; the element with its id and `-hint` describes it. */
function onOff(name: string, words: string, on: boolean, turn: (on: boolean) => void): TemplateResult {
    const id = `sip-settings-${name}`;
    return html`<div class="form-check form-switch sip-switch">
        <input
            class="form-check-input"
            type="checkbox"
            role="switch"
            id=${id}
            aria-describedby="${id}-hint"
            aria-checked=${on}
            .checked=${on}
            @change=${(event: Event): void => {
                // It shows what is so, also where nothing comes of it
                (event.target as HTMLInputElement).checked = on;
                turn(!on);
            }}
        />
        <label class="form-check-label" for=${id}>${words}</label>
    </div>`;
}

/** What we use of Converse's `BaseModal`. */
type ModalClass = new (options: object) => HTMLElement & { renderModal(): unknown; getModalTitle(): string };

/** Defines the dialog: Converse's base class is reachable only at run time. */
export function defineSettingsModal(host: Host): void {
    const Base = host._converse.exports['BaseModal'] as ModalClass;
    const { html: converseHtml } = host.env as unknown as { html: typeof html };
    define(
        'converse-sip-settings-modal',
        class extends Base {
            private readonly opener = document.activeElement;

            constructor(options: object) {
                super(options);
                this.setAttribute('aria-label', t('settings.title'));
                this.addEventListener('hidden.bs.modal', () => {
                    if (this.opener instanceof HTMLElement && this.opener.isConnected) this.opener.focus();
                });
            }
            override renderModal(): unknown {
                return converseHtml`<converse-sip-settings></converse-sip-settings>`;
            }
            override getModalTitle(): string {
                return t('settings.title');
            }
        },
    );
}
