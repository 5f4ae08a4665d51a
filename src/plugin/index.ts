/**
 * The plugin object, and all it registers with Converse. The only file that knows all the others: small itself, it loads the
 * session when somebody logs in, hands hooks and events to it, and ends it.
 */
import { announce, createApi } from './api.js';
import { systemClock, type Clock } from './clock.js';
import { ignoreCallsElsewhere } from './calls-elsewhere.js';
import { isCommand } from './command.js';
import { guard, listen, type ConverseEnv, type ConverseGlobal, type ConversePlugin, type Host } from './converse.js';
import { whenRegistered } from './first-presence.js';
import { personOf } from './jid.js';
import { hasKeptCalls } from './kept-calls.js';
import { followLogins } from './logins.js';
import { notice } from './notices.js';
import { setCurrentPhone } from './phone.js';
import type { SessionNeeds } from './session.js';
import { readSettings, type Settings } from './settings.js';
import { PROFILE, REACH } from './stanzas/namespaces.js';
import { Telephone } from './telephone.js';
import type { Bundle } from './view.js';

/** The one major version of Converse that this is built for. */
const SUPPORTED = /^v?14\./u;

const FEATURES = [
    PROFILE,
    REACH,
    `${REACH}+notify`,
    'urn:xmpp:call-invites:0',
    'http://jabber.org/protocol/shim',
    'http://jabber.org/protocol/shim#Call-ID',
];

/** What specs put in the place of the real thing. */
export interface PluginOptions extends Pick<SessionNeeds, 'createSidecar'> {
    readonly clock?: Clock;
}

/** The settings the site gave to `converse.initialize()`: Converse hands out only those it knows. */
let given: readonly string[] = [];

/** Makes the plugin. */
export function createPlugin(bundle: Bundle, env: ConverseEnv, options: PluginOptions = {}): ConversePlugin {
    let end: (() => void) | undefined;
    return {
        initialize: guard('initialize', function (this: ConversePlugin) {
            // A second converse.initialize() in one page: everything is built anew.
            end?.();
            end = undefined;
            const { _converse } = this;
            if (_converse === undefined) return;
            const { api } = _converse;
            delete api.sip;
            const { settings, problems } = readSettings((name, usual) => {
                // Converse changes what it is given.
                api.settings.extend({ [name]: structuredClone(usual) });
                return api.settings.get(name);
            }, given);
            if (problems.length > 0) notice('SIP-002', problems.join('; '));
            if (!settings.configured) notice('SIP-001');
            else if (!SUPPORTED.test(env.VERSION_NAME)) notice('SIP-003', env.VERSION_NAME);
            else if (typeof RTCPeerConnection === 'undefined') notice('SIP-004');
            else end = run({ _converse, api, env }, settings, bundle, options);
        }),
    };
}

/** Puts the plugin to work until the function that comes back is called. */
function run(host: Host, settings: Settings, { view, load }: Bundle, options: PluginOptions): () => void {
    const { api, env } = host;
    const { clock = systemClock } = options;
    const telephone = new Telephone(host, settings);
    const waits = settings.waitForRegistration && settings.autoRegister && settings.servers.length > 0;
    const logins = followLogins(
        host,
        clock,
        async () => {
            const { beginSession, loadTexts } = await load();
            const textsReady = loadTexts(env).catch(() => undefined);
            return beginSession({ host, settings, telephone, textsReady, ...options, clock });
        },
        () => (waits ? whenRegistered(telephone.registration, clock) : undefined),
    );
    const silence = announce(telephone, (name, payload) => api.trigger(name, payload));
    const end = (): void => {
        silence();
        void logins.end();
        setCurrentPhone(null);
    };
    api.sip = createApi(telephone);
    setCurrentPhone(telephone);
    guard('components', () => view?.install(telephone, host))();

    listen(api, {
        addClientFeatures: () => {
            for (const feature of FEATURES) api.disco.own.features.add(feature);
        },
        connected: logins.connected,
        reconnected: logins.reconnected,
        rosterContactsFetched: () => {
            const { roster } = host._converse.state;
            if (roster) ignoreCallsElsewhere(roster);
            logins.rosterReady();
        },
        blocklistInitialized: () => logins.session()?.blocklistReady(),
        beforeLogout: logins.end,
        clearSession: logins.clear,
        cleanup: end,
        constructedPresence: async (_context, stanza) => {
            const presence = stanza.tree();
            if (presence.hasAttribute('to') || presence.hasAttribute('type')) return stanza;
            await logins.mayBePresent();
            logins.onOwnPresence(stanza);
            return stanza;
        },
        getOutgoingMessageAttributes: (chat, attributes) => {
            const jid = personOf(chat);
            return jid === null ? attributes : { ...attributes, ...logins.session()?.messages.outgoing(jid) };
        },
        createMessageStanza: (chat, data) => {
            const jid = personOf(chat);
            if (jid !== null) logins.session()?.messages.complete(jid, data.message, data.stanza);
            return data;
        },
        parseMessage: (message, attributes) => {
            const { contact_jid: jid, sender, is_archived: archived, is_delayed: delayed } = attributes;
            if (sender !== 'them' || archived || delayed || jid === undefined) return attributes;
            const call = logins.session()?.messages.callOf(jid.toLowerCase(), message);
            return call ? { ...attributes, sip_call_id: call } : attributes;
        },
        'will-reconnect': () => telephone.chatConnected.set(false),
        chatBoxViewInitialized: ({ model }) => {
            const jid = personOf(model);
            if (jid !== null) logins.session()?.chatOpened(jid);
        },
        parseMessageForCommands: ({ model, text }, handled) => {
            if (handled || !isCommand(text)) return handled;
            void load().then(
                ({ onCommand }) => onCommand(api, telephone, model, text),
                () => undefined,
            );
            return true;
        },
        callButtonClicked: async ({ model }) => (await load()).onCallButton(api, telephone, model),
    });
    // It goes on sooner where what it needs is there.
    if (hasKeptCalls())
        void load().then(
            ({ preload }) => preload(),
            () => undefined,
        );
    return end;
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
    } catch {
        return; // there is one of that name
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
    const take = (converse: unknown): boolean => {
        const there = isConverse(converse);
        if (there) registerPlugin(converse, bundle);
        return there;
    };
    if (!take((globalThis as { converse?: unknown }).converse))
        addEventListener(
            'converse-loaded',
            (event) => take((event as CustomEvent<{ converse?: unknown } | null>).detail?.converse),
            { once: true },
        );
}
