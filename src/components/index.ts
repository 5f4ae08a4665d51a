/**
 * The components' door: small, because it is loaded with the page. It puts tags into Converse's own places; the elements
 * behind them are chunks that come when somebody is logged in.
 */
import { loadLocale } from '../i18n/index.js';
import { guard, listen, PRIVATE_CHAT, type ChatBox, type Host, type Model } from '../plugin/converse.js';
import { notice } from '../plugin/notices.js';
import type { Phone } from '../plugin/phone.js';
import type { View } from '../plugin/view.js';
import { setCurrentHost } from './shared/host.js';

/** lit's `html`, as Converse shares it. */
type Html = (strings: TemplateStringsArray, ...values: readonly unknown[]) => unknown;

/** What we use of the elements that are extended. */
interface ConverseElement extends HTMLElement {
    readonly model?: Model | null;
    readonly model_with_messages?: ChatBox;
    /** Of the details of a person: which tab is open. */
    readonly tab?: string;
    requestUpdate(): void;
}

type ChatElements = typeof import('./chat/index.js');

/** A first look at a text: whether there may be an address or a number in it. */
const MAY_BE_CALLED = /sips?:|tel:|\+\d/iu;

/** Loads the elements in Converse's own places, their style, and the texts in Converse's language. */
async function load(host: Host): Promise<ChatElements> {
    const [elements] = await Promise.all([
        import(/* webpackChunkName: "sip-ui" */ './logged-in.js'),
        loadLocale(host.env.i18n?.getLocale() ?? 'en').catch(() => loadLocale('en')),
    ]);
    await elements.loadStyle();
    elements.defineChatElements();
    elements.defineCallElements();
    elements.defineSettingsModal(host);
    return elements;
}

export const view: View = {
    install(phone, host) {
        setCurrentHost(host);
        extendElements(host);
        const start = (): void => begin(phone, host);
        listen(host.api, {
            connected: start,
            reconnected: start,
            chatBoxViewInitialized(chat) {
                start();
                mount(chat, chat.model);
            },
            getHeadingButtons(chat, buttons) {
                mount(chat, chat.model);
                return buttons;
            },
            // Converse waits for it with a message's text: only one with an address in it waits for the chunk
            afterMessageBodyTransformed: (text) =>
                MAY_BE_CALLED.test(String(text))
                    ? load(host).then(
                          ({ linkAddresses }) => linkAddresses(text),
                          () => undefined,
                      )
                    : undefined,
        });
    },
};

const begun = new WeakSet<Phone>();

/** Once for every telephone, when somebody is logged in. */
function begin(phone: Phone, host: Host): void {
    if (begun.has(phone)) return;
    begun.add(phone);
    load(host).then(
        ({ showCalls }) => showCalls(phone),
        (error: unknown) => {
            begun.delete(phone); // tried again with the next conversation or connection
            notice('SIP-301', error instanceof Error ? error.message : 'components');
        },
    );
}

/** Puts the buttons into the heading of a conversation, and the banner above its messages. */
function mount(chat: HTMLElement, model: ChatBox | undefined): void {
    const jid = model?.get('jid');
    if (model?.get('type') !== PRIVATE_CHAT || typeof jid !== 'string') return;
    // First children: lit leaves alone what stands before its own, but not what stands behind
    put(chat, '.chat-body', 'converse-sip-banner', jid);
    // The heading may be in the middle of drawing itself
    const heading: (HTMLElement & { updateComplete?: Promise<unknown> }) | null =
        chat.querySelector('converse-chat-heading');
    void heading?.updateComplete?.then(() => put(heading, '.chatbox-title__buttons', 'converse-sip-heading', jid));
}

function put(chat: HTMLElement, place: string, tag: string, jid: string): void {
    const parent = chat.querySelector(place);
    if (!parent || chat.querySelector(tag)) return;
    const element = document.createElement(tag);
    element.setAttribute('jid', jid);
    parent.prepend(element);
}

/** Adds to Converse's own elements what no hook lets one add. They are defined once a page, so nothing is captured. */
function extendElements(host: Host): void {
    const { html } = host.env as unknown as { html: Html };
    extend(host, 'converse-roster-contact', {
        render(element, original) {
            const jid = element.model?.get('jid');
            return typeof jid === 'string'
                ? html`${original()}<converse-sip-availability jid=${jid}></converse-sip-availability>`
                : original();
        },
    });
    extend(host, 'converse-user-profile', {
        render: (_element, original) => html`${original()}<converse-sip-profile></converse-sip-profile>`,
    });
    extend(host, 'converse-user-details-modal', {
        renderModal(element, original) {
            const jid = element.model?.get('jid');
            return typeof jid === 'string' && element.tab === 'profile'
                ? html`${original()}<converse-sip-addresses jid=${jid}></converse-sip-addresses>`
                : original();
        },
    });
    extend(host, 'converse-chat-message', {
        renderInfoMessage(element, original) {
            const message = element.model;
            const entry = message?.get('sip_call');
            if (!message || !entry) return original();
            if (!customElements.get('converse-sip-history')) {
                void customElements.whenDefined('converse-sip-history').then(() => element.requestUpdate());
                return original();
            }
            return html`<converse-sip-history
                .model=${message}
                .entry=${entry}
                .chat=${element.model_with_messages}
            ></converse-sip-history>`;
        },
        renderMessageText: (element, original) =>
            element.model?.get('sip_call_id')
                ? html`${original()}<converse-sip-in-call></converse-sip-in-call>`
                : original(),
    });
}

/** The ways to draw that are extended; every element has those that are asked for. */
type Drawing = ConverseElement & Record<Method, () => unknown>;
type Method = 'render' | 'renderInfoMessage' | 'renderMessageText' | 'renderModal';

/** Puts a subclass into Converse's registry whose methods `draws` decides about; another plugin's subclass goes on working. */
function extend(
    host: Host,
    name: string,
    draws: Partial<Record<Method, (element: ConverseElement, original: () => unknown) => unknown>>,
): void {
    const registry = host.api.elements?.registry;
    const Base = registry?.[name] as
        ((new () => Drawing) & { readonly prototype: Drawing; readonly sipExtended?: boolean }) | undefined;
    if (!registry || !Base || Base.sipExtended) return;
    class Extended extends Base {
        static override readonly sipExtended = true;
    }
    for (const method of Object.keys(draws) as Method[]) {
        Extended.prototype[method] = function (this: Drawing): unknown {
            const original = (): unknown => Base.prototype[method].call(this);
            return guard(name, () => draws[method]?.(this, original))() ?? original();
        };
    }
    registry[name] = Extended;
}
