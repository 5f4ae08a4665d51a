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
    /** Who wrote it, as the server stamped it, with the resource; empty only where it is foreign. */
    readonly from: string;
    /** Its bare JID in lower case, and its resource (empty: none). */
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
    const carbon = childOf(stanza, CARBONS, 'received') ?? childOf(stanza, CARBONS, 'sent');
    const wrapper = carbon ?? childOf(stanza, MAM, 'result');
    const forwarded = childOf(wrapper, FORWARD, 'forwarded');
    const message = wrapper === null ? stanza : childOf(forwarded, CLIENT, 'message');
    const from = message?.getAttribute('from') ?? '';
    const jid = bareJid(from) ?? '';
    const to = message?.getAttribute('to') ?? null;
    const addressee = to === null ? own : (bareJid(to) ?? '');
    const outgoing = jid === own;
    // Servers add theirs after what the sender may have put in.
    const late = (message && delayOf(message)) ?? delayOf(stanza);
    const stamp = Date.parse(((forwarded && delayOf(forwarded)) ?? late)?.getAttribute('stamp') ?? '');
    const queryId = carbon === null ? identifier(wrapper?.getAttribute('queryid')) : null;
    const kind = ((): Delivery['kind'] => {
        const type = message?.getAttribute('type') ?? 'normal';
        if (message === null || jid === '' || (outgoing ? addressee === '' : addressee !== own)) return 'foreign';
        if (wrapper === null) {
            if (type === 'headline') return 'headline';
        } else {
            // Only the own server forwards, in its account's name or in none (RFC 6120 section 8.1.2.1), and never twice.
            const name = stanza.getAttribute('from') ?? own;
            if (name.toLowerCase() !== own || isWrapper(message)) return 'foreign';
        }
        if ((type !== 'chat' && type !== 'normal') || childOf(message, MUC_USER, 'x') !== null) return 'foreign';
        if (carbon?.localName === 'sent') return outgoing ? 'carbon-sent' : 'foreign';
        // A result of no query is the answer to none of ours.
        if (wrapper !== null && carbon === null) return queryId === null ? 'foreign' : 'archive';
        if (late) return 'delayed';
        return carbon === null ? 'live' : 'carbon-received';
    })();
    return {
        kind,
        live: kind === 'live' || kind === 'carbon-received',
        message: message ?? stanza,
        from,
        jid,
        resource: resourceOf(from),
        outgoing,
        peer: outgoing ? addressee : jid,
        stamp: Number.isNaN(stamp) ? null : stamp,
        queryId,
    };
}

const delayOf = (parent: Element): Element | undefined => childrenOf(parent, DELAY, 'delay').at(-1);

const isWrapper = (message: Element): boolean =>
    ['received', 'sent'].some((name) => childOf(message, CARBONS, name) !== null) ||
    childrenOf(message, MAM, 'result').length > 0;
