/**
 * The floor: two bare peer connections that speak to each other by a channel of the browser, with the rule for when a
 * description may leave that DESIGN.md sets. Nothing that calls by these servers can be faster.
 */
import { followGathering } from '../../src/sip-sidecar/media/gathering.js';
import { readSdp } from '../../src/sip-sidecar/media/sdp.js';
import { pageClock } from '../../src/sip-sidecar/contract/index.js';
import { invited } from './instrument.js';
import type { Make } from './subject.js';

type Said =
    | { readonly type: 'offer' | 'answer'; readonly to: string; readonly from: string; readonly sdp: string }
    | { readonly type: 'bye'; readonly to: string; readonly from: string; readonly sdp: '' };

export const floor: Make = (end, told) => {
    const channel = new BroadcastChannel('floor');
    const say = (message: Said): void => {
        setTimeout(() => channel.postMessage(message), end.delay);
    };
    const silent = new Set<string>();
    let connection: RTCPeerConnection | null = null;
    let partner = '';
    let offer = '';
    let stop = (): void => undefined;

    const begin = async (): Promise<RTCPeerConnection> => {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
        const made = new RTCPeerConnection({ iceServers: [...end.iceServers], iceTransportPolicy: end.icePolicy });
        for (const track of stream.getTracks()) made.addTrack(track, stream);
        stop = () => {
            for (const track of stream.getTracks()) track.stop();
            made.close();
        };
        connection = made;
        return made;
    };
    const described = async (made: RTCPeerConnection, theirs: string | null): Promise<string> => {
        const gathering = followGathering(made, pageClock, new AbortController().signal, silent);
        await made.setLocalDescription();
        return gathering.enough(theirs === null ? null : readSdp(theirs));
    };
    const dial = async (): Promise<void> => {
        const sdp = await described(await begin(), null);
        invited();
        say({ type: 'offer', to: partner, from: end.user, sdp });
    };
    const accept = async (): Promise<void> => {
        const made = await begin();
        await made.setRemoteDescription({ type: 'offer', sdp: offer });
        say({ type: 'answer', to: partner, from: end.user, sdp: await described(made, offer) });
    };
    const over = (): void => {
        stop();
        told.ended();
    };
    channel.onmessage = ({ data }: MessageEvent<Said>) => {
        if (data.to !== end.user) return;
        partner = data.from;
        if (data.type === 'offer') {
            offer = data.sdp;
            told.ring();
        } else if (data.type === 'answer') void connection?.setRemoteDescription({ type: 'answer', sdp: data.sdp });
        else over();
    };
    return {
        start: () => Promise.resolve(),
        call: (user) => {
            partner = user;
            void dial();
        },
        answer: () => void accept(),
        hangUp: () => {
            say({ type: 'bye', to: partner, from: end.user, sdp: '' });
            over();
        },
    };
};
