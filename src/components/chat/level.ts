/** How loud a microphone is. */

/**
 * Calls `show` with the level of a stream, 0 to 1, for every frame that is drawn.
 * @returns a function that ends it and lets go of the sound device
 */
export function watchLevel(stream: MediaStream, show: (level: number) => void): () => void {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let frame = 0;
    const read = (): void => {
        analyser.getFloatTimeDomainData(samples);
        const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
        // -60 dB is silence, 0 dB is full
        show(Math.min(1, Math.max(0, 1 + Math.log10(power + 1e-9) / 6)));
        frame = requestAnimationFrame(read);
    };
    read();
    return () => {
        cancelAnimationFrame(frame);
        void context.close().catch(() => undefined);
    };
}
