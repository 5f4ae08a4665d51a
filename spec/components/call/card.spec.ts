import type { Call } from '../../../src/plugin/phone.js';
import type { EndReason } from '../../../src/sip-sidecar/contract/index.js';
import { accessibilityProblems, allByRole, byRole, nameOf } from '../../support/accessible.js';
import { active, call, NOBODY, over, VIDEO, VOICE } from '../../support/fake-phone.js';
import { drawn, screen, stage, type Stage } from '../../support/stage.js';

describe('a call', () => {
    let on: Stage;
    let calls: HTMLElement;
    const region = (): HTMLElement => byRole(calls, 'region');
    const button = (name: string): HTMLElement => byRole(calls, 'button', name);
    const press = async (name: string): Promise<void> => {
        button(name).click();
        await drawn();
    };
    const shows = async (more: Partial<Call> = {}): Promise<void> => {
        on.phone.show(call({ direction: 'outgoing', state: active(), ...more }));
        await drawn();
    };
    const key = async (name: string, element: Element = document.activeElement!): Promise<void> => {
        element.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
        await drawn();
    };
    const status = (): string => byRole(calls, 'status').textContent;
    const sizeOf = (): string | undefined => /sip-(card|stage|bar)\b/u.exec(region().className)?.[1];

    const begin = async (mode?: string): Promise<void> => {
        on = await stage(mode);
        calls = await on.put('converse-sip-calls');
    };
    beforeEach(() => begin());
    afterEach(() => on.leave());

    const STATES: readonly (readonly [string, Call['state'], string])[] = [
        ['dialling', { name: 'dialling', media: VOICE }, 'Calling…'],
        ['ringing', { name: 'ringing', media: VOICE }, 'Ringing…'],
        ['connecting', { name: 'connecting', media: VOICE, answeredAt: null }, 'Connecting…'],
        ['active', active(), 'In call'],
        ['active, muted', active({ media: { ...VOICE, microphone: 'muted' } }), 'In call'],
        ['active, listening only', active({ media: { ...VOICE, microphone: 'none' } }), 'In call'],
        ['active with video', active({ media: VIDEO }), 'In call'],
        ['held by us', active({ hold: { byUs: true, byThem: false } }), 'On hold'],
        ['held by them', active({ hold: { byUs: false, byThem: true } }), 'On hold'],
        ['without a device', active({ problem: { device: 'camera', problem: 'in-use' } }), 'In call'],
        [
            'interrupted',
            { name: 'interrupted', media: VOICE, hold: { byUs: false, byThem: false }, answeredAt: 0 },
            'Reconnecting…',
        ],
        ['over', over('hung-up'), 'Call ended'],
        ['busy', over('busy'), 'Mercutio is busy'],
        ['failed', over('media-failed'), 'No connection for sound and picture could be made'],
    ];
    for (const [name, state, words] of STATES) {
        it(`${name}: is a region with a status, and nothing is wrong with it in any theme`, async () => {
            await shows({ state });
            expect(nameOf(region())).toBe('Call with Mercutio');
            expect(status()).toBe(words);
            for (const theme of ['classic', 'dracula', 'cyberpunk', 'nordic']) {
                on.root.className = `conversejs converse-fullscreen theme-${theme}`;
                on.root.dataset['converseTheme'] = theme;
                expect(await accessibilityProblems(calls))
                    .withContext(theme)
                    .toEqual([]);
            }
        });
    }

    it('is muted, held and hung up; names stay, tooltips and pressed change', async () => {
        await shows();
        expect([button('Mute').title, button('Mute').getAttribute('aria-pressed')]).toEqual(['Mute', 'false']);
        await press('Mute');
        await press('Hold');
        await press('Camera');
        const media = { ...VOICE, microphone: 'muted', camera: 'on' } as const;
        await shows({ state: active({ media, hold: { byUs: true, byThem: false } }) });
        expect([button('Mute').title, button('Mute').getAttribute('aria-pressed')]).toEqual(['Unmute', 'true']);
        expect([button('Hold').title, button('Hold').getAttribute('aria-pressed')]).toEqual(['Resume', 'true']);
        expect(button('Camera').getAttribute('aria-pressed')).toBe('true');
        await press('Mute');
        await press('Hold');
        await press('Camera');
        await press('Hang up');
        expect(on.phone.asked).toEqual([
            ['mute', 'call-1', true],
            ['hold', 'call-1', true],
            ['camera', 'call-1', true],
            ['mute', 'call-1', false],
            ['hold', 'call-1', false],
            ['camera', 'call-1', false],
            ['hangUp', 'call-1'],
        ]);
    });

    it('has targets of 44 pixels', async () => {
        await shows();
        for (const control of calls.querySelectorAll<HTMLElement>('.sip-controls button')) {
            expect(Math.min(control.offsetWidth, control.offsetHeight)).toBeGreaterThanOrEqual(44);
        }
    });

    it('cannot be held and takes no digits before it is answered, and says so', async () => {
        await shows({ state: { name: 'ringing', media: VOICE } });
        for (const name of ['Hold', 'Keypad']) {
            expect(button(name).getAttribute('aria-disabled')).toBe('true');
            expect(button(name).title).toBe('Possible once the call is answered');
            await press(name);
        }
        expect(on.phone.asked).toEqual([]);
        expect(allByRole(calls, 'group', 'Keypad')).toEqual([]);
    });

    it('has no camera and shares no screen where the site has no video', async () => {
        on.phone.video = false;
        await shows();
        expect(allByRole(calls, 'button', /^(?:Camera|Share screen)$/u)).toEqual([]);
    });

    it('shares a screen, says so, and stops; not before it is answered', async () => {
        await shows({ state: { name: 'ringing', media: VOICE } });
        expect(button('Share screen').getAttribute('aria-disabled')).toBe('true');
        await press('Share screen');
        await shows();
        expect(button('Share screen').getAttribute('aria-pressed')).toBe('false');
        expect(button('Share screen').title).toBe('Share your screen');
        await press('Share screen');
        await shows({ state: active({ media: { ...VOICE, camera: 'screen' } }) });
        expect(button('Share screen').getAttribute('aria-pressed')).toBe('true');
        expect(button('Share screen').title).toBe('Stop sharing your screen');
        expect(button('Camera').getAttribute('aria-pressed')).toBe('false');
        expect(button('Your screen: move to the next corner')).toBeTruthy();
        const preview = calls.querySelector<HTMLElement>('.sip-self video')!;
        expect(getComputedStyle(preview).scale).withContext('not mirrored').toBe('none');
        await press('Share screen');
        expect(on.phone.asked).toEqual([
            ['screen', 'call-1', true],
            ['screen', 'call-1', false],
        ]);
        expect(await accessibilityProblems(calls)).toEqual([]);
    });

    it('has no button for the screen where the browser cannot share one', async () => {
        const devices = Object.getOwnPropertyDescriptor(Navigator.prototype, 'mediaDevices')!;
        Object.defineProperty(Navigator.prototype, 'mediaDevices', { configurable: true, get: () => undefined });
        try {
            await shows();
            expect(allByRole(calls, 'button', 'Share screen')).toEqual([]);
        } finally {
            Object.defineProperty(Navigator.prototype, 'mediaDevices', devices);
        }
    });

    it('can be controlled and hung up while it is interrupted', async () => {
        await shows({
            state: { name: 'interrupted', media: VOICE, hold: { byUs: false, byThem: false }, answeredAt: 0 },
        });
        expect(button('Hold').hasAttribute('aria-disabled')).toBeFalse();
        await press('Mute');
        await press('Hang up');
        expect(on.phone.asked).toEqual([
            ['mute', 'call-1', true],
            ['hangUp', 'call-1'],
        ]);
    });

    it('of another tab is controlled here, but neither seen nor heard', async () => {
        await shows({ video: true, elsewhere: true, state: active({ media: VIDEO }) });
        on.phone.setStreams('call-1', { local: new MediaStream(), remote: new MediaStream() });
        await drawn();
        expect(region().textContent).toContain('In another tab');
        expect(calls.querySelector('audio, video')).toBeNull();
        expect([...calls.querySelectorAll('.sip-controls button')].map(nameOf)).toEqual([
            'Mute',
            'Hold',
            'Keypad',
            'Hang up',
        ]);
        await press('Mute');
        await press('Hold');
        await press('Hang up');
        expect(on.phone.asked).toEqual([
            ['mute', 'call-1', true],
            ['hold', 'call-1', true],
            ['hangUp', 'call-1'],
        ]);
        expect(await accessibilityProblems(calls)).toEqual([]);
    });

    it('never grows over the message input: what does not fit is scrolled, and Hang up stays in sight', async () => {
        const input = document.createElement('converse-chat-bottom-panel');
        Object.assign(input.style, { position: 'fixed', insetInline: '0', insetBlockEnd: '0', blockSize: '60px' });
        on.root.append(input);
        screen(1024, 420);
        const from = '<long>'.repeat(200);
        await shows({ state: active({ question: { kind: 'take-over', from, displayName: from } }) });
        const card = calls.querySelector('.sip-card')!.getBoundingClientRect();
        expect(card.bottom).toBeLessThanOrEqual(input.getBoundingClientRect().top);
        const { top, bottom } = button('Hang up').getBoundingClientRect();
        expect(top).toBeGreaterThan(card.top);
        expect(bottom).toBeLessThanOrEqual(card.bottom);
    });

    it('counts the time from the answer, and nobody is told each second', async () => {
        jasmine.clock().install();
        jasmine.clock().mockDate(new Date(1_000_000));
        try {
            await shows({ state: active({ answeredAt: 988_000 }) });
            const timer = byRole(calls, 'timer');
            expect(timer.textContent).toBe('0:12');
            expect(timer.closest('[aria-live], [role=status]')).toBeNull();
            jasmine.clock().tick(2_000);
            await drawn();
            expect(timer.textContent).toBe('0:14');
        } finally {
            jasmine.clock().uninstall();
        }
    });

    it('sends digits, by press and by keyboard, while the keypad is open; Escape closes only that', async () => {
        await shows();
        button('Mute').focus();
        await key('5');
        button('Keypad').focus();
        await press('Keypad');
        await press('Star');
        await press('1');
        await key('#');
        await key('d');
        await key('Enter');
        expect(on.phone.asked).toEqual([
            ['sendDigits', 'call-1', '*'],
            ['sendDigits', 'call-1', '1'],
            ['sendDigits', 'call-1', '#'],
            ['sendDigits', 'call-1', 'D'],
        ]);
        expect(calls.querySelector('output')?.textContent).toBe('*1#D');
        expect(await accessibilityProblems(calls)).toEqual([]);
        await key('Escape');
        expect(allByRole(calls, 'group', 'Keypad')).toEqual([]);
        await key('Escape');
        expect(on.phone.asked.flat()).not.toContain('hangUp');
        expect(document.activeElement).toBe(button('Keypad'));
    });

    it('leads to the conversation with whoever it is, where there is one', async () => {
        await shows();
        await press('Chat');
        expect(on.phone.asked).toEqual([['chat', 'call-1']]);
        expect(sizeOf()).toBe('card');
        await shows({ identity: { ...NOBODY, level: 'claimed', jid: 'bob@example.net', reasons: ['says-so'] } });
        expect(button('Chat')).toBeTruthy();
        await shows({ identity: NOBODY });
        expect(allByRole(calls, 'button', 'Chat')).toEqual([]);
    });

    it('opens the settings', async () => {
        await shows();
        await press('Voice & video settings');
        expect(on.dialogs).toEqual(['converse-sip-settings-modal']);
    });

    describe('has three sizes:', () => {
        it('a card, a stage, a bar; remembered, and the focus stays', async () => {
            await shows();
            expect(sizeOf()).toBe('card');
            button('Larger').focus();
            await press('Larger');
            expect(sizeOf()).toBe('stage');
            expect(calls.contains(document.activeElement)).toBeTrue();
            await press('Smaller');
            await press('Smaller');
            expect(sizeOf()).toBe('bar');
            expect(allByRole(calls, 'button').map(nameOf)).toEqual(['Larger', 'Mute', 'Hang up']);
            expect(await accessibilityProblems(calls)).toEqual([]);
            on.phone.dismiss('call-1');
            await drawn();
            await shows({ id: 'next' });
            expect(sizeOf()).toBe('bar');
        });

        it('a video call begins on the stage in fullscreen, as a card elsewhere', async () => {
            await shows({ video: true, state: active({ media: VIDEO }) });
            expect(sizeOf()).toBe('stage');
            expect(await accessibilityProblems(calls)).toEqual([]);
            on.leave();
            await begin('overlayed');
            await shows({ video: true, state: active({ media: VIDEO }) });
            expect(sizeOf()).toBe('card');
        });

        it('from the stage one gets to the chat', async () => {
            await shows({ video: true });
            expect(button('Chat').getAttribute('aria-pressed')).toBe('false');
            await press('Chat');
            expect(on.phone.asked).toEqual([['chat', 'call-1']]);
            expect(sizeOf()).toBe('stage');
            expect(button('Chat').getAttribute('aria-pressed')).toBe('true');
            await press('Chat');
            expect(button('Chat').getAttribute('aria-pressed')).toBe('false');
            expect(on.phone.asked.length).toBe(1);
        });

        it('the card stands above the message input and moves by keyboard and by press', async () => {
            const input = document.createElement('converse-chat-bottom-panel');
            Object.assign(input.style, {
                position: 'fixed',
                bottom: '0',
                left: '0',
                right: '0',
                height: '90px',
                display: 'block',
            });
            on.root.append(input);
            await shows();
            // What it shows is drawn after it, and observers of sizes are called after the next frame
            await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
            const box = (): DOMRect => region().getBoundingClientRect();
            expect(box().bottom).toBeLessThanOrEqual(input.getBoundingClientRect().top);
            const before = box();
            await key('ArrowLeft', button('Move'));
            expect(box().left).toBeLessThan(before.left);
            for (let presses = 0; presses < 5; presses++) {
                await press('Move');
                const { left, right, top, bottom } = box();
                expect(left >= 0 && top >= 0 && right <= innerWidth).toBeTrue();
                expect(bottom).toBeLessThanOrEqual(input.getBoundingClientRect().top);
            }
        });

        it('the card is dragged, and stays where it is put', async () => {
            await shows();
            const head = calls.querySelector<HTMLElement>('.sip-head')!;
            spyOn(head, 'setPointerCapture');
            const before = region().getBoundingClientRect();
            const drag = (type: string, x: number, y: number): boolean =>
                head.dispatchEvent(
                    new PointerEvent(type, { bubbles: true, pointerId: 1, button: 0, clientX: x, clientY: y }),
                );
            drag('pointerdown', before.left + 10, before.top + 10);
            drag('pointermove', before.left - 50, before.top - 30);
            drag('pointerup', before.left - 50, before.top - 30);
            await drawn();
            const after = region().getBoundingClientRect();
            expect(Math.abs(after.left - (before.left - 60))).toBeLessThan(3);
            expect(Math.abs(after.top - (before.top - 40))).toBeLessThan(3);
        });
    });

    describe('with video', () => {
        const picture = (): MediaStream => document.createElement('canvas').captureStream();

        it('shows theirs whole, ours mirrored in a corner that can be changed, and plays their sound', async () => {
            const streams = { local: picture(), remote: picture() };
            on.phone.setStreams('call-1', streams);
            await shows({ video: true, state: active({ media: VIDEO }) });
            const remote = calls.querySelector<HTMLVideoElement>('video.sip-remote')!;
            expect(remote.srcObject).toBe(streams.remote);
            expect(remote.muted).toBeTrue();
            expect(getComputedStyle(remote).objectFit).toBe('contain');
            const own = button('Your camera: move to the next corner');
            expect(own.querySelector('video')!.srcObject).toBe(streams.local);
            expect(calls.querySelector('audio')!.srcObject).toBe(streams.remote);
            const before = own.getBoundingClientRect().left;
            own.click();
            await drawn();
            expect(own.getBoundingClientRect().left).not.toBe(before);
        });

        it('shows no black box: the person while there is no picture, and not ourselves with the camera off', async () => {
            await shows({ video: true, state: active() });
            expect(calls.querySelector('video')).toBeNull();
            expect(calls.querySelector('.sip-picture .sip-avatar')).not.toBeNull();
        });

        it('shows no black box of ourselves while we hold the call', async () => {
            on.phone.setStreams('call-1', { local: picture(), remote: null });
            await shows({ video: true, state: active({ media: { ...VIDEO, remoteVideo: false } }) });
            expect(calls.querySelector('.sip-self')).not.toBeNull();
            const hold = { byUs: true, byThem: false };
            await shows({ video: true, state: active({ media: { ...VIDEO, remoteVideo: false }, hold }) });
            expect(calls.querySelector('.sip-self')).toBeNull();
        });

        it('keeps playing when the size changes', async () => {
            on.phone.setStreams('call-1', { local: null, remote: picture() });
            await shows();
            const audio = calls.querySelector('audio');
            await press('Larger');
            expect(calls.querySelector('audio')).toBe(audio);
        });

        it('is not begun anew by a second that passes, or by a change of the call', async () => {
            on.phone.setStreams('call-1', { local: picture(), remote: picture() });
            await shows({ video: true, state: active({ media: VIDEO }) });
            expect(calls.querySelectorAll('audio, video').length).toBe(3);
            const given = spyOnProperty(HTMLMediaElement.prototype, 'srcObject', 'set');
            await shows({ video: true, state: active({ media: { ...VIDEO, microphone: 'muted' } }) });
            calls.querySelector<HTMLElement & { requestUpdate(): void }>('converse-sip-call')!.requestUpdate();
            await drawn();
            expect(given).not.toHaveBeenCalled();
        });

        it('asks for a press where the browser plays nothing by itself', async () => {
            const play = spyOn(HTMLMediaElement.prototype, 'play').and.rejectWith(
                new DOMException('', 'NotAllowedError'),
            );
            on.phone.setStreams('call-1', { local: null, remote: new MediaStream() });
            await shows();
            await drawn();
            expect(button('Press to hear')).toBeDefined();
            expect(await accessibilityProblems(calls)).toEqual([]);
            play.and.resolveTo();
            await press('Press to hear');
            await drawn();
            expect(allByRole(calls, 'button', 'Press to hear')).toEqual([]);
        });

        it('lets go of the streams when it goes', async () => {
            on.phone.setStreams('call-1', { local: picture(), remote: picture() });
            await shows({ video: true, state: active({ media: VIDEO }) });
            const media = [...calls.querySelectorAll<HTMLMediaElement>('audio, video')];
            expect(media.length).toBe(3);
            calls.remove();
            await drawn();
            expect(media.map(({ srcObject }) => srcObject)).toEqual([null, null, null]);
            expect(on.phone.subscriptions).toBe(0);
        });
    });

    describe('that is over', () => {
        beforeEach(() => jasmine.clock().install());
        afterEach(() => jasmine.clock().uninstall());
        const ends = async (reason: EndReason, more: Partial<Call> = {}): Promise<void> => {
            await shows(more);
            on.phone.turn('call-1', over(reason, more.state?.name === 'ended' ? more.state : {}));
            await drawn();
        };
        const after = async (milliseconds: number): Promise<number> => {
            jasmine.clock().tick(milliseconds);
            await drawn();
            return on.phone.calls.get().length;
        };

        it('stays for three seconds with the reason', async () => {
            await ends('hung-up');
            expect(status()).toBe('Call ended');
            expect(await after(2_900)).toBe(1);
            expect(await after(200)).toBe(0);
        });

        it('stays until it is closed when it failed', async () => {
            await ends('connection-lost');
            expect(await after(60_000)).toBe(1);
            await press('Close');
            expect(on.phone.calls.get()).toEqual([]);
        });

        it('waits while somebody is about to choose', async () => {
            await ends('busy');
            button('Write a message').focus();
            expect(await after(10_000)).toBe(1);
            (document.activeElement as HTMLElement).blur();
            expect(await after(3_000)).toBe(0);
        });

        it('can be placed again', async () => {
            await ends('no-answer', { video: true });
            await press('Call again');
            expect(on.phone.asked).toEqual([
                ['call', 'mercutio@montague.lit', { video: true }],
                ['dismiss', 'call-1'],
            ]);
        });

        it('says why where it cannot be placed again now', async () => {
            on.phone.placed = { ok: false, problem: 'offline' };
            await ends('connection-lost');
            await press('Call again');
            expect(on.phone.asked).toEqual([['call', 'mercutio@montague.lit', { video: false }]]);
            expect(byRole(calls, 'alert').textContent).toContain('cannot be reached');
        });

        it('can be placed again at the address where nobody is known', async () => {
            await ends('unavailable', { identity: NOBODY, address: 'sip:dave@sip.example' });
            expect(allByRole(calls, 'button', 'Write a message')).toEqual([]);
            await press('Call again');
            expect(on.phone.asked.find(([what]) => what === 'call')).toEqual([
                'call',
                'sip:dave@sip.example',
                { video: false },
            ]);
        });

        it('is placed without video where only the camera failed', async () => {
            const problem = { device: 'camera', problem: 'in-use' } as const;
            await ends('no-device', { video: true, state: over('no-device', { problem }) });
            expect(byRole(calls, 'alert').textContent).toContain('The camera is used by another program.');
            await press('Call without video');
            expect(on.phone.asked.find(([what]) => what === 'call')).toEqual([
                'call',
                'mercutio@montague.lit',
                { video: false },
            ]);
        });

        it('leads to a message instead', async () => {
            await ends('declined');
            await press('Write a message');
            expect(on.phone.asked).toEqual([
                ['chat', 'call-1'],
                ['dismiss', 'call-1'],
            ]);
        });

        it('leaves no timer behind', async () => {
            await ends('hung-up');
            calls.remove();
            await drawn();
            expect(await after(10_000)).toBe(1);
        });
    });
});

describe('a call on a narrow screen', () => {
    let on: Stage;
    let calls: HTMLElement;
    beforeEach(async () => {
        on = await stage();
        screen(360, 640);
        calls = await on.put('converse-sip-calls');
    });
    afterEach(() => {
        on.leave();
        screen(1280, 800);
    });

    it('is the whole screen, or a bar at its top', async () => {
        on.phone.show(call({ state: active() }));
        await drawn();
        const box = (): DOMRect => byRole(calls, 'region').getBoundingClientRect();
        expect([box().left, box().top, box().width, box().height]).toEqual([0, 0, 360, 640]);
        expect(allByRole(calls, 'button', 'Move')).toEqual([]);
        byRole(calls, 'button', 'Smaller').click();
        await drawn();
        expect(box().top).toBeLessThan(10);
        expect(box().height).toBeLessThan(80);
        byRole(calls, 'button', 'Larger').click();
        await drawn();
        expect(box().height).toBe(640);
        expect(await accessibilityProblems(calls)).toEqual([]);
    });

    it('that comes in stands above a half-typed message', async () => {
        const input = document.createElement('converse-chat-bottom-panel');
        Object.assign(input.style, {
            position: 'fixed',
            bottom: '0',
            left: '0',
            right: '0',
            height: '90px',
            display: 'block',
        });
        on.root.append(input);
        on.phone.show(call());
        await drawn();
        expect(byRole(calls, 'alertdialog').getBoundingClientRect().bottom).toBeLessThanOrEqual(550);
    });
});
