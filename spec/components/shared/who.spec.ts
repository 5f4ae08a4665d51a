import { partyOf } from '../../../src/components/shared/words.js';
import type { SipWho } from '../../../src/components/shared/who.js';
import type { Identity } from '../../../src/plugin/phone.js';
import { accessibilityProblems, allByRole, byRole, nameOf } from '../../support/accessible.js';
import { call, NOBODY, TRUSTED } from '../../support/fake-phone.js';
import { drawn, stage, type Stage } from '../../support/stage.js';

describe('who it is, and how sure that is', () => {
    let on: Stage;
    beforeEach(async () => {
        on = await stage();
    });
    afterEach(() => on.leave());
    const shown = (identity: Partial<Identity>, properties: Partial<SipWho> = {}): Promise<SipWho> =>
        on.put<SipWho>('converse-sip-who', {
            party: partyOf(call({ identity: { ...TRUSTED, ...identity }, displayName: 'Bobby' }), on.phone),
            ...properties,
        });
    const level = (who: Element): string => who.querySelector('.sip-level span')!.textContent;
    const why = (who: Element): HTMLElement => byRole(who, 'button', 'How is this known?');

    const SHAPES: readonly (readonly [string, Partial<Identity>, mark: string, shape: boolean])[] = [
        ['media-bound', { level: 'media-bound', reasons: ['media-bound', 'announced'] }, 'shield-check', true],
        ['announced', { level: 'announced', reasons: ['announced'] }, 'shield', true],
        ['announced, no contact', { level: 'announced', jid: 'x@y.example', contact: false }, 'none', false],
        ['listed', {}, 'none', false],
        ['listed, not trusted', { trusted: false, reasons: ['domain-not-trusted'] }, 'doubt', true],
        ['not confirmed', { unconfirmed: true, reasons: ['not-confirmed'] }, 'doubt', true],
        ['claimed', { level: 'claimed', reasons: ['says-so'] }, 'claim', false],
        ['nobody', NOBODY, 'none', false],
        ['conflict', { ...NOBODY, level: 'conflict', reasons: ['someone-else-announced'] }, 'warning', true],
    ];
    for (const [name, identity, mark, shape] of SHAPES) {
        it(`${name}: has its shape, and nothing is wrong with it in any theme, open or not`, async () => {
            const who = await shown(identity);
            const frame = who.querySelector<HTMLElement>('.sip-who')!;
            expect(frame.dataset['mark']).toBe(mark);
            expect(who.querySelectorAll('.sip-level > svg').length).toBe(shape ? 1 : 0);
            const dotted = getComputedStyle(who.querySelector('.sip-level')!).borderBlockStartStyle;
            expect(dotted).toBe(mark === 'claim' ? 'dotted' : 'none');
            why(who).click();
            await drawn();
            for (const theme of ['classic', 'dracula', 'cyberpunk', 'nordic']) {
                on.root.className = `conversejs converse-fullscreen theme-${theme}`;
                on.root.dataset['converseTheme'] = theme;
                expect(await accessibilityProblems(who))
                    .withContext(theme)
                    .toEqual([]);
            }
        });
    }

    it('always has the SIP address beside the name, or as the name', async () => {
        for (const [name, identity] of SHAPES)
            expect((await shown(identity)).textContent)
                .withContext(name)
                .toContain('mercutio@sip.example');
    });

    it('has the address first where somebody only says to be somebody', async () => {
        const who = await shown({ level: 'claimed', jid: 'mercutio@montague.lit', reasons: ['says-so'] });
        expect(who.querySelector('.sip-name')!.textContent).toBe('mercutio@sip.example');
        expect(level(who)).toBe('Says to be mercutio@montague.lit. Not verified');
        expect(who.textContent).not.toContain('Mercutio');
    });

    it('says why on a press, and closes again', async () => {
        const who = await shown({ level: 'media-bound', reasons: ['media-bound', 'announced'] });
        const button = why(who);
        expect(button.getAttribute('aria-expanded')).toBe('false');
        expect(allByRole(who, 'list')).toEqual([]);
        button.click();
        await drawn();
        expect(button.getAttribute('aria-expanded')).toBe('true');
        const panel = document.getElementById(button.getAttribute('aria-controls')!)!;
        expect([...panel.querySelectorAll('li')].map((li) => li.textContent)).toEqual([
            'Sound and picture come from the very device that the chat account named.',
            'The chat account mercutio@montague.lit announced this call.',
        ]);
        button.click();
        await drawn();
        expect(panel.isConnected).toBeFalse();
    });

    it('is large enough to be pressed', async () => {
        const { offsetWidth, offsetHeight } = why(await shown({}));
        expect(Math.min(offsetWidth, offsetHeight)).toBeGreaterThanOrEqual(24);
    });

    it('asks an address nobody is known behind only when told to, and offers what it names as a claim', async () => {
        const who = await shown(NOBODY, { address: 'sip:mercutio@sip.example' });
        why(who).click();
        await drawn();
        expect(on.phone.asked).toEqual([]);
        const ask = byRole(who, 'button', 'Ask this address for its chat account');
        ask.click();
        await drawn();
        expect(on.phone.asked).toEqual([['probe', 'sip:mercutio@sip.example']]);
        expect(byRole(who, 'status').textContent).toBe('It names no chat account.');
        on.phone.probed = { jid: 'bob@example.net' };
        ask.click();
        await drawn();
        expect(byRole(who, 'status').textContent).toBe('Says to be bob@example.net. Not verified');
        byRole(who, 'button', 'Write a message').click();
        expect(on.phone.asked.at(-1)).toEqual(['openChat', 'bob@example.net']);
        expect(await accessibilityProblems(who)).toEqual([]);
    });

    it('says that it asks, and asks only once at a time', async () => {
        let answer: (found: null) => void = () => undefined;
        const probe = spyOn(on.phone, 'probe').and.returnValue(new Promise((resolve) => (answer = resolve)));
        const who = await shown(NOBODY, { address: 'sip:mercutio@sip.example' });
        why(who).click();
        await drawn();
        const ask = byRole(who, 'button', 'Ask this address for its chat account');
        ask.click();
        await drawn();
        expect(byRole(who, 'status').textContent).toBe('Asking…');
        expect(ask.getAttribute('aria-disabled')).toBe('true');
        ask.click();
        expect(probe).toHaveBeenCalledTimes(1);
        answer(null);
        await drawn();
        expect(byRole(who, 'status').textContent).toBe('It names no chat account.');
        expect(ask.hasAttribute('aria-disabled')).toBeFalse();
    });

    it('asks nobody where it is known who that is', async () => {
        const who = await shown({});
        why(who).click();
        await drawn();
        expect(allByRole(who, 'button').map(nameOf)).toEqual(['How is this known?']);
    });

    it('stays small however long a JID is', async () => {
        const who = await shown({ level: 'claimed', jid: `${'a'.repeat(1_000)}@${'b.'.repeat(500)}example` });
        who.style.display = 'block';
        who.style.width = '240px';
        expect(who.offsetHeight).toBeLessThan(200);
        expect(who.scrollWidth).toBeLessThanOrEqual(240);
    });

    it('shows hostile names and JIDs as text', async () => {
        const jid = '<img src=x>@\u202Eexample.net';
        const who = await shown({ level: 'claimed', jid, reasons: ['says-so'] });
        why(who).click();
        await drawn();
        expect(who.querySelector('img')).toBeNull();
        expect(level(who)).toContain(jid);
    });
});
