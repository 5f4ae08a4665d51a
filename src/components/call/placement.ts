/** Where the call stands on the page. Pure: boxes in, a position out. All numbers are CSS pixels of the viewport. */

/** A place as shares (0 to 1) of the free space, from the bottom end corner: it stays sensible when the page is resized. */
export interface Place {
    readonly x: number;
    readonly y: number;
}

/** A point of the viewport. */
export type Corner = Pick<DOMRect, 'left' | 'top'>;
/** Width and height. */
export type Extent = Pick<DOMRect, 'width' | 'height'>;

/** Distance from every edge. */
export const MARGIN = 12;

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, high));

/** Where the top left corner of something of a size may be within an area. Wider or higher than that: less than nothing. */
const room = ({ left, top, width, height }: DOMRect, size: Extent): DOMRect =>
    new DOMRect(left + MARGIN, top + MARGIN, width - 2 * MARGIN - size.width, height - 2 * MARGIN - size.height);

/**
 * The top left corner for something of a size, inside an area, beside what must not be covered: it gives way upwards, then
 * to the start, then to the end; where there is no room at all, it stays inside the area.
 */
export function place({ x, y }: Place, size: Extent, area: DOMRect, avoid: readonly DOMRect[], rtl: boolean): Corner {
    const free = room(area, size);
    const [last, lowest] = [free.x + free.width, free.y + free.height];
    let left = clamp(free.x + (rtl ? x : 1 - x) * free.width, free.x, last);
    let top = clamp(free.y + (1 - y) * free.height, free.y, lowest);
    for (let tries = 0; tries < 8; tries++) {
        const covered = avoid.find(
            (box) =>
                left < box.right && box.left < left + size.width && top < box.bottom && box.top < top + size.height,
        );
        if (!covered) break;
        const above = covered.top - MARGIN - size.height;
        const before = covered.left - MARGIN - size.width;
        const after = covered.right + MARGIN;
        if (above >= area.top) top = above;
        else if (before >= area.left) left = before;
        else if (after <= last) left = after;
        else break;
    }
    return { left: clamp(left, area.left, last), top: clamp(top, area.top, lowest) };
}

/** The place that a corner stands for: the inverse of {@link place}. */
export function placeOf({ left, top }: Corner, size: Extent, area: DOMRect, rtl: boolean): Place {
    const free = room(area, size);
    const x = clamp((left - free.x) / Math.max(1, free.width), 0, 1);
    return { x: rtl ? x : 1 - x, y: 1 - clamp((top - free.y) / Math.max(1, free.height), 0, 1) };
}
