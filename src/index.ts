/**
 * The door of `dist/converse-sip.js`: registers the plugin `converse-sip` with Converse, whether this script runs before or
 * after Converse's.
 */
import { view } from './components/index.js';
import { registerPlugin, registerWhenThere } from './plugin/index.js';
import type { Bundle } from './plugin/view.js';

/** The session and the elements are wanted at the same moment, and are smaller in one file. */
const bundle: Bundle = {
    view,
    load: () => import(/* webpackChunkName: "sip-ui" */ './components/logged-in.js'),
};

/**
 * Registers the plugin with a Converse, once. Call it before `converse.initialize()`; a page with the global `converse` does
 * not need it.
 * @param converse the default export of `converse.js`
 */
export function register(converse: unknown): void {
    registerPlugin(converse, bundle);
}

registerWhenThere(bundle);

export type * from './plugin/public-types.js';
