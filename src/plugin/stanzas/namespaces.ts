/** The namespaces that are spoken of before anything is read or written in them. */

/** The project's own (PROTOCOL.md 8): a disco feature that says that a client implements the profile. */
export const PROFILE = 'urn:uuid:a46d613b-a581-4bc2-b511-f2dc6ba15d6b';

/** XEP-0152, which is the PEP node too. */
export const REACH = 'urn:xmpp:reach:0';

/** RFC 4480. */
export const RPID = 'urn:ietf:params:xml:ns:pidf:rpid';
