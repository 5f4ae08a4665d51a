/**
 * The telephone that components and scripts hold for as long as the page's Converse lives; what it does is done by the
 * session of the person who is logged in, which is loaded then and gone at logout.
 */
import type {
    CallId,
    CallStreams,
    CheckResult,
    Device,
    DeviceChoice,
    DeviceProblem,
    Quality,
    Registration,
} from '../sip-sidecar/contract/index.js';
import type { Host } from './converse.js';
import { bareJid, domainOf } from './jid.js';
import { KeyedValues } from './keyed.js';
import { Value } from './observable.js';
import type { Call, LoggedCall, Person, Phone, Placed, Reach, Shared } from './phone.js';
import type { Settings } from './settings.js';

/** What the session does for the telephone. */
export type Line = Pick<
    Phone,
    | 'addAddress'
    | 'answer'
    | 'call'
    | 'camera'
    | 'chat'
    | 'chooseDevices'
    | 'decline'
    | 'dismiss'
    | 'doubt'
    | 'hangUp'
    | 'hold'
    | 'media'
    | 'mute'
    | 'noticed'
    | 'preferAddress'
    | 'preview'
    | 'probe'
    | 'removeAddress'
    | 'reply'
    | 'report'
    | 'screen'
    | 'sendDigits'
    | 'forgetOtherCalls'
    | 'setDoNotRing'
    | 'share'
    | 'signIn'
    | 'signOut'
    | 'suggestion'
    | 'test'
> & {
    /** Registers where that is not done by itself (`sip_auto_register: false`). */
    register(): void;
    /** @param jid bare */
    reach(jid: string): Reach;
    /** The contact who lists an address, or null. */
    whoIs(address: string): string | null;
};

const OFF: Registration = { state: 'off' };
const NO_STREAMS: CallStreams = { local: null, remote: null };
const DEFAULT_DEVICES: DeviceChoice = { microphone: '', camera: '', speaker: '', ringer: '' };
const NOTHING_SHARED: Shared = { presence: false, pep: false, message: false, jid: 'never', noticed: true };
const NO_REACH: Reach = { addresses: [], problem: 'off', availability: 'unknown', video: false };

function sameReach(a: Reach, b: Reach): boolean {
    return (
        a.problem === b.problem &&
        a.availability === b.availability &&
        a.video === b.video &&
        a.addresses.length === b.addresses.length &&
        a.addresses.every((each, index) => {
            const other = b.addresses[index];
            return each.uri === other?.uri && each.source === other.source && each.video === other.video;
        })
    );
}

/** The one {@link Phone} there is. Its values are written by the session. */
export class Telephone implements Phone {
    readonly registration = new Value<Registration>(OFF);
    readonly account = new Value<{ uri: string; username: string; displayName: string } | null>(null);
    readonly calls = new Value<readonly Call[]>([]);
    readonly devices = new Value<readonly Device[]>([]);
    readonly deviceChoice = new Value<DeviceChoice>(DEFAULT_DEVICES);
    readonly previewProblem = new Value<DeviceProblem | null>(null);
    readonly shared = new Value(NOTHING_SHARED);
    readonly doNotRing = new Value(false);
    /** What people who are no contacts are called, by bare JID: the site's phone book. */
    readonly names = new Map<string, string>();
    readonly otherCalls = new Value<readonly LoggedCall[]>([]);
    readonly checks = new Value<readonly CheckResult[]>([]);
    readonly chatConnected = new Value(false);
    private readonly qualities = new Map<CallId, Quality>();
    readonly quality = new KeyedValues<Quality | null>(
        (callId) => this.qualities.get(callId) ?? null,
        Object.is,
        (callId) => callId,
    );
    readonly reach = new KeyedValues<Reach>(
        (jid) => this.line?.reach(jid) ?? NO_REACH,
        sameReach,
        (jid) => bareJid(jid) ?? jid,
    );
    private readonly streamListeners = new Map<CallId, Set<() => void>>();
    private line: Line | null = null;

    constructor(
        private readonly host: Host,
        private readonly settings: Settings,
    ) {}

    get sipDomain(): string {
        return this.settings.domain ?? domainOf(bareJid(this.host.api.user.jid()) ?? '');
    }

    get video(): boolean {
        return this.settings.video;
    }

    get asksForCredentials(): boolean {
        return this.settings.credentials === 'ask';
    }

    /** A session takes over, or (null) the last one is gone and everything is as before login. */
    attach(line: Line | null): void {
        this.line = line;
        if (line === null) {
            this.registration.set(OFF);
            this.account.set(null);
            this.calls.set([]);
            this.devices.set([]);
            this.deviceChoice.set(DEFAULT_DEVICES);
            this.previewProblem.set(null);
            this.shared.set(NOTHING_SHARED);
            this.doNotRing.set(false);
            this.otherCalls.set([]);
            this.checks.set([]);
            this.names.clear();
            this.qualities.clear();
            this.chatConnected.set(false);
            this.streamListeners.clear();
        }
        this.reach.changed();
    }

    /** The streams of a call have changed. */
    streamsChanged(callId: CallId): void {
        for (const listener of [...(this.streamListeners.get(callId) ?? [])]) listener();
    }

    /** How well a call is heard now; null: it is over. */
    setQuality(callId: CallId, quality: Quality | null): void {
        if (quality === null) this.qualities.delete(callId);
        else this.qualities.set(callId, quality);
        this.quality.changed(callId);
    }

    media(callId: CallId): CallStreams {
        return this.line?.media(callId) ?? NO_STREAMS;
    }

    onStreams(callId: CallId, listener: () => void): () => void {
        const listeners = this.streamListeners.get(callId) ?? new Set();
        this.streamListeners.set(callId, listeners.add(listener));
        return () => {
            listeners.delete(listener);
            if (listeners.size === 0 && this.streamListeners.get(callId) === listeners) {
                this.streamListeners.delete(callId);
            }
        };
    }

    async call(target: string, options: { readonly video: boolean }): Promise<Placed> {
        return (await this.line?.call(target, options)) ?? { ok: false, problem: 'off' };
    }

    answer(callId: CallId, options: { readonly video: boolean; readonly listenOnly?: boolean }): void {
        this.line?.answer(callId, options);
    }

    decline(callId: CallId): void {
        this.line?.decline(callId);
    }

    hangUp(callId: CallId): void {
        this.line?.hangUp(callId);
    }

    hold(callId: CallId, on: boolean): void {
        this.line?.hold(callId, on);
    }

    mute(callId: CallId, on: boolean): void {
        this.line?.mute(callId, on);
    }

    camera(callId: CallId, on: boolean): void {
        this.line?.camera(callId, on);
    }

    screen(callId: CallId, on: boolean): void {
        this.line?.screen(callId, on);
    }

    reply(callId: CallId, accept: boolean): void {
        this.line?.reply(callId, accept);
    }

    doubt(address: string): ReturnType<Phone['doubt']> {
        return this.line?.doubt(address) ?? null;
    }

    sendDigits(callId: CallId, digits: string): void {
        this.line?.sendDigits(callId, digits);
    }

    dismiss(callId: CallId): void {
        this.line?.dismiss(callId);
    }

    chooseDevices(choice: Partial<DeviceChoice>): void {
        this.line?.chooseDevices(choice);
    }

    preview(devices: { readonly microphone: boolean; readonly camera: boolean }): void {
        this.line?.preview(devices);
    }

    signIn(credentials: { readonly username: string; readonly password: string }): void {
        this.line?.signIn(credentials);
    }

    signOut(): void {
        this.line?.signOut();
    }

    share(on: boolean): void {
        this.line?.share(on);
    }

    test(): void {
        this.line?.test();
    }

    async report(): Promise<string> {
        return (await this.line?.report()) ?? '';
    }

    noticed(): void {
        this.line?.noticed();
    }

    forgetOtherCalls(): void {
        this.line?.forgetOtherCalls();
    }

    setDoNotRing(on: boolean): void {
        this.line?.setDoNotRing(on);
    }

    async addAddress(jid: string, text: string): Promise<string | null> {
        return (await this.line?.addAddress(jid, text)) ?? null;
    }

    removeAddress(jid: string, uri: string): void {
        this.line?.removeAddress(jid, uri);
    }

    preferAddress(jid: string, uri: string): void {
        this.line?.preferAddress(jid, uri);
    }

    suggestion(jid: string): string | null {
        return this.line?.suggestion(jid) ?? null;
    }

    async probe(address: string): Promise<{ readonly jid: string } | null> {
        return (await this.line?.probe(address)) ?? null;
    }

    chat(callId: CallId): void {
        this.line?.chat(callId);
    }

    /** See {@link Line.register}. */
    register(): void {
        this.line?.register();
    }

    /** The contact who lists an address, or null. */
    whoIs(address: string): string | null {
        return this.line?.whoIs(address) ?? null;
    }

    person(jid: string): Person | null {
        const bare = bareJid(jid);
        const contact = bare === null ? undefined : this.host._converse.state.roster?.get(bare);
        const name = contact?.getDisplayName() ?? this.names.get(bare ?? '');
        return bare === null || name === undefined ? null : { jid: bare, name, model: contact ?? null };
    }

    openChat(jid: string): void {
        const bare = bareJid(jid);
        if (bare !== null) void this.host.api.chats.open(bare, {}, true);
    }
}
