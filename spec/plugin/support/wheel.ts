import type { Clock } from '../../../src/plugin/clock.js';

/** A clock whose wheel is turned by hand. */
export class Wheel implements Clock {
    private time = Date.UTC(2026, 0, 5, 12);
    private timers: { at: number; run: () => void }[] = [];
    /** What `random()` gives. */
    chance = 0.5;

    readonly now = (): number => this.time;
    readonly random = (): number => this.chance;
    readonly after = (milliseconds: number, run: () => void): (() => void) => {
        const timer = { at: this.time + milliseconds, run };
        this.timers.push(timer);
        return () => {
            this.timers = this.timers.filter((each) => each !== timer);
        };
    };

    /** How many timers wait. */
    get waiting(): number {
        return this.timers.length;
    }

    /** Lets time pass, and everything that is due. */
    turn(milliseconds: number): void {
        const until = this.time + milliseconds;
        for (;;) {
            const [next] = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
            if (!next) break;
            this.timers = this.timers.filter((each) => each !== next);
            this.time = next.at;
            next.run();
        }
        this.time = until;
    }
}
