import { MARGIN, place, placeOf } from '../../../src/components/call/placement.js';

const AREA = new DOMRect(0, 0, 1000, 800);
const SIZE = { width: 300, height: 200 };
const END_BOTTOM = { x: 0, y: 0 };

describe('where a call stands', () => {
    it('is the bottom end corner', () => {
        expect(place(END_BOTTOM, SIZE, AREA, [], false)).toEqual({ left: 688, top: 588 });
        expect(place(END_BOTTOM, SIZE, AREA, [], true)).toEqual({ left: 12, top: 588 });
    });

    it('is above what must not be covered', () => {
        const input = new DOMRect(250, 700, 750, 100);
        expect(place(END_BOTTOM, SIZE, AREA, [input], false)).toEqual({ left: 688, top: 700 - MARGIN - 200 });
    });

    it('is beside it where there is no room above', () => {
        const chat = new DOMRect(650, 100, 300, 700);
        expect(place(END_BOTTOM, SIZE, AREA, [chat], false)).toEqual({ left: 650 - MARGIN - 300, top: 588 });
    });

    it('gives way to several', () => {
        const strip = [new DOMRect(650, 350, 300, 450), new DOMRect(320, 150, 320, 650)];
        const { left, top } = place(END_BOTTOM, SIZE, AREA, strip, false);
        for (const box of strip) {
            const apart = left >= box.right || left + 300 <= box.left || top >= box.bottom || top + 200 <= box.top;
            expect(apart).toBeTrue();
        }
    });

    it('stays inside an area that is too small', () => {
        const small = new DOMRect(10, 10, 190, 90);
        expect(place(END_BOTTOM, SIZE, small, [small], false)).toEqual({ left: 10, top: 10 });
    });

    it('is remembered as shares, so that it is sensible in a page of another size', () => {
        for (const rtl of [false, true]) {
            const at = placeOf({ left: 350, top: 300 }, SIZE, AREA, rtl);
            expect(place(at, SIZE, AREA, [], rtl)).toEqual({ left: 350, top: 300 });
            expect(
                place(placeOf({ left: 688, top: 588 }, SIZE, AREA, rtl), SIZE, new DOMRect(0, 0, 600, 800), [], rtl),
            ).toEqual({ left: 288, top: 588 });
        }
    });

    it('never leaves the area, wherever it was dragged to', () => {
        expect(placeOf({ left: -5000, top: 9000 }, SIZE, AREA, false)).toEqual({ x: 1, y: 0 });
    });
});
