/** Buttons. */
import { html, nothing, type TemplateResult } from './lit.js';

/** What a button may have besides its words. */
export interface ButtonLooks {
    /** Classes. */
    readonly kind?: string;
    /** What stands before the words. */
    readonly image?: unknown;
    /** Whether it is pressed, of one that stays so. */
    readonly pressed?: boolean | undefined;
    /** Said on hover, beside the words. */
    readonly tip?: string;
    /** Why it cannot be used now; empty: it can. */
    readonly disabled?: string;
}

function draw(shown: unknown, press: (event: UIEvent) => void, looks: ButtonLooks, name?: string): TemplateResult {
    const { kind = 'sip-plain sip-text', pressed, tip = name, disabled = '' } = looks;
    return html`<button
        type="button"
        class="btn ${kind}"
        aria-label=${name ?? nothing}
        title=${disabled === '' ? (tip ?? nothing) : disabled}
        aria-pressed=${pressed ?? nothing}
        aria-disabled=${disabled === '' ? nothing : 'true'}
        @click=${disabled === '' ? press : nothing}
    >
        ${shown}
    </button>`;
}

/** A button with words on it, and perhaps an icon before them. */
export function button(words: string, press: () => void, looks: ButtonLooks = {}): TemplateResult {
    return draw(html`${looks.image ?? nothing}<span>${words}</span>`, press, looks);
}

/** One of the large buttons that decide about a call. @param kind a class */
export function choice(words: string, press: () => void, kind = 'sip-plain', image?: TemplateResult): TemplateResult {
    return button(words, press, { kind: `sip-choice ${kind}`, image });
}

/** A button that shows an icon: its name is said, and what it does now stands in the tip. */
export function iconButton(
    name: string,
    image: unknown,
    press: (event: UIEvent) => void,
    looks: ButtonLooks,
): TemplateResult {
    return draw(image, press, looks, name);
}

/** What has a part that is shown on request, in an element with its {@link partId}. */
interface Discloser {
    readonly partId: string;
    /** Whether it is shown. */
    open?: boolean;
}

/** A small round button that shows something more of the element, or hides it. */
export function disclosure(name: string, image: unknown, element: Discloser): TemplateResult {
    const { open = false, partId } = element;
    return html`<button
        type="button"
        class="btn sip-why"
        aria-label=${name}
        title=${name}
        aria-expanded=${open}
        aria-controls=${open ? partId : nothing}
        @click=${(): void => {
            element.open = !open;
        }}
    >
        ${image}
    </button>`;
}
