/** What the door of a bundle hands in. */
import type { Host } from './converse.js';
import type { Phone } from './phone.js';

/** The components. */
export interface View {
    /**
     * Called inside the plugin's `initialize()`, so before Converse defines its elements: the place to override and define
     * elements and to listen to hooks and events. Called again for every `converse.initialize()` of the page (which drops
     * the listeners but keeps the elements that are defined), never while voice and video are off for good.
     */
    install(phone: Phone, host: Host): void;
}

/** What one bundle has and another has not. */
export interface Bundle {
    /** null: headless. */
    readonly view: View | null;
    /** The chunk for whoever is logged in; it may hold more than this. */
    readonly load: () => Promise<typeof import('./logged-in.js')>;
}
