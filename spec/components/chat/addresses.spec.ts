import { accessibilityProblems, allByRole, byRole, descriptionOf, nameOf } from '../../support/accessible.js';
import { address, NO_REACH } from '../../support/fake-phone.js';
import { drawn, stage, type Stage } from '../../support/stage.js';
import type { Address } from '../../../src/plugin/phone.js';

const BOB = 'bob@example.net';
const HOME = address('sip:bob@sip.example', { source: 'presence' });
const DESK = address('sip:bob@sip.example;gr=urn:uuid:1', { source: 'message' });
const NUMBER = address('tel:+493012345', { source: 'vcard', video: false });

describe("the addresses in a person's details", () => {
    let on: Stage;
    let panel: HTMLElement;
    const know = async (...addresses: readonly Address[]): Promise<void> => {
        on.phone.reach.set(BOB, { ...NO_REACH, addresses, problem: null });
        await drawn();
    };
    const radios = (): HTMLInputElement[] => allByRole(panel, 'radio') as HTMLInputElement[];
    const press = async (name: string): Promise<void> => {
        byRole(panel, 'button', name).click();
        await drawn();
    };
    beforeEach(async () => {
        on = await stage();
        panel = await on.put('converse-sip-addresses', { jid: BOB });
    });
    afterEach(() => on.leave());

    it('are each there with where it is from and how old it is', async () => {
        const now = Date.now();
        await know(
            { ...HOME, seenAt: now - 3 * 60_000 },
            { ...DESK, seenAt: now },
            { ...NUMBER, seenAt: now - 86_400_000 },
        );
        expect(radios().map(nameOf)).toEqual(['bob@sip.example', 'bob@sip.example', '+493012345']);
        expect(radios().map(descriptionOf)).toEqual([
            'from their availability, 3 minutes ago',
            'from a message, now, one device only',
            'from their profile, yesterday, without video',
        ]);
        expect(nameOf(byRole(panel, 'radiogroup'))).toBe('Voice & video addresses');
        for (const theme of ['classic', 'dracula', 'cyberpunk', 'nordic']) {
            on.root.className = `conversejs converse-fullscreen theme-${theme}`;
            on.root.dataset['converseTheme'] = theme;
            expect(await accessibilityProblems(panel))
                .withContext(theme)
                .toEqual([]);
        }
    });

    it('say so where none is known', async () => {
        expect(panel.textContent).toContain('No address is known.');
        expect(await accessibilityProblems(panel)).toEqual([]);
    });

    it('let one be chosen, which does not move from under the keyboard', async () => {
        await know(HOME, NUMBER);
        expect(radios().map(({ checked }) => checked)).toEqual([true, false]);
        const second = radios()[1]!;
        second.focus();
        second.click();
        expect(on.phone.asked).toEqual([['preferAddress', BOB, NUMBER.uri]]);
        await know({ ...NUMBER, source: 'typed' }, HOME);
        expect(document.activeElement).toBe(second);
        expect(radios().map(nameOf)).toEqual(['bob@sip.example', '+493012345']);
        expect(radios().map(({ checked }) => checked)).toEqual([false, true]);
    });

    it('show the one that is used, also where a choice comes to nothing', async () => {
        await know(HOME, NUMBER);
        radios()[1]!.click();
        await know(HOME, NUMBER, DESK);
        expect(radios().map(({ checked }) => checked)).toEqual([true, false, false]);
    });

    it('are removed, and the focus stays here', async () => {
        await know(HOME, NUMBER);
        byRole(panel, 'button', 'Remove +493012345').focus();
        await press('Remove +493012345');
        expect(on.phone.asked).toEqual([['removeAddress', BOB, NUMBER.uri]]);
        await know(HOME);
        expect(panel.contains(document.activeElement)).toBeTrue();
        await press('Remove bob@sip.example');
        await know();
        expect(panel.textContent).toContain('No address is known.');
    });

    it('are added by typing, by keyboard alone', async () => {
        const input = byRole(panel, 'textbox', 'Another address or number') as HTMLInputElement;
        input.value = '  +49 30 12345 ';
        input.form!.requestSubmit();
        await drawn();
        expect(on.phone.asked).toEqual([['addAddress', BOB, '+49 30 12345']]);
        expect(input.value).toBe('');
        expect(input.hasAttribute('aria-invalid')).toBeFalse();
    });

    it('say what is wrong with what was typed, and keep it', async () => {
        on.phone.added = null;
        const input = byRole(panel, 'textbox', 'Another address or number') as HTMLInputElement;
        input.value = '<script>alert(1)</script>';
        await press('Add');
        expect(input.value).toBe('<script>alert(1)</script>');
        expect(input.getAttribute('aria-invalid')).toBe('true');
        expect(byRole(panel, 'alert').textContent).toContain('This is not an address.');
        expect(descriptionOf(input)).toContain('This is not an address.');
        expect(document.activeElement).toBe(input);
        expect(await accessibilityProblems(panel)).toEqual([]);
        on.phone.added = 'sip:x@y.example';
        await press('Add');
        expect(descriptionOf(input)).toBe('');
    });

    it('are suggested where the site has a rule, and taken only on a press', async () => {
        on.phone.suggested = 'sip:bob@rule.example';
        await know(HOME);
        expect(panel.textContent).toContain('By the rule of this site it could be bob@rule.example.');
        expect(on.phone.asked).toEqual([]);
        expect(await accessibilityProblems(panel)).toEqual([]);
        await press('Use it');
        expect(on.phone.asked).toEqual([['addAddress', BOB, 'sip:bob@rule.example']]);
        await know(HOME, address('sip:bob@rule.example', { source: 'typed' }));
        expect(allByRole(panel, 'button', 'Use it')).toEqual([]);
    });

    it('are those of the person whose details are shown now', async () => {
        await know(HOME);
        on.phone.reach.set('carol@example.net', { ...NO_REACH, addresses: [NUMBER] });
        Object.assign(panel, { jid: 'carol@example.net' });
        await drawn();
        expect(radios().map(nameOf)).toEqual(['+493012345']);
        panel.remove();
        expect(on.phone.subscriptions).toBe(0);
    });

    it('are text, whatever they hold', async () => {
        await know(address('sip:<img src=x onerror=alert(1)>@x'));
        expect(panel.querySelector('img')).toBeNull();
    });
});
