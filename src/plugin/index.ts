/**
 * The plugin object, and all it registers with Converse. The only file that knows all the others: small itself, it loads the
 * session when somebody logs in, hands hooks and events to it, and ends it.
 */
import { loadLocale } from '../i18n/index.js';
import { announce, createApi } from './api.js';
import { systemClock, type Clock } from './clock.js';
import { ignoreCallsElsewhere } from './calls-elsewhere.js';
import { onCallButton, onCommand } from './commands.js';
import {
    guard,
    listen,
    PRIVATE_CHAT,
    type ChatBox,
    type ConverseEnv,
    type ConverseGlobal,
    type ConversePlugin,
    type Host,
    type StanzaBuilder,
} from './converse.js';
import { whenRegistered } from './first-presence.js';
import { bareJid } from './jid.js';
import { hasKeptCalls } from './kept-calls.js';
import { notice } from './notices.js';
import { setCurrentPhone } from './phone.js';
import type { Session, SessionNeeds } from './session.js';
import { DEFAULTS, describeProblems, readSettings, type Settings } from './settings.js';
import { PROFILE, REACH } from './stanzas/namespaces.js';
import { Telephone } from './telephone.js';
import type { Bundle } from './view.js';

/** The one major version of Converse that this is built for. */
const SUPPORTED = 14;

const FEATURES = [
    PROFILE,
    REACH,
    `${REACH}+notify`,
    'urn:xmpp:call-invites:0',
    'http://jabber.org/protocol/shim',
    'http://jabber.org/protocol/shim#Call-ID',
];

/** Stanzas that come before the session is loaded wait for it; this many at most. */
const MAX_WAITING = 5_000;

/** How long until a part that could not be loaded is asked for again (ms). */
const RELOAD_AFTER = 15_000;

/** What specs put in the place of the real thing. */
export interface PluginOptions extends Pick<SessionNeeds, 'createSidecar'> {
    readonly clock?: Clock;
}

/** The settings the site gave to `converse.initialize()`: Converse hands out only those it knows. */
let given: readonly string[] = [];

/** Makes the plugin. */
export function createPlugin(bundle: Bundle, env: ConverseEnv, options: PluginOptions = {}): ConversePlugin {
    let end: (() => void) | null = null;
    return {
        initialize: guard('initialize', function (this: ConversePlugin) {
            // A second converse.initialize() in one page: everything is built anew.
            end?.();
            end = null;
            const { _converse } = this;
            if (_converse === undefined) return;
            const { api } = _converse;
            delete api.sip;
            setCurrentPhone(null);
            api.settings.extend(structuredClone(DEFAULTS));
            const { settings, problems } = readSettings((name) => api.settings.get(name), given);
            const wrong = describeProblems(problems);
            if (wrong !== null) notice('SIP-002', wrong);
            if (!canRun(env, settings)) return;
            end = run({ _converse, api, env }, settings, bundle, options);
        }),
    };
}

/** Whether there is anything to do; says once why not. */
function canRun(env: ConverseEnv, settings: Settings): boolean {
    if (!settings.configured) notice('SIP-001');
    else if (Number(/^v?(\d+)\./u.exec(env.VERSION_NAME)?.[1]) !== SUPPORTED) notice('SIP-003', env.VERSION_NAME);
    else if (typeof RTCPeerConnection === 'undefined') notice('SIP-004');
    else return true;
    return false;
}

/** Puts the plugin to work until the function that comes back is called. */
function run(host: Host, settings: Settings, { view, loadSession }: Bundle, options: PluginOptions): () => void {
    const { api, env } = host;
    const { clock = systemClock, createSidecar } = options;
    const telephone = new Telephone(host, settings);
    const waits = settings.waitForRegistration && settings.autoRegister && settings.servers.length > 0;
    let textsReady: Promise<unknown> | undefined;
    const logins = new Logins(
        host,
        clock,
        async () => {
            textsReady ??= loadTexts(env);
            const { Session } = await loadSession();
            return new Session({
                host,
                settings,
                telephone,
                clock,
                textsReady,
                ...(createSidecar && { createSidecar }),
            });
        },
        waits ? () => whenRegistered(telephone.registration, clock) : () => Promise.resolve(),
    );
    const jidOf = (chat: ChatBox): string | null =>
        chat.get('type') === PRIVATE_CHAT ? bareJid(chat.get('jid')) : null;
    const ends: (() => void)[] = [
        announce(telephone, (name, payload) => api.trigger(name, payload)),
        () => void logins.end(),
        () => setCurrentPhone(null),
    ];
    api.sip = createApi(telephone);
    setCurrentPhone(telephone);
    guard('components', () => view?.install(telephone, host))();

    listen(api, {
        addClientFeatures: () => {
            for (const feature of FEATURES) api.disco.own.features.add(feature);
        },
        connected: () => logins.connected(),
        reconnected: () => logins.reconnected(),
        rosterContactsFetched: () => {
            const { roster } = host._converse.state;
            if (roster) ignoreCallsElsewhere(roster);
            logins.rosterReady();
        },
        blocklistInitialized: () => logins.current?.blocklistReady(),
        beforeLogout: () => logins.end(),
        clearSession: () => logins.clear(),
        cleanup: () => ends.splice(0).forEach((each) => each()),
        constructedPresence: async (_context, stanza) => {
            const presence = stanza.tree();
            if (presence.hasAttribute('to') || presence.hasAttribute('type')) return stanza;
            await logins.mayBePresent;
            logins.onOwnPresence(stanza);
            return stanza;
        },
        getOutgoingMessageAttributes: (chat, attributes) => {
            const jid = jidOf(chat);
            return jid === null ? attributes : { ...attributes, ...logins.current?.messages.outgoing(jid) };
        },
        createMessageStanza: (chat, data) => {
            const jid = jidOf(chat);
            if (jid !== null) logins.current?.messages.complete(jid, data.message, data.stanza);
            return data;
        },
        parseMessage: (message, attributes) => {
            const { contact_jid: jid, sender, is_archived: archived, is_delayed: delayed } = attributes;
            if (sender !== 'them' || archived || delayed || jid === undefined) return attributes;
            const call = logins.current?.messages.callOf(jid.toLowerCase(), message) ?? null;
            return call === null ? attributes : { ...attributes, sip_call_id: call };
        },
        'will-reconnect': () => telephone.chatConnected.set(false),
        chatBoxViewInitialized: ({ model }) => {
            if (model.get('type') === PRIVATE_CHAT) logins.current?.chatOpened(String(model.get('jid')));
        },
        parseMessageForCommands: ({ model, text }, handled) => handled || onCommand(api, telephone, model, text),
        callButtonClicked: ({ model }) => onCallButton(api, telephone, model),
    });
    // It goes on sooner where what it needs is there.
    if (hasKeptCalls())
        void loadSession().then(
            ({ Session }) => Session.preload(),
            () => undefined,
        );
    return () => ends.splice(0).forEach((each) => each());
}

/** The texts in Converse's language; English where they cannot be had. */
async function loadTexts(env: ConverseEnv): Promise<void> {
    const locale = env.i18n?.getLocale() ?? navigator.language;
    try {
        await loadLocale(locale);
    } catch {
        notice('SIP-301', `texts for ${locale}`);
        await loadLocale('en').catch(() => undefined);
    }
}

/** From login to logout, again and again: loads the session, and keeps for it what comes before it is there. */
class Logins {
    current: Session | null = null;
    /** The one that was there before logout, which may have to forget what it kept. */
    private last: Session | null = null;
    /** Until then contacts are not told that the person is there. */
    mayBePresent: Promise<void> = Promise.resolve();
    private login: { readonly waiting: Element[]; rosterReady: boolean; presenceWas: boolean } | null = null;

    constructor(
        private readonly host: Host,
        private readonly clock: Clock,
        private readonly load: () => Promise<Session>,
        /** `sip_wait_for_registration` */
        private readonly registered: () => Promise<void>,
    ) {}

    async connected(): Promise<void> {
        const { current, host } = this;
        if (this.login === null && current?.jid === bareJid(host._converse.session.get('bare_jid'))) {
            // The same person is back, and a call has gone on.
            this.login = { waiting: [], rosterReady: false, presenceWas: false };
            await this.reconnected();
            return;
        }
        await this.end();
        const login = { waiting: [] as Element[], rosterReady: false, presenceWas: false };
        this.login = login;
        this.mayBePresent = this.registered();
        this.listen();
        const resumed = this.resumed;
        const session = await this.loadFor(login);
        if (session === null) return;
        this.current = this.last = session;
        for (const stanza of login.waiting.splice(0)) session.onStanza(stanza);
        await session.start(resumed, login.presenceWas);
        if (login.rosterReady) session.rosterReady();
    }

    /** Tries until it is there or the person is gone; null then. */
    private async loadFor(login: unknown): Promise<Session | null> {
        for (let attempt = 1; this.login === login; attempt++) {
            try {
                const session = await this.load();
                if (this.login === login) return session;
            } catch {
                if (attempt === 1) notice('SIP-301', 'session');
                await new Promise<void>((resolve) => this.clock.after(RELOAD_AFTER, resolve));
            }
        }
        return null;
    }

    async reconnected(): Promise<void> {
        // An anonymous login is another one after each reconnection, and Converse says only this.
        if (this.login === null) {
            await this.connected();
            return;
        }
        // Handlers are gone with the old stream.
        this.listen();
        this.current?.streamStarted(this.resumed);
    }

    rosterReady(): void {
        if (this.login) this.login.rosterReady = true;
        this.current?.rosterReady();
    }

    onOwnPresence(stanza: StanzaBuilder): void {
        if (this.current) this.current.addPresence(stanza);
        else if (this.login) this.login.presenceWas = true;
    }

    async end(): Promise<void> {
        const { current } = this;
        this.current = null;
        this.login = null;
        await current?.stop();
    }

    /**
     * Chat is over, and a device that keeps nothing forgets. Where Converse gave up and nobody logged out, a call goes on,
     * until it ends or somebody else logs in.
     */
    async clear(): Promise<void> {
        const { current, host, last } = this;
        const forgets = host.env.u.shouldClearCache(host._converse);
        const over = (): void => {
            if (this.login === null && this.current === current) void this.end();
        };
        this.login = null;
        if (current?.outlivesChat(over, !forgets) !== true) {
            this.last = null;
            await this.end();
        }
        if (forgets) await last?.clear();
    }

    private get resumed(): boolean {
        return this.host.api.connection.get().hasResumed();
    }

    private listen(): void {
        const connection = this.host.api.connection.get();
        const take = guard('stanza', (stanza: Element) => {
            if (this.current) this.current.onStanza(stanza);
            else if (this.login && this.login.waiting.length < MAX_WAITING) this.login.waiting.push(stanza);
        });
        const handler = (stanza: Element): boolean => {
            take(stanza);
            return true;
        };
        connection.addHandler(handler, null, 'presence');
        connection.addHandler(handler, null, 'message');
        connection.addHandler(handler, PROFILE, 'iq', 'get');
    }
}

/**
 * Registers the plugin with a Converse, once: a second bundle, or the same one again, does nothing.
 * @param converse the global `converse`, or the default export of `converse.js` or `@converse/headless`
 * @throws TypeError for anything else
 */
export function registerPlugin(converse: unknown, bundle: Bundle): void {
    if (!isConverse(converse)) throw new TypeError('converse-sip: register() wants the global converse');
    try {
        converse.plugins.add('converse-sip', createPlugin(bundle, converse.env));
    } catch (error) {
        if (error instanceof TypeError) return;
        throw error;
    }
    const initialize = converse.initialize.bind(converse);
    converse.initialize = (settings, ...rest) => {
        given = Object.keys(settings);
        return initialize(settings, ...rest);
    };
}

/** Whether that is the global `converse`, and not something else of that name (an element with that id, say). */
function isConverse(candidate: unknown): candidate is ConverseGlobal {
    const { plugins } = (candidate ?? {}) as { plugins?: { add?: unknown } };
    return typeof plugins?.add === 'function';
}

/** Registers with the page's Converse: now, or when it is loaded. */
export function registerWhenThere(bundle: Bundle): void {
    const { converse } = globalThis as { converse?: unknown };
    if (isConverse(converse)) {
        registerPlugin(converse, bundle);
        return;
    }
    addEventListener(
        'converse-loaded',
        (event) => {
            const { detail } = event as CustomEvent<{ converse?: unknown } | null>;
            if (isConverse(detail?.converse)) registerPlugin(detail.converse, bundle);
        },
        { once: true },
    );
}
