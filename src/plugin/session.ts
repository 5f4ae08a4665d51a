/**
 * One login: everything that belongs to the person who is in. Loaded and begun when chat is connected, goes on while chat
 * reconnects, and is over at logout. It joins the parts; what each does is in its own file.
 */
import {
    type CallId,
    type CallStreams,
    type DeviceChoice,
    type Registration,
    type SidecarCommand,
    type SidecarEvent,
    type SidecarPort,
    type SipAccount,
} from '../sip-sidecar/contract/index.js';
import { createSidecar } from '../sip-sidecar/index.js';
import { t } from '../i18n/index.js';
import { Account } from './account.js';
import { AddressBook, LEARNED } from './address-book/book.js';
import { addPhonebook, fetchPhonebook } from './address-book/phonebook.js';
import { onPresence } from './address-book/presence.js';
import { Published } from './address-book/published.js';
import { dropBook, restoreBook, saveBook } from './address-book/snapshot.js';
import { CallLog, keepUnwritten, takeUnwritten } from './call-log.js';
import { Calls, isAnswered } from './calls.js';
import type { Clock } from './clock.js';
import { Consent, type Question } from './consent.js';
import type { Collection, Host, RosterContact, StanzaBuilder } from './converse.js';
import { identifyCalled, identifyCaller } from './identity.js';
import { IceServers } from './ice-servers.js';
import { bareJid, domainOf, resourceOf } from './jid.js';
import { notice } from './notices.js';
import { OwnPresence, type OwnAvailability } from './own-presence.js';
import type { Call, NotReachable, Placed, Reach } from './phone.js';
import { Publication } from './publication.js';
import type { Advertised, Settings } from './settings.js';
import { Store } from './store.js';
import { findTarget } from './target.js';
import type { Line, Telephone } from './telephone.js';
import { isUuid, uuid } from './uuid.js';

/** What a session is made of. */
export interface SessionNeeds {
    readonly host: Host;
    readonly settings: Settings;
    readonly telephone: Telephone;
    readonly clock: Clock;
    /** Resolves once texts can be written. */
    readonly textsReady: Promise<unknown>;
    /** A fake in specs. */
    readonly createSidecar?: () => SidecarPort;
}

/** Stanzas that come before the roster is there wait for it; this many at most. */
const MAX_WAITING = 5_000;

/** Why nobody at all can be called with this registration; null: calls can be placed. */
function problemOf(registration: Registration): NotReachable | null {
    return registration.state === 'registered' ? null : registration.state;
}

/** One login. */
export class Session implements Line {
    readonly jid: string;
    private readonly sipDomain: string;
    private readonly store: Store;
    private readonly sidecar: SidecarPort;
    readonly book: AddressBook;
    readonly published: Published;
    private readonly calls: Calls;
    private readonly log: CallLog;
    private readonly account: Account;
    private readonly consent: Consent;
    private readonly ice: IceServers;
    private readonly presence: OwnPresence;
    private readonly publication: Publication;
    private readonly ends: (() => void)[] = [];
    /** What is being written into the history. */
    private readonly writing = new Set<Promise<void>>();
    private readonly unwritten = new Map<CallId, Call>();
    /** Until the roster is there; null afterwards. */
    private waiting: Element[] | null = [];
    private readonly openChats = new Set<string>();
    private roster: Collection<RosterContact> | null = null;
    private instanceId = '';
    private resumed = false;
    private stopped = false;

    constructor(private readonly needs: SessionNeeds) {
        const { host, settings, telephone, clock } = needs;
        const { _converse, api } = host;
        this.jid = bareJid(_converse.session.get('bare_jid')) ?? '';
        this.sipDomain = settings.domain ?? domainOf(this.jid);
        this.store = new Store(_converse, this.jid);
        this.sidecar = (needs.createSidecar ?? createSidecar)();
        this.book = new AddressBook((jid) => {
            telephone.reach.changed(jid);
            this.calls.identify();
        });
        const sendIQ = async (iq: Element): Promise<Element> => api.sendIQ(iq);
        const supports = async (feature: string, jid: string): Promise<boolean> => api.disco.supports(feature, jid);
        this.published = new Published({ book: this.book, sendIQ, now: clock.now });
        this.log = new CallLog(api);
        const trustedDomains = settings.trustedDomains ?? [this.sipDomain];
        this.consent = new Consent(this.store, [this.sipDomain, ...trustedDomains]);
        this.calls = new Calls({
            send: (command) => this.send(command),
            now: clock.now,
            newCallId: uuid,
            identifyCaller: (caller) => identifyCaller(this.book, caller, trustedDomains),
            ended: (call) => this.write(call),
        });
        this.account = new Account({
            jid: this.jid,
            sipDomain: this.sipDomain,
            credentials: settings.credentials,
            store: this.store,
            clock,
            connect: (account) => this.connect(account),
            disconnect: () => this.send({ type: 'disconnect' }),
            registration: (registration) => this.onRegistration(registration),
            changed: (account) => telephone.account.set(account && { ...without(account) }),
        });
        this.ice = new IceServers({
            domain: domainOf(this.jid),
            own: settings.iceServers,
            clock,
            sendIQ,
            supports,
            changed: (iceServers) => this.send({ type: 'ice-servers', iceServers }),
            failed: (detail) => notice('SIP-202', detail),
        });
        this.presence = new OwnPresence({
            clock,
            current: () => this.availability(),
            send: () => void this.sendPresence(),
        });
        this.publication = new Publication({
            jid: this.jid,
            clock,
            store: this.store,
            sendIQ,
            supports,
            failed: (detail) => notice('SIP-201', detail),
        });
    }

    /**
     * Begins. @param presenceWas whether a broadcast presence went out before this session was there
     */
    async start(resumed: boolean, presenceWas: boolean): Promise<void> {
        const { settings, telephone, clock } = this.needs;
        this.resumed = resumed;
        const { phonebook } = settings;
        if (phonebook instanceof URL) void this.loadPhonebook(phonebook);
        else addPhonebook(this.book, phonebook, clock.now());
        const [share, choice, instance] = await Promise.all([
            this.store.get('share'),
            this.store.get('devices'),
            this.store.get('instance'),
            this.consent.load(),
        ]);
        if (this.stopped) return;
        this.instanceId = isUuid(instance) ? instance : uuid();
        if (this.instanceId !== instance) void this.store.set('instance', this.instanceId);
        this.ends.push(
            this.sidecar.subscribe((event) => this.onEvent(event)),
            this.calls.list.subscribe((calls) => this.onCalls(calls)),
        );
        const leave = (): void => this.leavePage();
        addEventListener('pagehide', leave);
        this.ends.push(() => removeEventListener('pagehide', leave));
        if (presenceWas) this.presence.elements();
        else this.presence.onStream(resumed);
        this.setShared(share !== false);
        telephone.attach(this);
        for (const call of takeUnwritten(this.jid)) this.write(call);
        if (isDeviceChoice(choice)) this.chooseDevices(choice);
        if (settings.servers.length === 0) {
            this.onRegistration({ state: 'refused', refusal: 'bad-server', status: null });
        } else if (settings.autoRegister) {
            this.register();
        }
        void this.ice.refresh();
    }

    /** Chat is connected again. Calls and the registration are not touched. */
    streamStarted(resumed: boolean): void {
        if (!resumed) this.book.forget(['presence', 'message']);
        this.presence.onStream(resumed);
        this.publication.again();
        void this.ice.refresh();
    }

    /** The roster is there (again). */
    rosterReady(): void {
        const { roster } = this.needs.host._converse.state;
        if (roster === undefined || this.stopped) return;
        if (this.roster !== roster) {
            this.roster?.off(null, null, this);
            this.roster = roster;
            const check = (contact: RosterContact): void => this.checkContact(contact);
            roster.on('remove', check, this);
            roster.on('change:subscription', check, this);
        }
        if (this.waiting === null) return;
        const waiting = this.waiting;
        this.waiting = null;
        restoreBook(this, (jid) => this.isContact(jid), this.resumed, this.needs.clock.now());
        dropBook();
        for (const stanza of waiting) this.onStanza(stanza);
        for (const jid of this.openChats) this.chatOpened(jid);
        this.openChats.clear();
    }

    /** Takes in a presence stanza or a pubsub event. Quick: it is called for every presence there is. */
    onStanza(stanza: Element): void {
        if (this.waiting !== null) {
            if (this.waiting.length < MAX_WAITING) this.waiting.push(stanza);
            return;
        }
        const from = stanza.getAttribute('from') ?? '';
        const jid = (from.split('/', 1)[0] ?? '').toLowerCase();
        if (stanza.localName === 'message') {
            if (jid === this.jid) this.publication.onOwnEvent(stanza);
            else if (this.isContact(jid)) this.published.onEvent(jid, stanza);
        } else if (this.isContact(jid)) {
            onPresence(this.book, jid, resourceOf(from), stanza, this.needs.clock.now());
        }
    }

    /** A conversation was opened: where can that person be called? */
    chatOpened(jid: string): void {
        const bare = bareJid(jid);
        if (bare === null) return;
        if (this.waiting !== null) this.openChats.add(bare);
        else if (this.isContact(bare)) void this.published.ask(bare);
    }

    /** Adds the own availability to a broadcast presence that is being built. */
    addPresence(stanza: StanzaBuilder): void {
        for (const added of this.presence.elements()) stanza.root().cnode(added).up();
    }

    /**
     * Ends every call, unregisters and forgets.
     * @returns once the history of the calls is written
     */
    async stop(): Promise<void> {
        if (this.stopped) return;
        this.calls.endAll();
        this.stopped = true;
        for (const end of this.ends.splice(0)) end();
        this.roster?.off(null, null, this);
        this.presence.stop();
        this.publication.stop();
        this.ice.stop();
        this.account.end();
        this.sidecar.send({ type: 'disconnect' });
        this.sidecar.dispose();
        this.needs.telephone.attach(null);
        dropBook();
        await Promise.all(this.writing);
    }

    /** Forgets what was kept between pages: this device keeps nothing. */
    async clear(): Promise<void> {
        await this.store.clear();
    }

    // What the telephone asks for

    register(): void {
        void this.account.start();
    }

    reach(jid: string): Reach {
        const { settings, telephone } = this.needs;
        const addresses = this.book.addressesOf(jid);
        const none = addresses.length === 0 ? 'no-address' : null;
        const problem = problemOf(telephone.registration.get()) ?? none ?? (this.calls.busy ? 'in-a-call' : null);
        return {
            addresses,
            problem,
            availability: this.book.availabilityOf(jid),
            video: settings.video && addresses[0]?.video !== false,
        };
    }

    whoIs(address: string): string | null {
        return this.book.whoIs(address).jid;
    }

    async call(target: string, { video, jid }: { readonly video: boolean; readonly jid?: string }): Promise<Placed> {
        const problem = this.problem();
        if (problem !== null) return { ok: false, problem };
        const found = findTarget(target, this.book, this.sipDomain);
        if (!found.ok) return found;
        const question = this.consent.question(found.uri, found.jid);
        if (question !== null) {
            if (!(await this.ask(question, found.uri, found.jid))) return { ok: false, problem: 'cancelled' };
            const since = this.problem();
            if (since !== null) return { ok: false, problem: since };
        }
        this.consent.remember(found.uri, found.jid);
        const withVideo = video && this.needs.settings.video && found.video !== false;
        const theirs = jid !== undefined && this.book.addressesOf(jid).some(({ uri }) => uri === target) ? jid : null;
        const identity = identifyCalled(this.book, found.jid ?? theirs, found.uri);
        return { ok: true, callId: this.calls.place(found.uri, withVideo, identity) };
    }

    answer(callId: CallId, options: { readonly video: boolean; readonly listenOnly?: boolean }): void {
        this.calls.answer(callId, options.video && this.needs.settings.video, options.listenOnly === true);
    }

    decline(callId: CallId): void {
        this.calls.decline(callId);
    }

    hangUp(callId: CallId): void {
        this.calls.hangUp(callId);
    }

    hold(callId: CallId, on: boolean): void {
        this.calls.hold(callId, on);
    }

    mute(callId: CallId, on: boolean): void {
        this.calls.mute(callId, on);
    }

    camera(callId: CallId, on: boolean): void {
        this.calls.camera(callId, on && this.needs.settings.video);
    }

    sendDigits(callId: CallId, digits: string): void {
        this.calls.sendDigits(callId, digits);
    }

    dismiss(callId: CallId): void {
        this.calls.dismiss(callId);
    }

    media(callId: CallId): CallStreams {
        return this.sidecar.media(callId);
    }

    chooseDevices(choice: Partial<DeviceChoice>): void {
        const { deviceChoice } = this.needs.telephone;
        const chosen = { ...deviceChoice.get(), ...choice };
        deviceChoice.set(chosen);
        this.send({ type: 'devices', choice: chosen });
        void this.store.set('devices', chosen);
    }

    preview(devices: { readonly microphone: boolean; readonly camera: boolean }): void {
        this.needs.telephone.previewProblem.set(null);
        this.send({ type: 'preview', ...devices });
    }

    signIn(credentials: { readonly username: string; readonly password: string }): void {
        if (this.needs.settings.credentials === 'ask') this.account.signIn(credentials);
    }

    signOut(): void {
        void this.account.signOut();
    }

    share(on: boolean): void {
        this.setShared(on);
        void this.store.set('share', on);
    }

    noticed(): void {
        const { shared } = this.needs.telephone;
        shared.set({ ...shared.get(), noticed: true });
        void this.store.set('noticed', true);
    }

    setDoNotRing(on: boolean): void {
        this.needs.telephone.doNotRing.set(on);
        void this.store.set('do-not-ring', on);
        this.tellContacts();
    }

    async addAddress(jid: string, text: string): Promise<string | null> {
        const found = findTarget(text, this.book, this.sipDomain);
        if (!found.ok || found.jid !== null) return null;
        this.preferAddress(jid, found.uri);
        return Promise.resolve(found.uri);
    }

    removeAddress(jid: string, uri: string): void {
        const typed = this.typedFor(jid).filter((each) => each !== uri);
        if (typed.length === 0) this.book.remove(jid, 'typed');
        else this.book.put(jid, { source: 'typed', uris: typed, seenAt: this.needs.clock.now() });
    }

    preferAddress(jid: string, uri: string): void {
        const uris = [...new Set([uri, ...this.typedFor(jid)])];
        this.book.put(jid, { source: 'typed', uris, seenAt: this.needs.clock.now() });
    }

    suggestion(): string | null {
        return null;
    }

    async probe(): Promise<{ readonly jid: string } | null> {
        return Promise.resolve(null);
    }

    chat(callId: CallId): void {
        const jid = this.calls.list.get().find(({ id }) => id === callId)?.identity.jid;
        if (jid) this.needs.telephone.openChat(jid);
    }

    // Inside

    private typedFor(jid: string): readonly string[] {
        return this.book.claimsOf(jid).find(({ source }) => source === 'typed')?.uris ?? [];
    }

    private send(command: SidecarCommand): void {
        if (!this.stopped) this.sidecar.send(command);
    }

    private connect(account: SipAccount): void {
        const { servers, icePolicy, ringTimeout, video } = this.needs.settings;
        const config = {
            servers,
            instanceId: this.instanceId,
            iceServers: this.ice.all,
            icePolicy,
            ringTimeout,
            video,
            correlationHeaders: [],
            optionsHeaders: [],
        };
        this.send({ type: 'connect', config, account });
    }

    private onEvent(event: SidecarEvent): void {
        const { telephone } = this.needs;
        switch (event.type) {
            case 'registration':
            case 'credentials-accepted':
                this.account.handle(event);
                break;
            case 'incoming':
            case 'call':
                this.calls.handle(event);
                break;
            case 'streams':
                telephone.streamsChanged(event.callId);
                break;
            case 'device-list':
                telephone.devices.set(event.devices);
                break;
            case 'preview-problem':
                telephone.previewProblem.set(event.problem);
                break;
            case 'notice':
                notice(event.code, event.detail);
                break;
        }
    }

    private onRegistration(registration: Registration): void {
        const { telephone } = this.needs;
        const before = telephone.registration.get();
        // It is renewed every few minutes: nothing new for anybody.
        if (JSON.stringify(before) === JSON.stringify(registration)) return;
        telephone.registration.set(registration);
        if (problemOf(before) !== problemOf(registration)) telephone.reach.changed();
        this.tellContacts();
    }

    private onCalls(calls: readonly Call[]): void {
        const { telephone } = this.needs;
        telephone.calls.set(calls);
        telephone.reach.changed();
        this.presence.update();
    }

    private setShared(on: boolean): void {
        const { advertise } = this.needs.settings;
        const { shared } = this.needs.telephone;
        const shares = (where: Advertised): boolean => on && advertise.includes(where);
        const [presence, pep, message] = [shares('presence'), shares('pep'), shares('message')];
        shared.set({ ...shared.get(), presence, pep, message });
        this.tellContacts();
    }

    /** Brings what contacts are told up to date: presence at once, the published address where it is known. */
    private tellContacts(): void {
        const { registration, shared } = this.needs.telephone;
        const state = registration.get();
        this.presence.update();
        if (!shared.get().pep) void this.publication.want(null);
        else if (state.state === 'registered') void this.publication.want(state.aor);
    }

    private availability(): OwnAvailability {
        const { registration, shared, video } = this.needs.telephone;
        const state = registration.get();
        if (!shared.get().presence) return null;
        if (state.state !== 'registered') return { availability: 'closed', uris: [], video: null };
        const busy = this.calls.list.get().some(isAnswered);
        return { availability: busy ? 'on-the-phone' : 'open', uris: [state.aor], video };
    }

    /** One more broadcast, with the person's show and status as they are. */
    private async sendPresence(): Promise<void> {
        const { _converse, api } = this.needs.host;
        const { profile } = _converse.state;
        if (this.stopped || profile === undefined || !api.connection.connected()) return;
        // Not `api.user.presence.send`: that one tells every room, too, and rooms hear nothing of this.
        const stanza = await profile.constructPresence({
            show: profile.get('show'),
            status: profile.get('status_message'),
        });
        api.send(stanza.tree());
    }

    /** The page goes, and its calls with it. One that rings goes on ringing on other devices. */
    private leavePage(): void {
        saveBook(this);
        for (const call of this.calls.list.get()) if (call.state.name !== 'incoming') this.calls.hangUp(call.id);
        keepUnwritten(this.jid, [...this.unwritten.values()]);
    }

    private write(call: Call): void {
        this.unwritten.set(call.id, call);
        const written = this.needs.textsReady
            .then(() => this.log.write(call))
            .catch((error: unknown) => notice('SIP-005', `call log: ${String(error)}`))
            .finally(() => {
                this.writing.delete(written);
                this.unwritten.delete(call.id);
            });
        this.writing.add(written);
    }

    private isContact(jid: string): boolean {
        const subscription = this.roster?.get(jid)?.get('subscription');
        // Somebody who only asks to become one has none of these.
        return subscription === 'both' || subscription === 'to' || subscription === 'from';
    }

    private checkContact(contact: RosterContact): void {
        const jid = bareJid(contact.get('jid'));
        if (jid === null || this.isContact(jid)) return;
        this.book.forget(LEARNED, jid);
        this.published.forget(jid);
    }

    /** Why no call can be placed now, whoever is meant. */
    private problem(): NotReachable | null {
        return problemOf(this.needs.telephone.registration.get()) ?? (this.calls.busy ? 'in-a-call' : null);
    }

    /** Asks before something is dialled. Where there is nothing to ask with (headless) the site has to. */
    private async ask(question: Question, uri: string, jid: string | null): Promise<boolean> {
        const { confirm } = this.needs.host.api;
        if (!confirm) return true;
        const name = jid ?? uri;
        return Boolean(await confirm(t('ask.title', { address: uri }), [t(`ask.${question}`, { name })]));
    }

    private async loadPhonebook(url: URL): Promise<void> {
        const { entries, problem } = await fetchPhonebook(url);
        if (problem !== null) notice('SIP-203', problem);
        if (!this.stopped) addPhonebook(this.book, entries, this.needs.clock.now());
    }
}

function without({ uri, username, displayName }: SipAccount): { uri: string; username: string; displayName: string } {
    return { uri, username, displayName };
}

function isDeviceChoice(kept: unknown): kept is DeviceChoice {
    return (
        typeof kept === 'object' &&
        kept !== null &&
        ['microphone', 'camera', 'speaker', 'ringer'].every(
            (name) => typeof (kept as Record<string, unknown>)[name] === 'string',
        )
    );
}
