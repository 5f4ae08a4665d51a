/** What of Converse stands around a call: measured, because Converse says it nowhere. */
import type { Box } from './placement.js';

/** Width below which a call takes the whole screen (as Converse's own `MOBILE_CUTOFF`). */
export const NARROW = '(max-width: 767.98px)';

/** The page around a call. */
export interface Surroundings {
    /** Where a call may stand. */
    readonly area: Box;
    /** The part of it beside the list of contacts. */
    readonly chats: Box;
    /** The foot of the list of contacts; null where it does not stand beside the chats. */
    readonly roster: Box | null;
    /** What may never be covered: where messages are written. */
    readonly inputs: readonly Box[];
    /** What is better not covered: with `view_mode: 'overlayed'` the strip of chats. */
    readonly windows: readonly Box[];
    /** The point from which an element's `left` and `top` count. */
    readonly origin: { readonly left: number; readonly top: number };
    readonly rtl: boolean;
}

const visible = (element: Element): Box | null => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 ? box : null;
};
const boxes = (root: ParentNode, selector: string): readonly Box[] =>
    [...root.querySelectorAll(selector)].map(visible).filter((box) => box !== null);

/** Measures the page around a call. @param root `converse-root` */
export function surroundings(root: HTMLElement): Surroundings {
    const viewport: Box = { left: 0, top: 0, right: window.innerWidth, bottom: window.innerHeight };
    const embedded = root.classList.contains('converse-embedded');
    const overlayed = root.classList.contains('converse-overlayed');
    const rtl = getComputedStyle(root).direction === 'rtl';
    const own = root.getBoundingClientRect();
    const area = embedded ? intersection(own, viewport) : viewport;
    const roster = overlayed ? null : (boxes(root, '#controlbox .flyout')[0] ?? null);
    const beside = roster && roster.right - roster.left < (area.right - area.left) * 0.6 ? roster : null;
    const chats = !beside ? area : rtl ? { ...area, right: beside.left } : { ...area, left: beside.right };
    return {
        area,
        chats,
        roster: beside,
        inputs: boxes(root, 'converse-chat-bottom-panel, converse-muc-bottom-panel'),
        windows: overlayed ? boxes(root, '.chatbox .flyout, .toggle-controlbox, #minimized-chats') : [],
        origin: embedded ? { left: own.left + root.clientLeft, top: own.top + root.clientTop } : { left: 0, top: 0 },
        rtl,
    };
}

function intersection(a: Box, b: Box): Box {
    const both = {
        left: Math.max(a.left, b.left),
        top: Math.max(a.top, b.top),
        right: Math.min(a.right, b.right),
        bottom: Math.min(a.bottom, b.bottom),
    };
    return both.left < both.right && both.top < both.bottom ? both : a;
}
