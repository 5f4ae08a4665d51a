/** Microphone and camera opened for a look. The tracks belong to the preview alone; nothing leaves the page. */
import type { CallStreams, MediaEngineListener } from '../contract/index.js';
import { problemOf, type Devices } from './devices.js';
import { DEVICES, type DeviceName, type Wanted } from './problems.js';

/** The look at one's own devices in the settings. */
export function createPreview(
    devices: Devices,
    listener: Pick<MediaEngineListener, 'previewStreams' | 'previewProblem'>,
) {
    let tracks: readonly MediaStreamTrack[] = [];
    let current: Wanted = {};
    /** Aborted by the next opening: what a superseded one gets is let go. */
    let opening = new AbortController();
    let streams: CallStreams = { local: null, remote: null };

    function take(next: readonly MediaStreamTrack[]): void {
        const old = tracks;
        tracks = next;
        streams = { local: next[0] ? new MediaStream([...next]) : null, remote: null };
        for (const track of old) track.stop();
        if (old[0] ?? next[0]) listener.previewStreams();
    }

    /**
     * Opens what is wanted and closes the rest.
     * @throws DeviceError; then everything is closed
     */
    async function show(wanted: Wanted): Promise<void> {
        opening.abort();
        const { signal } = (opening = new AbortController());
        current = wanted;
        try {
            const opened = await devices.open(wanted, signal);
            take(DEVICES.flatMap((device) => opened[device] ?? []));
            for (const track of tracks) track.addEventListener('ended', again, { signal });
        } catch (error) {
            if (signal.aborted) return;
            current = {};
            take([]);
            throw error;
        }
    }

    function again(): void {
        const device = current.microphone ? 'microphone' : 'camera';
        show(current).then(
            () => listener.previewProblem?.(null),
            (error: unknown) => listener.previewProblem?.(problemOf(error, device)),
        );
    }

    return {
        show,
        streams: (): CallStreams => streams,

        /** The person chose another one. */
        reopen(device: DeviceName): void {
            if (current[device]) again();
        },
    };
}
