/**
 * How a message came: directly, as a carbon (XEP-0280), out of the archive (XEP-0313), late (XEP-0203); and whether that way
 * can be trusted (PROTOCOL.md 8.8 "Live", 8.9).
 */
import { bareJid, resourceOf } from '../jid.js';
import { identifier } from './identifier.js';
import { MAM } from './mam.js';
import { childOf, childrenOf, CLIENT } from './xml.js';

const CARBONS = 'urn:xmpp:carbons:2';
const FORWARD = 'urn:xmpp:forward:0';
const DELAY = 'urn:xmpp:delay';
const MUC_USER = 'http://jabber.org/protocol/muc#user';

/** A message with the way it came. */
export interface Delivery {
    /**
     * - `live`: to this device, now.
     * - `carbon-received`, `carbon-sent`: to, or by, another device of this person, now.
     * - `delayed`: later than it was sent: offline storage, a resent stream.
     * - `archive`: an answer to a query; take it only where {@link queryId} is that of an own one.
     * - `headline`: no conversation; what PEP sends.
     * - `foreign`: groupchat, errors, and everything that is not what it says it is. Nothing in it counts.
     */
    readonly kind: 'live' | 'carbon-received' | 'carbon-sent' | 'delayed' | 'archive' | 'headline' | 'foreign';
    /** Whether it may verify, ring and silence: received now on this stream, directly or as a received carbon. */
    readonly live: boolean;
    /** The message itself: the inner one of a carbon or an archive's result. */
    readonly message: Element;
    /** Who wrote it, as the server stamped it: bare JID in lower case (empty only where it is foreign), and resource (empty: none). */
    readonly jid: string;
    readonly resource: string;
    /** Whether this person wrote it, on whatever device; then {@link peer} is whom it went to. */
    readonly outgoing: boolean;
    /** The bare JID of the other side. */
    readonly peer: string;
    /** When the server got it (ms since the epoch), where it says so. A sender may have made it up: it may lie ahead. */
    readonly stamp: number | null;
    /** With `archive`: the query that it answers. */
    readonly queryId: string | null;
}

/** @param own the own bare JID in lower case */
export function classify(stanza: Element, own: string): Delivery {
    const wrapper = wrapperOf(stanza);
    const way = wrapper?.localName;
    const forwarded = childOf(wrapper, FORWARD, 'forwarded');
    const message = wrapper ? childOf(forwarded, CLIENT, 'message') : stanza;
    const from = message?.getAttribute('from') ?? '';
    const jid = bareJid(from) ?? '';
    const addressee = bareJid(message?.getAttribute('to') ?? own) ?? '';
    const outgoing = jid === own;
    const type = message?.getAttribute('type') ?? 'normal';
    // Servers add theirs after what the sender may have put in.
    const late = delayOf(message) ?? delayOf(stanza);
    const stamp = Date.parse((delayOf(forwarded) ?? late)?.getAttribute('stamp') ?? '');
    const queryId = identifier(wrapper?.getAttribute('queryid'));
    const kind = ((): Delivery['kind'] => {
        if (message === null || jid === '' || (outgoing ? addressee === '' : addressee !== own)) return 'foreign';
        if (!wrapper && type === 'headline') return type;
        // Only the own server forwards, in its account's name or in none (RFC 6120 section 8.1.2.1), and never twice.
        const forger = (stanza.getAttribute('from') ?? own).toLowerCase() !== own || wrapperOf(message);
        if (wrapper && forger) return 'foreign';
        if ((type !== 'chat' && type !== 'normal') || childOf(message, MUC_USER, 'x')) return 'foreign';
        if (way === 'sent') return outgoing ? 'carbon-sent' : 'foreign';
        // A result of no query is the answer to none of ours.
        if (way === 'result') return queryId === null ? 'foreign' : 'archive';
        if (late) return 'delayed';
        return wrapper ? 'carbon-received' : 'live';
    })();
    return {
        kind,
        live: kind === 'live' || kind === 'carbon-received',
        message: message ?? stanza,
        jid,
        resource: resourceOf(from),
        outgoing,
        peer: outgoing ? addressee : jid,
        stamp: Number.isNaN(stamp) ? null : stamp,
        queryId,
    };
}

const delayOf = (parent: Element | null) => childrenOf(parent, DELAY, 'delay').at(-1);

/** What another message is wrapped in: a carbon, or a result of the archive. */
const wrapperOf = (message: Element): Element | null =>
    childOf(message, CARBONS, 'received') ?? childOf(message, CARBONS, 'sent') ?? childOf(message, MAM, 'result');
