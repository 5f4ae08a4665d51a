import type { Call } from '../../../src/plugin/phone.js';
import type { SipCalls } from '../../../src/components/call/calls.js';
import { accessibilityProblems, allByRole, byRole, descriptionOf, nameOf } from '../../support/accessible.js';
import { active, call, NOBODY, over, TRUSTED, VIDEO, VOICE } from '../../support/fake-phone.js';
import { drawn, stage, type Stage } from '../../support/stage.js';

describe('a call that comes in', () => {
    let on: Stage;
    let calls: SipCalls;
    let field: HTMLTextAreaElement;
    const dialog = (): HTMLElement => byRole(calls, 'alertdialog');
    const rings = async (more: Partial<Call> = {}): Promise<void> => {
        on.phone.show(call(more));
        await drawn();
    };
    const choices = (): string[] =>
        [...dialog().querySelectorAll('.sip-choices button')].map((button) => nameOf(button));
    const press = async (name: string): Promise<void> => {
        byRole(calls, 'button', name).click();
        await drawn();
    };
    const key = async (name: string): Promise<void> => {
        document.activeElement!.dispatchEvent(
            new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }),
        );
        await drawn();
    };
    beforeEach(async () => {
        on = await stage();
        field = document.createElement('textarea');
        on.root.append(field);
        document.title = 'The site';
        calls = await on.put('converse-sip-calls');
    });
    afterEach(() => on.leave());

    it('is a dialog named by the contact, with the address beside the name', async () => {
        await rings();
        expect(nameOf(dialog())).toBe('Incoming call from Mercutio');
        expect(dialog().textContent).toContain('mercutio@sip.example');
        expect(document.title).toBe('Incoming call from Mercutio');
        expect(await accessibilityProblems(calls)).toEqual([]);
    });

    it('is named by the address where nobody is known, whatever it calls itself', async () => {
        await rings({ identity: NOBODY, displayName: 'Mercutio' });
        expect(nameOf(dialog())).toBe('Incoming call from mercutio@sip.example');
        expect(descriptionOf(dialog())).toBe('Incoming call Not in your contacts');
        expect(dialog().querySelector('converse-avatar')).toBeNull();
        expect(document.title).toBe('Incoming call from mercutio@sip.example');
    });

    for (const hostile of [
        '<img src=x onerror=alert(1)>',
        '${alert(1)}',
        'A'.repeat(5_000),
        '\u202Egro.elpmaxe@bob',
        '"><script>alert(1)</script>',
    ]) {
        it(`shows the name ${hostile.slice(0, 28)} as harmless text`, async () => {
            await rings({ identity: NOBODY, displayName: hostile, address: `sip:${hostile}@sip.example` });
            expect(dialog().querySelector('img, script')).toBeNull();
            expect(dialog().querySelector('.sip-claim bdi')?.textContent).toContain(hostile.slice(0, 12));
            const { right, left } = dialog().getBoundingClientRect();
            expect(right - left).toBeLessThan(600);
            expect(dialog().scrollWidth).toBeLessThanOrEqual(dialog().clientWidth);
            for (const name of ['Answer', 'Decline'])
                expect(byRole(calls, 'button', name).offsetHeight).toBeGreaterThan(40);
            expect(await accessibilityProblems(calls)).toEqual([]);
        });
    }

    it('says a change of level in one polite sentence, while it rings and in the call', async () => {
        const level = (): HTMLElement => calls.querySelector<HTMLElement>('.sip-level [aria-live=polite]')!;
        await rings({ identity: NOBODY });
        const region = level();
        const rest = dialog().textContent.replace(region.textContent, '');
        await rings({ identity: { ...TRUSTED, level: 'announced', reasons: ['announced'] } });
        expect(level()).toBe(region);
        expect(region.textContent).toBe('Verified by chat account');
        expect(rest).not.toContain('Verified');
        expect(descriptionOf(dialog())).toBe('Incoming call Verified by chat account');
        const bound = { ...TRUSTED, level: 'media-bound', reasons: ['media-bound', 'announced'] } as const;
        await rings({ identity: bound, state: active() });
        const during = level();
        await rings({ identity: { ...bound, level: 'announced', reasons: ['media-relayed'] }, state: active() });
        expect(level()).toBe(during);
        expect(during.textContent).toBe('Verified by chat account, media passes a relay');
    });

    it('is answered and declined', async () => {
        await rings({ video: true });
        await press('Answer');
        await press('Answer with video');
        await press('Decline');
        expect(on.phone.asked).toEqual([
            ['answer', 'call-1', { video: false, listenOnly: false }],
            ['answer', 'call-1', { video: true, listenOnly: false }],
            ['decline', 'call-1'],
        ]);
    });

    it('offers video only where the caller does and the site allows it', async () => {
        await rings();
        expect(choices()).toEqual(['Decline', 'Answer']);
        on.phone.video = false;
        await rings({ video: true });
        expect(choices()).toEqual(['Decline', 'Answer']);
    });

    it('says which device is wanting, and lets one listen only', async () => {
        await rings({
            state: { name: 'incoming', media: VOICE, problem: { device: 'microphone', problem: 'denied' } },
        });
        expect(byRole(calls, 'alert').textContent).toContain('The microphone is not allowed.');
        await press('Listen only');
        expect(on.phone.asked).toEqual([['answer', 'call-1', { video: false, listenOnly: true }]]);
        await rings({ state: { name: 'incoming', media: VOICE, problem: { device: 'camera', problem: 'in-use' } } });
        expect(byRole(calls, 'alert').textContent).toContain('The camera is used');
        expect(choices()).toEqual(['Decline', 'Answer']);
        expect(await accessibilityProblems(calls)).toEqual([]);
    });

    it('takes the focus on the dialog itself, where no key answers or declines, and gives it back', async () => {
        field.focus();
        await rings();
        expect(document.activeElement).toBe(dialog());
        for (const name of ['Enter', ' ', 'Escape']) await key(name);
        expect(on.phone.asked).toEqual([]);
        on.phone.turn('call-1', over('missed'));
        await drawn();
        expect(document.activeElement).toBe(field);
        expect(document.title).toBe('The site');
    });

    it('leaves the focus in a half-typed message and offers a key that leads there and back', async () => {
        field.value = 'Half a mess';
        field.focus();
        await rings();
        expect(document.activeElement).toBe(field);
        expect(dialog().textContent).toContain('Press F8 to get to this call.');
        await key('F8');
        expect(document.activeElement).toBe(dialog());
        await key('F8');
        expect(document.activeElement).toBe(field);
        expect(await accessibilityProblems(calls)).toEqual([]);
    });

    it('leaves F8 alone while there is no call', async () => {
        const event = new KeyboardEvent('keydown', { key: 'F8', bubbles: true, cancelable: true });
        field.dispatchEvent(event);
        await drawn();
        expect(event.defaultPrevented).toBeFalse();
    });

    it('hands the focus on to the call when it is answered, and back when that is over', async () => {
        field.focus();
        await rings();
        byRole(calls, 'button', 'Answer').focus();
        on.phone.turn('call-1', { name: 'connecting', media: VOICE, answeredAt: null });
        await drawn();
        expect(document.activeElement).toBe(byRole(calls, 'button', 'Mute'));
        on.phone.turn('call-1', over('hung-up'));
        await drawn();
        expect(document.activeElement).toBe(byRole(calls, 'button', 'Close'));
        on.phone.dismiss('call-1');
        await drawn();
        expect(document.activeElement).toBe(field);
    });

    it('needs no card when it was declined or missed: the history says it', async () => {
        for (const reason of ['declined', 'missed', 'cancelled'] as const) {
            await rings({ id: reason });
            on.phone.turn(reason, over(reason));
            await drawn();
            expect(on.phone.calls.get()).toEqual([]);
            expect(calls.childElementCount).toBe(0);
        }
        await rings({ id: 'elsewhere' });
        on.phone.turn('elsewhere', over('answered-elsewhere'));
        await drawn();
        expect(byRole(calls, 'status').textContent).toBe('Answered on another device');
    });

    it('keeps the focus from a dialog behind it', async () => {
        await rings();
        let reached = false;
        const trap = (): void => {
            reached = true;
        };
        document.addEventListener('focusin', trap);
        byRole(calls, 'button', 'Decline').focus();
        document.removeEventListener('focusin', trap);
        expect(reached).toBeFalse();
    });

    it('takes the place of a call that is over', async () => {
        on.phone.show(call({ id: 'old', direction: 'outgoing', state: over('failed') }));
        await drawn();
        expect(allByRole(calls, 'region').length).toBe(1);
        await rings();
        expect(allByRole(calls, 'region')).toEqual([]);
        expect(on.phone.calls.get().map(({ id }) => id)).toEqual(['call-1']);
    });

    describe('is heard:', () => {
        let made: { state: string; closed: boolean }[];
        const real = window.AudioContext;
        beforeEach(() => {
            made = [];
            window.AudioContext = class extends real {
                constructor() {
                    super();
                    const entry = { state: 'running', closed: false };
                    made.push(entry);
                    const close = this.close.bind(this);
                    this.close = () => {
                        entry.closed = true;
                        return close();
                    };
                }
            };
        });
        afterEach(() => {
            window.AudioContext = real;
        });

        it('it rings until it is answered', async () => {
            await rings();
            expect(made.map(({ closed }) => closed)).toEqual([false]);
            on.phone.turn('call-1', active());
            await drawn();
            expect(made.map(({ closed }) => closed)).toEqual([true]);
        });

        it('not when the person asked not to be disturbed: the dialog stays quiet in every way', async () => {
            on.settings['show_desktop_notifications'] = true;
            const told = spyOn(window, 'Notification');
            field.focus();
            await rings({ silent: true });
            expect(made).toEqual([]);
            expect(told).not.toHaveBeenCalled();
            expect(document.title).toBe('The site');
            expect(document.activeElement).toBe(field);
            expect(nameOf(dialog())).toBe('Incoming call from Mercutio');
            expect(dialog().textContent).toContain('Silent, because you do not want to be disturbed.');
            await key('F8');
            expect(document.activeElement).toBe(dialog());
        });

        it('beside a silent one', async () => {
            await rings({ silent: true });
            await rings({ id: 'loud', address: 'sip:other@sip.example', identity: NOBODY });
            expect(made.length).toBe(1);
            expect(document.title).toBe('Incoming call from other@sip.example');
        });

        it('only in the tab that has it: one ring, however many tabs show it', async () => {
            field.focus();
            await rings({ elsewhere: true, silent: true });
            expect(made).toEqual([]);
            expect(document.title).toBe('The site');
            expect(document.activeElement).toBe(field);
            expect(dialog().textContent).toContain('In another tab');
            expect(dialog().textContent).toContain('Press F8 to get to this call.');
            expect(dialog().textContent).not.toContain('disturbed');
            await press('Answer');
            expect(on.phone.asked).toEqual([['answer', 'call-1', { video: false, listenOnly: false }]]);
            on.phone.turn('call-1', over('busy'));
            await drawn();
            expect(made).toEqual([]);
        });

        it('nothing of ours while the other side plays something itself', async () => {
            on.phone.show(call({ direction: 'outgoing', state: { name: 'ringing', media: VOICE } }));
            await drawn();
            expect(made.map(({ closed }) => closed)).toEqual([false]);
            on.phone.turn('call-1', { name: 'ringing', media: VOICE, early: true });
            await drawn();
            expect(made.map(({ closed }) => closed)).toEqual([true]);
            expect(calls.querySelector('audio')).not.toBeNull();
        });

        it('nothing goes on when everything is taken away', async () => {
            await rings();
            calls.remove();
            await drawn();
            expect(made.map(({ closed }) => closed)).toEqual([true]);
            expect(document.title).toBe('The site');
            expect(on.phone.subscriptions).toBe(0);
        });

        it('a call out rings back, and a busy one says so', async () => {
            on.phone.show(call({ direction: 'outgoing', state: { name: 'ringing', media: VIDEO } }));
            await drawn();
            expect(made.length).toBe(1);
            on.phone.turn('call-1', over('busy'));
            await drawn();
            expect(made.map(({ closed }) => closed)).toEqual([true, false]);
            on.phone.dismiss('call-1');
            await drawn();
            expect(made.map(({ closed }) => closed)).toEqual([true, true]);
        });
    });
});
