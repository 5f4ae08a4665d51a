/** Why a device could not be opened, told apart as well as browsers let us. */
import type { DeviceProblem, MediaProblem } from '../contract/index.js';

type DeviceName = 'microphone' | 'camera';

/** Which devices one request was for. */
export interface Wanted {
    readonly microphone: boolean;
    readonly camera: boolean;
}

/** Chromium's name for the Permissions Policy interface; Firefox has none. */
interface FeaturePolicy {
    allowsFeature(feature: string): boolean;
}

/** What keeps this page from using any device, before one is asked for; null where nothing does. */
export function pageProblem(): MediaProblem | null {
    if (typeof RTCPeerConnection === 'undefined') return 'unsupported';
    if (!isSecureContext) return 'insecure-page';
    return typeof (navigator.mediaDevices as MediaDevices | undefined)?.getUserMedia === 'function'
        ? null
        : 'unsupported';
}

/** The name of whatever was thrown: some of the errors of devices are no `Error`. */
const nameOf = (error: unknown): string =>
    typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '';

/** What `getUserMedia` rejected with, by the error's name alone (Media Capture and Streams section 10.2). */
export function problemByName(error: unknown): MediaProblem {
    switch (nameOf(error)) {
        case 'NotAllowedError':
        case 'PermissionDeniedError':
        case 'SecurityError':
            return 'denied';
        case 'NotFoundError':
        case 'DevicesNotFoundError':
        case 'OverconstrainedError':
            return 'missing';
        case 'TypeError':
            return 'unsupported';
        default:
            return 'in-use';
    }
}

/**
 * Finds out which device was wanting and why.
 *
 * @param wanted what was asked for, in one request
 * @param error what `getUserMedia` rejected with
 * @param alone opens the microphone alone and lets it go again; called only where permission was given, for both
 */
export async function explain(
    wanted: Wanted,
    error: unknown,
    alone: () => Promise<void> = () => Promise.resolve(),
): Promise<DeviceProblem> {
    const problem = problemByName(error);
    const only: DeviceName | null = !wanted.camera ? 'microphone' : !wanted.microphone ? 'camera' : null;
    const named = async (test: (device: DeviceName) => Promise<boolean>): Promise<DeviceName | null> => {
        if (wanted.microphone && (await test('microphone'))) return 'microphone';
        return wanted.camera && (await test('camera')) ? 'camera' : null;
    };
    if (problem === 'denied') {
        const blocked = await named(blockedBySite);
        if (blocked) return { device: blocked, problem: 'blocked-by-site' };
        return { device: only ?? (await named(refused)) ?? 'microphone', problem };
    }
    if (only) return { device: only, problem };
    if (problem === 'missing') return { device: (await named(absent)) ?? 'camera', problem };
    try {
        await alone();
        return { device: 'camera', problem };
    } catch (second) {
        return { device: 'microphone', problem: problemByName(second) };
    }
}

const kindOf = { microphone: 'audioinput', camera: 'videoinput' } as const;

const absent = async (device: DeviceName): Promise<boolean> => {
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => null);
    return devices?.some((one) => one.kind === kindOf[device]) === false;
};

/**
 * Whether the page, or the one that embeds it, keeps the device from us (Permissions Policy). Where the browser does not
 * let us ask, the list of devices says it: a device that the policy forbids is left out of it (Media Capture and Streams
 * section 9.2), while one that is only refused by the person stays, without its label.
 */
async function blockedBySite(device: DeviceName): Promise<boolean> {
    const { featurePolicy } = document as { featurePolicy?: FeaturePolicy };
    return featurePolicy ? !featurePolicy.allowsFeature(device) : await absent(device);
}

async function refused(device: DeviceName): Promise<boolean> {
    try {
        return (await navigator.permissions.query({ name: device })).state === 'denied';
    } catch {
        return false;
    }
}
