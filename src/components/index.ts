/**
 * The components' door: small, because it is loaded with the page. It puts tags into Converse's own places; the elements
 * behind them are chunks that come when somebody is logged in.
 */
import { guard, listen, type ChatBox, type Host, type Model } from '../plugin/converse.js';
import { personOf } from '../plugin/jid.js';
import { notice } from '../plugin/notices.js';
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

type ChatElements = typeof import('./logged-in.js');

/** A first look at a text: whether there may be an address or a number in it. */
const MAY_BE_CALLED = /sips?:|tel:|\+\d/iu;

const HISTORY = 'converse-sip-history';

/** Loads the elements in Converse's own places, their style, and the texts in Converse's language. */
async function load(host: Host): Promise<ChatElements> {
    const elements = await import(/* webpackChunkName: "sip-ui" */ './logged-in.js');
    await Promise.all([elements.loadTexts(host.env), elements.loadStyle()]);
    elements.defineElements();
    elements.defineSettingsModal(host);
    return elements;
}

export const view: View = {
    install(phone, host) {
        setCurrentHost(host);
        extendElements(host);
        let begun = false;
        /** Once, when somebody is logged in. */
        const start = (): void => {
            if (begun) return;
            begun = true;
            load(host).then(
                ({ showCalls }) => showCalls(phone),
                (error: unknown) => {
                    begun = false; // tried again with the next conversation or connection
                    notice('SIP-301', String(error));
                },
            );
        };
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

/** Puts the buttons into the heading of a conversation, and the banner above its messages. */
function mount(chat: HTMLElement, model: ChatBox | undefined): void {
    const jid = personOf(model);
    if (jid === null) return;
    const put = (place: string, tag: string): void => {
        if (chat.querySelector(tag)) return;
        const element = document.createElement(tag);
        element.setAttribute('jid', jid);
        // First children: lit leaves alone what stands before its own, but not what stands behind
        chat.querySelector(place)?.prepend(element);
    };
    put('.chat-body', 'converse-sip-banner');
    // The heading may be in the middle of drawing itself
    const heading: (HTMLElement & { updateComplete?: Promise<unknown> }) | null =
        chat.querySelector('converse-chat-heading');
    void heading?.updateComplete?.then(() => put('.chatbox-title__buttons', 'converse-sip-heading'));
}

/** Adds to Converse's own elements what no hook lets one add. They are defined once a page, so nothing is captured. */
function extendElements(host: Host): void {
    const { html } = host.env as unknown as { html: Html };
    extend(host, 'converse-roster-contact', {
        render: ({ model }, original) =>
            html`${original()}<converse-sip-availability jid=${model?.get('jid')}></converse-sip-availability>`,
    });
    extend(host, 'converse-user-profile', {
        render: (_element, original) => html`${original()}<converse-sip-profile></converse-sip-profile>`,
    });
    extend(host, 'converse-user-details-modal', {
        renderModal: ({ model, tab }, original) =>
            tab === 'profile'
                ? html`${original()}<converse-sip-addresses jid=${model?.get('jid')}></converse-sip-addresses>`
                : undefined,
    });
    extend(host, 'converse-chat-message', {
        renderInfoMessage(element) {
            const { model, model_with_messages: chat } = element;
            const entry = model?.get('sip_call');
            if (!entry || customElements.get(HISTORY))
                return (
                    entry &&
                    html`<converse-sip-history .model=${model} .entry=${entry} .chat=${chat}></converse-sip-history>`
                );
            // Its plain text until the chunk is there
            return void customElements.whenDefined(HISTORY).then(() => element.requestUpdate());
        },
        renderMessageText: ({ model }, original) =>
            model?.get('sip_call_id') && html`${original()}<converse-sip-in-call></converse-sip-in-call>`,
    });
}

/** The ways to draw that are extended; every element has those that are asked for. */
type Drawing = ConverseElement & Record<Method, () => unknown>;
type Method = 'render' | 'renderInfoMessage' | 'renderMessageText' | 'renderModal';

/** Puts a subclass into Converse's registry; what `draws` has nothing for is drawn as it was, and another plugin's subclass goes on working. */
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
