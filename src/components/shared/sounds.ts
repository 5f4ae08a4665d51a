/** Tones of the telephone, synthesised: no file is fetched. Soft, in the European cadence (ETSI TR 101 041-2). */
import { Value } from '../../plugin/observable.js';
import { on } from './on.js';

/** What can be heard. */
export type Tone = 'ring' | 'ringback' | 'busy' | 'end' | 'test';

/** One note: when it begins and how long it lasts (seconds), its frequency (Hz). */
type Note = readonly [at: number, length: number, frequency: number];

/** How long it lasts (seconds), whether it is repeated, how loud it is (0 to 1), and what is played. */
type Melody = readonly [length: number, repeated: boolean, volume: number, notes: readonly Note[]];

const RING: readonly Note[] = [0, 0.5].flatMap((at): readonly Note[] => [
    [at, 0.45, 587.33],
    [at + 0.12, 0.45, 739.99],
    [at + 0.24, 0.6, 880],
]);

const MELODIES: Readonly<Record<Tone, Melody>> = {
    ring: [4, true, 0.16, RING],
    ringback: [5, true, 0.04, [[0, 1, 425]]],
    busy: [4, false, 0.05, [0, 1, 2, 3].map((at): Note => [at, 0.5, 425])],
    end: [
        0.7,
        false,
        0.08,
        [
            [0, 0.2, 523.25],
            [0.16, 0.4, 392],
        ],
    ],
    test: [
        1.3,
        false,
        0.12,
        [
            [0, 0.5, 523.25],
            [0.25, 0.5, 659.25],
            [0.5, 0.7, 783.99],
        ],
    ],
};

/** An audio context that can be sent to a chosen device (Audio Output Devices API; not in every browser). */
type SinkContext = AudioContext & { setSinkId?: (id: string) => Promise<void> };

/** Plays one tone at a time. */
export class Sounds {
    /** The browser lets nothing be heard before the person has pressed something. */
    readonly blocked = new Value(false);
    private playing: Tone | null = null;
    /** Lets go of the sound device. A tone that was played to its end still counts as the one that is wanted. */
    private release = (): void => undefined;

    constructor(private readonly createContext: () => AudioContext = () => new AudioContext()) {}

    /**
     * Plays a tone, until another one or null comes; the same one plays on.
     * @param sink id of the device, empty for the browser's default
     */
    play(wanted: Tone | null, sink = ''): void {
        if (wanted === this.playing) return;
        this.release();
        this.playing = wanted;
        if (wanted === null) return;
        let context: SinkContext;
        try {
            context = this.createContext();
        } catch {
            return; // no sound device at all: a silent telephone still works
        }
        let timer: ReturnType<typeof setTimeout> | undefined;
        const leave = on(window, 'pointerdown keydown', () => void context.resume().catch(() => undefined), true);
        const release = (this.release = (): void => {
            clearTimeout(timer);
            leave();
            context.onstatechange = null;
            void context.close().catch(() => undefined);
            this.blocked.set(false);
        });
        const round = (): void => {
            clearTimeout(timer);
            this.blocked.set(context.state === 'suspended');
            if (context.state !== 'running') return;
            const [length, repeated, volume, notes] = MELODIES[wanted];
            for (const note of notes) sound(context, volume, note);
            timer = setTimeout(repeated ? round : release, length * 1000);
        };
        // A device that is gone: the default one plays
        if (sink !== '') context.setSinkId?.(sink).catch(() => undefined);
        context.onstatechange = round;
        round();
    }
}

function sound(context: AudioContext, volume: number, [at, length, frequency]: Note): void {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const start = context.currentTime + at;
    oscillator.type = volume > 0.1 ? 'triangle' : 'sine';
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(volume, start + 0.03);
    gain.gain.setTargetAtTime(0, start + length - 0.15, 0.06);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + length + 0.2);
}
