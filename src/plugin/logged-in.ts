/** What the plugin needs once somebody is logged in: a chunk of its own. */
export { onCallButton, onCommand } from './commands.js';
export { Session } from './session.js';
export { loadTexts } from './texts.js';
