/** What a person sees, as the plugin knows it: the bundle's door hands it in, the headless bundle has none. */
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
