/**
 * In place of `sip.js/lib/core/messages/utils.js`: sip.js' messages keep header fields by their names in a form that nobody
 * sees, and no object has a property of its own by.
 */
export const headerize = (name: string): string => `:${name.toLowerCase()}`;
