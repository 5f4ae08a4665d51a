/** The door of media: loaded with the agent, when there is an account. */
export { createMediaEngine } from './engine.js';
