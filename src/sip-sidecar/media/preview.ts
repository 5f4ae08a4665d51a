/** Microphone and camera opened for a look. The tracks belong to the preview alone; nothing leaves the page. */
import type { CallStreams, MediaEngineListener } from '../contract/index.js';
import { problemOf, stop, type Devices } from './devices.js';
import type { Wanted } from './problems.js';

const NOTHING: Wanted = { microphone: false, camera: false };

/** The look at one's own devices in the settings. */
export class Preview {
    private stream: MediaStream | null = null;
    private wanted = NOTHING;
    /** Counts openings: what a superseded one gets is let go. */
    private turn = 0;

    constructor(
        private readonly devices: Devices,
        private readonly listener: Pick<MediaEngineListener, 'previewStreams' | 'previewProblem'>,
    ) {}

    get streams(): CallStreams {
        return { local: this.stream, remote: null };
    }

    /**
     * Opens what is wanted and closes the rest.
     * @throws DeviceError; then everything is closed
     */
    async show(wanted: Wanted): Promise<void> {
        const turn = ++this.turn;
        this.wanted = wanted;
        try {
            const { microphone, camera } = await this.devices.open(wanted);
            const tracks = [microphone, camera].filter((track) => track !== null);
            if (turn !== this.turn) {
                stop(...tracks);
                return;
            }
            for (const track of tracks) track.addEventListener('ended', () => this.ended(track));
            this.take(tracks.length > 0 ? new MediaStream(tracks) : null);
        } catch (error) {
            if (turn !== this.turn) return;
            this.wanted = NOTHING;
            this.take(null);
            throw error;
        }
    }

    devicesChosen(changed: Wanted): void {
        if ((changed.microphone && this.wanted.microphone) || (changed.camera && this.wanted.camera)) this.again();
    }

    dispose(): void {
        this.turn++;
        this.wanted = NOTHING;
        stop(...(this.stream?.getTracks() ?? []));
        this.stream = null;
    }

    private take(stream: MediaStream | null): void {
        const old = this.stream;
        if (old === null && stream === null) return;
        this.stream = stream;
        stop(...(old?.getTracks() ?? []));
        this.listener.previewStreams();
    }

    private ended(track: MediaStreamTrack): void {
        if (this.stream?.getTracks().includes(track)) this.again();
    }

    private again(): void {
        const device = this.wanted.microphone ? 'microphone' : 'camera';
        this.show(this.wanted).then(
            () => this.listener.previewProblem?.(null),
            (error: unknown) => this.listener.previewProblem?.(problemOf(error, device)),
        );
    }
}
