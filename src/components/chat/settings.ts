/** `Voice & video settings`: account, devices, what is shared with whom, and the connection test. */
import { html, nothing, type TemplateResult } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import type { Host } from '../../plugin/converse.js';
import type { Phone } from '../../plugin/phone.js';
import {
    isRegistered,
    PREVIEW,
    type Device,
    type DeviceChoice,
    type Registration,
} from '../../sip-sidecar/contract/index.js';
import { button } from '../shared/button.js';
import { SipElement, define } from '../shared/element.js';
import { icon } from '../shared/icon.js';
import { problemNote } from '../shared/note.js';
import { section } from '../shared/section.js';
import { Sounds } from '../shared/sounds.js';
import { attach } from '../shared/stream.js';
import { problemWords, shortAddress } from '../shared/words.js';
import { watchLevel } from './level.js';

const NOTHING_OPEN = { microphone: false, camera: false };

/** `<converse-sip-settings>`: the content of the dialog. */
export class SipSettings extends SipElement {
    static override properties = { testing: {}, signingIn: {} };
    /** The devices that are open for a look. */
    declare private testing: { readonly microphone: boolean; readonly camera: boolean };
    /** What was typed into the form is on its way. */
    declare private signingIn: boolean;
    private readonly sounds = new Sounds();
    private levelOf: MediaStream | null = null;
    private endLevel: (() => void) | null = null;

    constructor() {
        super();
        this.testing = NOTHING_OPEN;
        this.signingIn = false;
    }

    protected watch(phone: Phone): readonly (() => void)[] {
        return [
            ...[
                phone.registration,
                phone.account,
                phone.devices,
                phone.deviceChoice,
                phone.previewProblem,
                phone.shared,
                phone.doNotRing,
                phone.chatConnected,
            ].map((part) => part.subscribe(this.changed)),
            phone.onStreams(PREVIEW, this.changed),
            phone.registration.subscribe(({ state }) => {
                if (state !== 'connecting') this.signingIn = false;
            }),
        ];
    }

    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.sounds.play(null);
        this.meter(null);
        const { microphone, camera } = this.testing;
        if (microphone || camera) this.phone?.preview(NOTHING_OPEN);
        this.testing = NOTHING_OPEN;
    }

    private test(change: Partial<{ microphone: boolean; camera: boolean }>): void {
        this.testing = { ...this.testing, ...change };
        this.phone?.preview(this.testing);
    }

    /** Shows the level of a stream; null: of none. */
    private meter(stream: MediaStream | null): void {
        if (stream === this.levelOf) return;
        this.endLevel?.();
        this.endLevel = null;
        this.levelOf = stream;
        if (stream && stream.getAudioTracks().length > 0)
            this.endLevel = watchLevel(stream, (level) => {
                const meter = this.querySelector('meter');
                if (meter) meter.value = level;
            });
    }

    protected override updated(): void {
        // The form, or the button that was pressed, is gone
        if (this.lostFocus) this.querySelector<HTMLElement>('.sip-section :is(input, button)')?.focus();
        const look = this.phone?.media(PREVIEW).local ?? null;
        attach(this.querySelector('video'), look);
        this.meter(this.testing.microphone ? look : null);
    }

    protected override render(): unknown {
        const { phone } = this;
        if (!phone) return html`<p>${t('settings.off')}</p>`;
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
            html`<p class="sip-account">
                    ${dot(chatConnected)}<span>${t(chatConnected ? 'settings.chat' : 'account.no-chat')}</span>
                </p>
                <p class="sip-account">
                    ${dot(isRegistered(registration))}<span role="status">${registrationWords(registration)}</span>
                </p>
                ${account ? html`<p>${t('settings.signed-in', { address: shortAddress(account.uri) })}</p>` : nothing}
                ${phone.asksForCredentials && wanting ? this.form(registration, account?.username ?? '') : nothing}
                ${
                    phone.asksForCredentials && account && registration.state !== 'needs-credentials'
                        ? button(t('settings.sign-out'), () => phone.signOut())
                        : nothing
                }
                ${onOff('do-not-ring', t('doNotRing'), phone.doNotRing.get(), (on) => phone.setDoNotRing(on))}
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
        if (this.signingIn) return;
        const form = event.currentTarget as HTMLFormElement;
        const data = new FormData(form);
        const text = (name: string): string => {
            const value = data.get(name);
            return typeof value === 'string' ? value : '';
        };
        this.signingIn = true;
        this.phone?.signIn({ username: text('username').trim(), password: text('password') });
        const password = form.elements.namedItem('password');
        if (password instanceof HTMLInputElement) password.value = '';
    };

    // --- Devices ---

    private devices(phone: Phone): TemplateResult {
        const problem = phone.previewProblem.get();
        const { microphone, camera } = this.testing;
        const speakers = phone.devices.get().some(({ kind }) => kind === 'speaker');
        return section(
            'settings-devices',
            t('settings.devices'),
            html`${problemNote(problem && problemWords(problem))} ${this.choice(phone, 'microphone', 'microphone')}
                <div class="sip-test">
                    ${button(t('device.test-microphone'), () => this.test({ microphone: !microphone }), {
                        image: icon('microphone'),
                        pressed: microphone,
                    })}
                    ${
                        microphone
                            ? html`<meter min="0" max="1" value="0" aria-label=${t('device.level')}></meter>`
                            : nothing
                    }
                </div>
                ${
                    phone.video
                        ? html`${this.choice(phone, 'camera', 'camera')}
                              <div class="sip-test">
                                  ${button(t('device.test-camera'), () => this.test({ camera: !camera }), { image: icon('video'), pressed: camera })}
                              </div>
                              ${
                                  camera
                                      ? html`<video
                                            class="sip-preview"
                                            autoplay
                                            playsinline
                                            aria-label=${t('device.preview')}
                                            .muted=${true}
                                        ></video>`
                                      : nothing
                              }`
                        : nothing
                }
                ${
                    speakers
                        ? html`${this.choice(phone, 'speaker', 'speaker')} ${this.choice(phone, 'ringer', 'speaker')}`
                        : html`<p class="sip-hushed">${t('device.no-choice')}</p>`
                }
                <div class="sip-test">${button(t('device.test-speaker'), this.playTone)}</div>`,
        );
    }

    private readonly playTone = (): void => {
        this.sounds.play(null);
        this.sounds.play('test', this.phone?.deviceChoice.get().speaker);
    };

    private choice(phone: Phone, purpose: keyof DeviceChoice, kind: Device['kind']): TemplateResult {
        const id = `sip-settings-${purpose}`;
        const devices = phone.devices.get().filter((device) => device.kind === kind && device.id !== '');
        const chosen = phone.deviceChoice.get()[purpose];
        const there = devices.some((device) => device.id === chosen);
        return html`<label class="form-label" for=${id}>${t(`device.${purpose}`)}</label>
            <select
                class="form-select"
                id=${id}
                @change=${(event: Event): void =>
                    phone.chooseDevices({ [purpose]: (event.target as HTMLSelectElement).value })}
            >
                <option value="" .selected=${!there}>${t('device.default')}</option>
                ${devices.map(
                    (device, index) =>
                        html`<option value=${device.id} .selected=${device.id === chosen}>
                            ${
                                device.label === ''
                                    ? t('device.numbered', { kind: t(`device.${kind}`), number: index + 1 })
                                    : device.label
                            }
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
                              ${button(t('share.noticed'), () => phone.noticed())}
                          </div>`
                }
                ${onOff('share', t('share.switch'), on, (wanted) => phone.share(wanted))}
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

function dot(on: boolean): TemplateResult {
    return html`<span class="sip-dot" data-status=${on ? 'online' : 'offline'}></span>`;
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

function registrationWords(registration: Registration): string {
    return registration.state === 'refused'
        ? t(`settings.refused.${registration.refusal}`)
        : t(`settings.${registration.state}`);
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
