/**
 * Everything the plugin says on the console, by code: how grave it is, and the text, which the particulars follow.
 * docs/administrators.md explains each code; a check compares the two. Particulars never hold a secret.
 */
export const NOTICES = {
    'SIP-001': ['info', 'No sip_server is configured: voice and video are off.'],
    'SIP-002': ['error', 'A setting is wrong'],
    'SIP-003': ['error', 'This version of Converse is not supported'],
    'SIP-004': ['error', 'This browser has no WebRTC'],
    'SIP-005': ['error', 'A listener failed'],
    'SIP-101': ['error', 'The SIP server cannot be reached'],
    'SIP-102': ['error', 'The SIP server refused the user name or password'],
    'SIP-103': ['error', 'The SIP server refused the account'],
    'SIP-104': ['error', 'The credentials could not be fetched'],
    'SIP-105': ['error', 'The credentials cannot be used'],
    'SIP-106': ['warn', 'A SIP message could not be read'],
    'SIP-107': ['warn', 'A call was refused'],
    'SIP-108': ['warn', 'A transfer was refused'],
    'SIP-201': ['warn', 'The XMPP server cannot publish the SIP address'],
    'SIP-202': ['warn', 'The STUN and TURN servers could not be fetched'],
    'SIP-203': ['warn', 'The phone book could not be read'],
    'SIP-204': ['warn', 'A STUN or TURN server cannot be used'],
    'SIP-301': ['error', 'A part of the plugin could not be loaded'],
} as const;

/** The code of one notice. */
export type NoticeCode = keyof typeof NOTICES;
