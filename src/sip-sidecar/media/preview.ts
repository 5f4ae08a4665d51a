/** Microphone and camera opened for a look. The tracks belong to the preview alone; nothing leaves the page. */
import type { CallStreams, MediaEngineListener } from '../contract/index.js';
import { problemOf, type Devices } from './devices.js';
import { DEVICES, type DeviceName, type Wanted } from './problems.js';

/** The look at one's own devices in the settings. */
export class Preview {
    private tracks: readonly MediaStreamTrack[] = [];
    private wanted: Wanted = {};
    /** Aborted by the next opening: what a superseded one gets is let go. */
    private opening = new AbortController();
    streams: CallStreams = { local: null, remote: null };

    constructor(
        private readonly devices: Devices,
        private readonly listener: Pick<MediaEngineListener, 'previewStreams' | 'previewProblem'>,
    ) {}

    /**
     * Opens what is wanted and closes the rest.
     * @throws DeviceError; then everything is closed
     */
    async show(wanted: Wanted): Promise<void> {
        this.opening.abort();
        const { signal } = (this.opening = new AbortController());
        this.wanted = wanted;
        try {
            const tracks = await this.devices.open(wanted, signal);
            this.take(DEVICES.flatMap((device) => tracks[device] ?? []));
            for (const track of this.tracks) track.addEventListener('ended', () => this.again(), { signal });
        } catch (error) {
            if (signal.aborted) return;
            this.wanted = {};
            this.take([]);
            throw error;
        }
    }

    /** The person chose another one. */
    reopen(device: DeviceName): void {
        if (this.wanted[device]) this.again();
    }

    private take(tracks: readonly MediaStreamTrack[]): void {
        const old = this.tracks;
        this.tracks = tracks;
        this.streams = { local: tracks[0] ? new MediaStream([...tracks]) : null, remote: null };
        for (const track of old) track.stop();
        if (old[0] ?? tracks[0]) this.listener.previewStreams();
    }

    private again(): void {
        const device = this.wanted.microphone ? 'microphone' : 'camera';
        this.show(this.wanted).then(
            () => this.listener.previewProblem?.(null),
            (error: unknown) => this.listener.previewProblem?.(problemOf(error, device)),
        );
    }
}
