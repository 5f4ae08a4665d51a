/** The base of our elements: light DOM, so that Converse's theme and Bootstrap's classes apply, and the telephone of now. */
import { CustomElement, type PropertyValues } from './lit.js';
import type { Readable } from '../../plugin/observable.js';
import { currentPhone, onPhoneChange, type Phone } from '../../plugin/phone.js';

export { on } from './on.js';

/** Milliseconds between two readings of a running time. */
const SECOND = 1000;

let ids = 0;

/** An element that shows something of the telephone and is drawn again when that changes. */
export abstract class SipElement extends CustomElement {
    private subscriptions: readonly (() => void)[] = [];
    private leavePhone: (() => void) | null = null;
    private timer: ReturnType<typeof setInterval> | null = null;
    private hadFocus = false;
    /** Begins the ids of its parts. */
    readonly partId = `sip-part-${String(++ids)}`;

    /** The telephone of now; null when nobody is logged in. */
    protected get phone(): Phone | null {
        return currentPhone();
    }

    /** Draws the element again; a listener. */
    protected readonly changed = (): void => {
        this.requestUpdate();
    };

    /** Subscribes to what the element shows, and listens. @returns what ends that */
    protected watch?(phone: Phone): readonly (() => void)[];

    /** What it shows of the telephone; nothing while nobody is logged in. */
    protected draw?(phone: Phone): unknown;

    protected override render(): unknown {
        return this.phone && this.draw?.(this.phone);
    }

    /** Subscribes anew: the telephone is another one, or another part of it is shown. */
    protected rewatch(): void {
        this.unwatch();
        this.subscriptions = (this.phone && this.watch?.(this.phone)) ?? [];
        this.requestUpdate();
    }

    /** Draws the element again with every change of one of these. */
    protected follow(...parts: readonly Pick<Readable<unknown>, 'subscribe'>[]): readonly (() => void)[] {
        return parts.map((part) => part.subscribe(this.changed));
    }

    private unwatch(): void {
        for (const end of this.subscriptions) end();
        this.subscriptions = [];
    }

    protected get hasFocus(): boolean {
        return this.contains(document.activeElement);
    }

    /** Whether what had the focus went away when the element was drawn. */
    protected get lostFocus(): boolean {
        return this.hadFocus && !this.hasFocus;
    }

    protected override update(changed: PropertyValues): void {
        if (changed.get('jid') !== undefined) this.rewatch();
        this.hadFocus = this.hasFocus;
        super.update(changed);
    }

    /** Whether the element is drawn each second, for a running time. */
    protected set ticking(on: boolean) {
        if (on && this.isConnected) this.timer ??= setInterval(() => this.tick(), SECOND);
        else if (this.timer !== null) {
            clearInterval(this.timer);
            this.timer = null;
        }
    }

    /** Once a second while {@link ticking}. */
    protected tick(): void {
        this.requestUpdate();
    }

    override connectedCallback(): void {
        super.connectedCallback();
        this.classList.add('sip-element');
        this.leavePhone = onPhoneChange(() => this.rewatch());
        this.rewatch();
    }

    override disconnectedCallback(): void {
        super.disconnectedCallback();
        this.leavePhone?.();
        this.unwatch();
        this.ticking = false;
    }
}

/** Defines an element, once a page. */
export function define(name: string, element: CustomElementConstructor): void {
    if (!customElements.get(name)) customElements.define(name, element);
}
