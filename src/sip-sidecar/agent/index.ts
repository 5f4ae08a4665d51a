/** The SIP user agent of one account: the door of the only folder that imports sip.js. */
import { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import {
    addressOfRecord,
    formatSipAddress,
    cleanDisplayName,
    isHeaderValue,
    isRegistered,
    isUuid,
    pageClock,
    parseSipAddress,
    unprobed,
    uuid,
    type Caller,
    type CallId,
    type Clock,
    type MediaEngine,
    type NoticeCode,
    type Registration,
    type ResumeRecord,
    type SidecarCommand,
    type SidecarConfig,
    type SidecarEvent,
    type SipAccount,
} from '../contract/index.js';
import { ask } from './ask.js';
import { Call, type CallHost } from './call.js';
import { testSignalling } from './checks.js';
import { Credentials } from './credentials.js';
import { Log } from './log.js';
import { ALLOW, headerLines, offersVideo, readCaller, readNameAddress, unsupported } from './headers.js';
import {
    FAREWELL_LIFETIME,
    MAX_NOTICES,
    MAX_RINGING,
    MAX_RINGING_EACH,
    NOTICE_WINDOW,
    PROBE_TIMEOUT,
} from './policies.js';
import { isAlive } from './keep-alive.js';
import { secureRandom, type Random } from './random.js';
import { Binding } from './registration.js';
import { judge, readReplaces, type Verdict } from './replaces.js';
import { Reachability } from './reachability.js';
import { readFingerprints, readRemote, readVideo } from './remote-party.js';
import { serverName, usableServers } from './servers.js';
import { Supervisor } from './supervisor.js';
import { readDescription, type Refusal } from './dialogue/session-description.js';
import { refusalOf } from './dialogue/session.js';
import { UserAgent } from './user-agent.js';

/** The commands that the agent carries out. */
export type AgentCommand =
    | Exclude<Extract<SidecarCommand, { callId: CallId } | { probeId: string }>, { type: 'describe' }>
    /** Goes on with a call that another page had. `interrupted` until then; what comes of it are events of that call. */
    | { readonly type: 'resume'; readonly record: ResumeRecord }
    | Extract<SidecarCommand, { type: 'known' | 'report' | 'test' }>;

/** What the agent needs of the sidecar. */
export interface AgentHost {
    emit(event: SidecarEvent): void;
    /** What the next page needs to go on with a call, each time it has changed; null: the call is over. */
    record?(callId: CallId, record: ResumeRecord | null): void;
    /** The media engine, loaded at first need. @throws where it cannot be loaded */
    media(): Promise<MediaEngine>;
    /** The page's own, unless a spec turns the wheel. */
    readonly clock?: Clock;
    readonly random?: Random;
}

/** One account's SIP user agent. */
export interface Agent {
    /** Connects and registers, and goes on doing so. */
    start(): void;
    send(command: AgentCommand): void;
    /** Writes an event into the log. */
    note(event: SidecarEvent): void;
    /**
     * Takes new secrets, a new name and new settings for the same account, while its calls go on.
     * @returns false where that is not possible: another account, or other servers
     */
    renew(config: SidecarConfig, account: SipAccount): boolean;
    /** Ends every call, unregisters, closes the connection; in bounded time. */
    stop(): Promise<void>;
    /** Ends everything at once. */
    dispose(): void;
}

/** What goes into the log beside the messages. */
const LOGGED: ReadonlySet<SidecarEvent['type']> = new Set(['registration', 'incoming', 'call', 'notice', 'tested']);

/** How many seconds a call may ring, whatever the configuration says. */
const RING_TIMEOUT = { least: 5, most: 600 };

/** Makes the user agent of an account. Nothing is sent before {@link Agent.start}. */
export function createAgent(first: SidecarConfig, account: SipAccount, host: AgentHost): Agent {
    let config = first;
    const { clock = pageClock, random = secureRandom } = host;
    const servers = usableServers(config.servers);
    const address = parseSipAddress(account.uri);
    const aor = address === null || address.scheme === 'tel' ? null : addressOfRecord(address);
    const uri = address && formatSipAddress({ ...address, scheme: 'sip', gr: null, transport: null });
    const notice = limitedNotices(host, clock);
    if (servers.length === 0 || uri === null || address === null || aor === null) {
        const refusal = servers.length > 0 ? 'forbidden' : 'bad-server';
        return refusedAgent(host, refusal, clock, () => {
            if (servers.length > 0) notice('SIP-105', 'the address is not a SIP address');
            else notice('SIP-101', 'only wss: addresses are allowed, and ws: to this machine');
            host.emit({ type: 'registration', registration: { state: 'refused', refusal, status: null } });
        });
    }

    const { host: domain, port } = address;
    const calls = new Map<CallId, Call>();
    const farewells: { readonly until: number; readonly task: () => void }[] = [];
    let why = '';
    let registration: Registration = { state: 'off' };

    const credentials = new Credentials(account, domain, (reason) => {
        why = reason;
    });
    const log = new Log(clock);
    const conceal = ({ password, ha1 = [] }: SipAccount): void => {
        const turn = config.iceServers.map(({ credential }) => credential);
        log.conceal([password, ...ha1.map((each) => each.ha1), ...turn]);
    };
    conceal(account);
    const instanceId = isUuid(config.instanceId) ? config.instanceId : uuid();
    const userAgent = new UserAgent(account, uri, instanceId, {
        clock,
        credentials,
        get video() {
            return config.video;
        },
        options: () => headerLines(config.optionsHeaders),
        screen: (request) => screen(request),
        invited: (request) => {
            ring(request);
        },
        response: ({ method, statusCode = 0, callId }) => {
            const provisional = method === 'INVITE' && statusCode > 100 && statusCode < 200;
            if (provisional) calls.get(callId)?.progress();
        },
        lost: (code) => {
            disconnected();
            supervisor.lost(code);
        },
        dropped: (reason) => {
            notice('SIP-106', reason);
        },
        flooded: () => {
            notice('SIP-107', 'more calls came than anybody can answer');
        },
        wire: (direction, text) => {
            log.add(direction, text);
        },
        referred: () => {
            notice('SIP-108', 'calls are not transferred by the other side');
        },
    });
    const { transport, gate } = userAgent;
    /** Who calls, of those who are known. */
    const callers = new WeakMap<Call, string>();
    const reachability = new Reachability();
    let binding = new Binding(userAgent, clock);
    const supervisor = new Supervisor(
        servers,
        aor,
        {
            find: (server) => reachability.find(server),
            open: async (server, wanted) => {
                const open = await transport.open(server, wanted);
                if (open) binding = new Binding(userAgent, clock);
                void reachability.opened(server);
                return open;
            },
            close: () => {
                transport.close();
                disconnected();
            },
            register: () => binding.register(),
            alive: () => isAlive(userAgent.core, clock),
            unregister: (timeout) => binding.unregister(timeout),
        },
        {
            registration: (now) => {
                registration = now;
                if (registration.state === 'refused') refused(registration.refusal, registration.status);
                if (isRegistered(registration)) registered();
                host.emit({ type: 'registration', registration });
            },
            inCall: () => calls.size > 0,
            reconnected: () => {
                userAgent.core.reconnected();
                for (const call of [...calls.values()]) call.reconnected();
            },
            unreachable: (detail) => {
                notice('SIP-101', `${servers.map(serverName).join(', ')}: ${detail}`);
            },
        },
        clock,
        random,
    );

    function refused(refusal: string, status: number | null): void {
        const detail = [`status ${String(status)}`, why].filter((text) => text !== '').join(', ');
        notice(refusal === 'credentials' ? 'SIP-102' : 'SIP-103', detail);
        disconnected();
    }

    function disconnected(): void {
        userAgent.core.lost();
        for (const call of [...calls.values()]) call.connectionLost();
    }

    function registered(): void {
        why = '';
        const ha1 = credentials.accepted();
        if (ha1.length > 0) host.emit({ type: 'credentials-accepted', username: account.username, ha1 });
        for (const { until, task } of farewells.splice(0)) if (clock.now() < until) task();
    }

    const whose = (request: IncomingRequestMessage): string => gate.whose(request.getHeader('from') ?? '');

    function screen(request: IncomingRequestMessage): Refusal | null {
        const required = unsupported(request.getHeaders('require').join());
        if (required !== '') return { statusCode: 420, extraHeaders: [`Unsupported: ${required}`] };
        const { verdict } = claim(request);
        if (typeof verdict === 'number') return { statusCode: verdict };
        const refusal = refusalOf(request);
        if (refusal !== null || verdict !== null) return refusal;
        const who = whose(request);
        const ringing = [...calls.values()].filter((call) => call.isRinging).map((call) => callers.get(call) ?? '');
        const alike = ringing.filter((each) => (each === '') === (who === ''));
        const most = who === '' ? MAX_RINGING : MAX_RINGING_EACH;
        if (alike.length >= MAX_RINGING || ringing.filter((each) => each === who).length >= most) {
            notice('SIP-107', `more than ${String(MAX_RINGING)} calls rang at the same time`);
            return { statusCode: 486 };
        }
        return null;
    }

    /** Which call an INVITE wants to take over, and what becomes of it; null: it is one of its own. */
    function claim(request: IncomingRequestMessage): {
        readonly call?: Call | undefined;
        readonly verdict: Verdict | null;
    } {
        const replaced = [...request.getHeaders('replaces'), ...request.getHeaders('join')];
        if (replaced.length === 0) return { verdict: null };
        const replaces = readReplaces(replaced);
        const all = [...calls.values()];
        // Nobody takes part in a call that is up (RFC 3911 section 3).
        const call = request.hasHeader('join') ? undefined : all.find((each) => replaces && each.named(replaces));
        const named = (replaces && call?.named(replaces)) ?? null;
        const { address } = readNameAddress(request.getHeader('from') ?? '');
        const fingerprints = readFingerprints(readDescription(request));
        const asking = all.some((each) => each.isAsking);
        return { call, verdict: judge(replaces, named, { callId: request.callId, address, fingerprints }, asking) };
    }

    function callerOf(request: IncomingRequestMessage): Caller {
        const { address, asserted, name } = readCaller(
            request.getHeaders('p-asserted-identity'),
            request.getHeader('from') ?? '',
            request.getHeaders('privacy').join(';'),
        );
        return { from: address, asserted, displayName: name };
    }

    function ring(request: IncomingRequestMessage): void {
        const callId = uuid();
        const caller = callerOf(request);
        const { call: other, verdict } = claim(request);
        if (other !== undefined) {
            const { from, displayName } = caller;
            other.takeOver(request, verdict === 'ask' ? { kind: 'take-over', from, displayName } : null);
            return;
        }
        const call = Call.receive(callId, request, callHost);
        calls.set(callId, call);
        callers.set(call, whose(request));
        host.emit({
            type: 'incoming',
            call: {
                callId,
                sipCallId: request.callId.slice(0, 256),
                ...caller,
                video: config.video && offersVideo(request.body),
                to: readNameAddress(request.getHeader('to') ?? '').address,
                remote: readRemote(request, readDescription(request), config.correlationHeaders),
            },
        });
    }

    const callHost: CallHost = {
        core: userAgent.core,
        clock,
        random,
        get ringTimeout() {
            return Math.min(Math.max(config.ringTimeout, RING_TIMEOUT.least), RING_TIMEOUT.most) || 45;
        },
        media: () => host.media(),
        event: (callId, event) => {
            host.emit({ type: 'call', callId, event });
        },
        streams: (callId) => {
            host.emit({ type: 'streams', callId });
        },
        quality: (callId, quality) => {
            host.emit({ type: 'quality', callId, quality });
        },
        local: (callId, sdp, sipCallId) => {
            host.emit({ type: 'local', callId, fingerprints: readFingerprints(sdp), ...(sipCallId && { sipCallId }) });
        },
        instanceId,
        record: (callId, record) => {
            host.record?.(callId, record);
        },
        remote: (callId, message, sdp) => {
            const remote = readRemote(message, sdp, config.correlationHeaders);
            const sipCallId = message.callId.slice(0, 256);
            const caller = message instanceof IncomingRequestMessage ? callerOf(message) : null;
            host.emit({ type: 'remote', callId, sipCallId, remote, ...(caller && { caller }) });
        },
        target: targetOf,
        ended: (callId) => {
            calls.delete(callId);
            host.record?.(callId, null);
        },
        farewell: (task) => {
            if (transport.isConnected()) task();
            else farewells.push({ until: clock.now() + FAREWELL_LIFETIME, task });
        },
        isConnected: () => transport.isConnected(),
        alive: () => supervisor.alive(),
    };

    function targetOf(to: string): string | null {
        const parsed = parseSipAddress(to);
        // A number has no domain of its own: it is dialled at the own one.
        return (
            parsed &&
            formatSipAddress(parsed.scheme === 'tel' ? { ...parsed, scheme: 'sip', host: domain, port } : parsed)
        );
    }

    async function probe({ probeId, to }: Extract<AgentCommand, { type: 'probe' }>): Promise<void> {
        const { core } = userAgent;
        const target = targetOf(to);
        const lines = ['Accept: application/sdp', ALLOW];
        const message =
            target !== null &&
            core.makeRequest('OPTIONS', {
                target,
                to: `<${target}>`,
                callId: uuid(),
                headers: lines,
            });
        const response = message && (await ask(core, message, clock, PROBE_TIMEOUT));
        if (!response) {
            host.emit(unprobed(probeId));
            return;
        }
        const { statusCode = 0 } = response;
        const description = readDescription(response);
        host.emit({
            type: 'probed',
            probeId,
            ok: statusCode >= 200 && statusCode < 300,
            remote: readRemote(response, description, config.correlationHeaders),
            video: readVideo(response, description),
        });
    }

    function dial(command: Extract<AgentCommand, { type: 'call' }>): void {
        const { callId, video, headers } = command;
        if (calls.has(callId)) return;
        const target = targetOf(command.to);
        if (target === null) {
            host.emit({ type: 'call', callId, event: { type: 'ended', reason: 'not-found', at: clock.now() } });
            return;
        }
        calls.set(callId, Call.place(callId, target, { video: video && config.video, headers }, callHost));
    }

    function goOn(record: ResumeRecord): void {
        const { callId, dialog } = record;
        if (calls.has(callId)) return;
        const usable = Object.values(dialog)
            .flat()
            .every((value) => isHeaderValue(String(value)));
        if (!usable) {
            host.emit({ type: 'call', callId, event: { type: 'ended', reason: 'connection-lost', at: clock.now() } });
            return;
        }
        const call = Call.restore(record, callHost);
        calls.set(callId, call);
        call.goOn();
    }

    const online = (): void => {
        supervisor.wake(true);
    };
    const seen = (): void => {
        if (document.visibilityState === 'visible') supervisor.wake(false);
    };
    const listen = (on: boolean): void => {
        const change = on ? 'addEventListener' : 'removeEventListener';
        globalThis[change]('online', online);
        globalThis[change]('pageshow', seen);
        // Only some browsers know what the network is.
        (navigator as { connection?: EventTarget }).connection?.[change]('change', online);
        document[change]('visibilitychange', seen);
    };
    const endCalls = (): void => {
        for (const call of [...calls.values()]) call.abandon();
        farewells.length = 0;
    };
    let stopped = false;
    const dispose = (): void => {
        if (stopped) return;
        stopped = true;
        listen(false);
        endCalls();
        supervisor.dispose();
        userAgent.dispose();
    };

    return {
        start: () => {
            listen(true);
            supervisor.start();
        },
        send: (command) => {
            if (command.type === 'call') {
                dial(command);
                return;
            }
            if (command.type === 'probe') {
                void probe(command);
                return;
            }
            if (command.type === 'known') {
                gate.know(command.addresses);
                return;
            }
            if (command.type === 'test') {
                void testSignalling({
                    registration: () => registration,
                    alive: () => isAlive(userAgent.core, clock),
                    servers: servers.map(serverName).join(', '),
                    clock,
                    tell: (check) => {
                        host.emit({ type: 'tested', check });
                    },
                });
                return;
            }
            if (command.type === 'report') {
                host.emit({ type: 'report', text: log.report() });
                return;
            }
            if (command.type === 'resume') {
                goOn(command.record);
                return;
            }
            const call = calls.get(command.callId);
            if (call === undefined) return;
            switch (command.type) {
                case 'answer':
                    void call.answer({ ...command, video: command.video && config.video });
                    break;
                case 'ring':
                    call.ring();
                    break;
                case 'decline':
                    call.decline(command.as);
                    break;
                case 'hang-up':
                    call.hangUp();
                    break;
                case 'hold':
                    call.hold(command.on);
                    break;
                case 'mute':
                    call.mute(command.on);
                    break;
                case 'camera':
                case 'screen':
                    void call.show(command.type, command.on && config.video);
                    break;
                case 'reply':
                    call.reply(command.accept);
                    break;
                case 'digits':
                    call.digits(command.digits);
                    break;
            }
        },
        renew: (next, { uri, ...rest }) => {
            const same =
                addressOfRecord(uri) === aor &&
                next.instanceId === config.instanceId &&
                usableServers(next.servers).join(' ') === servers.join(' ');
            if (!same) return false;
            config = next;
            credentials.renew({ uri, ...rest });
            conceal({ uri, ...rest });
            userAgent.core.configuration.displayName = cleanDisplayName(rest.displayName);
            supervisor.start();
            return true;
        },
        note: (event) => {
            if (LOGGED.has(event.type)) log.add(event.type, JSON.stringify(event));
        },
        stop: async () => {
            listen(false);
            endCalls();
            await supervisor.stop();
            dispose();
        },
        dispose,
    };
}

/** Notices, of each code only so many in a while: strangers can cause some of them. */
function limitedNotices(host: AgentHost, clock: Clock): (code: NoticeCode, detail: string) => void {
    const said = new Map<NoticeCode, number[]>();
    return (code, detail) => {
        const now = clock.now();
        const recent = (said.get(code) ?? []).filter((at) => now - at < NOTICE_WINDOW);
        if (recent.length >= MAX_NOTICES) return;
        said.set(code, [...recent, now]);
        host.emit({ type: 'notice', code, detail });
    };
}

/** Stands in where the configuration allows no user agent: says so, and refuses calls. */
function refusedAgent(
    host: AgentHost,
    refusal: Extract<Registration, { state: 'refused' }>['refusal'],
    clock: Clock,
    say: () => void,
): Agent {
    return {
        start: say,
        send: (command) => {
            if (command.type === 'probe') {
                host.emit(unprobed(command.probeId));
            } else if (command.type === 'call') {
                const { callId } = command;
                host.emit({ type: 'call', callId, event: { type: 'ended', reason: 'refused', at: Date.now() } });
            } else if (command.type === 'test') {
                void testSignalling({
                    registration: () => ({ state: 'refused', refusal, status: null }),
                    alive: () => Promise.resolve(false),
                    servers: '',
                    clock,
                    tell: (check) => {
                        host.emit({ type: 'tested', check });
                    },
                });
            }
        },
        note: () => undefined,
        renew: () => false,
        stop: () => Promise.resolve(),
        dispose: () => undefined,
    };
}
