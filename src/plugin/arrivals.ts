/** The way of stanzas into the plugin: kept until the roster is there, each looked at once, handed to the part it concerns. */
import { bareJid, resourceOf } from './jid.js';
import { classify, type Delivery } from './stanzas/delivery.js';
import { PUBSUB_EVENT } from './stanzas/pubsub.js';
import { childOf } from './stanzas/xml.js';

/** The parts that take something in. JIDs are bare and in lower case. */
export interface ArrivalNeeds {
    /** The own bare JID. */
    readonly jid: string;
    onPresence(jid: string, resource: string, presence: Element): void;
    /** A PEP event, of a contact's server or the own one. */
    onPublished(jid: string, message: Element): void;
    /** Every other message. */
    onMessage(delivery: Delivery): void;
    /** The question whether we placed a call. */
    onVerify(iq: Element): void;
}

/** Stanzas that come before the roster is there wait for it; this many at most. */
const MAX_WAITING = 5_000;

/** Takes in every presence and message, and the questions about calls. */
export function createArrivals(needs: ArrivalNeeds) {
    /** Until the roster is there; null afterwards. */
    let waiting: Element[] | null = [];

    /** The roster is there. */
    function open(): void {
        const before = waiting ?? [];
        waiting = null;
        before.forEach(take);
    }

    /** Quick: it is called for every presence there is. */
    function take(stanza: Element): void {
        if (waiting !== null) {
            if (waiting.length < MAX_WAITING) waiting.push(stanza);
            return;
        }
        const from = stanza.getAttribute('from') ?? '';
        if (stanza.localName === 'presence') {
            needs.onPresence((from.split('/', 1)[0] ?? '').toLowerCase(), resourceOf(from), stanza);
        } else if (stanza.localName === 'iq') {
            needs.onVerify(stanza);
        } else if (childOf(stanza, PUBSUB_EVENT, 'event') !== null) {
            needs.onPublished(bareJid(from) ?? needs.jid, stanza);
        } else {
            const delivery = classify(stanza, needs.jid);
            if (delivery.kind !== 'foreign') needs.onMessage(delivery);
        }
    }

    return {
        /** Whether the roster is awaited still. */
        early: (): boolean => waiting !== null,
        open,
        take,
    };
}

export type Arrivals = ReturnType<typeof createArrivals>;
