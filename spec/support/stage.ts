/** A place for components to stand on: what Converse's root looks like, a fake telephone, and the English texts. */
import { LitElement } from 'lit';
import { setCurrentHost } from '../../src/components/shared/host.js';
import { loadLocale } from '../../src/i18n/index.js';
import type { Host } from '../../src/plugin/converse.js';
import { setCurrentPhone } from '../../src/plugin/phone.js';
import { FakePhone } from './fake-phone.js';

/** What Converse's own base class is for us. */
class CustomElement extends LitElement {
    protected override createRenderRoot(): this {
        return this;
    }
}

/** A stage, and what is on it. */
export interface Stage {
    readonly root: HTMLElement;
    readonly phone: FakePhone;
    /** What Converse's settings say. */
    readonly settings: Record<string, unknown>;
    /** What the own profile says. */
    readonly profile: Record<string, unknown>;
    /** Names of the dialogs that were opened. */
    readonly dialogs: string[];
    /** Puts an element with these properties on the stage, drawn. */
    put<E extends HTMLElement>(tag: string, properties?: Readonly<Record<string, unknown>>): Promise<E>;
    leave(): void;
}

/** Nothing moves. */
const still = new CSSStyleSheet();
still.replaceSync('*, *::before { transition: none !important; animation: none !important; }');

/** Waits until everything that was to be drawn is drawn. */
export async function drawn(): Promise<void> {
    for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}

/** Makes the page of the specs as large as a screen: Karma shows it in a frame. */
export function screen(width: number, height: number): void {
    const frame = window.frameElement as HTMLElement | null;
    if (frame) Object.assign(frame.style, { width: `${String(width)}px`, height: `${String(height)}px` });
}

/** Builds a stage. @param mode Converse's `view_mode` */
export async function stage(mode = 'fullscreen', theme = 'classic'): Promise<Stage> {
    screen(1280, 800);
    const settings: Record<string, unknown> = { time_format: 'HH:mm' };
    const profile: Record<string, unknown> = {};
    const dialogs: string[] = [];
    const { converse } = window as unknown as { converse: { env: Host['env'] } };
    const host = {
        _converse: {
            state: { profile: { get: (key: string) => profile[key] } },
            exports: { CustomElement },
        },
        api: {
            settings: { get: (key: string) => settings[key] },
            modal: { show: (name: string) => dialogs.push(name) },
        },
        env: converse.env,
    } as unknown as Host;
    await loadLocale('en');
    setCurrentHost(host);
    // Not before the host is set: they take lit from it.
    const chat = await import('../../src/components/chat/index.js');
    await chat.loadStyle();
    chat.defineElements();
    const phone = new FakePhone();
    phone.people.set('mercutio@montague.lit', { jid: 'mercutio@montague.lit', name: 'Mercutio', model: null });
    setCurrentPhone(phone);
    localStorage.removeItem('converse-sip-layout');
    const root = document.createElement('div');
    root.className = `conversejs converse-${mode} theme-${theme}`;
    root.dataset['converseTheme'] = theme;
    root.lang = 'en';
    root.style.background = 'var(--background-color)';
    if (!document.adoptedStyleSheets.includes(still)) document.adoptedStyleSheets.push(still);
    document.body.append(root);
    return {
        root,
        phone,
        settings,
        profile,
        dialogs,
        async put<E extends HTMLElement>(tag: string, properties: Readonly<Record<string, unknown>> = {}): Promise<E> {
            const element = document.createElement(tag);
            Object.assign(element, properties);
            root.append(element);
            await drawn();
            return element as E;
        },
        leave() {
            root.remove();
            setCurrentPhone(null);
            setCurrentHost(null);
            localStorage.removeItem('converse-sip-layout');
        },
    };
}
