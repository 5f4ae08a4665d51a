/**
 * The words that the SIP half and the rest of the plugin share. Pure and small: loaded with the page. What only one part that
 * is loaded later needs is taken from its own file: `end-reason.js`, `shape.js`.
 */
export * from './address.js';
export * from './call-state.js';
export * from './checks.js';
export * from './clock.js';
export * from './emergency.js';
export type * from './end-reason.js';
export * from './media.js';
export * from './notices.js';
export * from './port.js';
export * from './registration.js';
export * from './resume.js';
export * from './text.js';
export * from './uuid.js';
