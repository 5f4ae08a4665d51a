/** What of Converse stands around a call: measured, because Converse says it nowhere. */

/** Width below which a call takes the whole screen (as Converse's own `MOBILE_CUTOFF`). */
export const NARROW = '(max-width: 767.98px)';

/** The page around a call. */
export interface Surroundings {
    /** Where a call may stand. */
    readonly area: DOMRect;
    /** The part of it beside the list of contacts. */
    readonly chats: DOMRect;
    /** The list of contacts, where it stands beside the chats. */
    readonly roster: DOMRect | undefined;
    /** What may never be covered: where messages are written. */
    readonly inputs: readonly DOMRect[];
    /** Where the uppermost of them begins, or the area ends. */
    readonly floor: number;
    /** What is better not covered: with `view_mode: 'overlayed'` the strip of chats. */
    readonly windows: readonly DOMRect[];
    readonly rtl: boolean;
}

const between = (left: number, top: number, right: number, bottom: number): DOMRect =>
    new DOMRect(left, top, right - left, bottom - top);

/** Measures the page around a call. @param root `converse-root` */
export function surroundings(root: HTMLElement): Surroundings {
    const boxes = (selector: string): readonly DOMRect[] =>
        [...root.querySelectorAll(selector)]
            .map((element) => element.getBoundingClientRect())
            .filter(({ width, height }) => width > 0 && height > 0);
    const overlayed = root.matches('.converse-overlayed');
    const rtl = isRtl(root);
    const own = root.matches('.converse-embedded') ? root.getBoundingClientRect() : null;
    const area = between(
        Math.max(own?.left ?? 0, 0),
        Math.max(own?.top ?? 0, 0),
        Math.min(own?.right ?? Infinity, window.innerWidth),
        Math.min(own?.bottom ?? Infinity, window.innerHeight),
    );
    const { left, top, right, bottom } = area;
    const roster = boxes('#controlbox .flyout').find(({ width }) => !overlayed && width < area.width * 0.6);
    const inputs = boxes('converse-chat-bottom-panel, converse-muc-bottom-panel');
    return {
        area,
        chats: rtl
            ? between(left, top, roster?.left ?? right, bottom)
            : between(roster?.right ?? left, top, right, bottom),
        roster,
        inputs,
        floor: Math.min(bottom, ...inputs.map((input) => input.top)),
        windows: overlayed ? boxes('.chatbox .flyout, .toggle-controlbox, #minimized-chats') : [],
        rtl,
    };
}

/** Whether it is read from the right to the left. */
export const isRtl = (element: Element): boolean => getComputedStyle(element).direction === 'rtl';
