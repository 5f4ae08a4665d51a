import {
    authorizationFromNotify,
    availabilityOf,
    basicOf,
    endOfAuthorization,
    endOfDialog,
    pidfPriority,
    presenceFromResponse,
    presenceFromSubscribe,
    presencesFromNotify,
    requestFromPresence,
    tupleId,
    resourceOfTuple,
    xmppPriority,
    type PresenceRequest,
    type XmppPresence,
} from '../../../src/plugin/stox/presence.js';

const juliet = 'juliet@example.com';
const romeo = 'romeo@example.net';
const [julietDevice, romeoDevice] = ['yn0cl4bnw0yr3vym', 'dr4hcr0st3lup4c'];

/** What Romeo's SIP side sends to Juliet. */
const notify = (more: Partial<PresenceRequest>): PresenceRequest => ({
    method: 'NOTIFY',
    event: 'presence',
    from: `sip:${romeo}`,
    to: `sip:${juliet}`,
    subscriptionState: 'active;expires=499',
    ...more,
});
const pidf = (...tuples: NonNullable<PresenceRequest['pidf']>['tuples']): Partial<PresenceRequest> => ({
    pidf: { entity: `pres:${romeo}`, tuples },
});

/** What Juliet's XMPP side sends to Romeo. */
const sent = (more: Partial<XmppPresence>): PresenceRequest | null =>
    requestFromPresence({ from: `${juliet}/${julietDevice}`, to: romeo, ...more });

describe('RFC 8048', () => {
    it('examples 1 and 2: subscribe becomes a SUBSCRIBE for an hour', () => {
        expect(requestFromPresence({ from: juliet, to: romeo, type: 'subscribe' })).toEqual({
            method: 'SUBSCRIBE',
            event: 'presence',
            from: `sip:${juliet}`,
            to: `sip:${romeo}`,
            expires: 3600,
        });
    });

    it('examples 4 and 6: a NOTIFY with an open tuple becomes available presence of that device', () => {
        const tuple = { id: `ID-${romeoDevice}`, basic: 'open', show: 'away' } as const;
        expect(presencesFromNotify(notify(pidf(tuple)))).toEqual([
            { from: `${romeo}/${romeoDevice}`, to: juliet, show: 'away' },
        ]);
    });

    it('section 5.2.1: a NOTIFY without a body is the person gone', () => {
        expect(presencesFromNotify(notify({}))).toEqual([{ from: romeo, to: juliet, type: 'unavailable' }]);
    });

    it('section 5.2.1: nothing is told while the subscription is pending', () => {
        const pending = notify({ subscriptionState: 'pending', ...pidf({ id: 'ID-a', basic: 'open' }) });
        expect(presencesFromNotify(pending)).toEqual([]);
    });

    const subscribe: PresenceRequest = {
        method: 'SUBSCRIBE',
        event: 'presence',
        from: `sip:${juliet}`,
        to: `sip:${romeo}`,
        expires: 3600,
    };

    it('examples 4 and 5: the first active NOTIFY becomes subscribed', () => {
        expect(authorizationFromNotify(notify({}))).toEqual({ from: romeo, to: juliet, type: 'subscribed' });
        for (const subscriptionState of ['pending', 'terminated', '']) {
            expect(authorizationFromNotify(notify({ subscriptionState }))).toBeNull();
        }
    });

    for (const [status, cancelled] of [
        [403, true],
        [489, true],
        [603, true],
        [423, false],
        [481, false],
    ] as const) {
        it(`section 5.2.2: ${String(status)} ${cancelled ? 'becomes unsubscribed' : 'passes'}`, () => {
            const told = cancelled ? { from: romeo, to: juliet, type: 'unsubscribed' as const } : null;
            expect(presenceFromResponse(subscribe, status)).toEqual(told);
        });
    }

    it('examples 7 and 8: unsubscribe becomes a SUBSCRIBE that ends at once', () => {
        expect(requestFromPresence({ from: juliet, to: romeo, type: 'unsubscribe' })).toEqual({
            method: 'SUBSCRIBE',
            event: 'presence',
            from: `sip:${juliet}`,
            to: `sip:${romeo}`,
            expires: 0,
        });
    });

    it('examples 8 and 9: the 200 to a SUBSCRIBE that ends becomes unsubscribed', () => {
        const told = { from: romeo, to: juliet, type: 'unsubscribed' } as const;
        expect(presenceFromResponse({ ...subscribe, expires: 0 }, 200)).toEqual(told);
        expect(presenceFromResponse(subscribe, 200)).toBeNull();
    });

    it('example 10: the end of an authorization becomes an empty NOTIFY that is terminated', () => {
        expect(endOfAuthorization(subscribe)).toEqual({
            method: 'NOTIFY',
            event: 'presence',
            from: `sip:${juliet}`,
            to: `sip:${romeo}`,
            subscriptionState: 'terminated',
        });
    });

    it('examples 11 and 12: a SUBSCRIBE becomes a request for authorization', () => {
        const subscribe: PresenceRequest = {
            method: 'SUBSCRIBE',
            event: 'presence',
            from: `sip:${romeo}`,
            to: `sip:${juliet}`,
            contact: `sip:${romeo};gr=${romeoDevice}`,
        };
        expect(presenceFromSubscribe(subscribe, false)).toEqual({ from: romeo, to: juliet, type: 'subscribe' });
        expect(presenceFromSubscribe({ ...subscribe, expires: 3600 }, true)).toBeNull();
    });

    it('examples 13 and 14: subscribed becomes an empty NOTIFY that is active', () => {
        expect(requestFromPresence({ from: juliet, to: romeo, type: 'subscribed' })).toEqual({
            method: 'NOTIFY',
            event: 'presence',
            from: `sip:${juliet}`,
            to: `sip:${romeo}`,
            subscriptionState: 'active',
        });
    });

    it('examples 15 and 16: unsubscribed becomes an empty NOTIFY that is terminated as rejected', () => {
        expect(requestFromPresence({ from: juliet, to: romeo, type: 'unsubscribed' })).toEqual({
            method: 'NOTIFY',
            event: 'presence',
            from: `sip:${juliet}`,
            to: `sip:${romeo}`,
            subscriptionState: 'terminated;reason=rejected',
        });
    });

    it('example 17: a SUBSCRIBE that ends a dialog becomes unavailable presence', () => {
        const ending: PresenceRequest = {
            method: 'SUBSCRIBE',
            event: 'presence',
            from: `sip:${romeo}`,
            to: `sip:${juliet}`,
            expires: 0,
        };
        expect(presenceFromSubscribe(ending, true)).toEqual({ from: romeo, to: juliet, type: 'unavailable' });
    });

    it('section 5.3.3: who ends a dialog is told closed, as a time that ran out', () => {
        const ending = { ...subscribe, from: `sip:${romeo}`, to: `sip:${juliet}`, expires: 0 };
        expect(endOfDialog(ending)).toEqual({
            method: 'NOTIFY',
            event: 'presence',
            from: `sip:${juliet}`,
            to: `sip:${romeo}`,
            subscriptionState: 'terminated;reason=timeout',
            pidf: { entity: `pres:${juliet}`, tuples: [{ id: 'ID-', basic: 'closed' }] },
        });
    });

    it('examples 18 and 19: presence becomes a NOTIFY with PIDF', () => {
        expect(sent({ show: 'away' })).toEqual({
            method: 'NOTIFY',
            event: 'presence',
            from: `sip:${juliet}`,
            to: `sip:${romeo}`,
            contact: `sip:${juliet};gr=${julietDevice}`,
            subscriptionState: 'active',
            pidf: { entity: `pres:${juliet}`, tuples: [{ id: `ID-${julietDevice}`, basic: 'open', show: 'away' }] },
        });
    });

    it('examples 20 and 21: a NOTIFY with a closed tuple becomes unavailable presence of the person', () => {
        const closed = notify({
            to: `sip:${juliet};gr=${julietDevice}`,
            contact: `sip:${romeo};gr=${romeoDevice}`,
            ...pidf({ id: `ID-${romeoDevice}`, basic: 'closed' }),
        });
        expect(presencesFromNotify(closed)).toEqual([
            { from: romeo, to: `${juliet}/${julietDevice}`, type: 'unavailable' },
        ]);
    });

    it('examples 22 and 23: a probe becomes a SUBSCRIBE that ends at once', () => {
        expect(sent({ type: 'probe' })).toEqual({
            method: 'SUBSCRIBE',
            event: 'presence',
            from: `sip:${juliet}`,
            to: `sip:${romeo}`,
            contact: `sip:${juliet};gr=${julietDevice}`,
            expires: 0,
        });
    });

    it('examples 24 and 25: a SUBSCRIBE that ends at once, in a new dialog, becomes a probe', () => {
        const once: PresenceRequest = {
            method: 'SUBSCRIBE',
            event: 'presence',
            from: `sip:${romeo}`,
            to: `sip:${juliet}`,
            expires: 0,
        };
        expect(presenceFromSubscribe(once, false)).toEqual({ from: romeo, to: juliet, type: 'probe' });
    });

    it('table 1: a presence stanza becomes the event presence; only two types are notifications', () => {
        expect(sent({})?.event).toBe('presence');
        expect(sent({})?.pidf).toBeDefined();
        expect(sent({ type: 'unavailable' })?.pidf).toBeDefined();
        for (const type of ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed', 'probe'] as const) {
            expect(sent({ type })?.pidf).withContext(type).toBeUndefined();
        }
        expect(sent({ type: 'error' })).toBeNull();
    });

    it('table 1: the resource becomes the id of the tuple, with letters before it', () => {
        expect(tupleId('7up')).toBe('ID-7up');
        expect(resourceOfTuple('ID-7up')).toBe('7up');
        expect(resourceOfTuple('7up')).toBe('7up');
    });

    it('table 1: from and to become From and To', () => {
        expect(sent({})).toEqual(jasmine.objectContaining({ from: `sip:${juliet}`, to: `sip:${romeo}` }));
    });

    it('table 1: no type becomes open, unavailable becomes closed', () => {
        expect(sent({})?.pidf?.tuples[0]?.basic).toBe('open');
        expect(sent({ type: 'unavailable' })?.pidf?.tuples[0]?.basic).toBe('closed');
    });

    it('table 1: xml:lang becomes Content-Language', () => {
        expect(sent({ lang: 'cs' })?.language).toBe('cs');
    });

    it('table 1: status becomes note', () => {
        expect(sent({ status: 'Wooing' })?.pidf?.tuples[0]?.note).toBe('Wooing');
    });

    it('table 1: show has no mapping and goes along as it is', () => {
        expect(sent({ show: 'dnd' })?.pidf?.tuples[0]?.show).toBe('dnd');
    });

    for (const [xmpp, value] of [
        [0, 0],
        [1, 0.007],
        [2, 0.015],
        [126, 0.992],
        [127, 1],
    ] as const) {
        it(`table 1: priority ${String(xmpp)} becomes ${String(value)}, and back`, () => {
            expect(sent({ priority: xmpp })?.pidf?.tuples[0]?.priority).toBe(value);
            const [back] = presencesFromNotify(notify(pidf({ id: 'ID-a', basic: 'open', priority: value })));
            expect(back?.priority).toBe(xmpp);
        });
    }

    it('table 1: every priority has one of its own, with three decimals at most, and comes back', () => {
        const all = Array.from({ length: 128 }, (_, priority) => priority);
        const values = all.map(pidfPriority);
        expect(new Set(values).size).toBe(128);
        expect(values.every((value) => /^[01](?:\.\d{1,3})?$/u.test(String(value)))).toBeTrue();
        expect(values.map((value) => xmppPriority(value ?? -1))).toEqual(all);
    });

    it('table 1: a negative priority is not mapped', () => {
        for (const priority of [-1, -128, Number.NaN]) {
            expect(sent({ priority })?.pidf?.tuples[0])
                .withContext(String(priority))
                .toEqual({
                    id: `ID-${julietDevice}`,
                    basic: 'open',
                });
        }
        for (const priority of [-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY]) {
            expect(xmppPriority(priority)).withContext(String(priority)).toBeNull();
        }
    });

    it('table 2: basic status becomes the type, a device at a time while any is open', () => {
        const both = pidf({ id: 'ID-desk', basic: 'open' }, { id: 'ID-phone', basic: 'closed' });
        expect(presencesFromNotify(notify(both))).toEqual([
            { from: `${romeo}/desk`, to: juliet },
            { from: `${romeo}/phone`, to: juliet, type: 'unavailable' },
        ]);
    });

    it('table 2: Content-Language becomes xml:lang', () => {
        expect(presencesFromNotify(notify({ language: 'cs', ...pidf({ id: 'ID-a', basic: 'open' }) }))[0]?.lang).toBe(
            'cs',
        );
    });

    it('table 2: From and To become from and to', () => {
        const [presence] = presencesFromNotify(notify(pidf({ id: 'ID-a', basic: 'open' })));
        expect(presence).toEqual({ from: `${romeo}/a`, to: juliet });
    });

    it('table 2: note becomes status, show becomes show', () => {
        const [presence] = presencesFromNotify(
            notify(pidf({ id: 'ID-a', basic: 'open', note: 'Wooing', show: 'dnd' })),
        );
        expect(presence).toEqual({ from: `${romeo}/a`, to: juliet, status: 'Wooing', show: 'dnd' });
    });

    it('section 6: addresses without a counterpart become nothing', () => {
        expect(sent({ to: 'example.net' })).toBeNull();
        expect(sent({ from: 'a\r\nVia: x@example.com' })).toBeNull();
        expect(presencesFromNotify(notify({ from: 'tel:+13035551212' }))).toEqual([]);
        expect(presenceFromSubscribe(notify({ to: 'sip:example.com' }), false)).toBeNull();
    });
});

describe('Availability for calls in the words of PIDF and RPID', () => {
    for (const [basic, onThePhone, availability] of [
        ['open', false, 'open'],
        ['open', true, 'on-the-phone'],
        ['closed', false, 'closed'],
        ['closed', true, 'closed'],
        ['', false, 'unknown'],
        ['', true, 'on-the-phone'],
        ['perhaps', false, 'unknown'],
    ] as const) {
        it(`is ${availability} for "${basic}"${onThePhone ? ' on the phone' : ''}`, () => {
            expect(availabilityOf(basic, onThePhone)).toBe(availability);
        });
    }

    it('comes back', () => {
        for (const availability of ['open', 'closed', 'on-the-phone', 'unknown'] as const) {
            expect(availabilityOf(basicOf(availability) ?? '', availability === 'on-the-phone')).toBe(availability);
        }
    });
});
