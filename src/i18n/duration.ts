/** Lengths of time for people. */

/** `0:12`, `12:07`, `1:00:09`. @param seconds fractions are cut off; less than nothing is nothing */
export function formatDuration(seconds: number): string {
    const whole = Math.max(0, Math.floor(seconds));
    const two = (part: number): string => String(part).padStart(2, '0');
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    return hours > 0 ? `${String(hours)}:${two(minutes)}:${two(whole % 60)}` : `${String(minutes)}:${two(whole % 60)}`;
}
