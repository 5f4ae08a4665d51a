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
export class Arrivals {
    /** Until the roster is there; null afterwards. */
    private waiting: Element[] | null = [];

    constructor(private readonly needs: ArrivalNeeds) {}

    /** Whether the roster is awaited still. */
    get early(): boolean {
        return this.waiting !== null;
    }

    /** The roster is there. */
    open(): void {
        const waiting = this.waiting ?? [];
        this.waiting = null;
        for (const stanza of waiting) this.take(stanza);
    }

    /** Quick: it is called for every presence there is. */
    take(stanza: Element): void {
        if (this.waiting !== null) {
            if (this.waiting.length < MAX_WAITING) this.waiting.push(stanza);
            return;
        }
        const { needs } = this;
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
}
