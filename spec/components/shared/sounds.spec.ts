import { Sounds } from '../../../src/components/shared/sounds.js';

/** An audio context that makes no sound and counts what it was asked. */
class FakeContext {
    state: AudioContextState = 'running';
    currentTime = 0;
    destination = {};
    onstatechange: (() => void) | null = null;
    notes: number[] = [];
    sink = '';
    closed = false;
    constructor(state: AudioContextState = 'running') {
        this.state = state;
    }
    private readonly parameter = {
        value: 0,
        setValueAtTime: () => undefined,
        linearRampToValueAtTime: () => undefined,
        setTargetAtTime: () => undefined,
    };
    createGain(): object {
        return { gain: this.parameter, connect: () => undefined };
    }
    createOscillator(): object {
        return {
            frequency: { value: 0 },
            connect: (to: object) => to,
            start: (at: number) => this.notes.push(at),
            stop: () => undefined,
        };
    }
    resume(): Promise<void> {
        this.state = 'running';
        this.onstatechange?.();
        return Promise.resolve();
    }
    close(): Promise<void> {
        this.closed = true;
        return Promise.resolve();
    }
    setSinkId(id: string): Promise<void> {
        this.sink = id;
        return Promise.reject(new DOMException('gone', 'NotFoundError'));
    }
}

describe('the tones', () => {
    let made: FakeContext[];
    let state: AudioContextState;
    let sounds: Sounds;
    beforeEach(() => {
        jasmine.clock().install();
        made = [];
        state = 'running';
        sounds = new Sounds(() => {
            made.push(new FakeContext(state));
            return made.at(-1) as unknown as AudioContext;
        });
    });
    afterEach(() => {
        sounds.play(null);
        jasmine.clock().uninstall();
    });

    it('ring again and again until told otherwise, and let go of the sound device', () => {
        sounds.play('ring');
        const once = made[0]!.notes.length;
        expect(once).toBeGreaterThan(2);
        sounds.play('ring');
        jasmine.clock().tick(8_001);
        expect(made.length).toBe(1);
        expect(made[0]!.notes.length).toBe(3 * once);
        sounds.play(null);
        expect(made[0]!.closed).toBeTrue();
        jasmine.clock().tick(60_000);
        expect(made[0]!.notes.length).toBe(3 * once);
    });

    it('of an end are played once, even if asked for again', () => {
        sounds.play('end');
        jasmine.clock().tick(5_000);
        sounds.play('end');
        expect(made.length).toBe(1);
        expect(made[0]!.closed).toBeTrue();
        expect(made[0]!.notes.length).toBe(2);
    });

    it('go to the device that was chosen; one that is gone does no harm', () => {
        sounds.play('ring', 'headset');
        expect(made[0]!.sink).toBe('headset');
        sounds.play('ringback');
        expect(made[1]!.sink).toBe('');
    });

    it('wait, and say so, while the browser lets nothing be heard; a press starts them', () => {
        state = 'suspended';
        sounds.play('ring');
        expect(sounds.blocked.get()).toBeTrue();
        jasmine.clock().tick(20_000);
        expect(made[0]!.notes).toEqual([]);
        window.dispatchEvent(new KeyboardEvent('keydown', { key: 'x' }));
        expect(sounds.blocked.get()).toBeFalse();
        expect(made[0]!.notes.length).toBeGreaterThan(0);
    });

    it('leave no listener behind', () => {
        state = 'suspended';
        sounds.play('ring');
        sounds.play(null);
        window.dispatchEvent(new Event('pointerdown'));
        expect(made[0]!.state).toBe('suspended');
        expect(sounds.blocked.get()).toBeFalse();
    });

    it('are silence where there is no sound device', () => {
        const none = new Sounds(() => {
            throw new DOMException('no device', 'NotSupportedError');
        });
        expect(() => none.play('ring')).not.toThrow();
        expect(() => none.play(null)).not.toThrow();
    });
});
