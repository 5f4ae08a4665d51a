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
import type { Address, Call, LoggedCall, Login, Person, Phone, Placed, Reach, Shared } from './phone.js';
import type { Settings } from './settings.js';

/** What the session does for the telephone. */
export type Line = Login &
    Pick<
        Phone,
        | 'answer'
        | 'call'
        | 'camera'
        | 'chat'
        | 'decline'
        | 'dismiss'
        | 'doubt'
        | 'hangUp'
        | 'hold'
        | 'media'
        | 'mute'
        | 'probe'
        | 'reply'
        | 'screen'
        | 'sendDigits'
    > & {
        /** Registers where that is not done by itself (`sip_auto_register: false`). */
        register(): void;
        /** @param jid bare */
        reach(jid: string): Reach;
        /** The contact who lists an address, or null. */
        whoIs(address: string): string | null;
    };

const NO_STREAMS: CallStreams = { local: null, remote: null };
const NO_REACH: Reach = { addresses: [], problem: 'off', availability: 'unknown', video: false };

/** What is shown of an address: not when it was learned. */
function shown({ uri, source, video }: Address): string {
    return [uri, source, video].join();
}

function sameReach(a: Reach, b: Reach): boolean {
    return (
        a.problem === b.problem &&
        a.availability === b.availability &&
        a.video === b.video &&
        a.addresses.map(shown).join() === b.addresses.map(shown).join()
    );
}

/** The one {@link Phone} there is. Its values are written by the session. */
export class Telephone implements Phone {
    readonly registration = new Value<Registration>({ state: 'off' });
    readonly account = new Value<{ uri: string; username: string; displayName: string } | null>(null);
    readonly calls = new Value<readonly Call[]>([]);
    readonly devices = new Value<readonly Device[]>([]);
    readonly deviceChoice = new Value<DeviceChoice>({ microphone: '', camera: '', speaker: '', ringer: '' });
    readonly previewProblem = new Value<DeviceProblem | null>(null);
    readonly shared = new Value<Shared>({ presence: false, pep: false, message: false, jid: 'never', noticed: true });
    readonly doNotRing = new Value(false);
    /** What people who are no contacts are called, by bare JID: the site's phone book. */
    readonly names = new Map<string, string>();
    readonly otherCalls = new Value<readonly LoggedCall[]>([]);
    readonly checks = new Value<readonly CheckResult[]>([]);
    readonly chatConnected = new Value(false);
    private readonly qualities = new Map<CallId, Quality>();
    readonly quality = new KeyedValues<Quality | null>((callId) => this.qualities.get(callId) ?? null);
    private readonly streams = new KeyedValues<object>(() => ({}));
    readonly reach = new KeyedValues<Reach>(
        (jid) => this.login?.reach(jid) ?? NO_REACH,
        sameReach,
        (jid) => bareJid(jid) ?? jid,
    );
    login: Line | null = null;

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
        this.login = line;
        if (line === null) {
            this.registration.reset();
            this.account.reset();
            this.calls.reset();
            this.devices.reset();
            this.deviceChoice.reset();
            this.previewProblem.reset();
            this.shared.reset();
            this.doNotRing.reset();
            this.otherCalls.reset();
            this.checks.reset();
            this.chatConnected.reset();
            this.names.clear();
            this.qualities.clear();
        }
        this.reach.changed();
    }

    /** The streams of a call have changed. */
    streamsChanged(callId: CallId): void {
        this.streams.changed(callId);
    }

    /** How well a call is heard now; null: it is over. */
    setQuality(callId: CallId, quality: Quality | null): void {
        if (quality === null) this.qualities.delete(callId);
        else this.qualities.set(callId, quality);
        this.quality.changed(callId);
    }

    media(callId: CallId): CallStreams {
        return this.login?.media(callId) ?? NO_STREAMS;
    }

    onStreams(callId: CallId, listener: () => void): () => void {
        return this.streams.subscribe(callId, listener);
    }

    async call(target: string, options: Parameters<Phone['call']>[1]): Promise<Placed> {
        return (await this.login?.call(target, options)) ?? { ok: false, problem: 'off' };
    }

    answer(callId: CallId, options: Parameters<Phone['answer']>[1]): void {
        this.login?.answer(callId, options);
    }

    decline(callId: CallId): void {
        this.login?.decline(callId);
    }

    hangUp(callId: CallId): void {
        this.login?.hangUp(callId);
    }

    hold(callId: CallId, on: boolean): void {
        this.login?.hold(callId, on);
    }

    mute(callId: CallId, on: boolean): void {
        this.login?.mute(callId, on);
    }

    camera(callId: CallId, on: boolean): void {
        this.login?.camera(callId, on);
    }

    screen(callId: CallId, on: boolean): void {
        this.login?.screen(callId, on);
    }

    reply(callId: CallId, accept: boolean): void {
        this.login?.reply(callId, accept);
    }

    doubt(address: string): ReturnType<Phone['doubt']> {
        return this.login?.doubt(address) ?? null;
    }

    sendDigits(callId: CallId, digits: string): void {
        this.login?.sendDigits(callId, digits);
    }

    dismiss(callId: CallId): void {
        this.login?.dismiss(callId);
    }

    async probe(address: string): Promise<{ readonly jid: string } | null> {
        return (await this.login?.probe(address)) ?? null;
    }

    chat(callId: CallId): void {
        this.login?.chat(callId);
    }

    person(jid: string): Person | null {
        const bare = bareJid(jid);
        if (bare === null) return null;
        const model = this.host._converse.state.roster?.get(bare) ?? null;
        const name = model?.getDisplayName() ?? this.names.get(bare);
        return name === undefined ? null : { jid: bare, name, model };
    }

    openChat(jid: string): void {
        const bare = bareJid(jid);
        if (bare !== null) void this.host.api.chats.open(bare, {}, true);
    }
}
