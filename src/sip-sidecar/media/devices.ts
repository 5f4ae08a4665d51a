/**
 * The one owner of `getUserMedia`: which devices there are, which were chosen, and how one is opened.
 */
import type { Device, DeviceChoice, DeviceProblem } from '../contract/index.js';
import { cleanText, DeviceError } from '../contract/index.js';
import { explain, pageProblem, problemByName, type Wanted } from './problems.js';

/** The tracks of one opening; null for what was not wanted. Whoever asked for them stops them. */
export interface Tracks {
    readonly microphone: MediaStreamTrack | null;
    readonly camera: MediaStreamTrack | null;
}

const KINDS: Readonly<Partial<Record<MediaDeviceKind, Device['kind']>>> = {
    audioinput: 'microphone',
    videoinput: 'camera',
    audiooutput: 'speaker',
};
/** Chromium's second names for devices that are listed by themselves, too. */
const ALIASES: ReadonlySet<string> = new Set(['', 'default', 'communications']);
/** The longest label that is shown. */
const MAX_LABEL_LENGTH = 120;
const DEFAULTS: DeviceChoice = { microphone: '', camera: '', speaker: '', ringer: '' };

/** Insecure pages have none. */
const mediaDevices = (): MediaDevices | undefined => navigator.mediaDevices;

/** What an element that plays can be told to use a speaker; Safari and old Firefox cannot. */
const hasSpeakers = (): boolean => 'setSinkId' in HTMLMediaElement.prototype;

/** The devices as they are shown: only such as can be chosen, labels cleaned. */
export function listDevices(found: readonly MediaDeviceInfo[], speakers: boolean): readonly Device[] {
    return found.flatMap(({ kind: name, deviceId, label }) => {
        const kind = KINDS[name];
        return kind === undefined || ALIASES.has(deviceId) || (kind === 'speaker' && !speakers)
            ? []
            : [{ kind, id: deviceId, label: cleanText(label, MAX_LABEL_LENGTH) }];
    });
}

const exactly = (id: string): MediaTrackConstraints => (id === '' ? {} : { deviceId: { exact: id } });

function constraints(wanted: Wanted, choice: DeviceChoice): MediaStreamConstraints {
    return {
        audio: wanted.microphone && {
            ...exactly(choice.microphone),
            echoCancellation: true,
            noiseSuppression: true,
            autoGainControl: true,
        },
        video: wanted.camera && {
            ...exactly(choice.camera),
            width: { ideal: 1280 },
            height: { ideal: 720 },
            frameRate: { ideal: 30, max: 30 },
        },
    };
}

/** Stops tracks and frees their devices. */
export function stop(...tracks: readonly (MediaStreamTrack | null)[]): void {
    for (const track of tracks) track?.stop();
}

/** Microphones, cameras and speakers of this page. */
export class Devices {
    /** What the person chose, for all openings from now on. */
    choice: DeviceChoice = DEFAULTS;
    private told = '';
    private readonly end = new AbortController();

    /** @param changed told the list whenever it is another one */
    constructor(private readonly changed: (devices: readonly Device[]) => void) {
        mediaDevices()?.addEventListener('devicechange', () => void this.refresh(), { signal: this.end.signal });
    }

    /** Calls `listener` when a device was plugged in or pulled out, until `signal` is aborted. */
    onPlugged(listener: () => void, signal: AbortSignal): void {
        mediaDevices()?.addEventListener('devicechange', listener, { signal });
    }

    /**
     * Opens the chosen devices, all by one request; the browser's default where the chosen one is gone.
     *
     * @throws DeviceError
     */
    async open(wanted: Wanted): Promise<Tracks> {
        if (!wanted.microphone && !wanted.camera) return { microphone: null, camera: null };
        const problem = pageProblem();
        if (problem) throw new DeviceError({ device: wanted.microphone ? 'microphone' : 'camera', problem });
        try {
            const stream = await this.request(wanted);
            void this.refresh();
            const tracks = {
                microphone: stream.getAudioTracks()[0] ?? null,
                camera: stream.getVideoTracks()[0] ?? null,
            };
            // Where a policy forbids one of two, Chromium gives the other and says nothing.
            const absent = (device: 'microphone' | 'camera'): boolean => wanted[device] && tracks[device] === null;
            if (!absent('microphone') && !absent('camera')) return tracks;
            stop(tracks.microphone, tracks.camera);
            const silent = { microphone: absent('microphone'), camera: absent('camera') };
            throw new DeviceError(await explain(silent, new DOMException('', 'NotAllowedError')));
        } catch (error) {
            if (error instanceof DeviceError) throw error;
            throw new DeviceError(
                await explain(wanted, error, async () => {
                    stop(...(await this.request({ microphone: true, camera: false })).getTracks());
                }),
            );
        }
    }

    private async request(wanted: Wanted): Promise<MediaStream> {
        const { choice } = this;
        try {
            return await navigator.mediaDevices.getUserMedia(constraints(wanted, choice));
        } catch (error) {
            const ids = [wanted.microphone && choice.microphone, wanted.camera && choice.camera];
            if (problemByName(error) !== 'missing' || !ids.some(Boolean)) throw error;
            const found = new Set((await navigator.mediaDevices.enumerateDevices()).map((one) => one.deviceId));
            const present = (id: string): string => (found.has(id) ? id : '');
            const left = { ...choice, microphone: present(choice.microphone), camera: present(choice.camera) };
            return await navigator.mediaDevices.getUserMedia(constraints(wanted, left));
        }
    }

    /** Looks at the list of devices again; labels appear once the person has allowed a device. */
    async refresh(): Promise<void> {
        const found =
            (await mediaDevices()
                ?.enumerateDevices()
                .catch(() => [])) ?? [];
        const devices = listDevices(found, hasSpeakers());
        const told = JSON.stringify(devices);
        if (this.end.signal.aborted || told === this.told) return;
        this.told = told;
        this.changed(devices);
    }

    dispose(): void {
        this.end.abort();
    }
}

/** What went wrong, for one who can only be told and not answered. */
export const problemOf = (error: unknown, device: DeviceProblem['device']): DeviceProblem =>
    error instanceof DeviceError ? error.problem : { device, problem: 'in-use' };
