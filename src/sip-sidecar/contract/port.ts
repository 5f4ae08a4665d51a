/**
 * The sidecar's port: commands go in, events come out, both plain structured-cloneable data, so that a fake can stand in
 * for the SIP half and the same port can be spoken from another tab. The one exception is {@link SidecarPort.media}.
 */
import type { CallEvent, DeviceProblem } from './call-state.js';
import type { CheckResult } from './checks.js';
import type { NoticeCode } from './notices.js';
import type { Registration } from './registration.js';

/** Names one call for as long as the page lives: a random UUID of ours. For a call out it is also the SIP Call-ID. */
export type CallId = string;

/** Stands for a call where the streams of the device preview are meant. */
export const PREVIEW: CallId = 'preview';

/** A header to add to an INVITE or its 2xx: `[name, value]`. The agent refuses control characters and CR/LF. */
export type Header = readonly [name: string, value: string];

/** A digest secret that is not the password: the hash of `username:realm:password` (RFC 7616 section 3.4.2). */
export interface Ha1 {
    readonly realm: string;
    readonly algorithm: 'MD5' | 'SHA-256' | 'SHA-512-256';
    /** Lower-case hexadecimal. */
    readonly ha1: string;
}

/** Who we are to the SIP server. */
export interface SipAccount {
    /** The own address of record, `sip:alice@sip.example.net`. */
    readonly uri: string;
    /** The digest user name. */
    readonly username: string;
    /** What the other side may show; cleaned before it is sent. */
    readonly displayName: string;
    /** Exactly one of `password` and `ha1` is used; `ha1` first. */
    readonly password?: string;
    readonly ha1?: readonly Ha1[];
}

/** A STUN or TURN server, as RTCPeerConnection takes it. */
export interface IceServer {
    readonly urls: string | readonly string[];
    readonly username?: string;
    readonly credential?: string;
}

/** Everything the SIP half has to know about the site. */
export interface SidecarConfig {
    /** WebSocket URLs (`wss:`, or `ws:` to loopback) in order of preference. */
    readonly servers: readonly string[];
    /** SIP instance id (RFC 5626): a UUID that is kept for this browser profile and account. */
    readonly instanceId: string;
    readonly iceServers: readonly IceServer[];
    readonly icePolicy: 'all' | 'relay';
    /** Seconds until a call that nobody answers ends. */
    readonly ringTimeout: number;
    /** Whether video may be offered and accepted at all. */
    readonly video: boolean;
    /** Names of headers whose values are handed out in {@link RemoteParty.headers}, beside the two of every caller. */
    readonly correlationHeaders: readonly string[];
    /** What answers to OPTIONS carry; nothing unless the person wants it. */
    readonly optionsHeaders: readonly Header[];
    /** Whose page it is: what one person's tabs share is not shared with another who uses the same account. */
    readonly owner?: string;
}

/** The devices the person chose; an empty string is the browser's default. */
export interface DeviceChoice {
    readonly microphone: string;
    readonly camera: string;
    readonly speaker: string;
    /** Where an incoming call rings. */
    readonly ringer: string;
}

/** A device that can be chosen. Labels are empty until the person has allowed a device once. */
export interface Device {
    readonly kind: 'microphone' | 'camera' | 'speaker';
    readonly id: string;
    readonly label: string;
}

/** What the plugin asks of the sidecar. None of them throws; what goes wrong comes back as an event. */
export type SidecarCommand =
    | { readonly type: 'connect'; readonly config: SidecarConfig; readonly account: SipAccount }
    /** Ends every call, unregisters, closes the connection. */
    | { readonly type: 'disconnect' }
    | { readonly type: 'ice-servers'; readonly iceServers: readonly IceServer[] }
    | {
          readonly type: 'call';
          readonly callId: CallId;
          /** A cleaned SIP address (see `address.ts`). */
          readonly to: string;
          readonly video: boolean;
          readonly headers: readonly Header[];
      }
    | {
          readonly type: 'answer';
          readonly callId: CallId;
          readonly video: boolean;
          /** Answer even without a microphone: the person chose to listen only. */
          readonly listenOnly: boolean;
          readonly headers: readonly Header[];
      }
    /** Lets an incoming call ring (180), once; until then its caller hears only that it has arrived (100). */
    | { readonly type: 'ring'; readonly callId: CallId }
    /** Refuses an incoming call: 603 by the person, 486 when busy, 480 by policy. */
    | { readonly type: 'decline'; readonly callId: CallId; readonly as: 'declined' | 'busy' | 'refused' }
    /** Ends a call in any state: CANCEL, BYE, or 603 as the state wants. */
    | { readonly type: 'hang-up'; readonly callId: CallId }
    | { readonly type: 'hold'; readonly callId: CallId; readonly on: boolean }
    | { readonly type: 'mute'; readonly callId: CallId; readonly on: boolean }
    | { readonly type: 'camera'; readonly callId: CallId; readonly on: boolean }
    /** Shows a screen or window in the place of the camera; the browser asks which. */
    | { readonly type: 'screen'; readonly callId: CallId; readonly on: boolean }
    /** The person's answer to the {@link Question} of a call. */
    | { readonly type: 'reply'; readonly callId: CallId; readonly accept: boolean }
    /**
     * What the plugin knows of a call beyond the sidecar: plain data, kept for the page that goes on with the call after a
     * reload, and shown by the other tabs. The sidecar does not look inside. Sent again with every change.
     */
    | { readonly type: 'describe'; readonly callId: CallId; readonly about: unknown }
    /** The person acts in this tab: it asks for the registration, which another one holds; in vain while a call is up there. */
    | { readonly type: 'take-over' }
    /** The addresses of record of those who are known: a flood of strangers' calls does not keep theirs out. */
    | { readonly type: 'known'; readonly addresses: readonly string[] }
    /** Runs the connection test; its results come one by one. */
    | { readonly type: 'test' }
    /** Asks for the log, as a text without secrets. */
    | { readonly type: 'report' }
    /** Digits `0-9 * # A-D` (RFC 4733, else INFO). */
    | { readonly type: 'digits'; readonly callId: CallId; readonly digits: string }
    /** Asks whether an address is there, and what it says of itself (OPTIONS). Nothing rings. */
    | { readonly type: 'probe'; readonly probeId: string; readonly to: string }
    /** For all calls, now and later. */
    | { readonly type: 'devices'; readonly choice: DeviceChoice }
    /** Opens the devices for a look before a call: `media(PREVIEW)`. Nothing leaves the page. */
    | { readonly type: 'preview'; readonly microphone: boolean; readonly camera: boolean };

/** What the other side's SIP messages say, for correlation and identity. Every field comes from a stranger, cleaned. */
export interface RemoteParty {
    /** The Contact address of the dialog; empty where there is none that can be used. */
    readonly contact: string;
    /** Raw Call-Info values (RFC 3261 20.9), at most 3 of at most 1 KiB. Never fetch what they name. */
    readonly callInfo: readonly string[];
    /** Values of `XMPP-Contact`, `XMPP-Thread` and {@link SidecarConfig.correlationHeaders}, with the name as asked for. */
    readonly headers: readonly Header[];
    /** The DTLS fingerprints of the session description, each distinct one, as `sha-256 AA:BB:…` (RFC 8122 section 5). */
    readonly fingerprints: readonly string[];
}

/** Whose INVITE it is, as it says. */
export interface Caller {
    /** The From address, or the P-Asserted-Identity of a caller whose From hides; cleaned. Empty: anonymous or not usable. */
    readonly from: string;
    /** Whether `from` comes from P-Asserted-Identity: nothing says who put it there. */
    readonly asserted: boolean;
    readonly displayName: string;
}

/** A call that comes in. Every field comes from a stranger; texts are cleaned (length, control and bidi characters). */
export interface IncomingCall extends Caller {
    readonly callId: CallId;
    readonly sipCallId: string;
    /** The offer has video. */
    readonly video: boolean;
    /** The own address that was called, as To has it; empty where it cannot be used. */
    readonly to: string;
    readonly remote: RemoteParty;
}

/** How well a call is heard, measured over the last seconds. */
export interface Quality {
    readonly level: 'good' | 'fair' | 'poor';
    /** Packets of theirs that did not come, 0 to 1. */
    readonly loss: number;
    /** In ms. */
    readonly jitter: number;
    /** In ms; null: not known yet. */
    readonly roundTrip: number | null;
    /** Names of the codecs in use, `opus`, `VP8`. */
    readonly codecs: readonly string[];
    /** Whether media goes through a TURN server; null: not known yet. */
    readonly relayed: boolean | null;
}

/** What the sidecar tells. */
export type SidecarEvent =
    | { readonly type: 'registration'; readonly registration: Registration }
    /** A call comes in and wants to ring; the plugin sends `ring`, `decline` or `answer`. */
    | { readonly type: 'incoming'; readonly call: IncomingCall }
    | { readonly type: 'call'; readonly callId: CallId; readonly event: CallEvent }
    /**
     * The fingerprints of our own session description, written as those of {@link RemoteParty}. In the same turn, just after
     * it, the INVITE leaves, or the 2xx.
     */
    | {
          readonly type: 'local';
          readonly callId: CallId;
          readonly fingerprints: readonly string[];
          /** The SIP Call-ID of an INVITE of ours that goes on with the call (Replaces); absent with the first, and with a 2xx. */
          readonly sipCallId?: string;
      }
    /**
     * What the other side says: with its 2xx, before `answered`, and with each of its later session descriptions. Another
     * `sipCallId` than before: its INVITE goes on with the call (Replaces); then it comes before our `local`.
     */
    | {
          readonly type: 'remote';
          readonly callId: CallId;
          readonly sipCallId: string;
          readonly remote: RemoteParty;
          /** Of an INVITE of theirs. */
          readonly caller?: Caller;
      }
    | {
          readonly type: 'probed';
          readonly probeId: string;
          /** It is there: it answered 2xx. */
          readonly ok: boolean;
          readonly remote: RemoteParty;
          /** Whether it takes video; null: it does not say. */
          readonly video: boolean | null;
      }
    /** A call that this page did not begin goes on here: after a reload, or because the tab that had it was closed. */
    | { readonly type: 'continued'; readonly callId: CallId; readonly about: unknown }
    /** The person answered the call in another tab; it is answered here, where the registration is. */
    | { readonly type: 'asked'; readonly callId: CallId; readonly video: boolean; readonly listenOnly: boolean }
    /** What is up in the tab that holds the registration, as described there; only in the other tabs. */
    | { readonly type: 'mirrored'; readonly calls: readonly { readonly callId: CallId; readonly about: unknown }[] }
    | { readonly type: 'quality'; readonly callId: CallId; readonly quality: Quality }
    | { readonly type: 'tested'; readonly check: CheckResult }
    | { readonly type: 'report'; readonly text: string }
    /** The streams of a call have changed: fetch them again with `media(callId)`. */
    | { readonly type: 'streams'; readonly callId: CallId }
    | { readonly type: 'device-list'; readonly devices: readonly Device[] }
    /** The preview could not open a device. */
    | { readonly type: 'preview-problem'; readonly problem: DeviceProblem }
    /** The server accepted these credentials; what a trusted device may keep. */
    | { readonly type: 'credentials-accepted'; readonly username: string; readonly ha1: readonly Ha1[] }
    /** Something an administrator should read. Never holds a secret. */
    | { readonly type: 'notice'; readonly code: NoticeCode; readonly detail: string };

/** The answer to a probe that nobody answered. */
export const unprobed = (probeId: string): SidecarEvent => ({
    type: 'probed',
    probeId,
    ok: false,
    remote: { contact: '', callInfo: [], headers: [], fingerprints: [] },
    video: null,
});

/** The streams of one call, or of the preview. */
export interface CallStreams {
    readonly local: MediaStream | null;
    readonly remote: MediaStream | null;
}

/** The SIP half as the plugin sees it. */
export interface SidecarPort {
    send(command: SidecarCommand): void;
    /** @returns a function that ends the subscription */
    subscribe(listener: (event: SidecarEvent) => void): () => void;
    /** The streams of a call, or with {@link PREVIEW} of the preview, as they are now. */
    media(callId: CallId): CallStreams;
    /** Ends everything at once and releases every device, timer and listener. */
    dispose(): void;
}
