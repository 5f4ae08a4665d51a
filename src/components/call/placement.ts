/** Where the call stands on the page. Pure: boxes in, a position out. All numbers are CSS pixels of the viewport. */

/** A rectangle, as `getBoundingClientRect()` gives it. */
export interface Box {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
}

/** A place as shares (0 to 1) of the free space, from the bottom end corner: it stays sensible when the page is resized. */
export interface Place {
    readonly x: number;
    readonly y: number;
}

/** Width and height. */
export interface Extent {
    readonly width: number;
    readonly height: number;
}

/** Distance from every edge. */
export const MARGIN = 12;

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));
const overlaps = (a: Box, b: Box): boolean =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const boxAt = (left: number, top: number, { width, height }: Extent): Box => ({
    left,
    top,
    right: left + width,
    bottom: top + height,
});

/**
 * The top left corner for something of a size, inside an area, beside what must not be covered: it gives way upwards, then
 * to the start, then to the end; where there is no room at all, it stays inside the area.
 */
export function place(
    at: Place,
    size: Extent,
    area: Box,
    avoid: readonly Box[],
    rtl: boolean,
): { readonly left: number; readonly top: number } {
    const first = { left: area.left + MARGIN, top: area.top + MARGIN };
    const last = { left: area.right - MARGIN - size.width, top: area.bottom - MARGIN - size.height };
    const x = rtl ? at.x : 1 - at.x;
    let left = clamp(first.left + x * (last.left - first.left), first.left, last.left);
    let top = clamp(first.top + (1 - at.y) * (last.top - first.top), first.top, last.top);
    for (let tries = 0; tries < 8; tries++) {
        const covered = avoid.find((box) => overlaps(boxAt(left, top, size), box));
        if (!covered) break;
        const above = covered.top - MARGIN - size.height;
        const before = covered.left - MARGIN - size.width;
        const after = covered.right + MARGIN;
        if (above >= area.top) top = above;
        else if (before >= area.left) left = before;
        else if (after <= last.left) left = after;
        else break;
    }
    return { left: clamp(left, area.left, last.left), top: clamp(top, area.top, last.top) };
}

/** The place that a corner stands for: the inverse of {@link place}. */
export function placeOf(
    corner: { readonly left: number; readonly top: number },
    size: Extent,
    area: Box,
    rtl: boolean,
): Place {
    const free = {
        width: Math.max(1, area.right - area.left - 2 * MARGIN - size.width),
        height: Math.max(1, area.bottom - area.top - 2 * MARGIN - size.height),
    };
    const x = clamp((corner.left - area.left - MARGIN) / free.width, 0, 1);
    return { x: rtl ? x : 1 - x, y: 1 - clamp((corner.top - area.top - MARGIN) / free.height, 0, 1) };
}
