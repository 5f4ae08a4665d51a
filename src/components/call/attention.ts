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
    /** The page's own title; null: nothing is told. */
    private original: string | null = null;
    private shown = '';
    private timer: ReturnType<typeof setInterval> | undefined;
    private notification: Notification | undefined;

    /** @param onPress the person pressed the notification */
    constructor(private readonly onPress: () => void) {}

    /** Shows the alert, a changed one, or with null none any more; the page's title is then what it was. */
    show(alert: Alert | null): void {
        clearInterval(this.timer);
        if (alert) {
            const { title, flash } = alert;
            const original = (this.original ??= this.begin(alert));
            this.write(title);
            if (flash) this.timer = setInterval(() => this.write(document.title === title ? original : title), FLASH);
        } else {
            if (this.original !== null && document.title === this.shown) document.title = this.original;
            this.original = null;
            this.notification?.close();
        }
    }

    private write(title: string): void {
        this.shown = document.title = title;
    }

    /** @returns the page's own title */
    private begin({ title, body, icon, notify }: Alert): string {
        try {
            if (notify && document.hidden && Notification.permission === 'granted') {
                this.notification = new Notification(title, {
                    body,
                    tag: 'converse-sip-incoming',
                    requireInteraction: true,
                    ...(icon && { icon }),
                });
                this.notification.onclick = (): void => {
                    window.focus();
                    this.onPress();
                };
            }
        } catch {
            // some browsers have none, or allow it to service workers only
        }
        return document.title;
    }
}
