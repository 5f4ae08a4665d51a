/** baresip: a plain SIP telephone with a voice (440 Hz) and, on demand, a picture, driven over its control port. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { acceptsTcp, createDaemon } from './daemon.js';
import { createGuard } from './guard.js';
import type { SipEndpoints } from './kamailio.js';
import { encodeNetstring, netstringDecoder } from './netstring.js';
import { freePort } from './ports.js';
import type { User } from './users.js';
import { lastSecondLoudness } from './wave.js';

/** How long the telephone may take to register or to answer a command, in ms. */
const TIMEOUT = 10_000;

/** Something that happened to the telephone, as baresip names it. */
export interface BaresipEvent {
    /** `REGISTER_OK`, `CALL_INCOMING`, `CALL_ESTABLISHED`, `CALL_CLOSED`, `CALL_DTMF_START`, … */
    readonly type: string;
    readonly class: string;
    /** The other side's address; empty where there is no call. */
    readonly peer: string;
    /** The SIP Call-ID; empty where there is no call. */
    readonly callId: string;
    /** The digit, the reason, the direction of video, … as the type says. */
    readonly param: string;
    readonly direction: 'incoming' | 'outgoing' | '';
}

/** How a telephone behaves. */
export interface BaresipOptions {
    readonly user: Pick<User, 'name' | 'sip' | 'password'>;
    readonly server: Pick<SipEndpoints, 'tcp'>;
    /** It has a camera (a test picture), and takes video (VP8). Default: no. */
    readonly video?: boolean;
    /** Whether it answers by itself. Default: `manual`. */
    readonly answerMode?: 'auto' | 'manual';
    /** ICE and DTLS-SRTP as browsers want them, or plain RTP. Default: `webrtc`. */
    readonly media?: 'webrtc' | 'rtp';
}

/** A telephone that runs and is registered. */
export interface Baresip {
    /**
     * Presses a key: `dial`, `accept`, `hangup`, `hold`, `resume`, `mute`, `sndcode` (digits), `reginfo`, `callstat`, …
     * @returns what the telephone says to it
     * @throws Error when it refuses or says nothing in 10 s
     */
    command(name: string, params?: string): Promise<string>;
    /** Everything that happened so far. */
    readonly events: readonly BaresipEvent[];
    /** Resolves with the first event, past or to come, that is wanted. `since`: the number of events to pass over. */
    waitFor(
        wanted: (event: BaresipEvent) => boolean,
        options?: { since?: number; timeout?: number },
    ): Promise<BaresipEvent>;
    /** How loud the last second was to it, from 0 to 1 (root of the mean square); 0: silence, or no packet at all. */
    loudness(): number;
    /** The path of its log. */
    readonly log: string;
    /** Hangs up by leaving, and removes its directory. */
    stop(): Promise<void>;
    /** Ends it as a power cut would. The directory stays until {@link stop}. */
    kill(): Promise<void>;
}

const configuration = (options: {
    directory: string;
    controlPort: number;
    rtpPort: number;
    video: boolean;
}): string => `
poll_method epoll
sip_listen 127.0.0.1:0
call_local_timeout 120
call_max_calls 4
audio_path /usr/share/baresip
audio_source ausine,440
audio_player aubridge,nil
audio_alert aubridge,nil2
audio_srate 48000-48000
audio_channels 1-1
audio_level no
video_source fakevideo,nil
video_display fakevideo,nil
video_size 320x240
video_fps 15
rtp_ports ${String(options.rtpPort)}-${String(options.rtpPort + 98)}
rtcp_mux yes
jitter_buffer_delay 5-10
rtp_stats yes
statmode_default off
snd_path ${options.directory}/heard
module_path /usr/lib/baresip/modules
module opus.so
module g711.so
module ausine.so
module aubridge.so
module sndfile.so
${options.video ? 'module vp8.so\nmodule fakevideo.so' : ''}
module uuid.so
module stun.so
module turn.so
module ice.so
module srtp.so
module dtls_srtp.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:${String(options.controlPort)}
`;

const account = ({ user, server, answerMode = 'manual', media = 'webrtc' }: BaresipOptions): string => {
    const parameters = [
        `auth_user=${user.name}`,
        `auth_pass=${user.password}`,
        `outbound="sip:${server.tcp};transport=tcp"`,
        'regint=600',
        `answermode=${answerMode}`,
        ...(media === 'webrtc' ? ['mediaenc=dtls_srtp', 'medianat=ice', 'rtcp_mux=yes'] : []),
    ];
    return `<${user.sip}>;${parameters.join(';')}\n`;
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Reads an event's JSON. */
const toEvent = (message: Readonly<Record<string, unknown>>): BaresipEvent => ({
    type: text(message['type']),
    class: text(message['class']),
    peer: text(message['peeruri']),
    callId: text(message['id']),
    param: text(message['param']),
    direction: message['direction'] === 'incoming' || message['direction'] === 'outgoing' ? message['direction'] : '',
});

/** The control port: commands out, answers and events in. */
class Control {
    readonly events: BaresipEvent[] = [];
    readonly #socket: Socket;
    readonly #answers = new Map<string, (message: Readonly<Record<string, unknown>>) => void>();
    readonly #listeners = new Set<(event: BaresipEvent) => void>();
    #tokens = 0;

    private constructor(socket: Socket) {
        this.#socket = socket;
        const decode = netstringDecoder();
        socket.on('data', (bytes: Buffer) => {
            for (const message of decode(bytes)) this.#receive(JSON.parse(message) as Record<string, unknown>);
        });
        socket.on('error', () => {
            /* commands say that nothing answers */
        });
    }

    static async open(port: number): Promise<Control> {
        const socket = connect({ port, host: '127.0.0.1' });
        await new Promise<void>((resolve, reject) => {
            socket.once('connect', resolve);
            socket.once('error', reject);
        });
        return new Control(socket);
    }

    #receive(message: Readonly<Record<string, unknown>>): void {
        if (message['event'] === true) {
            const event = toEvent(message);
            this.events.push(event);
            for (const listener of this.#listeners) listener(event);
        } else {
            this.#answers.get(text(message['token']))?.(message);
        }
    }

    command(command: string, params = ''): Promise<string> {
        const token = String(++this.#tokens);
        return new Promise((resolve, reject) => {
            const settle = (): void => {
                clearTimeout(timer);
                this.#answers.delete(token);
            };
            const timer = setTimeout(() => {
                settle();
                reject(new Error(`baresip does not answer "${command} ${params}"`));
            }, TIMEOUT);
            this.#answers.set(token, (message) => {
                settle();
                // colours for a terminal
                const data = text(message['data']).replace(/\u001b\[[\d;]*m/gu, '');
                if (message['ok'] === true) resolve(data);
                else reject(new Error(`baresip refuses "${command} ${params}": ${data}`));
            });
            this.#socket.write(encodeNetstring(JSON.stringify({ command, params, token })));
        });
    }

    waitFor(wanted: (event: BaresipEvent) => boolean, since: number, timeout: number): Promise<BaresipEvent> {
        const past = this.events.slice(since).find(wanted);
        if (past) return Promise.resolve(past);
        return new Promise((resolve, reject) => {
            const listener = (event: BaresipEvent): void => {
                if (!wanted(event)) return;
                clearTimeout(timer);
                this.#listeners.delete(listener);
                resolve(event);
            };
            const timer = setTimeout(() => {
                this.#listeners.delete(listener);
                const seen = this.events.slice(since).map(({ type, param }) => `${type} ${param}`.trim());
                reject(new Error(`baresip waited in vain for ${String(timeout)} ms. It saw: ${seen.join(', ')}`));
            }, timeout);
            this.#listeners.add(listener);
        });
    }

    close(): void {
        this.#socket.destroy();
    }
}

/**
 * Starts a telephone and registers it.
 * @throws Error with the end of its log when it does not start or cannot register
 */
export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
    const guard = createGuard(`baresip-${options.user.name}`);
    const { directory } = guard;
    const controlPort = await freePort();
    // Below the range of freePort(), even, a hundred ports each.
    const rtpPort = 10_000 + 100 * Math.floor(Math.random() * 99);
    mkdirSync(path.join(directory, 'heard'));
    writeFileSync(
        path.join(directory, 'config'),
        configuration({ directory, controlPort, rtpPort, video: options.video ?? false }),
    );
    writeFileSync(path.join(directory, 'accounts'), account(options), { mode: 0o600 });
    writeFileSync(path.join(directory, 'contacts'), '');
    const daemon = createDaemon(
        {
            name: 'baresip',
            command: ['baresip', '-f', directory],
            directory,
            ready: () => acceptsTcp(controlPort),
        },
        guard,
    );
    let control: Control | null = null;
    const stop = async (): Promise<void> => {
        control?.close();
        await daemon.stop();
        await guard.close();
    };
    try {
        await daemon.start();
        control = await Control.open(controlPort);
        await registered(control);
    } catch (error) {
        await stop();
        throw error;
    }
    const opened = control;
    return {
        command: (name, params) => opened.command(name, params),
        events: opened.events,
        waitFor: (wanted, { since = 0, timeout = TIMEOUT } = {}) => opened.waitFor(wanted, since, timeout),
        loudness: () => lastSecondLoudness(path.join(directory, 'heard')),
        log: daemon.log,
        stop,
        kill: () => daemon.kill(),
    };
}

/** Registration may be over before the control port is open, so that its event was missed: ask instead of waiting for it. */
async function registered(control: Control): Promise<void> {
    const end = Date.now() + TIMEOUT;
    while (Date.now() < end) {
        const answer = await control.command('reginfo');
        if (/\bOK\b/u.test(answer)) return;
        if (/\bERR\b/u.test(answer)) throw new Error(`baresip may not register: ${answer.trim()}`);
        await delay(50);
    }
    throw new Error('baresip did not register in time');
}
