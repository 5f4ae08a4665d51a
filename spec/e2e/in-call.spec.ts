import { aliceAndBob, hangUp, inACall } from './support/calls.js';
import { story } from './support/house.js';
import { until } from './support/until.js';

describe('In a call', () => {
    story('a muted microphone is silence for the other side, and nothing is renegotiated', async (house) => {
        const { alice, bob } = await inACall(house);
        await bob.hears();
        const invites = await alice.invites();
        await alice.presses('Mute');
        await alice.hasPressed('Mute', true);
        await bob.hearsSilence();
        await alice.hears();
        await alice.presses('Mute');
        await alice.hasPressed('Mute', false);
        await bob.hears();
        expect(await alice.invites()).toBe(invites);
        await hangUp(alice, bob);
    });

    story('the camera of a video call goes off and on without renegotiation', async (house) => {
        const { alice, bob } = await inACall(house, { kind: 'Video call' });
        await bob.sees();
        const invites = await alice.invites();
        await alice.presses('Camera');
        await alice.hasPressed('Camera', false);
        await until(
            'the camera is off',
            async () => !(await alice.liveTracks()).some((track) => track.startsWith('video')),
        );
        await bob.seesNoPicture();
        await alice.presses('Camera');
        await alice.hasPressed('Camera', true);
        await bob.sees();
        expect(await alice.invites()).toBe(invites);
        await hangUp(alice, bob);
    });

    story('the camera can be added to a voice call, by both sides', async (house) => {
        const { alice, bob } = await inACall(house);
        const invites = await alice.invites();
        await alice.presses('Camera');
        await bob.sees();
        expect(await alice.invites()).toBe(invites + 1);
        expect((await bob.liveTracks()).some((track) => track.startsWith('video'))).toBeFalse();
        await bob.presses('Camera');
        await alice.sees();
        await Promise.all([alice.hears(), bob.hears()]);
        await hangUp(bob, alice);
    });

    story('a screen is shown to the other side in a voice call, and is gone with one press', async (house) => {
        const { alice, bob } = await inACall(house);
        const invites = await alice.invites();
        await alice.presses('Share screen');
        await bob.sees();
        await alice.hasPressed('Share screen', true);
        await alice.hasPressed('Camera', false);
        expect((await bob.liveTracks()).some((track) => track.startsWith('video'))).toBeFalse();
        await alice.presses('Share screen');
        await bob.seesNoPicture();
        await alice.hasPressed('Share screen', false);
        expect((await alice.liveTracks()).filter((track) => track.startsWith('video'))).toEqual([]);
        expect(await alice.invites()).toBe(invites + 2);
        await hangUp(alice, bob);
    });

    story('another microphone, camera and speaker are taken without a re-INVITE', async (house) => {
        const { alice, bob } = await inACall(house, { kind: 'Video call' });
        await bob.hears();
        const invites = await alice.invites();
        await alice.opensSettings();
        await alice.choosesDevice('Microphone', 'Fake Audio Input 2');
        await until('the other microphone is used', async () =>
            (await alice.liveTracks()).includes('audio Fake Audio Input 2'),
        );
        await bob.hears();
        await alice.choosesDevice('Speaker', 'Fake Audio Output 2');
        await alice.hears();
        await bob.sees();
        expect(await alice.invites()).toBe(invites);
        expect((await alice.liveTracks()).filter((track) => track.startsWith('audio'))).toEqual([
            'audio Fake Audio Input 2',
        ]);
        await alice.closesSettings();
        await hangUp(bob, alice);
    });

    story('closing, switching and leaving the chat changes nothing, and a banner leads back', async (house) => {
        const { alice, bob } = await inACall(house);
        await alice.shrinksTheCall();
        await alice.opensChatWith('carol');
        await Promise.all([alice.hears(), bob.hears()]);
        await alice.closesChat();
        await Promise.all([alice.hears(), bob.hears()]);
        await alice.opensChatWith('bob');
        const bar = await alice.callHeight();
        await alice.presses('Return to call');
        await until('the call is large again', async () => (await alice.callHeight()) > bar);
        await alice.isInCallWith('Bob');
        await hangUp(alice, bob);
    });

    story('minimizing the chat changes nothing where it is overlayed', async (house) => {
        const { alice, bob } = await inACall(house, { caller: { view_mode: 'overlayed' } });
        await alice.minimizesChat();
        await Promise.all([alice.hears(), bob.hears()]);
        await alice.isInCallWith('Bob');
        await hangUp(alice, bob);
    });

    story('digits go out by the keypad and by the keyboard', async (house) => {
        const { alice, bob } = await inACall(house);
        await alice.presses('Keypad');
        await alice.presses('4');
        await alice.presses('2');
        await alice.page.keyboard.press('#');
        await until('the digits are shown', async () =>
            (await alice.anyCall.locator('output').allInnerTexts()).some((text) => text.trim() === '42#'),
        );
        await alice.screenshot('keypad');
        expect((await alice.sip()).filter(({ method }) => method === 'INFO')).toEqual([]);
        await hangUp(alice, bob);
    });

    story(
        'the page says in its title, and the desktop where the page is hidden, that a call comes in',
        async (house) => {
            const { alice, bob } = await aliceAndBob(
                house,
                {},
                {
                    before: `
                    window.shown = [];
                    window.Notification = class {
                        static permission = 'granted';
                        static requestPermission = async () => 'granted';
                        constructor(title, options) { window.shown.push({ title, body: options?.body ?? '' }); }
                        close() { window.shown.push({ title: 'closed', body: '' }); }
                        addEventListener() {}
                    };
                    Object.defineProperty(document, 'hidden', { get: () => true });
                    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
                `,
                    settings: { show_desktop_notifications: true },
                },
            );
            const title = await bob.page.title();
            await alice.calls('bob');
            await until('the title says it', async () => (await bob.page.title()).includes('Incoming call from Alice'));
            const notifications = () =>
                bob.frame.evaluate(() => (window as unknown as { shown: { title: string; body: string }[] }).shown);
            await until('a notification says it', async () =>
                (await notifications()).some((shown) => shown.title.includes('Incoming call from Alice')),
            );
            await alice.presses('Hang up');
            await bob.seesNoCall();
            await until('the title is what it was', async () => !(await bob.page.title()).includes('call from'));
            expect((await bob.page.title()).replace(/^\(\d+\) /, '')).toBe(title);
            expect((await notifications()).map((shown) => shown.title)).toContain('closed');
        },
    );
});
