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
    /** Whether what it shows is shown. */
    readonly expanded?: boolean;
    /** Id of what it shows. */
    readonly controls?: string | undefined;
    /** What it shows is a menu. */
    readonly popup?: 'menu';
    /** Id of what describes it. */
    readonly described?: string | undefined;
    /** Said on hover, beside the words. */
    readonly tip?: string | undefined;
    /** Why it cannot be used now; empty: it can. */
    readonly disabled?: string;
    /** Called for a press while it cannot be used. */
    readonly refuse?: () => void;
}

/** Any button. @param name where what is shown is no words */
export function plain(
    shown: unknown,
    press: (event: UIEvent) => void,
    looks: ButtonLooks,
    name?: string,
): TemplateResult {
    const { kind = 'sip-plain sip-text', tip = name, disabled = '' } = looks;
    return html`<button
        type="button"
        class="btn ${kind}"
        aria-label=${name ?? nothing}
        title=${disabled === '' ? (tip ?? nothing) : disabled}
        aria-pressed=${looks.pressed ?? nothing}
        aria-expanded=${looks.expanded ?? nothing}
        aria-controls=${looks.controls ?? nothing}
        aria-haspopup=${looks.popup ?? nothing}
        aria-describedby=${looks.described ?? nothing}
        aria-disabled=${disabled === '' ? nothing : 'true'}
        @click=${disabled === '' ? press : looks.refuse}
    >
        ${shown}
    </button>`;
}

/** A button with words on it, and perhaps an icon before them. */
export function button(words: string, press: () => void, looks: ButtonLooks = {}): TemplateResult {
    return plain(html`${looks.image ?? nothing}<span>${words}</span>`, press, looks);
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
    return plain(image, press, looks, name);
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
    const press = (): void => {
        element.open = !open;
    };
    return iconButton(name, image, press, { kind: 'sip-why', expanded: open, controls: open ? partId : undefined });
}
