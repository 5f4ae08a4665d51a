import type { Clock } from '../../../src/sip-sidecar/contract/index.js';
import {
    followGathering,
    gatheringRule,
    NO_CANDIDATE_AFTER,
    sectionsInNeed,
} from '../../../src/sip-sidecar/media/gathering.js';
import { readSdp, type SessionDescription } from '../../../src/sip-sidecar/media/sdp.js';

type Gathering = ReturnType<typeof followGathering>;

/** A clock that is turned by hand. */
class Wheel implements Clock {
    private time = 0;
    private timers: { at: number; action: () => void }[] = [];

    now = (): number => this.time;

    after = (delay: number, action: () => void): (() => void) => {
        const timer = { at: this.time + delay, action };
        this.timers.push(timer);
        return () => {
            this.timers = this.timers.filter((one) => one !== timer);
        };
    };

    get pending(): number {
        return this.timers.length;
    }

    turn(milliseconds: number): void {
        const end = this.time + milliseconds;
        for (;;) {
            const [next] = this.timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at);
            if (!next) break;
            this.timers = this.timers.filter((one) => one !== next);
            this.time = next.at;
            next.action();
        }
        this.time = end;
    }
}

const HOST = 'a=candidate:1 1 udp 2122194687 10.0.0.1 36202 typ host';
const TCP = 'a=candidate:2 1 tcp 1518214911 10.0.0.1 9 typ host tcptype active';
const SRFLX = 'a=candidate:3 1 udp 1686052607 192.0.2.9 50000 typ srflx raddr 10.0.0.1 rport 36202';
const RELAY = 'a=candidate:4 1 udp 41885695 192.0.2.7 60000 typ relay raddr 192.0.2.9 rport 50000';

/** What a peer connection shows of its gathering, said by the spec. */
class ScriptedGathering extends EventTarget {
    iceGatheringState: RTCIceGatheringState = 'gathering';
    currentRemoteDescription: RTCSessionDescriptionInit | null = null;
    type: 'offer' | 'answer' = 'offer';
    ufrag = 'one';
    configuration: RTCConfiguration = {};
    getConfiguration = (): RTCConfiguration => this.configuration;
    private readonly streams: { head: string[]; candidates: string[] }[] = [];

    constructor(...streams: string[][]) {
        super();
        this.streams = streams.map((head) => ({ head, candidates: [] }));
    }

    get localDescription(): RTCSessionDescriptionInit {
        const text = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1'];
        for (const { head, candidates } of this.streams) text.push(...head, `a=ice-ufrag:${this.ufrag}`, ...candidates);
        return { type: this.type, sdp: text.join('\r\n') };
    }

    comes(candidate: string, stream = 0): void {
        this.streams[stream]?.candidates.push(candidate);
        this.dispatchEvent(new Event('icecandidate'));
    }

    restarts(): void {
        this.ufrag = 'two';
        for (const stream of this.streams) stream.candidates.length = 0;
    }

    ends(): void {
        this.iceGatheringState = 'complete';
        this.dispatchEvent(new Event('icegatheringstatechange'));
    }
}

const AUDIO = ['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0'];
const VIDEO = ['m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:1'];

describe('Gathering', () => {
    let wheel: Wheel;
    let end: AbortController;
    let silent: Set<string>;
    const scripts = new WeakMap<Gathering, ScriptedGathering>();

    beforeEach(() => {
        wheel = new Wheel();
        end = new AbortController();
        silent = new Set();
    });

    const start = (pc: ScriptedGathering): Gathering => {
        const gathering = followGathering(pc as unknown as RTCPeerConnection, wheel, end.signal, silent);
        scripts.set(gathering, pc);
        return gathering;
    };

    /** Waits, and says when it was over. */
    function wait(
        gathering: Gathering,
        configuration: RTCConfiguration,
        { urgent = false, offer = null as SessionDescription | null } = {},
    ): { at: number | null; error: Error | null; sdp: string } {
        const result: ReturnType<typeof wait> = { at: null, error: null, sdp: '' };
        scripts.get(gathering)!.configuration = configuration;
        gathering.enough(offer, urgent).then(
            (sdp) => Object.assign(result, { at: wheel.now(), sdp }),
            (error: unknown) => Object.assign(result, { at: wheel.now(), error }),
        );
        return result;
    }

    /** Turns the wheel one millisecond at a time, so that promises can settle in between. */
    async function pass(milliseconds: number): Promise<void> {
        for (let i = 0; i < milliseconds; i++) {
            wheel.turn(1);
            await Promise.resolve();
            await Promise.resolve();
            await Promise.resolve();
        }
    }

    const hosts: RTCConfiguration = {};
    const stun: RTCConfiguration = { iceServers: [{ urls: 'stun:x' }] };
    const turn: RTCConfiguration = { iceServers: [{ urls: ['stun:x', 'turn:y'] }] };
    const relay: RTCConfiguration = { ...turn, iceTransportPolicy: 'relay' };

    it('ends 50 ms after the last host candidate where there is no server', async () => {
        const pc = new ScriptedGathering(AUDIO);
        const result = wait(start(pc), hosts);
        await pass(4);
        pc.comes(HOST);
        await pass(20);
        pc.comes(HOST.replace('36202', '36203'));
        await pass(49);
        expect(result.at).toBeNull();
        await pass(2);
        expect(result.at).toBe(74);
        expect(result.sdp).toContain('36203');
        expect(wheel.pending).toBe(0);
    });

    it('does not wait for active TCP candidates, which nobody can call', async () => {
        const pc = new ScriptedGathering(AUDIO);
        const result = wait(start(pc), hosts);
        pc.comes(HOST);
        await pass(40);
        pc.comes(TCP);
        await pass(11);
        expect(result.at).toBe(50);
    });

    it('leaves with the first usable one where the call is urgent', async () => {
        for (const [rule, first] of [
            [stun, HOST],
            [relay, RELAY],
        ] as const) {
            const pc = new ScriptedGathering(AUDIO);
            const result = wait(start(pc), rule, { urgent: true });
            await pass(4);
            expect(result.at).toBeNull();
            pc.comes(first);
            await pass(1);
            expect(result.at).not.toBeNull();
        }
    });

    it('waits for the server-reflexive one, then 50 ms more', async () => {
        const pc = new ScriptedGathering(AUDIO);
        const result = wait(start(pc), stun);
        pc.comes(HOST);
        await pass(100);
        pc.comes(SRFLX);
        await pass(51);
        expect(result.at).toBe(150);
    });

    it('leaves 250 ms after the first host candidate where the STUN server is dead', async () => {
        const pc = new ScriptedGathering(AUDIO);
        const result = wait(start(pc), stun);
        await pass(9);
        pc.comes(HOST);
        await pass(249);
        expect(result.at).toBeNull();
        await pass(2);
        expect(result.at).toBe(259);
    });

    it('leaves after the same 250 ms where candidates drip in for ever', async () => {
        const pc = new ScriptedGathering(AUDIO);
        const result = wait(start(pc), hosts);
        for (let i = 0; i < 30; i++) {
            pc.comes(HOST.replace('36202', String(40_000 + i)));
            await pass(10);
        }
        expect(result.at).toBe(250);
    });

    it('is over at once when the browser will find no more', async () => {
        const pc = new ScriptedGathering(AUDIO);
        const result = wait(start(pc), turn);
        pc.comes(HOST);
        await pass(30);
        expect(result.at).toBeNull();
        pc.ends();
        await pass(1);
        expect(result.at).toBeLessThanOrEqual(31);
    });

    it('does not leave without a relay where only a relay may be used, and then takes up to 1 s for more', async () => {
        const pc = new ScriptedGathering(AUDIO);
        const result = wait(start(pc), relay);
        await pass(900);
        expect(result.at).toBeNull();
        for (let i = 0; i < 40; i++) {
            pc.comes(RELAY.replace('60000', String(60_000 + i)));
            await pass(30);
        }
        expect(result.at).toBe(1900);
    });

    it('gives up with an Error after 3 s without any candidate, and soon when none will come', async () => {
        const late = wait(start(new ScriptedGathering(AUDIO)), relay);
        await pass(NO_CANDIDATE_AFTER + 1);
        expect(late.at).toBe(NO_CANDIDATE_AFTER);
        expect(late.error).toBeInstanceOf(Error);

        const pc = new ScriptedGathering(AUDIO);
        const offline = wait(start(pc), hosts);
        pc.ends();
        await pass(251);
        expect(offline.error).toBeInstanceOf(Error);
        expect(wheel.pending).toBe(0);
    });

    it('wants a candidate for every stream that has a transport of its own', async () => {
        const pc = new ScriptedGathering(AUDIO, VIDEO);
        const result = wait(start(pc), hosts);
        pc.comes(HOST);
        await pass(200);
        expect(result.at).toBeNull();
        pc.comes(HOST, 1);
        await pass(51);
        expect(result.at).toBe(250);
    });

    it('wants none for a stream that is bundle-only or refused', async () => {
        const only = new ScriptedGathering(AUDIO, ['m=video 0 UDP/TLS/RTP/SAVPF 96', 'a=bundle-only']);
        const refused = new ScriptedGathering(AUDIO, ['m=video 0 X 96']);
        const results = [only, refused].map((pc) => {
            const result = wait(start(pc), hosts);
            pc.comes(HOST);
            return result;
        });
        await pass(51);
        expect(results.map((result) => result.at)).toEqual([50, 50]);
    });

    it('does not start again for a re-INVITE: what came long ago is enough', async () => {
        const pc = new ScriptedGathering(AUDIO);
        const gathering = start(pc);
        const first = wait(gathering, stun);
        pc.comes(HOST);
        await pass(260);
        expect(first.at).toBe(250);
        const again = wait(gathering, stun);
        await pass(1);
        expect(again.at).toBeLessThanOrEqual(261);
    });

    it('starts again after an ICE restart', async () => {
        const pc = new ScriptedGathering(AUDIO);
        const gathering = start(pc);
        void wait(gathering, hosts);
        pc.comes(HOST);
        await pass(500);
        pc.restarts();
        const again = wait(gathering, hosts);
        await pass(20);
        expect(again.at).toBeNull();
        pc.comes(HOST);
        await pass(51);
        expect(again.at).toBe(570);
    });

    it('starts again after an ICE restart, though the browser still says that all is there', async () => {
        const pc = new ScriptedGathering(AUDIO);
        const gathering = start(pc);
        void wait(gathering, hosts);
        pc.comes(HOST);
        pc.ends();
        await pass(10);
        pc.restarts();
        const again = wait(gathering, hosts);
        await pass(5);
        pc.iceGatheringState = 'gathering';
        pc.comes(HOST);
        await pass(100);
        expect(again.error).toBeNull();
        expect(again.at).toBe(65);
    });

    it('waits for the candidates of a stream that is new, though all was there before', async () => {
        const pc = new ScriptedGathering(AUDIO, VIDEO);
        pc.comes(HOST);
        pc.iceGatheringState = 'complete';
        const result = wait(start(pc), hosts);
        await pass(100);
        expect(result.at).toBeNull();
        pc.comes(HOST, 1);
        await pass(1);
        expect(result.at).toBeLessThanOrEqual(101);
    });

    it('leaves with one stream that has a candidate where the other gets none', async () => {
        const pc = new ScriptedGathering(AUDIO, VIDEO);
        const result = wait(start(pc), hosts);
        pc.comes(HOST);
        pc.ends();
        await pass(251);
        expect(result.at).toBe(250);
        expect(result.error).toBeNull();
    });

    it('counts what came before somebody waited', async () => {
        const pc = new ScriptedGathering(AUDIO);
        const gathering = start(pc);
        pc.comes(HOST);
        await pass(60);
        const result = wait(gathering, hosts);
        await pass(1);
        expect(result.error).toBeNull();
        expect(result.at).toBeLessThanOrEqual(61);
    });

    it('does not wait again for a server that was silent, until it gives something, however late', async () => {
        const first = new ScriptedGathering(AUDIO);
        const gathering = start(first);
        const early = wait(gathering, stun);
        first.comes(HOST);
        await pass(251);
        expect([early.at, [...silent], gathering.hasMore()]).toEqual([250, ['stun:x'], false]);

        const second = new ScriptedGathering(AUDIO);
        const again = wait(start(second), stun);
        second.comes(HOST);
        await pass(51);
        expect(again.at).toBe(301);

        first.comes(SRFLX);
        expect([[...silent], gathering.hasMore()]).toEqual([[], true]);
        const third = new ScriptedGathering(AUDIO);
        const last = wait(start(third), stun);
        third.comes(HOST);
        await pass(100);
        expect(last.at).toBeNull();
    });

    it('blames no server where the call was too urgent to wait for it', async () => {
        const pc = new ScriptedGathering(AUDIO);
        wait(start(pc), stun, { urgent: true });
        pc.comes(HOST);
        await pass(1);
        expect([...silent]).toEqual([]);
    });

    it('answers a relay once there is an address that is seen from outside', async () => {
        const pc = new ScriptedGathering(AUDIO);
        pc.type = 'answer';
        const offer = readSdp(['v=0', ...AUDIO, RELAY].join('\r\n'));
        const result = wait(start(pc), turn, { offer });
        pc.comes(HOST);
        await pass(60);
        expect(result.at).toBeNull();
        pc.comes(SRFLX);
        await pass(51);
        expect(result.at).toBe(110);
    });

    it('ends with an Error when the session is closed, and leaves no timer', async () => {
        const pc = new ScriptedGathering(AUDIO);
        const result = wait(start(pc), stun);
        pc.comes(HOST);
        await pass(10);
        end.abort();
        await pass(1);
        expect(result.error).toBeInstanceOf(Error);
        expect(wheel.pending).toBe(0);
    });
});

describe('The rule of gathering', () => {
    const at = (...urls: string[]): RTCConfiguration => ({ iceServers: [{ urls }] });
    const only = (...urls: string[]): RTCConfiguration => ({ ...at(...urls), iceTransportPolicy: 'relay' });
    const nobody: ReadonlySet<string> = new Set();
    const offering = (...candidates: string[]): SessionDescription =>
        readSdp(['v=0', 'm=audio 9 X 0', ...candidates].join('\r\n'));

    it('wants the best kind that the servers can give', () => {
        expect(gatheringRule({}, nobody, null)).toEqual({ wanted: ['host'], cap: 250 });
        expect(gatheringRule(at('stun:x'), nobody, null)).toEqual({ wanted: ['srflx'], cap: 250 });
        expect(gatheringRule(at('stun:x', 'TURNS:y'), nobody, null)).toEqual({ wanted: ['relay'], cap: 250 });
        expect(gatheringRule(only('turn:x'), nobody, null)).toEqual({ wanted: ['relay'], cap: 1000 });
    });

    it('does not wait for servers that were silent last time, where there are others', () => {
        const silent = new Set(['turn:y']);
        expect(gatheringRule(at('stun:x', 'turn:y'), silent, null).wanted).toEqual(['srflx']);
        expect(gatheringRule(at('stun:x', 'turn:y', 'turn:z'), silent, null).wanted).toEqual(['relay']);
        expect(gatheringRule(at('turn:y'), silent, null).wanted).toEqual(['host']);
    });

    it('waits 300 ms instead of 1 s for more where only a relay may be used, and its server was silent last time', () => {
        const silent = new Set(['turn:y']);
        expect(gatheringRule(only('turn:y'), silent, null)).toEqual({ wanted: ['relay'], cap: 300 });
        expect(gatheringRule(only('turn:y', 'turn:z'), silent, null).cap).toBe(1000);
    });

    it('answers an offer that has a relay with a relay or an address that is seen from outside', () => {
        const { wanted, cap } = gatheringRule(at('stun:x', 'turn:y'), nobody, offering(HOST, RELAY));
        expect([wanted, cap]).toEqual([['relay', 'srflx'], 250]);
        expect(gatheringRule(at('stun:x'), nobody, offering(HOST, RELAY)).wanted).toEqual(['srflx']);
        expect(gatheringRule(at('turn:y'), nobody, offering(HOST, SRFLX)).wanted).toEqual(['relay']);
        expect(gatheringRule(only('turn:y'), nobody, offering(HOST, RELAY)).wanted).toEqual(['relay']);
    });

    it('takes 1 s for the answer to an offer that has nothing but relays, which let in only whom it names', () => {
        expect(gatheringRule(at('stun:x'), nobody, offering(RELAY))).toEqual({ wanted: ['srflx'], cap: 1000 });
        expect(gatheringRule(at('stun:x'), new Set(['stun:x']), offering(RELAY))).toEqual({
            wanted: ['srflx'],
            cap: 300,
        });
        expect(gatheringRule({}, nobody, offering(RELAY))).toEqual({ wanted: ['host'], cap: 250 });
    });
});

describe('The streams that need a candidate', () => {
    const description = (bundle: string, ...mids: string[]) =>
        readSdp(
            ['v=0', bundle, ...mids.flatMap((mid) => ['m=audio 9 X 0', `a=mid:${mid}`])].filter(Boolean).join('\r\n'),
        );
    const mids = (...args: Parameters<typeof sectionsInNeed>): string[] =>
        sectionsInNeed(...args).map(({ mid }) => mid);

    it('are all in a first offer: nobody knows yet whether the other side bundles', () => {
        expect(mids(description('a=group:BUNDLE 0 1', '0', '1'), 'offer', null)).toEqual(['0', '1']);
    });

    it('are the first of the bundle in an answer, and those beside it', () => {
        expect(mids(description('a=group:BUNDLE 0 1', '0', '1', '2'), 'answer', null)).toEqual(['0', '2']);
        expect(mids(description('', '0', '1'), 'answer', null)).toEqual(['0', '1']);
    });

    it('are the first of the bundle in a later offer, also where a stream is new', () => {
        const known = description('a=group:BUNDLE 0 1', '0', '1');
        expect(mids(description('a=group:BUNDLE 0 1 2', '0', '1', '2'), 'offer', known)).toEqual(['0']);
    });

    it('are all in a later offer to one who does not bundle', () => {
        expect(mids(description('a=group:BUNDLE 0 1', '0', '1'), 'offer', description('', '0'))).toEqual(['0', '1']);
    });
});
