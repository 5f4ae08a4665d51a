import { createAgent, type Agent, type AgentCommand } from '../../../../src/sip-sidecar/agent/index.js';
import {
    firstState,
    isRegistered,
    nextState,
    type CallId,
    type CallState,
    type IncomingCall,
    type Registration,
    type ResumeRecord,
    type SidecarConfig,
    type SidecarEvent,
    type SipAccount,
} from '../../../../src/sip-sidecar/contract/index.js';
import { HandClock, settled } from './clock.js';
import { FakeMedia, SDP } from './media.js';
import { FakeServer, type Message } from './server.js';

export const CONFIG: SidecarConfig = {
    servers: ['wss://sip.example.net/'],
    instanceId: 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6',
    iceServers: [],
    icePolicy: 'all',
    ringTimeout: 45,
    video: true,
    correlationHeaders: [],
    optionsHeaders: [],
};

export const ACCOUNT: SipAccount = {
    uri: 'sip:alice@example.net',
    username: 'alice',
    displayName: 'Alice',
    password: 'wonderland',
};

/** A call that is up, and how the server speaks in its dialog. */
export interface Dialog {
    readonly callId: CallId;
    /** Sends a request in the dialog. */
    request(method: string, options?: { headers?: readonly string[]; body?: string; uri?: string }): Message;
}

/** An agent at its fake server, with fake media and a clock that is turned by hand. */
export class TestPhone {
    readonly server = new FakeServer();
    readonly media = new FakeMedia();
    readonly clock = new HandClock();
    readonly events: SidecarEvent[] = [];
    readonly states = new Map<CallId, CallState>();
    /** What the next page would be told of each call. */
    readonly records = new Map<CallId, ResumeRecord>();
    mediaLoads = true;
    /** Until when the media is being loaded. */
    loaded: Promise<void> = Promise.resolve();
    /** Whether what comes in rings at once. */
    rings = true;
    private made: Agent | null = null;

    get agent(): Agent {
        if (this.made === null) throw new Error('not started');
        return this.made;
    }

    start(config: Partial<SidecarConfig> = {}, account: Partial<SipAccount> = {}): void {
        this.made = createAgent(
            { ...CONFIG, ...config },
            { ...ACCOUNT, ...account },
            {
                clock: this.clock,
                random: () => 0.5,
                media: () => (this.mediaLoads ? this.loaded.then(() => this.media) : Promise.reject(new Error('gone'))),
                record: (callId, record) => void this.records.set(callId, record),
                emit: (event) => {
                    this.events.push(event);
                    this.made?.note(event);
                    if (event.type === 'incoming') {
                        if (this.rings) this.send({ type: 'ring', callId: event.call.callId });
                        this.states.set(event.call.callId, firstState('incoming', event.call.video));
                    } else if (event.type === 'call') {
                        const state = this.states.get(event.callId) ?? firstState('outgoing', false);
                        this.states.set(event.callId, nextState(state, event.event));
                    }
                },
            },
        );
        this.made.start();
    }

    /** Starts, and resolves when it is registered. */
    async register(config: Partial<SidecarConfig> = {}, account: Partial<SipAccount> = {}): Promise<void> {
        this.start(config, account);
        await this.until(() => this.registration !== undefined && isRegistered(this.registration), 'registered');
    }

    end(): void {
        this.made?.dispose();
        this.server.restore();
    }

    get registration(): Registration | undefined {
        return this.events.filter((event) => event.type === 'registration').at(-1)?.registration;
    }

    get notices(): string[] {
        return this.events.filter((event) => event.type === 'notice').map(({ code }) => code);
    }

    get incoming(): IncomingCall[] {
        return this.events.filter((event) => event.type === 'incoming').map(({ call }) => call);
    }

    send(command: AgentCommand): void {
        this.agent.send(command);
    }

    state(callId: CallId): CallState {
        const state = this.states.get(callId);
        if (state === undefined) throw new Error('no such call');
        return state;
    }

    /** Lets everything happen that can happen now, until something is so. */
    async until(test: () => boolean, what = 'it'): Promise<void> {
        for (let i = 0; i < 200; i += 1) {
            if (test()) return;
            await settled();
        }
        throw new Error(`${what} did not come; ${JSON.stringify(this.events.slice(-5))}`);
    }

    async reaches(callId: CallId, name: CallState['name']): Promise<CallState> {
        await this.until(() => this.states.get(callId)?.name === name, name);
        return this.state(callId);
    }

    dial(options: { to?: string; video?: boolean; headers?: [string, string][] } = {}): CallId {
        const { to = 'sip:bob@example.net', video = false, headers = [] } = options;
        const callId = crypto.randomUUID();
        this.states.set(callId, firstState('outgoing', video));
        this.send({ type: 'call', callId, to, video, headers });
        return callId;
    }

    /** Calls, and has it answered. */
    async talk(sdp = SDP, headers: readonly string[] = []): Promise<Dialog> {
        const callId = this.dial();
        const invite = await this.server.request('INVITE');
        this.server.reply(invite, 200, ['Contact: <sip:bob@server.invalid;transport=ws>', ...headers], sdp);
        await this.server.request('ACK');
        this.media.latest.listener.connected();
        await this.reaches(callId, 'active');
        return this.dialog(callId, invite.header('From'), '<sip:bob@example.net>;tag=far', callId);
    }

    /** Is called, and answers. */
    async answered(): Promise<Dialog> {
        const invite = this.server.sendRequest({ method: 'INVITE', body: SDP });
        await this.server.response('INVITE', 180);
        const { callId } = this.incoming.at(-1)!;
        this.send({ type: 'answer', callId, video: false, listenOnly: false, headers: [] });
        const ok = await this.server.response('INVITE', 200);
        const dialog = this.dialog(callId, ok.header('To'), ok.header('From'), invite.header('Call-ID'));
        this.server.sendRequest({
            method: 'ACK',
            from: ok.header('From'),
            to: ok.header('To'),
            callId: invite.header('Call-ID'),
            cseq: Number.parseInt(invite.header('CSeq'), 10),
        });
        this.media.latest.listener.connected();
        await this.reaches(callId, 'active');
        return dialog;
    }

    private dialog(callId: CallId, ours: string, theirs: string, sipCallId: string): Dialog {
        let cseq = 1000;
        return {
            callId,
            request: (method, options = {}) => {
                cseq += 1;
                return this.server.sendRequest({ method, from: theirs, to: ours, callId: sipCallId, cseq, ...options });
            },
        };
    }
}
