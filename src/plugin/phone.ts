/**
 * The telephone as the rest of the page sees it: what components read and what they may ask for. `index.ts` builds the one
 * that is in use; a fake stands in for it in component specs.
 */
import type {
    CallId,
    CallState,
    CallStreams,
    CheckResult,
    Device,
    DeviceChoice,
    DeviceProblem,
    Direction,
    EndReason,
    Quality,
    Registration,
} from '../sip-sidecar/contract/index.js';
import type { Question as Doubt } from './consent.js';
import { Value, type Readable } from './observable.js';

/** How sure we are who is at the other end (PROTOCOL.md 8.8). */
export type IdentityLevel = 'none' | 'claimed' | 'listed' | 'announced' | 'media-bound' | 'conflict';

/** Why a level is what it is; a closed list, each with its text `reason.*`. */
export type IdentityReason =
    | 'address-unknown'
    | 'says-so'
    | 'several-list-address'
    | 'address-listed'
    | 'domain-not-trusted'
    | 'asserted-only'
    | 'typed'
    | 'phonebook'
    | 'dialled'
    | 'announced'
    | 'verified'
    | 'media-bound'
    | 'media-relayed'
    | 'not-a-contact'
    | 'not-confirmed'
    | 'someone-else-announced'
    | 'someone-else-claimed';

/** Who is at the other end of a call, and how sure we are. A level belongs to one JID. */
export interface Identity {
    readonly level: IdentityLevel;
    /** Bare JID; at level `claimed` the one that is only claimed; null at `none` and `conflict`. */
    readonly jid: string | null;
    /** At `conflict`: in whose name it may be. Only for the warning: it is not them. */
    readonly inNameOf?: string | null;
    /** Whether the contact's name and avatar may be shown: announced, listed with an authenticated From, or dialled. */
    readonly trusted: boolean;
    /** Whether the JID is in the roster. */
    readonly contact: boolean;
    /** The contact's client is there, and 3 s brought no confirmation. */
    readonly unconfirmed: boolean;
    /** Why, the weightiest first. */
    readonly reasons: readonly IdentityReason[];
}

/** One call, as it is shown. Immutable: a change makes a new object with the same `id`. */
export interface Call {
    readonly id: CallId;
    readonly direction: Direction;
    /** Whether the call began as a video call. */
    readonly video: boolean;
    /** The SIP address of the other side, cleaned; empty for an anonymous caller. */
    readonly address: string;
    /** What the other side calls itself, cleaned. Only a claim: never shown as a name without the address beside it. */
    readonly displayName: string;
    readonly identity: Identity;
    readonly state: CallState;
    /** When it was dialled or came in (ms since the epoch). */
    readonly startedAt: number;
    /** The thread of the conversation it belongs to, or null. */
    readonly thread: string | null;
    /** Every SIP Call-ID it is known by: two where something between changed it. */
    readonly sipCallIds: readonly string[];
    /** No sound and no notification: the person does not want to be disturbed. */
    readonly silent: boolean;
    /** It is up in another tab of this site: shown and controlled here, heard and seen there. */
    readonly elsewhere?: true;
}

/** Whether a call is not over yet. */
export function isUp(call: Call): boolean {
    return call.state.name !== 'ended';
}

/** Whether a call is a confirmed dialog: answered and not over (PROTOCOL.md 8.4). */
export function isAnswered(call: Call): boolean {
    return 'answeredAt' in call.state && call.state.answeredAt !== null && isUp(call);
}

/** What people are called and look like in Converse. */
export interface Person {
    readonly jid: string;
    readonly name: string;
    /** The Converse model that `<converse-avatar>` wants, or null. */
    readonly model: unknown;
}

/** A person's availability for calls (PROTOCOL.md 8.4). `unknown`: nothing was said about it. */
export type Availability = 'unknown' | 'closed' | 'open' | 'on-the-phone';

/** Where an address was learned. */
export type ClaimSource = 'typed' | 'message' | 'presence' | 'phonebook' | 'pep' | 'vcard';

/** One address at which a person can be called. */
export interface Address {
    /** Cleaned SIP address. */
    readonly uri: string;
    readonly source: ClaimSource;
    /** null: not said. */
    readonly video: boolean | null;
    /** When it was learned (ms since the epoch). */
    readonly seenAt: number;
    /** The device it belongs to, where it is one device's. */
    readonly resource?: string;
}

/** Why a person cannot be called now. */
export type NotReachable =
    'no-address' | 'off' | 'needs-credentials' | 'elsewhere' | 'connecting' | 'offline' | 'refused' | 'in-a-call';

/** Whether and where a person can be called. */
export interface Reach {
    /** Best first. Empty: none is known. */
    readonly addresses: readonly Address[];
    /** null: Call can be pressed. */
    readonly problem: NotReachable | null;
    readonly availability: Availability;
    /** Whether a video call may be offered: the site allows it and the address does not exclude it. */
    readonly video: boolean;
}

/** Something known for each of many keys, watched one key at a time. */
export interface Keyed<T> {
    get(key: string): T;
    /** @returns a function that ends the subscription */
    subscribe(key: string, listener: (value: T) => void): () => void;
}

/** What an entry remembers of its call: the attribute `sip_call` of the message. Times are ms since the epoch. */
export interface LoggedCall {
    readonly direction: Direction;
    readonly reason: EndReason;
    readonly video: boolean;
    readonly startedAt: number;
    /** null: never answered. */
    readonly answeredAt: number | null;
    readonly endedAt: number;
    readonly address: string;
    /** How sure it was that this was that person (PROTOCOL.md 8.8). Absent where chat alone tells of the call. */
    readonly identity?: Identity;
    /** By what the call is known, in chat and in SIP: what makes two reports one entry. Absent in older entries. */
    readonly announcement?: string | null;
    readonly sipCallIds?: readonly string[];
}

/** What came of an attempt to place a call. */
export type Placed =
    | { readonly ok: true; readonly callId: CallId }
    | { readonly ok: false; readonly problem: NotReachable | 'bad-address' | 'cancelled' };

/** To whom what is shared. */
export interface Shared {
    /** Whether the own address goes to contacts: in presence, published, in messages (`sip_advertise`). */
    readonly presence: boolean;
    readonly pep: boolean;
    readonly message: boolean;
    /** Who is told the own JID in calls (`sip_send_jid`). */
    readonly jid: 'always' | 'contacts' | 'never';
    /** Whether the person has read the notice about it. */
    readonly noticed: boolean;
}

/** What only the person who is logged in can do: account, devices, what is shared, and the addresses of contacts. */
export interface Login {
    chooseDevices(choice: Partial<DeviceChoice>): void;
    /** Opens or closes the devices for a look before a call: `media(PREVIEW)`. */
    preview(devices: { readonly microphone: boolean; readonly camera: boolean }): void;
    /** `sip_credentials: 'ask'`: what the person typed into the form. */
    signIn(credentials: { readonly username: string; readonly password: string }): void;
    /** Forgets what was kept of the credentials, and unregisters. */
    signOut(): void;
    /** Turns publishing of the own address on or off; remembered. */
    share(on: boolean): void;

    /** Runs the connection test: {@link Phone.checks}. Does nothing while one is running. */
    test(): void;
    /** What happened, as one text for the administrator, without secrets; empty where there is none. */
    report(): Promise<string>;

    /** Marks the notice about what is shared as read; remembered. */
    noticed(): void;
    /** Refuses calls without ringing (480; a quiet entry is left), and tells contacts that nobody can call. */
    setDoNotRing(on: boolean): void;
    /** Forgets {@link Phone.otherCalls}. */
    forgetOtherCalls(): void;

    /**
     * Adds an address or number the person typed for a contact.
     * @returns the address as it is kept; null: not an address
     */
    addAddress(jid: string, text: string): Promise<string | null>;
    /** Deletes a typed address; a learned one is hidden for this contact until it is learned anew. */
    removeAddress(jid: string, uri: string): void;
    /** Puts an address first, for good. */
    preferAddress(jid: string, uri: string): void;
    /** An address this person might have (`sip_address_rule`), or null. Only a suggestion. */
    suggestion(jid: string): string | null;
}

/** The telephone. */
export interface Phone {
    /** null: nobody is logged in. */
    readonly login: Login | null;
    readonly registration: Readable<Registration>;
    /** The own address of record and what the other side is told we are called; null while nobody is signed in to SIP. */
    readonly account: Readable<{
        readonly uri: string;
        readonly username: string;
        readonly displayName: string;
    } | null>;
    /** Every call that is up or ended a moment ago, newest last. */
    readonly calls: Readable<readonly Call[]>;
    /** By bare JID. */
    readonly reach: Keyed<Reach>;
    readonly devices: Readable<readonly Device[]>;
    readonly deviceChoice: Readable<DeviceChoice>;
    /** The preview could not open a device; null while nothing is wrong. */
    readonly previewProblem: Readable<DeviceProblem | null>;
    readonly shared: Readable<Shared>;
    /** Whether calls are refused without ringing, as the person switched it; remembered. */
    readonly doNotRing: Readable<boolean>;
    /** Calls with nobody who has a conversation: numbers, strangers, who only says who they are. The latest first. */
    readonly otherCalls: Readable<readonly LoggedCall[]>;
    /** By call: how well it is heard; null: not known, or not any more. */
    readonly quality: Keyed<Quality | null>;
    /** The results of the connection test, in the order of `CHECKS`; empty before the first {@link Login.test}. */
    readonly checks: Readable<readonly CheckResult[]>;
    /** Whether chat is connected, beside the registration. */
    readonly chatConnected: Readable<boolean>;
    /** The domain for own and dialled addresses. */
    readonly sipDomain: string;
    /** Whether video may be used at all (`sip_video`). */
    readonly video: boolean;
    /** Whether the account comes from a form (`sip_credentials: 'ask'`), so that it can be changed by the person. */
    readonly asksForCredentials: boolean;

    /** The streams of a call, or with `PREVIEW` of the device preview, as they are now. */
    media(callId: CallId): CallStreams;
    /** Calls `listener` when the streams of that call have changed. */
    onStreams(callId: CallId, listener: () => void): () => void;

    /**
     * @param target a bare JID, or a SIP address
     * @param options.jid whose address it is, where it was chosen among those of a contact
     * @param options.ask ask the person in any case: the address is one out of a message
     */
    call(
        target: string,
        options: { readonly video: boolean; readonly jid?: string; readonly ask?: boolean },
    ): Promise<Placed>;
    answer(callId: CallId, options: { readonly video: boolean; readonly listenOnly?: boolean }): void;
    decline(callId: CallId): void;
    hangUp(callId: CallId): void;
    hold(callId: CallId, on: boolean): void;
    mute(callId: CallId, on: boolean): void;
    camera(callId: CallId, on: boolean): void;
    /** Shows a screen or window in the place of the camera; the browser asks which. */
    screen(callId: CallId, on: boolean): void;
    /** Answers the question of a call, see `Question`. */
    reply(callId: CallId, accept: boolean): void;
    /** What the person should know before the other side has another address called; null: nothing. */
    doubt(address: string): Doubt | null;
    sendDigits(callId: CallId, digits: string): void;
    /** Takes an ended call off the list. */
    dismiss(callId: CallId): void;

    /** Asks an address who is behind it (OPTIONS): the JID it names, a claim. Only on the person's explicit request. */
    probe(address: string): Promise<{ readonly jid: string } | null>;
    /** Opens the conversation of a call, and offers to add somebody who is no contact. */
    chat(callId: CallId): void;

    /** The contact with that JID, or whom the site's phone book names; null for anybody else. */
    person(jid: string): Person | null;
    /** Opens the conversation. */
    openChat(jid: string): void;
}

const current = new Value<Phone | null>(null);

/**
 * The telephone of this page, or null before login and where voice and video are off. Elements look it up each time they
 * need it: custom elements are defined once a page, and a second `converse.initialize()` makes a new telephone.
 */
export function currentPhone(): Phone | null {
    return current.get();
}

/**
 * Calls `listener` when {@link currentPhone} is another one.
 * @returns a function that ends the subscription
 */
export function onPhoneChange(listener: () => void): () => void {
    return current.subscribe(listener);
}

/** Only for `index.ts` and specs. */
export function setCurrentPhone(phone: Phone | null): void {
    current.set(phone);
}
