import { accessibilityProblems, allByRole, byRole, descriptionOf, nameOf } from '../../support/accessible.js';
import { drawn, stage, type Stage } from '../../support/stage.js';
import { PREVIEW, type Device } from '../../../src/sip-sidecar/contract/index.js';

const DEVICES: readonly Device[] = [
    { kind: 'microphone', id: 'm1', label: 'Built-in' },
    { kind: 'microphone', id: 'm2', label: '' },
    { kind: 'camera', id: 'c1', label: '<b>Webcam</b>' },
    { kind: 'speaker', id: 's1', label: 'Headset' },
];

describe('the voice and video settings', () => {
    let on: Stage;
    let panel: HTMLElement;
    beforeEach(async () => {
        on = await stage();
        panel = await on.put('converse-sip-settings');
    });
    afterEach(() => on.leave());
    const press = async (name: string): Promise<void> => {
        byRole(panel, 'button', name).click();
        await drawn();
    };
    const status = (): string => byRole(byRole(panel, 'region', 'Account'), 'status').textContent;

    it('say how the registration is, in every state, without anything wrong', async () => {
        const said = new Set<string>();
        for (const registration of [
            { state: 'off' },
            { state: 'needs-credentials' },
            { state: 'elsewhere' },
            { state: 'connecting', attempt: 1 },
            { state: 'offline', attempt: 3, retryAt: 0 },
            { state: 'registered', aor: 'sip:romeo@sip.example', gruu: null },
            { state: 'refused', refusal: 'credentials', status: 403 },
            { state: 'refused', refusal: 'forbidden', status: 403 },
            { state: 'refused', refusal: 'bad-server', status: null },
            { state: 'refused', refusal: 'unsupported', status: null },
        ] as const) {
            on.phone.registration.set(registration);
            await drawn();
            said.add(status());
            expect(await accessibilityProblems(panel))
                .withContext(registration.state)
                .toEqual([]);
        }
        expect(said.size).toBe(10);
    });

    it('take a user name and a password, and keep no password in the form', async () => {
        on.phone.account.set(null);
        on.phone.registration.set({ state: 'needs-credentials' });
        await drawn();
        const [username, password] = [...panel.querySelectorAll('input')];
        expect(nameOf(username!)).toBe('User name');
        expect([nameOf(password!), password!.type, password!.autocomplete]).toEqual([
            'Password',
            'password',
            'current-password',
        ]);
        username!.value = ' romeo ';
        password!.value = ' s3cret ';
        await press('Sign in');
        await press('Sign in');
        expect(on.phone.asked).toEqual([['signIn', { username: 'romeo', password: ' s3cret ' }]]);
        expect(password!.value).toBe('');
        on.phone.registration.set({ state: 'connecting', attempt: 1 });
        await drawn();
        expect(panel.contains(username!)).toBeTrue();
        on.phone.registration.set({ state: 'refused', refusal: 'credentials', status: 403 });
        await drawn();
        expect(status()).toBe('The user name or the password was not accepted.');
        expect(password!.getAttribute('aria-invalid')).toBe('true');
        expect(username!.value).toBe(' romeo ');
    });

    it('sign out, and the focus stays in the dialog', async () => {
        byRole(panel, 'button', 'Sign out').focus();
        await press('Sign out');
        expect(on.phone.asked).toEqual([['signOut']]);
        on.phone.account.set(null);
        on.phone.registration.set({ state: 'needs-credentials' });
        await drawn();
        expect(panel.contains(document.activeElement)).toBeTrue();
    });

    it('ask for nothing where the site signs in by itself', async () => {
        on.phone.asksForCredentials = false;
        on.phone.registration.set({ state: 'refused', refusal: 'credentials', status: 403 });
        await drawn();
        expect(panel.querySelector('form')).toBeNull();
        expect(allByRole(panel, 'button', 'Sign out')).toEqual([]);
    });

    it('choose devices by name; labels are text', async () => {
        on.phone.devices.set(DEVICES);
        on.phone.deviceChoice.set({ microphone: 'm2', camera: 'gone', speaker: '', ringer: '' });
        await drawn();
        const selects = allByRole(panel, 'combobox').filter((each) => each instanceof HTMLSelectElement);
        expect(selects.map(nameOf)).toEqual(['Microphone', 'Camera', 'Speaker', 'Ring tone on']);
        expect(selects.map(({ value }) => value)).toEqual(['m2', '', '', '']);
        expect([...selects[0]!.options].map(({ text }) => text)).toEqual([
            'Default of the browser',
            'Built-in',
            'Microphone 2',
        ]);
        expect(selects[1]!.options[1]!.text).toBe('<b>Webcam</b>');
        selects[3]!.value = 's1';
        selects[3]!.dispatchEvent(new Event('change'));
        expect(on.phone.asked).toEqual([['chooseDevices', { ringer: 's1' }]]);
        expect(await accessibilityProblems(panel)).toEqual([]);
    });

    it('say so where the browser chooses the speaker itself', async () => {
        on.phone.devices.set(DEVICES.filter(({ kind }) => kind !== 'speaker'));
        await drawn();
        expect(panel.textContent).toContain('This browser chooses the speaker itself.');
    });

    it('have no camera where the site has no video', async () => {
        on.phone.video = false;
        on.phone.devices.set(DEVICES);
        await drawn();
        expect(allByRole(panel, 'combobox').map(nameOf)).not.toContain('Camera');
    });

    it('open the devices for a look, and close them when they go', async () => {
        await press('Test the microphone');
        await press('Show the camera');
        const context = new AudioContext();
        const sound = context.createMediaStreamDestination().stream;
        const [track] = document.createElement('canvas').captureStream().getTracks();
        on.phone.setStreams(PREVIEW, { local: new MediaStream([...sound.getTracks(), track!]), remote: null });
        await drawn();
        expect(nameOf(panel.querySelector('meter')!)).toBe('Level of the microphone');
        expect(panel.querySelector('video')!.srcObject).toBe(on.phone.media(PREVIEW).local);
        expect(await accessibilityProblems(panel)).toEqual([]);
        panel.remove();
        await drawn();
        expect(on.phone.asked).toEqual([
            ['preview', { microphone: true, camera: false }],
            ['preview', { microphone: true, camera: true }],
            ['preview', { microphone: false, camera: false }],
        ]);
        expect(on.phone.subscriptions).toBe(0);
        await context.close();
    });

    it('say what is wrong with a device, and what to do', async () => {
        on.phone.previewProblem.set({ device: 'microphone', problem: 'blocked-by-site' });
        await drawn();
        expect(byRole(panel, 'alert').textContent).toContain('Ask the administrator of the site.');
    });

    it('tell what is shared with whom, with one switch', async () => {
        const share = byRole(panel, 'switch', 'Tell my contacts that I can be called') as HTMLInputElement;
        expect(share.checked).toBeTrue();
        expect(panel.textContent).toContain('Your contacts see your address romeo@sip.example');
        share.click();
        await drawn();
        expect(on.phone.asked).toEqual([['share', false]]);
        expect(panel.textContent).toContain('Your address is told to nobody.');
        expect(share.getAttribute('aria-checked')).toBe('false');
    });

    it('do not say that something is shared where the site lets nothing be', async () => {
        on.phone.shared.set({ presence: false, pep: false, message: false, jid: 'always', noticed: true });
        await drawn();
        const share = byRole(panel, 'switch', 'Tell my contacts that I can be called') as HTMLInputElement;
        const asked = spyOn(on.phone, 'share');
        share.click();
        await drawn();
        expect(asked).toHaveBeenCalledOnceWith(true);
        expect(share.checked).toBeFalse();
    });

    it('say each way in which the own addresses go out, and no other', async () => {
        const ways = (): string[] =>
            [...panel.querySelectorAll('#sip-settings-share-hint li')].map((li) => li.textContent);
        expect(ways().length).toBe(4);
        on.phone.shared.set({ presence: false, pep: true, message: false, jid: 'never', noticed: true });
        await drawn();
        expect(ways()).toEqual([
            'It is kept in your chat account, readable for those who may see your availability.',
            'Calls do not tell your chat address.',
        ]);
        expect(descriptionOf(byRole(panel, 'switch', /^Tell/u))).toContain('Calls do not tell your chat address.');
    });

    it('begin with a notice about it until that is read', async () => {
        const first = (): string => panel.querySelector('h6')!.textContent;
        expect(first()).toBe('Account');
        on.phone.shared.set({ ...on.phone.shared.get(), noticed: false });
        await drawn();
        expect(first()).toBe('Sharing');
        expect(panel.textContent).toContain('your contacts see that you can be called, and where');
        expect(await accessibilityProblems(panel)).toEqual([]);
        byRole(panel, 'button', 'Got it').focus();
        await press('Got it');
        expect(on.phone.asked).toEqual([['noticed']]);
        expect(first()).toBe('Account');
        expect(panel.contains(document.activeElement)).toBeTrue();
    });

    it('switch ringing off', async () => {
        const quiet = byRole(panel, 'switch', 'Do not ring') as HTMLInputElement;
        expect(quiet.checked).toBeFalse();
        expect(descriptionOf(quiet)).toContain('refused without a sound');
        quiet.click();
        await drawn();
        expect(on.phone.asked).toEqual([['setDoNotRing', true]]);
        expect(quiet.getAttribute('aria-checked')).toBe('true');
    });

    it('name calls without a conversation, call back, and forget them', async () => {
        expect(panel.textContent).not.toContain('Calls without a conversation');
        const call = { direction: 'incoming', reason: 'missed', video: true, answeredAt: null } as const;
        const times = { startedAt: Date.now() - 180_000, endedAt: Date.now() - 170_000 };
        const address = 'sip:%3Cb%3Emallory@elsewhere.example';
        on.phone.otherCalls.set([
            { ...call, ...times, address },
            { ...call, ...times, address: '' },
        ]);
        await drawn();
        const items = allByRole(panel, 'listitem').filter((item) => item.textContent.includes('Missed'));
        expect(items.map((item) => item.textContent.replace(/\s+/gu, ' ').trim())).toEqual([
            jasmine.stringMatching(/mallory@elsewhere.example Missed video call, 3 minutes ago Call back$/),
            'Unknown caller Missed video call, 3 minutes ago',
        ]);
        expect(panel.querySelector('b')).toBeNull();
        expect(await accessibilityProblems(panel)).toEqual([]);
        await press('Call back');
        expect(on.phone.asked).toEqual([['call', address, { video: true, ask: true }]]);
        on.phone.placed = { ok: false, problem: 'offline' };
        await press('Call back');
        expect(byRole(panel, 'alert').textContent).not.toBe('');
        await press('Forget these');
        expect(panel.textContent).not.toContain('Calls without a conversation');
    });

    it('say of such a call who it said to be, warn, and lead to the conversation', async () => {
        const call = { direction: 'incoming', reason: 'missed', video: false, answeredAt: null } as const;
        const times = { startedAt: Date.now(), endedAt: Date.now() };
        const identity = { level: 'claimed', jid: 'dave@example.net', trusted: false, contact: false } as const;
        const warning = { level: 'conflict', jid: null, inNameOf: 'bob@example.net', reasons: [] } as const;
        on.phone.otherCalls.set([
            {
                ...call,
                ...times,
                address: 'sip:desk@elsewhere.example',
                identity: { ...identity, unconfirmed: false, reasons: ['says-so'] },
            },
            {
                ...call,
                ...times,
                address: 'sip:bob@sip.example',
                identity: { ...identity, unconfirmed: false, ...warning },
            },
        ]);
        await drawn();
        const [claim, conflict] = [...panel.querySelectorAll('converse-sip-other-calls li')];
        expect(claim!.textContent).toContain('Says to be dave@example.net. Not verified');
        expect(conflict!.textContent).toContain('Someone else may be calling in');
        expect(conflict!.textContent).not.toContain('Write a message');
        expect(await accessibilityProblems(panel)).toEqual([]);
        panel.classList.add('modal', 'd-block');
        const close = document.createElement('button');
        close.dataset['bsDismiss'] = 'modal';
        panel.append(close);
        const closed = spyOn(close, 'click');
        await press('Write a message');
        expect(on.phone.asked).toEqual([['openChat', 'dave@example.net']]);
        expect(closed).withContext('the dialog would hide the conversation').toHaveBeenCalledTimes(1);
    });

    it('show both connections', async () => {
        expect(panel.textContent).toContain('Chat: connected');
        on.phone.chatConnected.set(false);
        await drawn();
        expect(panel.textContent).toContain('Chat: no connection');
        expect(status()).toBe('Ready for calls');
    });
});
