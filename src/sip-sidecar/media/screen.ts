/** The picture of a screen, a window or a tab, as the browser hands it out (W3C Screen Capture). */
import { DeviceError, type MediaProblem } from '../contract/index.js';
import { problemByName } from './problems.js';

const CAPTURE: DisplayMediaStreamOptions = {
    video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: 15 } },
};

/**
 * Asks the person which one; must follow from what they did (transient activation).
 *
 * @returns null where they think better of it
 * @throws DeviceError
 */
export async function openScreen(): Promise<MediaStreamTrack | null> {
    const wanting = (problem: MediaProblem): DeviceError => new DeviceError({ device: 'screen', problem });
    try {
        // A browser that has no such thing throws a TypeError here, too.
        const [track = null] = (await navigator.mediaDevices.getDisplayMedia(CAPTURE)).getVideoTracks();
        // Text must stay legible (W3C mst-content-hint): rather fewer pictures than coarser ones.
        if (track) track.contentHint = 'detail';
        return track;
    } catch (error) {
        const problem = problemByName(error);
        if (problem !== 'denied') throw wanting(problem === 'unsupported' ? 'missing' : problem);
        // "No" of the person and of the system have one name; Chromium's text tells them apart.
        if (/by system/iu.test(String(error))) throw wanting('denied');
        return null;
    }
}
