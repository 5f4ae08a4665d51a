import {
    CONDITION_OF_STATUS,
    conditionOfStatus,
    conditionsOfEnd,
    errorFromResponse,
    OTHER_CONDITIONS_OF_STATUS,
    responseFromError,
    type Condition,
} from '../../../src/plugin/stox/errors.js';

describe('RFC 7247 errors', () => {
    const toSip: [Condition, number][] = [
        ['bad-request', 400],
        ['conflict', 400],
        ['internal-server-error', 500],
        ['jid-malformed', 400],
        ['not-allowed', 403],
        ['not-authorized', 401],
        ['policy-violation', 403],
        ['redirect', 302],
        ['registration-required', 407],
        ['remote-server-timeout', 408],
        ['resource-constraint', 500],
        ['subscription-required', 400],
        ['undefined-condition', 400],
        ['unexpected-request', 491],
    ];
    for (const [condition, status] of toSip) {
        it(`table 2: ${condition} becomes ${String(status)}`, () => {
            expect(responseFromError({ condition }).status).toBe(status);
            expect(responseFromError({ condition }, { full: true, unresolved: true }).status).toBe(status);
        });
    }

    const byAddress: [Condition, full: number, bare: number][] = [
        ['feature-not-implemented', 405, 501],
        ['forbidden', 403, 603],
        ['item-not-found', 404, 604],
        ['not-acceptable', 406, 606],
        ['recipient-unavailable', 480, 600],
    ];
    for (const [condition, full, bare] of byAddress) {
        it(`table 2: ${condition} becomes ${String(full)} about a full JID, ${String(bare)} about a bare one`, () => {
            expect(responseFromError({ condition }, { full: true }).status).toBe(full);
            expect(responseFromError({ condition }).status).toBe(bare);
        });
    }

    it('table 2: gone becomes 301 with a new address, 410 without', () => {
        expect(responseFromError({ condition: 'gone', address: 'sip:new@h.example' })).toEqual({
            status: 301,
            contact: 'sip:new@h.example',
        });
        expect(responseFromError({ condition: 'gone' })).toEqual({ status: 410 });
    });

    it('table 2: remote-server-not-found becomes 404 where there is none, 408 where it cannot be resolved', () => {
        expect(responseFromError({ condition: 'remote-server-not-found' }).status).toBe(404);
        expect(responseFromError({ condition: 'remote-server-not-found' }, { unresolved: true }).status).toBe(408);
    });

    it('table 2: service-unavailable becomes 403, one of the two that are closest, and never 503', () => {
        expect(responseFromError({ condition: 'service-unavailable' }).status).toBe(403);
    });

    const toXmpp: [number, Condition][] = [
        [300, 'redirect'],
        [301, 'gone'],
        [302, 'redirect'],
        [305, 'redirect'],
        [380, 'not-acceptable'],
        [400, 'bad-request'],
        [401, 'not-authorized'],
        [402, 'bad-request'],
        [403, 'forbidden'],
        [404, 'item-not-found'],
        [405, 'feature-not-implemented'],
        [406, 'not-acceptable'],
        [407, 'registration-required'],
        [408, 'remote-server-timeout'],
        [410, 'gone'],
        [413, 'policy-violation'],
        [414, 'policy-violation'],
        [415, 'not-acceptable'],
        [416, 'not-acceptable'],
        [420, 'feature-not-implemented'],
        [421, 'not-acceptable'],
        [423, 'resource-constraint'],
        [430, 'recipient-unavailable'],
        [439, 'feature-not-implemented'],
        [440, 'policy-violation'],
        [480, 'recipient-unavailable'],
        [481, 'item-not-found'],
        [482, 'not-acceptable'],
        [483, 'not-acceptable'],
        [484, 'item-not-found'],
        [485, 'item-not-found'],
        [486, 'recipient-unavailable'],
        [487, 'recipient-unavailable'],
        [488, 'not-acceptable'],
        [489, 'policy-violation'],
        [491, 'unexpected-request'],
        [493, 'bad-request'],
        [500, 'internal-server-error'],
        [501, 'feature-not-implemented'],
        [502, 'remote-server-not-found'],
        [503, 'internal-server-error'],
        [504, 'remote-server-timeout'],
        [505, 'not-acceptable'],
        [513, 'policy-violation'],
        [600, 'recipient-unavailable'],
        [603, 'recipient-unavailable'],
        [604, 'item-not-found'],
        [606, 'not-acceptable'],
    ];
    for (const [status, condition] of toXmpp) {
        it(`table 3: ${String(status)} becomes ${condition}`, () => {
            expect(conditionOfStatus(status)).toBe(condition);
        });
    }

    for (const [hundreds, status, condition] of [
        ['3xx', 399, 'redirect'],
        ['4xx', 499, 'bad-request'],
        ['5xx', 599, 'internal-server-error'],
        ['6xx', 699, 'recipient-unavailable'],
    ] as const) {
        it(`table 3: any other ${hundreds} becomes ${condition}`, () => {
            expect(conditionOfStatus(status)).toBe(condition);
        });
    }

    it('table 3: 403, 404 and 408 can mean other conditions, which become them again', () => {
        for (const [status, conditions] of Object.entries(OTHER_CONDITIONS_OF_STATUS)) {
            for (const condition of conditions) {
                const context = { full: true, unresolved: status === '408' };
                expect(String(responseFromError({ condition }, context).status))
                    .withContext(condition)
                    .toBe(status);
            }
        }
        expect(OTHER_CONDITIONS_OF_STATUS).toEqual({
            403: ['not-allowed', 'policy-violation'],
            404: ['remote-server-not-found'],
            408: ['remote-server-not-found'],
        });
    });

    it('table 3: nothing else is there', () => {
        expect(Object.keys(CONDITION_OF_STATUS).map(Number)).toEqual(toXmpp.map(([status]) => status));
    });

    it('table 3: 301 names the new address, 410 never does', () => {
        const contact = 'sip:new@h.example';
        expect(errorFromResponse({ status: 301, contact })).toEqual({ condition: 'gone', address: contact });
        expect(errorFromResponse({ status: 410, contact })).toEqual({ condition: 'gone' });
    });

    it('section 7: a provisional response, a success and what is no response are no error', () => {
        for (const status of [0, 100, 180, 200, 299, 700, -1, Number.NaN]) {
            expect(errorFromResponse({ status })).withContext(String(status)).toBeNull();
        }
    });

    it('section 7: the reason phrase is the text of the error, and back', () => {
        expect(errorFromResponse({ status: 486, reason: 'Busy Here' })).toEqual({
            condition: 'recipient-unavailable',
            text: 'Busy Here',
        });
        expect(responseFromError({ condition: 'conflict', text: 'Nickname taken' })).toEqual({
            status: 400,
            reason: 'Nickname taken',
        });
    });
});

describe('The end of a call and the conditions of XMPP', () => {
    for (const [reason, conditions] of [
        ['not-found', ['item-not-found', 'gone']],
        ['busy', ['recipient-unavailable']],
        ['declined', ['recipient-unavailable']],
        ['no-answer', ['remote-server-timeout']],
        ['not-accepted', ['not-acceptable']],
        ['forbidden', ['not-authorized', 'forbidden', 'registration-required']],
        ['hung-up', []],
    ] as const) {
        it(`agree on ${reason}`, () => {
            expect(conditionsOfEnd(reason)).toEqual([...conditions]);
        });
    }
});
