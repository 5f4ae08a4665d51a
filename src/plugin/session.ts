/**
 * One login: everything that belongs to the person who is in. Loaded and begun when chat is connected, goes on while chat
 * reconnects, and is over at logout. It joins the parts; what each does is in its own file.
 */
import {
    isRegistered,
    isUuid,
    uuid,
    type CallId,
    type CallStreams,
    type DeviceChoice,
    type NoticeCode,
    type Registration,
    type SidecarCommand,
    type SidecarEvent,
    type SidecarPort,
    type SipAccount,
} from '../sip-sidecar/contract/index.js';
import { isLike } from '../sip-sidecar/contract/shape.js';
import { createSidecar, preload } from '../sip-sidecar/index.js';
import { t } from '../i18n/index.js';
import { createAccount, type Account } from './account.js';
import { createActivity } from './activity.js';
import { Arrivals } from './arrivals.js';
import { AddressBook, LEARNED } from './address-book/book.js';
import { addPhonebook, fetchPhonebook } from './address-book/phonebook.js';
import { onPresence } from './address-book/presence.js';
import { Published } from './address-book/published.js';
import { dropBook, restoreBook, saveBook } from './address-book/snapshot.js';
import { createCallHistory, type CallHistory } from './call-history.js';
import { keepUnwritten, loggedCall, takeUnwritten, writeEntry, type Entry } from './call-log.js';
import type { Calls } from './calls.js';
import type { Clock } from './clock.js';
import { ConnectionTest } from './connection-test.js';
import { Consent } from './consent.js';
import { ContactAddresses } from './contact-addresses.js';
import { Contacts } from './contacts.js';
import type { Converse, Host, StanzaBuilder } from './converse.js';
import type { Correlation } from './correlation.js';
import { isUndecided } from './first-presence.js';
import { createIceServers, type IceServers } from './ice-servers.js';
import { bareJid, domainOf } from './jid.js';
import { hasKeptCalls } from './kept-calls.js';
import { Messages } from './messages.js';
import { limit } from './limit.js';
import { knownAddresses } from './known-addresses.js';
import { notice } from './notices.js';
import { OtherCalls } from './other-calls.js';
import { createOwnPresence, keepAwake, type OwnPresence } from './own-presence.js';
import { isAnswered, type Call, type Phone, type Placed, type Reach, type Shared } from './phone.js';
import { Probes } from './probes.js';
import { Placing } from './placing.js';
import { createPublication, type Publication } from './publication.js';
import { Reports } from './reports.js';
import type { Advertised, Settings } from './settings.js';
import { buildForOthers } from './stanzas/availability.js';
import { formatCallInfo } from './stanzas/call-info.js';
import type { Delivery } from './stanzas/delivery.js';
import { errorConditions } from './stanzas/pubsub.js';
import { Store } from './store.js';
import { suggestAddress } from './stox/addresses.js';
import { Switchboard } from './switchboard.js';
import type { Line, Telephone } from './telephone.js';
import { Threads } from './threads.js';
import { addressVisible } from './visibility.js';

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

/** One login: what its parts need of each other, and of the page, they find here. */
export class Session implements Line {
    /** Fetches what a call needs before anybody is logged in. */
    static readonly preload = preload;
    readonly host: Host;
    readonly converse: Converse;
    readonly settings: Settings;
    readonly telephone: Telephone;
    /** The page's, but what still waits when the session is over never happens. */
    readonly clock: Clock;
    readonly jid: string;
    readonly sipDomain: string;
    readonly trustedDomains: readonly string[];
    readonly store: Store;
    readonly book: AddressBook;
    readonly published: Published;
    readonly contacts: Contacts;
    readonly threads: Threads;
    readonly messages: Messages;
    readonly consent: Consent;
    readonly calls: Calls;
    readonly correlation: Correlation;
    readonly switchboard: Switchboard;
    private readonly textsReady: Promise<unknown>;
    private readonly sidecar: SidecarPort;
    private readonly arrivals: Arrivals;
    private readonly otherCalls: OtherCalls;
    /** Entries of one person in an hour: whoever uses a contact's address must not fill that history. */
    readonly mayLog = limit(20, 3_600_000);
    private readonly history: CallHistory;
    private readonly account: Account;
    private readonly placing: Placing;
    private readonly ice: IceServers;
    private readonly presence: OwnPresence;
    private readonly keepAwake: (inCall: boolean) => void;
    private readonly publication: Publication;
    private readonly activity: ReturnType<typeof createActivity>;
    private readonly addresses: ContactAddresses;
    private readonly probes: Probes;
    private readonly reports: Reports;
    private readonly connectionTest: ConnectionTest;
    /** What ends with the session: subscriptions, and what waits. */
    private readonly ends = new Set<() => void>();
    /** What is not yet in the history; with what is being written. */
    private readonly unwritten = new Map<Entry, Promise<void> | null>();
    private readonly openChats = new Set<string>();
    /** Empty until what was kept is read: before, a change would be kept in the place of it. */
    private instanceId = '';
    private resumed = false;
    private stopped = false;
    /** Chat is over, only a call goes on: told when that is over, too. */
    private over: (() => void) | null = null;
    private keeps = true;

    constructor({ host, settings, telephone, clock, textsReady, createSidecar: create = createSidecar }: SessionNeeds) {
        const { _converse, api } = host;
        this.host = host;
        this.converse = _converse;
        this.settings = settings;
        this.telephone = telephone;
        this.textsReady = textsReady;
        this.clock = {
            ...clock,
            after: (delay, task) => {
                const callOff = clock.after(delay, () => {
                    end();
                    task();
                });
                const end = (): void => {
                    this.ends.delete(end);
                    callOff();
                };
                this.ends.add(end);
                if (this.stopped) end();
                return end;
            },
        };
        this.jid = bareJid(_converse.session.get('bare_jid')) ?? '';
        this.sipDomain = settings.domain ?? domainOf(this.jid);
        this.trustedDomains = settings.trustedDomains ?? [this.sipDomain];
        this.store = new Store(_converse, this.jid);
        this.sidecar = create();
        this.book = new AddressBook(
            (jid) => {
                telephone.reach.changed(jid);
                this.changed();
            },
            {
                isHidden: (jid, source, uri) => this.addresses.isHidden(jid, source, uri),
                threadOf: (jid) => this.threads.current(jid),
                listed: knownAddresses(this),
            },
        );
        this.threads = new Threads(this.store, (jid) => telephone.reach.changed(jid));
        this.contacts = new Contacts(this);
        this.addresses = new ContactAddresses(this);
        this.published = new Published(this);
        this.consent = new Consent(this.store, [this.sipDomain, ...this.trustedDomains]);
        this.switchboard = new Switchboard(this);
        this.calls = this.switchboard.calls;
        this.correlation = this.switchboard.correlation;
        this.placing = new Placing(this);
        this.history = createCallHistory(this);
        this.arrivals = new Arrivals(this);
        this.account = createAccount(this);
        this.ice = createIceServers(this);
        this.publication = createPublication(this);
        this.activity = createActivity(this);
        this.probes = new Probes(this.command, this.sipDomain);
        this.reports = new Reports(this.command, this.clock);
        this.otherCalls = new OtherCalls(this.store, telephone.otherCalls);
        const { contacts, correlation } = this;
        this.connectionTest = new ConnectionTest({
            checks: telephone.checks,
            clock: this.clock,
            send: this.command,
            visible: () =>
                addressVisible({
                    jid: this.jid,
                    aor: this.own()?.aor ?? null,
                    shared: telephone.shared.get(),
                    sendIQ: this.sendIQ,
                    supports: this.supports,
                }),
        });
        this.messages = new Messages({
            threads: this.threads,
            book: this.book,
            now: this.now,
            isContact: this.isContact,
            own: () => {
                const own = this.own();
                return own && { uri: own.target, video: telephone.video };
            },
            shares: () => telephone.shared.get().message,
            mayTell: (jid) => contacts.seesUs(jid),
            resources: (jid) => contacts.resources(jid),
            liveCall: (jid) => correlation.liveCall(jid),
            byCallId: (jid, sipCallId) => correlation.byCallId(jid, sipCallId),
        });
        this.presence = createOwnPresence({
            clock: this.clock,
            current: () => {
                const own = this.own();
                if (!telephone.shared.get().presence) return null;
                if (!own || telephone.doNotRing.get()) return { availability: 'closed', uris: [], video: null };
                const availability = this.answered ? 'on-the-phone' : 'open';
                return { availability, uris: [own.aor], video: telephone.video };
            },
            mayReturn: () => !telephone.doNotRing.get() && isUndecided(telephone.registration.get()),
            forOthers: () => buildForOthers(settings.presenceOnCall, t('onThePhone')),
            // One more broadcast, with the person's show and status as they are.
            send: async () => {
                const { profile } = _converse.state;
                if (!profile || !api.connection.connected()) return;
                // Not `api.user.presence.send`: that one tells every room, too, and rooms hear nothing of this.
                api.send((await profile.constructPresence({ show: profile.get('show') })).tree());
            },
        });
        this.keepAwake = keepAwake(this.clock, () => api.user.idle.set({ seconds: 0 }));
    }

    // What its parts need

    readonly now = (): number => this.clock.now();

    readonly command = (command: SidecarCommand): void => {
        if (!this.stopped) this.sidecar.send(command);
    };

    readonly send = (stanza: Element): void => {
        // The stream may be somebody else's by now.
        if (this.over === null) this.host.api.send(stanza);
    };

    readonly sendIQ = async (iq: Element): Promise<Element> => {
        if (this.over !== null) throw new Error('over');
        return this.host.api.sendIQ(iq);
    };

    readonly supports = async (feature: string, jid: string): Promise<boolean> =>
        this.host.api.disco.supports(feature, jid);

    /** Something could not be had of the server. @param why the error that came, or a text, for an administrator */
    readonly failed = (code: NoticeCode, why: unknown): void => {
        const text = typeof why === 'string' ? why : errorConditions(why).join(', ');
        if (!this.stopped) notice(code, text || 'no answer');
    };

    readonly isContact = (jid: string): boolean => this.contacts.isContact(jid);

    /** The own address of record, and the one of this very device; null while not registered. */
    readonly own = (): { readonly aor: string; readonly target: string } | null => {
        const state = this.telephone.registration.get();
        return isRegistered(state) ? { aor: state.aor, target: state.gruu ?? state.aor } : null;
    };

    /** More is known: who calls may be known now. */
    readonly changed = (): void => this.calls.identify();

    /** Somebody is a contact no more, or is blocked: nothing they said counts. */
    readonly gone = (jid: string): void => {
        this.book.forget(LEARNED, jid);
        this.published.forget(jid);
        this.messages.forget(jid);
        if (!this.converse.state.roster?.get(jid) && !this.contacts.isBlocked(jid)) this.addresses.forget(jid);
    };

    onPresence(jid: string, resource: string, presence: Element): void {
        if (this.isContact(jid)) onPresence(this.book, jid, resource, presence, this.now());
    }

    onPublished(jid: string, message: Element): void {
        if (jid === this.jid) this.publication.onOwnEvent(message);
        else if (this.isContact(jid)) this.published.onEvent(jid, message);
    }

    onMessage(delivery: Delivery): void {
        this.messages.onMessage(delivery);
        this.switchboard.announcements.onMessage(delivery);
        this.history.onMessage(delivery);
    }

    onVerify(iq: Element): void {
        this.switchboard.verification.onQuestion(iq);
    }

    // Its life

    /**
     * Begins. @param presenceWas whether a broadcast presence went out before this session was there
     */
    async start(resumed: boolean, presenceWas: boolean): Promise<void> {
        this.resumed = resumed;
        void this.loadPhonebook();
        const { addresses, consent, contacts, otherCalls, settings, store, switchboard, telephone, threads } = this;
        const parts = [otherCalls, consent, threads, contacts, switchboard.verification, addresses];
        const kept = ['share', 'devices', 'instance', 'noticed', 'do-not-ring'] as const;
        const [share, choice, instance, noticed, doNotRing] = await Promise.all([
            ...kept.map((name) => store.get(name)),
            ...parts.map((part) => part.load()),
        ]);
        if (this.stopped) return;
        this.instanceId = isUuid(instance) ? instance : uuid();
        void store.set('instance', this.instanceId);
        // The page goes. Its calls go on in the next one, or in another tab; those that nobody has answered end. One that
        // rings goes on ringing on other devices.
        const leave = (): void => {
            saveBook(this);
            for (const call of this.calls.list.get())
                if (call.state.name !== 'incoming' && !isAnswered(call)) this.hangUp(call.id);
            this.keepUnwritten();
        };
        addEventListener('pagehide', leave);
        this.ends
            .add(() => removeEventListener('pagehide', leave))
            .add(this.sidecar.subscribe((event) => this.onEvent(event)))
            .add(this.calls.list.subscribe(() => this.onCalls()))
            .add(this.calls.elsewhere.subscribe(() => this.onCalls()));
        if (presenceWas) this.presence.went();
        // On a new stream Converse's first one may have gone out by now: what it said is known then.
        else if (resumed) this.presence.onStream(true);
        telephone.doNotRing.set(doNotRing === true);
        this.setShared(share !== false, { jid: settings.sendJid, noticed: noticed === true });
        telephone.attach(this);
        telephone.chatConnected.set(true);
        for (const entry of takeUnwritten(this.jid)) this.write(entry);
        if (isLike(choice, telephone.deviceChoice.get())) this.chooseDevices(choice);
        if (settings.servers.length === 0) {
            this.onRegistration({ state: 'refused', refusal: 'bad-server', status: null });
        } else if (hasKeptCalls(this.owner) || settings.autoRegister) {
            this.register();
        }
        void this.ice.refresh();
    }

    /**
     * Chat is over, and nobody logged out.
     * @param over told once there is no call any more
     * @param keeps whether this device may keep what happens until then
     * @returns false where there is none now
     */
    outlivesChat(over: () => void, keeps: boolean): boolean {
        if (this.calls.list.get().length === 0) return false;
        this.setOver(over, keeps);
        this.contacts.stop();
        return true;
    }

    /** Chat is connected again. Calls and the registration are not touched. */
    streamStarted(resumed: boolean): void {
        this.setOver(null, true);
        if (!resumed) {
            this.book.forget(['presence', 'message']);
            this.messages.onStream();
        }
        this.presence.onStream(resumed);
        this.publication.again();
        if (!this.arrivals.early) void this.history.catchUp();
        void this.ice.refresh();
    }

    /** The roster is there (again). */
    rosterReady(): void {
        if (!this.instanceId || !this.converse.state.roster) return;
        this.contacts.watch();
        for (const [entry, written] of this.unwritten) if (!written) this.write(entry);
        if (!this.arrivals.early) return;
        restoreBook(this, this.isContact, this.resumed, this.now());
        dropBook();
        this.arrivals.open();
        void this.history.catchUp();
        for (const jid of this.openChats) this.chatOpened(jid);
        this.openChats.clear();
    }

    /** The block list is there (again). */
    blocklistReady(): void {
        if (this.instanceId) this.contacts.watch();
    }

    /** Takes in every presence and message, and the questions about calls. */
    onStanza(stanza: Element): void {
        this.arrivals.take(stanza);
    }

    /** A conversation was opened: where can that person be called? */
    chatOpened(jid: string): void {
        const bare = bareJid(jid);
        if (bare === null) return;
        if (this.arrivals.early) this.openChats.add(bare);
        else if (this.isContact(bare)) void this.published.ask(bare);
    }

    /** Adds the own availability to a broadcast presence that is being built. */
    addPresence(stanza: StanzaBuilder): void {
        this.presence.addTo(stanza);
    }

    /**
     * Ends every call, unregisters and forgets.
     * @returns once the history of the calls is written
     */
    async stop(): Promise<void> {
        if (this.stopped) return;
        this.calls.endAll();
        this.stopped = true;
        for (const end of this.ends) end();
        this.contacts.stop();
        this.probes.stop();
        this.reports.onReport('');
        this.publication.stop();
        this.history.stop();
        this.account.end();
        this.sidecar.send({ type: 'disconnect' });
        this.sidecar.dispose();
        this.telephone.attach(null);
        dropBook();
        if (this.over === null) await Promise.all([...this.unwritten.values(), this.activity(null)]);
        else this.keepUnwritten();
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
        return this.placing.reach(jid);
    }

    whoIs(address: string): string | null {
        return this.book.whoIs(address).jid;
    }

    call(target: string, options: Parameters<Phone['call']>[1]): Promise<Placed> {
        return this.placing.call(target, options);
    }

    answer(callId: CallId, options: { readonly video: boolean; readonly listenOnly?: boolean }): void {
        this.switchboard.answer(callId, options.video && this.settings.video, options.listenOnly === true);
        // It goes on in the conversation that it came from.
        if (this.calls.find(callId)?.thread) this.chat(callId);
    }

    decline(callId: CallId): void {
        this.calls.decline(callId);
    }

    hangUp(callId: CallId): void {
        this.calls.command({ type: 'hang-up', callId });
    }

    hold(callId: CallId, on: boolean): void {
        this.calls.command({ type: 'hold', callId, on });
    }

    mute(callId: CallId, on: boolean): void {
        this.calls.command({ type: 'mute', callId, on });
    }

    camera(callId: CallId, on: boolean): void {
        this.calls.command({ type: 'camera', callId, on: on && this.settings.video });
    }

    screen(callId: CallId, on: boolean): void {
        this.calls.command({ type: 'screen', callId, on: on && this.settings.video });
    }

    reply(callId: CallId, accept: boolean): void {
        this.calls.command({ type: 'reply', callId, accept });
    }

    doubt(address: string): ReturnType<Phone['doubt']> {
        return this.consent.question(address, null, 'message');
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
        const { deviceChoice } = this.telephone;
        const chosen = { ...deviceChoice.get(), ...choice };
        deviceChoice.set(chosen);
        this.command({ type: 'devices', choice: chosen });
        void this.store.set('devices', chosen);
    }

    preview(devices: { readonly microphone: boolean; readonly camera: boolean }): void {
        this.telephone.previewProblem.set(null);
        this.command({ type: 'preview', ...devices });
    }

    test(): void {
        this.connectionTest.start();
    }

    report(): Promise<string> {
        return this.reports.ask(this.telephone.checks.get());
    }

    signIn(credentials: { readonly username: string; readonly password: string }): void {
        this.account.signIn(credentials);
    }

    signOut(): void {
        void this.account.signOut();
    }

    share(on: boolean): void {
        this.setShared(on);
        void this.store.set('share', on);
    }

    noticed(): void {
        const { shared } = this.telephone;
        shared.set({ ...shared.get(), noticed: true });
        void this.store.set('noticed', true);
    }

    forgetOtherCalls(): void {
        this.otherCalls.set([]);
    }

    setDoNotRing(on: boolean): void {
        this.telephone.doNotRing.set(on);
        void this.store.set('do-not-ring', on);
        this.tellContacts();
    }

    addAddress(jid: string, text: string): Promise<string | null> {
        return Promise.resolve(this.addresses.add(jid, text));
    }

    removeAddress(jid: string, uri: string): void {
        this.addresses.remove(jid, uri);
    }

    preferAddress(jid: string, uri: string): void {
        this.addresses.prefer(jid, uri);
    }

    suggestion(jid: string): string | null {
        const { addressRule } = this.settings;
        return addressRule && suggestAddress(addressRule, jid);
    }

    probe(address: string): Promise<{ readonly jid: string } | null> {
        return this.probes.ask(address);
    }

    chat(callId: CallId): void {
        const jid = this.calls.find(callId)?.identity.jid;
        // In the conversation with somebody who is no contact Converse offers to add them.
        if (jid) this.telephone.openChat(jid);
    }

    // Inside

    /** An anonymous person has another JID on the next page. */
    private get owner(): string {
        return this.host.api.settings.get('authentication') === 'anonymous' ? '' : this.jid;
    }

    /** Registers with this account, or goes on with it where it is the same person. */
    connect(account: SipAccount): void {
        const { servers, icePolicy, ringTimeout, video, answerOptions, sendJid, correlationHeaders } = this.settings;
        // Anybody may ask: who names the JID to contacts only does not answer.
        const named = answerOptions && sendJid === 'always' && formatCallInfo({ jid: this.jid });
        const config = {
            servers,
            instanceId: this.instanceId,
            iceServers: this.ice.all,
            icePolicy,
            ringTimeout,
            video,
            correlationHeaders,
            owner: this.owner,
            optionsHeaders: named ? [['Call-Info', named] as const] : [],
        };
        this.command({ type: 'connect', config, account });
    }

    private onEvent(event: SidecarEvent): void {
        const { telephone } = this;
        switch (event.type) {
            case 'streams':
                telephone.streamsChanged(event.callId);
                break;
            case 'device-list':
                telephone.devices.set(event.devices);
                break;
            case 'preview-problem':
                telephone.previewProblem.set(event.problem);
                break;
            case 'probed':
                this.probes.onProbed(event);
                break;
            case 'quality':
                telephone.setQuality(event.callId, event.quality);
                break;
            case 'tested':
                this.connectionTest.onTested(event.check);
                break;
            case 'report':
                this.reports.onReport(event.text);
                break;
            case 'notice':
                notice(event.code, event.detail);
                break;
            default:
                this.account.handle(event);
                this.switchboard.onEvent(event);
        }
    }

    onRegistration(registration: Registration): void {
        const { telephone } = this;
        const before = telephone.registration.get();
        // It is renewed every few minutes: nothing new for anybody.
        if (JSON.stringify(before) === JSON.stringify(registration)) return;
        telephone.registration.set(registration);
        // What a page before this one left, unless its call goes on; another tab's is not touched.
        if (isRegistered(registration) && !this.answered) void this.activity(null);
        telephone.reach.changed();
        this.tellContacts();
    }

    private onCalls(): void {
        const { settings, telephone, answered } = this;
        const own = this.calls.list.get();
        // Not before what it leaves in the history is known.
        if (own.length === 0 && this.over) queueMicrotask(this.over);
        const calls = [...own, ...this.calls.elsewhere.get()];
        for (const { id } of telephone.calls.get()) {
            if (!calls.some((call) => call.id === id && isAnswered(call))) telephone.setQuality(id, null);
        }
        telephone.calls.set(calls);
        telephone.reach.changed();
        this.presence.update();
        this.keepAwake(answered !== undefined);
        if (settings.activity) void this.activity(answered ? (answered.video ? 'video' : 'audio') : null);
    }

    /** The call that the person is in. */
    private get answered(): Call | undefined {
        return this.calls.list.get().find(isAnswered);
    }

    private setShared(on: boolean, more: Partial<Shared> = {}): void {
        const { shared } = this.telephone;
        const shares = (where: Advertised): boolean => on && this.settings.advertise.includes(where);
        shared.set({
            ...shared.get(),
            ...more,
            presence: shares('presence'),
            pep: shares('pep'),
            message: shares('message'),
        });
        this.tellContacts();
    }

    /** Brings what contacts are told up to date: presence at once, the published address where it is known. */
    private tellContacts(): void {
        const own = this.own();
        this.presence.update();
        if (!this.telephone.shared.get().pep) void this.publication.want(null);
        else if (own) void this.publication.want(own.aor);
    }

    private setOver(over: (() => void) | null, keeps: boolean): void {
        this.over = over;
        this.keeps = keeps;
        // Whoever logs in now has another one.
        this.store.mayKeep = over === null;
        this.telephone.chatConnected.set(over === null);
    }

    private keepUnwritten(): void {
        if (this.keeps) keepUnwritten(this.jid, [...this.unwritten.keys()]);
    }

    /** A call is over: its entry goes to the person it was with. Who only claims to be somebody gets into no conversation. */
    ended(call: Call): void {
        const logged = loggedCall(call, this.correlation.announcementOf(call.id));
        const { jid, level } = call.identity;
        // A stranger's call opens no conversation, unless the person took it.
        const taken = logged.answeredAt !== null;
        const talks = jid !== null && (taken || this.isContact(jid) || this.converse.state.chatboxes?.get(jid));
        const few = taken || logged.direction === 'outgoing' || this.mayLog(jid ?? '', logged.endedAt);
        if (level !== 'claimed' && talks && few && (this.over ?? this.contacts.canTalk(jid)))
            this.write({ jid, call: logged });
        else this.otherCalls.add(logged);
    }

    /** Writes an entry into the history, once chat is there for it. */
    readonly write = (entry: Entry): void => {
        const write = async (): Promise<void> => {
            try {
                await this.textsReady;
                await writeEntry(this.host.api, entry);
            } catch (error) {
                notice('SIP-005', String(error));
            }
            this.unwritten.delete(entry);
        };
        this.unwritten.set(entry, this.over ? null : write());
    };

    private async loadPhonebook(): Promise<void> {
        const { phonebook } = this.settings;
        const { entries, problem } =
            phonebook instanceof URL ? await fetchPhonebook(phonebook) : { entries: phonebook, problem: null };
        if (problem !== null) notice('SIP-203', problem);
        if (!this.stopped) addPhonebook(this.book, this.telephone.names, entries, this.now());
    }
}
