/**
 * The part of Converse 14 that this plugin uses, typed. Converse's own declarations leave the API, the state and every hook
 * as `any`; nothing of Converse is imported, because that would bundle a second core.
 *
 * Signatures of hooks and events: Converse 14.0.0, `src/headless` and `src/plugins`.
 */
import { notice } from './notices.js';

/** A Strophe builder or stanza: what hooks hand out. */
export interface StanzaBuilder {
    /** The element that is being built. */
    tree(): Element;
    /** Goes back to the top, whatever other listeners did. */
    root(): StanzaBuilder;
    /** Appends a copy of the element and goes down to it. */
    cnode(element: Element): StanzaBuilder;
    up(): StanzaBuilder;
}

/** A model of Skeletor (Backbone's successor). */
export interface Model {
    readonly id?: string;
    get(attribute: string): unknown;
    set(attributes: Readonly<Record<string, unknown>>): void;
    save(attributes: Readonly<Record<string, unknown>>): void;
    on(event: string, listener: (...parameters: never[]) => void, context?: unknown): void;
    off(event?: string | null, listener?: ((...parameters: never[]) => void) | null, context?: unknown): void;
}

/** A collection of models. */
export interface Collection<M extends Model> {
    readonly models: readonly M[];
    readonly length: number;
    get(id: string): M | undefined;
    on(event: string, listener: (...parameters: never[]) => void, context?: unknown): void;
    off(event?: string | null, listener?: ((...parameters: never[]) => void) | null, context?: unknown): void;
}

/** A contact in the roster. Attributes: `jid`, `subscription` (`none`, `to`, `from`, `both`), `nickname`. */
export interface RosterContact extends Model {
    getDisplayName(): string;
    /** With the devices that are there, each by its resource. */
    readonly presence?: { getStatus(): string; readonly resources?: Collection<Model> } | undefined;
}

/** The contacts. */
export interface Roster extends Collection<RosterContact> {
    /** Takes in what another device of this person broadcasts. */
    handleOwnPresence?(presence: Element): unknown;
}

/** The own profile. Attributes: `show`, `status_message`. */
export interface Profile extends Model {
    /** Builds a presence and runs the hook `constructedPresence` on it. */
    constructPresence(attributes: { show?: unknown; status?: unknown }): Promise<StanzaBuilder>;
}

/** A message in a chat. */
export type Message = Model;

/** What a message model is made of. `sip_call_id` is of ours: the call that the message belongs to. */
export interface MessageAttributes {
    /** The bare JID of the other side, and who wrote: `me` or `them`; of messages that come. */
    readonly contact_jid?: string;
    readonly sender?: string;
    readonly is_archived?: boolean;
    readonly is_delayed?: boolean;
    readonly thread?: string | null;
    readonly sip_call_id?: string;
}

/** A conversation. Attributes: `jid`, `type` (`chatbox` for one with a person), `hidden`. */
export interface ChatBox extends Model {
    readonly messages: Collection<Message> & { readonly fetched?: Promise<unknown> };
    createMessage(attributes: Readonly<Record<string, unknown>>): Promise<Message | undefined>;
    incrementUnreadMsgsCounter(message: Message): void;
    /** Whether nobody looks at this conversation now. */
    isHidden(): boolean;
    getDisplayName(): string;
}

/** The text of a message, or a part of it, while Converse makes links of what it knows. */
export interface MessageText {
    /** What was found in it so far, by indexes into the text. */
    readonly references: readonly { readonly begin: number; readonly end: number }[];
    toString(): string;
    /** Puts lit's template in the place of a part. */
    addTemplateResult(begin: number, end: number, template: unknown): void;
}

/** One of Converse's key-value stores (localForage). */
export interface Storage {
    getItem(key: string): Promise<unknown>;
    setItem(key: string, value: unknown): Promise<unknown>;
    removeItem(key: string): Promise<unknown>;
    keys(): Promise<readonly string[]>;
}

/** The private object that Converse hands to plugins. */
export interface Converse {
    readonly api: ConverseApi;
    readonly session: Model;
    readonly state: {
        /** Attributes: `trusted`, whether the person said that this device may keep things. */
        readonly config: Model;
        readonly roster?: Roster;
        readonly profile?: Profile;
        readonly chatboxes?: Collection<ChatBox>;
        /** By JID; there where the server has a block list. */
        readonly blocklist?: Collection<Model>;
    };
    /** `persistent` belongs to the JID that is logged in; there from `userSessionInitialized` on. */
    readonly storage: { readonly session?: Storage; readonly persistent?: Storage };
    /** Classes by name (`CustomElement`, `ChatBox`, …). */
    readonly exports: Readonly<Record<string, unknown>>;
}

/** The hooks that are used, with what they carry. Listeners have to return the data. */
export interface Hooks {
    constructedPresence: { context: null; data: StanzaBuilder };
    getOutgoingMessageAttributes: { context: ChatBox; data: MessageAttributes };
    createMessageStanza: { context: ChatBox; data: { readonly message: Message; readonly stanza: StanzaBuilder } };
    parseMessage: { context: Element; data: MessageAttributes };
    parseMessageForCommands: { context: { readonly model: ChatBox; readonly text: string }; data: boolean };
    getHeadingButtons: { context: HTMLElement & { readonly model?: ChatBox }; data: unknown[] };
}

/** The events that are used, with what they carry. */
export interface Events {
    connected: undefined;
    reconnected: undefined;
    'will-reconnect': undefined;
    disconnected: undefined;
    beforeLogout: undefined;
    clearSession: { readonly synchronous: true };
    cleanup: { readonly synchronous: true };
    addClientFeatures: undefined;
    statusInitialized: boolean;
    presencesInitialized: boolean;
    rosterContactsFetched: undefined;
    blocklistInitialized: unknown;
    cachedRoster: undefined;
    chatBoxInitialized: ChatBox;
    chatBoxViewInitialized: HTMLElement & { readonly model: ChatBox };
    chatBoxViewsInitialized: undefined;
    afterMessageBodyTransformed: MessageText;
    initialized: undefined;
    userDetailsModalInitialized: Model;
    callButtonClicked: { readonly model: ChatBox };
}

/** Strophe's connection. */
export interface Connection {
    readonly jid: string;
    addHandler(
        handler: (stanza: Element) => boolean,
        ns: string | null,
        name: string,
        type?: string | null,
        id?: string | null,
        from?: string | null,
    ): unknown;
    deleteHandler(handler: unknown): void;
    /** Whether the stream was resumed (XEP-0198) instead of begun. */
    hasResumed(): boolean;
}

/** `_converse.api`. */
export interface ConverseApi {
    sip?: unknown;
    readonly settings: { get(name: string): unknown; extend(settings: Readonly<Record<string, unknown>>): void };
    readonly listen: {
        on<N extends keyof Hooks>(
            name: N,
            listener: (
                context: Hooks[N]['context'],
                data: Hooks[N]['data'],
            ) => Hooks[N]['data'] | Promise<Hooks[N]['data']>,
        ): void;
        on<N extends keyof Events>(name: N, listener: (payload: Events[N]) => unknown): void;
        not(name: string, listener: (...parameters: never[]) => unknown): void;
    };
    trigger(name: string, payload: unknown): unknown;
    waitUntil(name: string): Promise<unknown>;
    readonly connection: { get(): Connection; connected(): boolean };
    send(stanza: Element): void;
    /** @throws synchronously while disconnected; rejects with the error stanza, or null after a timeout */
    sendIQ(stanza: Element, timeout?: number): Promise<Element>;
    readonly user: {
        jid(): string | null;
        /** How long the person has touched nothing (s), for `auto_away`. */
        readonly idle: { set(status: { readonly seconds: number }): void };
        readonly presence: { send(attributes: { show?: unknown; status?: unknown }): Promise<void> };
    };
    readonly disco: {
        /** Asks the entity unless it is known. */
        supports(feature: string, jid: string): Promise<boolean>;
        readonly own: { readonly features: { add(name: string): void } };
    };
    readonly chats: {
        get(jid: string, attributes?: Readonly<Record<string, unknown>>, create?: boolean): Promise<ChatBox | null>;
        open(jid: string, attributes?: Readonly<Record<string, unknown>>, force?: boolean): Promise<ChatBox | null>;
    };
    readonly contacts: { get(jid: string): Promise<RosterContact | undefined> };
    // Not there in the headless Converse
    readonly elements?: {
        /** Element classes by name, before Converse defines them; an own subclass may be put in. */
        readonly registry: Record<string, CustomElementConstructor>;
        define(name: string, constructor: CustomElementConstructor): void;
    } | null;
    readonly alert?: (type: 'info' | 'warn' | 'error', title: string, messages: readonly string[]) => unknown;
    /** Resolves with the fields and their values; with nothing where the person says no. */
    readonly confirm?: (
        title: string,
        messages?: readonly string[],
        fields?: readonly { readonly name: string; readonly type: string; readonly label: string }[],
    ) => Promise<unknown>;
    /** Not there in Converse 14: calls over XMPP. */
    readonly calls?: { readonly dial?: (jid: string, options: { readonly video: boolean }) => unknown };
    readonly toast?: {
        show(
            name: string,
            toast: { readonly title?: string; readonly body: string; readonly type: 'info' | 'danger' },
        ): void;
    };
    readonly modal?: { show(element: string, properties: Readonly<Record<string, unknown>>, event?: Event): unknown };
}

/** `converse.env`. */
export interface ConverseEnv {
    /** `v14.0.0` */
    readonly VERSION_NAME: string;
    readonly i18n?: { getLocale(): string };
    readonly Model: new (attributes: Readonly<Record<string, unknown>>) => Model;
    readonly u: { shouldClearCache(converse: Converse): boolean };
}

/** The plugin object as Converse wants it. */
export interface ConversePlugin {
    /** Set by Converse before `initialize()`. */
    _converse?: Converse;
    initialize(): void;
}

/** The global `converse`. */
export interface ConverseGlobal {
    readonly plugins: { add(name: string, plugin: ConversePlugin): void };
    readonly env: ConverseEnv;
    initialize(settings: Readonly<Record<string, unknown>>, ...rest: unknown[]): Promise<unknown>;
}

/** All that is needed of Converse, in one hand. */
export interface Host {
    readonly _converse: Converse;
    readonly api: ConverseApi;
    readonly env: ConverseEnv;
}

/** Listeners of hooks and events, by name. */
type Listeners = {
    readonly [N in keyof Hooks]?: (
        context: Hooks[N]['context'],
        data: Hooks[N]['data'],
    ) => Hooks[N]['data'] | Promise<Hooks[N]['data']>;
} & { readonly [N in keyof Events]?: (payload: Events[N]) => unknown };

/** Listens to hooks and events, each through {@link guard}. */
export function listen(api: ConverseApi, listeners: Listeners): void {
    for (const [name, listener] of Object.entries(listeners) as [keyof Events, () => unknown][]) {
        api.listen.on(name, guard(name, listener));
    }
}

/**
 * Wraps a listener of a hook or an event: Converse isolates none, and one that throws would lose messages, presence or
 * buttons. What goes wrong, at once or later, is notice SIP-005, and a hook's data comes back unchanged.
 *
 * @param name what failed, for the notice
 */
export function guard<P extends unknown[], R, T = void>(
    name: string,
    listener: (this: T, ...parameters: P) => R,
): (this: T, ...parameters: P) => R {
    return function (this: T, ...parameters) {
        const failed = (error: unknown): R => {
            notice(
                'SIP-005',
                `${name}: ${error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error'}`,
            );
            return parameters[1] as R;
        };
        try {
            const result = listener.apply(this, parameters);
            return result instanceof Promise ? (result.catch(failed) as R) : result;
        } catch (error) {
            return failed(error);
        }
    };
}
