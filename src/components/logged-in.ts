/** The chunk for whoever is logged in. One module, so that what the session and the elements share is not wrapped for either. */
export * from '../plugin/logged-in.js';
export * from './chat/index.js';
