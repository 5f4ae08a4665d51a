import { DeviceError, type Media } from '../../../src/sip-sidecar/contract/index.js';
import type { Engine } from '../../../src/sip-sidecar/media/engine.js';
import { openScreen } from '../../../src/sip-sidecar/media/screen.js';
import { eventually } from '../../support/eventually.js';
import { connect, makeEngine, negotiate, pcOf, side, type Side } from './pair.js';

/** Where the page may show something, a canvas stands in: a real picker needs a click. */
class Screens {
    readonly shown: MediaStreamTrack[] = [];
    private readonly canvas = document.createElement('canvas');
    private readonly timer: ReturnType<typeof setInterval>;
    private colour = 0;
    readonly spy: jasmine.Spy<MediaDevices['getDisplayMedia']>;

    constructor() {
        Object.assign(this.canvas, { width: 320, height: 180 });
        const context = this.canvas.getContext('2d')!;
        this.timer = setInterval(() => {
            context.fillStyle = `hsl(${String((this.colour += 7))} 90% 50%)`;
            context.fillRect(0, 0, 320, 180);
        }, 50);
        this.spy = spyOn(navigator.mediaDevices, 'getDisplayMedia').and.callFake(() => Promise.resolve(this.capture()));
    }

    capture(): MediaStream {
        const stream = this.canvas.captureStream(20);
        this.shown.push(...stream.getTracks());
        return stream;
    }

    /** The browser's own button ends it. */
    endedByBrowser(): void {
        const track = this.shown.at(-1)!;
        track.stop();
        track.dispatchEvent(new Event('ended'));
    }

    stop(): void {
        clearInterval(this.timer);
        for (const track of this.shown) track.stop();
    }
}

const NOTHING = false;
const REINVITE = true;

describe('A screen that is shown', () => {
    let engine: Engine;
    let screens: Screens;

    beforeEach(() => {
        ({ engine } = makeEngine());
        screens = new Screens();
    });

    afterEach(() => {
        engine.dispose();
        expect(screens.shown.filter((track) => track.readyState === 'live')).toEqual([]);
        screens.stop();
    });

    const call = async (video: boolean, theirs = video): Promise<[Side, Side]> => {
        const sides: [Side, Side] = [await side(engine, { video }), await side(engine, { video: theirs })];
        await connect(...sides);
        return sides;
    };
    const sent = (from: Side): MediaStreamTrack | null | undefined =>
        pcOf(from)
            .getSenders()
            .find(({ track }) => track?.kind === 'video')?.track;
    const pictures = (on: Side, coming: boolean): Promise<unknown> =>
        eventually(`pictures ${coming ? 'come' : 'stop'}`, () => on.told.shown.remoteVideo === coming);

    it('takes the place of the camera, whose light goes off, without a re-INVITE; and the camera comes back', async () => {
        const [alice, bob] = await call(true);
        const camera = alice.session.streams.local!.getVideoTracks()[0]!;
        expect(await alice.session.screen(true)).toBe(NOTHING);
        expect(sent(alice)).toBe(screens.shown[0]);
        expect([camera.readyState, alice.told.shown.camera]).toEqual(['ended', 'screen']);
        expect(alice.session.streams.local!.getVideoTracks()).toEqual(screens.shown);
        await pictures(bob, true);
        expect(await alice.session.screen(false)).toBe(NOTHING);
        expect([screens.shown[0]!.readyState, alice.told.shown.camera]).toEqual(['ended', 'on']);
        expect(sent(alice)?.readyState).toBe('live');
        expect(alice.told.problems).toEqual([]);
    });

    it('leaves a camera off that was off', async () => {
        const [alice] = await call(true);
        await alice.session.camera(false);
        expect(await alice.session.screen(true)).toBe(NOTHING);
        await alice.session.screen(false);
        expect([alice.told.shown.camera, alice.session.streams.local!.getVideoTracks()]).toEqual(['off', []]);
    });

    it('is added by a re-INVITE to a call of voice alone, which is one of voice again afterwards', async () => {
        const [alice, bob] = await call(false);
        expect(await alice.session.screen(true)).toBe(REINVITE);
        const { offer } = await negotiate(alice, bob);
        expect(offer).toMatch(/m=video [1-9][^]*a=sendrecv/u);
        await pictures(bob, true);
        expect(bob.told.shown.camera).toBe('off');
        expect(await alice.session.screen(false)).toBe(REINVITE);
        const after = await negotiate(alice, bob);
        expect(after.offer).toMatch(/m=video [1-9][^]*a=recvonly/u);
        await pictures(bob, false);
        expect(await alice.session.screen(true)).toBe(REINVITE);
        await negotiate(alice, bob);
        await pictures(bob, true);
    });

    it('ends with the browser’s own button, and the camera comes back', async () => {
        const [alice] = await call(true);
        await alice.session.screen(true);
        screens.endedByBrowser();
        await eventually('the camera is back', () => alice.told.shown.camera === 'on');
        expect(alice.told.renegotiations).toBe(0);
    });

    it('that was added ends with the browser’s own button by a re-INVITE', async () => {
        const [alice, bob] = await call(false);
        await alice.session.screen(true);
        await negotiate(alice, bob);
        screens.endedByBrowser();
        await eventually('it is told', () => alice.told.renegotiations === 1);
        expect(alice.told.shown.camera).toBe('off');
    });

    it('changes nothing where the person thinks better of it', async () => {
        const [alice] = await call(true);
        screens.spy.and.rejectWith(new DOMException('Permission denied', 'NotAllowedError'));
        expect(await alice.session.screen(true)).toBe(NOTHING);
        expect([alice.told.shown.camera, alice.told.problems]).toEqual(['on', []]);
    });

    it('is asked for once, however often it is pressed', async () => {
        const [alice] = await call(true);
        await Promise.all([alice.session.screen(true), alice.session.screen(true)]);
        await alice.session.screen(true);
        expect(screens.spy).toHaveBeenCalledTimes(1);
    });

    it('is not shown where the call ended while the person chose', async () => {
        const [alice] = await call(true);
        let choose: (stream: MediaStream) => void = () => undefined;
        screens.spy.and.returnValue(new Promise<MediaStream>((resolve) => (choose = resolve)));
        const picked = alice.session.screen(true);
        alice.session.close();
        choose(screens.capture());
        expect(await picked).toBe(NOTHING);
    });

    it('is undone, and said, where the answer refuses video', async () => {
        const { engine: voiceOnly } = makeEngine();
        voiceOnly.configure({ iceServers: [], icePolicy: 'all', video: false });
        const [alice, bob] = [await side(engine), await side(voiceOnly)];
        await connect(alice, bob);
        await alice.session.screen(true);
        const { answer } = await negotiate(alice, bob);
        expect(answer).toContain('\nm=video 0 ');
        await eventually('it is off', () => alice.told.shown.camera === 'off');
        expect(alice.told.problems).toEqual([{ device: 'screen', problem: 'refused' }]);
        voiceOnly.dispose();
    });

    it('is undone, and said, where the answer takes video and looks at none', async () => {
        const [alice, bob] = await call(false);
        await alice.session.screen(true);
        const offer = await alice.session.createOffer();
        await bob.session.setRemoteDescription({ type: 'offer', sdp: offer });
        const [head = '', video = ''] = (await bob.session.createAnswer()).split(/(?=^m=video)/mu);
        await alice.session.setRemoteDescription({ type: 'answer', sdp: head + video.replace('recvonly', 'inactive') });
        await eventually('it is off', () => alice.told.shown.camera === 'off');
        expect(alice.told.problems).toEqual([{ device: 'screen', problem: 'refused' }]);
    });

    it('is undone where the offer was refused as a whole', async () => {
        const [alice, bob] = await call(false);
        await alice.session.screen(true);
        await alice.session.createOffer();
        await alice.session.rollback();
        await alice.session.screen(false);
        expect(alice.told.shown.camera).toBe('off');
        expect((await negotiate(alice, bob)).offer).not.toContain('m=video');
    });

    it('gives way to the camera where that is turned on, and to nothing where it is turned off', async () => {
        const [alice, bob] = await call(false);
        await alice.session.screen(true);
        await negotiate(alice, bob);
        expect(await alice.session.camera(true)).toBe(NOTHING);
        expect(alice.told.shown.camera).toBe('on');
        await alice.session.screen(true);
        expect(await alice.session.camera(false)).toBe(NOTHING);
        expect(alice.told.shown.camera).toBe('screen');
        await alice.session.screen(false);
        expect(alice.told.shown.camera).toBe('off');
    });

    it('is dark on hold and comes back; mute does not touch it', async () => {
        const [alice] = await call(true);
        await alice.session.screen(true);
        alice.session.mute(true);
        expect(screens.shown[0]!.enabled).toBeTrue();
        alice.session.hold(true);
        expect(screens.shown[0]!.enabled).toBeFalse();
        alice.session.hold(false);
        expect(screens.shown[0]!.enabled).toBeTrue();
        expect(alice.told.shown).toEqual(jasmine.objectContaining({ microphone: 'muted', camera: 'screen' }));
    });

    it('begun on hold is described by the re-INVITE that resumes', async () => {
        const [alice, bob] = await call(false);
        alice.session.hold(true);
        await negotiate(alice, bob);
        expect(await alice.session.screen(true)).toBe(NOTHING);
        alice.session.hold(false);
        const { offer } = await negotiate(alice, bob);
        expect(offer).toMatch(/m=video [1-9][^]*a=sendrecv/u);
        await pictures(bob, true);
    });

    it('stays when another camera is chosen', async () => {
        const [alice] = await call(true);
        await alice.session.screen(true);
        engine.chooseDevices({ microphone: '', camera: 'another', speaker: '', ringer: '' });
        await alice.session.camera(false);
        expect(sent(alice)).toBe(screens.shown[0]);
    });

    it('goes on in a further session of the call', async () => {
        const [alice] = await call(true);
        await alice.session.screen(true);
        const callId = [...(engine as unknown as { sessions: Map<string, unknown> }).sessions].find(
            ([, session]) => session === alice.session,
        )![0];
        const next = await engine.renew(callId, alice.told.shown as Media, alice.told);
        next.succeed();
        await eventually('it has moved', () => next.streams.local?.getVideoTracks()[0] === screens.shown[0]);
        expect(alice.told.shown.camera).toBe('screen');
        await next.screen(false);
        expect(alice.told.shown.camera).toBe('on');
    });

    it('goes on in one that came up meanwhile, and can be ended and begun there', async () => {
        const [alice] = await call(false);
        const callId = [...(engine as unknown as { sessions: Map<string, unknown> }).sessions].find(
            ([, session]) => session === alice.session,
        )![0];
        const next = await engine.renew(callId, alice.told.shown as Media, alice.told);
        await alice.session.screen(true);
        next.succeed();
        await eventually('it has moved', () => next.streams.local?.getVideoTracks()[0] === screens.shown[0]);
        expect(alice.told.renegotiations).toBe(1);
        await next.screen(false);
        expect(alice.told.shown.camera).toBe('off');
        await next.screen(true);
        expect(alice.told.shown.camera).toBe('screen');
    });

    describe('or cannot be', () => {
        for (const [error, problem] of [
            [new DOMException('', 'NotReadableError'), 'in-use'],
            [new DOMException('', 'NotFoundError'), 'missing'],
            [new DOMException('', 'InvalidStateError'), 'in-use'],
            [new DOMException('Permission denied by system', 'NotAllowedError'), 'denied'],
            [new TypeError('not supported'), 'missing'],
        ] as const) {
            it(`is told: ${error.name} ${error.message}`, async () => {
                screens.spy.and.rejectWith(error);
                await expectAsync(openScreen()).toBeRejectedWith(new DeviceError({ device: 'screen', problem }));
            });
        }

        it('is told where the browser has no such thing', async () => {
            spyOnProperty(navigator, 'mediaDevices').and.returnValue({} as MediaDevices);
            await expectAsync(openScreen()).toBeRejectedWith(new DeviceError({ device: 'screen', problem: 'missing' }));
        });
    });

    it('asks that text stays legible', async () => {
        const track = await openScreen();
        expect(track?.contentHint).toBe('detail');
        track?.stop();
    });
});
