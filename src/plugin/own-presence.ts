/**
 * The own availability for calls in the own presence (PROTOCOL.md 8.4): written into every broadcast presence, and one more
 * presence for each real change. The person's show and status text stay as they are; nothing goes into directed,
 * subscription or MUC presence.
 */
import type { Clock } from './clock.js';
import type { StanzaBuilder } from './converse.js';
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
    /** Whether a registration that is gone may come back by itself any moment. */
    readonly mayReturn: () => boolean;
    /** What clients that know nothing of this see during a call: a `<show/>` or `<status/>`, or nothing. */
    readonly forOthers: () => Element | null;
    /** Sends a broadcast presence with the person's show and status; it comes back through {@link OwnPresence.addTo}. */
    readonly send: () => Promise<void>;
}

/** Keeps what contacts are told up to date. */
export interface OwnPresence {
    /** Something that it depends on may have changed. */
    update(): void;
    /** A broadcast presence goes out, with or without what {@link addTo} gives it. */
    went(): void;
    /** Completes a broadcast presence that is being built now. The person's own show and text always win. */
    readonly addTo: (stanza: StanzaBuilder) => void;
    /** A new stream, on which Converse sends a presence; or a resumed one, on which it sends none and contacts see the old. */
    onStream(resumed: boolean): void;
}

/** Begins. */
export function createOwnPresence({ clock, current, mayReturn, forOthers, send }: OwnPresenceNeeds): OwnPresence {
    /** What is told now: like `current()`, but not shaken by a short gap. */
    let told: OwnAvailability = null;
    /** What the last broadcast on this stream said; null: none was sent yet, Converse's first one will come. */
    let sent: string | null = null;
    /** The stream was resumed: Converse sends none, so one of ours is due. */
    let due = false;
    let settling = false;
    let gap: (() => void) | null = null;

    const isStale = (): boolean => due || (sent !== null && sent !== JSON.stringify(told));

    const tell = (): void => {
        gap?.();
        gap = null;
        told = current();
        if (settling || !isStale()) return;
        settling = true;
        clock.after(SETTLE, () => {
            settling = false;
            if (isStale()) void send();
        });
    };

    const update = (): void => {
        const wasThere = due || (told !== null && told.availability !== 'closed');
        if (wasThere && current()?.availability === 'closed' && mayReturn()) gap ??= clock.after(GAP, tell);
        else tell();
    };

    const went = (): void => {
        sent = JSON.stringify(told);
        due = false;
    };

    return {
        update,
        went,

        addTo(stanza) {
            went();
            const added = told ? buildAvailability(told) : [];
            const other = told?.availability === 'on-the-phone' ? forOthers() : null;
            const names = Array.from(stanza.tree().children, ({ localName }) => localName);
            if (other && !names.includes(other.localName)) added.push(other);
            for (const each of added) stanza.root().cnode(each).up();
        },

        onStream(resumed) {
            sent = null;
            due = resumed;
            update();
        },
    };
}

/** Keeps the person from being away by the clock while in a call: `touch` is called every second. */
export function keepAwake(clock: Clock, touch: () => void): (inCall: boolean) => void {
    let callOff: (() => void) | undefined;
    return function tick(inCall) {
        callOff?.();
        if (!inCall) return;
        touch();
        callOff = clock.after(1_000, () => tick(true));
    };
}
