/** A call that is being placed, up, or just over: card, stage or bar. */
import { html, nothing, type TemplateResult } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import type { Call, Phone } from '../../plugin/phone.js';
import type { CallState, Ended, EndReason, Media } from '../../sip-sidecar/contract/index.js';
import { showSettings } from '../chat/profile.js';
import { button, choice, iconButton, type ButtonLooks } from '../shared/button.js';
import { on, SipElement } from '../shared/element.js';
import { icon } from '../shared/icon.js';
import { deviceNote, problemNote } from '../shared/note.js';
import { avatar } from '../shared/person.js';
import { attach } from '../shared/stream.js';
import { askable, elapsed, partyOf, placeWords, stateWords, type Party } from '../shared/words.js';
import { digitOf, keypad } from './keypad.js';
import { keepLayout, readLayout, type Layout, type Size } from './layout.js';
import { questionDialog } from './question.js';
import { MARGIN, place, placeOf, type Corner } from './placement.js';
import { isRtl, NARROW, surroundings } from './surroundings.js';

/** Milliseconds that a call which ended well stays on the page. */
const LINGER = 3000;
/** CSS pixels that an arrow key moves the card, to the right and down. */
const STEPS: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-24, 0],
    ArrowRight: [24, 0],
    ArrowUp: [0, -24],
    ArrowDown: [0, 24],
};
/** CSS pixels after which a press is a drag. */
const DRAG = 10;
/** Width from which a chat has room beside the stage. */
const ROOM_FOR_CHAT = 1100;
/** Share of the width that the stage keeps beside a chat; call.css has it, too. */
const STAGE_SHARE = 0.55;
/** Height that a card or a bar may always take. */
const LEAST_HEIGHT = 200;
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

const control = (
    name: string,
    image: unknown,
    press: (event: UIEvent) => void,
    looks: ButtonLooks = {},
): TemplateResult => iconButton(name, image, press, { ...looks, kind: `sip-control ${looks.kind ?? ''}` });

/** A control that switches something on and off. */
const toggle = (
    what: 'mute' | 'camera' | 'screen' | 'hold' | 'keypad',
    image: unknown,
    pressed: boolean,
    press: (on: boolean) => void,
    disabled = '',
): TemplateResult =>
    control(t(what), image, () => press(!pressed), {
        tip: t(pressed ? `${what}.off` : `${what}.on`),
        pressed,
        disabled,
    });

/** `<converse-sip-call>`. */
export class SipCall extends SipElement {
    static override properties = {
        call: {},
        keypadOpen: {},
        playBlocked: {},
        besideChat: {},
        refusal: {},
        hinted: {},
    };
    declare call: Call;
    /** The focus stays where the person types, although this call has a question. */
    declare hinted: boolean;
    declare private keypadOpen?: boolean;
    /** The browser does not play the other side's sound before a press. */
    declare private playBlocked: boolean | undefined;
    /** The chat is shown next to the stage. */
    declare private besideChat?: boolean;
    /** Why the call could not be placed again. */
    declare private refusal?: string;

    private layout = readLayout();
    private digits = '';
    /** One of Converse's dialogs is open: the stage makes room for it. */
    private dialogOpen = document.querySelector('.conversejs .modal.show') !== null;
    private readonly narrow = window.matchMedia(NARROW);
    private readonly sizes = new ResizeObserver(() => this.arrange());
    private going: ReturnType<typeof setInterval> | undefined;
    /** What the pointer holds, where it took it, and where the card was. */
    private held: { readonly handle: Element; readonly x: number; readonly y: number; readonly from: DOMRect } | null =
        null;
    /** Whether the last press was a drag, so that its click means nothing. */
    private dragged = false;

    protected override watch(phone: Phone): readonly (() => void)[] {
        return [
            phone.onStreams(this.call.id, this.changed),
            phone.deviceChoice.subscribe(() => this.chooseSpeaker()),
            phone.registration.subscribe(this.changed),
            on(this.narrow, 'change', this.changed),
            on(window, 'resize', this.arrange),
            on(document, 'focusin', this.arrange, true),
            on(this, 'keydown', this.onKey),
            on(this, 'pointerdown pointermove pointerup pointercancel', this.onPointer),
            // Bootstrap's, when a dialog begins to open and when it is gone
            on(document, 'show.bs.modal hidden.bs.modal', ({ type }: Event) => {
                this.dialogOpen = type === 'show.bs.modal';
                this.changed();
            }),
        ];
    }

    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.sizes.disconnect();
        clearInterval(this.going);
        for (const media of this.querySelectorAll<HTMLMediaElement>('audio, video')) media.srcObject = null;
    }

    /** Moves the focus to the question, or to the first control. */
    async takeFocus(): Promise<void> {
        await this.updateComplete;
        const first = this.querySelector<HTMLElement>('.sip-question button, .sip-controls button');
        (first ?? this.querySelector<HTMLElement>('.sip-window button:not(.sip-grip)'))?.focus();
    }

    /** Makes a bar larger again. */
    grow(): void {
        if (this.size === 'bar') this.resize(this.next(1));
    }

    /** `converse-root`, by the class that Converse gives it. */
    private get root(): HTMLElement | null {
        return this.closest<HTMLElement>('.conversejs');
    }

    private get kind(): 'voice' | 'video' {
        return this.call.video ? 'video' : 'voice';
    }

    private get size(): Size {
        const narrow = this.narrow.matches;
        const stage = this.kind === 'video' && this.root?.matches('.converse-fullscreen');
        const chosen = this.layout[this.kind] ?? (stage ? 'stage' : 'card');
        if (chosen === 'bar' || (chosen === 'card' && !narrow)) return chosen;
        return !this.dialogOpen ? 'stage' : narrow ? 'bar' : 'card';
    }

    /** The next size, if there is one. @param step 1: larger, -1: smaller */
    private next(step: number): Size | undefined {
        const sizes: readonly Size[] = this.narrow.matches ? ['bar', 'stage'] : ['bar', 'card', 'stage'];
        return sizes[sizes.indexOf(this.size) + step];
    }

    private resize(size: Size | undefined): void {
        this.keep({ [this.kind]: size });
        this.besideChat = false;
    }

    private keep(change: Partial<Layout>): void {
        keepLayout(change);
        this.layout = { ...this.layout, ...change };
        this.changed();
    }

    protected override willUpdate(): void {
        const { state, id } = this.call;
        this.ticking = state.name !== 'ended';
        if (state.name !== 'ended') return;
        this.keypadOpen = false;
        const { reason } = state;
        if (PASSING.includes(reason))
            this.going ??= setInterval(() => {
                const read = WORTH_A_MESSAGE.includes(reason) && this.matches(':hover, :focus-within');
                if (!read) this.phone?.dismiss(id);
            }, LINGER);
    }

    protected override updated(): void {
        const panel = this.panel;
        if (panel) this.sizes.observe(panel);
        this.arrange();
        this.hear();
        if (this.lostFocus) void this.takeFocus();
    }

    // --- Place ---

    private get panel(): HTMLElement | null {
        return this.querySelector<HTMLElement>('.sip-call');
    }

    /** Puts the panel where it belongs. Measured, and written to the style object: no policy minds that. */
    private readonly arrange = (): void => {
        const { panel, root, size } = this;
        if (!panel || !root || this.held) return;
        const { style } = panel;
        if (this.narrow.matches) {
            style.cssText = '';
            return;
        }
        const { area, chats, roster, inputs, floor, windows, rtl } = surroundings(root);
        if (size === 'stage') {
            const width = chats.width * (this.showsChat ? STAGE_SHARE : 1);
            root.style.setProperty('--sip-stage-size', px(width));
            style.cssText = `width:${px(width)};height:${px(chats.height)}`;
            this.put({ left: rtl ? chats.right - width : chats.left, top: chats.top });
            return;
        }
        // The bar stands over the list's foot where that is wide enough for it
        const foot = size === 'bar' && roster ? roster.width - 2 * MARGIN : 0;
        const overRoster = foot >= ROOM_FOR_BAR;
        // What is too high for the room above the message input is scrolled
        const height = Math.max(LEAST_HEIGHT, floor - area.top - 2 * MARGIN);
        style.cssText = `max-height:${px(height)};${overRoster ? `width:${px(foot)}` : ''}`;
        const kept = size === 'card' ? this.layout.card : null;
        const at = kept ?? { x: overRoster ? 1 : 0, y: 0 };
        this.put(place(at, panel.getBoundingClientRect(), area, kept ? inputs : [...inputs, ...windows], rtl));
    };

    /** Puts the panel's corner to a point of the viewport. */
    private put({ left, top }: Corner): void {
        const { panel } = this;
        if (!panel) return;
        // With `view_mode: 'embedded'` a part of the page
        const origin = panel.offsetParent?.getBoundingClientRect();
        panel.style.left = px(Math.round(left - (origin?.left ?? 0)));
        panel.style.top = px(Math.round(top - (origin?.top ?? 0)));
    }

    /** Moves the card to a point, and remembers it. @param size of the card */
    private move(to: Corner, size: DOMRect): void {
        if (!this.root) return;
        const { area, rtl } = surroundings(this.root);
        this.keep({ card: placeOf(to, size, area, rtl) });
    }

    /** The card is dragged by its head, the self view to a corner. */
    private readonly onPointer = (event: PointerEvent): void => {
        const { panel, held } = this;
        const { type, clientX: x, clientY: y } = event;
        if (type === 'pointerdown') {
            const handle = (event.target as Element).closest('button, .sip-head');
            const movable = this.size === 'card' ? '.sip-self, .sip-grip, .sip-head' : '.sip-self';
            if (!panel || !handle?.matches(movable) || event.button !== 0) return;
            handle.setPointerCapture(event.pointerId);
            this.held = { handle, x, y, from: panel.getBoundingClientRect() };
            this.dragged = false;
        }
        if (!held) return;
        const { handle, from } = held;
        const right = x - held.x;
        const down = y - held.y;
        const ends = type !== 'pointermove';
        if (ends) this.held = null;
        this.dragged ||= Math.hypot(right, down) >= DRAG;
        if (!this.dragged) return;
        const to = { left: from.left + right, top: from.top + down };
        if (handle.matches('.sip-self')) {
            if (ends) this.keep({ corner: cornerOf(handle, x, y) });
        } else if (ends) this.move(to, from);
        else this.put(to);
    };

    private readonly onGrip = ({ detail }: UIEvent): void => {
        // A press of a key is none of the pointer
        if (detail > 0 && this.dragged) return;
        const { x, y } = this.layout.card ?? { x: 0, y: 0 };
        this.keep({ card: { x: 1 - Math.round(y), y: Math.round(x) } });
    };

    private readonly onSelf = ({ detail }: UIEvent): void => {
        if (detail > 0 && this.dragged) return;
        this.keep({ corner: (this.layout.corner + 1) % 4 });
    };

    private readonly onKey = (event: KeyboardEvent): void => {
        const steps = STEPS[event.key];
        if (steps && this.panel && (event.target as Element).matches('.sip-grip')) {
            event.preventDefault();
            const box = this.panel.getBoundingClientRect();
            this.move({ left: box.left + steps[0], top: box.top + steps[1] }, box);
        }
        if (!this.keypadOpen) return;
        const digit = digitOf(event);
        if (digit !== null) this.press(digit);
        else if (event.key === 'Escape') {
            event.stopPropagation();
            this.keypadOpen = false;
        }
    };

    private press(digit: string): void {
        this.phone?.sendDigits(this.call.id, digit);
        this.digits = (this.digits + digit).slice(-24);
        this.changed();
    }

    // --- Sound ---

    /** Sees to it that the other side is heard. */
    private hear(): void {
        const streams = this.phone?.media(this.call.id);
        for (const element of this.querySelectorAll<HTMLMediaElement>('audio, video'))
            attach(element, streams?.[element.matches('audio, .sip-remote') ? 'remote' : 'local'] ?? null);
        // Some browsers start a muted video only when told
        for (const picture of this.querySelectorAll('video')) if (picture.paused) picture.play().catch(() => undefined);
        this.chooseSpeaker();
        const audio = this.querySelector('audio');
        if (!audio?.srcObject || !audio.paused) return;
        void audio
            .play()
            .catch((error: unknown) => error)
            .then((error) => {
                this.playBlocked = (error as DOMException | undefined)?.name === 'NotAllowedError' || undefined;
            });
    }

    private chooseSpeaker(): void {
        const audio: SinkElement | null = this.querySelector('audio');
        const id = this.phone?.deviceChoice.get().speaker ?? '';
        // A device that is gone: the browser plays on its default one
        if (audio && audio.sinkId !== id) audio.setSinkId?.(id).catch(() => undefined);
    }

    // --- What is drawn ---

    /** Whether the stage has room for the chat beside it. */
    private get roomy(): boolean {
        const wide = this.size === 'stage' && window.innerWidth >= ROOM_FOR_CHAT;
        return wide && this.root?.matches('.converse-overlayed') === false;
    }

    private get showsChat(): boolean {
        return this.besideChat === true && this.roomy;
    }

    protected override draw(phone: Phone): unknown {
        const { call, size } = this;
        const { state } = call;
        const party = partyOf(call, phone);
        // What is seen and heard is in the tab that has the call
        const media = 'media' in state && !call.elsewhere ? state.media : null;
        const picture =
            size !== 'bar' && (size === 'stage' || (media && (media.remoteVideo || media.camera !== 'off')));
        return html`<section
            class="sip-call sip-panel sip-${size} ${this.showsChat ? 'sip-beside' : ''}"
            aria-label=${t('call.name', { name: party.name })}
        >
            <div class="sip-head">
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
                        ${this.chatButton(phone, size)}
                    </div>
                </div>
                ${this.windowButtons(phone, size)}
            </div>
            ${picture ? this.picture(party, media) : nothing} ${this.notes(state)}
            ${questionDialog(call, party.name, phone, this.hinted)}
            ${this.keypadOpen && size !== 'bar' ? keypad(this.digits, (digit) => this.press(digit)) : nothing}
            <div class="sip-controls">
                ${state.name === 'ended' ? this.afterwards(phone, state) : this.controls(phone, state, size)}
            </div>
            ${media ? html`<audio autoplay></audio>` : nothing}
        </section>`;
    }

    /** The way to the conversation with whoever this is; beside the stage it comes and goes. */
    private chatButton(phone: Phone, size: Size): unknown {
        const { identity, state, id } = this.call;
        if (size === 'bar' || identity.jid === null || state.name === 'ended') return nothing;
        const { roomy, showsChat } = this;
        const press = (): void => {
            if (!showsChat) phone.chat(id);
            if (roomy) this.besideChat = !showsChat;
            else if (size === 'stage') this.resize('bar');
        };
        return button(t('call.chat'), press, {
            kind: 'sip-plain sip-chat',
            image: icon('comments'),
            tip: t(showsChat ? 'hideChat' : 'showChat'),
            pressed: roomy ? showsChat : undefined,
        });
    }

    private windowButtons(phone: Phone, size: Size): TemplateResult {
        const ended = this.call.state.name === 'ended';
        const sizing = (name: 'larger' | 'smaller', image: 'angle-up' | 'angle-down', to: Size | undefined): unknown =>
            ended || !to ? nothing : control(t(name), icon(image), () => this.resize(to));
        return html`<div class="sip-window">
            ${
                size === 'card'
                    ? control(t('move'), icon('arrows-alt'), this.onGrip, { kind: 'sip-grip', tip: t('move.hint') })
                    : nothing
            }
            ${sizing('larger', 'angle-up', this.next(1))} ${sizing('smaller', 'angle-down', this.next(-1))}
            ${ended ? control(t('close'), icon('times'), () => phone.dismiss(this.call.id)) : nothing}
        </div>`;
    }

    /** The other side's picture, or their avatar; and ours, which would stand still and black while we hold the call. */
    private picture(party: Party, media: Media | null): TemplateResult {
        const shown = holds(this.call.state) ? 'off' : (media?.camera ?? 'off');
        const { corner } = this.layout;
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
                shown === 'off'
                    ? nothing
                    : iconButton(
                          t(shown === 'screen' ? 'self.screen' : 'self.move'),
                          html`<video autoplay playsinline aria-hidden="true" .muted=${true}></video>`,
                          this.onSelf,
                          { kind: `sip-self sip-self-${shown} sip-corner-${String(corner)}` },
                      )
            }
        </div>`;
    }

    /** What is wrong, and what to do: in the place where the eye is. */
    private notes(state: CallState): TemplateResult {
        return html`${deviceNote('problem' in state ? state.problem : null)} ${problemNote(this.refusal)}
        ${
            this.playBlocked && state.name !== 'ended'
                ? html`<p class="sip-note">${choice(t('pressToHear'), () => this.hear())}</p>`
                : nothing
        }`;
    }

    private controls(phone: Phone, state: Exclude<CallState, { name: 'ended' }>, size: Size): TemplateResult {
        const { id, elsewhere } = this.call;
        const { camera, microphone } = state.media;
        const held = holds(state);
        const muted = microphone !== 'live';
        const filmed = camera === 'on';
        const seen = phone.video && !elsewhere;
        const notYet = 'hold' in state ? '' : t('notYet');
        const mute = toggle(
            'mute',
            icon('microphone', muted ? 'struck' : ''),
            muted,
            (on) => phone.mute(id, on),
            microphone === 'none' ? t('listening') : '',
        );
        const hangUp = control(t('hangUp'), icon('phone', 'down'), () => phone.hangUp(id), { kind: 'sip-end' });
        if (size === 'bar') return html`${mute}${hangUp}`;
        return html`${mute}
        ${seen ? toggle('camera', icon('video', filmed ? '' : 'struck'), filmed, (on) => phone.camera(id, on)) : nothing}
        ${
            seen && canShareScreen()
                ? toggle('screen', icon('desktop'), camera === 'screen', (on) => phone.screen(id, on), notYet)
                : nothing
        }
        ${toggle('hold', icon(held ? 'play' : 'pause'), held, (on) => phone.hold(id, on), notYet)}
        ${toggle('keypad', '#', this.keypadOpen === true, this.onKeypad, notYet)}
        ${elsewhere ? nothing : control(t('settings.title'), icon('cog'), showSettings)} ${hangUp}`;
    }

    private readonly onKeypad = (open: boolean): void => {
        this.keypadOpen = open;
    };

    /** What helps after the end. */
    private afterwards(phone: Phone, { reason, problem }: Ended): TemplateResult {
        const { id, address, direction, identity, video } = this.call;
        const { jid, trusted } = identity;
        const target = jid !== null && trusted ? jid : address;
        const cameraOnly = problem?.device === 'camera';
        const again = async (): Promise<void> => {
            const placed = await phone.call(target, { video: video && !cameraOnly });
            this.refusal = placeWords(placed);
            if (placed.ok) phone.dismiss(id);
        };
        const write = (): void => {
            phone.chat(id);
            phone.dismiss(id);
        };
        const outgoing = direction === 'outgoing' && target !== '' && WORTH_A_RETRY.includes(reason);
        return html`${
            outgoing
                ? choice(
                      t(cameraOnly ? 'callWithoutVideo' : 'callAgain'),
                      () => void again(),
                      'sip-plain',
                      icon('phone'),
                  )
                : nothing
        }
        ${jid !== null && WORTH_A_MESSAGE.includes(reason) ? choice(t('writeMessage'), write, 'sip-plain', icon('comments')) : nothing}`;
    }
}

/** Whether we hold the call. */
function holds(state: CallState): boolean {
    return 'hold' in state && state.hold.byUs;
}

const px = (length: number): string => `${String(length)}px`;

/** The corner of what holds the self view that is nearest to a point, as {@link Layout} counts. */
function cornerOf(self: Element, x: number, y: number): number {
    const { left, right, top, bottom } = (self.parentElement ?? self).getBoundingClientRect();
    const atEnd = x > (left + right) / 2 !== isRtl(self);
    return y > (top + bottom) / 2 ? (atEnd ? 0 : 1) : atEnd ? 3 : 2;
}
