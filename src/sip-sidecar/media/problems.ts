/** Why a device could not be opened, told apart as well as browsers let us. */
import type { Device, DeviceProblem, MediaProblem } from '../contract/index.js';

/** What one is recorded with. */
export const DEVICES = ['microphone', 'camera'] as const;
export type DeviceName = (typeof DEVICES)[number];

/** Which devices one request was for. */
export type Wanted = Readonly<Partial<Record<DeviceName, boolean>>>;

/** What the browser calls our devices. */
export const KINDS: Readonly<Partial<Record<MediaDeviceKind, Device['kind']>>> = {
    audioinput: 'microphone',
    videoinput: 'camera',
    audiooutput: 'speaker',
};

/** By the error's name (Media Capture and Streams section 10.2). */
const PROBLEMS: Readonly<Partial<Record<string, MediaProblem>>> = {
    NotAllowedError: 'denied',
    SecurityError: 'denied',
    NotFoundError: 'missing',
    OverconstrainedError: 'missing',
    TypeError: 'unsupported',
};

/** Chromium's name for the Permissions Policy interface; Firefox has none. */
interface FeaturePolicy {
    allowsFeature(feature: string): boolean;
}

/** Insecure pages have none. */
export const mediaDevices = (): MediaDevices | undefined => navigator.mediaDevices;

/** What keeps this page from using any device, before one is asked for; null where nothing does. */
export function pageProblem(): MediaProblem | null {
    if (!isSecureContext) return 'insecure-page';
    return 'getUserMedia' in (mediaDevices() ?? {}) && (globalThis.RTCPeerConnection as unknown) ? null : 'unsupported';
}

/** What `getUserMedia` rejected with, by its name alone: some of the errors of devices are no `Error`. */
export const problemByName = (error: unknown): MediaProblem =>
    PROBLEMS[String((error as { readonly name?: unknown } | null)?.name)] ?? 'in-use';

/**
 * Finds out which device was wanting and why.
 *
 * @param asked what was asked for, in one request
 * @param error what `getUserMedia` rejected with
 * @param alone opens the microphone alone and lets it go again; called only where permission was given, for both
 */
export async function explain(
    asked: readonly DeviceName[],
    error: unknown,
    alone: () => Promise<void>,
): Promise<DeviceProblem> {
    const problem = problemByName(error);
    const [first = 'microphone', last = first] = asked;
    const named = async (test: (device: DeviceName) => Promise<boolean>): Promise<DeviceName | undefined> => {
        for (const device of asked) if (await test(device)) return device;
        return undefined;
    };
    if (problem === 'denied') {
        const blocked = await named(blockedBySite);
        if (blocked) return { device: blocked, problem: 'blocked-by-site' };
        return { device: (await named(refused)) ?? first, problem };
    }
    if (problem === 'missing') return { device: (await named(absent)) ?? last, problem };
    try {
        if (first !== last) await alone();
        return { device: last, problem };
    } catch (second) {
        return { device: first, problem: problemByName(second) };
    }
}

async function absent(device: DeviceName): Promise<boolean> {
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => null);
    return devices?.some(({ kind }) => KINDS[kind] === device) === false;
}

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
