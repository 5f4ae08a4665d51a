/**
 * One login: everything that belongs to the person who is in. Loaded and begun when chat is connected, goes on while chat
 * reconnects, and is over at logout. It joins the parts; what each does is in its own file.
 */
import {
    isRegistered,
    type CallId,
    type CallStreams,
    type DeviceChoice,
    type Registration,
    type SidecarCommand,
    type SidecarEvent,
    type SidecarPort,
    type SipAccount,
} from '../sip-sidecar/contract/index.js';
import { createSidecar, preload } from '../sip-sidecar/index.js';
import { t } from '../i18n/index.js';
import { Account } from './account.js';
import { Activity } from './activity.js';
import { Arrivals } from './arrivals.js';
import { AddressBook, LEARNED } from './address-book/book.js';
import { addPhonebook, fetchPhonebook } from './address-book/phonebook.js';
import { onPresence } from './address-book/presence.js';
import { Published } from './address-book/published.js';
import { dropBook, restoreBook, saveBook } from './address-book/snapshot.js';
import { CallHistory } from './call-history.js';
import { CallLog, keepUnwritten, loggedCall, takeUnwritten, type Entry } from './call-log.js';
import type { Calls } from './calls.js';
import type { Clock } from './clock.js';
import { ConnectionTest } from './connection-test.js';
import { Consent } from './consent.js';
import { ContactAddresses } from './contact-addresses.js';
import { Contacts } from './contacts.js';
import type { Host, StanzaBuilder } from './converse.js';
import { isUndecided } from './first-presence.js';
import { IceServers } from './ice-servers.js';
import { bareJid, domainOf, resourceOf } from './jid.js';
import { hasKeptCalls } from './kept-calls.js';
import { Messages } from './messages.js';
import { limit } from './limit.js';
import { knownAddresses } from './known-addresses.js';
import { notice } from './notices.js';
import { OtherCalls } from './other-calls.js';
import { keepAwake, OwnPresence, type OwnAvailability } from './own-presence.js';
import { isAnswered, type Call, type Phone, type Placed, type Reach } from './phone.js';
import { Probes } from './probes.js';
import { Placing, problemOf } from './placing.js';
import { Publication, type PublicationNeeds } from './publication.js';
import { Reports } from './reports.js';
import type { Advertised, Settings } from './settings.js';
import { buildForOthers } from './stanzas/availability.js';
import { formatCallInfo } from './stanzas/call-info.js';
import { Store } from './store.js';
import { suggestAddress } from './stox/addresses.js';
import { Switchboard } from './switchboard.js';
import type { Line, Telephone } from './telephone.js';
import { Threads } from './threads.js';
import { isUuid, uuid } from '../sip-sidecar/contract/uuid.js';
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

/** One login. */
export class Session implements Line {
    /** Fetches what a call needs before anybody is logged in. */
    static readonly preload = preload;
    readonly jid: string;
    private readonly sipDomain: string;
    private readonly store: Store;
    private readonly sidecar: SidecarPort;
    private readonly arrivals: Arrivals;
    readonly book: AddressBook;
    readonly published: Published;
    private readonly contacts: Contacts;
    private readonly threads: Threads;
    readonly messages: Messages;
    private readonly switchboard: Switchboard;
    private readonly calls: Calls;
    private readonly log: CallLog;
    private readonly otherCalls: OtherCalls;
    /** Calls that nobody answered, of one person in an hour: whoever uses a contact's address must not fill that history. */
    private readonly mayLog = limit(20, 3_600_000);
    private readonly history: CallHistory;
    private readonly account: Account;
    private readonly consent: Consent;
    private readonly placing: Placing;
    private readonly ice: IceServers;
    private readonly presence: OwnPresence;
    private readonly keepAwake: (inCall: boolean) => void;
    private readonly publication: Publication;
    private readonly activity: Activity;
    private readonly addresses: ContactAddresses;
    private readonly probes: Probes;
    private readonly reports: Reports;
    private readonly connectionTest: ConnectionTest;
    private readonly ends: (() => void)[] = [];
    /** What is being written into the history. */
    private readonly writing = new Set<Promise<void>>();
    private readonly unwritten = new Set<Entry>();
    private readonly openChats = new Set<string>();
    private instanceId = '';
    private resumed = false;
    /** What was kept is read: before, a change would be kept in the place of it. */
    private loaded = false;
    private stopped = false;
    /** Chat is over, only a call goes on: told when that is over, too. */
    private over: (() => void) | null = null;
    private keeps = false;
    /** What belongs into the history then. */
    private readonly later: Entry[] = [];

    constructor(private readonly needs: SessionNeeds) {
        const { host, settings, telephone, clock } = needs;
        const { _converse, api } = host;
        this.jid = bareJid(_converse.session.get('bare_jid')) ?? '';
        this.sipDomain = settings.domain ?? domainOf(this.jid);
        this.store = new Store(_converse, this.jid);
        this.sidecar = (needs.createSidecar ?? createSidecar)();
        const known = knownAddresses(
            () => this.book.aors,
            clock,
            (command) => this.send(command),
        );
        this.ends.push(known.stop);
        this.book = new AddressBook(
            (jid) => {
                telephone.reach.changed(jid);
                this.calls.identify();
            },
            {
                isHidden: (jid, source, uri) => this.addresses.isHidden(jid, source, uri),
                threadOf: (jid) => this.threads.current(jid),
                listed: () => known.changed(),
            },
        );
        this.probes = new Probes((command) => this.send(command), this.sipDomain);
        this.addresses = new ContactAddresses({ store: this.store, book: this.book, now: () => clock.now() });
        const sendIQ = async (iq: Element): Promise<Element> => {
            if (this.over !== null) throw new Error('chat is over');
            return api.sendIQ(iq);
        };
        const supports = async (feature: string, jid: string): Promise<boolean> => api.disco.supports(feature, jid);
        this.reports = new Reports((command) => this.send(command), clock);
        this.connectionTest = new ConnectionTest({
            checks: telephone.checks,
            clock,
            send: (command) => this.send(command),
            visible: () =>
                addressVisible({
                    jid: this.jid,
                    aor: this.address()?.aor ?? null,
                    shared: telephone.shared.get(),
                    sendIQ,
                    supports,
                }),
        });
        this.published = new Published({ book: this.book, sendIQ, now: () => clock.now() });
        this.log = new CallLog(api);
        this.otherCalls = new OtherCalls(this.store, telephone.otherCalls);
        const trustedDomains = settings.trustedDomains ?? [this.sipDomain];
        this.consent = new Consent(this.store, [this.sipDomain, ...trustedDomains]);
        this.contacts = new Contacts({
            converse: _converse,
            store: this.store,
            book: this.book,
            changed: () => this.calls.identify(),
            gone: (jid) => {
                this.book.forget(LEARNED, jid);
                this.published.forget(jid);
                this.messages.forget(jid);
                if (!_converse.state.roster?.get(jid) && !contacts.isBlocked(jid)) this.addresses.forget(jid);
            },
        });
        this.threads = new Threads(this.store, (jid) => telephone.reach.changed(jid));
        const { book, contacts, threads } = this;
        const isContact = (jid: string): boolean => contacts.isContact(jid);
        this.switchboard = new Switchboard({
            settings,
            trustedDomains,
            clock,
            store: this.store,
            book,
            contacts,
            threads,
            jid: this.jid,
            resource: () => resourceOf(api.user.jid() ?? ''),
            own: () => this.address(),
            doNotRing: () => telephone.doNotRing.get(),
            dnd: () => _converse.state.profile?.get('show') === 'dnd',
            command: (command) => this.send(command),
            send: (stanza) => {
                // It may be somebody else's by now.
                if (this.over === null) api.send(stanza);
            },
            sendIQ,
            supports,
            ended: (call) => this.ended(call),
        });
        const { calls, correlation } = this.switchboard;
        this.placing = new Placing({
            host,
            settings,
            telephone,
            sipDomain: this.sipDomain,
            book,
            contacts,
            consent: this.consent,
            switchboard: this.switchboard,
            clock,
            takeOver: () => this.send({ type: 'take-over' }),
            lookUp: (jid) => this.published.ask(jid),
        });
        this.calls = calls;
        this.messages = new Messages({
            threads,
            book,
            now: () => clock.now(),
            own: () => {
                const own = this.address();
                return own && { uri: own.target, video: telephone.video };
            },
            shares: () => telephone.shared.get().message,
            mayTell: (jid) => contacts.seesUs(jid),
            isContact,
            resources: (jid) => contacts.resources(jid),
            liveCall: (jid) => correlation.liveCall(jid),
            byCallId: (jid, sipCallId) => correlation.byCallId(jid, sipCallId),
        });
        this.history = new CallHistory({
            clock,
            sendIQ,
            isKnown: (jid) => ['both', 'to'].includes(contacts.subscription(jid)),
            isOurs: (announcement, sipCallId) => correlation.isOurs(announcement, sipCallId),
            write: (jid, call) => this.write({ jid, call }),
            seen: {
                get: async () => Number(await this.store.get('seen')),
                set: (until) => void this.store.set('seen', until),
            },
        });
        this.arrivals = new Arrivals({
            own: this.jid,
            onPresence: (jid, resource, presence) => {
                if (isContact(jid)) onPresence(this.book, jid, resource, presence, clock.now());
            },
            onEvent: (jid, message) => {
                if (jid === this.jid) this.publication.onOwnEvent(message);
                else if (isContact(jid)) this.published.onEvent(jid, message);
            },
            onMessage: [
                (delivery) => this.messages.onMessage(delivery),
                (delivery) => this.switchboard.onMessage(delivery),
                (delivery) => this.history.onMessage(delivery),
            ],
            onVerify: (iq) => this.switchboard.onVerify(iq),
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
            mayReturn: () => !telephone.doNotRing.get() && isUndecided(telephone.registration.get()),
            forOthers: () => buildForOthers(settings.presenceOnCall, t('onThePhone')),
            send: () => void this.sendPresence(),
        });
        this.keepAwake = keepAwake(clock, () => api.user.idle.set({ seconds: 0 }));
        const publishing: PublicationNeeds = {
            jid: this.jid,
            clock,
            store: this.store,
            sendIQ,
            supports,
            failed: (detail) => notice('SIP-201', detail),
        };
        this.publication = new Publication(publishing);
        this.activity = new Activity(publishing);
    }

    /**
     * Begins. @param presenceWas whether a broadcast presence went out before this session was there
     */
    async start(resumed: boolean, presenceWas: boolean): Promise<void> {
        const { settings, telephone, clock } = this.needs;
        this.resumed = resumed;
        const { phonebook } = settings;
        if (phonebook instanceof URL) void this.loadPhonebook(phonebook);
        else addPhonebook(this.book, telephone.names, phonebook, clock.now());
        const kept = ['share', 'devices', 'instance', 'noticed', 'do-not-ring'] as const;
        const [share, choice, instance, noticed, doNotRing] = await Promise.all(
            kept.map((name) => this.store.get(name)),
        );
        const parts = [this.otherCalls, this.consent, this.threads, this.contacts, this.switchboard, this.addresses];
        await Promise.all(parts.map((part) => part.load()));
        if (this.stopped) return;
        this.loaded = true;
        this.instanceId = isUuid(instance) ? instance : uuid();
        if (this.instanceId !== instance) void this.store.set('instance', this.instanceId);
        this.ends.push(
            this.sidecar.subscribe((event) => this.onEvent(event)),
            this.calls.list.subscribe(() => this.onCalls()),
            this.calls.elsewhere.subscribe(() => this.onCalls()),
        );
        const leave = (): void => this.leavePage();
        addEventListener('pagehide', leave);
        this.ends.push(() => removeEventListener('pagehide', leave));
        if (presenceWas) this.presence.went();
        // On a new stream Converse's first one may have gone out by now: what it said is known then.
        else if (resumed) this.presence.onStream(true);
        const { shared } = telephone;
        shared.set({ ...shared.get(), jid: settings.sendJid, noticed: noticed === true });
        telephone.doNotRing.set(doNotRing === true);
        this.setShared(share !== false);
        telephone.attach(this);
        telephone.chatConnected.set(true);
        for (const entry of takeUnwritten(this.jid)) this.write(entry);
        if (isDeviceChoice(choice)) this.chooseDevices(choice);
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
        this.over = over;
        this.keeps = keeps;
        // Whoever logs in now has another one.
        this.store.mayKeep = false;
        this.contacts.stop();
        this.needs.telephone.chatConnected.set(false);
        return true;
    }

    /** Chat is connected again. Calls and the registration are not touched. */
    streamStarted(resumed: boolean): void {
        this.over = null;
        this.keeps = false;
        this.store.mayKeep = true;
        this.needs.telephone.chatConnected.set(true);
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
        if (!this.loaded || this.stopped || this.needs.host._converse.state.roster === undefined) return;
        this.contacts.watch();
        for (const entry of this.later.splice(0)) this.write(entry);
        if (!this.arrivals.early) return;
        restoreBook(this, (jid) => this.contacts.isContact(jid), this.resumed, this.needs.clock.now());
        dropBook();
        this.arrivals.open();
        void this.history.catchUp();
        for (const jid of this.openChats) this.chatOpened(jid);
        this.openChats.clear();
    }

    /** The block list is there (again). */
    blocklistReady(): void {
        if (this.loaded && !this.stopped) this.contacts.watch();
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
        else if (this.contacts.isContact(bare)) void this.published.ask(bare);
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
        for (const end of this.ends.splice(0)) end();
        this.contacts.stop();
        this.presence.stop();
        this.keepAwake(false);
        this.probes.stop();
        this.connectionTest.stop();
        this.reports.onReport('');
        this.publication.stop();
        this.history.stop();
        this.ice.stop();
        this.account.end();
        this.sidecar.send({ type: 'disconnect' });
        this.sidecar.dispose();
        this.needs.telephone.attach(null);
        dropBook();
        if (this.keeps) keepUnwritten(this.jid, this.later);
        if (this.over === null) await Promise.all([...this.writing, this.activity.set(null)]);
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
        this.switchboard.answer(callId, options.video && this.needs.settings.video, options.listenOnly === true);
        // It goes on in the conversation that it came from.
        const call = this.calls.find(callId);
        if (call?.thread && call.identity.jid !== null) this.needs.telephone.openChat(call.identity.jid);
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

    screen(callId: CallId, on: boolean): void {
        this.calls.screen(callId, on && this.needs.settings.video);
    }

    reply(callId: CallId, accept: boolean): void {
        this.calls.reply(callId, accept);
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

    test(): void {
        this.connectionTest.start();
    }

    report(): Promise<string> {
        return this.reports.ask(this.needs.telephone.checks.get());
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

    forgetOtherCalls(): void {
        this.otherCalls.forget();
    }

    setDoNotRing(on: boolean): void {
        this.needs.telephone.doNotRing.set(on);
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
        const { addressRule } = this.needs.settings;
        return addressRule === '' ? null : suggestAddress(addressRule, jid);
    }

    probe(address: string): Promise<{ readonly jid: string } | null> {
        return this.probes.ask(address);
    }

    chat(callId: CallId): void {
        const jid = this.calls.find(callId)?.identity.jid;
        // In the conversation with somebody who is no contact Converse offers to add them.
        if (jid) this.needs.telephone.openChat(jid);
    }

    // Inside

    private send(command: SidecarCommand): void {
        if (!this.stopped) this.sidecar.send(command);
    }

    /** An anonymous person has another JID on the next page. */
    private get owner(): string {
        return this.needs.host.api.settings.get('authentication') === 'anonymous' ? '' : this.jid;
    }

    private connect(account: SipAccount): void {
        const { servers, icePolicy, ringTimeout, video, answerOptions, sendJid } = this.needs.settings;
        // Anybody may ask: who names the JID to contacts only does not answer.
        const named = answerOptions && sendJid === 'always' ? formatCallInfo({ jid: this.jid }) : null;
        const config = {
            servers,
            instanceId: this.instanceId,
            iceServers: this.ice.all,
            icePolicy,
            ringTimeout,
            video,
            correlationHeaders: this.needs.settings.correlationHeaders,
            owner: this.owner,
            optionsHeaders: named === null ? [] : [['Call-Info', named] as const],
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
            case 'local':
            case 'remote':
            case 'asked':
            case 'continued':
            case 'mirrored':
                this.switchboard.onEvent(event);
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
        }
    }

    private onRegistration(registration: Registration): void {
        const { telephone } = this.needs;
        const before = telephone.registration.get();
        // It is renewed every few minutes: nothing new for anybody.
        if (JSON.stringify(before) === JSON.stringify(registration)) return;
        telephone.registration.set(registration);
        // What a page before this one left, unless its call goes on; another tab's is not touched.
        if (isRegistered(registration) && !this.calls.list.get().some(isAnswered)) void this.activity.set(null);
        if (problemOf(before) !== problemOf(registration)) telephone.reach.changed();
        this.tellContacts();
    }

    private onCalls(): void {
        const { settings, telephone } = this.needs;
        const own = this.calls.list.get();
        // Not before what it leaves in the history is known.
        if (own.length === 0 && this.over !== null) void Promise.resolve().then(this.over);
        const calls = [...own, ...this.calls.elsewhere.get()];
        for (const { id, state } of telephone.calls.get()) {
            const now = state.name === 'ended' ? undefined : calls.find((call) => call.id === id);
            if (now?.state.name !== 'active' && now?.state.name !== 'interrupted') telephone.setQuality(id, null);
        }
        telephone.calls.set(calls);
        telephone.reach.changed();
        this.presence.update();
        const active = own.find(isAnswered);
        this.keepAwake(active !== undefined);
        if (settings.activity) void this.activity.set(active ? (active.video ? 'video' : 'audio') : null);
    }

    /** The own address of record, and the one of this very device; null while not registered. */
    private address(): { readonly aor: string; readonly target: string } | null {
        const state = this.needs.telephone.registration.get();
        return isRegistered(state) ? { aor: state.aor, target: state.gruu ?? state.aor } : null;
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
        else if (isRegistered(state)) void this.publication.want(state.aor);
    }

    private availability(): OwnAvailability {
        const { doNotRing, registration, shared, video } = this.needs.telephone;
        const state = registration.get();
        if (!shared.get().presence) return null;
        if (!isRegistered(state) || doNotRing.get()) return { availability: 'closed', uris: [], video: null };
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

    /**
     * The page goes. Its calls go on in the next one, or in another tab; those that nobody has answered end. One that rings
     * goes on ringing on other devices.
     */
    private leavePage(): void {
        saveBook(this);
        for (const call of this.calls.list.get())
            if (call.state.name !== 'incoming' && !isAnswered(call)) this.calls.hangUp(call.id);
        keepUnwritten(this.jid, [...this.unwritten]);
    }

    /** A call is over: its entry goes to the person it was with. Who only claims to be somebody gets into no conversation. */
    private ended(call: Call): void {
        const logged = loggedCall(call, this.switchboard.correlation.announcementOf(call.id));
        const { jid, level } = call.identity;
        const named = jid !== null && level !== 'claimed';
        if (logged === null) return;
        // A stranger's call opens no conversation, unless the person took it.
        const { chatboxes } = this.needs.host._converse.state;
        const talks = named && (this.contacts.isContact(jid) || logged.answeredAt !== null || chatboxes?.get(jid));
        const few =
            logged.answeredAt !== null || logged.direction === 'outgoing' || this.mayLog(jid ?? '', logged.endedAt);
        if (talks && few && (this.over !== null || this.contacts.canTalk(jid))) this.write({ jid, call: logged });
        else this.otherCalls.add(logged);
    }

    private write(entry: Entry): void {
        if (this.over !== null) {
            this.later.push(entry);
            return;
        }
        this.unwritten.add(entry);
        const written = this.needs.textsReady
            .then(() => this.log.write(entry))
            .catch((error: unknown) => notice('SIP-005', `call log: ${String(error)}`))
            .finally(() => {
                this.writing.delete(written);
                this.unwritten.delete(entry);
            });
        this.writing.add(written);
    }

    private async loadPhonebook(url: URL): Promise<void> {
        const { entries, problem } = await fetchPhonebook(url);
        if (problem !== null) notice('SIP-203', problem);
        const { clock, telephone } = this.needs;
        if (!this.stopped) addPhonebook(this.book, telephone.names, entries, clock.now());
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
