import { CHECK_REASONS, CHECKS, type CheckResult } from '../../../src/sip-sidecar/contract/index.js';
import { accessibilityProblems, allByRole, byRole } from '../../support/accessible.js';
import { drawn, stage, type Stage } from '../../support/stage.js';

describe('the connection test in the settings', () => {
    let on: Stage;
    let panel: HTMLElement;
    beforeEach(async () => {
        on = await stage();
        panel = await on.put('converse-sip-connection-test');
    });
    afterEach(() => on.leave());
    const came = async (...checks: Partial<CheckResult>[]): Promise<void> => {
        on.phone.checks.set(
            checks.map((check) => ({ name: 'server', result: 'passed', reason: '', detail: '', ...check })),
        );
        await drawn();
    };
    const press = async (name: string): Promise<void> => {
        byRole(panel, 'button', name).click();
        await drawn();
    };
    const said = (): string[] => allByRole(panel, 'status').map(({ textContent }) => textContent);
    const lines = (): string[] =>
        allByRole(panel, 'listitem').map(({ textContent }) => textContent.trim().replace(/\s+/gu, ' '));

    it('runs on a press, once at a time', async () => {
        expect(lines()).toEqual([]);
        await press('Test the connection');
        expect(on.phone.asked).toEqual([['test']]);
        await came({ name: 'server', result: 'running' }, { name: 'stun' });
        expect(byRole(panel, 'button', 'Test the connection').getAttribute('aria-disabled')).toBe('true');
        await press('Test the connection');
        expect(on.phone.asked.length).toBe(1);
        expect(lines()).toEqual(['SIP server reached: running…', 'STUN: passed']);
    });

    it('says each result with its reason, the next step and what an administrator wants to know', async () => {
        await came(
            { name: 'microphone', result: 'failed', reason: 'denied' },
            { name: 'camera', result: 'skipped', reason: 'switched-off' },
            { name: 'registered', result: 'failed', reason: 'refused', detail: '503 Service Unavailable' },
        );
        expect(lines()).toEqual([
            'Microphone: failed The microphone is not allowed. Allow it in the browser, at the start of the address bar, and try again.',
            'Camera: skipped This site has switched off video.',
            'Registered for calls: failed The server refuses. Tell the administrator what it says. 503 Service Unavailable',
        ]);
        const shapes = [...panel.querySelectorAll('use')].map((use) => use.getAttribute('href'));
        expect(shapes[0]).withContext('one shape for each result').not.toBe(shapes[1]);
    });

    it('tells the results politely, once, at the end', async () => {
        await came({ name: 'server', result: 'running' }, { name: 'stun', result: 'running' });
        expect(said()).toEqual(['The test is running…', '']);
        await came({ name: 'server' }, { name: 'stun', result: 'running' });
        expect(said()).withContext('not each').toEqual(['The test is running…', '']);
        await came({ name: 'server' }, { name: 'stun', result: 'failed', reason: 'no-answer' });
        expect(said()).toEqual(['Connection test: 1 passed, 1 failed, 0 skipped', '']);
    });

    it('has words for every check and every reason, without anything wrong in any theme', async () => {
        for (const name of CHECKS) {
            await came(...CHECK_REASONS.map((reason) => ({ name, result: 'failed' as const, reason })));
            expect(lines().length).toBe(CHECK_REASONS.length);
            for (const line of lines()) expect(line).toMatch(/^[A-Z].*: failed [A-Z].*\.$/u);
        }
        for (const theme of ['classic', 'dracula', 'cyberpunk', 'nordic']) {
            on.root.className = `conversejs converse-fullscreen theme-${theme}`;
            on.root.dataset['converseTheme'] = theme;
            expect(await accessibilityProblems(panel))
                .withContext(theme)
                .toEqual([]);
        }
    });

    it('copies the log, and says so', async () => {
        const write = spyOn(navigator.clipboard, 'writeText').and.resolveTo();
        await press('Copy log for the administrator');
        expect(write).toHaveBeenCalledOnceWith('REGISTER sip:sip.example');
        expect(said()[1]).toBe('Copied. It says who called whom: send it to the administrator only.');
        on.phone.log = '';
        await press('Copy log for the administrator');
        expect(write).toHaveBeenCalledTimes(1);
        expect(said()[1]).toBe('There is nothing to copy yet.');
    });

    it('shows the log selected, to be copied by hand, where the browser does not let it be copied', async () => {
        spyOn(navigator.clipboard, 'writeText').and.rejectWith(new DOMException('', 'NotAllowedError'));
        on.phone.log = '<b>REGISTER</b>\nsip:sip.example';
        await press('Copy log for the administrator');
        const field = byRole(panel, 'textbox', /Copy this text/u) as HTMLTextAreaElement;
        expect(document.activeElement).toBe(field);
        expect(field.value.slice(field.selectionStart, field.selectionEnd)).toBe(on.phone.log);
        expect(panel.querySelector('b')).toBeNull();
        expect(await accessibilityProblems(panel)).toEqual([]);
    });
});
