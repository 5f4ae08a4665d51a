import type { Clock } from '../../../../src/sip-sidecar/contract/index.js';

/** A clock that a spec turns by hand. */
export class HandClock implements Clock {
    private time = 1_000_000;
    private tasks: { at: number; task: () => void }[] = [];

    /** How many tasks wait for their time. */
    get pending(): number {
        return this.tasks.length;
    }

    now(): number {
        return this.time;
    }

    after(delay: number, task: () => void): () => void {
        const entry = { at: this.time + delay, task };
        this.tasks.push(entry);
        return () => {
            this.tasks = this.tasks.filter((other) => other !== entry);
        };
    }

    /** The machine sleeps: time passes, and nothing happens. */
    jump(ms: number): void {
        this.time += ms;
        for (const entry of this.tasks) entry.at += ms;
    }

    /** Lets time pass, and everything that is due happen. */
    async advance(ms: number): Promise<void> {
        const end = this.time + ms;
        await settled();
        for (;;) {
            const next = this.tasks.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
            if (next === undefined) break;
            this.tasks = this.tasks.filter((other) => other !== next);
            this.time = Math.max(this.time, next.at);
            next.task();
            await settled();
        }
        this.time = end;
    }
}

/** Resolves when every promise that can go on has gone on. */
export function settled(): Promise<void> {
    return new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
            port1.close();
            resolve();
        };
        port2.postMessage(null);
    });
}
