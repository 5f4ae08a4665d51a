/**
 * The half of the connection test that needs no account: page, devices, STUN and TURN servers. One check disturbs no other;
 * what it opens it lets go, also when it takes too long or is called off.
 */
import type { CheckName, CheckReason, CheckResult, Clock } from '../contract/index.js';
import { checked, cleanText, running } from '../contract/index.js';
import { problemOf, stop, type Devices } from './devices.js';
import type { UsableServer } from './ice-servers.js';
import { pageProblem, problemByName, type DeviceName } from './problems.js';
import type { MediaRules } from './session.js';

/** What is tested with. */
export interface MediaTest {
    readonly devices: Devices;
    readonly rules: MediaRules;
    readonly clock: Clock;
    readonly signal: AbortSignal;
}

/** How long the person may take to allow a device, and a server to answer, in ms. */
export const DEVICE_LIMIT = 30_000;
export const SERVER_LIMIT = 5000;

/** The checks of servers, and which URLs (RFC 7064, RFC 7065) each is about. */
const SERVERS: readonly (readonly [CheckName, RegExp])[] = [
    ['stun', /^stuns?:/iu],
    ['turn-udp', /^turn:(?!.*transport=tcp)/iu],
    ['turn-tcp', /^turn:.*transport=tcp/iu],
    ['turn-tls', /^turns:/iu],
];

type Outcome = readonly [reason?: CheckReason | '', detail?: string];

/** Runs the checks, and tells each one's beginning and end. Never rejects. */
export async function testMedia(test: MediaTest, tell: (check: CheckResult) => void): Promise<void> {
    const { rules, signal } = test;
    const over = (): boolean => signal.aborted;
    const problem = pageProblem();
    const run = async (name: CheckName, check: () => Outcome | Promise<Outcome>): Promise<void> => {
        if (over()) return;
        tell(running(name));
        const outcome = problem && name !== 'secure-page' ? (['not-tried'] as const) : await check();
        if (!over()) tell(checked(name, ...outcome));
    };
    await run('secure-page', () => [problem ?? '']);
    await run('microphone', () => openDevice('microphone', test));
    await run('camera', () => (rules.video ? openDevice('camera', test) : ['switched-off']));
    await run('speaker', () => chooseSpeaker(test.devices.choice.speaker));
    await Promise.all(
        SERVERS.map(([name, pattern]) => {
            const named = rules.iceServers.filter(({ urls }) => pattern.test(urls));
            const hidden = name === 'stun' && rules.icePolicy === 'relay';
            return run(name, () => (hidden ? ['relay-only'] : askServers(named, test)));
        }),
    );
}

/** @param work what is to end when its signal is aborted: after so many ms, or with the test */
async function within<T>(
    limit: number,
    { clock, signal }: MediaTest,
    work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
    const end = new AbortController();
    const over = (): void => end.abort();
    const cancel = clock.after(limit, over);
    signal.addEventListener('abort', over, { signal: end.signal });
    try {
        return await work(end.signal);
    } finally {
        cancel();
        over();
    }
}

const openDevice = (device: DeviceName, test: MediaTest): Promise<Outcome> =>
    within(DEVICE_LIMIT, test, async (signal) => {
        try {
            const opened = await test.devices.open({ [device]: true }, signal);
            stop(opened);
            const track = opened[device];
            return [track?.muted ? 'silent' : '', cleanText(track?.label)];
        } catch (error) {
            return [signal.aborted ? 'denied' : problemOf(error, device).problem];
        }
    });

async function chooseSpeaker(id: string): Promise<Outcome> {
    const audio = new Audio() as Partial<HTMLAudioElement>;
    if (!audio.setSinkId) return ['no-choice'];
    try {
        await audio.setSinkId(id);
        const devices = await navigator.mediaDevices.enumerateDevices();
        return devices.some(({ kind }) => kind === 'audiooutput') ? [] : ['missing'];
    } catch (error) {
        return [problemByName(error)];
    }
}

/** One that answers is enough; the detail names all. */
async function askServers(servers: readonly UsableServer[], test: MediaTest): Promise<Outcome> {
    const answers = await Promise.all(servers.map((server) => askServer(server, test)));
    const [reason = ''] = answers.find(([why]) => why === '') ?? answers[0] ?? ['no-server-configured' as const];
    return [reason, answers.map(([, detail]) => detail).join(', ')];
}

/** Gathers from one server alone: a STUN server shows our address (RFC 8489), a TURN server gives one of its own (RFC 8656). */
async function askServer(server: UsableServer, test: MediaTest): Promise<Outcome> {
    const { urls } = server;
    const isTurn = /^turn/iu.test(urls);
    const since = test.clock.now();
    let pc: RTCPeerConnection | undefined;
    let silence: Outcome = ['no-answer', urls];
    let unanswered = isTurn;
    const ask = (signal: AbortSignal): Promise<Outcome> =>
        new Promise((resolve) => {
            signal.addEventListener('abort', () => resolve(silence));
            pc = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: isTurn ? 'relay' : 'all' });
            pc.addEventListener('icecandidate', ({ candidate }) => {
                if (candidate && candidate.type !== (isTurn ? 'relay' : 'srflx')) return;
                // That was all. Our address may be the one that we know.
                if (!candidate && unanswered) resolve(silence);
                else resolve(['', `${urls} ${String(Math.round(test.clock.now() - since))} ms`]);
            });
            pc.addEventListener('icecandidateerror', ({ errorCode, errorText }) => {
                const detail = `${urls} ${String(errorCode)} ${cleanText(errorText)}`;
                // 701 is the browser's own: nobody answered, on one of our interfaces at least
                if (errorCode >= 700) [silence, unanswered] = [['no-answer', detail], true];
                else resolve([errorCode === 401 ? 'wrong-credentials' : 'refused', detail]);
            });
            pc.createDataChannel('');
            void pc.setLocalDescription();
        });
    try {
        return await within(SERVER_LIMIT, test, ask);
    } catch {
        return ['bad-server', urls];
    } finally {
        pc?.close();
    }
}
