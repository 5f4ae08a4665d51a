/** An incoming call, or a question, is also told by the page's title and, where the page is hidden, by the desktop. */

/** What to say about the call. */
export interface Alert {
    readonly title: string;
    readonly body: string;
    /** URL; empty: none. */
    readonly icon: string;
    /** Whether a desktop notification is wanted. */
    readonly notify: boolean;
    /** Whether the title flashes, because nothing can be heard. */
    readonly flash: boolean;
}

/** Milliseconds between two changes of a flashing title. */
const FLASH = 1000;

/** Draws attention to one call at a time. */
export class Attention {
    private original: string | null = null;
    private shown = '';
    private timer: ReturnType<typeof setInterval> | null = null;
    private notification: Notification | null = null;

    /** @param onPress the person pressed the notification */
    constructor(private readonly onPress: () => void) {}

    /** Shows the alert, a changed one, or with null none any more; the page's title is then what it was. */
    show(alert: Alert | null): void {
        if (!alert) {
            this.end();
            return;
        }
        const began = this.original === null;
        this.original ??= document.title;
        if (began && alert.notify && document.hidden) this.notify(alert);
        this.write(alert.title);
        if (alert.flash) this.timer ??= setInterval(() => this.flash(alert.title), FLASH);
        else this.still();
    }

    private write(title: string): void {
        this.shown = title;
        document.title = title;
    }

    private flash(title: string): void {
        this.write(document.title === title ? (this.original ?? '') : title);
    }

    private still(): void {
        if (this.timer !== null) clearInterval(this.timer);
        this.timer = null;
    }

    private notify({ title, body, icon }: Alert): void {
        if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return;
        try {
            this.notification = new Notification(title, {
                body,
                tag: 'converse-sip-incoming',
                requireInteraction: true,
                ...(icon === '' ? {} : { icon }),
            });
            this.notification.onclick = (): void => {
                window.focus();
                this.onPress();
            };
        } catch {
            this.notification = null; // some browsers allow it to service workers only
        }
    }

    private end(): void {
        this.still();
        if (this.original !== null && document.title === this.shown) document.title = this.original;
        this.original = null;
        this.notification?.close();
        this.notification = null;
    }
}
