import { watchOver, type Watched } from '../../../src/sip-sidecar/media/watch.js';
import { HandClock, settled } from '../agent/support/clock.js';

/** A peer connection of which a spec says how it stands and what has come. */
class FakeConnection extends EventTarget {
    connectionState: RTCPeerConnectionState = 'new';
    rtp = 0;
    stun = 0;
    fails = false;

    getStats(): Promise<Map<string, object>> {
        if (this.fails) return Promise.reject(new Error('closed'));
        return Promise.resolve(
            new Map<string, object>([
                ['audio', { type: 'inbound-rtp', kind: 'audio', packetsReceived: this.rtp }],
                ['pair', { type: 'candidate-pair', responsesReceived: this.stun, bytesReceived: this.rtp * 100 }],
                ['codec', { type: 'codec' }],
            ]),
        );
    }

    becomes(state: RTCPeerConnectionState): void {
        this.connectionState = state;
        this.dispatchEvent(new Event('connectionstatechange'));
    }
}

describe('The watch over the media of a call', () => {
    let pc: FakeConnection;
    let clock: HandClock;
    let told: string[];
    let end: AbortController;
    let expects: boolean;
    let dtls: RTCDtlsTransport | null;
    let qualities: number;
    beforeEach(() => {
        pc = new FakeConnection();
        clock = new HandClock();
        told = [];
        end = new AbortController();
        expects = true;
        dtls = null;
        qualities = 0;
        const watched: Watched = {
            pc: pc as unknown as RTCPeerConnection,
            signal: end.signal,
            get transport() {
                return dtls;
            },
            get expectsSound() {
                return expects;
            },
            looked: () => undefined,
            listener: {
                connected: () => told.push('connected'),
                interrupted: (since) => told.push(`interrupted ${String(clock.now() - since)}`),
                failed: (repairable) => told.push(repairable ? 'failed' : 'failed for good'),
                quality: () => (qualities += 1),
            },
        };
        watchOver(watched, clock);
    });

    /** Time passes in steps of 100 ms; in each comes so much. */
    const passes = async (seconds: number, { rtp = 0, stun = 0 } = {}): Promise<void> => {
        for (let i = 0; i < seconds * 10; i += 1) {
            pc.rtp += rtp;
            pc.stun += stun;
            await clock.advance(100);
        }
    };
    const talk = async (): Promise<void> => {
        pc.becomes('connected');
        await passes(2, { rtp: 5 });
        expect(told.splice(0)).toEqual(['connected']);
    };

    it('says nothing while packets come', async () => {
        await talk();
        await passes(30, { rtp: 5 });
        expect(told).toEqual([]);
    });

    it('says within 1.6 s that none comes, since when, and when they come again; ICE notices nothing', async () => {
        await talk();
        await passes(1.6);
        expect(told).toEqual([jasmine.stringMatching(/^interrupted 1\d\d\d$/u)]);
        await passes(3);
        await passes(0.6, { rtp: 5 });
        expect(told.slice(1)).toEqual(['connected']);
    });

    it('is not alarmed by the pauses of DTX', async () => {
        await talk();
        for (let i = 0; i < 20; i += 1) {
            pc.rtp += 1;
            await clock.advance(400);
        }
        expect(told).toEqual([]);
    });

    it('learns from signs of life that a telephone says nothing, and is not alarmed by its silence again', async () => {
        await talk();
        const stun = async (): Promise<void> => {
            await passes(2.4);
            await passes(0.1, { stun: 1 });
        };
        await stun();
        await passes(0.5);
        expect(told.map((what) => what.split(' ')[0])).toEqual(['interrupted', 'connected']);
        for (let i = 0; i < 10; i += 1) await stun();
        await passes(5, { rtp: 5 });
        for (let i = 0; i < 10; i += 1) await stun();
        expect(told.length).toBe(2);
    });

    it('believes ICE where one that says nothing is gone', async () => {
        await talk();
        await passes(2);
        await passes(0.6, { stun: 1 });
        told.length = 0;
        await passes(5);
        pc.becomes('disconnected');
        await passes(0.6);
        expect(told).toEqual([jasmine.stringMatching(/^interrupted \d{4}$/u)]);
        await passes(1.5);
        expect(told[1]).toBe('failed');
    });

    it('waits for no packets on hold, nor for those of a telephone that has not sent any', async () => {
        await talk();
        expects = false;
        await passes(20);
        expects = true;
        await passes(20);
        expect(told).toEqual([]);
    });

    it('waits for packets again after the first that comes when the hold is over', async () => {
        await talk();
        expects = false;
        await passes(5);
        expects = true;
        await passes(1, { rtp: 5 });
        await passes(1.6);
        expect(told.length).toBe(1);
    });

    it('wants a restart of ICE that is disconnected for 2 s, while packets still come, too', async () => {
        await talk();
        pc.becomes('disconnected');
        await passes(1.9, { rtp: 5 });
        expect(told).toEqual([]);
        await passes(0.2, { rtp: 5 });
        expect(told).toEqual(['failed']);
        pc.becomes('connected');
        expect(told).toEqual(['failed', 'connected']);
    });

    it('wants none where ICE comes back by itself', async () => {
        await talk();
        pc.becomes('disconnected');
        await passes(1, { rtp: 5 });
        pc.becomes('connected');
        await passes(5, { rtp: 5 });
        expect(told).toEqual([]);
    });

    it('wants one at once where ICE has failed, and says where it would not help', async () => {
        await talk();
        pc.becomes('failed');
        await passes(0.1);
        expect(told[0]).toBe('failed');
        pc.becomes('connected');
        told.length = 0;
        dtls = { state: 'failed', iceTransport: { state: 'connected' } } as unknown as RTCDtlsTransport;
        pc.becomes('failed');
        await passes(0.1);
        expect(told[0]).toBe('failed for good');
    });

    it('knows after a sleep how long nothing has come', async () => {
        await talk();
        clock.jump(3_600_000);
        await passes(0.6);
        expect(told).toEqual([jasmine.stringMatching(/^interrupted 36\d{5}$/u)]);
    });

    it('takes a clock that was set for no silence, and none that was set back for eternal sound', async () => {
        await talk();
        clock.jump(3_600_000);
        await passes(5, { rtp: 5 });
        clock.jump(-2_000_000);
        await passes(5, { rtp: 5 });
        expect(told).toEqual([]);
        clock.jump(-2_000_000);
        await passes(2.1);
        expect(told.length).toBe(1);
    });

    describe('and over its quality tells it', () => {
        it('every two seconds while media flows', async () => {
            await passes(4);
            expect(qualities).toBe(0);
            await talk();
            await passes(6, { rtp: 5 });
            expect(qualities).toBeGreaterThan(2);
            expect(qualities).toBeLessThan(5);
            await passes(2);
            const before = qualities;
            await passes(6);
            expect(qualities).toBe(before);
        });

        it('again after statistics that could not be had', async () => {
            await talk();
            pc.fails = true;
            await passes(0.5);
            pc.fails = false;
            await passes(5, { rtp: 5 });
            expect(qualities).toBeGreaterThan(1);
        });
    });

    it('ends with the call: nothing is told, no timer is left', async () => {
        await talk();
        pc.becomes('disconnected');
        end.abort();
        pc.becomes('failed');
        await clock.advance(60_000);
        await settled();
        expect([told, clock.pending]).toEqual([[], 0]);
    });
});
