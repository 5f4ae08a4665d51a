/** One end of one subject in a page; the bench speaks to it by `window.end`. */
import { firstMedia, instrument, invite, now, open, reset } from './instrument.js';
import { floor } from './floor.js';
import { jsSip } from './js-sip.js';
import { ours } from './ours.js';
import { sipJs } from './sip-js.js';
import type { End, Make } from './subject.js';

instrument();

const SUBJECTS: Readonly<Record<string, Make>> = { ours, sipJs, jsSip, floor };

/** Resolves once, when something has happened. */
class Happening {
    private tell: (at: number) => void = () => undefined;
    at = new Promise<number>((resolve) => (this.tell = resolve));

    happened(): void {
        this.tell(now());
    }

    again(): void {
        this.at = new Promise((resolve) => (this.tell = resolve));
    }
}

const ring = new Happening();
const ended = new Happening();

/** What the bench may ask. All times are {@link now}. */
const page = {
    start: (name: string, end: End): Promise<void> => {
        const make = SUBJECTS[name];
        if (make === undefined) throw new Error(`There is no subject ${name}`);
        const subject = make(end, { ring: () => ring.happened(), ended: () => ended.happened() });
        Object.assign(page, { subject });
        return subject.start();
    },
    subject: null as ReturnType<Make> | null,
    forget: (): void => {
        reset();
        ring.again();
        ended.again();
    },
    call: (user: string): number => {
        const at = now();
        page.subject?.call(user);
        return at;
    },
    invite,
    ring: () => ring.at,
    answer: (): number => {
        const at = now();
        page.subject?.answer();
        return at;
    },
    media: firstMedia,
    hangUp: (): void => page.subject?.hangUp(),
    ended: () => ended.at,
    open: (): number => open().length,
};

declare global {
    interface Window {
        end: typeof page;
    }
}
window.end = page;
