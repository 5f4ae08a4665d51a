import type { Call } from '../../../src/plugin/phone.js';
import type { SipCalls } from '../../../src/components/call/calls.js';
import { accessibilityProblems, allByRole, byRole, descriptionOf, nameOf } from '../../support/accessible.js';
import { active, call, VOICE } from '../../support/fake-phone.js';
import { drawn, stage, type Stage } from '../../support/stage.js';
import type { Question } from '../../../src/sip-sidecar/contract/index.js';

const REDIRECT: Question = { kind: 'redirect', to: 'sip:+4930123@gateway.example;user=phone' };
const TAKE_OVER: Question = { kind: 'take-over', from: 'sip:carol@sip.example', displayName: 'Carol' };

describe('a question during a call', () => {
    let on: Stage;
    let calls: SipCalls;
    let field: HTMLTextAreaElement;
    const dialog = (): HTMLElement => byRole(calls, 'alertdialog');
    const shows = async (state: Call['state']): Promise<void> => {
        on.phone.show(call({ direction: 'outgoing', state }));
        await drawn();
    };
    const press = async (name: string): Promise<void> => {
        byRole(calls, 'button', name).click();
        await drawn();
    };
    beforeEach(async () => {
        on = await stage();
        field = document.createElement('textarea');
        on.root.append(field);
        calls = await on.put('converse-sip-calls');
        await shows(active());
    });
    afterEach(() => on.leave());

    it('asks whether another address is to be called, exactly as it would be dialled, with what to mind', async () => {
        on.phone.doubted = 'number';
        await shows({ name: 'ringing', media: VOICE, question: REDIRECT });
        expect(nameOf(dialog())).toBe(
            'Mercutio asks to be called at sip:+4930123@gateway.example;user=phone instead. Call there?',
        );
        expect(descriptionOf(dialog())).toBe('This is a telephone number: charges may apply.');
        await press('Call there');
        await press('Do not call');
        expect(on.phone.asked).toEqual([
            ['reply', 'call-1', true],
            ['reply', 'call-1', false],
        ]);
        expect(await accessibilityProblems(calls)).toEqual([]);
    });

    it('asks whether somebody may take over, with who that claims to be; the call stays in hand', async () => {
        await shows(active({ question: TAKE_OVER }));
        expect(nameOf(dialog())).toBe('Someone wants to take over the call with Mercutio');
        expect(descriptionOf(dialog())).toBe('Says to be carol@sip.example. Not verified Calls itself “Carol”');
        expect(byRole(calls, 'status').textContent).toBe('In call');
        await press('Allow');
        await press('Refuse');
        await press('Hang up');
        expect(on.phone.asked).toEqual([
            ['reply', 'call-1', true],
            ['reply', 'call-1', false],
            ['hangUp', 'call-1'],
        ]);
        expect(await accessibilityProblems(calls)).toEqual([]);
    });

    it('names nobody where nobody is named', async () => {
        await shows(active({ question: { ...TAKE_OVER, from: '', displayName: '' } }));
        expect(descriptionOf(dialog())).toBe('Says to be Unknown caller. Not verified');
    });

    it('has the focus on No, and gives it to the call when it is decided', async () => {
        field.focus();
        await shows(active({ question: TAKE_OVER }));
        expect(nameOf(document.activeElement!)).toBe('Refuse');
        await shows(active());
        expect(allByRole(calls, 'alertdialog')).toEqual([]);
        expect(nameOf(document.activeElement!)).toBe('Mute');
    });

    it('leaves the focus in a half-typed message, and names the key that leads to it', async () => {
        field.value = 'Half a mess';
        field.focus();
        await shows(active({ question: TAKE_OVER }));
        expect(document.activeElement).toBe(field);
        expect(dialog().querySelector('[aria-live=polite]')!.textContent).toBe('Press F8 to get to this call.');
        await calls.takeFocus();
        expect(nameOf(document.activeElement!)).toBe('Refuse');
    });

    it('takes the focus once, not with every change of the call', async () => {
        await shows(active({ question: TAKE_OVER }));
        field.focus();
        await shows(active({ question: TAKE_OVER, media: { ...VOICE, microphone: 'muted' } }));
        expect(document.activeElement).toBe(field);
    });

    it('is the page’s title until it is decided, unless it is another tab’s', async () => {
        document.title = 'The site';
        await shows(active({ question: TAKE_OVER }));
        expect(document.title).toBe('Someone wants to take over the call with Mercutio');
        await shows(active());
        expect(document.title).toBe('The site');
        on.phone.show(call({ direction: 'outgoing', state: active({ question: TAKE_OVER }), elsewhere: true }));
        await drawn();
        expect(document.title).toBe('The site');
    });

    it('is asked on a bar, too', async () => {
        await press('Smaller');
        await shows(active({ question: TAKE_OVER }));
        const { width, height } = byRole(calls, 'button', 'Refuse').getBoundingClientRect();
        expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
    });

    it('shows hostile names as text, and as much of them as there is room for', async () => {
        const displayName = '<img src=x onerror=alert(1)>'.repeat(20);
        await shows(active({ question: { kind: 'take-over', from: `sip:${'a'.repeat(200)}@x`, displayName } }));
        expect(dialog().querySelector('img')).toBeNull();
        expect(dialog().scrollWidth).toBeLessThanOrEqual(dialog().clientWidth);
    });
});
