/** How loud a microphone is. */

const shown = new WeakMap<HTMLMeterElement, MediaStream>();

/** Shows in a meter the level of a stream, for every frame that is drawn, as long as the meter is on the page. */
export function showLevel(stream: MediaStream, meter: HTMLMeterElement): void {
    if (shown.get(meter) === stream) return;
    shown.set(meter, stream);
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(512);
    const read = (): void => {
        if (!meter.isConnected || shown.get(meter) !== stream) {
            void context.close();
            return;
        }
        analyser.getFloatTimeDomainData(samples);
        // -60 dB is silence, 0 dB is full; the meter keeps to its limits
        meter.value = 1 + Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 1e-7) / 512) / 6;
        requestAnimationFrame(read);
    };
    read();
}
