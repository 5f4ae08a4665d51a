import { accessibilityProblems, allByRole, byRole, nameOf } from '../../support/accessible.js';
import { active, call } from '../../support/fake-phone.js';
import { drawn, stage, type Stage } from '../../support/stage.js';
import type { Quality } from '../../../src/sip-sidecar/contract/index.js';

const GOOD: Quality = {
    level: 'good',
    loss: 0.0124,
    jitter: 8.6,
    roundTrip: 41.2,
    codecs: ['opus', 'VP8'],
    relayed: false,
};

describe('how well a call is heard', () => {
    let on: Stage;
    let calls: HTMLElement;
    beforeEach(async () => {
        on = await stage();
        calls = await on.put('converse-sip-calls');
        on.phone.show(call({ direction: 'outgoing', state: active() }));
        await drawn();
    });
    afterEach(() => on.leave());
    const heard = async (more: Partial<Quality> = {}): Promise<void> => {
        on.phone.quality.set('call-1', { ...GOOD, ...more });
        await drawn();
    };
    const symbol = (): HTMLElement => byRole(calls, 'button', /^Connection: /u);
    const said = (): string => calls.querySelector('converse-sip-quality [aria-live=polite]')!.textContent;
    const numbers = (): string[] => allByRole(calls, 'listitem').map(({ textContent }) => textContent);

    it('is not shown while nothing is known', () => {
        expect(allByRole(calls, 'button', /^Connection/u)).toEqual([]);
    });

    it('is a symbol with another shape for each level, and its word', async () => {
        const shapes = new Set<string>();
        for (const level of ['good', 'fair', 'poor'] as const) {
            await heard({ level });
            expect(nameOf(symbol())).toBe(`Connection: ${level}`);
            shapes.add(getComputedStyle(symbol().querySelector('rect')!).clipPath);
            expect(Math.min(symbol().offsetWidth, symbol().offsetHeight)).toBeGreaterThanOrEqual(24);
        }
        expect(shapes.size).toBe(3);
    });

    it('shows the numbers on a press, and closes again', async () => {
        await heard();
        expect(numbers()).toEqual([]);
        symbol().click();
        await drawn();
        expect(symbol().getAttribute('aria-expanded')).toBe('true');
        expect(numbers()).toEqual([
            'Lost packets: 1.2%',
            'Jitter: 9 ms',
            'Round trip: 41 ms',
            'Codecs: opus, VP8',
            'Path: direct',
        ]);
        expect(await accessibilityProblems(calls)).toEqual([]);
        await heard({ loss: 0.2, relayed: true });
        expect(numbers()[0]).toBe('Lost packets: 20%');
        expect(numbers()[4]).toBe('Path: through a relay server (TURN)');
        symbol().click();
        await drawn();
        expect(numbers()).toEqual([]);
    });

    it('leaves out what is not known yet', async () => {
        await heard({ roundTrip: null, codecs: [], relayed: null });
        symbol().click();
        await drawn();
        expect(numbers()).toEqual(['Lost packets: 1.2%', 'Jitter: 9 ms']);
    });

    it('is not shown while the call is interrupted: the numbers are old', async () => {
        await heard();
        on.phone.turn('call-1', { ...active(), name: 'interrupted' });
        await drawn();
        expect(allByRole(calls, 'button', /^Connection/u)).toEqual([]);
    });

    it('leaves no timer and no subscription behind', async () => {
        await heard({ level: 'poor' });
        const clear = spyOn(window, 'clearTimeout').and.callThrough();
        calls.remove();
        await drawn();
        expect(clear).toHaveBeenCalled();
        expect(on.phone.subscriptions).toBe(0);
    });

    describe('is told politely:', () => {
        beforeEach(() => {
            jasmine.clock().install();
        });
        afterEach(() => {
            jasmine.clock().uninstall();
        });
        const after = async (ms: number): Promise<void> => {
            jasmine.clock().tick(ms);
            await drawn();
        };

        it('once it has been worse for a while, and not when it gets better', async () => {
            await heard();
            await after(10_000);
            expect(said()).toBe('');
            await heard({ level: 'poor' });
            await after(2_000);
            expect(said()).withContext('not at once').toBe('');
            await heard({ level: 'poor', loss: 0.3 });
            await after(2_500);
            expect(said()).toBe('Connection: poor');
            await heard({ level: 'fair' });
            await after(10_000);
            expect(said()).withContext('better').toBe('');
            await heard({ level: 'poor' });
            await after(5_000);
            expect(said()).toBe('Connection: poor');
        });

        it('not where it was bad only for a moment', async () => {
            await heard({ level: 'fair' });
            await after(3_000);
            await heard();
            await after(10_000);
            expect(said()).toBe('');
        });
    });
});
