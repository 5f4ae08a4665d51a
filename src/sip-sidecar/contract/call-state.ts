/**
 * What a call is doing: a discriminated union that changes only in {@link nextState}.
 *
 *     dialling -> ringing -> connecting -> active <-> interrupted -> ended        (a call out)
 *     incoming -> connecting -> active <-> interrupted -> ended                   (a call in)
 *
 * All of it is plain, structured-cloneable data. Times are milliseconds since the epoch.
 */
import type { EndReason } from './end-reason.js';

/** Who placed the call. */
export type Direction = 'outgoing' | 'incoming';

/** What keeps a microphone or camera from being used; told in words with what to do about it. */
export type MediaProblem =
    /** The page is not a secure context: browsers give no devices to it. */
    | 'insecure-page'
    /** The browser has no WebRTC at all. */
    | 'unsupported'
    /** The embedding page does not pass the permission on (Permissions-Policy, iframe `allow`). */
    | 'blocked-by-site'
    /** The person, or the browser's own setting, refused. */
    | 'denied'
    /** No such device is connected. */
    | 'missing'
    /** Another program holds the device. */
    | 'in-use'
    /** The other side does not take it. */
    | 'refused';

/** A device that could not be used, and why. */
export interface DeviceProblem {
    readonly device: 'microphone' | 'camera' | 'screen';
    readonly problem: MediaProblem;
}

/** What is being sent and received. */
export interface Media {
    /** `none`: the person chose to listen only. */
    readonly microphone: 'live' | 'muted' | 'none';
    /** `screen`: a screen or window is sent in the place of the camera. */
    readonly camera: 'on' | 'off' | 'screen';
    /** Whether the other side sends video now. */
    readonly remoteVideo: boolean;
}

/** Who holds the call: we, they, or both. */
export interface Hold {
    readonly byUs: boolean;
    readonly byThem: boolean;
}

/** What only the person can decide; until then all goes on as before. */
export type Question =
    /** The other side is to be called at another address (3xx, RFC 3261 section 21.3): a cleaned SIP address. */
    | { readonly kind: 'redirect'; readonly to: string }
    /** Somebody wants to go on with this call in the place of the other side (Replaces, RFC 3891). Cleaned; a claim. */
    | { readonly kind: 'take-over'; readonly from: string; readonly displayName: string };

/** A call out before anything came back. */
export interface Dialling {
    readonly name: 'dialling';
    readonly media: Media;
    readonly question?: Question | null;
}
/** A call out that rings at the other side (180 or 183). */
export interface Ringing {
    readonly name: 'ringing';
    readonly media: Media;
    /** What the other side plays before it answers can be heard (early media). */
    readonly early?: boolean;
    readonly question?: Question | null;
}
/** A call in that rings here. `problem` is set when answering failed for want of a device; it goes on ringing. */
export interface Incoming {
    readonly name: 'incoming';
    readonly media: Media;
    readonly problem: DeviceProblem | null;
}
/** Answered by one side; the media path is not up yet. */
export interface Connecting {
    readonly name: 'connecting';
    readonly media: Media;
    /** When the 2xx was sent or received; null while we are still answering. */
    readonly answeredAt: number | null;
}
/** Media flows, or is on hold. */
export interface Active {
    readonly name: 'active';
    readonly media: Media;
    readonly hold: Hold;
    readonly answeredAt: number;
    /** The last change of devices or media that failed, until the next one that works. */
    readonly problem: DeviceProblem | null;
    readonly question?: Question | null;
}
/** No media, or no signalling and no media, for a while: being repaired. */
export interface Interrupted {
    readonly name: 'interrupted';
    readonly media: Media;
    readonly hold: Hold;
    readonly answeredAt: number;
    readonly question?: Question | null;
}
/** Over. */
export interface Ended {
    readonly name: 'ended';
    readonly reason: EndReason;
    /** null: never answered. */
    readonly answeredAt: number | null;
    readonly endedAt: number;
    /** The device that was wanting, with the reasons `no-permission` and `no-device`. */
    readonly problem: DeviceProblem | null;
    /** The SIP status code behind the reason, for administrators; null where there was none. */
    readonly status: number | null;
}

/** The state of one call. */
export type CallState = Dialling | Ringing | Incoming | Connecting | Active | Interrupted | Ended;

/** What can happen to a call. */
export type CallEvent =
    /** 180 or 183 came in. */
    | { readonly type: 'ringing'; readonly early?: boolean }
    /** The person pressed Answer and the devices are there. */
    | { readonly type: 'answering' }
    /** The 2xx was sent or received. */
    | { readonly type: 'answered'; readonly at: number }
    /** ICE and DTLS are through: media can flow. */
    | { readonly type: 'connected'; readonly at: number }
    /** The media path is gone; it may come back. */
    | { readonly type: 'interrupted' }
    /** What is sent or received has changed. */
    | { readonly type: 'media'; readonly media: Partial<Media> }
    /** One side holds or resumes. */
    | { readonly type: 'hold'; readonly by: 'us' | 'them'; readonly on: boolean }
    /** The person is asked; null: it is decided, or not to be decided any more. */
    | { readonly type: 'question'; readonly question: Question | null }
    /** A device is wanting: answering did not work, or a change during the call did not. null: it works again. */
    | { readonly type: 'problem'; readonly problem: DeviceProblem | null }
    | {
          readonly type: 'ended';
          readonly reason: EndReason;
          readonly at: number;
          readonly problem?: DeviceProblem | null;
          readonly status?: number | null;
      };

/** The first state of a call. */
export function firstState(direction: Direction, video: boolean): Dialling | Incoming {
    const out = direction === 'outgoing';
    const media: Media = { microphone: 'live', camera: out && video ? 'on' : 'off', remoteVideo: false };
    return out ? { name: 'dialling', media } : { name: 'incoming', media, problem: null };
}

/**
 * The one function that changes a call's state. An event that means nothing in a state leaves it as it is (the very
 * same object comes back), so that a late or repeated event does no harm.
 */
export function nextState(state: CallState, event: CallEvent): CallState {
    if (state.name === 'ended') return state;
    const { name, media } = state;
    const answeredAt = 'answeredAt' in state ? state.answeredAt : null;
    const dials = name === 'dialling' || name === 'ringing';
    switch (event.type) {
        case 'ringing':
            return dials ? changed(state, { name: 'ringing', ...(event.early && { early: true }) }) : state;
        case 'answering':
            return name === 'incoming' ? { name: 'connecting', media, answeredAt } : state;
        case 'answered':
            return dials || (name === 'connecting' && answeredAt === null)
                ? { name: 'connecting', media, answeredAt: event.at }
                : state;
        case 'connected':
            return name === 'connecting' || name === 'interrupted'
                ? {
                      hold: { byUs: false, byThem: false },
                      ...state,
                      name: 'active',
                      answeredAt: answeredAt ?? event.at,
                      problem: null,
                  }
                : state;
        case 'interrupted':
            return name === 'active' ? { ...state, name: 'interrupted' } : state;
        case 'media':
            return changed(state, { media: { ...media, ...event.media } });
        case 'hold':
            return 'hold' in state
                ? changed(state, { hold: { ...state.hold, [event.by === 'us' ? 'byUs' : 'byThem']: event.on } })
                : state;
        case 'question':
            return dials || 'hold' in state ? changed(state, { question: event.question }) : state;
        case 'problem':
            return name === 'incoming' || name === 'active' ? changed(state, { problem: event.problem }) : state;
        case 'ended':
            return {
                name: 'ended',
                reason: event.reason,
                answeredAt,
                endedAt: event.at,
                problem: event.problem ?? null,
                status: event.status ?? null,
            };
    }
}

/** The state with that in it; the very same where it is in it already. */
function changed(state: Exclude<CallState, Ended>, part: object): CallState {
    const before = { question: null, ...state };
    return JSON.stringify({ ...before, ...part }) === JSON.stringify(before) ? state : { ...state, ...part };
}
