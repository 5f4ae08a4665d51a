/**
 * The own availability for calls in the own presence (PROTOCOL.md 8.4): written into every broadcast presence, and one more
 * presence for each real change. The person's show and status text stay as they are; nothing goes into directed,
 * subscription or MUC presence.
 */
import type { Clock } from './clock.js';
import { buildAvailability, type DeviceAvailability } from './stanzas/availability.js';

/** Changes within this time are one (ms). */
const SETTLE = 1_000;

/** A registration that comes back within this time was never gone (ms). */
const GAP = 15_000;

/** What the own presence says; null: nothing, because the person shares nothing. */
export type OwnAvailability = DeviceAvailability | null;

/** What this needs. */
export interface OwnPresenceNeeds {
    readonly clock: Clock;
    /** What is so now. */
    readonly current: () => OwnAvailability;
    /** Sends a broadcast presence with the person's show and status; it comes back through {@link OwnPresence.addTo}. */
    readonly send: () => void;
}

const key = (availability: OwnAvailability): string => JSON.stringify(availability);

/** Keeps what contacts are told up to date. */
export class OwnPresence {
    /** What is told now: like `current()`, but not shaken by a short gap. */
    private told: OwnAvailability = null;
    /** What the last broadcast on this stream said; null: none was sent yet. */
    private sent: string | null = null;
    private settling: (() => void) | null = null;
    private gap: (() => void) | null = null;

    constructor(private readonly needs: OwnPresenceNeeds) {}

    /** Something that it depends on may have changed. */
    update(): void {
        const current = this.needs.current();
        if (current?.availability === 'closed' && this.told !== null && this.told.availability !== 'closed') {
            this.gap ??= this.needs.clock.after(GAP, () => {
                this.gap = null;
                this.tell(this.needs.current());
            });
            return;
        }
        this.gap?.();
        this.gap = null;
        this.tell(current);
    }

    /** The elements for a broadcast presence that is being built now. */
    elements(): Element[] {
        this.sent = key(this.told);
        return this.told === null ? [] : buildAvailability(this.told);
    }

    /** A new stream: a presence of Converse's will go out. A resumed one gets none: one is sent. */
    onStream(resumed: boolean): void {
        this.sent = null;
        if (resumed) this.settle();
    }

    /** Ends every timer. */
    stop(): void {
        this.gap?.();
        this.settling?.();
        this.gap = this.settling = null;
        this.sent = null;
        this.told = null;
    }

    private tell(availability: OwnAvailability): void {
        this.told = availability;
        // Before the first presence of a stream there is nothing to correct.
        if (this.sent !== null && this.sent !== key(availability)) this.settle();
    }

    private settle(): void {
        this.settling ??= this.needs.clock.after(SETTLE, () => {
            this.settling = null;
            if (this.sent !== key(this.told)) this.needs.send();
        });
    }
}
