/**
 * The door of `dist/converse-sip-headless.js`: the same plugin without anything to see, for `@converse/headless`. Load it after
 * Converse, or call {@link register}: the headless Converse fires no `converse-loaded`.
 */
import { registerPlugin, registerWhenThere } from './plugin/index.js';
import type { Bundle } from './plugin/view.js';

const bundle: Bundle = {
    view: null,
    load: () => import(/* webpackChunkName: "converse-sip-headless-session" */ './plugin/logged-in.js'),
};

/** Registers the plugin with a Converse, once. Call it before `converse.initialize()`. */
export function register(converse: unknown): void {
    registerPlugin(converse, bundle);
}

registerWhenThere(bundle);

export type * from './plugin/public-types.js';
