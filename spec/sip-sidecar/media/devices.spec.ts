import { DeviceError, type Device, type DeviceProblem } from '../../../src/sip-sidecar/contract/index.js';
import { createDevices, type Devices, listDevices, stop } from '../../../src/sip-sidecar/media/devices.js';
import { eventually } from '../../support/eventually.js';

const info = (kind: MediaDeviceKind, deviceId: string, label = ''): MediaDeviceInfo => ({
    kind,
    deviceId,
    label,
    groupId: '',
    toJSON: () => ({}),
});
const named = (name: string): DOMException => new DOMException('not for you', name);

describe('Opening devices', () => {
    let end: AbortController;
    let signal: AbortSignal;
    let devices: Devices;
    let told: (readonly Device[])[];
    let policy: jasmine.Spy | null = null;

    beforeEach(() => {
        told = [];
        end = new AbortController();
        ({ signal } = end);
        devices = createDevices((list) => told.push(list), signal);
        const { featurePolicy } = document as { featurePolicy?: { allowsFeature(name: string): boolean } };
        if (featurePolicy) policy = spyOn(featurePolicy, 'allowsFeature').and.returnValue(true);
    });

    afterEach(() => end.abort());

    const getUserMedia = (): jasmine.Spy<MediaDevices['getUserMedia']> => spyOn(navigator.mediaDevices, 'getUserMedia');
    const problem = async (video = false, audio = true): Promise<DeviceProblem | string> => {
        try {
            await devices.open({ microphone: audio, camera: video }, signal);
            return 'opened';
        } catch (error) {
            return error instanceof DeviceError ? error.problem : String(error);
        }
    };
    const states = (microphone: PermissionState, camera: PermissionState): void => {
        spyOn(navigator.permissions, 'query').and.callFake(({ name }) =>
            Promise.resolve({ state: (name as string) === 'camera' ? camera : microphone } as PermissionStatus),
        );
    };

    for (const [name, expected] of Object.entries({
        NotAllowedError: 'denied',
        SecurityError: 'denied',
        NotFoundError: 'missing',
        OverconstrainedError: 'missing',
        NotReadableError: 'in-use',
        AbortError: 'in-use',
        SomethingNewError: 'in-use',
    } as const)) {
        it(`tells ${name} of the microphone as "${expected}"`, async () => {
            getUserMedia().and.rejectWith(named(name));
            expect(await problem()).toEqual({ device: 'microphone', problem: expected });
        });
    }

    it('survives what is no Error at all', async () => {
        getUserMedia().and.returnValue(Promise.reject(Object.create(null) as Error));
        expect(await problem()).toEqual({ device: 'microphone', problem: 'in-use' });
    });

    it('says that the page is not secure before it asks for anything', async () => {
        const spy = getUserMedia();
        const secure = Object.getOwnPropertyDescriptor(window, 'isSecureContext');
        Object.defineProperty(window, 'isSecureContext', { value: false, configurable: true });
        try {
            expect(await problem()).toEqual({ device: 'microphone', problem: 'insecure-page' });
        } finally {
            if (secure) Object.defineProperty(window, 'isSecureContext', secure);
        }
        expect(spy).not.toHaveBeenCalled();
    });

    it('says that the browser has no WebRTC', async () => {
        const spy = getUserMedia();
        const real = Object.getOwnPropertyDescriptor(window, 'RTCPeerConnection')!;
        Object.defineProperty(window, 'RTCPeerConnection', { value: undefined, configurable: true });
        try {
            expect(await problem(true)).toEqual({ device: 'microphone', problem: 'unsupported' });
        } finally {
            Object.defineProperty(window, 'RTCPeerConnection', real);
        }
        expect(spy).not.toHaveBeenCalled();
    });

    it('tells a page that does not pass the permission on from a person who refused', async () => {
        getUserMedia().and.rejectWith(named('NotAllowedError'));
        policy?.and.callFake((name: string) => name !== 'microphone');
        expect(await problem()).toEqual({ device: 'microphone', problem: 'blocked-by-site' });
        policy?.and.callFake((name: string) => name !== 'camera');
        expect(await problem()).toEqual({ device: 'microphone', problem: 'denied' });
        expect(await problem(true)).toEqual({ device: 'camera', problem: 'blocked-by-site' });
    });

    it('tells the same by the list of devices where the browser cannot be asked for its policy', async () => {
        getUserMedia().and.rejectWith(named('NotAllowedError'));
        Object.defineProperty(document, 'featurePolicy', { value: undefined, configurable: true });
        const list = spyOn(navigator.mediaDevices, 'enumerateDevices').and.resolveTo([]);
        try {
            expect(await problem()).toEqual({ device: 'microphone', problem: 'blocked-by-site' });
            list.and.resolveTo([info('audioinput', '')]);
            expect(await problem()).toEqual({ device: 'microphone', problem: 'denied' });
            expect(await problem(true)).toEqual({ device: 'camera', problem: 'blocked-by-site' });
        } finally {
            delete (document as { featurePolicy?: unknown }).featurePolicy;
        }
    });

    describe('for a video call', () => {
        it('names the device that was refused', async () => {
            getUserMedia().and.rejectWith(named('NotAllowedError'));
            states('granted', 'denied');
            expect(await problem(true)).toEqual({ device: 'camera', problem: 'denied' });
        });

        it('names the microphone where both were refused', async () => {
            getUserMedia().and.rejectWith(named('NotAllowedError'));
            states('denied', 'denied');
            expect(await problem(true)).toEqual({ device: 'microphone', problem: 'denied' });
        });

        it('names the device that is missing', async () => {
            getUserMedia().and.rejectWith(named('NotFoundError'));
            const list = spyOn(navigator.mediaDevices, 'enumerateDevices').and.resolveTo([info('audioinput', 'a')]);
            expect(await problem(true)).toEqual({ device: 'camera', problem: 'missing' });
            list.and.resolveTo([info('videoinput', 'v')]);
            expect(await problem(true)).toEqual({ device: 'microphone', problem: 'missing' });
        });

        it('finds out which device another program holds, and keeps nothing open', async () => {
            const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            const probes: MediaStream[] = [];
            getUserMedia().and.callFake(async (constraints) => {
                if (constraints?.video) throw named('NotReadableError');
                const stream = await real(constraints);
                probes.push(stream);
                return stream;
            });
            expect(await problem(true)).toEqual({ device: 'camera', problem: 'in-use' });
            expect(probes.flatMap((one) => one.getTracks()).map((one) => one.readyState)).toEqual(['ended']);
        });

        it('names the camera that a policy kept back without a word, and lets the microphone go', async () => {
            const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            const stream = await real({ audio: true });
            getUserMedia().and.resolveTo(stream);
            policy?.and.callFake((name: string) => name !== 'camera');
            expect(await problem(true)).toEqual({ device: 'camera', problem: 'blocked-by-site' });
            expect(stream.getTracks()[0]?.readyState).toBe('ended');
        });
    });

    it('opens the device that was chosen', async () => {
        await devices.refresh();
        const chosen = told.at(-1)!.filter((one) => one.kind === 'microphone')[1]!;
        devices.choice = { microphone: chosen.id, camera: '', speaker: '', ringer: '' };
        const { microphone, camera } = await devices.open({ microphone: true, camera: false }, signal);
        expect(microphone?.getSettings().deviceId).toBe(chosen.id);
        expect(microphone?.getSettings().echoCancellation).toBeTruthy();
        expect(camera).toBeNull();
        stop({ microphone, camera });
    });

    it('opens the default where the chosen one is gone, and only for that device', async () => {
        await devices.refresh();
        const chosen = told.at(-1)!.find((one) => one.kind === 'camera')!;
        devices.choice = { microphone: 'pulled out', camera: chosen.id, speaker: '', ringer: '' };
        const { microphone, camera } = await devices.open({ microphone: true, camera: true }, signal);
        expect(microphone?.readyState).toBe('live');
        expect(camera?.getSettings().deviceId).toBe(chosen.id);
        stop({ microphone, camera });
    });
});

describe('The list of devices', () => {
    it('holds what can be chosen, once each, labels without tricks', () => {
        const list = listDevices(
            [
                info('audioinput', '', ''),
                info('audioinput', 'default', 'Default - Headset'),
                info('audioinput', 'a', 'Head\u202eset\r\n\u0000 1'),
                info('videoinput', 'v', `Camera ${'x'.repeat(5000)}`),
                info('audiooutput', 's', 'Speaker'),
                info('hologramoutput' as MediaDeviceKind, 'h', 'From the future'),
            ],
            true,
        );
        expect(list.map((one) => [one.kind, one.id])).toEqual([
            ['microphone', 'a'],
            ['camera', 'v'],
            ['speaker', 's'],
        ]);
        expect(list[0]?.label).toBe('Headset 1');
        expect(list[1]!.label.length).toBeLessThan(130);
    });

    it('has no speakers where the browser cannot choose one', () => {
        expect(listDevices([info('audiooutput', 's')], false)).toEqual([]);
    });

    it('is told when it changes, and not when it does not', async () => {
        const told: (readonly Device[])[] = [];
        const end = new AbortController();
        const devices = createDevices((list) => told.push(list), end.signal);
        const list = spyOn(navigator.mediaDevices, 'enumerateDevices').and.resolveTo([info('audioinput', 'a', 'One')]);
        await devices.refresh();
        navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
        list.and.resolveTo([info('audioinput', 'b', 'Two')]);
        navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
        await eventually('the new list', () => told.length === 2);
        expect(told.map((one) => one[0]?.label)).toEqual(['One', 'Two']);
        end.abort();
        list.and.resolveTo([]);
        navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
        await devices.refresh();
        expect(told.length).toBe(2);
    });
});
