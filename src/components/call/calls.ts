/** The one element on `converse-root` in which calls live, whatever happens to the chats. */
import { t } from '../../i18n/index.js';
import type { Call, Phone } from '../../plugin/phone.js';
import type { EndReason } from '../../sip-sidecar/contract/index.js';
import { currentHost } from '../shared/host.js';
import { on, SipElement } from '../shared/element.js';
import { Sounds, type Tone } from '../shared/sounds.js';
import { partyOf } from '../shared/words.js';
import { Attention } from './attention.js';
import { SipCall } from './card.js';
import { SipIncoming } from './incoming.js';
import { CALL_KEY, isAlone } from './key.js';
import { questionOf, questionWords } from './question.js';

/** An incoming call that ended so needs no card: the person did it, or the history says it. */
const SILENT: readonly EndReason[] = ['declined', 'missed', 'cancelled', 'refused', 'busy', 'no-answer', 'unavailable'];

const ended = (call: Call | undefined): boolean => call?.state.name === 'ended';
const needsNoCard = ({ direction, state }: Call): boolean =>
    direction === 'incoming' && state.name === 'ended' && state.answeredAt === null && SILENT.includes(state.reason);

/** What a call wants of the person at once; undefined: nothing. */
const wish = (call: Call | undefined): string | undefined =>
    call && (call.state.name === 'incoming' ? 'answer' : questionOf(call)?.kind);

/** Inputs in which one does not type. */
const NO_TEXT = /button|submit|reset|checkbox|radio|range|color|file|image/u;

/** Whether the person is in the middle of typing into this element. */
function holdsText(element: Element | null): boolean {
    if (element instanceof HTMLInputElement && NO_TEXT.test(element.type)) return false;
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) return element.value !== '';
    return element instanceof HTMLElement && element.isContentEditable && element.textContent.trim() !== '';
}

/** `<converse-sip-calls>`. */
export class SipCalls extends SipElement {
    static override properties = { hinted: {} };
    /** The call whose dialog did not take the focus. */
    declare private hinted: string;
    private readonly sounds = new Sounds();
    private readonly attention = new Attention(() => void this.takeFocus());
    /** The calls as they were drawn last time. */
    private last: readonly Call[] = [];
    private endTone: Tone | null = null;
    private returnTo: HTMLElement | null = null;

    protected override watch(phone: Phone): readonly (() => void)[] {
        return [
            ...this.follow(phone.calls, this.sounds.blocked),
            on(window, 'keydown', this.onKey),
            // Bootstrap's focus trap would pull the focus back into an open dialog, and one could not hang up
            on(this, 'focusin', (event: Event) => event.stopPropagation()),
        ];
    }

    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.sounds.play(null);
        this.attention.show(null);
    }

    private readonly onKey = (event: KeyboardEvent): void => {
        if (event.key !== CALL_KEY || !isAlone(event) || this.shown.length === 0) return;
        event.preventDefault();
        if (this.hasFocus) this.giveFocusBack();
        else void this.takeFocus();
    };

    /** Leads to the call: the focus goes to it, and a bar grows. @param id which one; the one that rings, or the last */
    async takeFocus(id?: string): Promise<void> {
        await this.updateComplete;
        const { elements } = this;
        const element =
            elements.find(({ call }) => call.id === id) ??
            elements.find((each) => each instanceof SipIncoming) ??
            elements.at(-1);
        if (!element) return;
        this.rememberFocus();
        this.hinted = '';
        if (element instanceof SipCall && id !== undefined) element.grow();
        await element.takeFocus();
    }

    private rememberFocus(): void {
        const active = document.activeElement;
        if (active instanceof HTMLElement && active !== document.body && !this.contains(active)) this.returnTo = active;
    }

    private giveFocusBack(): void {
        const to = this.returnTo;
        this.returnTo = null;
        if (to?.isConnected) to.focus();
        else if (this.hasFocus) (document.activeElement as HTMLElement).blur();
    }

    /** Live calls; or, while there is none, the one that ended last. */
    private get shown(): readonly Call[] {
        const calls = this.phone?.calls.get() ?? [];
        const live = calls.filter((call) => !ended(call));
        return live.length > 0 ? live : calls.filter((call) => !needsNoCard(call)).slice(-1);
    }

    protected override willUpdate(): void {
        const { fresh } = this;
        if (!fresh || (fresh.silent && !fresh.elsewhere)) return;
        this.hinted = fresh.elsewhere || holdsText(document.activeElement) ? fresh.id : '';
    }

    /** The call that wants something of the person since the last time. */
    private get fresh(): Call | undefined {
        return this.shown.find((call) => wish(call) && wish(call) !== wish(this.earlier(call)));
    }

    /** A call as it was drawn last time. */
    private earlier({ id }: Call): Call | undefined {
        return this.last.find((call) => call.id === id);
    }

    private get elements(): readonly (SipIncoming | SipCall)[] {
        return [...this.children] as (SipIncoming | SipCall)[];
    }

    protected override render(): unknown {
        return this.shown.map((call) => {
            // The same element as long as it rings, and as long as it goes on: a card never takes over another call's
            const tag = call.state.name === 'incoming' ? 'converse-sip-incoming' : 'converse-sip-call';
            const kept = this.elements.find((each) => each.localName === tag && each.call.id === call.id);
            return Object.assign(kept ?? document.createElement(tag), {
                call,
                soundBlocked: this.sounds.blocked.get(),
                hinted: this.hinted === call.id,
            });
        });
    }

    protected override updated(): void {
        const calls = this.phone?.calls.get() ?? [];
        this.moveFocus();
        this.tidy(calls);
        this.makeNoise(calls.filter(({ elsewhere }) => !elsewhere));
        this.last = calls;
    }

    private moveFocus(): void {
        const { fresh } = this;
        if (fresh && !fresh.silent && !fresh.elsewhere) {
            if (this.hinted !== fresh.id) void this.takeFocus();
        } else if (this.lostFocus) {
            if (this.shown.length > 0) void this.takeFocus();
            else this.giveFocusBack();
        }
    }

    /** Takes ended calls off the list that are not shown. */
    private tidy(calls: readonly Call[]): void {
        const { shown } = this;
        for (const call of calls) if (ended(call) && !shown.includes(call)) this.phone?.dismiss(call.id);
    }

    private makeNoise(calls: readonly Call[]): void {
        const host = currentHost();
        // Of a silent one there is the dialog alone
        const incoming = calls.find(({ state, silent }) => state.name === 'incoming' && !silent);
        this.sounds.play(
            incoming ? 'ring' : this.progressTone(calls),
            this.phone?.deviceChoice.get()[incoming ? 'ringer' : 'speaker'],
        );
        const wanting = incoming ?? calls.find(questionOf);
        if (!wanting || !this.phone) {
            this.attention.show(null);
            return;
        }
        const question = questionOf(wanting);
        const party = partyOf(wanting, this.phone);
        const wanted = host?.api.settings.get('show_desktop_notifications');
        const image = host?.api.settings.get('notification_icon');
        this.attention.show({
            title: question ? questionWords(question, party.name) : t('incoming.name', { name: party.name }),
            body: `${party.address}\n${party.level}`.trim(),
            icon: typeof image === 'string' ? image : '',
            notify: Boolean(wanted),
            flash: incoming !== undefined && this.sounds.blocked.get(),
        });
    }

    /** What is heard of calls that do not come in. */
    private progressTone(calls: readonly Call[]): Tone | null {
        const live = calls.find((call) => !ended(call));
        if (live || calls.length === 0) this.endTone = null;
        for (const call of calls) {
            const { state } = call;
            const earlier = this.earlier(call);
            if (!live && earlier && !ended(earlier) && state.name === 'ended' && !needsNoCard(call))
                this.endTone = state.reason === 'busy' ? 'busy' : 'end';
        }
        // What the other side plays is the tone
        return live?.state.name === 'ringing' && !live.state.early ? 'ringback' : this.endTone;
    }
}
