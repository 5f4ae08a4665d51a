/**
 * The mappings between SIP and XMPP that the STOX working group of the IETF wrote down, one file a document, as pure functions
 * between plain objects. The plugin uses a part of them; the whole is an entry of the package, `converse-sip/stox`.
 */
export * from './addresses.js';
export * from './chats.js';
export * from './errors.js';
export * from './groupchats.js';
export * from './media.js';
export * from './messages.js';
export * from './presence.js';
export * from './reasons.js';
