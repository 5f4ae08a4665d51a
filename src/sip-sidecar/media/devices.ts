/**
 * The one owner of `getUserMedia`: which devices there are, which were chosen, and how one is opened.
 */
import type { Device, DeviceChoice, DeviceProblem } from '../contract/index.js';
import { cleanText, DeviceError } from '../contract/index.js';
import {
    DEVICES,
    explain,
    KINDS,
    mediaDevices,
    pageProblem,
    problemByName,
    type DeviceName,
    type Wanted,
} from './problems.js';

/** The tracks of one opening; null for what was not wanted. Whoever asked for them stops them. */
export type Tracks = Readonly<Record<DeviceName, MediaStreamTrack | null>>;
/** Chromium's second names for devices that are listed by themselves, too. */
const ALIASES: ReadonlySet<string> = new Set(['', 'default', 'communications']);
/** The longest label that is shown. */
const MAX_LABEL_LENGTH = 120;
const DEFAULTS: DeviceChoice = { microphone: '', camera: '', speaker: '', ringer: '' };

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

/** @param present which of the chosen ones there are; the browser's default is taken where one is gone */
function constraints(
    wanted: Wanted,
    choice: DeviceChoice,
    present = (id: string) => id !== '',
): MediaStreamConstraints {
    const chosen = (device: DeviceName): MediaTrackConstraints =>
        present(choice[device]) ? { deviceId: { exact: choice[device] } } : {};
    return {
        audio: !!wanted.microphone && {
            ...chosen('microphone'),
            echoCancellation: true,
            noiseSuppression: true,
            autoGainControl: true,
        },
        video: !!wanted.camera && {
            ...chosen('camera'),
            width: { ideal: 1280 },
            height: { ideal: 720 },
            frameRate: { ideal: 30, max: 30 },
        },
    };
}

/** Stops tracks and frees their devices. */
export function stop(tracks: Tracks): void {
    for (const device of DEVICES) tracks[device]?.stop();
}

/** Microphones, cameras and speakers of this page. */
export interface Devices {
    /** What the person chose, for all openings from now on. */
    choice: DeviceChoice;
    /**
     * Opens the chosen devices, all by one request; the browser's default where the chosen one is gone.
     *
     * @param signal once it is aborted this rejects, and what is granted later is let go
     * @throws DeviceError
     */
    open(wanted: Wanted, signal: AbortSignal): Promise<Tracks>;
    /** Looks at the list of devices again; labels appear once the person has allowed a device. */
    refresh(): Promise<void>;
}

/**
 * @param changed told the list whenever it is another one
 * @param signal ends that
 */
export function createDevices(changed: (devices: readonly Device[]) => void, signal: AbortSignal): Devices {
    let told = '';

    async function request(wanted: Wanted): Promise<Tracks> {
        const tracks: Record<DeviceName, MediaStreamTrack | null> = { microphone: null, camera: null };
        let asked = DEVICES.filter((device) => wanted[device]);
        if (!asked[0]) return tracks;
        const problem = pageProblem();
        if (problem) throw new DeviceError({ device: asked[0], problem });
        try {
            const stream = await capture(wanted);
            void refresh();
            for (const track of stream.getTracks()) tracks[track.kind === 'audio' ? 'microphone' : 'camera'] = track;
            // Where a policy forbids one of two, Chromium gives the other and says nothing.
            asked = asked.filter((device) => !tracks[device]);
            if (!asked[0]) return tracks;
            stop(tracks);
            throw new DOMException('', 'NotAllowedError');
        } catch (error) {
            throw new DeviceError(
                await explain(asked, error, async () => {
                    for (const track of (await capture({ microphone: true })).getTracks()) track.stop();
                }),
            );
        }
    }

    async function capture(wanted: Wanted): Promise<MediaStream> {
        const { choice } = devices;
        try {
            return await navigator.mediaDevices.getUserMedia(constraints(wanted, choice));
        } catch (error) {
            if (problemByName(error) !== 'missing') throw error;
            const found = await navigator.mediaDevices.enumerateDevices();
            const present = (id: string): boolean => id !== '' && found.some(({ deviceId }) => deviceId === id);
            return await navigator.mediaDevices.getUserMedia(constraints(wanted, choice, present));
        }
    }

    async function refresh(): Promise<void> {
        const found =
            (await mediaDevices()
                ?.enumerateDevices()
                .catch(() => [])) ?? [];
        const list = listDevices(found, hasSpeakers());
        const text = JSON.stringify(list);
        if (signal.aborted || text === told) return;
        told = text;
        changed(list);
    }

    const devices: Devices = {
        choice: DEFAULTS,
        refresh,

        async open(wanted, until) {
            until.throwIfAborted();
            return await new Promise((resolve, reject) => {
                until.addEventListener('abort', () => reject(until.reason as Error));
                request(wanted).then((tracks) => {
                    if (until.aborted) stop(tracks);
                    else resolve(tracks);
                }, reject);
            });
        },
    };
    mediaDevices()?.addEventListener('devicechange', () => void refresh(), { signal });
    return devices;
}

/** What went wrong, for one who can only be told and not answered. */
export const problemOf = (error: unknown, device: DeviceProblem['device']): DeviceProblem =>
    error instanceof DeviceError ? error.problem : { device, problem: 'in-use' };
