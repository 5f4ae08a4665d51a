/**
 * REQ-1: the SIP address of the sending device in a chat message (PROTOCOL.md 8.1): XEP-0152 and RFC 5196 beside each other.
 * What draft-veikkolainen-sip-voip-xmpp-im had for it is read too.
 */
import { cleanSipAddress } from '../../sip-sidecar/contract/index.js';
import { REACH } from './namespaces.js';
import { buildReach, parseReach } from './reach.js';
import { buildServcaps, parseServcaps } from './servcaps.js';
import { childOf, draftElement } from './xml.js';

/** Where the sender of a message can be called. */
export interface MessageReach {
    /** Cleaned addresses, the sender's choice first; empty: an explicit "nowhere". */
    readonly uris: readonly string[];
    /** Whether video calls are taken; null: not said. */
    readonly video: boolean | null;
}

/** The elements for an outgoing message. @param uri the GRUU, or the address of record where there is none */
export function buildMessageReach(uri: string, video: boolean): Element[] {
    return [buildReach([uri]), buildServcaps(video)];
}

/** What a message says; null: nothing. */
export function parseMessageReach(message: Element): MessageReach | null {
    const reach = childOf(message, REACH, 'reach');
    if (reach !== null) return { uris: parseReach(reach), video: parseServcaps(message) };
    const target = draftElement(message, 'sip-contact')?.getAttribute('target')?.slice(0, 512) ?? '';
    // An address, in angle brackets or not, and media after it, inside the brackets or outside.
    const [, address = '', outside = ''] =
        /^\s*<?\s*((?:sips?|tel):[^<>]*)>?([^<>]*)$/iu.exec(target.replaceAll('"', '')) ?? [];
    const uri = cleanSipAddress(address);
    const video = /;\s*video\s*(?:=\s*(true|false))?\s*(?:;|$)/iu.exec(address + outside);
    return uri === null ? null : { uris: [uri], video: video && video[1]?.toLowerCase() !== 'false' };
}
