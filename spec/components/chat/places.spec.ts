import { accessibilityProblems, allByRole, byRole, nameOf } from '../../support/accessible.js';
import { active, address, call, NO_REACH, NOBODY, over, TRUSTED } from '../../support/fake-phone.js';
import { drawn, stage, type Stage } from '../../support/stage.js';
import { setCurrentPhone } from '../../../src/plugin/phone.js';
import { FakePhone } from '../../support/fake-phone.js';

const JID = 'mercutio@montague.lit';

describe("in Converse's own places", () => {
    let on: Stage;
    beforeEach(async () => {
        on = await stage();
    });
    afterEach(() => on.leave());

    describe('the banner of a conversation', () => {
        it('is there while a call with that person is up, and leads to it', async () => {
            const banner = await on.put('converse-sip-banner', { jid: JID });
            const calls = await on.put('converse-sip-calls');
            expect(banner.textContent.trim()).toBe('');
            on.phone.show(call());
            await drawn();
            expect(banner.textContent.trim()).toBe('');
            on.phone.turn('call-1', active({ answeredAt: Date.now() - 12_500 }));
            await drawn();
            expect(banner.textContent.replace(/\s+/gu, ' ').trim()).toBe('In call 0:12 Return to call');
            expect(await accessibilityProblems(banner)).toEqual([]);
            byRole(calls, 'button', 'Smaller').click();
            await drawn();
            expect(allByRole(calls, 'button', 'Keypad')).toEqual([]);
            byRole(banner, 'button', 'Return to call').click();
            await drawn();
            expect(allByRole(calls, 'button', 'Keypad').length).toBe(1);
            expect(calls.contains(document.activeElement)).toBeTrue();
            on.phone.turn('call-1', over('hung-up'));
            await drawn();
            expect(banner.textContent.trim()).toBe('');
        });

        it('says which of the two connections is down, where the other one is up', async () => {
            const banner = await on.put('converse-sip-banner', { jid: JID });
            const says = async (): Promise<string> => {
                await drawn();
                return banner.textContent.trim();
            };
            on.phone.chatConnected.set(false);
            expect(await says()).toBe('Chat has no connection. Calls go on.');
            expect(await accessibilityProblems(banner)).toEqual([]);
            on.phone.registration.set({ state: 'offline', attempt: 1, retryAt: 0 });
            expect(await says())
                .withContext('both')
                .toBe('');
            on.phone.chatConnected.set(true);
            expect(await says())
                .withContext('of no use without an address')
                .toBe('');
            on.phone.reach.set(JID, { ...NO_REACH, addresses: [address('sip:m@sip.example')] });
            on.phone.registration.set({ state: 'offline', attempt: 2, retryAt: 0 });
            expect(await says()).toBe('Voice & video have no connection. Chat goes on.');
        });

        it('is not there for a call with somebody else', async () => {
            const banner = await on.put('converse-sip-banner', { jid: JID });
            on.phone.show(call({ identity: NOBODY, state: active() }));
            on.phone.show(call({ id: '2', identity: { ...TRUSTED, jid: 'other@montague.lit' }, state: active() }));
            await drawn();
            expect(banner.textContent.trim()).toBe('');
        });
    });

    describe('the roster', () => {
        it('says in words who is on the phone and who can be called', async () => {
            const badge = await on.put('converse-sip-availability');
            badge.setAttribute('jid', JID);
            expect(badge.childElementCount).toBe(0);
            on.phone.reach.set(JID, { ...NO_REACH, availability: 'on-the-phone' });
            expect(nameOf(byRole(badge, 'img'))).toBe('On the phone');
            on.phone.reach.set(JID, { ...NO_REACH, availability: 'open', problem: null });
            expect(nameOf(byRole(badge, 'img'))).toBe('Can be called');
            expect(await accessibilityProblems(badge)).toEqual([]);
            on.phone.reach.set(JID, NO_REACH);
            expect(badge.childElementCount).toBe(0);
            badge.remove();
            expect(on.phone.subscriptions).toBe(0);
        });
    });

    it('say of a message that it belongs to a call', async () => {
        const mark = await on.put('converse-sip-in-call');
        expect(nameOf(byRole(mark, 'img'))).toBe('Written during the call');
        expect(await accessibilityProblems(mark)).toEqual([]);
    });

    describe('the own profile line', () => {
        it('says how voice and video are, and opens their settings', async () => {
            const line = await on.put('converse-sip-profile');
            byRole(line, 'button', 'Voice & video: ready').click();
            expect(on.dialogs).toEqual(['converse-sip-settings-modal']);
            on.phone.registration.set({ state: 'elsewhere' });
            await drawn();
            expect(nameOf(byRole(line, 'button', /^Voice/u))).toBe('Voice & video: active in another tab');
            expect(await accessibilityProblems(line)).toEqual([]);
        });

        it('switches ringing off and on, and says so', async () => {
            const line = await on.put('converse-sip-profile');
            const quiet = byRole(line, 'button', 'Do not ring');
            expect(quiet.getAttribute('aria-pressed')).toBe('false');
            quiet.click();
            await drawn();
            expect(on.phone.asked).toEqual([['setDoNotRing', true]]);
            expect(byRole(line, 'button', 'Voice & video: does not ring')).toBeTruthy();
            expect(quiet.getAttribute('aria-pressed')).toBe('true');
            expect(await accessibilityProblems(line)).toEqual([]);
            on.phone.registration.set({ state: 'elsewhere' });
            await drawn();
            expect(byRole(line, 'button', 'Voice & video: active in another tab')).toBeTruthy();
        });

        it('says when chat is down', async () => {
            const line = await on.put('converse-sip-profile');
            on.phone.chatConnected.set(false);
            await drawn();
            expect(nameOf(byRole(line, 'button', /^Voice/u))).toBe('Voice & video: ready Chat: no connection');
            expect(await accessibilityProblems(line)).toEqual([]);
        });

        it('follows the telephone of the next login, and is empty after logout', async () => {
            const line = await on.put('converse-sip-profile');
            setCurrentPhone(null);
            await drawn();
            expect(on.phone.subscriptions).toBe(0);
            expect(line.textContent.trim()).toBe('');
            const next = new FakePhone();
            next.registration.set({ state: 'needs-credentials' });
            setCurrentPhone(next);
            await drawn();
            expect(nameOf(byRole(line, 'button', /^Voice/u))).toBe('Voice & video: not signed in');
        });
    });

    describe('the history', () => {
        const entry = async (kept: unknown): Promise<HTMLElement> => {
            const attributes: Record<string, unknown> = { time: '2026-11-20T08:15:00.000Z', sip_call: kept };
            return on.put('converse-sip-history', {
                model: { get: (key: string) => attributes[key] },
                chat: { get: () => JID, getDisplayName: () => 'Mercutio' },
            });
        };
        const KEPT = {
            direction: 'incoming',
            reason: 'hung-up',
            video: true,
            startedAt: 0,
            answeredAt: 5_000,
            endedAt: 88_000,
            address: 'sip:m@x',
        };

        it('tells of a call with a time, and calls back in the same way', async () => {
            const element = await entry(KEPT);
            expect(element.textContent).toContain('Incoming video call, 1:23');
            expect(element.querySelector('time')!.textContent).toMatch(/^\d\d:\d\d$/u);
            byRole(element, 'button', 'Call back').click();
            await drawn();
            expect(on.phone.asked).toEqual([['call', JID, { video: true }]]);
            expect(await accessibilityProblems(element)).toEqual([]);
        });

        it('shows a missed call in the danger colour of every theme, with contrast', async () => {
            const element = await entry({ ...KEPT, reason: 'missed', video: false, answeredAt: null });
            expect(element.textContent).toContain('Missed call');
            for (const theme of ['classic', 'dracula', 'cyberpunk', 'nordic']) {
                on.root.className = `conversejs converse-fullscreen theme-${theme}`;
                on.root.dataset['converseTheme'] = theme;
                expect(await accessibilityProblems(element))
                    .withContext(theme)
                    .toEqual([]);
            }
        });

        it('says how sure it was who called, and why', async () => {
            const identity = { ...TRUSTED, level: 'announced', reasons: ['announced'] };
            const element = await entry({ ...KEPT, identity });
            expect(element.querySelector('.sip-level')!.textContent.trim()).toBe('Verified by chat account');
            expect(element.querySelector('.sip-level svg')).not.toBeNull();
            byRole(element, 'button', 'How is this known?').click();
            await drawn();
            expect(byRole(element, 'list').textContent).toContain('mercutio@montague.lit announced this call');
            expect(await accessibilityProblems(element)).toEqual([]);
            const doubtful = await entry({ ...KEPT, identity: { ...TRUSTED, unconfirmed: true } });
            expect(doubtful.textContent).toContain("Mercutio's chat does not confirm this call");
        });

        it('says nothing of it where a plain name said it, and where it was not kept', async () => {
            for (const identity of [TRUSTED, undefined, null, 'x', {}])
                expect((await entry({ ...KEPT, identity })).querySelector('converse-sip-who')).toBeNull();
        });

        it('says why calling back does not work', async () => {
            on.phone.placed = { ok: false, problem: 'no-address' };
            const element = await entry(KEPT);
            byRole(element, 'button', 'Call back').click();
            await drawn();
            expect(byRole(element, 'alert').textContent).toBe('No address for calls is known for this contact.');
        });

        for (const kept of [
            1,
            'x',
            {},
            { ...KEPT, reason: '__proto__' },
            { ...KEPT, endedAt: 'x' },
            { ...KEPT, direction: '' },
        ]) {
            it(`shows nothing of what cannot be read: ${JSON.stringify(kept).slice(0, 40)}`, async () => {
                expect((await entry(kept)).childElementCount).toBe(0);
            });
        }
    });
});
