/**
 * One login: everything that belongs to the person who is in. Loaded and begun when chat is connected, goes on while chat
 * reconnects, and is over at logout. It joins the parts; what each does is in its own file.
 */
import {
    isRegistered,
    isUuid,
    uuid,
    type CallId,
    type DeviceChoice,
    type NoticeCode,
    type Registration,
    type SidecarCommand,
    type SidecarEvent,
    type SidecarPort,
    type SipAccount,
} from '../sip-sidecar/contract/index.js';
import { isLike } from '../sip-sidecar/contract/shape.js';
import { createSidecar } from '../sip-sidecar/index.js';
import { t } from '../i18n/index.js';
import { createAccount } from './account.js';
import { createActivity } from './activity.js';
import { createArrivals } from './arrivals.js';
import { AddressBook, LEARNED } from './address-book/book.js';
import { addPhonebook, fetchPhonebook } from './address-book/phonebook.js';
import { onPresence } from './address-book/presence.js';
import { Published } from './address-book/published.js';
import { dropBook, restoreBook, saveBook } from './address-book/snapshot.js';
import { createCallHistory } from './call-history.js';
import { keepUnwritten, loggedCall, takeUnwritten, writeEntry, type Entry } from './call-log.js';
import type { Clock } from './clock.js';
import { createConnectionTest } from './connection-test.js';
import { createConsent } from './consent.js';
import { ContactAddresses } from './contact-addresses.js';
import { Contacts } from './contacts.js';
import type { Host, StanzaBuilder } from './converse.js';
import { isUndecided } from './first-presence.js';
import { createIceServers } from './ice-servers.js';
import { bareJid, domainOf } from './jid.js';
import { hasKeptCalls } from './kept-calls.js';
import { Messages } from './messages.js';
import { limit } from './limit.js';
import { knownAddresses } from './known-addresses.js';
import { notice } from './notices.js';
import { createOtherCalls } from './other-calls.js';
import { createOwnPresence, keepAwake } from './own-presence.js';
import { isAnswered, type Call, type Shared } from './phone.js';
import { createProbes } from './probes.js';
import { createPlacing } from './placing.js';
import { createPublication } from './publication.js';
import { createReports } from './reports.js';
import type { Advertised, Settings } from './settings.js';
import { buildForOthers } from './stanzas/availability.js';
import { formatCallInfo } from './stanzas/call-info.js';
import { errorConditions } from './stanzas/pubsub.js';
import { Store } from './store.js';
import { suggestAddress } from './stox/addresses.js';
import { createSwitchboard } from './switchboard.js';
import type { Line, Telephone } from './telephone.js';
import { createThreads } from './threads.js';
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

/** What is told of Converse's connection, and asked of the login. */
export interface Session extends Line {
    readonly jid: string;
    readonly messages: Messages;
    /** Begins. @param presenceWas whether a broadcast presence went out before this session was there */
    readonly start: (resumed: boolean, presenceWas: boolean) => Promise<void>;
    /**
     * Chat is over, and nobody logged out.
     * @param over told once there is no call any more
     * @param keeps whether this device may keep what happens until then
     * @returns false where there is none now
     */
    readonly outlivesChat: (over: () => void, keeps: boolean) => boolean;
    /** Chat is connected again. Calls and the registration are not touched. */
    readonly streamStarted: (resumed: boolean) => void;
    /** The roster is there (again). */
    readonly rosterReady: () => void;
    /** The block list is there (again). */
    readonly blocklistReady: () => void;
    /** Takes in every presence and message, and the questions about calls. */
    readonly onStanza: (stanza: Element) => void;
    /** A conversation was opened: where can that person be called? */
    readonly chatOpened: (jid: string) => void;
    /** Adds the own availability to a broadcast presence that is being built. */
    readonly addPresence: (stanza: StanzaBuilder) => void;
    /**
     * Ends every call, unregisters and forgets.
     * @returns once the history of the calls is written
     */
    readonly stop: () => Promise<void>;
    /** Forgets what was kept between pages: this device keeps nothing. */
    readonly clear: () => Promise<void>;
}

/** One login: what its parts need of each other, and of the page, they find here. */
export function beginSession({
    host,
    settings,
    telephone,
    clock: pageClock,
    textsReady,
    createSidecar: create = createSidecar,
}: SessionNeeds): Session {
    const { _converse: converse, api } = host;
    const { checks, deviceChoice, doNotRing, reach, shared } = telephone;
    const jid = bareJid(converse.session.get('bare_jid')) ?? '';
    const sipDomain = settings.domain ?? domainOf(jid);
    const trustedDomains = settings.trustedDomains ?? [sipDomain];
    const store = new Store(converse, jid);
    const sidecar = create();
    /** Entries of one person in an hour: whoever uses a contact's address must not fill that history. */
    const mayLog = limit(20, 3_600_000);
    /** What ends with the session: subscriptions, and what waits. */
    const ends = new Set<() => void>();
    /** What is not yet in the history; with what is being written. */
    const unwritten = new Map<Entry, Promise<void> | null>();
    const openChats = new Set<string>();
    /** Empty until what was kept is read: before, a change would be kept in the place of it. */
    let instanceId = '';
    let wasResumed = false;
    let stopped = false;
    /** Chat is over, only a call goes on: told when that is over, too. */
    let over: (() => void) | null = null;
    let keeps = true;

    /** The page's, but what still waits when the session is over never happens. */
    const clock: Clock = {
        ...pageClock,
        after: (delay, task) => {
            const callOff = pageClock.after(delay, () => {
                end();
                task();
            });
            const end = (): void => {
                ends.delete(end);
                callOff();
            };
            ends.add(end);
            if (stopped) end();
            return end;
        },
    };
    const now = (): number => clock.now();

    // What its parts need

    function command(what: SidecarCommand): void {
        if (!stopped) sidecar.send(what);
    }

    const sendIQ = async (iq: Element): Promise<Element> => {
        if (over !== null) throw new Error('over');
        return api.sendIQ(iq);
    };

    const supports = async (feature: string, entity: string): Promise<boolean> => api.disco.supports(feature, entity);

    const isContact = (who: string): boolean => contacts.isContact(who);

    /** The own address of record, and the one of this very device; null while not registered. */
    const own = (): { readonly aor: string; readonly target: string } | null => {
        const state = telephone.registration.get();
        return isRegistered(state) ? { aor: state.aor, target: state.gruu ?? state.aor } : null;
    };

    const book: AddressBook = new AddressBook(
        (who) => {
            reach.changed(who);
            calls.identify();
        },
        {
            isHidden: (who, source, uri) => addresses.isHidden(who, source, uri),
            threadOf: (who) => threads.current(who),
            listed: knownAddresses(() => book.aors, clock, command),
        },
    );
    const threads = createThreads(store, (who) => reach.changed(who));
    const needs = {
        host,
        converse,
        settings,
        telephone,
        clock,
        jid,
        sipDomain,
        trustedDomains,
        store,
        book,
        threads,
        mayLog,
        now,
        command,
        sendIQ,
        supports,
        isContact,
        own,
        ended,
        write,
        connect,
        onRegistration,

        send(stanza: Element): void {
            // The stream may be somebody else's by now.
            if (over === null) api.send(stanza);
        },

        /** Something could not be had of the server. @param why the error that came, or a text, for an administrator */
        failed(code: NoticeCode, why: unknown): void {
            const text = typeof why === 'string' ? why : errorConditions(why).join(', ');
            if (!stopped) notice(code, text || 'no answer');
        },

        /** More is known: who calls may be known now. */
        changed: (): void => calls.identify(),

        /** Somebody is a contact no more, or is blocked: nothing they said counts. */
        gone(who: string): void {
            book.forget(LEARNED, who);
            published.forget(who);
            messages.forget(who);
            if (!converse.state.roster?.get(who) && !contacts.isBlocked(who)) addresses.forget(who);
        },
    };
    const contacts = new Contacts(needs);
    const addresses = new ContactAddresses(needs);
    const published = new Published(needs);
    const saved = { book, published, jid };
    const consent = createConsent(store, [sipDomain, ...trustedDomains]);
    const switchboard = createSwitchboard({ ...needs, contacts });
    const { announcements, calls, correlation, verification } = switchboard;
    const placing = createPlacing({ ...needs, contacts, consent, published, switchboard });
    const history = createCallHistory({ ...needs, contacts, correlation });
    const arrivals = createArrivals({
        jid,
        onPresence: (who, resource, presence) => {
            if (isContact(who)) onPresence(book, who, resource, presence, now());
        },
        onPublished: (who, message) => {
            if (who === jid) publication.onOwnEvent(message);
            else if (isContact(who)) published.onEvent(who, message);
        },
        onMessage: (delivery) => {
            messages.onMessage(delivery);
            announcements.onMessage(delivery);
            history.onMessage(delivery);
        },
        onVerify: (iq) => verification.onQuestion(iq),
    });
    const account = createAccount(needs);
    const ice = createIceServers(needs);
    const publication = createPublication(needs);
    const activity = createActivity(needs);
    const probes = createProbes(command, sipDomain);
    const reports = createReports(command, clock);
    const otherCalls = createOtherCalls(store, telephone.otherCalls);
    const connectionTest = createConnectionTest({
        checks,
        clock,
        send: command,
        visible: () => addressVisible({ ...needs, aor: own()?.aor ?? null, shared: shared.get() }),
    });
    const messages = new Messages({
        threads,
        book,
        now,
        isContact,
        own: () => {
            const address = own();
            return address && { uri: address.target, video: telephone.video };
        },
        shares: () => shared.get().message,
        mayTell: (who) => contacts.seesUs(who),
        resources: (who) => contacts.resources(who),
        liveCall: (who) => correlation.liveCall(who),
        byCallId: (who, sipCallId) => correlation.byCallId(who, sipCallId),
    });
    const presence = createOwnPresence({
        clock,
        current: () => {
            const address = own();
            if (!shared.get().presence) return null;
            if (!address || doNotRing.get()) return { availability: 'closed', uris: [], video: null };
            const availability = answered() ? 'on-the-phone' : 'open';
            return { availability, uris: [address.aor], video: telephone.video };
        },
        mayReturn: () => !doNotRing.get() && isUndecided(telephone.registration.get()),
        forOthers: () => buildForOthers(settings.presenceOnCall, t('onThePhone')),
        // One more broadcast, with the person's show and status as they are.
        send: async () => {
            const { profile } = converse.state;
            if (!profile || !api.connection.connected()) return;
            // Not `api.user.presence.send`: that one tells every room, too, and rooms hear nothing of this.
            api.send((await profile.constructPresence({ show: profile.get('show') })).tree());
        },
    });
    const awake = keepAwake(clock, () => api.user.idle.set({ seconds: 0 }));

    /** An anonymous person has another JID on the next page. */
    const owner = (): string => (api.settings.get('authentication') === 'anonymous' ? '' : jid);

    /** Registers with this account, or goes on with it where it is the same person. */
    function connect(used: SipAccount): void {
        const { servers, icePolicy, ringTimeout, video, answerOptions, sendJid, correlationHeaders } = settings;
        // Anybody may ask: who names the JID to contacts only does not answer.
        const named = answerOptions && sendJid === 'always' && formatCallInfo({ jid });
        const config = {
            servers,
            instanceId,
            iceServers: ice.all,
            icePolicy,
            ringTimeout,
            video,
            correlationHeaders,
            owner: owner(),
            optionsHeaders: named ? [['Call-Info', named] as const] : [],
        };
        command({ type: 'connect', config, account: used });
    }

    function onEvent(event: SidecarEvent): void {
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
                probes.onProbed(event);
                break;
            case 'quality':
                telephone.setQuality(event.callId, event.quality);
                break;
            case 'tested':
                connectionTest.onTested(event.check);
                break;
            case 'report':
                reports.onReport(event.text);
                break;
            case 'notice':
                notice(event.code, event.detail);
                break;
            default:
                account.handle(event);
                switchboard.onEvent(event);
        }
    }

    function onRegistration(registration: Registration): void {
        const before = telephone.registration.get();
        // It is renewed every few minutes: nothing new for anybody.
        if (JSON.stringify(before) === JSON.stringify(registration)) return;
        telephone.registration.set(registration);
        // What a page before this one left, unless its call goes on; another tab's is not touched.
        if (isRegistered(registration) && !answered()) void activity(null);
        reach.changed();
        tellContacts();
    }

    function onCalls(): void {
        const call = answered();
        const here = calls.list.get();
        // Not before what it leaves in the history is known.
        if (here.length === 0 && over) queueMicrotask(over);
        const all = calls.all();
        for (const { id } of telephone.calls.get()) {
            if (!all.some((each) => each.id === id && isAnswered(each))) telephone.setQuality(id, null);
        }
        telephone.calls.set(all);
        reach.changed();
        presence.update();
        awake(call !== undefined);
        if (settings.activity) void activity(call ? (call.video ? 'video' : 'audio') : null);
    }

    /** The call that the person is in. */
    const answered = (): Call | undefined => calls.list.get().find(isAnswered);

    function setShared(on: boolean, more: Partial<Shared> = {}): void {
        const shares = (where: Advertised): boolean => on && settings.advertise.includes(where);
        shared.set({
            ...shared.get(),
            ...more,
            presence: shares('presence'),
            pep: shares('pep'),
            message: shares('message'),
        });
        tellContacts();
    }

    /** Brings what contacts are told up to date: presence at once, the published address where it is known. */
    function tellContacts(): void {
        const address = own();
        presence.update();
        if (!shared.get().pep) void publication.want(null);
        else if (address) void publication.want(address.aor);
    }

    function setOver(told: (() => void) | null, may: boolean): void {
        over = told;
        keeps = may;
        // Whoever logs in now has another one.
        store.mayKeep = told === null;
        telephone.chatConnected.set(told === null);
    }

    function keep(): void {
        if (keeps) keepUnwritten(jid, [...unwritten.keys()]);
    }

    /** A call is over: its entry goes to the person it was with. Who only claims to be somebody gets into no conversation. */
    function ended(call: Call): void {
        const logged = loggedCall(call, correlation.announcementOf(call.id));
        const { jid: whose, level } = call.identity;
        // A stranger's call opens no conversation, unless the person took it.
        const taken = logged.answeredAt !== null;
        const talks = whose !== null && (taken || isContact(whose) || converse.state.chatboxes?.get(whose));
        const few = taken || logged.direction === 'outgoing' || mayLog(whose ?? '', logged.endedAt);
        if (level !== 'claimed' && talks && few && (over ?? contacts.canTalk(whose)))
            write({ jid: whose, call: logged });
        else otherCalls.add(logged);
    }

    /** Writes an entry into the history, once chat is there for it. */
    function write(entry: Entry): void {
        const written = async (): Promise<void> => {
            try {
                await textsReady;
                await writeEntry(api, entry);
            } catch (error) {
                notice('SIP-005', String(error));
            }
            unwritten.delete(entry);
        };
        unwritten.set(entry, over ? null : written());
    }

    async function loadPhonebook(): Promise<void> {
        const { phonebook } = settings;
        const { entries, problem } =
            phonebook instanceof URL ? await fetchPhonebook(phonebook) : { entries: phonebook, problem: null };
        if (problem !== null) notice('SIP-203', problem);
        if (!stopped) addPhonebook(book, telephone.names, entries, now());
    }

    function chatOpened(who: string): void {
        const bare = bareJid(who);
        if (bare === null) return;
        if (arrivals.early()) openChats.add(bare);
        else if (isContact(bare)) void published.ask(bare);
    }

    function chooseDevices(choice: Partial<DeviceChoice>): void {
        const chosen = { ...deviceChoice.get(), ...choice };
        deviceChoice.set(chosen);
        command({ type: 'devices', choice: chosen });
        void store.set('devices', chosen);
    }

    function chat(callId: CallId): void {
        const whose = calls.find(callId)?.identity.jid;
        // In the conversation with somebody who is no contact Converse offers to add them.
        if (whose) telephone.openChat(whose);
    }

    const register = (): void => void account.start();
    const hangUp = (callId: CallId): void => calls.command({ type: 'hang-up', callId });

    const session: Session = {
        jid,
        messages,

        // Its life

        async start(resumed, presenceWas) {
            wasResumed = resumed;
            void loadPhonebook();
            const parts = [otherCalls, consent, threads, contacts, verification, addresses];
            const kept = ['share', 'devices', 'instance', 'noticed', 'do-not-ring'] as const;
            const [share, choice, instance, noticed, silent] = await Promise.all([
                ...kept.map((name) => store.get(name)),
                ...parts.map((part) => part.load()),
            ]);
            if (stopped) return;
            instanceId = isUuid(instance) ? instance : uuid();
            void store.set('instance', instanceId);
            // The page goes. Its calls go on in the next one, or in another tab; those that nobody has answered end. One that
            // rings goes on ringing on other devices.
            const leave = (): void => {
                saveBook(saved);
                for (const call of calls.list.get())
                    if (call.state.name !== 'incoming' && !isAnswered(call)) hangUp(call.id);
                keep();
            };
            addEventListener('pagehide', leave);
            ends.add(() => removeEventListener('pagehide', leave))
                .add(sidecar.subscribe(onEvent))
                .add(calls.list.subscribe(onCalls))
                .add(calls.elsewhere.subscribe(onCalls));
            if (presenceWas) presence.went();
            // On a new stream Converse's first one may have gone out by now: what it said is known then.
            else if (resumed) presence.onStream(true);
            doNotRing.set(silent === true);
            setShared(share !== false, { jid: settings.sendJid, noticed: noticed === true });
            telephone.attach(session);
            telephone.chatConnected.set(true);
            takeUnwritten(jid).forEach(write);
            if (isLike(choice, deviceChoice.get())) chooseDevices(choice);
            if (settings.servers.length === 0) {
                onRegistration({ state: 'refused', refusal: 'bad-server', status: null });
            } else if (hasKeptCalls(owner()) || settings.autoRegister) {
                register();
            }
            void ice.refresh();
        },

        outlivesChat(told, may) {
            if (calls.list.get().length === 0) return false;
            setOver(told, may);
            contacts.stop();
            return true;
        },

        streamStarted(resumed) {
            setOver(null, true);
            if (!resumed) {
                book.forget(['presence', 'message']);
                messages.onStream();
            }
            presence.onStream(resumed);
            publication.again();
            if (!arrivals.early()) void history.catchUp();
            void ice.refresh();
        },

        rosterReady() {
            if (!instanceId || !converse.state.roster) return;
            contacts.watch();
            for (const [entry, written] of unwritten) if (!written) write(entry);
            if (!arrivals.early()) return;
            restoreBook(saved, isContact, wasResumed, now());
            dropBook();
            arrivals.open();
            void history.catchUp();
            openChats.forEach(chatOpened);
            openChats.clear();
        },

        blocklistReady() {
            if (instanceId) contacts.watch();
        },

        onStanza: arrivals.take,
        chatOpened,
        addPresence: presence.addTo,

        async stop() {
            if (stopped) return;
            calls.endAll();
            stopped = true;
            for (const end of ends) end();
            contacts.stop();
            probes.stop();
            reports.onReport('');
            publication.stop();
            history.stop();
            account.end();
            sidecar.send({ type: 'disconnect' });
            sidecar.dispose();
            telephone.attach(null);
            dropBook();
            if (over === null) await Promise.all([...unwritten.values(), activity(null)]);
            else keep();
        },

        clear: () => store.clear(),

        // What the telephone asks for

        register,
        reach: placing.reach,
        whoIs: (address) => book.whoIs(address).jid,
        call: placing.call,

        answer(callId, options) {
            switchboard.answer(callId, options.video && settings.video, options.listenOnly === true);
            // It goes on in the conversation that it came from.
            if (calls.find(callId)?.thread) chat(callId);
        },

        decline: calls.decline,
        hangUp,
        hold: (callId, on) => calls.command({ type: 'hold', callId, on }),
        mute: (callId, on) => calls.command({ type: 'mute', callId, on }),
        camera: (callId, on) => calls.command({ type: 'camera', callId, on: on && settings.video }),
        screen: (callId, on) => calls.command({ type: 'screen', callId, on: on && settings.video }),
        reply: (callId, accept) => calls.command({ type: 'reply', callId, accept }),
        doubt: (address) => consent.question(address, null, 'message'),
        sendDigits: calls.sendDigits,
        dismiss: calls.dismiss,
        media: (callId) => sidecar.media(callId),
        chooseDevices,

        preview(devices) {
            telephone.previewProblem.set(null);
            command({ type: 'preview', ...devices });
        },

        test: connectionTest.start,
        report: () => reports.ask(checks.get()),
        signIn: account.signIn,
        signOut: () => void account.signOut(),

        share(on) {
            setShared(on);
            void store.set('share', on);
        },

        noticed() {
            shared.set({ ...shared.get(), noticed: true });
            void store.set('noticed', true);
        },

        forgetOtherCalls: () => otherCalls.set([]),

        setDoNotRing(on) {
            doNotRing.set(on);
            void store.set('do-not-ring', on);
            tellContacts();
        },

        addAddress: (who, text) => Promise.resolve(addresses.add(who, text)),
        removeAddress: (who, uri) => addresses.remove(who, uri),
        preferAddress: (who, uri) => addresses.prefer(who, uri),

        suggestion: (who) => settings.addressRule && suggestAddress(settings.addressRule, who),

        probe: probes.ask,
        chat,
    };
    return session;
}
