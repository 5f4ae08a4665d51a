import { accessibilityProblems, allByRole, byRole, descriptionOf } from '../../support/accessible.js';
import { address, NO_REACH } from '../../support/fake-phone.js';
import { drawn, stage, type Stage } from '../../support/stage.js';

const BOB = 'bob@example.net';

describe('Call and Video call in the heading', () => {
    let on: Stage;
    let heading: HTMLElement;
    const reachable = { ...NO_REACH, addresses: [address('sip:bob@sip.example')], problem: null };
    const press = async (name: string): Promise<void> => {
        byRole(heading, 'button', name).click();
        await drawn();
    };
    beforeEach(async () => {
        on = await stage();
        on.phone.reach.set(BOB, reachable);
        heading = await on.put('converse-sip-heading', { jid: BOB });
    });
    afterEach(() => on.leave());

    it('place the call', async () => {
        await press('Call');
        await press('Video call');
        expect(on.phone.asked).toEqual([
            ['call', BOB, { video: false, jid: 'bob@example.net' }],
            ['call', BOB, { video: true, jid: 'bob@example.net' }],
        ]);
        expect(await accessibilityProblems(heading)).toEqual([]);
    });

    for (const problem of [
        'no-address',
        'off',
        'elsewhere',
        'connecting',
        'offline',
        'refused',
        'in-a-call',
    ] as const) {
        it(`keep the focus, describe why not, and say it when pressed: ${problem}`, async () => {
            on.phone.reach.set(BOB, { ...reachable, problem });
            await drawn();
            for (const name of ['Call', 'Video call']) {
                const button = byRole(heading, 'button', name);
                button.focus();
                expect(document.activeElement).toBe(button);
                expect(button.getAttribute('aria-disabled')).toBe('true');
                expect(descriptionOf(button)).toMatch(/\w/u);
                await press(name);
                expect(byRole(heading, 'status').textContent).toBe(descriptionOf(button));
            }
            expect(on.phone.asked).toEqual([]);
            expect(await accessibilityProblems(heading)).toEqual([]);
        });
    }

    it('can be used the moment an address is known, and not the moment it is gone', async () => {
        on.phone.reach.set(BOB, NO_REACH);
        await drawn();
        expect(byRole(heading, 'button', 'Call').getAttribute('aria-disabled')).toBe('true');
        on.phone.reach.set(BOB, reachable);
        await drawn();
        expect(byRole(heading, 'button', 'Call').hasAttribute('aria-disabled')).toBeFalse();
    });

    it('offer no video to an address that excludes it, and none at all where the site has none', async () => {
        on.phone.reach.set(BOB, { ...reachable, video: false });
        await drawn();
        expect(byRole(heading, 'button', 'Call').hasAttribute('aria-disabled')).toBeFalse();
        expect(descriptionOf(byRole(heading, 'button', 'Video call'))).toBe(
            'This contact can only be called without video.',
        );
        on.phone.video = false;
        on.phone.reach.set(BOB, { ...reachable });
        await drawn();
        expect(allByRole(heading, 'button', 'Video call')).toEqual([]);
    });

    it('say who is on the phone, and stay of use', async () => {
        on.phone.reach.set(BOB, { ...reachable, availability: 'on-the-phone' });
        await drawn();
        expect(descriptionOf(byRole(heading, 'button', 'Call'))).toBe('On the phone');
        expect(heading.querySelector('.sip-talking svg')).not.toBeNull();
        expect(await accessibilityProblems(heading)).toEqual([]);
        await press('Call');
        expect(on.phone.asked.length).toBe(1);
    });

    it('say who takes no calls now, and can be tried all the same', async () => {
        on.phone.reach.set(BOB, { ...reachable, availability: 'closed' });
        await drawn();
        const button = byRole(heading, 'button', 'Call');
        expect(descriptionOf(button)).toBe('Takes no calls now');
        expect(button.title).toBe('Call (Takes no calls now)');
        expect(heading.querySelector('.sip-talking')).toBeNull();
        await press('Call');
        expect(on.phone.asked.length).toBe(1);
    });

    it('tell one device from the person in the menu', async () => {
        const gruu = address('sip:bob@sip.example;gr=urn:uuid:1');
        on.phone.reach.set(BOB, { ...reachable, addresses: [gruu, address('sip:bob@sip.example')] });
        await drawn();
        await press('Other addresses');
        expect(byRole(heading, 'menuitem', 'Call bob@sip.example (one device only)')).toBeTruthy();
        expect(byRole(heading, 'menuitem', 'Call bob@sip.example')).toBeTruthy();
    });

    it('say why a call could not be placed', async () => {
        on.phone.placed = { ok: false, problem: 'offline' };
        await press('Call');
        expect(byRole(heading, 'status').textContent).toBe('The server for voice and video cannot be reached.');
    });

    it('have a menu of the addresses where there are several, for the keyboard too', async () => {
        on.phone.reach.set(BOB, {
            ...reachable,
            addresses: [address('sip:bob@sip.example'), address('tel:+4930123', { video: false })],
        });
        await drawn();
        const caret = byRole(heading, 'button', 'Other addresses');
        expect(caret.getAttribute('aria-expanded')).toBe('false');
        await press('Other addresses');
        const key = async (name: string): Promise<void> => {
            document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
            await drawn();
        };
        const names = allByRole(heading, 'menuitem').map((item) => item.textContent.trim());
        expect(names).toEqual(['Call bob@sip.example', 'Call +4930123', 'Video call to bob@sip.example']);
        expect(document.activeElement?.textContent.trim()).toBe(names[0]);
        await key('ArrowUp');
        expect(document.activeElement?.textContent.trim()).toBe(names[2]);
        await key('Home');
        await key('ArrowDown');
        expect(await accessibilityProblems(heading)).toEqual([]);
        (document.activeElement as HTMLElement).click();
        await drawn();
        expect(on.phone.asked).toEqual([['call', 'tel:+4930123', { video: false, jid: 'bob@example.net' }]]);
        expect(allByRole(heading, 'menu')).toEqual([]);
        await press('Other addresses');
        await key('Escape');
        expect(allByRole(heading, 'menu')).toEqual([]);
        expect(document.activeElement).toBe(byRole(heading, 'button', 'Other addresses'));
    });

    it('show addresses as text, whatever they hold', async () => {
        const hostile = 'sip:<img src=x onerror=alert(1)>@sip.example';
        on.phone.reach.set(BOB, { ...reachable, addresses: [address(hostile), address('sip:b@sip.example')] });
        await drawn();
        await press('Other addresses');
        expect(heading.querySelector('img')).toBeNull();
        expect(heading.textContent).toContain('<img src=x onerror=alert(1)>');
    });

    it('leave no subscription behind', async () => {
        expect(on.phone.subscriptions).toBeGreaterThan(0);
        heading.remove();
        await drawn();
        expect(on.phone.subscriptions).toBe(0);
    });
});
