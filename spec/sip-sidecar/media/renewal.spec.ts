import type { Media, MediaSession } from '../../../src/sip-sidecar/contract/index.js';
import type { Engine } from '../../../src/sip-sidecar/media/engine.js';
import { readFingerprints } from '../../../src/sip-sidecar/agent/remote-party.js';
import { eventually } from '../../support/eventually.js';
import { comes, connect, makeEngine, pcOf, received, Told, type Side } from './pair.js';

const VOICE: Media = { microphone: 'live', camera: 'off', remoteVideo: false };

describe('A further session of a call', () => {
    const engines: Engine[] = [];
    const engine = (): Engine => {
        const made = makeEngine().engine;
        engines.push(made);
        return made;
    };
    afterEach(() => {
        for (const one of engines.splice(0)) one.dispose();
    });
    const open = async (on: Engine, callId: string, video = false): Promise<Side> => {
        const told = new Told();
        return { session: await on.open(callId, { video, listenOnly: false }, told), told };
    };
    const renew = async (on: Engine, callId: string, was = VOICE): Promise<Side> => {
        const told = new Told();
        return { session: await on.renew(callId, was, told), told };
    };
    const closed = (side: Side): boolean => pcOf(side).signalingState === 'closed';
    const microphone = ({ session }: { session: MediaSession }): MediaStreamTrack | undefined =>
        session.streams.local?.getAudioTracks()[0];

    it('has the same certificate, sends nothing while it comes up, and then takes the devices over', async () => {
        const [alice, bob] = [engine(), engine()];
        const [a, b] = [await open(alice, 'a'), await open(bob, 'b')];
        const first = await connect(a, b);
        const track = microphone(b);
        const media = spyOn(navigator.mediaDevices, 'getUserMedia').and.callThrough();

        const [a2, b2] = [await renew(alice, 'a'), await renew(bob, 'b')];
        const second = await connect(a2, b2);
        expect(readFingerprints(second.offer)).toEqual(readFingerprints(first.offer));
        expect(readFingerprints(second.answer)).toEqual(readFingerprints(first.answer));
        expect(b2.session.streams.local).toBeNull();
        expect((await received(a2, 'audio')).packets).toBe(0);
        expect(alice.sessions.get('a') as MediaSession | undefined).toBe(a.session);
        await comes(a, 'audio');

        a2.session.succeed();
        b2.session.succeed();
        expect([closed(a), closed(b)]).toEqual([true, true]);
        expect(alice.sessions.get('a') as MediaSession | undefined).toBe(a2.session);
        await comes(a2, 'audio');
        await comes(b2, 'audio');
        expect(microphone(b2)).toBe(track);
        expect(track?.readyState).toBe('live');
        expect(bob.streams('b').remote?.getAudioTracks().length).toBe(1);
        expect(media).not.toHaveBeenCalled();
        bob.close('b');
        expect(track?.readyState).toBe('ended');
    });

    it('sends the camera on where it was sent, and stays muted and on hold', async () => {
        const [alice, bob] = [engine(), engine()];
        const [a, b] = [await open(alice, 'a', true), await open(bob, 'b', true)];
        await connect(a, b);
        a.session.mute(true);
        const [a2, b2] = [await renew(alice, 'a'), await renew(bob, 'b')];
        await connect(a2, b2);
        a2.session.succeed();
        b2.session.succeed();
        await comes(b2, 'video');
        await comes(a2, 'video');
        expect(microphone(a2)?.enabled).toBeFalse();
        await eventually('told', () => a2.told.shown.microphone === 'muted' && a2.told.shown.camera === 'on');
    });

    it('that comes to nothing leaves the devices where they are', async () => {
        const alice = engine();
        const a = await open(alice, 'a');
        const a2 = await renew(alice, 'a');
        await a2.session.createOffer();
        a2.session.close();
        expect(microphone(a)?.readyState).toBe('live');
        expect(alice.sessions.get('a') as MediaSession | undefined).toBe(a.session);
        alice.close('a');
        expect(microphone(a)?.readyState).toBe('ended');
    });

    it('on the next page opens the devices while it comes up, with the certificate of the page before', async () => {
        const [alice, bob] = [engine(), engine()];
        const callId = crypto.randomUUID();
        const [a, b] = [await open(alice, callId, true), await open(bob, 'b', true)];
        const first = await connect(a, b);
        alice.dispose();

        const next = engine();
        const a2 = await renew(next, callId, { microphone: 'live', camera: 'on', remoteVideo: true });
        const b2 = await renew(bob, 'b');
        const second = await connect(a2, b2);
        expect(readFingerprints(second.offer)).toEqual(readFingerprints(first.offer));
        a2.session.succeed();
        b2.session.succeed();
        expect(next.sessions.get(callId) as MediaSession | undefined).toBe(a2.session);
        for (const kind of ['audio', 'video'] as const) {
            await comes(a2, kind);
            await comes(b2, kind);
        }
        const tracks = a2.session.streams.local?.getTracks() ?? [];
        expect(tracks.length).toBe(2);
        next.close(callId);
        expect(tracks.every(({ readyState }) => readyState === 'ended')).toBeTrue();
    });

    it('on the next page goes on without the device that is wanting, and says so', async () => {
        const [next, bob] = [engine(), engine()];
        const b = await open(bob, 'b');
        spyOn(navigator.mediaDevices, 'getUserMedia').and.rejectWith(new DOMException('', 'NotAllowedError'));
        const a = await renew(next, 'a');
        await connect(a, b);
        await eventually('told', () => a.told.problems.at(-1)?.device === 'microphone');
        a.session.succeed();
        await comes(a, 'audio');
    });

    it('on the next page opens no device before the other side has answered', async () => {
        const [next, bob] = [engine(), engine()];
        const b = await open(bob, 'b');
        const media = spyOn(navigator.mediaDevices, 'getUserMedia').and.callThrough();
        for (let i = 0; i < 3; i += 1) {
            const { session } = await renew(next, 'a');
            await session.createOffer();
            navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
            await new Promise((resolve) => setTimeout(resolve));
            session.close();
        }
        expect(media).not.toHaveBeenCalled();
        const a = await renew(next, 'a');
        await connect(a, b);
        expect(media).toHaveBeenCalledTimes(1);
        a.session.succeed();
        await comes(b, 'audio');
    });

    it('has the camera that was turned on while it came up, and describes it', async () => {
        const [alice, bob] = [engine(), engine()];
        const [a, b] = [await open(alice, 'a'), await open(bob, 'b')];
        await connect(a, b);
        const [a2, b2] = [await renew(alice, 'a'), await renew(bob, 'b')];
        await connect(a2, b2);
        await a.session.camera(true);
        a2.session.succeed();
        b2.session.succeed();
        await eventually('told', () => a2.told.shown.camera === 'on' && a2.told.renegotiations === 1);
        await connect(a2, b2);
        await comes(b2, 'video');
    });

    it('on the next page that is closed while the browser asks for the devices opens none', async () => {
        const [next, bob] = [engine(), engine()];
        const b = await open(bob, 'b');
        let allow = (): void => undefined;
        const asked = new Promise<void>((resolve) => {
            allow = resolve;
        });
        const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        const streams: MediaStream[] = [];
        spyOn(navigator.mediaDevices, 'getUserMedia').and.callFake(async (constraints) => {
            await asked;
            const stream = await real(constraints);
            streams.push(stream);
            return stream;
        });
        const a = await renew(next, 'a');
        await connect(a, b);
        a.session.close();
        allow();
        await eventually('opened', () => streams.length > 0);
        await eventually('let go', () =>
            streams.every((one) => one.getTracks().every((t) => t.readyState === 'ended')),
        );
    });
});
