import { createSidecar, type SidecarOptions } from '../../src/sip-sidecar/index.js';
import type { Agent, AgentHost, AgentCommand } from '../../src/sip-sidecar/agent/index.js';
import {
    DeviceError,
    PREVIEW,
    type MediaEngineListener,
    type Registration,
    type SidecarCommand,
    type SidecarEvent,
    type SidecarPort,
    type SipAccount,
} from '../../src/sip-sidecar/contract/index.js';
import { settled } from './agent/support/clock.js';
import { FakeMedia } from './agent/support/media.js';
import { ACCOUNT, CONFIG } from './agent/support/phone.js';
import { recordOf } from './support/record.js';

/** An agent that only remembers. */
class FakeAgent implements Agent {
    readonly log: string[] = [];
    /** What it was given for its log. */
    readonly noted: string[] = [];
    renews = true;
    stopping: Promise<void> = Promise.resolve();

    constructor(
        readonly account: SipAccount,
        readonly host: AgentHost,
    ) {}

    start(): void {
        this.log.push('start');
    }
    send(command: AgentCommand): void {
        this.log.push(command.type);
    }
    note({ type }: SidecarEvent): void {
        this.noted.push(type);
    }
    renew(_config: unknown, account: SipAccount): boolean {
        const same = this.renews && account.uri === this.account.uri;
        if (same) this.log.push('renew');
        return same;
    }
    stop(): Promise<void> {
        this.log.push('stop');
        return this.stopping;
    }
    dispose(): void {
        this.log.push('dispose');
    }
}

describe('The sidecar', () => {
    let agents: FakeAgent[];
    let media: FakeMedia;
    let mediaListener: MediaEngineListener;
    let loads: string[];
    let loadAgent: () => Promise<void>;
    let loadMedia: () => Promise<void>;
    let events: SidecarEvent[];
    let open: SidecarPort[];

    beforeEach(() => {
        agents = [];
        media = new FakeMedia();
        loads = [];
        events = [];
        open = [];
        loadAgent = () => Promise.resolve();
        loadMedia = () => Promise.resolve();
    });
    afterEach(() => open.forEach((sidecar) => sidecar.dispose()));

    const make = (options: SidecarOptions = { locks: null }, heard: SidecarEvent[] = events): SidecarPort => {
        const sidecar = createSidecar({
            loadAgent: async () => {
                loads.push('agent');
                await loadAgent();
                return {
                    createAgent: (_config, account, host) => {
                        const agent = new FakeAgent(account, host);
                        agents.push(agent);
                        return agent;
                    },
                };
            },
            loadMedia: async () => {
                loads.push('media');
                await loadMedia();
                return {
                    createMediaEngine: (listener) => {
                        mediaListener = listener;
                        return media;
                    },
                };
            },
            ...options,
        });
        sidecar.subscribe((event) => heard.push(event));
        open.push(sidecar);
        return sidecar;
    };
    const connect = (more: Partial<SipAccount> = {}): SidecarCommand => ({
        type: 'connect',
        config: CONFIG,
        account: { ...ACCOUNT, ...more },
    });
    const call: SidecarCommand = { type: 'call', callId: '1', to: 'sip:bob@example.net', video: false, headers: [] };
    const registrations = (heard: SidecarEvent[] = events): Registration['state'][] =>
        heard.filter((event) => event.type === 'registration').map(({ registration }) => registration.state);
    const registered = (agent: FakeAgent | undefined): void => {
        const registration = { state: 'registered', aor: ACCOUNT.uri, gruu: null } as const;
        agent?.host.emit({ type: 'registration', registration });
    };

    it('loads nothing before it is needed, and media only after the registration', async () => {
        const sidecar = make();
        await settled();
        expect(loads).toEqual([]);
        sidecar.send(connect());
        await settled();
        expect(loads).toEqual(['agent']);
        registered(agents[0]);
        await settled();
        expect(loads).toEqual(['agent', 'media']);
        expect(media.configure).toHaveBeenCalledWith(CONFIG);
    });

    it('keeps commands in order until the agent is there', async () => {
        const sidecar = make();
        sidecar.send(connect());
        sidecar.send(call);
        sidecar.send({ type: 'mute', callId: '1', on: true });
        sidecar.send({ type: 'hang-up', callId: '1' });
        await settled();
        expect(agents[0]?.log).toEqual(['start', 'call', 'mute', 'hang-up']);
    });

    it('ends a call that nobody can place', () => {
        make().send(call);
        expect(events).toEqual([
            {
                type: 'call',
                callId: '1',
                event: jasmine.objectContaining({ type: 'ended', reason: 'unavailable' }) as never,
            },
        ]);
    });

    it('answers a probe that nobody can make', async () => {
        const nobody = { contact: '', callInfo: [], headers: [], fingerprints: [] };
        const unprobed = { type: 'probed', probeId: 'p', ok: false, remote: nobody, video: null } as const;
        const probe = { type: 'probe', probeId: 'p', to: 'sip:bob@example.net' } as const;
        const sidecar = make();
        sidecar.send(probe);
        expect(events).toEqual([unprobed]);
        sidecar.send(connect());
        sidecar.send(probe);
        await settled();
        expect(agents[0]?.log).toEqual(['start', 'probe']);
        sidecar.send({ type: 'disconnect' });
        sidecar.send(probe);
        expect(events.at(-1)).toEqual(unprobed);
    });

    it('says which part cannot be loaded, ends the calls that waited for it, and asks for it again', async () => {
        jasmine.clock().install();
        try {
            loadAgent = () => Promise.reject(new Error('404'));
            const sidecar = make();
            sidecar.send(connect());
            sidecar.send(call);
            for (let i = 0; i < 20; i += 1) await Promise.resolve();
            expect(events.filter(({ type }) => type === 'notice')).toEqual([
                { type: 'notice', code: 'SIP-301', detail: 'the SIP agent' },
            ]);
            expect(registrations()).toEqual(['connecting', 'offline']);
            expect(events.some((event) => event.type === 'call' && event.event.type === 'ended')).toBeTrue();
            loadAgent = () => Promise.resolve();
            jasmine.clock().tick(15_000);
            for (let i = 0; i < 20; i += 1) await Promise.resolve();
            expect(agents[0]?.log).toEqual(['start']);
        } finally {
            jasmine.clock().uninstall();
        }
    });

    it('says that media cannot be loaded, and asks for it again at the next need', async () => {
        loadMedia = () => Promise.reject(new Error('404'));
        const sidecar = make();
        sidecar.send({ type: 'preview', microphone: true, camera: false });
        await settled();
        expect(events).toEqual([{ type: 'notice', code: 'SIP-301', detail: 'media' }]);
        loadMedia = () => Promise.resolve();
        sidecar.send({ type: 'preview', microphone: true, camera: false });
        await settled();
        expect(media.preview).toHaveBeenCalled();
    });

    it('passes on what media tells, and what a preview is wanting', async () => {
        const sidecar = make();
        const problem = { device: 'camera', problem: 'missing' } as const;
        media.preview.and.rejectWith(new DeviceError(problem));
        sidecar.send({ type: 'preview', microphone: false, camera: true });
        await settled();
        mediaListener.devices([]);
        mediaListener.previewStreams();
        expect(events).toEqual([
            { type: 'preview-problem', problem },
            { type: 'device-list', devices: [] },
            { type: 'streams', callId: PREVIEW },
        ]);
        expect(sidecar.media('1')).toEqual({ local: null, remote: null });
    });

    it('hands the chosen devices to media, those that were chosen before it was loaded too', async () => {
        const sidecar = make();
        const choice = { microphone: 'm', camera: '', speaker: '', ringer: '' };
        sidecar.send({ type: 'devices', choice });
        await settled();
        expect(loads).withContext('a choice alone needs no media').toEqual([]);
        sidecar.send({ type: 'preview', microphone: true, camera: false });
        await settled();
        expect(media.chooseDevices).toHaveBeenCalledWith(choice);
        sidecar.send({ type: 'devices', choice: { ...choice, camera: 'c' } });
        expect(media.chooseDevices).toHaveBeenCalledWith({ ...choice, camera: 'c' });
    });

    it('gives new STUN and TURN servers to media', async () => {
        const sidecar = make();
        sidecar.send(connect());
        await settled();
        registered(agents[0]);
        await settled();
        const iceServers = [{ urls: 'stun:127.0.0.1' }];
        sidecar.send({ type: 'ice-servers', iceServers });
        expect(media.configure.calls.mostRecent().args[0].iceServers).toEqual(iceServers);
    });

    it('tells every agent who is known before anything can come in, and later when that has changed', async () => {
        const sidecar = make();
        sidecar.send({ type: 'known', addresses: ['sip:bob@example.net'] });
        sidecar.send(connect());
        await settled();
        expect(agents[0]?.log).toEqual(['known', 'start']);
        sidecar.send({ type: 'known', addresses: [] });
        sidecar.send({ type: 'report' });
        expect(agents[0]?.log).toEqual(['known', 'start', 'known', 'report']);
    });

    it('has everything that happened written into the log, what media tells, too', async () => {
        const sidecar = make();
        sidecar.send(connect());
        await settled();
        registered(agents[0]);
        await settled();
        mediaListener.notice('turn:turn.example.net');
        expect(agents[0]?.noted).toEqual(['registration', 'notice']);
    });

    it('takes new credentials for the same account without a break', async () => {
        const sidecar = make();
        sidecar.send(connect());
        await settled();
        sidecar.send(connect({ password: 'new' }));
        await settled();
        expect(agents.length).toBe(1);
        expect(agents[0]?.log).toEqual(['start', 'renew']);
    });

    it('changes the account only when the old one has gone', async () => {
        const sidecar = make();
        sidecar.send(connect());
        await settled();
        let gone: () => void = () => undefined;
        agents[0]!.stopping = new Promise((resolve) => (gone = resolve));
        sidecar.send(connect({ uri: 'sip:bob@example.net' }));
        sidecar.send(connect({ uri: 'sip:carol@example.net' }));
        sidecar.send(call);
        await settled();
        expect(agents.length).toBe(1);
        gone();
        await settled();
        expect(agents[1]?.account.uri).toBe('sip:carol@example.net');
        expect(agents[1]?.log).toEqual(['start', 'call']);
        registered(agents[0]);
        expect(registrations().filter((state) => state === 'registered'))
            .withContext('the old one is not heard')
            .toEqual([]);
    });

    it('survives a disconnect before and while it loads', async () => {
        let loaded: () => void = () => undefined;
        loadAgent = () => new Promise((resolve) => (loaded = resolve));
        const early = make({ locks: null }, []);
        early.send(connect());
        await settled();
        early.send({ type: 'disconnect' });
        loaded();
        await settled();
        expect(agents).toEqual([]);
        loadAgent = () => Promise.resolve();
        const sidecar = make();
        sidecar.send(connect());
        sidecar.send({ type: 'disconnect' });
        await settled();
        expect(agents).toEqual([]);
        expect(registrations()).toEqual(['connecting', 'off']);
        sidecar.send(connect());
        await settled();
        expect(agents.length).toBe(1);
        sidecar.send({ type: 'disconnect' });
        expect(agents[0]?.log).toEqual(['start', 'stop']);
    });

    it('goes on where a listener fails', () => {
        const reported = spyOn(globalThis, 'reportError');
        const sidecar = make();
        const second: SidecarEvent[] = [];
        const unsubscribe = sidecar.subscribe(() => {
            throw new Error('mine');
        });
        sidecar.subscribe((event) => second.push(event));
        sidecar.send({ type: 'disconnect' });
        expect(second.length).toBe(1);
        expect(reported).toHaveBeenCalled();
        unsubscribe();
        sidecar.send({ type: 'disconnect' });
        expect(reported).toHaveBeenCalledTimes(1);
    });

    describe('runs the connection test', () => {
        const results = (): string[] =>
            events.filter((event) => event.type === 'tested').map(({ check }) => `${check.name} ${check.reason}`);

        it('of media by itself, and has the agent say how we stand with the server', async () => {
            const sidecar = make();
            sidecar.send(connect());
            await settled();
            sidecar.send({ type: 'test' });
            await settled();
            expect(agents[0]?.log.at(-1)).toBe('test');
            const tell = media.test.calls.mostRecent().args[0];
            tell({ name: 'stun', result: 'passed', reason: '', detail: 'stun:s.example 3 ms' });
            expect(results()).toEqual(['stun ']);
        });

        it('also while nobody has signed in', async () => {
            make().send({ type: 'test' });
            await settled();
            expect(results()).toEqual(['server not-tried', 'signed-in no-credentials', 'registered not-tried']);
            expect(media.test).toHaveBeenCalled();
        });
    });

    it('is silent and empty once it is disposed of', async () => {
        const sidecar = make();
        sidecar.send(connect());
        await settled();
        registered(agents[0]);
        await settled();
        sidecar.dispose();
        const before = events.length;
        sidecar.send(connect());
        sidecar.send(call);
        await settled();
        expect(events.length).toBe(before);
        expect(agents[0]?.log.at(-1)).toBe('dispose');
        expect(media.dispose).toHaveBeenCalled();
    });

    describe('in two tabs of one profile', () => {
        const locks = navigator.locks;
        let other: SidecarEvent[];
        const until = async (test: () => boolean): Promise<void> => {
            // The browser's lock manager lives in another process: it answers when it answers.
            while (!test()) await new Promise((resolve) => setTimeout(resolve, 1));
            expect(test()).toBeTrue();
        };
        beforeEach(() => (other = []));

        it('registers in one of them, and the other takes over when that goes', async () => {
            const first = make({ locks });
            const second = make({ locks }, other);
            first.send(connect());
            await until(() => agents.length === 1);
            second.send(connect());
            await until(() => registrations(other).includes('elsewhere'));
            second.send(call);
            expect(other.at(-1)?.type).withContext('a call from the second tab').toBe('call');
            expect(agents.length).toBe(1);
            first.send({ type: 'disconnect' });
            await until(() => agents.length === 2);
        });

        it('hands the registration to the one in which the person acts, and the calls where the person wants it', async () => {
            const account = { uri: `sip:${crypto.randomUUID()}@example.net` };
            const first = make({ locks });
            first.send(connect(account));
            await until(() => agents.length === 1);
            const second = make({ locks }, other);
            second.send(connect(account));
            await until(() => registrations(other).includes('elsewhere'));
            second.send({ type: 'take-over' });
            await until(() => agents.length === 2);
            // Later: on a machine that is slow it would be the one that waits.
            const thirds: SidecarEvent[] = [];
            const third = make({ locks }, thirds);
            third.send(connect(account));
            await until(() => registrations(thirds).includes('elsewhere'));
            expect(agents[0]?.log).toEqual(['start', 'stop']);
            await until(() => registrations().at(-1) === 'elsewhere');
            second.send(call);
            second.send({ type: 'describe', callId: '1', about: 'a call' });
            await until(() => events.some((event) => event.type === 'mirrored' && event.calls.length > 0));
            first.send({ type: 'take-over' });
            first.send({ type: 'mute', callId: '1', on: true });
            await until(() => agents[1]?.log.includes('mute') === true);
            expect(agents[1]?.log).toEqual(['start', 'call', 'mute']);
            agents[1]?.host.record?.('1', recordOf('1'));
            await until(() => events.filter(({ type }) => type === 'mirrored').length > 1);
            second.dispose();
            await until(() => agents.length === 3);
            await until(() => agents[2]?.log.includes('resume') === true);
            expect(agents[2]?.log).toEqual(['start', 'resume']);
        });

        it('lets go of it where a script of the site takes it away', async () => {
            const uri = `sip:${crypto.randomUUID()}@example.net`;
            make({ locks }).send(connect({ uri }));
            await until(() => agents.length === 1);
            await locks.request(`converse-sip ${uri}`, { steal: true }, () =>
                until(() => agents[0]?.log.at(-1) === 'stop'),
            );
            await until(() => agents.length === 2);
        });

        it('keeps two people apart who use one account', async () => {
            const uri = `sip:${crypto.randomUUID()}@example.net`;
            const as = (owner: string): SidecarCommand => ({
                type: 'connect',
                config: { ...CONFIG, owner },
                account: { ...ACCOUNT, uri },
            });
            make({ locks }).send(as('alice@example.net'));
            make({ locks }, other).send(as('bob@example.net'));
            await until(() => agents.length === 2);
            agents[0]?.host.record?.('1', recordOf('1'));
            expect(registrations(other)).not.toContain('elsewhere');
        });

        it('says where the log is', async () => {
            const account = { uri: `sip:${crypto.randomUUID()}@example.net` };
            make({ locks }).send(connect(account));
            await until(() => agents.length === 1);
            const second = make({ locks }, other);
            second.send({ type: 'report' });
            expect(other.at(-1)).toEqual({ type: 'report', text: '' });
            second.send(connect(account));
            await until(() => registrations(other).includes('elsewhere'));
            second.send({ type: 'report' });
            expect(other.at(-1)).toEqual({ type: 'report', text: jasmine.stringContaining('another tab') as never });
        });

        it('keeps two accounts apart', async () => {
            make({ locks }).send(connect());
            make({ locks }, other).send(connect({ uri: 'sip:carol@example.net' }));
            await until(() => agents.length === 2);
        });

        it('stops waiting when it is no longer wanted', async () => {
            const first = make({ locks });
            const second = make({ locks }, other);
            first.send(connect());
            await until(() => agents.length === 1);
            second.send(connect());
            await until(() => registrations(other).includes('elsewhere'));
            second.send({ type: 'disconnect' });
            first.dispose();
            const third = make({ locks });
            third.send(connect());
            await until(() => agents.length === 2);
            await settled();
            expect(agents.length).toBe(2);
            expect(registrations(other).at(-1)).toBe('off');
        });

        it('registers in all of them where the browser has no locks', async () => {
            make().send(connect());
            make().send(connect());
            await until(() => agents.length === 2);
        });
    });
});
