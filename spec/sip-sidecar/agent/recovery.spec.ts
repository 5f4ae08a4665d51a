import fc from 'fast-check';
import {
    attemptAt,
    endAt,
    firstWays,
    nextWays,
    type WayEvent,
    type Ways,
} from '../../../src/sip-sidecar/agent/ways.js';
import type { Ended } from '../../../src/sip-sidecar/contract/index.js';
import { settled } from './support/clock.js';
import { SDP } from './support/media.js';
import { TestPhone, type Dialog } from './support/phone.js';

const CONTACT = 'Contact: <sip:bob@server.invalid;transport=ws>';

describe('What a call knows of its ways', () => {
    const NOW = 1_000_000;
    /** What has become of a call whose media is up. */
    const after = (...events: readonly (WayEvent | readonly [WayEvent, number])[]): Ways =>
        events.reduce<Ways>(
            (ways, event) => {
                const [what, at] = Array.isArray(event) ? (event as [WayEvent, number]) : [event as WayEvent, 0];
                return nextWays(ways, what, NOW + at, true);
            },
            firstWays(NOW, true),
        );
    const silent = (at: number): readonly [WayEvent, number] => [{ silentSince: NOW + at }, at + 1000];

    it('wants nothing while all is well, and does not end', () => {
        expect([attemptAt(after()), endAt(after())]).toEqual([Infinity, Infinity]);
    });

    it('wants nothing while there is no signalling, whatever is broken', () => {
        expect(attemptAt(after('lost', 'broken', silent(0)))).toBe(Infinity);
    });

    it('says over a new connection that it is there, at once where it made the Call-ID, else after 2 s', () => {
        expect(attemptAt(after('lost', ['reconnected', 100]))).toBe(NOW + 100);
        const lost = nextWays(firstWays(NOW, true), 'lost', NOW, false);
        expect(attemptAt(nextWays(lost, 'reconnected', NOW + 100, false))).toBe(NOW + 2100);
        const mute = nextWays(lost, { silentSince: NOW }, NOW + 50, false);
        expect(attemptAt(nextWays(mute, 'reconnected', NOW + 100, false))).toBe(NOW + 100);
    });

    it('leaves it at that where the other side was first', () => {
        expect(attemptAt(after('lost', 'reconnected', 'heard'))).toBe(Infinity);
    });

    it('restarts ICE only where media is gone, and at once where it went with the connection', () => {
        expect(after('lost', 'reconnected').broken).toBeFalse();
        expect(after('lost', silent(500), ['reconnected', 3000]).broken).toBeTrue();
        expect(after('lost', 'reconnected', silent(500)).broken).toBeTrue();
        expect(after('lost', 'reconnected', silent(20_000)).broken).toBeFalse();
        expect(after('broken').broken).toBeTrue();
        expect(after('broken', 'connected').broken).toBeFalse();
    });

    it('tries again after 0.5, 1, 2 … at most 30 s, while signalling is up', () => {
        let ways = after('broken');
        for (const wait of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
            ways = nextWays(nextWays(ways, 'begun', NOW, true), 'again', NOW, true);
            expect(attemptAt(ways)).toBe(NOW + wait);
        }
        ways = nextWays(nextWays(ways, 'lost', NOW, true), 'reconnected', NOW, true);
        expect(attemptAt(nextWays(nextWays(ways, 'begun', NOW, true), 'again', NOW, true))).toBe(NOW + 500);
    });

    it('goes on by another INVITE where re-INVITEs lead nowhere twice, or are refused, or the call is unknown', () => {
        expect(after('broken', 'begun', 'unreachable').stranded).toBeFalse();
        expect(after('broken', 'begun', 'unreachable', 'begun', 'unreachable').stranded).toBeTrue();
        expect(after('broken', 'begun', 'refused').stranded).toBeTrue();
        expect(after('broken', 'begun', 'gone').stranded).toBeTrue();
        expect(after('lost', 'reconnected', 'begun', 'unreachable', 'begun', 'unreachable').stranded).toBeTrue();
    });

    it('takes a refusal of what need not be for an answer', () => {
        const ways = after('lost', 'reconnected', 'begun', 'refused');
        expect([ways.stranded, attemptAt(ways)]).toEqual([false, Infinity]);
    });

    it('is over where nobody knows the call and nobody takes the other INVITE', () => {
        for (const last of ['gone', 'refused', 'unreachable'] as const) {
            const ways = after('broken', 'begun', 'gone', 'begun', last);
            expect([ways.over, endAt(ways)])
                .withContext(last)
                .toEqual([true, 0]);
        }
        expect(after('broken', 'begun', 'refused', 'begun', 'refused').over).toBeFalse();
        expect(after('broken', silent(0), 'begun', 'refused', 'begun', 'gone').over).toBeTrue();
    });

    it('is not over for an unknown name of the call while media flows: a B2BUA gives each side another one', () => {
        const ways = after('lost', 'reconnected', 'begun', 'unreachable', 'begun', 'unreachable', 'begun', 'gone');
        expect([ways.over, ways.stranded]).toEqual([false, false]);
    });

    it('thinks nothing of what led nowhere once the other side reaches us', () => {
        const ways = after('broken', 'begun', 'gone', 'heard');
        expect([ways.stranded, ways.unknown]).toEqual([false, false]);
    });

    it('says nothing about the other side by what was not answered because signalling was lost', () => {
        const ways = after('broken', 'begun', 'lost', 'unreachable');
        expect([ways.stranded, ways.over]).toEqual([false, false]);
    });

    it('gives ICE time to come up before it is restarted again', () => {
        expect(attemptAt(after('broken', 'begun', ['accepted', 100]))).toBe(NOW + 4100);
    });

    it('ends 30 s after the last sign of media, and 33 s after it where it was just being repaired', () => {
        expect(endAt(after(silent(5000)))).toBe(NOW + 35_000);
        expect(endAt(after(silent(5000), 'connected'))).toBe(Infinity);
        expect(endAt(after(silent(0), 'broken', ['begun', 10_000], ['again', 11_000]))).toBe(NOW + 30_000);
        expect(endAt(after(silent(0), 'broken', ['begun', 28_000]))).toBe(NOW + 33_000);
        expect(endAt(after(silent(0), 'broken', ['begun', 28_000], ['accepted', 28_100]))).toBe(NOW + 33_000);
        expect(endAt(after(silent(0), ['heard', 28_000]))).toBe(NOW + 33_000);
    });

    it('never has two attempts at once, and never outlives its media by more than 33 s', () => {
        const event = fc.oneof(
            fc.constantFrom<WayEvent>('lost', 'reconnected', 'heard', 'connected', 'broken'),
            fc.constantFrom<WayEvent>('accepted', 'refused', 'again', 'unreachable', 'gone'),
            fc.integer({ min: 0, max: 9000 }).map((ago): WayEvent => ({ silentSince: -ago })),
        );
        fc.assert(
            fc.property(fc.array(fc.tuple(event, fc.nat(5000))), fc.boolean(), (events, owns) => {
                let now = NOW;
                let ways = firstWays(now, true);
                let busy = false;
                for (const [what, wait] of events) {
                    now += wait;
                    const outcome = ['accepted', 'refused', 'again', 'unreachable', 'gone'].includes(what as string);
                    if (outcome && !busy) continue;
                    if (outcome) busy = false;
                    const told = typeof what === 'object' ? { silentSince: now + what.silentSince } : what;
                    ways = nextWays(ways, told, now, owns);
                    expect(ways.busy).toBe(busy);
                    if (ways.silentSince !== null) expect(endAt(ways)).toBeLessThanOrEqual(ways.silentSince + 33_000);
                    if (attemptAt(ways) <= now) {
                        expect(busy).toBeFalse();
                        busy = true;
                        ways = nextWays(ways, 'begun', now, owns);
                    }
                }
            }),
        );
    });
});

describe('A call that is cut off', () => {
    let phone: TestPhone;
    let dialog: Dialog;
    let callId: string;
    const start = async (how: 'talk' | 'answered'): Promise<void> => {
        phone = new TestPhone();
        await phone.register();
        dialog = await phone[how]();
        callId = dialog.callId;
        log().length = 0;
    };
    afterEach(() => phone.end());

    const log = (): string[] => phone.media.latest.log;
    const state = (): string => phone.state(callId).name;
    const sent = (method: string): number =>
        phone.server.received.filter(({ first }) => first.startsWith(`${method} `)).length;
    const ended = async (): Promise<Ended> => (await phone.reaches(callId, 'ended')) as Ended;
    const silent = (): void => phone.media.latest.listener.interrupted(phone.clock.now());
    const reconnects = async (): Promise<void> => {
        await phone.clock.advance(400);
        expect(phone.registration?.state).toBe('registered');
    };
    const accept = async (): Promise<void> => {
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        await settled();
    };

    it('from its server goes on, and says so to the other side once that is back, with ICE as it is', async () => {
        await start('talk');
        phone.server.drop();
        expect(state()).toBe('active');
        await reconnects();
        await accept();
        expect(log()).toEqual(['offer', 'remote answer']);
        await phone.clock.advance(60_000);
        expect([sent('INVITE'), state()]).toEqual([2, 'active']);
    });

    it('leaves that to the other side for 2 s where that made the Call-ID', async () => {
        await start('answered');
        phone.server.drop();
        await reconnects();
        await phone.clock.advance(1500);
        expect(sent('INVITE')).toBe(0);
        await phone.clock.advance(600);
        await accept();
        expect(log()).toEqual(['offer', 'remote answer']);
    });

    it('is not offered anew by us where the other side did so meanwhile', async () => {
        await start('answered');
        phone.server.drop();
        await reconnects();
        dialog.request('INVITE', { body: SDP });
        await phone.server.response('INVITE', 200);
        await phone.clock.advance(5000);
        expect(sent('INVITE')).toBe(0);
    });

    it('from its network restarts ICE as soon as it is registered again', async () => {
        await start('answered');
        phone.server.drop();
        silent();
        expect(state()).toBe('interrupted');
        await reconnects();
        await accept();
        expect(log()).toEqual(['offer with new ICE', 'remote answer']);
        phone.media.latest.listener.connected();
        expect(state()).toBe('active');
    });

    it('restarts ICE that is broken once the server is proved to be there', async () => {
        await start('talk');
        silent();
        phone.media.latest.listener.failed(true);
        await accept();
        expect(phone.server.received.slice(-3).map(({ method }) => method)).toEqual(['OPTIONS', 'INVITE', 'ACK']);
        expect(log()).toEqual(['offer with new ICE', 'remote answer']);
    });

    it('sends no re-INVITE into a dead connection, but goes by the next one', async () => {
        await start('talk');
        phone.server.deaf = true;
        silent();
        phone.media.latest.listener.failed(true);
        await phone.clock.advance(1000);
        expect(sent('INVITE')).toBe(1);
        phone.server.deaf = false;
        await phone.clock.advance(2000);
        await accept();
        expect(log()).toEqual(['offer with new ICE', 'remote answer']);
    });

    it('ends 30 s after the last packet where nothing helps, and the devices with it', async () => {
        await start('talk');
        silent();
        await phone.clock.advance(29_000);
        expect(state()).toBe('interrupted');
        await phone.clock.advance(1000);
        expect((await ended()).reason).toBe('connection-lost');
        expect(phone.media.latest.closed).toBeTrue();
        await phone.server.request('BYE');
    });

    it('ends 33 s after the last packet at most, however it is repaired in vain', async () => {
        await start('talk');
        silent();
        phone.media.latest.listener.failed(true);
        for (let i = 0; i < 32; i += 1) {
            expect(state()).toBe('interrupted');
            await phone.clock.advance(1000);
        }
        await phone.clock.advance(1000);
        expect((await ended()).reason).toBe('connection-lost');
        expect(phone.media.latest.closed).toBeTrue();
    });

    it('never ends for want of signalling while its media works', async () => {
        await start('talk');
        phone.server.unreachable.add('wss://sip.example.net/');
        phone.server.drop();
        await phone.clock.advance(600_000);
        expect(state()).toBe('active');
        phone.server.unreachable.clear();
        await phone.clock.advance(31_000);
        await accept();
        expect(state()).toBe('active');
    });

    it('gives a re-INVITE up that its repair waits for in vain, after 5 s, and takes it back', async () => {
        await start('talk');
        silent();
        phone.media.latest.listener.failed(true);
        const invite = await phone.server.request('INVITE');
        phone.server.reply(invite, 100, []);
        await phone.clock.advance(5000);
        expect((await phone.server.request('CANCEL')).header('CSeq')).toBe(
            invite.header('CSeq').replace('INVITE', 'CANCEL'),
        );
        expect(log()).toEqual(['offer with new ICE', 'rollback']);
        // A 2xx that crossed it is acknowledged, or they would send it for half a minute.
        phone.server.reply(invite, 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        expect(log()).toEqual(['offer with new ICE', 'rollback']);
    });

    it('takes their re-INVITE instead of ours that went nowhere', async () => {
        await start('talk');
        silent();
        phone.media.latest.listener.failed(true);
        await phone.server.request('INVITE');
        await phone.clock.advance(2000);
        dialog.request('INVITE', { body: SDP });
        await phone.server.response('INVITE', 200);
        expect(log()).toEqual(['offer with new ICE', 'rollback', 'remote offer', 'answer']);
    });

    it('is not offered anew over a connection that is gone', async () => {
        await start('talk');
        phone.send({ type: 'hold', callId, on: true });
        await phone.server.request('INVITE');
        phone.server.drop();
        await settled();
        expect(log()).toEqual(['hold', 'offer', 'rollback']);
        await reconnects();
        await accept();
        expect(log().slice(3)).toEqual(['offer', 'remote answer']);
    });

    it('goes on by another INVITE where the way of the old one is broken for ever', async () => {
        phone = new TestPhone();
        await phone.register();
        callId = phone.dial();
        const first = await phone.server.request('INVITE');
        phone.server.reply(first, 200, [CONTACT, 'Supported: replaces'], SDP);
        await phone.server.request('ACK');
        phone.media.latest.listener.connected();
        await phone.reaches(callId, 'active');
        phone.server.drop();
        await reconnects();
        for (let i = 0; i < 2; i += 1) {
            const invite = await phone.server.request('INVITE');
            expect(invite.header('Call-ID')).toBe(first.header('Call-ID'));
            phone.server.reply(invite, 500);
            await phone.server.request('ACK');
            await phone.clock.advance(600);
        }
        const invite = await phone.server.request('INVITE');
        expect(invite.header('Replaces')).toContain(first.header('Call-ID'));
        expect(state()).toBe('active');
    });

    it('calls again to go on where the connection went before the answer came', async () => {
        phone = new TestPhone();
        await phone.register();
        callId = phone.dial();
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT, 'Supported: replaces'], SDP);
        await phone.server.request('ACK');
        phone.media.latest.listener.connected();
        await phone.reaches(callId, 'active');
        phone.send({ type: 'hold', callId, on: true });
        phone.server.reply(await phone.server.request('INVITE'), 481);
        const lost = await phone.server.request('INVITE');
        expect(lost.header('Replaces')).not.toBe('');
        phone.server.drop();
        await reconnects();
        const next = await phone.server.request('INVITE');
        phone.server.reply(next, 481);
        const again = await phone.server.request('INVITE');
        expect(again.header('Replaces')).not.toBe('');
    });

    it('that was hung up says so once the server is back', async () => {
        await start('talk');
        phone.server.drop();
        phone.send({ type: 'hang-up', callId });
        await ended();
        await reconnects();
        phone.server.reply(await phone.server.request('BYE'), 200);
    });

    it('whose BYE went with the connection says it again', async () => {
        await start('talk');
        phone.send({ type: 'hang-up', callId });
        await phone.server.request('BYE');
        phone.server.drop();
        await reconnects();
        phone.server.reply(await phone.server.request('BYE'), 200);
        await phone.clock.advance(60_000);
        expect(sent('BYE')).toBe(2);
    });

    it('whose ACK may have gone with the connection says it again', async () => {
        await start('talk');
        const [ack] = phone.server.received.filter(({ method }) => method === 'ACK');
        phone.server.drop();
        await reconnects();
        expect((await phone.server.request('ACK')).text).toBe(ack?.text ?? '');
    });

    it('before its media was up ends as one without media', async () => {
        phone = new TestPhone();
        await phone.register();
        callId = phone.dial();
        phone.server.reply(await phone.server.request('INVITE'), 200, [CONTACT], SDP);
        await phone.server.request('ACK');
        await phone.clock.advance(31_000);
        expect((await ended()).reason).toBe('media-failed');
    });

    it('ends at once where the media was never secure', async () => {
        await start('talk');
        phone.media.latest.listener.failed(false);
        expect((await ended()).reason).toBe('media-failed');
    });
});
