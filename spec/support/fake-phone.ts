/** A telephone for component specs: everything can be set by hand, everything that is asked of it is written down. */
import { Value } from '../../src/plugin/observable.js';
import type {
    Address,
    Call,
    Identity,
    Keyed,
    LoggedCall,
    Login,
    Person,
    Phone,
    Placed,
    Reach,
    Shared,
} from '../../src/plugin/phone.js';
import type {
    Active,
    CallState,
    CallStreams,
    CheckResult,
    Device,
    DeviceChoice,
    DeviceProblem,
    Ended,
    Media,
    Quality,
    Registration,
} from '../../src/sip-sidecar/contract/index.js';

/** Something known for many keys, which can be set. */
class FakeKeyed<T> implements Keyed<T> {
    private readonly values = new Map<string, T>();
    private readonly listeners = new Set<readonly [string, (value: T) => void]>();

    constructor(private readonly fallback: T) {}

    get(key: string): T {
        return this.values.get(key) ?? this.fallback;
    }
    set(key: string, value: T): void {
        this.values.set(key, value);
        for (const [wanted, listener] of [...this.listeners]) if (wanted === key) listener(value);
    }
    subscribe(key: string, listener: (value: T) => void): () => void {
        const entry = [key, listener] as const;
        this.listeners.add(entry);
        return () => this.listeners.delete(entry);
    }
    get size(): number {
        return this.listeners.size;
    }
}

/** A value that knows how many look at it. */
class Counted<T> extends Value<T> {
    size = 0;
    override subscribe(listener: (value: T) => void): () => void {
        const end = super.subscribe(listener);
        let there = true;
        this.size++;
        return () => {
            if (there) this.size--;
            there = false;
            end();
        };
    }
}

/** Nobody is known, nothing can be called. */
export const NO_REACH: Reach = { addresses: [], problem: 'no-address', availability: 'unknown', video: true };

/** An address as from PEP. */
export function address(uri: string, more: Partial<Address> = {}): Address {
    return { uri, source: 'pep', video: null, seenAt: 0, ...more };
}

/** A fake of the telephone. */
export class FakePhone implements Phone, Login {
    readonly registration = new Counted<Registration>({
        state: 'registered',
        aor: 'sip:romeo@sip.example',
        gruu: null,
    });
    readonly account = new Counted<{ uri: string; username: string; displayName: string } | null>({
        uri: 'sip:romeo@sip.example',
        username: 'romeo',
        displayName: 'Romeo',
    });
    readonly calls = new Counted<readonly Call[]>([]);
    readonly reach = new FakeKeyed<Reach>(NO_REACH);
    readonly devices = new Counted<readonly Device[]>([]);
    readonly deviceChoice = new Counted<DeviceChoice>({ microphone: '', camera: '', speaker: '', ringer: '' });
    readonly previewProblem = new Counted<DeviceProblem | null>(null);
    readonly shared = new Counted<Shared>({ presence: true, pep: true, message: true, jid: 'always', noticed: true });
    readonly doNotRing = new Counted(false);
    readonly otherCalls = new Counted<readonly LoggedCall[]>([]);
    readonly quality = new FakeKeyed<Quality | null>(null);
    readonly checks = new Counted<readonly CheckResult[]>([]);
    readonly chatConnected = new Counted(true);
    readonly login = this;
    readonly sipDomain = 'sip.example';
    video = true;
    asksForCredentials = true;

    /** What was asked, in order: `['call', 'bob@example.net', { video: false }]`. */
    readonly asked: unknown[][] = [];
    /** What `call` comes back with. */
    placed: Placed = { ok: true, callId: 'new' };
    /** What `addAddress`, `suggestion` and `probe` come back with. */
    added: string | null = 'sip:added@sip.example';
    suggested: string | null = null;
    probed: { readonly jid: string } | null = null;
    /** What `doubt` comes back with. */
    doubted: ReturnType<Phone['doubt']> = null;
    /** What `report` comes back with. */
    log = 'REGISTER sip:sip.example';
    readonly people = new Map<string, Person>();
    readonly streams = new Map<string, CallStreams>();
    private readonly streamListeners = new Map<string, Set<() => void>>();

    /** How many subscriptions are open. */
    get subscriptions(): number {
        const values = [
            this.registration,
            this.account,
            this.calls,
            this.reach,
            this.devices,
            this.deviceChoice,
            this.previewProblem,
            this.shared,
            this.doNotRing,
            this.otherCalls,
            this.quality,
            this.checks,
            this.chatConnected,
        ];
        const streams = [...this.streamListeners.values()].map(({ size }) => size);
        return [...values.map(({ size }) => size), ...streams].reduce((sum, size) => sum + size, 0);
    }

    /** Puts a call on the list, or another one with its id in its place. */
    show(call: Call): void {
        const calls = this.calls.get();
        const there = calls.some(({ id }) => id === call.id);
        this.calls.set(there ? calls.map((each) => (each.id === call.id ? call : each)) : [...calls, call]);
    }
    /** Changes the state of a call. */
    turn(id: string, state: CallState): void {
        this.calls.set(this.calls.get().map((call) => (call.id === id ? { ...call, state } : call)));
    }

    media(callId: string): CallStreams {
        return this.streams.get(callId) ?? { local: null, remote: null };
    }
    setStreams(callId: string, streams: CallStreams): void {
        this.streams.set(callId, streams);
        for (const listener of this.streamListeners.get(callId) ?? []) listener();
    }
    onStreams(callId: string, listener: () => void): () => void {
        const listeners = this.streamListeners.get(callId) ?? new Set();
        this.streamListeners.set(callId, listeners.add(listener));
        return () => listeners.delete(listener);
    }

    call(target: string, options: { readonly video: boolean }): Promise<Placed> {
        this.asked.push(['call', target, options]);
        return Promise.resolve(this.placed);
    }
    answer(...asked: Parameters<Phone['answer']>): void {
        this.asked.push(['answer', ...asked]);
    }
    decline(...asked: Parameters<Phone['decline']>): void {
        this.asked.push(['decline', ...asked]);
    }
    hangUp(...asked: Parameters<Phone['hangUp']>): void {
        this.asked.push(['hangUp', ...asked]);
    }
    hold(...asked: Parameters<Phone['hold']>): void {
        this.asked.push(['hold', ...asked]);
    }
    mute(...asked: Parameters<Phone['mute']>): void {
        this.asked.push(['mute', ...asked]);
    }
    camera(...asked: Parameters<Phone['camera']>): void {
        this.asked.push(['camera', ...asked]);
    }
    screen(...asked: Parameters<Phone['screen']>): void {
        this.asked.push(['screen', ...asked]);
    }
    reply(...asked: Parameters<Phone['reply']>): void {
        this.asked.push(['reply', ...asked]);
    }
    doubt(): ReturnType<Phone['doubt']> {
        return this.doubted;
    }
    sendDigits(...asked: Parameters<Phone['sendDigits']>): void {
        this.asked.push(['sendDigits', ...asked]);
    }
    dismiss(callId: string): void {
        this.asked.push(['dismiss', callId]);
        this.calls.set(this.calls.get().filter(({ id }) => id !== callId));
    }
    chooseDevices(choice: Partial<DeviceChoice>): void {
        this.asked.push(['chooseDevices', choice]);
        this.deviceChoice.set({ ...this.deviceChoice.get(), ...choice });
    }
    preview(...asked: Parameters<Login['preview']>): void {
        this.asked.push(['preview', ...asked]);
    }
    signIn(...asked: Parameters<Login['signIn']>): void {
        this.asked.push(['signIn', ...asked]);
    }
    signOut(): void {
        this.asked.push(['signOut']);
    }
    share(on: boolean): void {
        this.asked.push(['share', on]);
        this.shared.set({ ...this.shared.get(), presence: on, pep: on, message: on });
    }
    noticed(): void {
        this.asked.push(['noticed']);
        this.shared.set({ ...this.shared.get(), noticed: true });
    }
    test(): void {
        this.asked.push(['test']);
    }
    report(): Promise<string> {
        this.asked.push(['report']);
        return Promise.resolve(this.log);
    }
    forgetOtherCalls(): void {
        this.asked.push(['forgetOtherCalls']);
        this.otherCalls.set([]);
    }
    setDoNotRing(on: boolean): void {
        this.asked.push(['setDoNotRing', on]);
        this.doNotRing.set(on);
    }
    addAddress(...asked: Parameters<Login['addAddress']>): Promise<string | null> {
        this.asked.push(['addAddress', ...asked]);
        return Promise.resolve(this.added);
    }
    removeAddress(...asked: Parameters<Login['removeAddress']>): void {
        this.asked.push(['removeAddress', ...asked]);
    }
    preferAddress(...asked: Parameters<Login['preferAddress']>): void {
        this.asked.push(['preferAddress', ...asked]);
    }
    suggestion(): string | null {
        return this.suggested;
    }
    probe(...asked: Parameters<Phone['probe']>): Promise<{ readonly jid: string } | null> {
        this.asked.push(['probe', ...asked]);
        return Promise.resolve(this.probed);
    }
    chat(...asked: Parameters<Phone['chat']>): void {
        this.asked.push(['chat', ...asked]);
    }
    person(jid: string): Person | null {
        return this.people.get(jid) ?? null;
    }
    openChat(jid: string): void {
        this.asked.push(['openChat', jid]);
    }
}

// --- Calls in every state ---

/** Voice, both ways. */
export const VOICE: Media = { microphone: 'live', camera: 'off', remoteVideo: false };
/** Voice and video, both ways. */
export const VIDEO: Media = { microphone: 'live', camera: 'on', remoteVideo: true };
/** A caller who is a contact, by an address that is listed and authenticated. */
export const TRUSTED: Identity = {
    level: 'listed',
    jid: 'mercutio@montague.lit',
    trusted: true,
    contact: true,
    unconfirmed: false,
    reasons: ['address-listed'],
};
/** Nobody that is known. */
export const NOBODY: Identity = {
    level: 'none',
    jid: null,
    trusted: false,
    contact: false,
    unconfirmed: false,
    reasons: ['address-unknown'],
};

/** A call; by itself one from Mercutio that rings. */
export function call(more: Partial<Call> = {}): Call {
    return {
        id: 'call-1',
        direction: 'incoming',
        video: false,
        address: 'sip:mercutio@sip.example',
        displayName: '',
        identity: TRUSTED,
        state: { name: 'incoming', media: VOICE, problem: null },
        startedAt: Date.now(),
        thread: null,
        sipCallIds: ['call-1'],
        silent: false,
        ...more,
    };
}

/** A state in which media flows. */
export function active(more: Partial<Active> = {}): Active {
    const hold = { byUs: false, byThem: false };
    return { name: 'active', media: VOICE, hold, answeredAt: Date.now(), problem: null, ...more };
}

/** The state of a call that is over. */
export function over(reason: Ended['reason'], more: Partial<Ended> = {}): Ended {
    return { name: 'ended', reason, answeredAt: null, endedAt: Date.now(), problem: null, status: null, ...more };
}
