import type { CheckName, CheckResult, IceServer } from '../../../src/sip-sidecar/contract/index.js';
import { DEVICE_LIMIT, SERVER_LIMIT, testMedia } from '../../../src/sip-sidecar/media/connection-test.js';
import { usableServers } from '../../../src/sip-sidecar/media/ice-servers.js';
import { createDevices, type Devices } from '../../../src/sip-sidecar/media/devices.js';
import { eventually } from '../../support/eventually.js';
import { HandClock, settled } from '../agent/support/clock.js';

/** A peer connection whose gathering goes as the spec says, by the URL of its one server. */
class ScriptedConnection extends EventTarget {
    static made: ScriptedConnection[] = [];
    static script: (pc: ScriptedConnection) => void = () => undefined;
    closed = false;
    readonly url: string;

    constructor(readonly configuration: RTCConfiguration) {
        super();
        this.url = String(configuration.iceServers?.[0]?.urls);
        ScriptedConnection.made.push(this);
    }

    createDataChannel = (): void => undefined;
    setLocalDescription = (): Promise<void> => {
        queueMicrotask(() => {
            ScriptedConnection.script(this);
        });
        return Promise.resolve();
    };
    close = (): void => void (this.closed = true);

    /** @param type null: that was all */
    comes(type: string | null): void {
        this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate: type && { type } }));
    }

    fails(errorCode: number, errorText: string): void {
        this.dispatchEvent(Object.assign(new Event('icecandidateerror'), { errorCode, errorText }));
    }
}

describe('The connection test of page, devices and servers', () => {
    const secret = { username: 'user-name', credential: 'top-secret' };
    const servers: IceServer[] = [
        { urls: 'stun:s.example' },
        { urls: ['turn:t.example', 'turn:t.example?transport=tcp', 'turns:t.example?transport=tcp'], ...secret },
    ];
    let devices: Devices;
    let clock: HandClock;
    let end: AbortController;
    let told: CheckResult[];
    let real: typeof RTCPeerConnection;

    beforeEach(() => {
        end = new AbortController();
        devices = createDevices(() => undefined, end.signal);
        clock = new HandClock();
        told = [];
        real = globalThis.RTCPeerConnection;
        ScriptedConnection.made = [];
        ScriptedConnection.script = (pc) => {
            pc.comes(pc.configuration.iceTransportPolicy === 'relay' ? 'relay' : 'srflx');
        };
        globalThis.RTCPeerConnection = ScriptedConnection as unknown as typeof RTCPeerConnection;
    });

    afterEach(() => {
        globalThis.RTCPeerConnection = real;
        end.abort();
        expect(ScriptedConnection.made.filter(({ closed }) => !closed)).toEqual([]);
        expect(clock.pending).toBe(0);
        expect(JSON.stringify(told)).not.toMatch(/top-secret|user-name/u);
    });

    const run = (
        rules: Partial<{ iceServers: IceServer[]; icePolicy: 'all' | 'relay'; video: boolean }> = {},
    ): Promise<void> =>
        testMedia(
            {
                devices,
                rules: {
                    icePolicy: 'all',
                    video: true,
                    ...rules,
                    iceServers: usableServers(rules.iceServers ?? [], fail),
                },
                clock,
                signal: end.signal,
            },
            (check) => void told.push(check),
        );
    const of = (name: CheckName): string => {
        const last = told.findLast((check) => check.name === name);
        return `${last?.result ?? ''} ${last?.reason ?? ''}`.trim();
    };

    it('passes where all is well, each check after it was said to run', async () => {
        await run({ iceServers: servers });
        const names: CheckName[] = [
            'secure-page',
            'microphone',
            'camera',
            'speaker',
            'stun',
            'turn-udp',
            'turn-tcp',
            'turn-tls',
        ];
        for (const name of names) {
            expect(told.filter((check) => check.name === name).map(({ result }) => result))
                .withContext(name)
                .toEqual(['running', 'passed']);
        }
        expect(told.length).toBe(2 * names.length);
        expect(told.findLast(({ name }) => name === 'turn-tls')?.detail).toBe('turns:t.example?transport=tcp 0 ms');
    });

    it('leaves no device open', async () => {
        const opened: MediaStreamTrack[] = [];
        const request = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        spyOn(navigator.mediaDevices, 'getUserMedia').and.callFake(async (constraints) => {
            const stream = await request(constraints);
            opened.push(...stream.getTracks());
            return stream;
        });
        await run();
        expect(opened.map((track) => `${track.kind} ${track.readyState}`)).toEqual(['audio ended', 'video ended']);
    });

    it('says which device is wanting, and why', async () => {
        spyOn(navigator.mediaDevices, 'getUserMedia').and.callFake(({ video } = {}) =>
            Promise.reject(new DOMException('', video ? 'NotFoundError' : 'NotReadableError')),
        );
        await run();
        expect([of('microphone'), of('camera')]).toEqual(['failed in-use', 'failed missing']);
    });

    it('says that a microphone is silent because the system mutes it', async () => {
        const request = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        spyOn(navigator.mediaDevices, 'getUserMedia').and.callFake(async (constraints) => {
            const stream = await request(constraints);
            for (const track of stream.getTracks()) Object.defineProperty(track, 'muted', { value: true });
            return stream;
        });
        await run();
        expect(of('microphone')).toBe('failed silent');
    });

    it('waits for the person no longer than half a minute, and lets go what is allowed later', async () => {
        let allow: (stream: MediaStream) => void = () => undefined;
        const request = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        const late = await request({ audio: true });
        spyOn(navigator.mediaDevices, 'getUserMedia').and.callFake(({ audio } = {}) =>
            audio ? new Promise((resolve) => (allow = resolve)) : request({ video: true }),
        );
        const done = run();
        await clock.advance(DEVICE_LIMIT);
        await done;
        expect(of('microphone')).toBe('failed denied');
        allow(late);
        await eventually('it is let go', () => late.getTracks().every(({ readyState }) => readyState === 'ended'));
    });

    it('does not open a camera where the site has no video', async () => {
        await run({ video: false });
        expect(of('camera')).toBe('skipped switched-off');
    });

    it('says that a speaker is gone, and where none can be chosen', async () => {
        devices.choice = { microphone: '', camera: '', speaker: 'gone', ringer: '' };
        await run();
        expect(of('speaker')).toBe('failed missing');
        const owner = HTMLMediaElement.prototype;
        const property = Object.getOwnPropertyDescriptor(owner, 'setSinkId')!;
        Reflect.deleteProperty(owner, 'setSinkId');
        try {
            await run();
        } finally {
            Object.defineProperty(owner, 'setSinkId', property);
        }
        expect(of('speaker')).toBe('skipped no-choice');
    });

    it('tries nothing on a page that is not secure', async () => {
        spyOnProperty(globalThis, 'isSecureContext').and.returnValue(false);
        const ask = spyOn(navigator.mediaDevices, 'getUserMedia');
        await run({ iceServers: servers });
        expect(of('secure-page')).toBe('failed insecure-page');
        expect(told.filter(({ result }) => result === 'skipped').length).toBe(7);
        expect(ask).not.toHaveBeenCalled();
        expect(ScriptedConnection.made).toEqual([]);
    });

    it('skips servers that are not configured', async () => {
        await run();
        for (const name of ['stun', 'turn-udp', 'turn-tcp', 'turn-tls'] as const) {
            expect(of(name)).toBe('skipped no-server-configured');
        }
    });

    it('asks no STUN server where only relays may be used', async () => {
        await run({ iceServers: servers, icePolicy: 'relay' });
        expect([of('stun'), of('turn-udp')]).toEqual(['skipped relay-only', 'passed']);
        expect(ScriptedConnection.made.some(({ url }) => url.startsWith('stun'))).toBeFalse();
    });

    it('asks each server by itself, and TURN servers for a relay only', async () => {
        await run({ iceServers: servers });
        expect(
            ScriptedConnection.made.map(({ url, configuration }) => [url, configuration.iceTransportPolicy]),
        ).toEqual([
            ['stun:s.example', 'all'],
            ['turn:t.example', 'relay'],
            ['turn:t.example?transport=tcp', 'relay'],
            ['turns:t.example?transport=tcp', 'relay'],
        ]);
    });

    /** Waits until the servers are asked, then lets time pass. */
    async function runOut(rules: Parameters<typeof run>[0]): Promise<void> {
        const done = run(rules);
        await eventually('servers are asked', () => ScriptedConnection.made.length > 0);
        await settled();
        await clock.advance(SERVER_LIMIT);
        await done;
    }

    it('says which server did not answer in time', async () => {
        ScriptedConnection.script = (pc) => {
            if (pc.url.startsWith('stun')) pc.comes('host');
            else pc.fails(701, 'TURN allocate request timed out.');
        };
        await runOut({ iceServers: servers });
        expect([of('stun'), of('turn-udp')]).toEqual(['failed no-answer', 'failed no-answer']);
        expect(told.findLast(({ name }) => name === 'turn-udp')?.detail).toBe(
            'turn:t.example 701 TURN allocate request timed out.',
        );
    });

    it('does not wait for a server where the browser has given it up', async () => {
        ScriptedConnection.script = (pc) => {
            if (pc.url.startsWith('stun')) pc.fails(701, 'STUN host lookup received error.');
            pc.comes(null);
        };
        await run({ iceServers: servers });
        expect([of('stun'), of('turn-tls')]).toEqual(['failed no-answer', 'failed no-answer']);
    });

    it('passes where one interface leads nowhere and another one to the server', async () => {
        ScriptedConnection.script = (pc) => {
            pc.fails(701, 'STUN binding request timed out.');
            setTimeout(() => {
                pc.comes(pc.url.startsWith('stun') ? 'srflx' : 'relay');
            });
        };
        await run({ iceServers: servers });
        expect([of('stun'), of('turn-udp')]).toEqual(['passed', 'passed']);
    });

    it('passes where a STUN server says what we know already', async () => {
        ScriptedConnection.script = (pc) => {
            pc.comes('host');
            pc.comes(null);
        };
        await run({ iceServers: servers.slice(0, 1) });
        expect(of('stun')).toBe('passed');
    });

    it('says that a TURN server does not take the credentials, or refuses for another reason', async () => {
        ScriptedConnection.script = (pc) => {
            pc.fails(pc.url.startsWith('turns') ? 486 : 401, 'No\u0000');
        };
        await run({ iceServers: servers.slice(1) });
        expect([of('turn-udp'), of('turn-tls')]).toEqual(['failed wrong-credentials', 'failed refused']);
        expect(told.findLast(({ name }) => name === 'turn-tls')?.detail).toBe('turns:t.example?transport=tcp 486 No');
    });

    it('passes where one of several answers, and names them all', async () => {
        ScriptedConnection.script = (pc) => {
            if (pc.url === 'stun:dead.example') pc.fails(300, 'Try Alternate');
            else pc.comes('srflx');
        };
        await run({ iceServers: [{ urls: ['stun:dead.example', 'stun:s.example'] }] });
        expect(of('stun')).toBe('passed');
        expect(told.findLast(({ name }) => name === 'stun')?.detail).toContain('stun:dead.example 300 Try Alternate');
    });

    it('goes on where the browser does not take a server', async () => {
        globalThis.RTCPeerConnection = function refuse() {
            throw new DOMException('', 'SyntaxError');
        } as unknown as typeof RTCPeerConnection;
        await run({ iceServers: servers });
        expect([of('stun'), of('turn-tls')]).toEqual(['failed bad-server', 'failed bad-server']);
    });

    it('ends at once when it is called off, and says nothing more', async () => {
        ScriptedConnection.script = () => undefined;
        const done = run({ iceServers: servers });
        await eventually('servers are asked', () => ScriptedConnection.made.length > 0);
        const before = told.length;
        end.abort();
        await done;
        expect(told.length).toBe(before);
    });
});
