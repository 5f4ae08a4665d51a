/**
 * The door of the sidecar: small, loaded with the page. The SIP agent and media are chunks that it loads when there is an
 * account, or at first need; until they are there, commands wait in order.
 */
import {
    DeviceError,
    PREVIEW,
    SIGNALLING_CHECKS,
    addressOfRecord,
    checked,
    unprobed,
    type CallId,
    type CheckResult,
    type DeviceChoice,
    type EndReason,
    type MediaEngine,
    type MediaEngineListener,
    type Registration,
    type SidecarCommand,
    type SidecarConfig,
    type SidecarEvent,
    type SidecarPort,
    type SipAccount,
} from './contract/index.js';
import type { Agent, AgentCommand, createAgent } from './agent/index.js';
import { takeTabLock, type TabLock } from './tab-lock.js';
import { joinTabs, type Tabs } from './tabs.js';

/** How the chunks are loaded, and what the page offers; all of it the page's own unless a spec says otherwise. */
export interface SidecarOptions {
    readonly loadAgent?: () => Promise<{ createAgent: typeof createAgent }>;
    readonly loadMedia?: () => Promise<{ createMediaEngine(listener: MediaEngineListener): MediaEngine }>;
    /** null: a browser without Web Locks. */
    readonly locks?: LockManager | null;
}

/** How long until a chunk that could not be loaded is asked for again, in ms. */
const RELOAD_AFTER = 15_000;

/** One account, from `connect` to `disconnect`. */
interface Line {
    config: SidecarConfig;
    readonly account: SipAccount;
    lock: TabLock | null;
    readonly tabs: Tabs;
    /** Whether another tab is the one that registers. */
    elsewhere: boolean;
    agent: Agent | null;
    /** What came before the agent was there. */
    readonly queue: AgentCommand[];
    retry: ReturnType<typeof setTimeout> | undefined;
}

const NO_STREAMS = { local: null, remote: null };

const loadAgentChunk = () => import(/* webpackChunkName: "sip-agent" */ './agent/index.js');

/** Fetches what a call needs, for a page that will go on with one. */
export const preload = (): void => void loadAgentChunk().catch(() => undefined);

/** Makes the sidecar. Nothing is loaded and no device is touched before the first command. */
export function createSidecar(options: SidecarOptions = {}): SidecarPort {
    const {
        loadAgent = loadAgentChunk,
        // In one file with the agent: a call needs both, and the first one waits for neither.
        loadMedia = () => import(/* webpackChunkName: "sip-agent" */ './media/index.js'),
        locks = (navigator as { locks?: LockManager }).locks ?? null,
    } = options;
    const listeners = new Set<(event: SidecarEvent) => void>();
    let line: Line | null = null;
    /** Resolves when the lines before this one have said good-bye and given their locks back. */
    let leaving: Promise<unknown> = Promise.resolve();
    let engine: MediaEngine | null = null;
    let loadingMedia: Promise<MediaEngine> | null = null;
    let choice: DeviceChoice | null = null;
    let known: Extract<SidecarCommand, { type: 'known' }> | null = null;
    let disposed = false;

    const emit = (event: SidecarEvent): void => {
        line?.agent?.note(event);
        for (const listener of [...listeners]) {
            try {
                listener(event);
            } catch (error) {
                reportError(error);
            }
        }
    };
    const tell = (registration: Registration): void => {
        emit({ type: 'registration', registration });
    };
    const notLoaded = (what: string): void => {
        emit({ type: 'notice', code: 'SIP-301', detail: what });
    };

    const configure = (): void => {
        if (line) engine?.configure(line.config);
    };

    const media = (): Promise<MediaEngine> =>
        (loadingMedia ??= loadMedia().then(
            (chunk) => {
                if (disposed) throw new Error('disposed');
                engine = chunk.createMediaEngine({
                    devices: (devices) => {
                        emit({ type: 'device-list', devices });
                    },
                    previewStreams: () => {
                        emit({ type: 'streams', callId: PREVIEW });
                    },
                    previewProblem: (problem) => {
                        if (problem !== null) emit({ type: 'preview-problem', problem });
                    },
                    notice: (detail) => {
                        emit({ type: 'notice', code: 'SIP-204', detail });
                    },
                });
                configure();
                if (choice !== null) engine.chooseDevices(choice);
                return engine;
            },
            (error: unknown) => {
                loadingMedia = null;
                notLoaded('media');
                throw error;
            },
        ));

    const withMedia = (use: (engine: MediaEngine) => unknown): void => {
        media()
            .then(use)
            .catch((error: unknown) => {
                if (error instanceof DeviceError) emit({ type: 'preview-problem', problem: error.problem });
            });
    };

    const test = (): void => {
        const tested = (check: CheckResult): void => {
            emit({ type: 'tested', check });
        };
        if (line?.agent) line.agent.send({ type: 'test' });
        else
            for (const name of SIGNALLING_CHECKS) {
                const alone = name === 'signed-in' ? 'no-credentials' : 'not-tried';
                tested(checked(name, line?.elsewhere ? 'other-tab' : alone));
            }
        withMedia((loaded) => loaded.test(tested));
    };

    const unable = (command: AgentCommand): void => {
        const end = (callId: CallId, reason: EndReason): void => {
            const event = { type: 'call', callId, event: { type: 'ended', reason, at: Date.now() } } as const;
            emit(event);
            line?.tabs.onEvent(event);
        };
        if (command.type === 'probe') emit(unprobed(command.probeId));
        else if (command.type === 'call') end(command.callId, 'unavailable');
        else if (command.type === 'resume') end(command.record.callId, 'connection-lost');
        else if (command.type === 'report') emit({ type: 'report', text: line ? 'The log is in another tab.' : '' });
    };

    /** To the agent of a line, once it is there. */
    const pass = (own: Line, command: AgentCommand): void => {
        if (own.agent) own.agent.send(command);
        else own.queue.push(command);
    };

    /** Loads the agent of a line and starts it; tries again after a while where it cannot be loaded. */
    const begin = async (own: Line, attempt = 1): Promise<void> => {
        if (attempt > 1) tell({ state: 'connecting', attempt });
        try {
            const chunk = await loadAgent();
            if (line !== own || own.elsewhere || own.agent) return;
            own.agent = chunk.createAgent(own.config, own.account, {
                media,
                record: (callId, record) => own.tabs.record(callId, record),
                emit: (event) => {
                    if ((line !== own || own.elsewhere) && event.type === 'registration') return;
                    own.tabs.onEvent(event);
                    emit(event);
                    if (event.type === 'registration' && event.registration.state === 'registered') {
                        media().catch(() => undefined);
                    }
                },
            });
            if (known !== null) own.agent.send(known);
            own.agent.start();
            for (const command of own.queue.splice(0)) own.agent.send(command);
        } catch {
            if (line !== own) return;
            own.queue.splice(0).forEach(unable);
            notLoaded('the SIP agent');
            tell({ state: 'offline', attempt, retryAt: Date.now() + RELOAD_AFTER });
            own.retry = setTimeout(() => void begin(own, attempt + 1), RELOAD_AFTER);
        }
    };

    const end = (stop = (agent: Agent): unknown => agent.stop()): void => {
        const old = line;
        line = null;
        if (!old) return;
        clearTimeout(old.retry);
        old.queue.splice(0).forEach(unable);
        const left = async (): Promise<void> => {
            if (old.agent) await stop(old.agent);
            old.lock?.release();
            old.tabs.close();
        };
        leaving = Promise.all([leaving, left()]);
    };

    const connect = (config: SidecarConfig, account: SipAccount): void => {
        if (line?.agent?.renew(config, account) === true) {
            line.config = config;
            configure();
            return;
        }
        end();
        if (typeof RTCPeerConnection === 'undefined') {
            tell({ state: 'refused', refusal: 'unsupported', status: null });
            return;
        }
        const name = [addressOfRecord(account.uri) ?? '', config.owner ?? ''].join(' ').trim();
        /** Another tab has the registration, or is to have it. */
        const follow = async (): Promise<void> => {
            const { agent } = own;
            own.elsewhere = true;
            own.agent = null;
            own.queue.splice(0).forEach(unable);
            tell({ state: 'elsewhere' });
            await agent?.stop();
        };
        const own: Line = {
            config,
            account,
            lock: null,
            tabs: joinTabs(name, {
                locks,
                emit,
                command: (command) => pass(own, command),
                leave: () => (own.agent ? follow() : null),
                take: () => own.lock?.take(),
                pass: () => own.lock?.pass(),
            }),
            elsewhere: false,
            agent: null,
            queue: [],
            retry: undefined,
        };
        line = own;
        configure();
        tell({ state: 'connecting', attempt: 1 });
        const granted = (): void => {
            own.elsewhere = false;
            own.tabs.lead();
            void begin(own);
        };
        const elsewhere = (): void => {
            if (line !== own) return;
            void follow();
            own.tabs.follow();
        };
        void leaving.then(() => {
            if (line === own) own.lock = takeTabLock(locks, name, granted, elsewhere);
        });
    };

    const send = (command: SidecarCommand): void => {
        if (disposed) return;
        switch (command.type) {
            case 'connect':
                connect(command.config, command.account);
                break;
            case 'disconnect':
                end();
                tell({ state: 'off' });
                break;
            case 'ice-servers':
                if (line !== null) line.config = { ...line.config, iceServers: command.iceServers };
                configure();
                break;
            case 'devices':
                choice = command.choice;
                engine?.chooseDevices(choice);
                break;
            case 'preview':
                withMedia((loaded) => loaded.preview(command));
                break;
            case 'describe':
                line?.tabs.describe(command.callId, command.about);
                break;
            case 'take-over':
                line?.tabs.takeOver();
                break;
            case 'test':
                test();
                break;
            case 'known':
                known = command;
                line?.agent?.send(known);
                break;
            default:
                if (line === null || (line.elsewhere && !line.tabs.forward(command))) {
                    unable(command);
                } else if (!line.elsewhere) {
                    pass(line, command);
                }
        }
    };

    const leavePage = (): void => line?.tabs.leavePage();
    addEventListener('pagehide', leavePage);

    return {
        send,
        subscribe: (listener) => {
            listeners.add(listener);
            return () => {
                listeners.delete(listener);
            };
        },
        media: (callId: CallId) => engine?.streams(callId) ?? NO_STREAMS,
        dispose: () => {
            if (disposed) return;
            disposed = true;
            end((agent) => agent.dispose());
            removeEventListener('pagehide', leavePage);
            engine?.dispose();
            listeners.clear();
        },
    };
}
