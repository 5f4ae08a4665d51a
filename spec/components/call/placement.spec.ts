import { MARGIN, place, placeOf, type Box } from '../../../src/components/call/placement.js';

const AREA: Box = { left: 0, top: 0, right: 1000, bottom: 800 };
const SIZE = { width: 300, height: 200 };
const END_BOTTOM = { x: 0, y: 0 };

describe('where a call stands', () => {
    it('is the bottom end corner', () => {
        expect(place(END_BOTTOM, SIZE, AREA, [], false)).toEqual({ left: 688, top: 588 });
        expect(place(END_BOTTOM, SIZE, AREA, [], true)).toEqual({ left: 12, top: 588 });
    });

    it('is above what must not be covered', () => {
        const input: Box = { left: 250, top: 700, right: 1000, bottom: 800 };
        expect(place(END_BOTTOM, SIZE, AREA, [input], false)).toEqual({ left: 688, top: 700 - MARGIN - 200 });
    });

    it('is beside it where there is no room above', () => {
        const chat: Box = { left: 650, top: 100, right: 950, bottom: 800 };
        expect(place(END_BOTTOM, SIZE, AREA, [chat], false)).toEqual({ left: 650 - MARGIN - 300, top: 588 });
    });

    it('gives way to several', () => {
        const strip: Box[] = [
            { left: 650, top: 350, right: 950, bottom: 800 },
            { left: 320, top: 150, right: 640, bottom: 800 },
        ];
        const { left, top } = place(END_BOTTOM, SIZE, AREA, strip, false);
        for (const box of strip) {
            const apart = left >= box.right || left + 300 <= box.left || top >= box.bottom || top + 200 <= box.top;
            expect(apart).toBeTrue();
        }
    });

    it('stays inside an area that is too small', () => {
        const small: Box = { left: 10, top: 10, right: 200, bottom: 100 };
        expect(place(END_BOTTOM, SIZE, small, [small], false)).toEqual({ left: 10, top: 10 });
    });

    it('is remembered as shares, so that it is sensible in a page of another size', () => {
        for (const rtl of [false, true]) {
            const at = placeOf({ left: 350, top: 300 }, SIZE, AREA, rtl);
            expect(place(at, SIZE, AREA, [], rtl)).toEqual({ left: 350, top: 300 });
            expect(
                place(placeOf({ left: 688, top: 588 }, SIZE, AREA, rtl), SIZE, { ...AREA, right: 600 }, [], rtl),
            ).toEqual({ left: 288, top: 588 });
        }
    });

    it('never leaves the area, wherever it was dragged to', () => {
        expect(placeOf({ left: -5000, top: 9000 }, SIZE, AREA, false)).toEqual({ x: 1, y: 0 });
    });
});
