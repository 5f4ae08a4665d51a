/** How the person likes to see calls: remembered in this browser. Holds nothing about anybody. */
import type { Place } from './placement.js';

/** The three sizes of a call (UI.md "Where a call lives"). */
export type Size = 'card' | 'stage' | 'bar';

/** What is remembered. null: never chosen. */
export interface Layout {
    readonly voice: Size | null;
    readonly video: Size | null;
    readonly card: Place | null;
    /** Corner of the self view, clockwise from the bottom end. */
    readonly corner: number;
}

const KEY = 'converse-sip-layout';
const SIZES: readonly unknown[] = ['card', 'stage', 'bar'];

const size = (value: unknown): Size | null => (SIZES.includes(value) ? (value as Size) : null);
const share = (value: unknown): number | null => (typeof value === 'number' && value >= 0 && value <= 1 ? value : null);

/** What was remembered; whatever is wrong in it counts as never chosen. */
export function readLayout(): Layout {
    let kept: Record<string, unknown> = {};
    try {
        kept = { ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as object) };
    } catch {
        // no storage, or not ours: nothing was chosen
    }
    const { x, y } = { ...(kept['card'] as { x?: unknown; y?: unknown } | null | undefined) };
    const at = { x: share(x), y: share(y) };
    return {
        voice: size(kept['voice']),
        video: size(kept['video']),
        card: at.x === null || at.y === null ? null : { x: at.x, y: at.y },
        corner: [0, 1, 2, 3].find((corner) => corner === kept['corner']) ?? 0,
    };
}

/** Remembers a change. */
export function keepLayout(change: Partial<Layout>): void {
    try {
        localStorage.setItem(KEY, JSON.stringify({ ...readLayout(), ...change }));
    } catch {
        // a browser that keeps nothing
    }
}
