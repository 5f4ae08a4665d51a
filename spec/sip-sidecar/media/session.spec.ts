import { DeviceError, type Device } from '../../../src/sip-sidecar/contract/index.js';
import type { Engine } from '../../../src/sip-sidecar/media/engine.js';
import { eventually } from '../../support/eventually.js';
import { comes, connect, loudness, makeEngine, negotiate, pcOf, received, side, type Side } from './pair.js';

const directions = (sdp: string): string[] =>
    sdp
        .split(/(?=^m=)/mu)
        .slice(1)
        .map(
            (part) =>
                `${/^m=(\w+)/u.exec(part)?.[1] ?? ''} ${/^a=(send\w+|recvonly|inactive)/mu.exec(part)?.[1] ?? ''}`,
        );

/** The RTP timestamps of the sound that comes in, as it comes; to be asked for before it is connected. */
function rtpTimestamps(receiver: RTCRtpReceiver): number[] {
    const stamps: number[] = [];
    const code = `onrtctransform = ({ transformer }) => void transformer.readable
        .pipeThrough(new TransformStream({
            transform(frame, out) { postMessage(frame.getMetadata().rtpTimestamp); out.enqueue(frame); },
        }))
        .pipeTo(transformer.writable);`;
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    worker.addEventListener('message', ({ data }: MessageEvent<number>) => void stamps.push(data));
    receiver.transform = new RTCRtpScriptTransform(worker);
    return stamps;
}

describe('The media of a call', () => {
    let engine: Engine;
    let notices: string[];

    beforeEach(() => {
        ({ engine, notices } = makeEngine());
    });

    afterEach(() => {
        engine.dispose();
        expect(notices).toEqual([]);
    });

    const two = async (
        a: { video?: boolean; listenOnly?: boolean } = {},
        b: { video?: boolean; listenOnly?: boolean } = {},
    ): Promise<[Side, Side]> => [await side(engine, a), await side(engine, b)];
    const pictures = (on: Side, coming: boolean): Promise<unknown> =>
        eventually(`pictures ${coming ? 'come' : 'stop'}`, () => on.told.shown.remoteVideo === coming);

    describe('from end to end', () => {
        it('is voice both ways', async () => {
            const [alice, bob] = await two();
            const { offer, answer } = await connect(alice, bob);
            expect(directions(offer)).toEqual(['audio sendrecv']);
            expect(directions(answer)).toEqual(['audio sendrecv']);
            await Promise.all([comes(alice, 'audio'), comes(bob, 'audio')]);
            expect(await loudness(bob.session.streams.remote!)).toBeGreaterThan(0.01);
            expect(alice.told.shown).toEqual({ microphone: 'live', camera: 'off', remoteVideo: false });
        });

        it('is voice and video both ways', async () => {
            const [alice, bob] = await two({ video: true }, { video: true });
            const { offer, answer } = await connect(alice, bob);
            expect(directions(offer)).toEqual(['audio sendrecv', 'video sendrecv']);
            expect(directions(answer)).toEqual(['audio sendrecv', 'video sendrecv']);
            await Promise.all([pictures(alice, true), pictures(bob, true), comes(alice, 'audio'), comes(bob, 'video')]);
            expect(alice.told.shown).toEqual({ microphone: 'live', camera: 'on', remoteVideo: true });
            expect(alice.session.streams.local?.getVideoTracks().length).toBe(1);
            expect(alice.session.streams.remote?.getVideoTracks().length).toBe(1);
        });

        it('is video one way where only one has a camera on', async () => {
            const [alice, bob] = await two({ video: true });
            const { answer } = await connect(alice, bob);
            expect(directions(answer)).toEqual(['audio sendrecv', 'video recvonly']);
            await pictures(bob, true);
            expect(alice.told.shown.remoteVideo).toBeFalse();
            expect(alice.session.streams.remote?.getVideoTracks()).toEqual([]);
        });

        it('listens only where the person chose so, without touching the microphone', async () => {
            const spy = spyOn(navigator.mediaDevices, 'getUserMedia').and.callThrough();
            const bob = await side(engine, { listenOnly: true });
            expect(spy).not.toHaveBeenCalled();
            const alice = await side(engine);
            const { answer } = await connect(alice, bob);
            expect(directions(answer)).toEqual(['audio recvonly']);
            await comes(bob, 'audio');
            expect((await received(alice, 'audio')).packets).toBe(0);
            expect(bob.told.shown.microphone).toBe('none');
            expect(bob.session.streams.local).toBeNull();
            expect(alice.told.held).withContext('who listens only does not hold').toBeFalse();
        });

        it('can be offered by the one who is called (an INVITE without an offer)', async () => {
            const [alice, bob] = await two();
            await connect(bob, alice);
            await Promise.all([comes(alice, 'audio'), comes(bob, 'audio')]);
        });

        it('takes a description whose session says another direction than its streams', async () => {
            const [alice, bob] = await two();
            const offer = (await alice.session.createOffer()).replace('\r\nm=audio', '\r\na=inactive\r\nm=audio');
            await bob.session.setRemoteDescription({ type: 'offer', sdp: offer });
            expect(directions(await bob.session.createAnswer())).toEqual(['audio sendrecv']);
            expect(bob.told.held).toBeFalse();
        });

        it('is voice where the pictures have a path of their own that nothing comes through', async () => {
            const [alice, bob] = await two({ video: true });
            const apart = (sdp: string): string => {
                const [head = '', video = ''] = sdp.split(/(?=^m=video)/mu);
                return head.replace(/^a=group:BUNDLE.*\r\n/mu, '') + video.replace(/^a=candidate.*\r\n/gmu, '');
            };
            await bob.session.setRemoteDescription({ type: 'offer', sdp: apart(await alice.session.createOffer()) });
            await alice.session.setRemoteDescription({ type: 'answer', sdp: apart(await bob.session.createAnswer()) });
            await eventually('connected', () => alice.told.connections > 0 && bob.told.connections > 0);
            await Promise.all([comes(alice, 'audio'), comes(bob, 'audio')]);
            expect(pcOf(alice).connectionState).not.toBe('connected');
            expect([alice.told.connections, alice.told.failures]).toEqual([1, 0]);
        });

        it('is told to be interrupted when nothing comes any more', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            pcOf(bob).close();
            await eventually('interrupted', () => alice.told.interruptions > 0, 15_000);
            expect([alice.told.connections, alice.told.interruptions]).toEqual([1, 1]);
        });

        it('has one certificate for as long as it lasts: its descriptions name the same fingerprint', async () => {
            const [alice] = await two();
            const fingerprints = (sdp: string): string[] => sdp.match(/^a=fingerprint:.*$/gmu) ?? [];
            const first = fingerprints(await alice.session.createOffer());
            expect(first[0]).toMatch(/^a=fingerprint:sha-256 /u);
            await alice.session.rollback();
            expect(fingerprints(await alice.session.createOffer({ iceRestart: true }))).toEqual(first);
        });

        it('asks nobody for candidates unless a server was configured', async () => {
            const [alice] = await two();
            expect(pcOf(alice).getConfiguration().iceServers).toEqual([]);
        });
    });

    describe('whose candidates came late', () => {
        /** Offer and answer, with nothing in them that leads anywhere. */
        const lost = async (alice: Side, bob: Side, offer: string): Promise<void> => {
            const bare = (sdp: string): string => sdp.replace(/^a=candidate.*\r\n/gmu, '');
            await bob.session.setRemoteDescription({ type: 'offer', sdp: bare(offer) });
            const answer = bare(await bob.session.createAnswer());
            await alice.session.setRemoteDescription({ type: 'answer', sdp: answer });
        };

        it('asks for a re-INVITE a second after the answer where nothing connects, and then it does', async () => {
            const [alice, bob] = await two();
            await lost(alice, bob, await alice.session.createOffer({ urgent: true }));
            await eventually('all is gathered', () => pcOf(alice).iceGatheringState === 'complete');
            await eventually('it is told', () => alice.told.renegotiations === 1);
            await connect(alice, bob);
            expect(bob.told.renegotiations).toBe(0);
        });

        it('asks for none where it connects, or where all was told', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            const [carol, dave] = await two();
            const offer = carol.session.createOffer();
            await eventually('all is gathered', () => pcOf(carol).iceGatheringState === 'complete');
            await lost(carol, dave, await offer);
            await new Promise((resolve) => setTimeout(resolve, 1200));
            expect([alice.told.renegotiations, carol.told.renegotiations]).toEqual([0, 0]);
        });
    });

    it('goes on with the servers it has where the browser does not take new ones', async () => {
        const [alice, bob] = await two();
        await connect(alice, bob);
        spyOn(pcOf(alice), 'setConfiguration').and.throwError(new DOMException('', 'SyntaxError'));
        expect(await alice.session.createOffer({ iceRestart: true })).toContain('a=candidate');
    });

    describe('a camera', () => {
        it('is turned on in a voice call by a re-INVITE, and answered with the other camera still off', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            expect(await alice.session.camera(true)).toBeTrue();
            const { answer } = await negotiate(alice, bob);
            expect(directions(answer)).toEqual(['audio sendrecv', 'video recvonly']);
            await pictures(bob, true);
            expect(bob.told.shown.camera).toBe('off');
            expect(await bob.session.camera(true)).toBeTrue();
            const back = await negotiate(bob, alice);
            expect(directions(back.answer)).toEqual(['audio sendrecv', 'video sendrecv']);
            await pictures(alice, true);
        });

        it('goes off and on again without a re-INVITE, and its light goes off', async () => {
            const [alice, bob] = await two({ video: true }, { video: true });
            await connect(alice, bob);
            await pictures(bob, true);
            const light = alice.session.streams.local!.getVideoTracks()[0]!;
            expect(await alice.session.camera(false)).toBeFalse();
            expect(light.readyState).toBe('ended');
            expect(alice.told.shown.camera).toBe('off');
            expect(alice.session.streams.local?.getVideoTracks()).toEqual([]);
            await pictures(bob, false);
            expect(await alice.session.camera(true)).toBeFalse();
            await pictures(bob, true);
            expect(alice.told.shown.camera).toBe('on');
        });

        it('that is on when the answer refuses video goes off again', async () => {
            const { engine: voiceOnly } = makeEngine();
            voiceOnly.configure({ iceServers: [], icePolicy: 'all', video: false });
            const alice = await side(engine, { video: true });
            const bob = await side(voiceOnly);
            const light = alice.session.streams.local!.getVideoTracks()[0]!;
            const { answer } = await connect(alice, bob);
            expect(answer).toContain('\nm=video 0 ');
            await eventually('the light is off', () => light.readyState === 'ended');
            await eventually('it says so', () => alice.told.shown.camera === 'off');
            await comes(bob, 'audio');
            voiceOnly.dispose();
        });

        it('of the other side that is taken away by a re-INVITE is not shown any more', async () => {
            const [alice, bob] = await two({ video: true });
            await connect(alice, bob);
            await pictures(bob, true);
            const plain = pcOf(alice);
            plain.getTransceivers()[1]!.stop();
            await plain.setLocalDescription();
            await bob.session.setRemoteDescription({ type: 'offer', sdp: plain.localDescription!.sdp });
            await plain.setRemoteDescription({ type: 'answer', sdp: await bob.session.createAnswer() });
            expect(plain.localDescription!.sdp).toMatch(/^m=video 0 /mu);
            expect(bob.told.shown.remoteVideo).toBeFalse();
            expect(bob.session.streams.remote?.getVideoTracks()).toEqual([]);
            await comes(bob, 'audio');
            expect(await bob.session.camera(true))
                .withContext('and can come again')
                .toBeTrue();
            await negotiate(bob, alice);
            await pictures(alice, true);
        });

        it('that does not open is a DeviceError, and the call goes on', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            spyOn(navigator.mediaDevices, 'getUserMedia').and.rejectWith(new DOMException('', 'NotReadableError'));
            await expectAsync(alice.session.camera(true)).toBeRejectedWith(
                new DeviceError({ device: 'camera', problem: 'in-use' }),
            );
            expect(alice.told.shown.camera).toBe('off');
            await comes(bob, 'audio');
        });

        it('is not opened where the site allows no video', async () => {
            const spy = spyOn(navigator.mediaDevices, 'getUserMedia').and.callThrough();
            engine.configure({ iceServers: [], icePolicy: 'all', video: false });
            const [alice] = await two({ video: true });
            await expectAsync(alice.session.camera(true)).toBeRejectedWithError(DeviceError);
            expect(spy.calls.allArgs().some(([constraints]) => Boolean(constraints?.video))).toBeFalse();
        });

        it('that was refused by the other side and is off again is not in the next offer', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            await alice.session.camera(true);
            await alice.session.createOffer();
            await alice.session.rollback();
            await alice.session.camera(false);
            expect(directions(await alice.session.createOffer())).toEqual(['audio sendrecv']);
        });
    });

    describe('on hold', () => {
        it('stops both ways and comes back, told to the other side by the directions of the audio', async () => {
            const [alice, bob] = await two({ video: true }, { video: true });
            await connect(alice, bob);
            await pictures(bob, true);
            alice.session.hold(true);
            const held = await negotiate(alice, bob);
            expect(directions(held.offer)).toEqual(['audio sendonly', 'video inactive']);
            expect(directions(held.answer)).toEqual(['audio recvonly', 'video inactive']);
            expect([alice.told.held, bob.told.held]).toEqual([false, true]);
            expect(bob.told.shown.remoteVideo).toBeFalse();
            await eventually('silence', async () => (await loudness(bob.session.streams.remote!)) < 0.005);

            alice.session.hold(false);
            const resumed = await negotiate(alice, bob);
            expect(directions(resumed.answer)).toEqual(['audio sendrecv', 'video sendrecv']);
            expect(bob.told.held).toBeFalse();
            await Promise.all([comes(alice, 'audio'), pictures(alice, true), pictures(bob, true)]);
        });

        it('by both sides ends only when both resume', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            alice.session.hold(true);
            await negotiate(alice, bob);
            bob.session.hold(true);
            const both = await negotiate(bob, alice);
            expect(directions(both.answer)).toEqual(['audio inactive']);
            expect([alice.told.held, bob.told.held]).toEqual([true, true]);
            alice.session.hold(false);
            const one = await negotiate(alice, bob);
            expect(directions(one.answer)).toEqual(['audio sendonly']);
            expect([alice.told.held, bob.told.held]).toEqual([true, false]);
            bob.session.hold(false);
            await negotiate(bob, alice);
            expect([alice.told.held, bob.told.held]).toEqual([false, false]);
            await Promise.all([comes(alice, 'audio'), comes(bob, 'audio')]);
        });

        it('is silent at once, before the other side has answered', async () => {
            const [alice, bob] = await two({ video: true });
            await connect(alice, bob);
            const tracks = alice.session.streams.local!.getTracks();
            alice.session.hold(true);
            expect(tracks.map((track) => track.enabled)).toEqual([false, false]);
            alice.session.mute(true);
            alice.session.hold(false);
            expect(tracks.map((track) => [track.kind, track.enabled])).toEqual([
                ['audio', false],
                ['video', true],
            ]);
        });

        it('is understood in every form: inactive, and RFC 2543', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            const held = async (change: (sdp: string) => string): Promise<boolean> => {
                const offer = await alice.session.createOffer();
                await bob.session.setRemoteDescription({ type: 'offer', sdp: change(offer) });
                await alice.session.setRemoteDescription({ type: 'answer', sdp: await bob.session.createAnswer() });
                return bob.told.held;
            };
            expect(await held((sdp) => sdp.replace('a=sendrecv', 'a=inactive'))).toBeTrue();
            expect(await held((sdp) => sdp)).toBeFalse();
            expect(
                await held((sdp) =>
                    sdp.replace(/^m=audio \d+/mu, 'm=audio 4000').replace(/^c=.*$/mu, 'c=IN IP4 0.0.0.0'),
                ),
            ).toBeTrue();
        });

        it('and listening only go together', async () => {
            const [alice, bob] = await two({}, { listenOnly: true });
            await connect(alice, bob);
            bob.session.hold(true);
            const held = await negotiate(bob, alice);
            expect(directions(held.offer)).toEqual(['audio inactive']);
            expect([alice.told.held, bob.told.held]).toEqual([true, false]);
            bob.session.hold(false);
            await negotiate(bob, alice);
            expect([alice.told.held, bob.told.held]).toEqual([false, false]);
        });

        it('comes back with the camera that was turned on meanwhile', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            alice.session.hold(true);
            await negotiate(alice, bob);
            expect(await alice.session.camera(true)).toBeFalse();
            alice.session.hold(false);
            await negotiate(alice, bob);
            await pictures(bob, true);
        });
    });

    describe('a microphone', () => {
        it('is muted without a re-INVITE, and the other side hears nothing', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            const remote = bob.session.streams.remote!;
            expect(await loudness(remote)).toBeGreaterThan(0.01);
            alice.session.mute(true);
            expect(alice.told.shown.microphone).toBe('muted');
            await eventually('silence', async () => (await loudness(remote)) < 0.005);
            alice.session.mute(false);
            expect(alice.told.shown.microphone).toBe('live');
            await eventually('sound', async () => (await loudness(remote)) > 0.01);
        });

        const others = async (): Promise<Device[]> => {
            const list = await navigator.mediaDevices.enumerateDevices();
            return list
                .filter((one) => one.kind === 'audioinput' && !/default/iu.test(one.deviceId))
                .map((one) => ({ kind: 'microphone', id: one.deviceId, label: one.label }));
        };
        const choose = (microphone: string): void =>
            engine.chooseDevices({ microphone, camera: '', speaker: '', ringer: '' });

        it('is changed without a re-INVITE and without a gap in the sound', async () => {
            const [alice, bob] = await two();
            await bob.session.setRemoteDescription({ type: 'offer', sdp: await alice.session.createOffer() });
            const stamps = rtpTimestamps(pcOf(bob).getReceivers()[0]!);
            await alice.session.setRemoteDescription({ type: 'answer', sdp: await bob.session.createAnswer() });
            await eventually('sound', () => stamps.length > 10);
            const negotiated = pcOf(alice).localDescription!.sdp;
            const [, second] = await others();
            const old = alice.session.streams.local!.getAudioTracks()[0]!;
            choose(second!.id);
            const fresh = await eventually('the other microphone', () =>
                alice.session.streams.local!.getAudioTracks().find((one) => one !== old),
            );
            expect(fresh.getSettings().deviceId).toBe(second!.id);
            await eventually('the old one is let go', () => old.readyState === 'ended');
            const until = stamps.length;
            await eventually('sound of the new one', () => stamps.length > until + 25);
            // The RTP clock of Opus is 48 kHz (RFC 7587).
            const steps = stamps.slice(1).map((stamp, i) => ((stamp - stamps[i]!) >>> 0) / 48);
            expect(Math.max(...steps)).toBeLessThan(100);
            expect(pcOf(alice).localDescription!.sdp).toBe(negotiated);
            expect(pcOf(alice).signalingState).toBe('stable');
        });

        it('stays muted when it is changed', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            alice.session.mute(true);
            const [first] = await others();
            const old = alice.session.streams.local!.getAudioTracks()[0]!;
            choose(first!.id);
            const fresh = await eventually('the other microphone', () =>
                alice.session.streams.local!.getAudioTracks().find((one) => one !== old),
            );
            expect(fresh.enabled).toBeFalse();
            expect(alice.told.shown.microphone).toBe('muted');
        });

        it('that is pulled out is replaced by the default one by itself', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            const old = alice.session.streams.local!.getAudioTracks()[0]!;
            old.stop();
            old.dispatchEvent(new Event('ended'));
            await eventually('another microphone', () =>
                alice.session.streams.local!.getAudioTracks().some((one) => one !== old && one.readyState === 'live'),
            );
            await comes(bob, 'audio');
            expect(alice.told.problems).toEqual([]);
        });

        it('that is pulled out with none left is a problem, until one is plugged in', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            const spy = spyOn(navigator.mediaDevices, 'getUserMedia').and.rejectWith(
                new DOMException('', 'NotFoundError'),
            );
            const old = alice.session.streams.local!.getAudioTracks()[0]!;
            old.stop();
            old.dispatchEvent(new Event('ended'));
            await eventually('the problem', () => alice.told.problems.length > 0);
            expect(alice.told.problems).toEqual([{ device: 'microphone', problem: 'missing' }]);
            expect(alice.told.shown.microphone).toBe('none');
            spy.and.callThrough();
            navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
            await eventually('it works again', () => alice.told.shown.microphone === 'live');
            expect(alice.told.problems.at(-1)).toBeNull();
            await comes(bob, 'audio');
        });

        it('that was chosen and does not open leaves the old one at work', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            const old = alice.session.streams.local!.getAudioTracks()[0]!;
            spyOn(navigator.mediaDevices, 'getUserMedia').and.rejectWith(new DOMException('', 'NotAllowedError'));
            choose('another');
            await eventually('the problem', () => alice.told.problems.length > 0);
            expect(alice.told.problems).toEqual([{ device: 'microphone', problem: 'denied' }]);
            expect(alice.session.streams.local!.getAudioTracks()).toEqual([old]);
            expect(old.readyState).toBe('live');
            await comes(bob, 'audio');
        });
    });

    it('changes the camera without a re-INVITE', async () => {
        const [alice, bob] = await two({ video: true });
        await connect(alice, bob);
        await pictures(bob, true);
        const old = alice.session.streams.local!.getVideoTracks()[0]!;
        const camera = old.getSettings().deviceId!;
        engine.chooseDevices({ microphone: '', camera, speaker: '', ringer: '' });
        await eventually('another track', () =>
            alice.session.streams.local!.getVideoTracks().some((one) => one !== old),
        );
        await eventually('the old one is let go', () => old.readyState === 'ended');
        expect(pcOf(alice).signalingState).toBe('stable');
        await comes(bob, 'video');
    });

    describe('digits', () => {
        it('go out by the audio, one after another, whatever else was typed between them', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            const tones: string[] = [];
            const dtmf = pcOf(alice).getSenders()[0]!.dtmf!;
            dtmf.addEventListener('tonechange', (event) => void tones.push(event.tone));
            expect(alice.session.sendDigits('1 (2)')).toBeTrue();
            expect(alice.session.sendDigits('#a')).toBeTrue();
            await eventually('all of them', () => tones.includes(''));
            expect(tones.join('')).toBe('12#A');
        });

        it('do not where the other side did not offer telephone-event', async () => {
            const [alice, bob] = await two();
            const offer = await alice.session.createOffer();
            await bob.session.setRemoteDescription({ type: 'offer', sdp: offer });
            const answer = (await bob.session.createAnswer())
                .replace(/^a=rtpmap:\d+ telephone-event.*\r\n/gmu, '')
                .replace(/^(m=audio .*?)(?: 110| 126)+$/gmu, '$1');
            await alice.session.setRemoteDescription({ type: 'answer', sdp: answer });
            await eventually('connected', () => alice.told.connections > 0);
            expect(alice.session.sendDigits('1')).toBeFalse();
        });

        it('do not before there is an answer, nor from one who only listens', async () => {
            const [alice, bob] = await two({}, { listenOnly: true });
            expect(alice.session.sendDigits('1')).toBeFalse();
            await connect(alice, bob);
            expect(bob.session.sendDigits('1')).toBeFalse();
        });
    });

    describe('an offer that was refused', () => {
        it('is undone, and the next one is accepted', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            await alice.session.camera(true);
            await alice.session.createOffer();
            expect(pcOf(alice).signalingState).toMatch(/^have-/u);
            await alice.session.rollback();
            expect(pcOf(alice).signalingState).not.toMatch(/^have-/u);
            const { offer } = await negotiate(alice, bob);
            expect(directions(offer)).toEqual(['audio sendrecv', 'video sendrecv']);
            await pictures(bob, true);
        });

        it('gives way to theirs where both added video at once: one video stream, both ways', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            await Promise.all([alice.session.camera(true), bob.session.camera(true)]);
            const theirs = await bob.session.createOffer();
            await alice.session.createOffer();
            await expectAsync(
                alice.session.setRemoteDescription({ type: 'offer', sdp: theirs }),
            ).toBeRejectedWithError();
            await alice.session.rollback();
            await alice.session.setRemoteDescription({ type: 'offer', sdp: theirs });
            const answer = await alice.session.createAnswer();
            expect(directions(answer)).toEqual(['audio sendrecv', 'video sendrecv']);
            await bob.session.setRemoteDescription({ type: 'answer', sdp: answer });
            await Promise.all([pictures(alice, true), pictures(bob, true)]);
            const { offer } = await negotiate(alice, bob);
            expect(directions(offer)).toEqual(['audio sendrecv', 'video sendrecv']);
        });

        it('of the other side that cannot be answered is undone, too', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            await bob.session.setRemoteDescription({ type: 'offer', sdp: await alice.session.createOffer() });
            expect(pcOf(bob).signalingState).toMatch(/^have-/u);
            await bob.session.rollback();
            expect(pcOf(bob).signalingState).not.toMatch(/^have-/u);
            await alice.session.rollback();
            await negotiate(bob, alice);
            await comes(bob, 'audio');
        });

        it('and nothing to undo does no harm', async () => {
            const [alice, bob] = await two();
            await alice.session.rollback();
            await connect(alice, bob);
            await alice.session.rollback();
            await comes(bob, 'audio');
        });
    });

    it('finds another path by an ICE restart, and media goes on', async () => {
        const [alice, bob] = await two();
        const first = await connect(alice, bob);
        const offer = await alice.session.createOffer({ iceRestart: true });
        const ufrag = (sdp: string): string | undefined => /^a=ice-ufrag:(.*)$/mu.exec(sdp)?.[1];
        expect(ufrag(offer)).not.toBe(ufrag(first.offer));
        await bob.session.setRemoteDescription({ type: 'offer', sdp: offer });
        await alice.session.setRemoteDescription({ type: 'answer', sdp: await bob.session.createAnswer() });
        await comes(bob, 'audio');
        expect(alice.told.failures).toBe(0);
    });

    describe('a dead STUN server', () => {
        it('delays an offer no longer than the rule allows', async () => {
            engine.configure({ iceServers: [{ urls: 'stun:127.0.0.1:9' }], icePolicy: 'all', video: true });
            const [alice, bob] = await two({ video: true });
            const start = performance.now();
            const offer = await alice.session.createOffer();
            expect(performance.now() - start).toBeLessThan(1500);
            expect(pcOf(alice).iceGatheringState).withContext('it is still being asked').toBe('gathering');
            expect(offer.match(/ typ host/gu)!.length).toBeGreaterThan(0);
            await bob.session.setRemoteDescription({ type: 'offer', sdp: offer });
            await alice.session.setRemoteDescription({ type: 'answer', sdp: await bob.session.createAnswer() });
            await comes(alice, 'audio');
            const again = performance.now();
            alice.session.hold(true);
            await negotiate(alice, bob);
            expect(performance.now() - again)
                .withContext('a re-INVITE does not wait for it again')
                .toBeLessThan(200);
        });

        it('and a policy of relays only gives no offer at all, rather than one with the own address', async () => {
            engine.configure({
                iceServers: [{ urls: 'turn:127.0.0.1:9', username: 'u', credential: 'c' }],
                icePolicy: 'relay',
                video: true,
            });
            const [alice] = await two();
            await expectAsync(alice.session.createOffer()).toBeRejectedWithError(/candidate/u);
        });
    });

    describe('a description that cannot be used', () => {
        const SESSION = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';
        const hostile: Record<string, (good: string) => string> = {
            nothing: () => '',
            garbage: () => '\u0000\u0001\u0002',
            'no stream': () => SESSION,
            'plain RTP': () => `${SESSION}c=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`,
            'too long': (good) => good + 'a=x\r\n'.repeat(20_000),
            'too many streams': (good) => good + /m=audio[^]*/u.exec(good)![0].repeat(10),
            'no codec that we know': (good) =>
                good.replace(/^(m=audio \d+ \S+) .*$/mu, '$1 99').replace(/^a=rtpmap.*$/gmu, 'a=rtpmap:99 smoke/8000'),
            'no fingerprint': (good) => good.replace(/^a=fingerprint.*\r\n/gmu, ''),
            'a fingerprint that is none': (good) => good.replace(/^a=fingerprint.*$/gmu, 'a=fingerprint:sha-256 00'),
            'audio refused': (good) => good.replace(/^m=audio \d+/mu, 'm=audio 0'),
            'a line cut short': (good) => good.replace(/^m=audio.*$/mu, 'm=audio'),
            'an endless number': (good) => good.replace(/^m=audio \d+/mu, `m=audio ${'9'.repeat(400)}`),
        };
        for (const [what, make] of Object.entries(hostile)) {
            it(`is an Error, and the call goes on: ${what}`, async () => {
                const [alice, bob] = await two();
                const { offer } = await connect(alice, bob);
                let error: unknown = null;
                try {
                    await bob.session.setRemoteDescription({ type: 'offer', sdp: make(offer) });
                    await bob.session.createAnswer();
                } catch (caught) {
                    error = caught;
                }
                if (what !== 'no codec that we know') expect(error).toBeInstanceOf(Error);
                await bob.session.rollback();
                expect(pcOf(bob).signalingState).not.toMatch(/^have-/u);
                if (error !== null) {
                    await negotiate(alice, bob);
                    await comes(bob, 'audio');
                }
            });
        }

        it('is an Error also as the first offer, and as an answer', async () => {
            const [alice, bob] = await two();
            await expectAsync(
                bob.session.setRemoteDescription({ type: 'offer', sdp: hostile['plain RTP']!('') }),
            ).toBeRejectedWithError();
            const offer = await alice.session.createOffer();
            await expectAsync(
                alice.session.setRemoteDescription({ type: 'answer', sdp: hostile['audio refused']!(offer) }),
            ).toBeRejectedWithError();
            await expectAsync(bob.session.createAnswer()).toBeRejectedWithError();
            await expectAsync(alice.session.createOffer()).toBeRejectedWithError();
        });

        it('has more streams than we use: the others are refused, data channels too', async () => {
            const [alice, bob] = await two({ video: true });
            const stranger = pcOf(alice);
            stranger.addTransceiver(alice.session.streams.local!.getAudioTracks()[0]!);
            stranger.addTransceiver('video');
            stranger.addTransceiver('audio');
            stranger.addTransceiver('video');
            stranger.createDataChannel('x');
            await stranger.setLocalDescription();
            await bob.session.setRemoteDescription({ type: 'offer', sdp: stranger.localDescription!.sdp });
            const answer = await bob.session.createAnswer();
            expect(answer.match(/^m=(?:\w+) \d+/gmu)!.map((one) => one.replace(/ [1-9]\d*/u, ''))).toEqual([
                'm=audio',
                'm=video',
                'm=audio 0',
                'm=video 0',
                'm=application 0',
            ]);
            await stranger.setRemoteDescription({ type: 'answer', sdp: answer });
            await comes(bob, 'audio');
            expect(bob.session.streams.remote!.getTracks().length).toBeLessThanOrEqual(2);
        });
    });

    describe('over', () => {
        it('lets go of every track and of the connection, however often it is said', async () => {
            const [alice, bob] = await two({ video: true }, { video: true });
            await connect(alice, bob);
            const tracks = [alice, bob].flatMap((one) => one.session.streams.local!.getTracks());
            const connections = [pcOf(alice), pcOf(bob)];
            for (const one of [alice, bob, alice]) one.session.close();
            expect(tracks.every((track) => track.readyState === 'ended')).toBeTrue();
            expect(connections.map((pc) => pc.connectionState)).toEqual(['closed', 'closed']);
            expect(pcOf(alice).signalingState).not.toMatch(/^have-/u);
            alice.session.mute(true);
            alice.session.hold(true);
            expect(alice.session.sendDigits('1')).toBeFalse();
            await expectAsync(alice.session.createOffer()).toBeRejectedWithError();
        });

        it('while an offer is being gathered, the offer is an Error', async () => {
            engine.configure({ iceServers: [{ urls: 'stun:127.0.0.1:9' }], icePolicy: 'all', video: true });
            const [alice] = await two();
            const offer = alice.session.createOffer();
            alice.session.close();
            await expectAsync(offer).toBeRejectedWithError();
        });

        it('while the camera opens, the camera is let go', async () => {
            const [alice, bob] = await two();
            await connect(alice, bob);
            const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            let opened: MediaStreamTrack | undefined;
            spyOn(navigator.mediaDevices, 'getUserMedia').and.callFake(async (constraints) => {
                const stream = await real(constraints);
                opened = stream.getVideoTracks()[0];
                alice.session.close();
                return stream;
            });
            await expectAsync(alice.session.camera(true)).toBeRejectedWithError();
            expect(opened?.readyState).toBe('ended');
        });
    });
});
