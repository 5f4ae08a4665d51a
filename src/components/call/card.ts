/** A call that is being placed, up, or just over: card, stage or bar. */
import { html, nothing, type PropertyValues, type TemplateResult } from '../shared/lit.js';
import desktop from '@fortawesome/fontawesome-free/svgs/solid/desktop.svg';
import mic from '@fortawesome/fontawesome-free/svgs/solid/microphone.svg';
import video from '@fortawesome/fontawesome-free/svgs/solid/video.svg';
import { t } from '../../i18n/index.js';
import type { Call, Phone } from '../../plugin/phone.js';
import type { CallState, EndReason, Media } from '../../sip-sidecar/contract/index.js';
import { showSettings } from '../chat/profile.js';
import { button, iconButton, type ButtonLooks } from '../shared/button.js';
import { on, SipElement } from '../shared/element.js';
import { icon } from '../shared/icon.js';
import { problemNote } from '../shared/note.js';
import { avatar } from '../shared/person.js';
import { attach } from '../shared/stream.js';
import { askable, elapsed, partyOf, placeWords, problemWords, stateWords, type Party } from '../shared/words.js';
import { digitOf, keypad } from './keypad.js';
import { keepLayout, readLayout, type Layout, type Size } from './layout.js';
import { questionDialog } from './question.js';
import { MARGIN, place, placeOf, type Place } from './placement.js';
import { NARROW, surroundings } from './surroundings.js';

/** Milliseconds that a call which ended well stays on the page. */
const LINGER = 3000;
/** CSS pixels that an arrow key moves the card. */
const STEP = 24;
/** Width from which a chat has room beside the stage. */
const ROOM_FOR_CHAT = 1100;
/** Share of the width that the stage keeps beside a chat. */
const STAGE_SHARE = 0.55;
/** Height that a card or a bar may always take. */
const LEAST_HEIGHT = 200;
/** What is written to the panel's style. */
const PLACED = ['left', 'top', 'width', 'height', 'max-height'] as const;
/** Width that a bar needs at least. */
const ROOM_FOR_BAR = 280;

/** Ends that are no failure: the card goes by itself. */
const PASSING: readonly EndReason[] = [
    'hung-up',
    'declined',
    'busy',
    'missed',
    'cancelled',
    'answered-elsewhere',
    'unavailable',
    'no-answer',
    'transferred',
    'replaced',
];
/** Ends after which calling again may work. */
const WORTH_A_RETRY: readonly EndReason[] = [
    'busy',
    'unavailable',
    'no-answer',
    'no-permission',
    'no-device',
    'media-failed',
    'connection-lost',
    'failed',
];
/** Ends after which a message reaches the person better. */
const WORTH_A_MESSAGE: readonly EndReason[] = [
    'declined',
    'busy',
    'unavailable',
    'no-answer',
    'not-accepted',
    'not-found',
    'media-failed',
];

/** Chromium and Firefox; Safari chooses the speaker itself. */
type SinkElement = Omit<HTMLMediaElement, 'setSinkId'> & { setSinkId?: (id: string) => Promise<void> };

/** Whether this browser can send what a screen shows: not on telephones, and not on pages that are not secure. */
const canShareScreen = (): boolean =>
    'getDisplayMedia' in ((navigator as { mediaDevices?: MediaDevices }).mediaDevices ?? {});

const control = (name: string, image: unknown, press: () => void, looks: ButtonLooks = {}): TemplateResult =>
    iconButton(name, image, press, { ...looks, kind: `sip-control ${looks.kind ?? ''}` });

/** `<converse-sip-call>`. */
export class SipCall extends SipElement {
    static override properties = {
        call: {},
        layout: {},
        keypadOpen: {},
        digits: {},
        playBlocked: {},
        besideChat: {},
        dialogOpen: {},
        refusal: {},
        hinted: {},
    };
    declare call: Call;
    /** The focus stays where the person types, although this call has a question. */
    declare hinted: boolean;
    declare private layout: Layout;
    declare private keypadOpen: boolean;
    declare private digits: string;
    /** The browser does not play the other side's sound before a press. */
    declare private playBlocked: boolean;
    /** The chat is shown next to the stage. */
    declare private besideChat: boolean;
    /** One of Converse's dialogs is open: the stage makes room for it. */
    declare private dialogOpen: boolean;
    /** Why the call could not be placed again. */
    declare private refusal: string;

    private readonly narrow = window.matchMedia(NARROW);
    private readonly sizes = new ResizeObserver(() => this.arrange());
    private going: ReturnType<typeof setTimeout> | undefined;
    /** The style that holds how the stage and a chat beside it share the width. */
    private measured: CSSStyleDeclaration | null = null;
    /** While it is dragged: where the pointer holds it. */
    private drag: { readonly dx: number; readonly dy: number } | null = null;

    constructor() {
        super();
        this.layout = readLayout();
        this.keypadOpen = false;
        this.digits = '';
        this.playBlocked = false;
        this.refusal = '';
        this.hinted = false;
        this.besideChat = false;
        this.dialogOpen = document.querySelector('.conversejs .modal.show') !== null;
    }

    protected watch(phone: Phone): readonly (() => void)[] {
        return [
            phone.onStreams(this.call.id, this.changed),
            phone.deviceChoice.subscribe(() => this.chooseSpeaker()),
            phone.registration.subscribe(this.changed),
            on(this.narrow, 'change', this.changed),
            on(window, 'resize', this.arrange),
            on(document, 'focusin', this.arrange, true),
            on(this, 'keydown', this.onKey),
            // Bootstrap's, when a dialog begins to open and when it is gone
            on(document, 'show.bs.modal', () => {
                this.dialogOpen = true;
            }),
            on(document, 'hidden.bs.modal', () => {
                this.dialogOpen = false;
            }),
        ];
    }

    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.sizes.disconnect();
        clearTimeout(this.going);
        for (const property of ['--sip-stage-size', '--sip-chat-size']) this.measured?.removeProperty(property);
        for (const media of this.querySelectorAll<HTMLMediaElement>('audio, video')) media.srcObject = null;
    }

    /** Moves the focus to the question, or to the first control. */
    async takeFocus(): Promise<void> {
        await this.updateComplete;
        const first = this.querySelector<HTMLElement>('.sip-question button, .sip-controls button');
        (first ?? this.querySelector<HTMLElement>('.sip-window button:not(.sip-grip)'))?.focus();
    }

    /** Makes a bar a card again. */
    grow(): void {
        if (this.size === 'bar') this.resize(this.narrow.matches ? 'stage' : 'card');
    }

    /** `converse-root`, by the class that Converse gives it. */
    private get root(): HTMLElement | null {
        return this.closest<HTMLElement>('.conversejs');
    }

    private get kind(): 'voice' | 'video' {
        return this.call.video ? 'video' : 'voice';
    }

    private get size(): Size {
        const fullscreen = this.root?.classList.contains('converse-fullscreen') === true;
        const chosen = this.layout[this.kind] ?? (this.kind === 'video' && fullscreen ? 'stage' : 'card');
        const size = this.narrow.matches && chosen === 'card' ? 'stage' : chosen;
        if (size !== 'stage' || !this.dialogOpen) return size;
        return this.narrow.matches ? 'bar' : 'card';
    }

    private resize(size: Size): void {
        this.keep(this.kind === 'video' ? { video: size } : { voice: size });
        this.besideChat = false;
    }

    private keep(change: Partial<Layout>): void {
        keepLayout(change);
        this.layout = { ...this.layout, ...change };
    }

    protected override willUpdate(changed: PropertyValues<this>): void {
        const { state } = this.call;
        this.ticking = state.name !== 'ended';
        if (state.name === 'ended') this.keypadOpen = false;
        if (changed.has('call') && state.name === 'ended' && this.going === undefined) this.goSoon(state.reason);
    }

    private goSoon(reason: EndReason): void {
        if (!PASSING.includes(reason)) return;
        this.going = setTimeout(() => {
            const read = WORTH_A_MESSAGE.includes(reason) && this.matches(':hover, :focus-within');
            if (read) this.goSoon(reason);
            else this.phone?.dismiss(this.call.id);
        }, LINGER);
    }

    protected override updated(): void {
        const panel = this.panel;
        if (panel) this.sizes.observe(panel);
        this.arrange();
        this.hear();
        if (this.lostFocus) void this.takeFocus();
    }

    protected override tick(): void {
        super.tick();
        this.arrange();
    }

    // --- Place ---

    private get panel(): HTMLElement | null {
        return this.querySelector<HTMLElement>('.sip-call');
    }

    /** Puts the panel where it belongs. Measured, and written to the style object: no policy minds that. */
    private readonly arrange = (): void => {
        const { panel, size } = this;
        const root = this.root;
        if (!panel || !root || this.drag) return;
        const around = surroundings(root);
        const style = panel.style;
        if (this.narrow.matches) {
            for (const property of PLACED) style.removeProperty(property);
            return;
        }
        if (size === 'stage') {
            const { left, top, right, bottom } = around.chats;
            const width = (right - left) * (this.showsChat ? STAGE_SHARE : 1);
            this.measured = root.style;
            root.style.setProperty('--sip-stage-size', `${String(width)}px`);
            root.style.setProperty('--sip-chat-size', `${String(right - left - width)}px`);
            this.put(around.rtl ? right - width : left, top, around.origin);
            style.width = `${String(width)}px`;
            style.height = `${String(bottom - top)}px`;
            style.removeProperty('max-height');
            return;
        }
        style.removeProperty('height');
        // What is too high for the room above the message input is scrolled
        const floor = Math.min(around.area.bottom, ...around.inputs.map((box) => box.top));
        style.maxHeight = `${String(Math.max(LEAST_HEIGHT, floor - around.area.top - 2 * MARGIN))}px`;
        // The bar stands over the list's foot where that is wide enough for it
        const foot = around.roster ? around.roster.right - around.roster.left - 2 * MARGIN : 0;
        const overRoster = size === 'bar' && foot >= ROOM_FOR_BAR;
        if (overRoster) style.width = `${String(foot)}px`;
        else style.removeProperty('width');
        const extent = { width: panel.offsetWidth, height: panel.offsetHeight };
        const at: Place = (size === 'card' ? this.layout.card : null) ?? { x: overRoster ? 1 : 0, y: 0 };
        const avoid = this.layout.card && size === 'card' ? around.inputs : [...around.inputs, ...around.windows];
        const { left, top } = place(at, extent, around.area, avoid, around.rtl);
        this.put(left, top, around.origin);
    };

    private put(left: number, top: number, origin: { readonly left: number; readonly top: number }): void {
        const style = this.panel?.style;
        if (!style) return;
        style.left = `${String(Math.round(left - origin.left))}px`;
        style.top = `${String(Math.round(top - origin.top))}px`;
    }

    /** Moves the card to a point of the viewport, and remembers it. */
    private moveTo(left: number, top: number): void {
        const root = this.root;
        const { panel } = this;
        if (!root || !panel) return;
        const { area, rtl } = surroundings(root);
        this.keep({
            card: placeOf({ left, top }, { width: panel.offsetWidth, height: panel.offsetHeight }, area, rtl),
        });
    }

    private readonly onDrag = (event: PointerEvent): void => {
        const { panel } = this;
        const root = this.root;
        if (!panel || !root || this.size !== 'card' || this.narrow.matches) return;
        const box = panel.getBoundingClientRect();
        if (event.type === 'pointerdown') {
            const onControl = event.target instanceof Element && event.target.closest('button:not(.sip-grip)');
            if (event.button !== 0 || onControl) return;
            this.drag = { dx: event.clientX - box.left, dy: event.clientY - box.top };
            (event.currentTarget as Element).setPointerCapture(event.pointerId);
        } else if (this.drag) {
            const left = event.clientX - this.drag.dx;
            const top = event.clientY - this.drag.dy;
            if (event.type === 'pointermove') {
                this.put(left, top, surroundings(root).origin);
                this.dragged = true;
            } else {
                this.drag = null;
                if (this.dragged) this.moveTo(box.left, box.top);
                else this.arrange();
            }
        }
    };
    /** Whether the last press on the handle was a drag, so that its click means nothing. */
    private dragged = false;

    private readonly onGrip = (): void => {
        const wasDragged = this.dragged;
        this.dragged = false;
        if (wasDragged) return;
        const { x, y } = this.layout.card ?? { x: 0, y: 0 };
        const corners: readonly Place[] = [0, 1, 2, 3].map((n) => ({
            x: n === 1 || n === 2 ? 1 : 0,
            y: n > 1 ? 1 : 0,
        }));
        const now = corners.findIndex((corner) => corner.x === Math.round(x) && corner.y === Math.round(y));
        this.keep({ card: corners[(now + 1) % 4] ?? null });
    };

    private readonly onGripKey = (event: KeyboardEvent): void => {
        const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
        const box = this.panel?.getBoundingClientRect();
        if (!move || !box) return;
        event.preventDefault();
        this.moveTo(box.left + (move[0] ?? 0) * STEP, box.top + (move[1] ?? 0) * STEP);
    };

    private readonly onKey = (event: KeyboardEvent): void => {
        if (event.key === 'Escape' && this.keypadOpen) {
            event.stopPropagation();
            this.keypadOpen = false;
            return;
        }
        const digit = this.keypadOpen ? digitOf(event) : null;
        if (digit !== null) this.press(digit);
    };

    private press(digit: string): void {
        this.phone?.sendDigits(this.call.id, digit);
        this.digits = (this.digits + digit).slice(-24);
    }

    // --- Sound ---

    /** Sees to it that the other side is heard. */
    private hear(): void {
        const { local, remote } = this.phone?.media(this.call.id) ?? { local: null, remote: null };
        for (const element of this.querySelectorAll<HTMLMediaElement>('audio, video'))
            attach(element, element.matches('audio, .sip-remote') ? remote : local);
        // Some browsers start a muted video only when told
        for (const picture of this.querySelectorAll('video')) if (picture.paused) picture.play().catch(() => undefined);
        this.chooseSpeaker();
        const audio = this.querySelector('audio');
        if (!audio?.srcObject || !audio.paused) return;
        audio.play().then(
            () => {
                this.playBlocked = false;
            },
            (error: unknown) => {
                this.playBlocked = error instanceof DOMException && error.name === 'NotAllowedError';
            },
        );
    }

    private chooseSpeaker(): void {
        const audio: SinkElement | null = this.querySelector('audio');
        const id = this.phone?.deviceChoice.get().speaker ?? '';
        // A device that is gone: the browser plays on its default one
        if (audio && audio.sinkId !== id) audio.setSinkId?.(id).catch(() => undefined);
    }

    // --- What is drawn ---

    private get showsChat(): boolean {
        return this.besideChat && this.hasRoomForChat;
    }

    private get hasRoomForChat(): boolean {
        return window.innerWidth >= ROOM_FOR_CHAT && this.root?.classList.contains('converse-overlayed') === false;
    }

    protected override render(): unknown {
        const { phone, call, size } = this;
        if (!phone) return nothing;
        const { state } = call;
        const party = partyOf(call, phone);
        // What is seen and heard is in the tab that has the call
        const media = 'media' in state && !call.elsewhere ? state.media : null;
        const picture =
            size !== 'bar' && (size === 'stage' || (media && (media.remoteVideo || media.camera !== 'off')));
        const classes = ['sip-call', 'sip-panel', `sip-${size}`, this.showsChat ? 'sip-beside' : ''];
        return html`<section class=${classes.join(' ')} aria-label=${t('call.name', { name: party.name })}>
            <div
                class="sip-head"
                @pointerdown=${this.onDrag}
                @pointermove=${this.onDrag}
                @pointerup=${this.onDrag}
                @pointercancel=${this.onDrag}
            >
                ${avatar(party, size === 'bar' ? 32 : 40)}
                <div class="sip-titles">
                    <converse-sip-who .party=${party} .address=${askable(call)}></converse-sip-who>
                    <div class="sip-state">
                        <span role="status">${stateWords(state, party.name)}</span>
                        <span role="timer" aria-label=${t('elapsed.label')}>${elapsed(state, Date.now())}</span>
                        ${call.elsewhere ? html`<span class="sip-hushed">${t('elsewhere')}</span>` : nothing}
                        ${
                            state.name === 'active'
                                ? html`<converse-sip-quality .callId=${call.id}></converse-sip-quality>`
                                : nothing
                        }
                        ${this.chatButton(size)}
                    </div>
                </div>
                ${this.windowButtons(size)}
            </div>
            ${picture ? this.picture(party, media) : nothing} ${this.notes(state)}
            ${questionDialog(call, party.name, phone, this.hinted)}
            ${this.keypadOpen && size !== 'bar' ? keypad(this.digits, (digit) => this.press(digit)) : nothing}
            <div class="sip-controls">
                ${state.name === 'ended' ? this.afterwards(state.reason) : this.controls(state, size)}
            </div>
            ${media ? html`<audio autoplay></audio>` : nothing}
        </section>`;
    }

    /** The way to the conversation with whoever this is; beside the stage it comes and goes. */
    private chatButton(size: Size): unknown {
        const { identity, state, id } = this.call;
        if (size === 'bar' || identity.jid === null || state.name === 'ended') return nothing;
        const stage = size === 'stage';
        const press = (): void => {
            const hide = stage && this.showsChat;
            if (!hide) this.phone?.chat(id);
            if (stage && this.hasRoomForChat) this.besideChat = !hide;
            else if (stage) this.resize('bar');
        };
        return button(t('call.chat'), press, {
            kind: 'sip-plain sip-chat',
            image: icon('comments'),
            tip: t(this.showsChat && stage ? 'hideChat' : 'showChat'),
            ...(stage && this.hasRoomForChat && { pressed: this.showsChat }),
        });
    }

    private windowButtons(size: Size): TemplateResult {
        const small: Size = size === 'stage' && !this.narrow.matches ? 'card' : 'bar';
        const big: Size = size === 'bar' && !this.narrow.matches ? 'card' : 'stage';
        const live = this.call.state.name !== 'ended';
        return html`<div class="sip-window">
            ${
                size === 'card'
                    ? html`<button
                          type="button"
                          class="btn sip-control sip-grip"
                          aria-label=${t('move')}
                          title=${t('move.hint')}
                          @click=${this.onGrip}
                          @keydown=${this.onGripKey}
                      >
                          ${icon('arrows-alt')}
                      </button>`
                    : nothing
            }
            ${size !== 'stage' && live ? control(t('larger'), icon('angle-up'), () => this.resize(big)) : nothing}
            ${size !== 'bar' && live ? control(t('smaller'), icon('angle-down'), () => this.resize(small)) : nothing}
            ${live ? nothing : control(t('close'), icon('times'), () => this.phone?.dismiss(this.call.id))}
        </div>`;
    }

    /** Whether we hold the call: our picture stands still and black then. */
    private get holds(): boolean {
        const { state } = this.call;
        return 'hold' in state && state.hold.byUs;
    }

    /** The other side's picture, or their avatar; and ours. */
    private picture(party: Party, media: Media | null): TemplateResult {
        const self = t(media?.camera === 'screen' ? 'self.screen' : 'self.move');
        return html`<div class="sip-picture">
            ${
                media?.remoteVideo
                    ? html`<video
                          class="sip-remote"
                          autoplay
                          playsinline
                          aria-label=${t('remote.video', { name: party.name })}
                          .muted=${true}
                      ></video>`
                    : avatar(party, 96)
            }
            ${
                media && media.camera !== 'off' && !this.holds
                    ? html`<button
                          type="button"
                          class="btn sip-self sip-self-${media.camera}"
                          data-corner=${this.layout.corner}
                          aria-label=${self}
                          title=${self}
                          @click=${this.onSelf}
                          @pointerdown=${this.onSelfDrag}
                          @pointerup=${this.onSelfDrag}
                      >
                          <video autoplay playsinline aria-hidden="true" .muted=${true}></video>
                      </button>`
                    : nothing
            }
        </div>`;
    }

    private selfDown: { readonly x: number; readonly y: number } | null = null;
    private selfDragged = false;

    private readonly onSelf = (): void => {
        if (!this.selfDragged) this.keep({ corner: (this.layout.corner + 1) % 4 });
        this.selfDragged = false;
    };

    /** A drag of the self view ends in the nearest corner. */
    private readonly onSelfDrag = (event: PointerEvent): void => {
        const button = event.currentTarget as HTMLElement;
        if (event.type === 'pointerdown') {
            button.setPointerCapture(event.pointerId);
            this.selfDown = { x: event.clientX, y: event.clientY };
            return;
        }
        const from = this.selfDown;
        const box = button.parentElement?.getBoundingClientRect();
        this.selfDown = null;
        if (!from || !box || Math.hypot(event.clientX - from.x, event.clientY - from.y) < 10) return;
        this.selfDragged = true;
        const right = event.clientX > (box.left + box.right) / 2;
        const bottom = event.clientY > (box.top + box.bottom) / 2;
        const atEnd = right !== (getComputedStyle(button).direction === 'rtl');
        this.keep({ corner: bottom ? (atEnd ? 0 : 1) : atEnd ? 3 : 2 });
    };

    /** What is wrong, and what to do: in the place where the eye is. */
    private notes(state: CallState): TemplateResult {
        const problem = state.name === 'active' || state.name === 'ended' ? state.problem : null;
        return html`${problemNote(problem && problemWords(problem))} ${problemNote(this.refusal)}
        ${
            this.playBlocked && state.name !== 'ended'
                ? html`<p class="sip-note">
                      ${button(t('pressToHear'), () => this.hear(), { kind: 'sip-choice sip-plain' })}
                  </p>`
                : nothing
        }`;
    }

    private readonly onKeypad = (): void => {
        this.keypadOpen = !this.keypadOpen;
    };

    private controls(state: Exclude<CallState, { name: 'ended' }>, size: Size): TemplateResult {
        const { phone } = this;
        const { id, elsewhere } = this.call;
        if (!phone) return html``;
        const { media } = state;
        const up = state.name === 'active' || state.name === 'interrupted';
        const held = up && state.hold.byUs;
        const muted = media.microphone !== 'live';
        const filmed = media.camera === 'on';
        const shared = media.camera === 'screen';
        const seen = phone.video && !elsewhere;
        const notYet = up ? '' : t('notYet');
        const mute = control(t('mute'), icon(mic, muted ? 'struck' : ''), () => phone.mute(id, !muted), {
            tip: t(muted ? 'unmute' : 'mute'),
            pressed: muted,
            disabled: media.microphone === 'none' ? t('listening') : '',
        });
        const hangUp = control(t('hangUp'), icon('phone', 'down'), () => phone.hangUp(id), { kind: 'sip-end' });
        if (size === 'bar') return html`${mute}${hangUp}`;
        return html`${mute}
        ${
            seen
                ? control(t('camera'), icon(video, filmed ? '' : 'struck'), () => phone.camera(id, !filmed), {
                      tip: t(filmed ? 'camera.off' : 'camera.on'),
                      pressed: filmed,
                  })
                : nothing
        }
        ${
            seen && canShareScreen()
                ? control(t('screen'), icon(desktop), () => phone.screen(id, !shared), {
                      tip: t(shared ? 'screen.off' : 'screen.on'),
                      pressed: shared,
                      disabled: notYet,
                  })
                : nothing
        }
        ${control(t('hold'), icon(held ? 'play' : 'pause'), () => phone.hold(id, !held), {
            tip: t(held ? 'resume' : 'hold'),
            pressed: held,
            disabled: notYet,
        })}
        ${control(t('keypad'), '#', this.onKeypad, {
            tip: t(this.keypadOpen ? 'keypad.hide' : 'keypad.show'),
            pressed: this.keypadOpen,
            disabled: notYet,
        })}
        ${elsewhere ? nothing : control(t('settings.title'), icon('cog'), () => showSettings())} ${hangUp}`;
    }

    /** What helps after the end. */
    private afterwards(reason: EndReason): TemplateResult {
        const { phone, call } = this;
        const { jid } = call.identity;
        const target = jid !== null && call.identity.trusted ? jid : call.address;
        const again = (withVideo: boolean) => (): void => {
            void phone?.call(target, { video: withVideo }).then((placed) => {
                this.refusal = placeWords(placed);
                if (placed.ok) phone.dismiss(call.id);
            });
        };
        const outgoing = call.direction === 'outgoing' && target !== '' && WORTH_A_RETRY.includes(reason);
        const { state } = call;
        const cameraOnly = state.name === 'ended' && state.problem?.device === 'camera';
        return html`${
            outgoing
                ? button(t(cameraOnly ? 'callWithoutVideo' : 'callAgain'), again(call.video && !cameraOnly), {
                      kind: 'sip-choice sip-plain',
                      image: icon('phone'),
                  })
                : nothing
        }
        ${
            jid !== null && WORTH_A_MESSAGE.includes(reason)
                ? button(
                      t('writeMessage'),
                      () => {
                          phone?.chat(call.id);
                          phone?.dismiss(call.id);
                      },
                      { kind: 'sip-choice sip-plain', image: icon('comments') },
                  )
                : nothing
        }`;
    }
}
