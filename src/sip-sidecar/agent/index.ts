/** The SIP user agent of one account: the door of the only folder that imports sip.js. */
import { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import {
    addressOfRecord,
    cleanDisplayName,
    formatSipAddress,
    isRegistered,
    pageClock,
    parseSipAddress,
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
import type { CallHost } from './call-host.js';
import { makeCall, type Call, type Said } from './call.js';
import { testSignalling } from './checks.js';
import { makeCredentials } from './credentials.js';
import { makeLog } from './log.js';
import { ALLOW, headerLines, offersVideo, readCaller, readNameAddress, unsupported } from './headers.js';
import { BUDGETS, FAREWELL_LIFETIME, MAX_RINGING, MAX_RINGING_EACH, PROBE_TIMEOUT } from './policies.js';
import { isAlive } from './keep-alive.js';
import { secureRandom, type Random } from './random.js';
import { makeBinding } from './registration.js';
import { judge, readReplaces } from './replaces.js';
import { makeReachability } from './reachability.js';
import { readFingerprints, readRemote, readVideo } from './remote-party.js';
import { serverName } from './servers.js';
import { supervise } from './supervisor.js';
import { readDescription, type Refusal } from './dialogue/session-description.js';
import { refusalOf } from './dialogue/session.js';
import { makeUserAgent } from './user-agent.js';

/** The commands that the agent carries out. */
export type AgentCommand =
    | Exclude<Extract<SidecarCommand, { callId: CallId } | { probeId: string }>, { type: 'describe' }>
    /** Goes on with a call that another page had. `interrupted` until then; what comes of it are events of that call. */
    | { readonly type: 'resume'; readonly record: ResumeRecord }
    | Extract<SidecarCommand, { type: 'known' | 'report' | 'test' }>;

/** What the agent needs of the sidecar. */
export interface AgentHost {
    emit(event: SidecarEvent): void;
    /** What the next page needs to go on with a call, each time it has changed. */
    record?(callId: CallId, record: ResumeRecord): void;
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

/**
 * Makes the user agent of an account. Nothing is sent before {@link Agent.start}.
 * @throws where the account has no SIP address
 */
export function createAgent(first: SidecarConfig, account: SipAccount, host: AgentHost): Agent {
    let config = first;
    const { clock = pageClock, random = secureRandom } = host;
    const { servers } = config;
    const address = parseSipAddress(account.uri);
    const own = address && { ...address, scheme: 'sip' as const, gr: null, transport: null };
    const aor = addressOfRecord(account.uri);
    if (!own?.host || aor === null) throw new Error('no SIP address');

    const calls = new Map<CallId, Call>();
    const all = () => [...calls.values()];
    const farewells: { readonly until: number; readonly task: () => void }[] = [];
    const where = servers.map(serverName).join(', ');
    let why = '';
    let registration: Registration = { state: 'off' };

    const notice = (code: NoticeCode, detail: string): void => {
        // Strangers can cause some of them.
        if (gate.spend(code, BUDGETS.notice)) host.emit({ type: 'notice', code, detail });
    };
    const credentials = makeCredentials(account, own.host, (reason) => {
        why = reason;
    });
    const log = makeLog(clock);
    const conceal = ({ password, ha1 = [] }: SipAccount): void => {
        log.conceal([password, ...ha1.map((each) => each.ha1), ...config.iceServers.map((each) => each.credential)]);
    };
    conceal(account);
    const userAgent = makeUserAgent(account, formatSipAddress(own), config.instanceId, {
        clock,
        credentials,
        get video() {
            return config.video;
        },
        options: () => headerLines(config.optionsHeaders),
        invited,
        lost: (code) => {
            supervisor.lost(code);
        },
        dropped: (reason) => {
            notice('SIP-106', reason);
        },
        flooded: () => {
            notice('SIP-107', 'too many calls');
        },
        wire: (direction, text) => {
            log.add(direction, text);
        },
        referred: () => {
            notice('SIP-108', 'not by the other side');
        },
    });
    const { core, transport, gate } = userAgent;
    const reachability = makeReachability();
    let binding = makeBinding(userAgent, clock);
    const supervisor = supervise(
        servers,
        aor,
        {
            find: (server) => reachability.find(server),
            open: async (server, wanted) => {
                const open = await transport.open(server, wanted);
                if (open) binding = makeBinding(userAgent, clock);
                void reachability.opened(server);
                return open;
            },
            close: () => {
                transport.close();
                core.lost();
                for (const call of all()) call.connectionLost();
            },
            register: () => binding.register(),
            alive: () => isAlive(core, clock),
            unregister: (timeout) => binding.unregister(timeout),
        },
        {
            registration: (now) => {
                registration = now;
                if (now.state === 'refused') {
                    const detail = [`status ${String(now.status)}`, why].filter((text) => text !== '').join(', ');
                    notice(now.refusal === 'credentials' ? 'SIP-102' : 'SIP-103', detail);
                } else if (isRegistered(now)) {
                    why = '';
                    const ha1 = credentials.accepted();
                    if (ha1.length > 0) host.emit({ type: 'credentials-accepted', username: account.username, ha1 });
                    for (const { until, task } of farewells.splice(0)) if (clock.now() < until) task();
                }
                host.emit({ type: 'registration', registration });
            },
            inCall: () => calls.size > 0,
            reconnected: () => {
                core.reconnected();
                for (const call of all()) call.reconnected();
            },
            unreachable: (detail) => {
                notice('SIP-101', `${where}: ${detail}`);
            },
        },
        clock,
        random,
    );

    /** An INVITE outside any dialog rings, or goes on with a call that is up. @returns how it is refused, else null */
    function invited(request: IncomingRequestMessage): Refusal | null {
        const required = unsupported(request.getHeaders('require').join());
        if (required !== '') return { statusCode: 420, extraHeaders: [`Unsupported: ${required}`] };
        const { callId: sipCallId } = request;
        const from = request.getHeader('from') ?? '';
        const sdp = readDescription(request);
        const replaced = [...request.getHeaders('replaces'), ...request.getHeaders('join')];
        const replaces = readReplaces(replaced);
        // Nobody takes part in a call that is up (RFC 3911 section 3).
        const other = replaces && !request.hasHeader('join') && all().find((call) => call.named(replaces));
        const verdict =
            replaced.length > 0 &&
            judge(
                replaces,
                other ? other.named(replaces) : null,
                { callId: sipCallId, address: readNameAddress(from).address, fingerprints: readFingerprints(sdp) },
                all().some((call) => call.succession.isAsking()),
            );
        if (typeof verdict === 'number') return { statusCode: verdict };
        const refusal = refusalOf(request);
        if (refusal !== null) return refusal;
        const caller = callerOf(request);
        if (other) {
            const { from, displayName } = caller;
            other.succession.receive(request, verdict === 'ask' ? { kind: 'take-over', from, displayName } : null);
            return null;
        }
        const who = gate.whose(from);
        const ringing = all().filter((call) => call.isRinging() && (call.who === '') === (who === ''));
        const alike = ringing.filter((call) => call.who === who);
        if (ringing.length >= MAX_RINGING || (who !== '' && alike.length >= MAX_RINGING_EACH)) {
            notice('SIP-107', 'too many calls at the same time');
            return { statusCode: 486 };
        }
        const callId = uuid();
        const call = makeCall(callId, 'incoming', callHost, who);
        calls.set(callId, call);
        call.receive(request);
        host.emit({
            type: 'incoming',
            call: {
                callId,
                sipCallId: sipCallId.slice(0, 256),
                ...caller,
                video: config.video && offersVideo(request.body),
                to: readNameAddress(request.getHeader('to') ?? '').address,
                remote: readRemote(request, sdp, config.correlationHeaders),
            },
        });
        return null;
    }

    function callerOf(request: IncomingRequestMessage): Caller {
        const { address, asserted, name } = readCaller(
            request.getHeaders('p-asserted-identity'),
            request.getHeader('from') ?? '',
            request.getHeaders('privacy').join(';'),
        );
        return { from: address, asserted, displayName: name };
    }

    const target = (to: string): string | null => {
        const parsed = parseSipAddress(to);
        // A number has no domain of its own: it is dialled at the own one.
        return (
            parsed && formatSipAddress(parsed.scheme === 'tel' ? { ...own, user: parsed.user, phone: true } : parsed)
        );
    };

    const callHost: CallHost = {
        ...host,
        core,
        clock,
        random,
        get config() {
            return config;
        },
        remote: (callId, message, sdp) => {
            const remote = readRemote(message, sdp, config.correlationHeaders);
            const sipCallId = message.callId.slice(0, 256);
            const caller = message instanceof IncomingRequestMessage && { caller: callerOf(message) };
            host.emit({ type: 'remote', callId, sipCallId, remote, ...caller });
        },
        target,
        ended: (callId) => {
            calls.delete(callId);
        },
        farewell: (task) => {
            if (transport.isConnected()) task();
            else farewells.push({ until: clock.now() + FAREWELL_LIFETIME, task });
        },
        isConnected: () => transport.isConnected(),
        alive: () => supervisor.alive(),
    };

    async function probe(probeId: string, to: string | null): Promise<void> {
        const headers = ['Accept: application/sdp', ALLOW];
        const response = to
            ? await ask(
                  core,
                  core.makeRequest('OPTIONS', {
                      target: to,
                      to: `<${to}>`,
                      callId: uuid(),
                      headers,
                  }),
                  clock,
                  PROBE_TIMEOUT,
              )
            : new IncomingResponseMessage();
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

    const listening = new AbortController();
    /** Ends every call. */
    const leave = (): void => {
        listening.abort();
        for (const call of all()) call.abandon();
        farewells.length = 0;
    };

    return {
        start: () => {
            const doubt = (): void => {
                supervisor.wake(true);
            };
            const seen = (): void => {
                if (document.visibilityState === 'visible') supervisor.wake(false);
            };
            addEventListener('online', doubt, listening);
            // Only some browsers know what the network is.
            (navigator as { connection?: EventTarget }).connection?.addEventListener('change', doubt, listening);
            addEventListener('pageshow', seen, listening);
            document.addEventListener('visibilitychange', seen, listening);
            supervisor.start();
        },
        send: (command) => {
            switch (command.type) {
                case 'call': {
                    const { callId } = command;
                    const to = target(command.to);
                    const call = makeCall(callId, 'outgoing', callHost);
                    if (to) {
                        calls.set(callId, call);
                        void call.place(to, command);
                    } else call.end('not-found');
                    break;
                }
                case 'resume': {
                    const { callId, direction } = command.record;
                    const call = makeCall(callId, direction, callHost);
                    calls.set(callId, call);
                    call.goOn(command.record);
                    break;
                }
                case 'probe':
                    void probe(command.probeId, target(command.to));
                    break;
                case 'known':
                    gate.know(command.addresses);
                    break;
                case 'test':
                    void testSignalling({
                        registration: () => registration,
                        alive: () => isAlive(core, clock),
                        servers: where,
                        clock,
                        tell: (check) => {
                            host.emit({ type: 'tested', check });
                        },
                    });
                    break;
                case 'report':
                    host.emit({ type: 'report', text: log.report() });
                    break;
                case 'hang-up':
                    calls.get(command.callId)?.hangUp();
                    break;
                default: {
                    // Each method takes the command of its name.
                    const call: Pick<Call, (typeof command)['type']> | undefined = calls.get(command.callId);
                    if (call) void call[command.type](command as typeof command & Said);
                }
            }
        },
        renew: (next, account) => {
            const isSame =
                addressOfRecord(account.uri) === aor &&
                next.instanceId === config.instanceId &&
                next.servers.join() === servers.join();
            if (isSame) {
                config = next;
                credentials.renew(account);
                conceal(account);
                core.configuration.displayName = cleanDisplayName(account.displayName);
                supervisor.start();
            }
            return isSame;
        },
        note: (event) => {
            if (
                event.type === 'registration' ||
                event.type === 'incoming' ||
                event.type === 'call' ||
                event.type === 'notice' ||
                event.type === 'tested'
            )
                log.add(event.type, JSON.stringify(event));
        },
        stop: async () => {
            leave();
            await supervisor.stop();
            userAgent.dispose();
        },
        dispose: () => {
            leave();
            supervisor.dispose();
            userAgent.dispose();
        },
    };
}
