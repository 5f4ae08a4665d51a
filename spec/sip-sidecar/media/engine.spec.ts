import {
    DeviceError,
    pageClock,
    PREVIEW,
    type CheckResult,
    type Device,
    type DeviceProblem,
    type MediaSession,
} from '../../../src/sip-sidecar/contract/index.js';
import { createMediaEngine, type Engine } from '../../../src/sip-sidecar/media/engine.js';
import { eventually } from '../../support/eventually.js';
import { Told } from './pair.js';

describe('The media engine', () => {
    let devices: (readonly Device[])[];
    let previews: number;
    let problems: (DeviceProblem | null)[];
    let notices: string[];
    let engine: Engine;
    const voice = { video: false, listenOnly: false };

    beforeEach(() => {
        devices = [];
        problems = [];
        notices = [];
        previews = 0;
        engine = createMediaEngine(
            {
                devices: (list) => void devices.push(list),
                previewStreams: () => void (previews += 1),
                previewProblem: (problem) => void problems.push(problem),
                notice: (detail) => void notices.push(detail),
            },
            pageClock,
        );
    });

    afterEach(() => engine.dispose());

    /** Every stream that was opened from now on. */
    function opened(): MediaStream[] {
        const streams: MediaStream[] = [];
        const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        spyOn(navigator.mediaDevices, 'getUserMedia').and.callFake(async (constraints) => {
            const stream = await real(constraints);
            streams.push(stream);
            return stream;
        });
        return streams;
    }
    const live = (streams: MediaStream[]): number =>
        streams.flatMap((stream) => stream.getTracks()).filter((track) => track.readyState === 'live').length;

    it('tells which devices there are', async () => {
        const list = await eventually('devices', () => devices.at(-1));
        expect(new Set(list.map((one) => one.kind))).toEqual(new Set(['microphone', 'camera', 'speaker']));
        expect(list.every((one) => one.id !== '')).toBeTrue();
    });

    it('keeps one session for each call, until it is over', async () => {
        const session = await engine.open('one', voice, new Told());
        expect(engine.sessions.get('one') as MediaSession | undefined).toBe(session);
        expect(engine.streams('one').local?.getAudioTracks().length).toBe(1);
        engine.close('one');
        engine.close('one');
        expect(engine.sessions.get('one')).toBeUndefined();
        expect(engine.streams('one')).toEqual({ local: null, remote: null });
    });

    it('opens nothing for good where a device is wanting', async () => {
        const spy = spyOn(navigator.mediaDevices, 'getUserMedia').and.rejectWith(new DOMException('', 'NotFoundError'));
        await expectAsync(engine.open('one', voice, new Told())).toBeRejectedWithError(DeviceError);
        expect(engine.sessions.get('one')).toBeUndefined();
        spy.and.callThrough();
        expect(await engine.open('one', voice, new Told())).toBe(engine.sessions.get('one')!);
    });

    it('lets a microphone go that is granted after the call was closed', async () => {
        const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        let grant: () => void = () => undefined;
        let late: MediaStreamTrack | undefined;
        spyOn(navigator.mediaDevices, 'getUserMedia').and.callFake(async (constraints) => {
            await new Promise<void>((resolve) => (grant = resolve));
            const stream = await real(constraints);
            late = stream.getAudioTracks()[0];
            return stream;
        });
        const opening = engine.open('one', voice, new Told());
        engine.close('one');
        await expectAsync(opening).toBeRejectedWithError();
        grant();
        await eventually('the late track is stopped', () => late?.readyState === 'ended');
        expect(engine.sessions.get('one')).toBeUndefined();
    });

    it('lets everything go when it is disposed, also what is still being opened', async () => {
        const streams = opened();
        await engine.open('one', { video: true, listenOnly: false }, new Told());
        await engine.preview({ microphone: true, camera: true });
        const pending = engine.open('two', voice, new Told());
        engine.dispose();
        await expectAsync(pending).toBeRejectedWithError();
        await eventually('all was opened', () => streams.length === 3);
        await eventually('all is closed', () => live(streams) === 0);
        expect(engine.streams(PREVIEW)).toEqual({ local: null, remote: null });
    });

    it('makes a call although one of its servers is none', async () => {
        engine.configure({
            iceServers: [{ urls: 'stun:\u202eevil' }, { urls: 'turn:x', username: 'u' }],
            icePolicy: 'all',
            video: true,
        });
        const session = await engine.open('one', voice, new Told());
        expect(await session.createOffer()).toContain(' typ host');
        expect(notices.length).toBe(2);
    });

    it('waits again for a server that was silent, once there may be another network', async () => {
        const { silent } = engine;
        engine.configure({ iceServers: [{ urls: 'stun:127.0.0.1:9' }], icePolicy: 'all', video: true });
        await (await engine.open('one', voice, new Told())).createOffer();
        expect([...silent]).toEqual(['stun:127.0.0.1:9']);
        globalThis.dispatchEvent(new Event('online'));
        expect([...silent]).toEqual([]);
    });

    it('runs one connection test at a time, and ends it when it is disposed', async () => {
        const told: string[] = [];
        const tell = ({ name, result }: CheckResult): void => void told.push(`${name} ${result}`);
        const first = engine.test(tell);
        expect(engine.test(tell)).toBe(first);
        engine.dispose();
        await first;
        expect(told).toEqual(['secure-page running']);
    });

    describe('shows a preview', () => {
        it('of microphone and camera, and closes them', async () => {
            const streams = opened();
            await engine.preview({ microphone: true, camera: true });
            expect(engine.streams(PREVIEW).local?.getTracks().length).toBe(2);
            expect(previews).toBe(1);
            await engine.preview({ microphone: false, camera: true });
            expect(
                engine
                    .streams(PREVIEW)
                    .local?.getTracks()
                    .map((track) => track.kind),
            ).toEqual(['video']);
            await engine.preview({ microphone: false, camera: false });
            expect(engine.streams(PREVIEW).local).toBeNull();
            expect(live(streams)).toBe(0);
            expect(previews).toBe(3);
        });

        it('whose end does not end a call, and the other way round', async () => {
            await engine.preview({ microphone: true, camera: false });
            await engine.open('one', voice, new Told());
            const preview = engine.streams(PREVIEW).local!.getTracks()[0]!;
            const call = engine.streams('one').local!.getTracks()[0]!;
            engine.close('one');
            expect([call.readyState, preview.readyState]).toEqual(['ended', 'live']);
            await engine.open('two', voice, new Told());
            await engine.preview({ microphone: false, camera: false });
            expect(engine.streams('two').local!.getTracks()[0]!.readyState).toBe('live');
        });

        it('that is closed before it was open lets the devices go', async () => {
            const streams = opened();
            const first = engine.preview({ microphone: true, camera: true });
            await engine.preview({ microphone: false, camera: false });
            await first;
            await eventually('it was opened', () => streams.length === 1);
            await eventually('it is closed', () => live(streams) === 0);
            expect(engine.streams(PREVIEW).local).toBeNull();
        });

        it('or the DeviceError that is in its way', async () => {
            spyOn(navigator.mediaDevices, 'getUserMedia').and.rejectWith(new DOMException('', 'NotReadableError'));
            await expectAsync(engine.preview({ microphone: false, camera: true })).toBeRejectedWith(
                new DeviceError({ device: 'camera', problem: 'in-use' }),
            );
            expect(engine.streams(PREVIEW).local).toBeNull();
        });

        it('of the device that is chosen while it runs', async () => {
            await engine.preview({ microphone: true, camera: false });
            const list = await eventually('devices', () => devices.at(-1));
            const chosen = list.filter((one) => one.kind === 'microphone')[1]!;
            engine.chooseDevices({ microphone: chosen.id, camera: '', speaker: '', ringer: '' });
            await eventually(
                'the chosen one',
                () => engine.streams(PREVIEW).local?.getTracks()[0]?.getSettings().deviceId === chosen.id,
            );
        });

        it('or says what is wrong when its device is pulled out', async () => {
            await engine.preview({ microphone: true, camera: false });
            const track = engine.streams(PREVIEW).local!.getTracks()[0]!;
            spyOn(navigator.mediaDevices, 'getUserMedia').and.rejectWith(new DOMException('', 'NotFoundError'));
            track.stop();
            track.dispatchEvent(new Event('ended'));
            await eventually('the problem', () => problems.length > 0);
            expect(problems).toEqual([{ device: 'microphone', problem: 'missing' }]);
            expect(engine.streams(PREVIEW).local).toBeNull();
        });
    });
});
