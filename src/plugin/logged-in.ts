/** What the plugin needs once somebody is logged in: a chunk of its own. */
export { preload } from '../sip-sidecar/index.js';
export { onCallButton, onCommand } from './commands.js';
export { beginSession } from './session.js';
export { loadTexts } from './texts.js';
