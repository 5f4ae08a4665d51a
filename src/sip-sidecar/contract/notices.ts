/**
 * Everything the plugin says on the console, by code. docs/administrators.md explains each code; a spec compares the two.
 * Texts hold `{detail}` where the particulars go. Details never hold a secret.
 */
export const NOTICES = {
    'SIP-001': { level: 'info', text: 'No sip_server is configured: voice and video are off.' },
    'SIP-002': { level: 'error', text: 'A setting is wrong and its default is used instead: {detail}' },
    'SIP-003': {
        level: 'error',
        text: 'This version of Converse is not supported: {detail}. Voice and video are off.',
    },
    'SIP-004': { level: 'error', text: 'This browser has no WebRTC. Voice and video are off.' },
    'SIP-005': { level: 'error', text: 'A listener of the plugin failed; the chat goes on: {detail}' },
    'SIP-101': { level: 'error', text: 'The SIP server cannot be reached: {detail}' },
    'SIP-102': { level: 'error', text: 'The SIP server refused the user name or password: {detail}' },
    'SIP-103': { level: 'error', text: 'The SIP server refused to register this account: {detail}' },
    'SIP-104': { level: 'error', text: 'The credentials could not be fetched: {detail}' },
    'SIP-105': { level: 'error', text: 'The credentials that were fetched cannot be used: {detail}' },
    'SIP-106': { level: 'warn', text: 'A SIP message that cannot be read was dropped: {detail}' },
    'SIP-107': { level: 'warn', text: 'A call was refused: {detail}' },
    'SIP-108': { level: 'warn', text: 'A request to transfer the call elsewhere was refused: {detail}' },
    'SIP-201': { level: 'warn', text: 'The SIP address is not published, the XMPP server does not offer it: {detail}' },
    'SIP-202': { level: 'warn', text: 'The STUN and TURN servers of the XMPP server could not be read: {detail}' },
    'SIP-203': { level: 'warn', text: 'The phone book could not be read: {detail}' },
    'SIP-204': { level: 'warn', text: 'A STUN or TURN server cannot be used and is left out: {detail}' },
    'SIP-301': { level: 'error', text: 'A part of the plugin could not be loaded: {detail}' },
} as const satisfies Record<string, { level: 'info' | 'warn' | 'error'; text: string }>;

/** The code of one notice. */
export type NoticeCode = keyof typeof NOTICES;
