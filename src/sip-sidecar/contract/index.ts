/** The words that the SIP half and the rest of the plugin share. Pure and small: loaded with the page. */
export * from './address.js';
export * from './call-state.js';
export * from './checks.js';
export * from './clock.js';
export * from './emergency.js';
export * from './end-reason.js';
export * from './media.js';
export * from './notices.js';
export * from './port.js';
export * from './registration.js';
export * from './resume.js';
export * from './shape.js';
export * from './text.js';
export * from './uuid.js';
