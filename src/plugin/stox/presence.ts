/**
 * Presence between SIP and XMPP (RFC 8048): a presence stanza is a NOTIFY with PIDF (RFC 3863), an authorization or a probe a
 * SUBSCRIBE. Availability for calls, in the own presence and in that of contacts (PROTOCOL.md 8.4), is said in the same words.
 */
import { bareJid, resourceOf } from '../jid.js';
import { jidFromSip, sipFromJid } from './addresses.js';
import { given } from './given.js';

/** PIDF's basic status (RFC 3863 section 4.1.4). */
export type Basic = 'open' | 'closed';

/** A presence stanza; no type: available. */
export interface XmppPresence {
    readonly from: string;
    readonly to: string;
    readonly type?: 'unavailable' | 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed' | 'probe' | 'error';
    readonly lang?: string;
    /** -128 to 127. */
    readonly priority?: number;
    readonly show?: string;
    readonly status?: string;
}

/** One device in a PIDF document. */
export interface PidfTuple {
    readonly id: string;
    readonly basic: Basic;
    /** `<show xmlns='jabber:client'/>` in the status, PIDF being extensible. */
    readonly show?: string;
    /** Of the contact: 0 to 1, at most three decimals. */
    readonly priority?: number;
    readonly note?: string;
}

/** A request of the event package for presence (RFC 3856). Addresses are URIs. */
export interface PresenceRequest {
    readonly method: 'SUBSCRIBE' | 'NOTIFY';
    readonly event: 'presence';
    readonly from: string;
    readonly to: string;
    /** The GRUU of the device, where one speaks. */
    readonly contact?: string;
    /** Of a SUBSCRIBE, in seconds; 0 ends, or asks once. */
    readonly expires?: number;
    /** Of a NOTIFY: `active`, `pending`, `terminated;reason=rejected`. */
    readonly subscriptionState?: string;
    /** Content-Language. */
    readonly language?: string;
    /** The PIDF document in a NOTIFY. */
    readonly pidf?: { readonly entity: string; readonly tuples: readonly PidfTuple[] };
}

/** How long a subscription lives by default (RFC 3856 section 6.4), in seconds. */
export const SUBSCRIPTION_TIME = 3600;

/** What a request is, apart from who speaks to whom. */
type Kind = Pick<PresenceRequest, 'method' | 'expires' | 'subscriptionState'> & { readonly pidf?: true };

/** The request each type of presence becomes; `pidf`: with a document. Errors become none (table 1, note 1; sections 5, 7). */
const REQUESTS: Readonly<Record<NonNullable<XmppPresence['type']> | 'available', Kind | null>> = {
    available: { method: 'NOTIFY', subscriptionState: 'active', pidf: true },
    unavailable: { method: 'NOTIFY', subscriptionState: 'active', pidf: true },
    subscribe: { method: 'SUBSCRIBE', expires: SUBSCRIPTION_TIME },
    unsubscribe: { method: 'SUBSCRIBE', expires: 0 },
    probe: { method: 'SUBSCRIBE', expires: 0 },
    subscribed: { method: 'NOTIFY', subscriptionState: 'active' },
    unsubscribed: { method: 'NOTIFY', subscriptionState: 'terminated;reason=rejected' },
    error: null,
};

/** A priority in PIDF (table 1, note 6): 0 to 1; null for a negative one, which has none. */
export const pidfPriority = (priority: number): number | null =>
    priority >= 0 ? Math.floor((Math.min(priority, 127) * 1000) / 127) / 1000 : null;

/** A priority in XMPP, 0 to 127; null where PIDF's is none. */
export const xmppPriority = (priority: number): number | null =>
    priority >= 0 && priority <= 1 ? Math.round(priority * 127) : null;

/** The id of a tuple: a resource may begin with a digit, an xs:ID may not (table 1, note 2). */
export const tupleId = (resource: string): string => `ID-${resource}`;

/** The resource in the id of a tuple. */
export const resourceOfTuple = (id: string): string => id.replace(/^ID-/u, '');

const entityOf = (uri: string): string => uri.replace(/^sips?:/u, 'pres:');

/** The request for a presence stanza (table 1); null for an error, and for addresses that have no counterpart. */
export function requestFromPresence(presence: XmppPresence): PresenceRequest | null {
    const { type, lang, show, status, priority } = presence;
    const from = sipFromJid(bareJid(presence.from) ?? '');
    const to = sipFromJid(bareJid(presence.to) ?? '');
    const kind = REQUESTS[type ?? 'available'];
    if (kind === null || from === null || to === null) return null;
    const { pidf, ...request } = kind;
    const resource = resourceOf(presence.from);
    const tuple: PidfTuple = {
        id: tupleId(resource),
        basic: type === undefined ? 'open' : 'closed',
        ...given({ show, note: status, priority: priority === undefined ? null : pidfPriority(priority) }),
    };
    return {
        ...request,
        event: 'presence',
        from,
        to,
        ...given({ contact: resource === '' ? null : sipFromJid(presence.from), language: lang }),
        ...(pidf && { pidf: { entity: entityOf(from), tuples: [tuple] } }),
    };
}

/**
 * The presence stanzas for a NOTIFY (table 2), one for each device that is open; where none is, one for the whole person. None
 * while the subscription is pending (section 5.2.1), or where an address has no counterpart.
 */
export function presencesFromNotify(notify: PresenceRequest): XmppPresence[] {
    const from = bareJid(jidFromSip(notify.from));
    const to = jidFromSip(notify.to);
    if (from === null || to === null || /^\s*pending\b/iu.test(notify.subscriptionState ?? '')) return [];
    const common = { to, ...given({ lang: notify.language }) };
    const tuples = notify.pidf?.tuples ?? [];
    if (!tuples.some(({ basic }) => basic === 'open')) {
        return [{ from, ...common, type: 'unavailable', ...given({ status: tuples[0]?.note }) }];
    }
    return tuples.map(({ id, basic, show, note, priority }) => ({
        from: `${from}/${resourceOfTuple(id)}`,
        ...common,
        ...(basic === 'closed' && { type: 'unavailable' as const }),
        ...given({ show, status: note, priority: priority === undefined ? null : xmppPriority(priority) }),
    }));
}

/**
 * The presence stanza for a SUBSCRIBE: a request for authorization (section 5.3.1), or a probe where it asks once, in a dialog
 * of its own (section 7.2); one that ends a dialog tells the contact that the subscriber is gone (section 5.3.3).
 *
 * @param inDialog it belongs to a subscription that is there
 * @returns null where it only refreshes, and where an address has no counterpart
 */
export function presenceFromSubscribe(subscribe: PresenceRequest, inDialog: boolean): XmppPresence | null {
    const from = bareJid(jidFromSip(subscribe.from));
    const to = jidFromSip(subscribe.to);
    const ends = subscribe.expires === 0;
    if (from === null || to === null || (inDialog && !ends)) return null;
    return { from, to, type: !ends ? 'subscribe' : inDialog ? 'unavailable' : 'probe' };
}

/** Responses to a SUBSCRIBE after which an authorization is over (section 5.2.2); any other failure passes. */
const CANCELLED: readonly number[] = [403, 489, 603];

/** What a SIP contact answers to an XMPP person about an authorization. */
function answer(contact: string, person: string, type: 'subscribed' | 'unsubscribed'): XmppPresence | null {
    const [from, to] = [bareJid(jidFromSip(contact)), bareJid(jidFromSip(person))];
    return from === null || to === null ? null : { from, to, type };
}

/** What the first active NOTIFY tells about an authorization (example 5): it is granted. Null for any other. */
export const authorizationFromNotify = ({ from, to, subscriptionState = '' }: PresenceRequest): XmppPresence | null =>
    /^\s*active\b/iu.test(subscriptionState) ? answer(from, to, 'subscribed') : null;

/**
 * What a response to a SUBSCRIBE tells: the authorization is over, because the person ended it (example 9) or the contact cancelled
 * it. Null: nothing, it lives on.
 */
export function presenceFromResponse(subscribe: PresenceRequest, status: number): XmppPresence | null {
    const isOver = CANCELLED.includes(status) || (subscribe.expires === 0 && status === 200);
    return isOver ? answer(subscribe.to, subscribe.from, 'unsubscribed') : null;
}

/** The NOTIFY that ends the dialog of a SUBSCRIBE from the side of XMPP (example 10). */
export const endOfAuthorization = ({ from, to }: PresenceRequest): PresenceRequest => ({
    method: 'NOTIFY',
    event: 'presence',
    from,
    to,
    subscriptionState: 'terminated',
});

/** The NOTIFY to a SIP person who ended a dialog (section 5.3.3, 1). */
export const endOfDialog = ({ from, to }: PresenceRequest): PresenceRequest => ({
    method: 'NOTIFY',
    event: 'presence',
    from: to,
    to: from,
    subscriptionState: 'terminated;reason=timeout',
    pidf: { entity: entityOf(to), tuples: [{ id: tupleId(''), basic: 'closed' }] },
});

/** Availability for calls. `unknown`: nothing was said about it. */
export type CallAvailability = 'unknown' | 'closed' | 'open' | 'on-the-phone';

/** What PIDF's basic status and RPID's `on-the-phone` (RFC 4480) mean together; whoever is closed is on no phone. */
export function availabilityOf(basic: string, onThePhone: boolean): CallAvailability {
    if (basic === 'closed') return basic;
    return onThePhone ? 'on-the-phone' : basic === 'open' ? basic : 'unknown';
}

/** The basic status of an availability; null: nothing is said. */
export const basicOf = (availability: CallAvailability): Basic | null =>
    availability === 'unknown' ? null : availability === 'closed' ? availability : 'open';
